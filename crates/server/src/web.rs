//! Requests: a table of routes, each with who may; the guard in front; the pages behind.

mod accounts;
mod assets;
mod calendar;
mod forms;
mod guard;
mod guideline;
mod health;
mod limits;
mod live;
mod reply;
mod routes;
mod sign_in;
mod staff;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use cauda_pages::Publication;
use tokio::sync::{OnceCell, watch};

use crate::access::AccountRole;
use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::department::Department;
use crate::sessions::Sessions;

pub use forms::BODY_BYTES_MAX;
pub use health::Metrics;
pub use routes::{Route, ROUTES};

use calendar::LocalTime;
use limits::Limits;

/// Makes the guideline's pages when they are first asked for.
pub type Publish = Arc<dyn Fn() -> Option<Publication> + Send + Sync>;

/// What every handler has.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub config: Config,
    pub department: Arc<Department>,
    pub accounts: Arc<Accounts>,
    pub sessions: Sessions,
    pub audit: Audit,
    pub clock: Clock,
    pub local_time: LocalTime,
    pub limits: Limits,
    pub metrics: Metrics,
    pub publish: Publish,
    pub published: OnceCell<Option<Publication>>,
    pub watchers: AtomicUsize,
    pub stopping: watch::Receiver<bool>,
    /// Of a demonstration: id, name and role of each account.
    pub demo: Vec<(String, String, AccountRole)>,
}

/// Everything a server answers.
pub(crate) fn router(app: App) -> Router {
    routes::router(&app)
        .fallback(reply::nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), guard::around))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app)
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}
