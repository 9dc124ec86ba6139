//! Erasing a patient: nothing of the body is left, and the tree stays as it was.

use cauda_store::{ERASED_KIND, Erasure, Expected, StoreError};

use crate::home::{AT, Home, append, command, fill, part, stream, whole};

on_both! {
    bodies_go_and_proofs_stay
    an_erasure_is_a_command
    what_may_not_be_erased_is_refused
}

const SECRET: &str = "saddle numbness since this morning";

fn erasure(id: &str, name: &str) -> Erasure {
    Erasure {
        stream: stream(name),
        reason: "asked for by the patient".to_owned(),
        audit: stream("audit/2026-11-25"),
        command: id.to_owned(),
        actor: "records-office".to_owned(),
        recorded_at: AT,
    }
}

async fn bodies_go_and_proofs_stay(home: Home) {
    let record = home.record().await;
    fill(&record, 70).await;
    append(&record, "c1", "patient/p", 0, &[SECRET, SECRET]).await.unwrap();
    append(&record, "c2", "visit/kept", 0, &[SECRET]).await.unwrap();
    let head = record.sign_head(AT).await.unwrap();

    let erased = record.erase(erasure("e1", "patient/p")).await.unwrap();
    assert_eq!(erased.positions, 73..74);
    let found = record.stream(&stream("patient/p"), 0).await.unwrap();
    assert_eq!(found.iter().map(|event| event.body.clone()).collect::<Vec<_>>(), [None, None]);
    let kept = record.stream(&stream("visit/kept"), 0).await.unwrap();
    assert_eq!(kept[0].body.as_deref(), Some(SECRET));
    let audit = record.stream(&stream("audit/2026-11-25"), 0).await.unwrap();
    assert_eq!((audit[0].kind.as_str(), audit[0].actor.as_str()), (ERASED_KIND, "records-office"));
    let body = audit[0].body.clone().unwrap();
    assert!(body.contains("patient/p") && body.contains("asked for"), "{body}");

    let proof = record.inclusion_proof(70, 73).await.unwrap();
    assert!(proof.verify(head.root_hash().unwrap()));
    assert_eq!(whole(&record).await.erased, 2);
    // The stream can go on.
    append(&record, "c3", "patient/p", 2, &["{}"]).await.unwrap();
    record.erase(erasure("e2", "patient/p")).await.unwrap();
    assert_eq!(whole(&record).await.erased, 3);
    record.erase(erasure("e3", "visit/kept")).await.unwrap();
    record.close().await;
    if home.is_sqlite() {
        // Not in free pages and not in the log beside the file either.
        for file in std::fs::read_dir(home.folder()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let left = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
            assert!(!left, "the body is still in the file");
        }
    }
}

async fn an_erasure_is_a_command(home: Home) {
    let record = home.record().await;
    append(&record, "c1", "patient/p", 0, &[SECRET]).await.unwrap();
    let first = record.erase(erasure("e1", "patient/p")).await.unwrap();
    let again = record.erase(erasure("e1", "patient/p")).await.unwrap();
    assert_eq!((again.positions, again.already), (first.positions, true));
    assert_eq!(record.size().await.unwrap(), 2);
}

async fn what_may_not_be_erased_is_refused(home: Home) {
    let record = home.record().await;
    append(&record, "c1", "audit/2026-11-25", 0, &["{}"]).await.unwrap();
    let mut not_in_audit = erasure("e2", "visit/a");
    not_in_audit.audit = stream("visit/b");
    for refused in [erasure("e1", "audit/2026-11-25"), not_in_audit, erasure("e3", "visit/none")] {
        let refused = record.erase(refused).await.unwrap_err();
        assert!(matches!(refused, StoreError::Malformed(_)), "{refused}");
    }
    let mut claim = part("audit/1", Expected::Any, &["{\"stream\":\"visit/a\"}"]);
    claim.events[0].kind = ERASED_KIND.to_owned();
    let refused = record.append(command("e4", vec![claim])).await.unwrap_err();
    assert!(matches!(refused, StoreError::Malformed(_)), "{refused}");
    assert_eq!(record.size().await.unwrap(), 1);
    whole(&record).await;
}

/// A record with something of everything, 73 events, for later versions to migrate from.
pub async fn small_record(home: &Home) -> cauda_store::PublicKey {
    let record = home.record().await;
    fill(&record, 70).await;
    append(&record, "c1", "patient/p", 0, &[SECRET, SECRET]).await.unwrap();
    record.erase(erasure("e1", "patient/p")).await.unwrap();
    record.sign_head(AT).await.unwrap();
    whole(&record).await;
    record.close().await;
    record.public_key()
}
