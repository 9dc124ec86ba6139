//! Backend services: a token for ourselves, without a person. SMART App Launch 2.2, "Backend
//! Services"; RFC 6749 section 4.4.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Mutex as Turn;

use crate::ehr::{Ehr, turn};
use crate::exchange::{Grant, exchange};
use crate::scopes::Granted;
use crate::settings::{Checked, Settings};
use crate::{Part, RandomSource, Secret, SmartError};

/// How long before its end a token is given out no more, in seconds, so that what is asked with it
/// still has time; of a short one, a fifth of its life.
const EARLY_SECONDS: i64 = 60;

/// The services behind one EHR.
pub struct Backend {
    ehr: Ehr,
    kept: Turn<Option<Kept>>,
}

struct Kept {
    token: AccessToken,
    from: i64,
    until: i64,
}

/// A token of ours.
#[derive(Clone)]
pub struct AccessToken {
    /// For the header `Authorization: Bearer` of requests below `iss`, and for no other host.
    pub token: Arc<Secret>,
    /// The second at which it ends.
    pub expires_at: i64,
    /// What may be read and written.
    pub granted: Granted,
}

impl Backend {
    /// Reads the files and connects to nothing. All scopes are of the system, such as
    /// `system/Observation.rs`.
    ///
    /// # Errors
    /// [`SmartError::Setting`], [`SmartError::File`].
    pub fn open(settings: &Settings, scopes: &str) -> Result<Backend, SmartError> {
        let ehr = Ehr::new(settings, Checked::backend(settings, scopes)?)?;
        Ok(Backend { ehr, kept: Turn::default() })
    }

    /// A token that is good for a while yet: the one known, or a new one. Only one is asked for at
    /// a time, and the others wait for it. `now` is in seconds since 1970 UTC.
    ///
    /// # Errors
    /// Any of the SMART configuration and the token endpoint.
    pub async fn token(
        &self,
        random: &dyn RandomSource,
        now: i64,
    ) -> Result<AccessToken, SmartError> {
        let (ehr, deadline) = (&self.ehr, self.ehr.deadline());
        let mut kept = turn(&self.kept, Part::Token, deadline).await?;
        // A clock that was set back makes it old.
        if let Some(known) = kept.as_ref().filter(|known| (known.from..known.until).contains(&now))
        {
            return Ok(known.token.clone());
        }
        *kept = None;
        let discovery = ehr.discovery(now, deadline).await?;
        let grant = Grant::Client { scopes: &ehr.settings.scopes };
        let tokens = exchange(ehr, &discovery, grant, random, now, deadline).await?;
        let token = AccessToken {
            token: Arc::new(tokens.access),
            expires_at: tokens.expires_at,
            granted: Granted::new(&ehr.settings.asked, &tokens.scope),
        };
        let early = EARLY_SECONDS.min((tokens.expires_at - now) / 5);
        let until = tokens.expires_at - early;
        *kept = Some(Kept { token: token.clone(), from: now, until });
        Ok(token)
    }

    /// Gives that token out no more: the EHR did not take it, though it should still be good.
    ///
    /// # Errors
    /// [`SmartError::Unreachable`] when another one is asked for all the while.
    pub async fn forget(&self, token: &AccessToken) -> Result<(), SmartError> {
        let mut kept = turn(&self.kept, Part::Token, self.ehr.deadline()).await?;
        if kept.as_ref().is_some_and(|known| Arc::ptr_eq(&known.token.token, &token.token)) {
            *kept = None;
        }
        Ok(())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "backend services of {}", self.ehr.settings.tenant)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("access token")
    }
}
