//! What is kept while a person is at the provider, sealed so that a browser may carry it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};

use crate::random::{self, RandomSource};
use crate::{SignOnError, settings::Checked};

/// How long what is kept is good, in seconds.
pub const KEPT_SECONDS: i64 = 600;
/// Bytes of a state, a nonce and a verifier: 256 bits each.
const SECRET_BYTES: usize = 32;
/// Bytes of what is kept, before it is sealed.
const PLAIN_BYTES: usize = 8 + 3 * SECRET_BYTES;
/// Characters of it when it is sealed: with a nonce and a tag, in base64.
const SEALED_CHARACTERS: usize = (NONCE_LEN + PLAIN_BYTES + 16) * 4 / 3;

/// One way to the provider and back.
pub(crate) struct Trip {
    /// Last second at which it may end.
    pub(crate) until: i64,
    state: [u8; SECRET_BYTES],
    nonce: [u8; SECRET_BYTES],
    verifier: [u8; SECRET_BYTES],
}

impl Trip {
    pub(crate) fn begin(random: &dyn RandomSource, now: i64) -> Result<Trip, SignOnError> {
        Ok(Trip {
            until: now.saturating_add(KEPT_SECONDS),
            state: random::bytes(random)?,
            nonce: random::bytes(random)?,
            verifier: random::bytes(random)?,
        })
    }

    /// The second at which it began.
    pub(crate) fn began(&self) -> i64 {
        self.until.saturating_sub(KEPT_SECONDS)
    }

    pub(crate) fn state(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.state)
    }

    pub(crate) fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.nonce)
    }

    pub(crate) fn verifier(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.verifier)
    }

    /// What the provider is told of the verifier: RFC 7636 section 4.2, S256.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier().as_bytes()))
    }
}

/// Seals and opens. What was sealed for another issuer, client or redirect address never opens.
pub(crate) struct Seal {
    key: LessSafeKey,
    context: Vec<u8>,
}

impl Seal {
    pub(crate) fn new(key: &[u8; 32], settings: &Checked) -> Result<Seal, SignOnError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| SignOnError::NoRandom)?;
        let context = [&settings.issuer, &settings.client_id, &settings.redirect_uri];
        let context = context.map(|one| format!("{} {one}", one.len())).concat();
        Ok(Seal { key: LessSafeKey::new(key), context: context.into_bytes() })
    }

    pub(crate) fn close(
        &self,
        trip: &Trip,
        random: &dyn RandomSource,
    ) -> Result<String, SignOnError> {
        let nonce: [u8; NONCE_LEN] = random::bytes(random)?;
        let until = trip.until.to_be_bytes();
        let mut bytes = [&until[..], &trip.state, &trip.nonce, &trip.verifier].concat();
        let (aad, used) = (Aad::from(&self.context), Nonce::assume_unique_for_key(nonce));
        let sealed = self.key.seal_in_place_append_tag(used, aad, &mut bytes);
        sealed.map_err(|_| SignOnError::NoRandom)?;
        Ok(URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat()))
    }

    /// What was sealed here.
    pub(crate) fn open(&self, kept: &str) -> Option<Trip> {
        // Looked at first: nothing is allocated for what can be none.
        if kept.len() > SEALED_CHARACTERS + 3 {
            return None;
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(kept).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::from(&self.context), sealed).ok()?;
        let (until, rest) = plain.split_at_checked(8)?;
        let (state, rest) = rest.split_at_checked(SECRET_BYTES)?;
        let (nonce, verifier) = rest.split_at_checked(SECRET_BYTES)?;
        Some(Trip {
            until: i64::from_be_bytes(until.try_into().ok()?),
            state: state.try_into().ok()?,
            nonce: nonce.try_into().ok()?,
            verifier: verifier.try_into().ok()?,
        })
    }
}
