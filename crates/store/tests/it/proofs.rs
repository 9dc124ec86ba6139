//! Proofs and signed heads of a stored tree.

use cauda_store::merkle::empty_root;
use cauda_store::{HEAD_EVERY, StoreError, Trust};

use crate::home::{AT, Home, fill, whole};

on_both! {
    every_event_is_proved_to_a_signed_head
    an_earlier_log_is_the_beginning_of_a_later_one
    heads_are_signed_as_the_log_grows
    a_proof_about_what_is_not_there_is_refused
}

async fn every_event_is_proved_to_a_signed_head(home: Home) {
    let record = home.record().await;
    fill(&record, 200).await;
    let head = record.sign_head(AT).await.unwrap();
    assert_eq!((head.size, head.signed_at), (200, AT));
    assert!(head.is_signed_by(&record.public_key()));
    let root = head.root_hash().unwrap();
    assert_eq!(record.root(200).await.unwrap(), root);
    for position in (0..200).step_by(7).chain([63, 64, 127, 128, 191, 192, 199]) {
        let proof = record.inclusion_proof(position, 200).await.unwrap();
        assert!(proof.verify(root), "position {position}");
        assert!(proof.path.len() <= 8);
        assert!(!proof.verify(empty_root()));
    }
    let mut other = head.clone();
    other.size = 199;
    assert!(!other.is_signed_by(&record.public_key()));
}

async fn an_earlier_log_is_the_beginning_of_a_later_one(home: Home) {
    let record = home.record().await;
    assert_eq!(record.root(0).await.unwrap(), empty_root());
    let mut roots = vec![(0, empty_root())];
    for size in [10, 60, 64, 70, 128, 140] {
        fill(&record, size - roots.last().unwrap().0).await;
        roots.push((size, record.root(size).await.unwrap()));
    }
    let last = roots[roots.len() - 1];
    for (size, root) in roots {
        assert_eq!(record.root(size).await.unwrap(), root, "the past does not change");
        let proof = record.consistency_proof(size, last.0).await.unwrap();
        assert!(proof.verify(root, last.1), "size {size}");
        assert!(size == 0 || !proof.verify(root, empty_root()));
    }
}

async fn heads_are_signed_as_the_log_grows(home: Home) {
    let record = home.record().await;
    record.sign_head(AT).await.unwrap();
    fill(&record, HEAD_EVERY + 20).await;
    let report = whole(&record).await;
    // The one over the empty log, and the one after a thousand events.
    assert_eq!((report.heads, report.events), (2, HEAD_EVERY + 20));
    // A head that was carried away is looked at too.
    let head = record.sign_head(AT + 1).await.unwrap();
    let stored = record.heads(0).await.unwrap();
    assert_eq!(stored.iter().map(|head| head.size).collect::<Vec<_>>(), [1000, 1020]);
    assert_eq!(stored[1], head);
    assert_eq!(record.heads(1020).await.unwrap(), []);
    let trust = Trust { keys: vec![], heads: vec![head] };
    let report = record.verify(&trust, &mut |_, _| ()).await.unwrap();
    assert_eq!((report.heads, report.fault_count), (4, 0));
}

async fn a_proof_about_what_is_not_there_is_refused(home: Home) {
    let record = home.record().await;
    fill(&record, 10).await;
    for refused in [
        record.root(11).await.unwrap_err(),
        record.inclusion_proof(10, 10).await.unwrap_err(),
        record.inclusion_proof(0, 11).await.unwrap_err(),
        record.consistency_proof(5, 11).await.unwrap_err(),
        record.consistency_proof(6, 5).await.unwrap_err(),
    ] {
        assert!(matches!(refused, StoreError::Malformed(_)), "{refused}");
    }
}
