//! One registered EHR.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cauda_jose::{KEYS_BYTES_MAX, Keys};
use cauda_outbound::{Client, Names, Place, Reach, Trust, files};
use tokio::sync::Semaphore;

use crate::breaker::Breaker;
use crate::key_cache::{KeyCache, Source};
use crate::settings::{Checked, Mode, Settings};
use crate::{Address, EhrError, Refused};

/// Longest that the head of an answer of an EHR may take, in seconds, whatever the deadline.
const ANSWER_SECONDS_MAX: u64 = 10;
/// Most bytes read of one connection: the largest resource, its head and handshakes.
const READ_BYTES_MAX: usize = cauda_fhir::BYTES_MAX + 131_072;
/// Most connections to one EHR's FHIR server at a time.
const CONNECTIONS_MAX: usize = 16;

/// One registered EHR.
pub struct Tenant {
    settings: Settings,
    checked: Checked,
    base_place: Place,
    pub(crate) client: Client,
    pub(crate) keys: Arc<KeyCache>,
    pub(crate) breaker: Breaker,
    pub(crate) connections: Semaphore,
    last_refused: Mutex<Option<(i64, Refused)>>,
}

impl Tenant {
    pub(crate) fn new(
        settings: &Settings,
        mode: Mode,
        names: Option<&Names>,
    ) -> Result<Tenant, EhrError> {
        let of = |error| EhrError::of(&settings.tenant, error);
        let checked = Checked::new(settings, mode).map_err(of)?;
        let trust = Trust::read(settings.authority.as_deref()).map_err(of)?;
        let client = |address: &Address| {
            let reach = match (settings.private_addresses, address.is_here()) {
                (true, true) => Reach::Here,
                (true, false) => Reach::House,
                (false, _) => Reach::Public,
            };
            let time = Duration::from_secs(ANSWER_SECONDS_MAX);
            let client = Client::new(&trust, time, READ_BYTES_MAX)
                .map_err(|fault| EhrError::Unreachable { tenant: settings.tenant.clone(), fault })?
                .within(reach);
            Ok(match names {
                Some(names) => client.by_names(names.clone()),
                None => client,
            })
        };
        let source = match (&settings.keys, &checked.jku) {
            (Some(file), _) => {
                // Read once here, so that a file of no keys is told at the start, and not at the
                // first call.
                let bytes = files::bounded(file, KEYS_BYTES_MAX as u64).map_err(of)?;
                Keys::read(&bytes)
                    .map_err(|what| EhrError::Keys { tenant: settings.tenant.clone(), what })?;
                Source::File(file.clone())
            }
            (None, Some(jku)) => {
                Source::Address { place: jku.place("jku").map_err(of)?, client: client(jku)? }
            }
            (None, None) => Source::None,
        };
        Ok(Tenant {
            base_place: checked.fhir_base.place("fhir_base").map_err(of)?,
            client: client(&checked.fhir_base)?,
            keys: Arc::new(KeyCache::new(settings.tenant.clone(), source)),
            breaker: Breaker::default(),
            connections: Semaphore::new(CONNECTIONS_MAX),
            last_refused: Mutex::default(),
            settings: settings.clone(),
            checked,
        })
    }

    /// Our id of it.
    pub fn id(&self) -> &str {
        &self.settings.tenant
    }

    /// What was said of it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The base of its FHIR server.
    pub fn fhir_base(&self) -> &Address {
        &self.checked.fhir_base
    }

    /// The same, to be asked.
    pub(crate) fn base_place(&self) -> &Place {
        &self.base_place
    }

    /// Where its key set is, if that is registered.
    pub fn jku(&self) -> Option<&Address> {
        self.checked.jku.as_ref()
    }

    /// Whether an address that came with a call is the base of its FHIR server.
    pub fn is_at(&self, claimed: &str) -> bool {
        Address::read(claimed).is_some_and(|claimed| claimed == self.checked.fhir_base)
    }

    /// When a call in its name was last refused, in seconds since 1970 UTC, and why: for whoever
    /// sets it up, and for nobody who calls. It is forgotten when the process ends.
    pub fn last_refused(&self) -> Option<(i64, Refused)> {
        self.last_refused.lock().ok().and_then(|last| *last)
    }

    pub(crate) fn refused(&self, refused: Refused, now: i64) {
        if let Ok(mut last) = self.last_refused.lock() {
            *last = Some((now, refused));
        }
    }

    /// What its tokens say in `tenant`, where they do.
    pub(crate) fn claim(&self) -> &str {
        &self.checked.tenant_claim
    }

    /// How long its tokens may be good, in seconds.
    pub(crate) fn token_seconds(&self) -> i64 {
        self.checked.token_seconds
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EHR {}", self.settings.tenant)
    }
}
