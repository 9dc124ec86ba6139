//! Numbers of an order: always the same, always different, always short enough.

use std::collections::BTreeSet;

use cauda_scans::{accession, step_id, study_uid};

#[test]
fn they_fit_and_do_not_repeat() {
    let mut seen = BTreeSet::new();
    for number in 0..20_000 {
        let id = format!("visit-{number}.1");
        let (accession, step, uid) = (accession(&id), step_id(&id), study_uid(&id));
        assert!(accession.len() <= 16 && step.len() <= 16 && uid.len() <= 64);
        assert!(uid.starts_with("2.25.") && uid[5..].bytes().all(|digit| digit.is_ascii_digit()));
        assert!(seen.insert(accession) && seen.insert(step) && seen.insert(uid));
    }
    assert_eq!(accession("a.1"), accession("a.1"));
}
