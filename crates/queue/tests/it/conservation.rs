//! Nobody leaves but by a scan, a cancellation with a reason, a transfer or a discharge.

use std::collections::BTreeMap;

use cauda_queue::{
    Answer, Department, Departure, EntryId, Event, QueueError, State, Tier, Will, next, plan,
};
use proptest::prelude::*;

use crate::department::{HOUR, NOW, department, entry, id, item, mr, tiers, will};

fn names() -> impl Strategy<Value = EntryId> {
    (0..8_u32).prop_map(|n| id(&format!("e{n}")))
}

fn scanners() -> impl Strategy<Value = cauda_queue::ScannerId> {
    prop::sample::select(vec![mr("A"), mr("B"), mr("Z")])
}

fn events() -> impl Strategy<Value = Event> {
    let both = || (names(), scanners());
    let reasons = || prop::sample::select(vec!["", " ", "no longer indicated"]);
    prop_oneof![
        4 => (names(), tiers()).prop_map(|(id, tier)| {
            Event::Ordered(Box::new(entry(id.as_str(), tier)))
        }),
        1 => (names(), tiers()).prop_map(|(id, tier)| {
            let (deadline, protocol) = (None, Box::new(entry("", tier).protocol));
            Event::Decided { id, tier, deadline, protocol }
        }),
        1 => names().prop_map(|id| Event::Answered { id, item: item("line", Answer::No, None) }),
        1 => names().prop_map(|id| Event::Answered { id, item: item("line", Answer::Yes, None) }),
        1 => both().prop_map(|(id, scanner)| Event::Called { id, scanner }),
        1 => both().prop_map(|(id, scanner)| Event::Prepared { id, scanner }),
        1 => both().prop_map(|(id, scanner)| Event::Sedated { id, scanner }),
        1 => both().prop_map(|(id, scanner)| Event::ContrastStarted { id, scanner }),
        1 => names().prop_map(|id| Event::Returned { id }),
        4 => both().prop_map(|(id, scanner)| Event::Started { id, scanner }),
        3 => names().prop_map(|id| Event::Ended { id }),
        1 => names().prop_map(|id| Event::Overridden { id, made: will(Will::Hold, NOW + HOUR) }),
        1 => names().prop_map(|id| Event::OverridesEnded { id }),
        1 => (names(), reasons(), reasons()).prop_map(|(id, by, reason)| Event::Cancelled {
            id,
            by: by.to_string(),
            reason: reason.to_string(),
        }),
        1 => (names(), reasons()).prop_map(|(id, site)| Event::Transferred {
            id,
            site: site.to_string(),
        }),
        1 => names().prop_map(|id| Event::Discharged { id }),
        1 => scanners().prop_map(|scanner| Event::WentDown { scanner, until: None }),
        1 => scanners().prop_map(|scanner| Event::CameUp { scanner }),
    ]
}

/// Where everybody is, by a second book-keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Waits,
    Table,
    Left,
}

fn follow(book: &mut BTreeMap<EntryId, Where>, event: &Event) {
    match event {
        Event::Ordered(entry) => book.insert(entry.id.clone(), Where::Waits),
        Event::Started { id, .. } => book.insert(id.clone(), Where::Table),
        Event::Returned { id } => book.insert(id.clone(), Where::Waits),
        Event::Ended { id }
        | Event::Cancelled { id, .. }
        | Event::Transferred { id, .. }
        | Event::Discharged { id } => book.insert(id.clone(), Where::Left),
        _ => None,
    };
}

