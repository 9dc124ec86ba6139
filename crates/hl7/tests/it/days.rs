//! Synthetic days: every message is read, and all of them belong together.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use cauda_hl7::day::{Day, DaySettings, Fate, Form, Trouble, day, day_senders};
use cauda_hl7::{
    AdmissionEvent, Body, Charset, Control, Hosts, Inbound, Order, Partner, Sender, SenderSettings,
    Settings, Stage, Verdict, read,
};

use crate::house::{reading, second, zone};
use crate::listening::{Book, House, settings};
use crate::peer::Peer;

fn usual() -> DaySettings {
    DaySettings::new(second("2026-11-22T23:00:00Z"), zone())
}

fn drawn(seed: u64, settings: &DaySettings) -> Day {
    day(seed, settings).unwrap()
}

fn all(day: &Day) -> Vec<(i64, Inbound)> {
    let read = |message: &[u8]| read(message, &reading()).unwrap();
    day.messages.iter().map(|timed| (timed.at, read(&timed.message))).collect()
}

/// Every order told, with when and by whom.
fn orders(messages: &[(i64, Inbound)]) -> Vec<(i64, String, Order)> {
    let mut found = Vec::new();
    for (at, message) in messages {
        if let Body::Orders(orders) = &message.body {
            let id = orders.patient.as_ref().unwrap().identifier().unwrap().id.clone();
            found.extend(orders.orders.iter().map(|order| (*at, id.clone(), order.clone())));
        }
    }
    found
}

#[test]
fn the_same_seed_is_the_same_day() {
    let one = drawn(7, &usual());
    assert!(one == drawn(7, &usual()));
    assert!(one != drawn(8, &usual()));
    assert_eq!(one.orders.len(), 100);
    assert!(one.messages.len() > 400, "{}", one.messages.len());
    assert!(one.messages.is_sorted_by_key(|timed| timed.at));
}

#[test]
fn every_message_reads_without_a_flag_in_every_form() {
    for seed in 0..3 {
        for form in [Form::Omi, Form::Orm] {
            for charset in [Charset::utf8(), Charset::latin1(), Charset::undeclared()] {
                let settings = DaySettings { form, charset, orders: 20, ..usual() };
                let messages = all(&drawn(seed, &settings));
                for (_, message) in &messages {
                    assert!(message.flags.is_empty(), "seed {seed}: {:?}", message.flags);
                }
            }
        }
    }
}

#[test]
fn every_order_is_accounted_for() {
    for seed in 0..4 {
        let day = drawn(seed, &usual().undisturbed());
        let messages = all(&day);
        let told = orders(&messages);
        for order in &day.orders {
            let of = |control: Control| {
                let placer = |order: &Order| order.placer.clone().unwrap().id;
                told.iter()
                    .filter(|(_, _, found)| placer(found) == order.placer)
                    .filter(|(_, _, found)| found.control == control)
                    .count()
            };
            let scan = day.scans.iter().find(|scan| scan.accession == order.accession);
            let stages = stages(&messages, &order.accession);
            let why = format!("seed {seed}, order {}", order.placer);
            assert_eq!(of(Control::New), 1, "{why}");
            let cancelled = matches!(order.fate, Fate::Cancelled | Fate::NoShow);
            assert_eq!(of(Control::Cancel), usize::from(cancelled), "{why}");
            let discontinued = order.fate == Fate::Discontinued;
            assert_eq!(of(Control::DiscontinuedByFiller), usize::from(discontinued), "{why}");
            assert_eq!(scan.is_some(), !cancelled, "{why}");
            assert_eq!(stages.contains(&Stage::Final), order.fate == Fate::Reported, "{why}");
            if let Some(scan) = scan {
                assert!(scan.started > order.ordered && scan.ended > scan.started, "{why}");
            }
        }
    }
}

fn stages(messages: &[(i64, Inbound)], accession: &str) -> Vec<Stage> {
    let mut found = Vec::new();
    for (_, message) in messages {
        if let Body::Reports(reports) = &message.body {
            let ours = |report: &&cauda_hl7::Report| report.accession.as_deref() == Some(accession);
            found.extend(reports.reports.iter().filter(ours).map(|report| report.stage));
        }
    }
    found
}

#[test]
fn numbers_are_the_same_everywhere_and_of_one_order_only() {
    let day = drawn(3, &usual());
    let messages = all(&day);
    let mut uids: HashMap<String, String> = HashMap::new();
    for (_, _, order) in orders(&messages) {
        let step = order.steps[0].clone();
        let uid = step.study_uid.unwrap();
        assert!(cauda_hl7::is_uid(&uid));
        let before = uids.insert(step.accession.unwrap(), uid.clone());
        assert!(before.is_none_or(|before| before == uid));
    }
    assert_eq!(uids.len(), 100);
    assert_eq!(uids.values().collect::<HashSet<_>>().len(), 100);
    for scan in &day.scans {
        assert_eq!(uids[&scan.accession], scan.study_uid);
    }
}

#[test]
fn a_scanner_has_one_patient_at_a_time() {
    let day = drawn(5, &usual());
    let mut until: BTreeMap<&str, i64> = BTreeMap::new();
    for scan in &day.scans {
        let free = until.insert(&scan.scanner, scan.ended);
        assert!(free.is_none_or(|free| free <= scan.started));
    }
    assert_eq!(until.len(), 2, "both scanners work");
}

