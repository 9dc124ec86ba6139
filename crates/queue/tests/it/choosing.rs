//! Who is next: what never happens, over drawn departments.

use cauda_queue::{Choice, Department, EntryId, Tier, Will, next};
use proptest::prelude::*;

use crate::department::{NOW, departments, mr, plain_departments, ready};

fn taken(department: &Department, scanner: &str) -> Option<EntryId> {
    match next(department, &mr(scanner)) {
        Choice::Take { entry, .. } => Some(entry),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_immediate_ready_patient_is_never_passed(department in departments()) {
        for scanner in &department.scanners {
            let free = scanner.running.is_none();
            let waits = department.entries.iter().any(|entry| {
                entry.tier_at(NOW) == Tier::Immediate
                    && ready(entry)
                    && entry.held(NOW).is_none()
                    && !entry.overrides.iter().any(|one| matches!(one.will, Will::Only(_)))
            });
            if free && waits {
                let id = taken(&department, scanner.id.as_str());
                let tier = id.and_then(|id| Some(department.entry(&id)?.tier_at(NOW)));
                prop_assert_eq!(tier, Some(Tier::Immediate));
            }
        }
    }

    #[test]
    fn a_running_scan_keeps_its_scanner(department in departments()) {
        for scanner in &department.scanners {
            let choice = next(&department, &scanner.id);
            let busy = matches!(choice, Choice::Busy { .. });
            prop_assert_eq!(busy, scanner.running.is_some());
            if let Choice::Busy { until } = choice {
                prop_assert!(until > NOW);
            }
        }
    }

    #[test]
    fn a_prepared_patient_is_passed_by_the_immediate_alone(department in plain_departments()) {
        for scanner in &department.scanners {
            let prepared = department.entries.iter().any(|entry| {
                entry.committed() && entry.called_to() == Some(&scanner.id) && ready(entry)
            });
            if prepared {
                let id = taken(&department, scanner.id.as_str());
                let entry = id.and_then(|id| department.entry(&id).cloned());
                let may = entry.is_some_and(|it| it.tier == Tier::Immediate || it.committed());
                prop_assert!(may);
            }
        }
    }

    #[test]
    fn nobody_goes_in_who_is_not_ready(department in departments()) {
        for scanner in &department.scanners {
            if let Some(id) = taken(&department, scanner.id.as_str()) {
                let entry = department.entry(&id).unwrap();
                prop_assert!(ready(entry) && entry.held(NOW).is_none());
                prop_assert!(scanner.suits(&entry.protocol));
            }
        }
    }

    #[test]
    fn a_wait_has_an_end_when_somebody_is_expected(department in departments()) {
        for scanner in &department.scanners {
            match next(&department, &scanner.id) {
                Choice::Wait { wake_at: Some(at) } => prop_assert!(at > NOW),
                Choice::Hold { until, .. } => {
                    let most = i64::from(department.settings.looking.minutes_max) * 60;
                    prop_assert!(until > NOW && until <= NOW + most);
                }
                _ => {}
            }
        }
    }
}
