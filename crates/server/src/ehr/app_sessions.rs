//! The app as it is open in an EHR. Its browser may keep nothing for us, so what stands in the
//! address of its pages is the secret: 256 random bits, good for one patient's chart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cauda_ehr::Secret;

use super::consult::Handle;
use crate::{ServerError, ids};

/// Most that are open; the one longest unused goes first.
const SESSIONS_MAX: usize = 4_096;
/// How long one stays open without a request, in seconds.
const IDLE_SECONDS: i64 = 1_800;
/// How long one stays open at all, in seconds: a shift.
const WHOLE_SECONDS: i64 = 43_200;

/// An open app.
pub struct AppSession {
    /// The consultation.
    pub handle: Handle,
    /// The EHR.
    pub tenant: String,
    /// Id of the patient there.
    pub patient: String,
    /// Id of the encounter there.
    pub encounter: Option<String>,
    /// Who works there, `Practitioner/12`.
    pub user: String,
    /// Name, birth date and number, where the EHR wants them shown.
    pub banner: Option<String>,
    /// Entries of the chart that say nothing and have no name here, when it was opened.
    pub ignored: usize,
    /// Diagnoses of the chart that say nothing to the guideline, by name.
    pub unlisted: Vec<String>,
    /// `male`, `female`, `other`, `unknown`, as the record has it.
    pub gender: Option<String>,
    /// The age, where the record is sure of it.
    pub years: Option<u32>,
    /// Why nothing that rests on the chart may reassure.
    pub blocks: Vec<String>,
    /// For the EHR's FHIR server, where it gave one.
    pub token: Option<Secret>,
    /// The second at which the token ends.
    pub token_until: i64,
    /// What may be written into the chart.
    pub may_write: bool,
    /// When it was opened.
    pub since: i64,
}

struct Kept {
    session: Arc<AppSession>,
    used: i64,
}

/// All that are open in this process.
#[derive(Default)]
pub struct AppSessions {
    kept: Mutex<HashMap<String, Kept>>,
}

impl AppSessions {
    /// Opens one; what stands in its address.
    ///
    /// # Errors
    /// [`ServerError::NoRandom`].
    pub fn open(&self, session: AppSession) -> Result<String, ServerError> {
        let secret = ids::secret()?;
        let now = session.since;
        if let Ok(mut kept) = self.kept.lock() {
            kept.retain(|_, one| is_open(one, now));
            if kept.len() >= SESSIONS_MAX {
                let oldest =
                    kept.iter().min_by_key(|(_, one)| one.used).map(|(key, _)| key.clone());
                oldest.and_then(|key| kept.remove(&key));
            }
            kept.insert(ids::kept(&secret), Kept { session: Arc::new(session), used: now });
        }
        Ok(secret)
    }

    /// The one of that address, if it is still open.
    pub fn find(&self, secret: &str, now: i64) -> Option<Arc<AppSession>> {
        let mut kept = self.kept.lock().ok()?;
        let one = kept.get_mut(&ids::kept(secret)).filter(|one| is_open(one, now))?;
        one.used = now;
        Some(one.session.clone())
    }
}

fn is_open(kept: &Kept, now: i64) -> bool {
    now - kept.used <= IDLE_SECONDS && now - kept.session.since <= WHOLE_SECONDS
}
