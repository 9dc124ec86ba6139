//! Short things that come from outside: an address, the query of a sign-in, what became of cards.

use std::collections::BTreeSet;

use cauda_cds_hooks::{COMMENT_MAX, ITEMS_MAX, Outcome, read_feedback};

use crate::text;

/// Any text as whom a message goes to: read or refused, never shown whole, and read back alike.
pub fn address(data: &[u8]) -> bool {
    let address = text(data).and_then(|text| cauda_post::Address::parse(text).ok());
    let Some(address) = address else { return false };
    let again = cauda_post::Address::parse(address.reveal()).expect("its own form");
    assert_eq!(again.reveal(), address.reveal());
    assert!(!address.reveal().contains(['\r', '\n', '\0', ' ']));
    assert_ne!(address.to_string(), address.reveal());
    true
}

/// Any query a provider or a stranger sends back with: read or refused.
pub fn sign_on(data: &[u8]) -> bool {
    text(data).is_some_and(|text| cauda_sign_on::AuthorizationResponse::read(text).is_ok())
}

/// Any body of feedback: taken whole and within its limits, or refused whole; the key of an item
/// is that of card, outcome and time, and its `Debug` holds no comment.
pub fn feedback(data: &[u8]) -> bool {
    let Ok(body) = cauda_fhir::read(data) else { return false };
    let items = match read_feedback(&body) {
        Ok(items) => items,
        Err(error) => {
            assert!((400..500).contains(&error.status()), "{error}");
            return false;
        }
    };
    let sent = body.get("feedback").and_then(|list| list.as_array()).map_or(0, Vec::len);
    assert_eq!(items.len(), sent, "taken in part");
    assert!(items.len() <= ITEMS_MAX);
    let mut keys = BTreeSet::new();
    let mut said = BTreeSet::new();
    for item in &items {
        let shown = format!("{item:?}");
        if let Outcome::Overridden(Some(reason)) = &item.outcome
            && let Some(comment) = reason.comment.as_ref().filter(|comment| comment.len() > 40)
        {
            assert!(comment.chars().count() <= COMMENT_MAX);
            let is_card = item.card.contains(comment.as_str());
            assert!(is_card || !shown.contains(comment.as_str()), "a comment is shown");
        }
        let is_accepted = matches!(item.outcome, Outcome::Accepted(_));
        keys.insert(item.key());
        said.insert((item.card.clone(), is_accepted, item.at.clone()));
    }
    assert_eq!(keys.len(), said.len(), "two items have one key");
    !items.is_empty()
}
