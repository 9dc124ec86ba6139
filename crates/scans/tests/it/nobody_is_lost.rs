//! Whatever is done in whatever order: an order is on the list until it was scanned, cancelled with
//! a reason, transferred or discharged, and one scanner has one patient.

use std::collections::BTreeMap;

use cauda_queue::{Departure, State, plan};
use cauda_scans::{Action, Chip, Kind, Known, LimitedImages, Step, Will};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};

use crate::world::{NOW, World, coordinator, protocol, text};

fn action() -> impl Strategy<Value = Action> {
    let scanner = || select(vec!["mr1".to_string(), "mr2".to_string(), "mr9".to_string()]);
    let performed = || select(vec![None, Some("1.1".to_string()), Some("1.2".to_string())]);
    let words = || select(vec![None, Some(text("because"))]);
    let known = select(vec![Known::Yes, Known::No, Known::Unknown]);
    prop_oneof![
        (select(Chip::ALL.to_vec()), known, words()).prop_map(|(chip, known, words)| {
            Action::Answer { chip, known, expected_at: None, words }
        }),
        (select(vec![Step::Called, Step::Prepared, Step::Sedated]), scanner())
            .prop_map(|(step, scanner)| Action::Bring { step, scanner }),
        (select(vec![Will::First, Will::Last, Will::Hold, Will::Place(2)]), words())
            .prop_map(|(will, reason)| Action::Will { will, reason, until: i64::MAX }),
        Just(Action::Free),
        words().prop_map(|reason| Action::Return { reason }),
        (scanner(), performed()).prop_map(|(scanner, performed)| Action::Start {
            scanner,
            began: 0,
            performed,
            despite: None
        }),
        (any::<bool>(), performed()).prop_map(|(complete, performed)| Action::End {
            ended: 0,
            complete,
            performed
        }),
        select(vec!["1.1", "1.2"])
            .prop_map(|performed| Action::WrongEntry { performed: performed.into() }),
        Just(Action::Cancel { reason: text("no longer needed") }),
        Just(Action::Transfer {
            site: text("North"),
            telephone: text("1"),
            accepted_by: text("Dr N")
        }),
        Just(Action::Discharge),
        (select(LimitedImages::ALL.to_vec()), words()).prop_map(|(shows, words)| {
            let whole = Some(Box::new(protocol("mri_spine", false, false)));
            Action::ReadLimited { shows, words, whole }
        }),
        words().prop_map(|reason| Action::Convert {
            protocol: Box::new(protocol("limited", false, true)),
            reason
        }),
        select(Chip::ALL.to_vec()).prop_map(|chip| Action::Expect { chip, at: Some(NOW + 3_600) }),
        Just(Action::TakeReport),
        Just(Action::Report { state: "final".into(), critical: true, is_final: true }),
    ]
}

proptest! {
    #![proptest_config(Config {
        cases: 400,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x5ca4_5ca4),
        failure_persistence: None,
        ..Config::default()
    })]

    #[test]
    fn every_order_is_accounted_for(
        done in proptest::collection::vec((0_usize..5, action(), 0_i64..1_800), 1..60),
    ) {
        let mut world = World::of(&Kind::ENTERED);
        let mut by_hand: BTreeMap<usize, String> = BTreeMap::new();
        for (at, action, passes) in done {
            world.now += passes;
            let action = match action {
                Action::Will { will, reason, .. } => {
                    Action::Will { will, reason, until: world.now + 3_600 }
                }
                action => action,
            };
            let before = world.scans[at].clone();
            let begun = match &action {
                Action::Start { scanner, performed: None, .. } => Some(scanner.clone()),
                _ => None,
            };
            let refused = world.does(at, action, &coordinator());
            if refused.is_err() {
                prop_assert_eq!(&world.scans[at], &before, "a refusal changes nothing");
            }
            if let (Ok(1), Some(scanner)) = (&refused, begun) {
                by_hand.insert(at, scanner);
            }
            let listed = plan(&world.department());
            for scan in &world.scans {
                let count = listed.entries.iter().filter(|one| one.id.as_str() == scan.id).count();
                let left = matches!(
                    &scan.state,
                    State::Left(
                        Departure::Scanned { .. }
                            | Departure::Cancelled { .. }
                            | Departure::Transferred { .. }
                            | Departure::Discharged { .. }
                    )
                );
                prop_assert_eq!(count, usize::from(!left), "{} is lost or twice", scan.id);
            }
        }
    }
}
