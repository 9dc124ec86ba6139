//! Each token is good once: its `jti` is remembered until the token would be refused anyway
//! (CDS Hooks 2.0, "Trusting CDS Clients"; RFC 7519 section 4.1.7).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Mutex;

use ring::digest::{SHA256, digest};

/// Most tokens of one issuer that are remembered at a time: 500 a second for five minutes and a
/// minute of difference between the clocks, and a third more.
const PER_ISSUER_MAX: usize = 240_000;
/// Bytes of a digest by which one is remembered.
const MARK_BYTES: usize = 16;

/// Remembers tokens. Several servers, and one that starts anew, bring one that they share.
pub trait Replays: Send + Sync {
    /// Whether this issuer's token of that `jti` comes for the first time; it is remembered from
    /// now on until that second and including it. `false` too when it cannot be remembered: what
    /// might have come before is refused.
    fn first_time(&self, issuer: &str, jti: &str, until: i64, now: i64) -> bool;
}

/// Remembers in this process alone.
#[derive(Default)]
pub struct ReplaysInMemory {
    by_issuer: Mutex<HashMap<String, Seen>>,
}

#[derive(Default)]
struct Seen {
    marks: HashSet<[u8; MARK_BYTES]>,
    /// The same, by the second after which each is forgotten.
    by_end: BTreeMap<i64, Vec<[u8; MARK_BYTES]>>,
}

impl ReplaysInMemory {
    /// Remembers nothing yet.
    pub fn new() -> ReplaysInMemory {
        ReplaysInMemory::default()
    }
}

impl Replays for ReplaysInMemory {
    fn first_time(&self, issuer: &str, jti: &str, until: i64, now: i64) -> bool {
        let mark = mark(jti);
        // Whoever holds the lock does not panic; if it did, nothing is believed any more.
        let Ok(mut by_issuer) = self.by_issuer.lock() else { return false };
        // Issuers are registered, so there are few of them.
        let seen = by_issuer.entry(issuer.to_string()).or_default();
        seen.forget(now);
        seen.marks.len() < PER_ISSUER_MAX && until >= now && seen.remember(mark, until)
    }
}

impl Seen {
    fn forget(&mut self, now: i64) {
        while let Some(first) = self.by_end.first_entry() {
            if *first.key() >= now {
                break;
            }
            for mark in first.remove() {
                self.marks.remove(&mark);
            }
        }
    }

    fn remember(&mut self, mark: [u8; MARK_BYTES], until: i64) -> bool {
        let first = self.marks.insert(mark);
        if first {
            self.by_end.entry(until).or_default().push(mark);
        }
        first
    }
}

/// A digest instead of the text, so that a long one takes no more room.
fn mark(jti: &str) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    for (to, from) in mark.iter_mut().zip(digest(&SHA256, jti.as_bytes()).as_ref()) {
        *to = *from;
    }
    mark
}

impl fmt::Debug for ReplaysInMemory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("remembered tokens")
    }
}
