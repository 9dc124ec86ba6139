//! Requests: a table of routes, each with who may; the guard in front; the pages behind.

mod accounts;
mod assets;
mod by_link;
mod calendar;
mod check;
mod ehr;
mod forms;
mod guard;
mod guideline;
mod health;
mod home;
mod languages;
mod limits;
mod live;
mod note;
mod reply;
mod routes;
mod sign_in;
mod sign_on;
mod staff;

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use cauda_pages::Publication;
use cauda_patient::vignette::Figures;
use tokio::sync::{OnceCell, watch};
use tower_http::compression::CompressionLayer;

use crate::access::AccountRole;
use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::department::Department;
use crate::languages::Languages;
use crate::links::Links;
use crate::sessions::Sessions;

pub use forms::BODY_BYTES_MAX;
pub use health::Metrics;
pub use routes::{ROUTES, Route};

pub(crate) use calendar::LocalTime;
pub(crate) use limits::Limits;

/// Makes the guideline's pages when they are first asked for.
pub type Publish = Arc<dyn Fn() -> Option<Publication> + Send + Sync>;

/// What every handler has.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

/// What every handler shares.
pub struct Inner {
    /// How it is served.
    pub(crate) config: Config,
    pub(crate) department: Arc<Department>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) sessions: Sessions,
    pub(crate) audit: Audit,
    pub(crate) clock: Clock,
    pub(crate) links: Links,
    pub(crate) sign_on: Option<cauda_sign_on::Provider>,
    pub(crate) languages: Arc<Languages>,
    /// What is held for EHRs, if any is registered.
    pub(crate) ehr: Option<Arc<crate::ehr::Inside>>,
    /// Orders for the scanners, if the department has any.
    pub(crate) scans: Option<Arc<crate::scans::ScanList>>,
    /// Orders that no scanner can be shown.
    pub(crate) scan_faults: crate::scans::Faults,
    /// Takes HL7 messages, and keeps those it refused.
    pub(crate) messages: Option<Arc<crate::hl7::Taking>>,
    /// Tells other systems of orders by HL7.
    pub(crate) telling: Option<Arc<crate::hl7::Telling>>,
    pub(crate) local_time: LocalTime,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) publish: Publish,
    pub(crate) published: OnceCell<Option<Publication>>,
    pub(crate) self_check_figures: OnceLock<Option<Figures>>,
    pub(crate) watchers: AtomicUsize,
    /// Open lines of patients, by visit.
    pub(crate) own_watchers: Mutex<HashMap<String, usize>>,
    pub(crate) stopping: watch::Receiver<bool>,
    /// Of a demonstration: id, name and role of each account.
    pub(crate) demo: Vec<(String, String, AccountRole)>,
}

/// Everything a server answers.
pub(crate) fn router(app: App) -> Router {
    routes::router(&app)
        .fallback(reply::no_address)
        .method_not_allowed_fallback(reply::not_so)
        .layer(middleware::from_fn_with_state(app.clone(), guard::around))
        // Cookies do not travel from other sites (SameSite), so nobody else can make a page grow
        // and watch by how much.
        .layer(CompressionLayer::new().gzip(true))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}

/// The time zone of a configuration.
pub(crate) fn local_time(config: &Config) -> Result<LocalTime, crate::ServerError> {
    LocalTime::new(&config.time_zone)
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}
