//! Launches under way: what is kept here while a browser is at its EHR.
//!
//! All of it stays on this server, in memory: the verifier of PKCE, the nonce, the EHR that was
//! asked. What comes back finds it by its state, once. The key is a digest of the state, so that
//! how long a search takes says nothing of it. Of several servers, a browser must come back to the
//! one it left; a restart ends what is under way, and the user opens us again.
//!
//! # Without a cookie
//!
//! An EHR often shows us in a frame whose browser refuses cookies, and then nothing says that the
//! browser that comes back is the one that went. Somebody could begin a launch himself, stop before
//! its end, and lead a clinician's browser to its last address: she would stand in his chart
//! (login CSRF, RFC 6749 section 10.12; session fixation).
//!
//! [`Tie::Handle`] closes that: the browser keeps a handle from the beginning to the end, in a
//! cookie (`__Host-`, `HttpOnly`, `Secure`, `SameSite=Lax`; in a frame `SameSite=None` and
//! `Partitioned`) or in the `sessionStorage` of the frame. It is the way to choose whenever the
//! browser can keep something at all.
//!
//! [`Tie::Frame`] is for a browser that keeps nothing. What holds then:
//!
//! - the state is unguessable, works once, for [`FRAME_SECONDS`], for one EHR, and only for a
//!   launch that this EHR opened, and only where its settings allow it;
//! - the verifier never leaves this server, so that a code caught elsewhere is worth nothing here,
//!   and a code put into another launch does not fit its verifier;
//! - the caller passes [`Shown::Frame`] only for a request that says `Sec-Fetch-Dest: iframe`, and
//!   answers with `frame-ancestors` of the origins of this EHR alone. So the last page is shown
//!   nowhere but inside the EHR, which no link of another site can fill;
//! - a launch that began with a handle never ends without it, and the reverse;
//! - what is then shown is of that page alone: its session is no cookie, so that no session of
//!   another window is replaced. It stands in the page, or in its address; as an address can be
//!   passed on, that is answered only in a frame of this EHR, and to our own pages.
//!
//! What remains: somebody who can choose what a frame of the EHR shows to another user, as with a
//! fault of the EHR itself, can make her see a launch of his. She would see the banner of his
//! patient, and the caller refuses it where the link names one ([`crate::Launched::matches`]). It
//! gives him nothing of hers, but what she wrote there would go into the wrong chart.

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::{RandomSource, Secret, SmartError, random};

/// How long a launch with a handle may take, in seconds.
pub const KEPT_SECONDS: i64 = 600;
/// How long one without may take, in seconds: the EHR's user is signed in there already.
pub const FRAME_SECONDS: i64 = 300;
/// Most launches of one EHR under way; the oldest goes first, so that a flood shortens the time
/// that is left and shuts nobody out at once.
const UNDER_WAY_MAX: usize = 4_096;

type Digest = [u8; 32];

/// What ties a launch to the browser that begins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tie {
    /// The browser keeps the handle that [`crate::Begun`] has, and brings it back.
    Handle,
    /// A frame in the EHR whose browser keeps nothing. A fault of the EHR could then show a launch
    /// of somebody else there, so it needs `framed` in the settings.
    Frame,
}

/// What a browser shows that comes back.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// The handle that it kept.
    Handle(&'a str),
    /// Nothing, and its request says `Sec-Fetch-Dest: iframe`. A request that does not say it is
    /// not shown a launch.
    Frame,
}

/// One way to the EHR and back.
pub(crate) struct Trip {
    began: i64,
    /// Last second at which it may end.
    until: i64,
    /// The digest of the handle, where the browser keeps one.
    handle: Option<Digest>,
    pub(crate) nonce: Zeroizing<String>,
    pub(crate) verifier: Zeroizing<String>,
    /// The EHR opened us; else it asks which patient.
    pub(crate) opened: bool,
}

impl Trip {
    /// It, and the handle for the browser.
    pub(crate) fn begin(
        tie: Tie,
        opened: bool,
        random: &dyn RandomSource,
        now: i64,
    ) -> Result<(Trip, Option<Secret>), SmartError> {
        let (seconds, handle) = match tie {
            Tie::Handle => (KEPT_SECONDS, Some(random::text(random)?)),
            Tie::Frame => (FRAME_SECONDS, None),
        };
        let trip = Trip {
            began: now,
            until: now.saturating_add(seconds),
            handle: handle.as_ref().map(|handle| digest_of(handle)),
            nonce: random::text(random)?,
            verifier: random::text(random)?,
            opened,
        };
        Ok((trip, handle.map(Secret::new)))
    }

    /// The second at which it began.
    pub(crate) fn began(&self) -> i64 {
        self.began
    }

    /// What the EHR is told of the verifier: RFC 7636 section 4.2, S256.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest_of(&self.verifier))
    }

    /// Whether this browser may end it now.
    pub(crate) fn check(&self, shown: Shown<'_>, now: i64) -> Result<(), SmartError> {
        let own = match (&self.handle, shown) {
            (Some(handle), Shown::Handle(shown)) => bool::from(handle.ct_eq(&digest_of(shown))),
            (None, Shown::Frame) => true,
            _ => false,
        };
        match own {
            false => Err(SmartError::OtherBrowser),
            true if now > self.until => Err(SmartError::Late),
            true => Ok(()),
        }
    }
}

/// The launches of one EHR under way, by the digest of their state.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashMap<Digest, Trip>>);

impl UnderWay {
    pub(crate) fn keep(&self, state: &str, trip: Trip) {
        let mut trips = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        let now = trip.began;
        trips.retain(|_, trip| now <= trip.until);
        if trips.len() >= UNDER_WAY_MAX
            && let Some(oldest) = trips.iter().min_by_key(|(_, trip)| trip.began)
        {
            let oldest = *oldest.0;
            trips.remove(&oldest);
        }
        trips.insert(digest_of(state), trip);
    }

    /// Takes it out: a state comes back once, however that goes on.
    pub(crate) fn take(&self, state: &str) -> Option<Trip> {
        let mut trips = self.0.lock().unwrap_or_else(|broken| broken.into_inner());
        trips.remove(&digest_of(state))
    }
}

fn digest_of(text: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Zeros;

    impl RandomSource for Zeros {
        fn fill(&self, _: &mut [u8]) -> Result<(), SmartError> {
            Ok(())
        }
    }

    #[test]
    fn the_oldest_of_too_many_goes() {
        let under_way = UnderWay::default();
        for second in 0..=UNDER_WAY_MAX {
            let now = i64::try_from(second / 100).unwrap();
            let trip = Trip::begin(Tie::Handle, true, &Zeros, now).unwrap().0;
            under_way.keep(&second.to_string(), trip);
        }
        let gone = (0..=UNDER_WAY_MAX).filter(|state| under_way.take(&state.to_string()).is_none());
        let gone: Vec<_> = gone.collect();
        assert_eq!(gone.len(), 1);
        assert!(gone[0] < 100);
    }
}
