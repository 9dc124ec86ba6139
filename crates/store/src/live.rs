//! How a reader learns that the log has grown, by this server or another.
//!
//! What is passed on is only the size of the log, and only the latest one is kept: however slow
//! a reader is, it misses nothing, because it reads on from where it was. PostgreSQL's
//! notifications carry the same number, so one that is lost is made good by the next, by the
//! reconnection, or by a look every few seconds.

use std::ops::Range;
use std::time::Duration;

use sqlx::postgres::PgListener;
use sqlx::{AnyConnection, AnyPool};
use tokio::sync::watch;

use crate::StoreError;
use crate::engine::CHANNEL;
use crate::value::one;

/// How long the log may have grown unnoticed when a notification is lost, in seconds.
const LOOK_SECONDS: u64 = 5;
/// How long to wait before listening anew at a database that does not answer, in seconds.
const AGAIN_SECONDS: u64 = 1;

/// The new positions of the log, as they come.
#[derive(Clone, Debug)]
pub struct Live {
    size: watch::Receiver<u64>,
    next: u64,
}

impl Live {
    pub(crate) fn new(size: watch::Receiver<u64>, next: u64) -> Live {
        Live { size, next }
    }

    /// Waits until there are positions that this reader has not been given, and gives them.
    /// [`StoreError::Closed`] once the record is closed.
    pub async fn changed(&mut self) -> Result<Range<u64>, StoreError> {
        let next = self.next;
        let size = self.size.wait_for(|size| *size > next).await;
        let size = *size.map_err(|_| StoreError::Closed)?;
        self.next = size;
        Ok(next..size)
    }
}

/// Passes on that the log has at least this size.
pub(crate) fn tell(sender: &watch::Sender<u64>, size: u64) {
    sender.send_if_modified(|known| {
        let grown = size > *known;
        *known = size.max(*known);
        grown
    });
}

/// How many events the log has.
pub(crate) async fn size(readers: &AnyPool) -> sqlx::Result<u64> {
    size_on(&mut *readers.acquire().await?).await
}

/// The same, on a connection at hand.
pub(crate) async fn size_on(connection: &mut AnyConnection) -> sqlx::Result<u64> {
    one(connection, "SELECT size FROM log_head WHERE id = 1", []).await?.count(0)
}

/// Listens to the other servers of a database until it is aborted.
pub(crate) async fn listen(address: String, readers: AnyPool, sender: watch::Sender<u64>) {
    loop {
        drop(listen_once(&address, &readers, &sender).await);
        tokio::time::sleep(Duration::from_secs(AGAIN_SECONDS)).await;
    }
}

async fn listen_once(
    address: &str,
    readers: &AnyPool,
    sender: &watch::Sender<u64>,
) -> sqlx::Result<()> {
    let mut listener = PgListener::connect(address).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // First a look, so that nothing is missed between connecting and listening.
        tell(sender, size(readers).await?);
        let wait = Duration::from_secs(LOOK_SECONDS);
        while let Ok(heard) = tokio::time::timeout(wait, listener.try_recv()).await {
            let Some(notification) = heard? else { break };
            if let Ok(size) = notification.payload().parse() {
                tell(sender, size);
            }
        }
    }
}
