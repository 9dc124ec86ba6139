//! Links that a patient gets: signed, for one visit and one purpose, good until a day, and no longer
//! good once they were revoked. A link is a secret; no log, metric or error holds one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_pathway::identity::{ID_MAX, VisitId};
use cauda_pathway::visit::Visit;
use ring::hmac;

const DAY: i64 = 86_400;
/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 200;
/// Bytes of the signature that a token holds: 128 bits.
const TAG_BYTES: usize = 16;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The waiting page.
    Waiting,
    /// How it goes at home.
    Home,
}

impl Purpose {
    /// First part of its address.
    pub fn path(self) -> &'static str {
        match self {
            Purpose::Waiting => "/w/",
            Purpose::Home => "/c/",
        }
    }

    /// Days from the arrival on which the link is good: of the check-ins until four weeks after
    /// the last one, so that whoever comes late still finds the way.
    pub const fn days(self) -> i64 {
        match self {
            Purpose::Waiting => 3,
            Purpose::Home => 75,
        }
    }

    fn letter(self) -> char {
        match self {
            Purpose::Waiting => 'w',
            Purpose::Home => 'c',
        }
    }
}

/// Makes links and reads them.
#[derive(Clone)]
pub struct Links {
    key: hmac::Key,
}

/// A link that was signed here and is not past its day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The visit.
    pub visit: VisitId,
    /// How often links of the visit had been revoked when it was made.
    pub revoked: u32,
}

impl Links {
    /// With that secret.
    pub fn new(secret: [u8; 32]) -> Links {
        Links { key: hmac::Key::new(hmac::HMAC_SHA256, &secret) }
    }

    /// The token of a visit for that purpose; the same as long as nothing is revoked. Nothing
    /// before the arrival.
    pub fn give(&self, visit: &Visit, purpose: Purpose) -> Option<String> {
        let identity = visit.identity.as_ref()?;
        let expires = visit.arrived_at?.saturating_add(purpose.days() * DAY);
        let (letter, id) = (purpose.letter(), &identity.visit);
        let text = format!("{letter}.{expires}.{}.{id}", visit.links_revoked);
        let tag = hmac::sign(&self.key, text.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(&tag.as_ref()[..TAG_BYTES]);
        Some(format!("{}.{tag}", URL_SAFE_NO_PAD.encode(text)))
    }

    /// What a token says, if it is one of ours for that purpose and still good at `now`, in
    /// seconds. Whether it was revoked is the visit's to say.
    pub fn read(&self, token: &str, purpose: Purpose, now: i64) -> Option<Link> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (text, tag) = token.split_once('.')?;
        let (text, tag) = (URL_SAFE_NO_PAD.decode(text).ok()?, URL_SAFE_NO_PAD.decode(tag).ok()?);
        let whole = hmac::sign(&self.key, &text);
        if !is_equal(&whole.as_ref()[..TAG_BYTES], &tag) {
            return None;
        }
        let text = String::from_utf8(text).ok()?;
        let mut parts = text.splitn(4, '.');
        let mut next = || parts.next();
        let (letter, expires, revoked, id) = (next()?, next()?, next()?, next()?);
        let expires: i64 = expires.parse().ok()?;
        if letter.parse() != Ok(purpose.letter()) || now >= expires || id.len() > ID_MAX {
            return None;
        }
        Some(Link { visit: VisitId::new(id).ok()?, revoked: revoked.parse().ok()? })
    }
}

/// Without telling by the time it takes how much of it was right.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}
