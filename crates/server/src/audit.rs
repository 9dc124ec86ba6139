//! The audit: who looked at what and who did what, one stream a day.
//!
//! A write is an event already; what is noted here is every request that was let in, before its
//! page is shown. While the record is away the notes wait, up to a limit, and what is lost beyond
//! it is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cauda_guideline::time;
use cauda_store::{Append, Expected, NewEvent, Record, StreamAppend, StreamName};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::ids;
use crate::streams;

/// Notes that wait for the record.
const WAITING_MAX: usize = 20_000;
/// Notes written together.
const TOGETHER_MAX: usize = 200;
/// How long to wait before trying the record again, in seconds.
const AGAIN_SECONDS: u64 = 2;

/// One request that was let in.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// As what.
    pub role: &'static str,
    /// What about.
    pub act: &'static str,
    /// `GET` or `POST`.
    pub method: String,
    /// The route, with its places in braces: no patient's text is in it.
    pub route: String,
    /// Which visit.
    pub visit: Option<String>,
}

/// Where requests are noted.
#[derive(Clone)]
pub struct Audit {
    queue: mpsc::Sender<Seen>,
    lost: Arc<AtomicU64>,
}

impl Audit {
    /// An audit in that record; its writer ends when all of its clones are gone.
    pub fn open(record: Record, clock: Clock) -> (Audit, impl Future<Output = ()> + Send) {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        (Audit { queue, lost: Arc::default() }, write(record, clock, waiting))
    }

    /// Notes a request.
    pub fn note(&self, seen: Seen) {
        if self.queue.try_send(seen).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!("an audit note was lost: the record has been away for too long");
        }
    }

    /// How many notes were lost.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

async fn write(record: Record, clock: Clock, mut waiting: mpsc::Receiver<Seen>) {
    let mut together = Vec::with_capacity(TOGETHER_MAX);
    while waiting.recv_many(&mut together, TOGETHER_MAX).await > 0 {
        let day = time::write(clock.now());
        let stream = StreamName::new(format!("audit/{}", day.get(..10).unwrap_or("day")));
        let rows: Vec<NewEvent> =
            together.drain(..).filter_map(|seen| streams::row("request", 1, &seen).ok()).collect();
        let (Ok(stream), false) = (stream, rows.is_empty()) else { continue };
        let append = Append {
            command: ids::new_id(),
            actor: "cauda".to_string(),
            recorded_at: clock.micros(),
            streams: vec![StreamAppend { stream, expected: Expected::Any, events: rows }],
        };
        loop {
            match record.append(append.clone()).await {
                Ok(_) => break,
                Err(cauda_store::StoreError::Closed) => return,
                Err(cauda_store::StoreError::Malformed(why)) => {
                    tracing::error!(why, "audit notes that cannot be written were dropped");
                    break;
                }
                Err(error) => {
                    tracing::warn!(%error, "audit notes wait for the record");
                    tokio::time::sleep(Duration::from_secs(AGAIN_SECONDS)).await;
                }
            }
        }
    }
}
