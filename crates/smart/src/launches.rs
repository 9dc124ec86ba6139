//! Launches: a browser is sent to its EHR, and comes back with a chart.

use std::fmt;

use form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::discovery::Discovery;
use crate::ehr::Ehr;
use crate::exchange::{Grant, exchange};
use crate::id_token;
use crate::kept::{Shown, Tie, Trip, UnderWay};
use crate::response::AuthorizationResponse;
use crate::scopes::Granted;
use crate::settings::{Checked, Settings};
use crate::{Launched, RandomSource, Secret, SmartError, random};

/// Most registered EHRs.
const EHRS_MAX: usize = 64;
/// Most bytes of the value `launch`.
const LAUNCH_BYTES_MAX: usize = 4_096;

/// The registered EHRs, and the launches under way.
pub struct Launches(Vec<Registered>);

struct Registered {
    ehr: Ehr,
    under_way: UnderWay,
}

/// A launch that has begun.
pub struct Begun {
    /// Where to send the browser. It holds the state, so it stands in no log.
    pub redirect_to: String,
    /// Comes back with the browser, and may name the cookie or item that holds the handle, so that
    /// two launches in one browser do not disturb each other.
    pub state: Secret,
    /// For the browser to keep until it comes back, with [`Tie::Handle`].
    pub handle: Option<Secret>,
}

impl Launches {
    /// Reads the files and connects to nothing.
    ///
    /// # Errors
    /// [`SmartError::Setting`], [`SmartError::File`].
    pub fn open(settings: &[Settings]) -> Result<Launches, SmartError> {
        let wrong = |what| SmartError::Setting { name: "iss", what };
        if settings.len() > EHRS_MAX {
            return Err(wrong("write at most 64 EHRs"));
        }
        let mut all: Vec<Registered> = Vec::new();
        for one in settings {
            let ehr = Ehr::new(one, Checked::launch(one)?)?;
            if all.iter().any(|known| known.ehr.settings.iss.same_base(&ehr.settings.iss)) {
                return Err(wrong("two EHRs have the same; write each once"));
            }
            all.push(Registered { ehr, under_way: UnderWay::default() });
        }
        Ok(Launches(all))
    }

    /// Where to send a browser that an EHR opened at `launch_uri` with `iss` and `launch`; or,
    /// without `launch`, one that wants to choose a patient of the EHR with that base. Nobody is
    /// asked but a registered EHR. `now` is in seconds since 1970 UTC.
    ///
    /// # Errors
    /// [`SmartError::UnknownIss`], [`SmartError::LaunchValue`], [`SmartError::Unframed`],
    /// [`SmartError::NoRandom`], and those of the SMART configuration.
    pub async fn begin(
        &self,
        iss: &str,
        launch: Option<&str>,
        tie: Tie,
        random: &dyn RandomSource,
        now: i64,
    ) -> Result<Begun, SmartError> {
        let Registered { ehr, under_way } = self.registered(iss)?;
        if launch.is_some_and(|launch| !(1..=LAUNCH_BYTES_MAX).contains(&launch.len())) {
            return Err(SmartError::LaunchValue);
        }
        if tie == Tie::Frame && (launch.is_none() || !ehr.settings.framed) {
            return Err(SmartError::Unframed);
        }
        let discovery = ehr.discovery(now, ehr.deadline()).await?;
        let state = random::text(random)?;
        let (trip, handle) = Trip::begin(tie, launch.is_some(), random, now)?;
        let redirect_to = url(&ehr.settings, discovery.authorization()?, launch, &state, &trip);
        under_way.keep(&state, trip);
        Ok(Begun { redirect_to, state: Secret::new(state), handle })
    }

    /// What the EHR opened, for the browser that comes back to `redirect_uri` with that query.
    ///
    /// # Errors
    /// Any but those of the settings.
    pub async fn finish(
        &self,
        query: &str,
        shown: Shown<'_>,
        random: &dyn RandomSource,
        now: i64,
    ) -> Result<Launched, SmartError> {
        let response = AuthorizationResponse::read(query)?;
        let state = response.state.as_ref().ok_or(SmartError::Query)?;
        let found = self.0.iter().find_map(|one| Some((&one.ehr, one.under_way.take(state)?)));
        let (ehr, trip) = found.ok_or(SmartError::Unsolicited)?;
        trip.check(shown, now)?;
        let deadline = ehr.deadline();
        let discovery = ehr.discovery(now, deadline).await?;
        // Before anything else of the answer is looked at: RFC 9207 section 2.4.
        check_issuer(&discovery, response.iss.as_ref())?;
        let grant = Grant::Code { code: response.outcome()?, verifier: &trip.verifier };
        let tokens = exchange(ehr, &discovery, grant, random, now, deadline).await?;
        let granted = Granted::new(&ehr.settings.asked, &tokens.scope);
        let token = tokens.answer.id_token.as_deref();
        let person = match granted.has("openid") {
            true => Some(id_token::person(ehr, &discovery, token, &trip, now, deadline).await?),
            false => None,
        };
        Launched::new(&ehr.settings, trip.opened, tokens, granted, person)
    }

    /// Whether an EHR with that FHIR base may open us.
    pub fn is_registered(&self, iss: &str) -> bool {
        self.registered(iss).is_ok()
    }

    /// Whether what this registered EHR says of itself can be read and used, read anew.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self, iss: &str) -> Result<(), SmartError> {
        self.registered(iss)?.ehr.check().await
    }

    fn registered(&self, iss: &str) -> Result<&Registered, SmartError> {
        let iss = Address::read("iss", iss).map_err(|_| SmartError::UnknownIss)?;
        let own = |one: &&Registered| one.ehr.settings.iss.same_base(&iss);
        self.0.iter().find(own).ok_or(SmartError::UnknownIss)
    }
}

/// The authorization request, SMART App Launch 2.2 "Obtain authorization code".
fn url(
    settings: &Checked,
    authorization: &str,
    launch: Option<&str>,
    state: &str,
    trip: &Trip,
) -> String {
    let mut url = authorization.to_string();
    url.push(if url.contains('?') { '&' } else { '?' });
    let from = url.len();
    let word = if launch.is_some() { "launch" } else { "launch/patient" };
    let mut query = Serializer::for_suffix(url, from);
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", &settings.redirect_uri)
        .append_pair("scope", &format!("{word} {}", settings.scopes))
        .append_pair("state", state)
        .append_pair("aud", &settings.iss.url)
        .append_pair("code_challenge", &trip.challenge())
        .append_pair("code_challenge_method", "S256");
    if let Some(launch) = launch {
        query.append_pair("launch", launch);
    }
    if settings.asked.has("openid") {
        query.append_pair("nonce", &trip.nonce);
    }
    query.finish()
}

fn check_issuer(discovery: &Discovery, iss: Option<&Zeroizing<String>>) -> Result<(), SmartError> {
    let right = match iss {
        Some(iss) => discovery.issuer.as_ref() == Some(&**iss),
        None => !discovery.names_itself,
    };
    if right { Ok(()) } else { Err(SmartError::MixedUp) }
}

impl fmt::Debug for Launches {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "launches from {} EHRs", self.0.len())
    }
}

/// State, handle and address are secrets of one browser, so nothing of them is shown.
impl fmt::Debug for Begun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("launch that has begun")
    }
}
