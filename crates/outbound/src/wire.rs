//! A line to the other side, plain or encrypted, from which only so much is ever read.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::reach::Guard;
use crate::{Fault, OutboundError};

/// Bytes read at once.
const CHUNK_BYTES: usize = 4_096;
/// Addresses tried of one name.
const ADDRESSES_MAX: usize = 8;
/// Longest that one address may take, in seconds, so that a dead one leaves time for the next.
const ADDRESS_SECONDS_MAX: u64 = 10;
/// Most bytes of a name of a host.
const HOST_BYTES_MAX: usize = 253;
/// How long the end of a conversation may take, in seconds; nothing depends on it any more.
pub const FAREWELL_SECONDS: u64 = 2;
/// How long the other side may take, in seconds.
pub const TIMEOUT_SECONDS: u64 = 30;

/// A connection that reads a stated number of bytes, and hands on one line at a time: what was
/// sent ahead in plain text is never taken for an answer on the encrypted line.
#[derive(Debug)]
pub struct Wire {
    tcp: TcpStream,
    kept: Box<[u8]>,
    from: usize,
    to: usize,
    left: usize,
}

impl Wire {
    /// Whom it reaches.
    ///
    /// # Errors
    /// When the line is closed.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.peer_addr()
    }
}

/// A line, plain or encrypted.
#[derive(Debug)]
pub enum Stream {
    /// Plain, to this machine or before STARTTLS.
    Plain(Wire),
    /// Encrypted by TLS.
    Encrypted(Box<TlsStream<Wire>>),
}

impl Stream {
    /// Whom it reaches.
    ///
    /// # Errors
    /// When the line is closed.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Stream::Plain(wire) => wire.peer_addr(),
            Stream::Encrypted(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

/// Whether a host is this machine by its number. A name may be led elsewhere, so no name is.
pub fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses what is no name of a host and no number of one.
///
/// # Errors
/// [`OutboundError::Setting`].
pub fn check_host(name: &'static str, host: &str) -> Result<(), OutboundError> {
    if host.len() > HOST_BYTES_MAX || ServerName::try_from(host).is_err() {
        return Err(OutboundError::Setting { name, what: "this is no name of a host" });
    }
    Ok(())
}

/// Connects to the first address that answers. Of all handshakes and answers together, so many
/// bytes are read.
///
/// # Errors
/// [`Fault::Away`].
pub async fn dial(host: &str, port: u16, bytes_max: usize) -> Result<Wire, Fault> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|_| Fault::Away)?;
    connect(found, bytes_max).await
}

/// The same, to none but addresses that may be reached.
pub(crate) async fn dial_guarded(
    guard: &Guard,
    host: &str,
    port: u16,
    bytes_max: usize,
) -> Result<Wire, Fault> {
    let found = guard.addresses(host, port).await.map_err(|_| Fault::Away)?;
    match found.is_empty() {
        true => Err(Fault::Forbidden),
        false => connect(found.into_iter(), bytes_max).await,
    }
}

async fn connect(found: impl Iterator<Item = SocketAddr>, bytes_max: usize) -> Result<Wire, Fault> {
    for address in found.take(ADDRESSES_MAX) {
        let limit = Duration::from_secs(ADDRESS_SECONDS_MAX);
        if let Ok(Ok(tcp)) = timeout(limit, TcpStream::connect(address)).await {
            let kept = vec![0; CHUNK_BYTES].into_boxed_slice();
            return Ok(Wire { tcp, kept, from: 0, to: 0, left: bytes_max });
        }
    }
    Err(Fault::Away)
}

/// Encrypts a line to this host, whose certificate must name it.
///
/// # Errors
/// [`Fault::Encryption`], [`Fault::Cut`].
pub async fn encrypt(wire: Wire, host: &str, config: &Arc<ClientConfig>) -> Result<Stream, Fault> {
    let name = ServerName::try_from(host.to_string()).map_err(|_| Fault::Encryption)?;
    let stream = TlsConnector::from(config.clone()).connect(name, wire).await;
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => Fault::Cut,
        _ => Fault::Encryption,
    };
    stream.map(Box::new).map(Stream::Encrypted).map_err(broken)
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        if wire.from == wire.to {
            if wire.left == 0 {
                return Poll::Ready(Err(io::Error::other("more was sent than is ever read")));
            }
            let most = wire.left.min(wire.kept.len());
            let mut chunk = ReadBuf::new(&mut wire.kept[..most]);
            ready!(Pin::new(&mut wire.tcp).poll_read(context, &mut chunk))?;
            (wire.from, wire.to) = (0, chunk.filled().len());
            wire.left -= wire.to;
        }
        let waiting = &wire.kept[wire.from..wire.to];
        let line =
            waiting.iter().position(|byte| *byte == b'\n').map_or(waiting.len(), |at| at + 1);
        let given = line.min(out.remaining());
        out.put_slice(&waiting[..given]);
        wire.from += given;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(wire) => Pin::new(wire).poll_read(context, out),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(context, out),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Stream::Plain(wire) => Pin::new(wire).poll_write(context, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(wire) => Pin::new(wire).poll_flush(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(wire) => Pin::new(wire).poll_shutdown(context),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
