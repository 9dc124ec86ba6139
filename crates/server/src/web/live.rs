//! Changes as they happen: which visit, at which position, and a beat that proves the line is
//! alive. Nothing about a patient travels here.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_pathway::identity::VisitId;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::App;
use super::guard::Asked;
use crate::department::Change;
use crate::sessions::Standing;

/// Most open lines of staff; a page beyond them says that it is not live.
const WATCHERS_MAX: usize = 5_000;
/// Most open lines of patients, in all and of one visit: they take none from staff.
const OWN_WATCHERS_MAX: usize = 1_000;
const WATCHERS_OF_A_VISIT_MAX: usize = 4;
/// Seconds between two beats.
const BEAT_SECONDS: u64 = 5;
/// Messages a slow line may be behind before it is cut; the page then looks at everything.
const BEHIND_MAX: usize = 64;

/// Whose line it is.
enum Whose {
    /// Of somebody signed in, by what is kept of the session.
    Session(String),
    /// Of a patient, by the visit; it hears of nothing else, and not even its id.
    Own(OwnLine),
}

/// A patient's line; it is no longer counted once it is dropped.
struct OwnLine {
    app: App,
    visit: VisitId,
    revoked: u32,
}

impl OwnLine {
    /// One more line of the visit, if there is room.
    fn open(app: &App, visit: VisitId, revoked: u32) -> Option<OwnLine> {
        let mut lines = app.own_watchers.lock().ok()?;
        let all: usize = lines.values().sum();
        let own = lines.entry(visit.to_string()).or_insert(0);
        if all >= OWN_WATCHERS_MAX || *own >= WATCHERS_OF_A_VISIT_MAX {
            return None;
        }
        *own += 1;
        drop(lines);
        Some(OwnLine { app: app.clone(), visit, revoked })
    }

    /// Whether the link would still open the page.
    async fn is_good(&self) -> bool {
        let entry = self.app.department.entry(&self.visit).await;
        entry.is_ok_and(|entry| {
            entry.visit.phase.is_live() && entry.visit.links_revoked == self.revoked
        })
    }
}

impl Drop for OwnLine {
    fn drop(&mut self) {
        if let Ok(mut lines) = self.app.own_watchers.lock()
            && let Some(own) = lines.get_mut(self.visit.as_str())
        {
            *own = own.saturating_sub(1);
            if *own == 0 {
                lines.remove(self.visit.as_str());
            }
        }
    }
}

/// The line.
pub async fn live(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    if app.watchers.fetch_add(1, Ordering::Relaxed) >= WATCHERS_MAX {
        app.watchers.fetch_sub(1, Ordering::Relaxed);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (line, messages) = mpsc::channel(BEHIND_MAX);
    tokio::spawn(async move {
        send(&app, &Whose::Session(asked.session.kept), line).await;
        app.watchers.fetch_sub(1, Ordering::Relaxed);
    });
    answer(messages)
}

/// The line of a patient's own page.
pub fn of_own_visit(app: App, visit: VisitId, revoked: u32) -> Response {
    let Some(own) = OwnLine::open(&app, visit, revoked) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (line, messages) = mpsc::channel(BEHIND_MAX);
    tokio::spawn(async move { send(&app, &Whose::Own(own), line).await });
    answer(messages)
}

fn answer(messages: mpsc::Receiver<Bytes>) -> Response {
    let kind = HeaderValue::from_static("text/event-stream");
    let proxy = HeaderValue::from_static("no");
    let body = Body::from_stream(Messages(messages));
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::HeaderName::from_static("x-accel-buffering"), proxy),
        ],
        body,
    )
        .into_response()
}

async fn send(app: &App, whose: &Whose, line: mpsc::Sender<Bytes>) {
    let mut changes = app.department.changes();
    let mut stopping = app.stopping.clone();
    let mut beats = tokio::time::interval(Duration::from_secs(BEAT_SECONDS));
    loop {
        let change = tokio::select! {
            // Its answer holds a lock, which must not be kept over what follows.
            () = async { drop(stopping.wait_for(|stopping| *stopping).await) } => return,
            () = line.closed() => return,
            _ = beats.tick() => None,
            change = changes.recv() => Some(change),
        };
        let message = match change {
            None => {
                // Who signed out, or whose link has ended, hears nothing more.
                let is_good = match whose {
                    Whose::Session(kept) => !matches!(app.sessions.peek(kept), Standing::Nobody),
                    Whose::Own(own) => own.is_good().await,
                };
                if !is_good {
                    return;
                }
                format!("event: beat\ndata: {}\n\n", app.clock.micros() / 1_000)
            }
            Some(Ok(change)) => match whose {
                Whose::Session(_) => written(&change),
                Whose::Own(own) if change.visit == own.visit.as_str() => {
                    written(&Change { position: 0, visit: "own".to_string() })
                }
                Whose::Own(_) => continue,
            },
            // Too far behind: everything is to be looked at.
            Some(Err(RecvError::Lagged(_))) => {
                let position = match whose {
                    Whose::Session(_) => app.department.position(),
                    Whose::Own(_) => 0,
                };
                written(&Change { position, visit: "*".to_string() })
            }
            Some(Err(RecvError::Closed)) => return,
        };
        if line.try_send(Bytes::from(message)).is_err() {
            return;
        }
    }
}

fn written(change: &Change) -> String {
    let data = serde_json::json!({ "position": change.position, "visit": change.visit });
    format!("id: {}\ndata: {data}\n\n", change.position)
}

struct Messages(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Messages {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|message| message.map(Ok))
    }
}
