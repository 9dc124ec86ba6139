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
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::App;
use super::guard::Asked;
use crate::department::Change;
use crate::sessions::Standing;

/// Most open lines; a page beyond them says that it is not live.
const WATCHERS_MAX: usize = 5_000;
/// Seconds between two beats.
const BEAT_SECONDS: u64 = 5;
/// Messages a slow line may be behind before it is cut; the page then looks at everything.
const BEHIND_MAX: usize = 64;

/// Whose line it is.
enum Whose {
    /// Of somebody signed in, by what is kept of the session.
    Session(String),
    /// Of a patient, by the visit; it hears of nothing else, and not even its id.
    Own(String),
}

/// The line.
pub async fn live(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    open(app, Whose::Session(asked.session.kept))
}

/// The line of a patient's own page.
pub fn of_own_visit(app: App, visit: String) -> Response {
    open(app, Whose::Own(visit))
}

fn open(app: App, whose: Whose) -> Response {
    if app.watchers.fetch_add(1, Ordering::Relaxed) >= WATCHERS_MAX {
        app.watchers.fetch_sub(1, Ordering::Relaxed);
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (line, messages) = mpsc::channel(BEHIND_MAX);
    tokio::spawn(async move {
        send(&app, &whose, line).await;
        app.watchers.fetch_sub(1, Ordering::Relaxed);
    });
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
        let message = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = line.closed() => return,
            _ = beats.tick() => {
                // Who signed out or whose account was closed hears nothing more.
                if let Whose::Session(kept) = whose
                    && matches!(app.sessions.peek(kept), Standing::Nobody)
                {
                    return;
                }
                format!("event: beat\ndata: {}\n\n", app.clock.micros() / 1_000)
            }
            change = changes.recv() => match change {
                Ok(change) => match whose {
                    Whose::Session(_) => written(&change),
                    Whose::Own(visit) if change.visit == *visit => {
                        written(&Change { position: 0, visit: "own".to_string() })
                    }
                    Whose::Own(_) => continue,
                },
                // Too far behind: everything is to be looked at.
                Err(RecvError::Lagged(_)) => {
                    let position = match whose {
                        Whose::Session(_) => app.department.position(),
                        Whose::Own(_) => 0,
                    };
                    written(&Change { position, visit: "*".to_string() })
                }
                Err(RecvError::Closed) => return,
            },
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
