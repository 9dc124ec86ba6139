//! Everything that was handed out and is still good: launches, codes, access tokens, and the ids
//! of assertions that were used.

use std::collections::HashMap;

use crate::StandInError;
use crate::random;
use crate::smart::scope::Access;

/// Most of each that are kept at once.
const KEPT_MAX: usize = 10_000;
/// Seconds for which each is good.
const LAUNCH_SECONDS: i64 = 300;
const CODE_SECONDS: i64 = 60;
pub(crate) const TOKEN_SECONDS: i64 = 300;

/// What an app is opened for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchContext {
    /// The `client_id` of the app.
    pub client_id: String,
    /// The id of the patient.
    pub patient: String,
    /// The id of the visit.
    pub encounter: Option<String>,
    /// What the card's link carried for the app.
    pub app_context: Option<String>,
    /// Whether the app has to show whose page it is, because we do not.
    pub need_patient_banner: bool,
}

/// An authorization that becomes a token once.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    /// SHA-256 of the verifier, in base64url.
    pub(crate) challenge: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) context: Option<LaunchContext>,
}

#[derive(Default)]
pub(crate) struct Grants {
    launches: HashMap<String, (i64, LaunchContext)>,
    codes: HashMap<String, (i64, Code)>,
    /// Codes that were used, with the token each became.
    used: HashMap<String, (i64, String)>,
    tokens: HashMap<String, (i64, Access)>,
    assertions: HashMap<(String, String), (i64, ())>,
}

impl Grants {
    /// A launch that is good for a few minutes and once.
    pub(crate) fn launch(
        &mut self,
        context: LaunchContext,
        now: i64,
    ) -> Result<String, StandInError> {
        let id = random::secret()?;
        keep(&mut self.launches, id.clone(), now + LAUNCH_SECONDS, context, now)?;
        Ok(id)
    }

    /// Takes a launch of that client.
    pub(crate) fn take_launch(
        &mut self,
        id: &str,
        client: &str,
        now: i64,
    ) -> Option<LaunchContext> {
        let (until, context) = self.launches.get(id)?;
        let good = *until > now && context.client_id == client;
        good.then(|| self.launches.remove(id))?.map(|(_, context)| context)
    }

    /// A code for the app to bring back.
    pub(crate) fn code(&mut self, code: Code, now: i64) -> Result<String, StandInError> {
        let text = random::secret()?;
        keep(&mut self.codes, text.clone(), now + CODE_SECONDS, code, now)?;
        Ok(text)
    }

    /// Takes a code. One that comes a second time was stolen from somebody, so its token ends
    /// (RFC 6749 section 4.1.2).
    pub(crate) fn take_code(&mut self, text: &str, now: i64) -> Option<Code> {
        if let Some((_, token)) = self.used.get(text) {
            self.tokens.remove(token);
        }
        let (until, code) = self.codes.remove(text)?;
        (until > now).then_some(code)
    }

    /// Keeps which token a code became.
    pub(crate) fn became(&mut self, code: &str, token: &str, now: i64) -> Result<(), StandInError> {
        keep(&mut self.used, code.to_owned(), now + TOKEN_SECONDS, token.to_owned(), now)
    }

    /// A new access token.
    pub(crate) fn token(&mut self, access: Access, now: i64) -> Result<String, StandInError> {
        let text = random::secret()?;
        keep(&mut self.tokens, text.clone(), access.until, access, now)?;
        Ok(text)
    }

    /// What a token allows, if it is good.
    pub(crate) fn access(&self, token: &str, now: i64) -> Option<Access> {
        let (until, access) = self.tokens.get(token)?;
        (*until > now).then(|| access.clone())
    }

    /// Whether an assertion of that client and id comes for the first time.
    pub(crate) fn first_time(
        &mut self,
        client: &str,
        id: &str,
        until: i64,
        now: i64,
    ) -> Result<bool, StandInError> {
        let place = (client.to_owned(), id.to_owned());
        if self.assertions.get(&place).is_some_and(|(until, ())| *until > now) {
            return Ok(false);
        }
        keep(&mut self.assertions, place, until, (), now).map(|()| true)
    }
}

fn keep<K: std::hash::Hash + Eq, V>(
    kept: &mut HashMap<K, (i64, V)>,
    key: K,
    until: i64,
    value: V,
    now: i64,
) -> Result<(), StandInError> {
    if kept.len() >= KEPT_MAX {
        kept.retain(|_, (until, _)| *until > now);
    }
    if kept.len() >= KEPT_MAX {
        return Err(StandInError::Full);
    }
    kept.insert(key, (until, value));
    Ok(())
}