#[test]
fn a_patient_is_known_by_the_number_of_the_moment() {
    let settings = DaySettings { merged_per_mille: 500, ..usual() }.undisturbed();
    let day = drawn(11, &settings);
    let mut lost: HashMap<String, (String, i64)> = HashMap::new();
    for (at, message) in all(&day) {
        if let Body::Merges(merges) = &message.body {
            let kept = merges[0].kept.identifier().unwrap().id.clone();
            lost.insert(merges[0].lost[0].id.clone(), (kept, at));
        } else if let Body::Admission(admission) = &message.body {
            let id = admission.patient.identifier().unwrap().id.clone();
            assert!(!lost.contains_key(&id), "a lost number is used no more");
        }
    }
    assert!(lost.len() > 5);
    let orders: HashMap<&str, &str> =
        day.orders.iter().map(|one| (one.accession.as_str(), one.patient_id.as_str())).collect();
    let temporary: Vec<_> =
        day.scans.iter().filter(|scan| scan.patient_id.starts_with("SYNTMP")).collect();
    assert!(!temporary.is_empty(), "some are scanned before they are known");
    for scan in temporary {
        assert_eq!(lost[&scan.patient_id].0, orders[scan.accession.as_str()]);
    }
}

#[test]
fn trouble_comes_as_it_is_set_and_is_what_it_says() {
    let settings = DaySettings {
        duplicated_per_mille: 200,
        late_per_mille: 100,
        early_orders_per_mille: 500,
        lost_mpps_per_mille: 300,
        ..usual()
    };
    let day = drawn(1, &settings);
    let count = |trouble| day.messages.iter().filter(|timed| timed.trouble == trouble).count();
    for trouble in [Trouble::Duplicate, Trouble::SentAgain, Trouble::Late, Trouble::AfterItsOrder] {
        assert!(count(trouble) > 5, "{trouble:?}");
    }
    assert!(day.scans.iter().any(|scan| scan.start_lost));
    assert!(day.scans.iter().any(|scan| scan.end_lost));
    let (mut messages, mut contents) = (HashSet::new(), HashSet::new());
    let mut seen: HashSet<String> = HashSet::new();
    for (timed, (_, read)) in day.messages.iter().zip(all(&day)) {
        let (new, new_content) =
            (messages.insert(read.keys.message), contents.insert(read.keys.content));
        match timed.trouble {
            Trouble::Duplicate => assert!(!new),
            Trouble::SentAgain => assert!(new && !new_content),
            _ => assert!(new),
        }
        match &read.body {
            Body::Orders(orders) => {
                seen.insert(orders.patient.as_ref().unwrap().identifier().unwrap().id.clone());
            }
            Body::Admission(admission) if timed.trouble == Trouble::AfterItsOrder => {
                assert!(seen.contains(&admission.patient.identifier().unwrap().id));
                assert!(matches!(
                    admission.event,
                    AdmissionEvent::Registered | AdmissionEvent::Admitted
                ));
            }
            _ => {}
        }
    }
    let clean = drawn(1, &usual().undisturbed());
    assert!(clean.messages.iter().all(|timed| timed.trouble == Trouble::None));
}

#[test]
fn nobody_in_it_could_be_a_person() {
    let day = drawn(2, &usual());
    for (_, message) in all(&day) {
        let patient = match &message.body {
            Body::Admission(admission) => Some(admission.patient.clone()),
            Body::Orders(orders) => orders.patient.clone(),
            _ => None,
        };
        let Some(patient) = patient else { continue };
        let family = patient.name.clone().unwrap().family.unwrap();
        assert!(family.contains('-') && family.ends_with(|sign: char| sign.is_ascii_digit()));
        assert!(patient.identifiers.iter().all(|one| one.id.starts_with("SYN")));
    }
}

#[test]
fn settings_of_no_day_are_refused() {
    let said = |settings: DaySettings| day(1, &settings).map(drop).unwrap_err().to_string();
    assert!(said(DaySettings { scanners: Vec::new(), ..usual() }).contains("scanners"));
    assert!(said(DaySettings { orders: 1_000_000, ..usual() }).contains("orders"));
    assert!(said(DaySettings { start: -1, ..usual() }).contains("start"));
    let none = drawn(1, &DaySettings { orders: 0, ..usual() });
    assert!(none.messages.is_empty() && none.scans.is_empty());
}

#[test]
fn a_parser_that_others_wrote_finds_every_message_in_order() {
    for form in [Form::Omi, Form::Orm] {
        let day = drawn(4, &DaySettings { form, orders: 8, ..usual() });
        let messages: Vec<Vec<u8>> = day.messages.into_iter().map(|timed| timed.message).collect();
        let told = Peer::check(&messages);
        assert_eq!(told.len(), messages.len());
        for (one, message) in told.iter().zip(&messages) {
            assert_eq!(one["valid"], true, "{one} {}", String::from_utf8_lossy(message));
        }
    }
}

/// The whole way: a day goes out through the sender and in through the listener, twice.
#[tokio::test]
async fn a_day_goes_over_the_line_and_every_message_is_taken_once() {
    let partner = |(application, facility): (&str, &str)| Partner {
        application: application.to_string(),
        facility: Some(facility.to_string()),
        hosts: vec![Hosts::read("hosts", "127.0.0.1").unwrap()],
    };
    let partners = day_senders().map(partner).to_vec();
    let house = House::open(Book::default(), Settings { partners, ..settings() }).await;
    let day = drawn(9, &usual());
    let port = house.address.port();
    let mut sender = Sender::new(SenderSettings::new("127.0.0.1", port)).unwrap();
    for _ in 0..2 {
        for timed in &day.messages {
            let sent = sender.send(&timed.message).await.unwrap();
            assert_eq!(sent.verdict, Verdict::Taken);
        }
    }
    let book: Arc<Book> = house.stop().await;
    let different = day.messages.iter().filter(|one| one.trouble != Trouble::Duplicate).count();
    assert_eq!(book.taken.lock().unwrap().len(), different);
    assert!(book.letters.lock().unwrap().is_empty());
}
