//! The provider: a person is sent there, and comes back.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use cauda_jose::{JoseError, KEYS_BYTES_MAX, Keys, Token};
use cauda_outbound::{Client, Fault, Trust};
use form_urlencoded::Serializer;
use ring::hmac;
use ring::rand::SystemRandom;
use subtle::ConstantTimeEq as _;
use tokio::sync::{Mutex as Turn, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::discovery::{DISCOVERY_BYTES_MAX, Discovery};
use crate::kept::{Seal, Trip};
use crate::settings::Checked;
use crate::{
    AuthorizationResponse, Part, Person, RandomSource, Settings, SignOnError, TokenFault, claims,
    exchange, fetching, random,
};

/// The type that the header of an ID token may name.
const TYPE: &str = "JWT";
/// How long a discovery document is good, in seconds.
const DISCOVERY_SECONDS: i64 = 3_600;
/// How long keys are good, in seconds: a key that the provider takes back is believed no longer.
const KEYS_SECONDS: i64 = 900;
/// How long a key that is not known asks for no newer keys once more, in seconds.
const KEYS_AGAIN_SECONDS: i64 = 60;
/// Most bytes read of one connection: the largest document, a head and handshakes.
const READ_BYTES_MAX: usize = KEYS_BYTES_MAX + 65_536;
/// Most finished sign-ins that are remembered; the oldest goes first.
const USED_MAX: usize = 10_000;

/// Seconds since 1970 UTC, handed in so that tests bring their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A provider, ready to be asked.
pub struct Provider {
    settings: Checked,
    client: Client,
    clock: Clock,
    seal: Seal,
    /// States that came back, each until it would be too late anyway.
    used: Mutex<HashMap<String, i64>>,
    discovery: Turn<Option<Fetched<Discovery>>>,
    keys: Turn<Option<Fetched<Keys>>>,
}

/// A document, and the second at which it was asked for.
struct Fetched<T> {
    document: Arc<T>,
    at: i64,
}

/// A sign-in that has begun.
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// Comes back with it, and may name what is kept.
    pub state: String,
    /// Given back to [`Provider::finish`] with the answer of the same browser, and of no other. It
    /// is sealed, so a cookie may carry it; it is good for [`crate::KEPT_SECONDS`].
    pub kept: String,
}

impl Provider {
    /// Reads the files and connects to nothing.
    ///
    /// # Errors
    /// [`SignOnError::Setting`], [`SignOnError::File`], [`SignOnError::NoRandom`].
    pub fn open(settings: &Settings, clock: Clock) -> Result<Provider, SignOnError> {
        let trust = Trust::read(settings.authority.as_deref())?;
        let checked = Checked::new(settings)?;
        let client = Client::new(&trust, settings.timeout, READ_BYTES_MAX)
            .map_err(|fault| SignOnError::Unreachable { part: Part::Discovery, fault })?;
        let seal = Seal::new(&seal_key(&checked)?, &checked)?;
        Ok(Provider {
            settings: checked,
            client,
            clock,
            seal,
            used: Mutex::default(),
            discovery: Turn::default(),
            keys: Turn::default(),
        })
    }

    /// Where to send a browser to, and what to keep for it.
    ///
    /// # Errors
    /// [`SignOnError::NoRandom`], and those of the discovery document.
    pub async fn begin(&self, random: &dyn RandomSource) -> Result<Begun, SignOnError> {
        let discovery = self.discovery(self.deadline()).await?;
        let trip = Trip::begin(random, (self.clock)())?;
        let kept = self.seal.close(&trip, random)?;
        Ok(Begun { url: self.url(&discovery, &trip), state: trip.state(), kept })
    }

    /// Who comes back with that answer, if it belongs to what was kept.
    ///
    /// # Errors
    /// Any but those of the settings.
    pub async fn finish(
        &self,
        kept: &str,
        response: &AuthorizationResponse,
    ) -> Result<Person, SignOnError> {
        let deadline = self.deadline();
        let trip = self.seal.open(kept).ok_or(SignOnError::Unsolicited)?;
        let now = (self.clock)();
        if now > trip.until {
            return Err(SignOnError::Late);
        }
        let (state, expect) = (response.state.as_deref().unwrap_or_default(), trip.state());
        if !bool::from(state.as_bytes().ct_eq(expect.as_bytes())) {
            return Err(SignOnError::State);
        }
        let discovery = self.discovery(deadline).await?;
        // Before anything else of the answer is looked at: RFC 9207 section 2.4.
        let own = |iss: &String| *iss == self.settings.issuer;
        if !response.iss.as_ref().map_or(!discovery.names_itself, own) {
            return Err(SignOnError::MixedUp);
        }
        let code = response.outcome()?;
        self.use_once(expect, trip.until, now)?;
        let (client, settings) = (&self.client, &self.settings);
        let token = exchange::exchange(client, &discovery, settings, code, &trip, deadline).await?;
        self.person(&discovery, &token, &trip, deadline).await
    }

