//! Who keeps something in memory as the record has it reads the log as it grows, by this server or
//! another, and of it only the streams that matter there: a call of an EHR writes much that no
//! board ever shows.

use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use cauda_store::{Event, PAGE_MAX, Record, StoreError};
use tokio::sync::watch;

use crate::ServerError;

/// How long to wait before a page of the log is tried again, in seconds.
const AGAIN_SECONDS: u64 = 1;

/// Something that is kept as the log has it.
pub trait Follower: Sync {
    /// Kinds of the streams it is made of: `visit` for `visit/1`.
    const KINDS: [&'static str; 3];

    /// The record whose log it follows.
    fn record(&self) -> &Record;

    /// Size of the log that it stands at.
    fn applied(&self) -> &watch::Sender<u64>;

    /// Takes rows in, in their order; the same row twice changes nothing.
    fn take(&self, rows: &[Event]) -> impl Future<Output = Result<(), ServerError>> + Send;
}

/// Takes the log in as it grows, until the record is closed.
pub async fn follow(follower: &impl Follower) {
    let mut live = follower.record().watch(*follower.applied().borrow());
    while let Ok(grown) = live.changed().await {
        let mut from = grown.start;
        while from < grown.end {
            let to = grown.end.min(from + PAGE_MAX as u64);
            match page(follower, from..to).await {
                Ok(()) => {
                    from = to;
                    follower.applied().send_replace(to);
                }
                Err(ServerError::Store(StoreError::Closed)) => return,
                Err(error) => {
                    tracing::warn!(%error, "the log cannot be taken in; again in a second");
                    tokio::time::sleep(Duration::from_secs(AGAIN_SECONDS)).await;
                }
            }
        }
    }
}

/// Taken in whole before the position moves.
async fn page<F: Follower>(follower: &F, positions: Range<u64>) -> Result<(), ServerError> {
    let rows = follower.record().log_of(positions, F::KINDS).await?;
    if rows.is_empty() { Ok(()) } else { follower.take(&rows).await }
}
