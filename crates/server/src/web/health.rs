//! Whether the server lives, whether it is ready, and its numbers for Prometheus.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::App;
use crate::server::Peer;

type Labels = Vec<(String, String)>;

/// Upper ends of the buckets of answering times, in seconds.
const BUCKETS: [f64; 9] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Numbers about requests and the department; none about a patient.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram, fn() -> Histogram>,
    open_visits: Gauge,
    log_events: Gauge,
    sessions: Gauge,
    live_lines: Gauge,
    audit_lost: Gauge,
    not_saved: Counter,
    hl7_waiting: Family<Labels, Gauge>,
    hl7_oldest: Family<Labels, Gauge>,
    hl7_told: Family<Labels, Gauge>,
    hl7_refused: Family<Labels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("cauda");
        let seconds: fn() -> Histogram = || Histogram::new(BUCKETS);
        let metrics = Metrics {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            open_visits: Gauge::default(),
            log_events: Gauge::default(),
            sessions: Gauge::default(),
            live_lines: Gauge::default(),
            audit_lost: Gauge::default(),
            not_saved: Counter::default(),
            hl7_waiting: Family::default(),
            hl7_oldest: Family::default(),
            hl7_told: Family::default(),
            hl7_refused: Family::default(),
            registry: Registry::default(),
        };
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register("request_seconds", "Time to answer", metrics.seconds.clone());
        registry.register(
            "open_visits",
            "Visits in which something is to be done",
            metrics.open_visits.clone(),
        );
        registry.register("log_events", "Events of the record", metrics.log_events.clone());
        registry.register("sessions", "People signed in", metrics.sessions.clone());
        registry.register("live_lines", "Pages that follow changes", metrics.live_lines.clone());
        registry.register(
            "audit_notes_lost",
            "Audit notes that were lost",
            metrics.audit_lost.clone(),
        );
        registry.register(
            "not_saved",
            "Commands the record did not take",
            metrics.not_saved.clone(),
        );
        registry.register(
            "hl7_waiting",
            "HL7 messages that a receiver has not taken yet",
            metrics.hl7_waiting.clone(),
        );
        registry.register(
            "hl7_waiting_seconds",
            "For how long the oldest of them waits",
            metrics.hl7_oldest.clone(),
        );
        registry.register(
            "hl7_told",
            "HL7 messages that a receiver took since the start",
            metrics.hl7_told.clone(),
        );
        registry.register(
            "hl7_refused",
            "HL7 messages of ours that need a person, since the start",
            metrics.hl7_refused.clone(),
        );
        Metrics { registry, ..metrics }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let label = |name: &str, value: &str| (name.to_string(), value.to_string());
        let method = match method.as_str() {
            known @ ("GET" | "POST") => known,
            _ => "other",
        };
        let method = label("method", method);
        let route = label("route", route);
        let labels = vec![method, route.clone(), label("status", &status.to_string())];
        self.requests.get_or_create(&labels).inc();
        if route.1 != "/live" {
            self.seconds.get_or_create(&vec![route]).observe(took.as_secs_f64());
        }
    }

    /// Counts a command that was not saved.
    pub fn was_not_saved(&self) {
        self.not_saved.inc();
    }
}

/// The process lives.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The record answers and the pages are up to date with it.
pub async fn ready(State(app): State<App>) -> Response {
    match app.department.record().size().await {
        Ok(size) if app.department.position() >= size => "ready\n".into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "catching up with the record\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the record is away\n").into_response(),
    }
}

/// The numbers, for this machine alone.
pub async fn metrics(State(app): State<App>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let local = peer.is_some_and(|ConnectInfo(Peer(peer))| peer.ip().is_loopback());
    let headers = request.headers();
    let passed_on = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    if !local || passed_on {
        return (StatusCode::FORBIDDEN, "only from this machine\n").into_response();
    }
    let numbers = &app.metrics;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    numbers.open_visits.set(count(app.department.open_visits().len()));
    numbers.log_events.set(i64::try_from(app.department.position()).unwrap_or(i64::MAX));
    numbers.sessions.set(count(app.sessions.count()));
    numbers.live_lines.set(count(app.watchers.load(Ordering::Relaxed)));
    numbers.audit_lost.set(i64::try_from(app.audit.lost()).unwrap_or(i64::MAX));
    for (receiver, waiting, oldest, told, refused) in
        app.telling.iter().flat_map(|telling| telling.figures())
    {
        let labels = vec![("receiver".to_string(), receiver)];
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        numbers.hl7_waiting.get_or_create(&labels).set(count(waiting));
        numbers.hl7_oldest.get_or_create(&labels).set(oldest);
        numbers.hl7_told.get_or_create(&labels).set(whole(told));
        numbers.hl7_refused.get_or_create(&labels).set(whole(refused));
    }
    let mut text = String::new();
    match encode(&mut text, &numbers.registry) {
        Ok(()) => {
            let kind = HeaderValue::from_static(
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            );
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
