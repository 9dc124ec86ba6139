//! Connections with limits: how many at once, and how long one may be silent.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

/// Most connections at once; the next waits for a place.
const CONNECTIONS_MAX: usize = 8_192;
/// How long neither side may say anything, in seconds. A page that follows changes hears a beat
/// more often than that.
const SILENT_SECONDS: u64 = 30;

/// Takes connections, each with its limits.
pub struct Listening {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Listening {
    /// Limits the connections of a listener.
    pub fn new(listener: TcpListener) -> Listening {
        Listening { listener, places: Arc::new(Semaphore::new(CONNECTIONS_MAX)) }
    }

    /// The next connection. What fails is the connection, not the listener.
    pub async fn next(&mut self) -> (Limited, SocketAddr) {
        loop {
            // The semaphore is never closed.
            let Ok(place) = self.places.clone().acquire_owned().await else {
                std::future::pending().await
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => return (Limited::new(stream, place), peer),
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
}

impl Limited {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Limited {
        let silence = Box::pin(tokio::time::sleep(Duration::from_secs(SILENT_SECONDS)));
        Limited { stream, silence, _place: place }
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
