//! Connections with limits: how many at once, and how long one may be silent.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// Most connections at once; the next waits for a place.
const CONNECTIONS_MAX: usize = 8_192;
/// Most connections from one address, so that one stranger does not take every place. Behind a
/// proxy all come from there, and the proxy counts.
const CONNECTIONS_OF_ONE_MAX: usize = 1_024;
/// How long neither side may say anything, in seconds. A page that follows changes hears a beat
/// more often than that.
const SILENT_SECONDS: u64 = 30;

/// Takes connections, each with its limits.
pub struct Listening {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// Connections by address; nothing behind a proxy.
    by_address: Option<Counts>,
}

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// A connection among those of its address, for as long as it lasts.
struct Counted {
    address: IpAddr,
    counts: Counts,
}

impl Counted {
    /// Counts it; nothing if the address has as many as it may.
    fn new(address: IpAddr, counts: &Counts) -> Option<Counted> {
        let mut all = counts.lock().ok()?;
        let count = all.entry(address).or_default();
        if *count >= CONNECTIONS_OF_ONE_MAX {
            return None;
        }
        *count += 1;
        Some(Counted { address, counts: counts.clone() })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Ok(mut all) = self.counts.lock() else { return };
        if let Some(count) = all.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}

impl Listening {
    /// Limits the connections of a listener.
    pub fn new(listener: TcpListener, behind_proxy: bool) -> Listening {
        let by_address = (!behind_proxy).then(Counts::default);
        Listening { listener, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)), by_address }
    }

    /// The next connection. What fails is the connection, not the listener.
    pub async fn next(&mut self) -> (Limited, SocketAddr) {
        loop {
            // The semaphore is never closed.
            let Ok(place) = self.places.clone().acquire_owned().await else {
                std::future::pending().await
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let counted = match &self.by_address {
                        Some(counts) => match Counted::new(peer.ip(), counts) {
                            Some(counted) => Some(counted),
                            // Too many of one: this one ends, the others go on.
                            None => continue,
                        },
                        None => None,
                    };
                    return (Limited::new(stream, place, counted), peer);
                }
                // Out of file descriptors, perhaps: it passes.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

impl axum::serve::Listener for Listening {
    type Io = Limited;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Limited, SocketAddr) {
        self.next().await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends when it is silent for too long.
pub struct Limited {
    stream: TcpStream,
    silence: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
    _counted: Option<Counted>,
}

impl Limited {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit, counted: Option<Counted>) -> Limited {
        let silence = Box::pin(tokio::time::sleep(Duration::from_secs(SILENT_SECONDS)));
        Limited { stream, silence, _place: place, _counted: counted }
    }

    fn heard(&mut self) {
        let until = Instant::now() + Duration::from_secs(SILENT_SECONDS);
        self.silence.as_mut().reset(until);
    }
}

impl AsyncRead for Limited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                self.heard();
                Poll::Ready(read)
            }
            Poll::Pending => match self.silence.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl AsyncWrite for Limited {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_ready() {
            self.heard();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
