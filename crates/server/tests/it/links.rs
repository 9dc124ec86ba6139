//! Tokens of links: what is signed, and that nothing else is good.

use cauda_pathway::identity::{EpisodeId, Identity, PatientId, VisitId};

use cauda_pathway::visit::Visit;
use cauda_server::links::{Links, Purpose};

const DAY: i64 = 86_400;

fn visit(id: &str) -> Visit {
    let identity = Identity {
        patient: PatientId::of_number(1),
        episode: EpisodeId::of_number(1),
        visit: VisitId::new(id).unwrap(),
    };
    Visit { identity: Some(identity), arrived_at: Some(1_000), ..Visit::default() }
}

#[test]
fn a_link_is_good_for_its_visit_purpose_and_time() {
    let links = Links::new([7; 32]);
    let one = visit("v-1");
    let token = links.give(&one, Purpose::Home).unwrap();
    assert_eq!(links.give(&one, Purpose::Home), Some(token.clone()), "the same each time");
    let read = links.read(&token, Purpose::Home, 2_000).unwrap();
    assert_eq!((read.visit.as_str(), read.revoked), ("v-1", 0));
    assert_eq!(links.read(&token, Purpose::Waiting, 2_000), None);
    assert_eq!(links.read(&token, Purpose::Home, 1_000 + 75 * DAY), None);
    assert_eq!(Links::new([8; 32]).read(&token, Purpose::Home, 2_000), None);
    let other = links.give(&visit("v-2"), Purpose::Home).unwrap();
    assert_ne!(token, other);
    // Text of one with the signature of the other.
    let mixed =
        format!("{}.{}", token.split('.').next().unwrap(), other.split('.').nth(1).unwrap());
    assert_eq!(links.read(&mixed, Purpose::Home, 2_000), None);
}

#[test]
fn no_changed_token_is_good() {
    let links = Links::new([7; 32]);
    let token = links.give(&visit("v-1"), Purpose::Home).unwrap();
    for at in 0..token.len() {
        for sign in ['A', 'b', '0', '.', '_', '\u{e9}'] {
            let mut changed: Vec<char> = token.chars().collect();
            if changed[at] == sign {
                continue;
            }
            changed[at] = sign;
            let changed: String = changed.into_iter().collect();
            assert_eq!(links.read(&changed, Purpose::Home, 2_000), None, "{changed}");
        }
        assert_eq!(links.read(&token[..at], Purpose::Home, 2_000), None);
    }
    assert_eq!(links.read(&format!("{token}A"), Purpose::Home, 2_000), None);
    assert_eq!(links.read(&"A".repeat(5_000), Purpose::Home, 2_000), None);
}