    /// Whether discovery document and keys can be read and used, read anew.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self) -> Result<(), SignOnError> {
        let deadline = self.deadline();
        let discovery = self.fetch_discovery(deadline).await?;
        self.fetch_keys(&discovery, deadline).await.map(drop)
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.settings.timeout
    }

    /// The authentication request, OpenID Connect Core section 3.1.2.1.
    fn url(&self, discovery: &Discovery, trip: &Trip) -> String {
        let mut url = discovery.authorization.clone();
        url.push(if url.contains('?') { '&' } else { '?' });
        let from = url.len();
        let mut query = Serializer::for_suffix(url, from);
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.redirect_uri)
            .append_pair("scope", &self.settings.scopes)
            .append_pair("state", &trip.state())
            .append_pair("nonce", &trip.nonce())
            .append_pair("code_challenge", &trip.challenge())
            .append_pair("code_challenge_method", "S256");
        if let Some(acr) = &self.settings.required_acr {
            query.append_pair("acr_values", &acr.join(" "));
        }
        query.finish()
    }

    /// A state comes back once.
    fn use_once(&self, state: String, until: i64, now: i64) -> Result<(), SignOnError> {
        let mut used = self.used.lock().map_err(|_| SignOnError::Used)?;
        used.retain(|_, until| now <= *until);
        if used.len() >= USED_MAX
            && let Some(oldest) = used.iter().min_by_key(|(_, until)| **until)
        {
            let oldest = oldest.0.clone();
            used.remove(&oldest);
        }
        used.insert(state, until).map_or(Ok(()), |_| Err(SignOnError::Used))
    }

    async fn person(
        &self,
        discovery: &Discovery,
        token: &str,
        trip: &Trip,
        deadline: Instant,
    ) -> Result<Person, SignOnError> {
        let token = Token::read(token)?;
        if token.header.typ.as_ref().is_some_and(|typ| !typ.eq_ignore_ascii_case(TYPE)) {
            return Err(TokenFault::Type.into());
        }
        if !discovery.algorithms.contains(&token.header.algorithm) {
            return Err(TokenFault::Algorithm.into());
        }
        let claims = match token.verify(&*self.keys(discovery, KEYS_SECONDS, deadline).await?) {
            Err(JoseError::UnknownKey) => {
                token.verify(&*self.keys(discovery, KEYS_AGAIN_SECONDS, deadline).await?)?
            }
            claims => claims?,
        };
        claims::check(&claims, &self.settings, trip, (self.clock)())?;
        Person::read(&claims, &self.settings)
    }

    async fn discovery(&self, deadline: Instant) -> Result<Arc<Discovery>, SignOnError> {
        let mut kept = turn(&self.discovery, Part::Discovery, deadline).await?;
        let now = (self.clock)();
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(DISCOVERY_SECONDS, now))
        {
            return Ok(known.document.clone());
        }
        let document = Arc::new(self.fetch_discovery(deadline).await?);
        *kept = Some(Fetched { document: document.clone(), at: now });
        Ok(document)
    }

    /// Keys that are younger than that.
    async fn keys(
        &self,
        discovery: &Discovery,
        seconds: i64,
        deadline: Instant,
    ) -> Result<Arc<Keys>, SignOnError> {
        let mut kept = turn(&self.keys, Part::Keys, deadline).await?;
        let now = (self.clock)();
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(seconds, now)) {
            return Ok(known.document.clone());
        }
        let document = Arc::new(self.fetch_keys(discovery, deadline).await?);
        *kept = Some(Fetched { document: document.clone(), at: now });
        Ok(document)
    }

    async fn fetch_discovery(&self, deadline: Instant) -> Result<Discovery, SignOnError> {
        let (place, most) = (&self.settings.discovery, DISCOVERY_BYTES_MAX);
        let body = fetching::document(&self.client, Part::Discovery, place, most, deadline).await?;
        Discovery::read(&body, &self.settings)
    }

    async fn fetch_keys(
        &self,
        discovery: &Discovery,
        deadline: Instant,
    ) -> Result<Keys, SignOnError> {
        let (place, most) = (&discovery.keys, KEYS_BYTES_MAX);
        let body = fetching::document(&self.client, Part::Keys, place, most, deadline).await?;
        Ok(Keys::read(&body)?)
    }
}

impl<T> Fetched<T> {
    /// A clock that was set back makes it old.
    fn is_younger(&self, seconds: i64, now: i64) -> bool {
        (0..seconds).contains(&now.saturating_sub(self.at))
    }
}

/// One asks, and the others wait for what it learns, no longer than they have time.
async fn turn<T>(
    lock: &Turn<T>,
    part: Part,
    deadline: Instant,
) -> Result<MutexGuard<'_, T>, SignOnError> {
    let slow = SignOnError::Unreachable { part, fault: Fault::Slow };
    timeout_at(deadline, lock.lock()).await.map_err(|_| slow)
}

/// The key that seals: of the shared secret, else of this process alone.
fn seal_key(settings: &Checked) -> Result<[u8; 32], SignOnError> {
    let Some(secret) = &settings.seal else { return random::bytes(&SystemRandom::new()) };
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(hmac::sign(&secret, b"cauda sign-on: what is kept").as_ref());
    Ok(key)
}

impl fmt::Debug for Provider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "identity provider {}", self.settings.issuer)
    }
}

/// State and address are secrets of one browser, so nothing of them is shown.
impl fmt::Debug for Begun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("sign-in that has begun")
    }
}
