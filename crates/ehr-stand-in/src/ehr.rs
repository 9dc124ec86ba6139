//! What the whole stand-in holds, shared by everything that answers.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cauda_jose::SigningKey;
use cauda_outbound::{Client as Outbound, Trust};
use tokio::sync::Semaphore;

use crate::config::{Client, Clock, Config, Registration};
use crate::faults::Faults;
use crate::fhir::store::Store;
use crate::hooks::discovery::Services;
use crate::orders::Orders;
use crate::smart::grants::Grants;
use crate::traffic::Traffic;
use crate::{StandInError, samples};

/// Most bytes that are read of one connection to another side, and of one body.
pub(crate) const READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most requests that are answered at once.
const REQUESTS_MAX: usize = 256;
/// The system of the samples' numbers. `.invalid` belongs to nobody (RFC 2606).
pub(crate) const PATIENT_NUMBERS: &str = "https://ehr-stand-in.invalid/patient-number";
pub(crate) const VISIT_NUMBERS: &str = "https://ehr-stand-in.invalid/visit-number";

/// Shared by all that answers.
#[derive(Clone)]
pub(crate) struct Ehr(Arc<Inner>);

pub(crate) struct Inner {
    /// `http://127.0.0.1:1234`
    pub(crate) base: String,
    /// The base of the CDS service.
    pub(crate) service: String,
    pub(crate) clients: Vec<Client>,
    pub(crate) hook_client_id: String,
    pub(crate) hook_scopes: String,
    pub(crate) patience: Duration,
    clock: Clock,
    /// Signs the token on each hook.
    pub(crate) hook_key: SigningKey,
    /// Signs ID tokens.
    pub(crate) openid_key: SigningKey,
    /// Is published nowhere.
    pub(crate) stranger_key: SigningKey,
    pub(crate) outbound: Outbound,
    /// A place for each request that is being answered.
    pub(crate) places: Semaphore,
    store: Mutex<Store>,
    grants: Mutex<Grants>,
    orders: Mutex<Orders>,
    traffic: Mutex<Traffic>,
    faults: Mutex<Faults>,
    services: Mutex<Services>,
}

impl Deref for Ehr {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Ehr {
    /// One with fresh keys and, if wanted, the sample patients.
    pub(crate) fn new(config: Config, base: String) -> Result<Ehr, StandInError> {
        let key = || SigningKey::generate_es384().map_err(|_| StandInError::NoRandom);
        let unusable = StandInError::Setting {
            name: "trust",
            what: "the public authorities of this build cannot be used",
        };
        let outbound = Outbound::new(&Trust::Public, config.patience, READ_BYTES_MAX);
        let now = (config.clock)();
        let store = if config.samples { samples::store(now)? } else { Store::default() };
        Ok(Ehr(Arc::new(Inner {
            base,
            service: config.cauda_base_url,
            clients: config.clients,
            hook_client_id: config.hook_client_id,
            hook_scopes: config.hook_scopes,
            patience: config.patience,
            clock: config.clock,
            hook_key: key()?,
            openid_key: key()?,
            stranger_key: key()?,
            outbound: outbound.map_err(|_| unusable)?,
            places: Semaphore::new(REQUESTS_MAX),
            store: Mutex::new(store),
            grants: Mutex::default(),
            orders: Mutex::default(),
            traffic: Mutex::default(),
            faults: Mutex::default(),
            services: Mutex::default(),
        })))
    }
}

impl Inner {
    /// Seconds since 1970 UTC.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn fhir_base(&self) -> String {
        format!("{}/fhir", self.base)
    }

    pub(crate) fn auth_base(&self) -> String {
        format!("{}/auth", self.base)
    }

    pub(crate) fn token_url(&self) -> String {
        format!("{}/auth/token", self.base)
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    pub(crate) fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.grants)
    }

    pub(crate) fn orders(&self) -> MutexGuard<'_, Orders> {
        lock(&self.orders)
    }

    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        lock(&self.traffic)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn services(&self) -> MutexGuard<'_, Services> {
        lock(&self.services)
    }
}

/// What is to be told of an EHR at that base.
pub(crate) fn registration(base: &str) -> Registration {
    Registration {
        hook_issuer: base.to_owned(),
        hook_jwks_url: format!("{base}/cds-client/jwks.json"),
        fhir_base: format!("{base}/fhir"),
        openid_issuer: format!("{base}/auth"),
        token_url: format!("{base}/auth/token"),
        patient_number_system: PATIENT_NUMBERS.to_owned(),
        visit_number_system: VISIT_NUMBERS.to_owned(),
    }
}

/// What somebody left behind who panicked is as good as before: every change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