fn place(state: &State) -> Where {
    match state {
        State::OnTable { .. } => Where::Table,
        State::Left(_) => Where::Left,
        _ => Where::Waits,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn everybody_stays_accounted_for(events in prop::collection::vec(events(), 0..80)) {
        let mut made = department(&["A", "B"], Vec::new());
        let mut book = BTreeMap::new();
        for (second, event) in (1..).zip(&events) {
            let before = made.clone();
            match made.apply(NOW + second, event.clone()) {
                Err(_) => prop_assert_eq!(&made, &before),
                Ok(()) => {
                    if let Event::Started { id, .. } = event {
                        prop_assert_eq!(book.get(id), Some(&Where::Waits));
                    }
                    if let Event::Cancelled { by, reason, .. } = event {
                        prop_assert!(!by.trim().is_empty() && !reason.trim().is_empty());
                    }
                    follow(&mut book, event);
                }
            }
            let known = made.entries.iter().map(|entry| (entry.id.clone(), place(&entry.state)));
            prop_assert_eq!(&known.collect::<BTreeMap<_, _>>(), &book);
            // What runs is never moved by anything but its own end or return.
            for scanner in &before.scanners {
                let id = scanner.running.as_ref().and_then(|running| running.entry.clone());
                let over = matches!(event, Event::Ended { id: own } | Event::Returned { id: own }
                    if Some(own) == id.as_ref());
                let now = made.scanner(&scanner.id).unwrap();
                prop_assert!(scanner.running.is_none() || over || scanner.running == now.running);
            }
        }
        let inside = book.values().filter(|place| **place != Where::Left).count();
        prop_assert_eq!(plan(&made).entries.len(), inside);
    }
}

#[test]
fn a_whole_visit() {
    let mut made = department(&["A"], Vec::new());
    let ordered = Event::Ordered(Box::new(entry("a", Tier::Urgent)));
    made.apply(NOW, ordered.clone()).unwrap();
    assert_eq!(made.apply(NOW, ordered), Err(QueueError::Twice));
    let (own, scanner) = (|| id("a"), || mr("A"));
    made.apply(NOW + 10, Event::Called { id: own(), scanner: scanner() }).unwrap();
    made.apply(NOW + 20, Event::Started { id: own(), scanner: scanner() }).unwrap();
    let cancel = |reason: &str| Event::Cancelled {
        id: own(),
        by: "Dr Lee".to_string(),
        reason: reason.to_string(),
    };
    assert_eq!(made.apply(NOW + 30, cancel("moved")), Err(QueueError::OnTable));
    // The wrong entry was chosen at the scanner: back on the board.
    made.apply(NOW + 40, Event::Returned { id: own() }).unwrap();
    assert_eq!(made.entries[0].state, State::Waiting);
    assert_eq!(made.scanners[0].free_since, Some(NOW + 40));
    assert_eq!(made.apply(NOW + 45, Event::Ended { id: own() }), Err(QueueError::NotOnTable));
    made.apply(NOW + 50, Event::Started { id: own(), scanner: scanner() }).unwrap();
    made.apply(NOW + 99, Event::Ended { id: own() }).unwrap();
    assert_eq!(made.entries[0].state, State::Left(Departure::Scanned { at: NOW + 99 }));
    assert_eq!(made.apply(NOW + 100, cancel("late")), Err(QueueError::Left));
}

#[test]
fn cancelling_needs_a_reason_and_a_name() {
    let mut made = department(&["A"], vec![entry("a", Tier::Urgent)]);
    let cancel = |by: &str, reason: &str| Event::Cancelled {
        id: id("a"),
        by: by.to_string(),
        reason: reason.to_string(),
    };
    assert_eq!(made.apply(NOW, cancel("x", " ")), Err(QueueError::NoReason));
    assert_eq!(made.apply(NOW, cancel("", "y")), Err(QueueError::Nobody));
    made.apply(NOW, cancel("x", "no longer indicated")).unwrap();
    assert!(plan(&made).entries.is_empty());
}

#[test]
fn two_scanners_never_claim_the_same_patient() {
    let mut made = department(&["A", "B"], vec![entry("a", Tier::Urgent)]);
    made.apply(NOW, Event::Started { id: id("a"), scanner: mr("A") }).unwrap();
    let again = made.apply(NOW, Event::Started { id: id("a"), scanner: mr("B") });
    assert_eq!(again, Err(QueueError::OnTable));
    assert_eq!(next(&made, &mr("B")), cauda_queue::Choice::Wait { wake_at: None });
    made.apply(NOW, Event::Ordered(Box::new(entry("b", Tier::Urgent)))).unwrap();
    let busy = made.apply(NOW, Event::Started { id: id("b"), scanner: mr("A") });
    assert_eq!(busy, Err(QueueError::Busy));
}

#[test]
fn the_lists_have_limits() {
    let mut made: Department = department(&["A"], Vec::new());
    for n in 0..cauda_queue::ENTRIES_MAX {
        made.entries.push(entry(&n.to_string(), Tier::Booked));
    }
    let limit = cauda_queue::ENTRIES_MAX;
    let more = made.apply(NOW, Event::Ordered(Box::new(entry("more", Tier::Urgent))));
    assert_eq!(more, Err(QueueError::TooMany { what: "orders", limit }));
    // A plan is made of what is there, predictions for the first thousand.
    made.settings.horizon_hours = 24 * 365;
    let plan = plan(&made);
    assert_eq!(plan.entries.len(), limit);
    let predicted = plan.entries.iter().filter(|one| one.predicted.is_some()).count();
    assert_eq!(predicted, cauda_queue::FORECAST_ENTRIES_MAX);
}
