//! Notes stand with the events they were written with, and go with the stream they tell of.

use cauda_store::{Expected, Note, StoreError};

use crate::home::{AT, Home, command, part, stream, whole};

on_both! {
    a_note_is_written_with_its_events
    a_note_of_an_erased_stream_is_gone
    notes_are_read_by_pages
    a_note_that_is_too_large_is_refused
    a_key_of_one_stream_alone_is_given_once
}

fn note(list: &str, key: &str, value: Option<&str>) -> Note {
    Note {
        list: list.to_owned(),
        key: key.to_owned(),
        stream: stream("visit/a"),
        value: value.map(str::to_owned),
        sole: false,
    }
}

async fn a_note_is_written_with_its_events(home: Home) {
    let record = home.record().await;
    let first = command("c1", vec![part("visit/a", Expected::Exactly(0), &["{}"])]);
    record.append_noting(first.clone(), vec![note("open", "a", Some("1"))]).await.unwrap();
    // Seen before: neither events nor notes.
    record.append_noting(first, vec![note("open", "a", Some("2"))]).await.unwrap();
    // Refused: neither events nor notes.
    let late = command("c2", vec![part("visit/a", Expected::Exactly(0), &["{}"])]);
    let refused = record.append_noting(late, vec![note("open", "a", None)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let found = record.note("open", "a").await.unwrap();
    assert_eq!(found, Some(note("open", "a", Some("1"))));
    let next = command("c3", vec![part("visit/a", Expected::Exactly(1), &["{}"])]);
    record.append_noting(next, vec![note("open", "a", None)]).await.unwrap();
    assert_eq!(record.note("open", "a").await.unwrap(), None);
    assert!(whole(&record).await.is_whole());
}

async fn a_key_of_one_stream_alone_is_given_once(home: Home) {
    let record = home.record().await;
    let mut waiting = tokio::task::JoinSet::new();
    for who in 0..8 {
        let (record, name) = (record.clone(), format!("patient/{who}"));
        let events = command(&format!("c{who}"), vec![part(&name, Expected::Any, &["{}"])]);
        let mine = Note { stream: stream(&name), sole: true, ..note("number", "7", Some(&name)) };
        waiting.spawn(async move { record.append_noting(events, vec![mine]).await });
    }
    let all = waiting.join_all().await;
    assert_eq!(all.iter().filter(|written| written.is_ok()).count(), 1);
    let refused = |written: &&Result<_, StoreError>| matches!(written, Err(StoreError::Taken { list }) if list == "number");
    assert_eq!(all.iter().filter(refused).count(), 7);
    // Whoever has it may say so again; once it is given up, it is free.
    let holder = record.note("number", "7").await.unwrap().unwrap();
    let again = command("d1", vec![part(holder.stream.as_str(), Expected::Any, &["{}"])]);
    let mine = Note { sole: true, ..holder.clone() };
    record.append_noting(again, vec![mine.clone()]).await.unwrap();
    let up = command("d2", vec![part(holder.stream.as_str(), Expected::Any, &["{}"])]);
    record.append_noting(up, vec![Note { value: None, ..mine.clone() }]).await.unwrap();
    let other = command("d3", vec![part("patient/9", Expected::Any, &["{}"])]);
    let theirs = Note { stream: stream("patient/9"), ..mine };
    record.append_noting(other, vec![theirs]).await.unwrap();
    assert!(whole(&record).await.is_whole());
}

async fn a_note_of_an_erased_stream_is_gone(home: Home) {
    let record = home.record().await;
    let events = command("c1", vec![part("visit/a", Expected::Exactly(0), &["{}"])]);
    record.append_noting(events, vec![note("number", "0815", Some("a"))]).await.unwrap();
    let erasure = cauda_store::Erasure {
        stream: stream("visit/a"),
        reason: "asked for".to_owned(),
        audit: stream("audit/2026-11-26"),
        command: "e1".to_owned(),
        actor: "office".to_owned(),
        recorded_at: AT,
    };
    record.erase(erasure).await.unwrap();
    assert_eq!(record.note("number", "0815").await.unwrap(), None);
}

async fn notes_are_read_by_pages(home: Home) {
    let record = home.record().await;
    for lot in 0..5 {
        let notes = (0..250).map(|at| note("open", &format!("{lot}{at:03}"), Some("x"))).collect();
        record.write_notes(notes).await.unwrap();
    }
    let first = record.notes("open", "").await.unwrap();
    assert_eq!((first.len(), first[999].key.as_str()), (1_000, "3249"));
    let rest = record.notes("open", "3249").await.unwrap();
    assert_eq!((rest.len(), rest[0].key.as_str()), (250, "4000"));
    assert_eq!(record.notes("other", "").await.unwrap(), []);
    assert_eq!(record.size().await.unwrap(), 0);
}

async fn a_note_that_is_too_large_is_refused(home: Home) {
    let record = home.record().await;
    let large = "x".repeat(cauda_store::NOTE_BYTES_MAX + 1);
    let refused = record.write_notes(vec![note("open", "a", Some(&large))]).await;
    assert!(matches!(refused, Err(StoreError::Malformed(_))));
    let many = vec![note("open", "a", Some("x")); cauda_store::NOTES_MAX + 1];
    assert!(matches!(record.write_notes(many).await, Err(StoreError::Malformed(_))));
}
