//! One question, one connection, one answer.
//!
//! The client is hyper's one connection and nothing above it: there are no redirects, proxies,
//! cookies or pools to switch off, and a time limit ends everything it has begun.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::reach::{Guard, Names, Reach};
use crate::wire::{self, Stream};
use crate::{Fault, Place, Trust};

/// Most bytes and lines of the head of an answer.
const HEAD_BYTES_MAX: usize = 16_384;
const HEAD_LINES_MAX: usize = 100;

/// Asks places, each time on a connection of its own.
pub struct Client {
    tls: Arc<ClientConfig>,
    timeout: Duration,
    read_bytes_max: usize,
    guard: Guard,
}

/// An answer whose head has come. Its connection ends with it.
pub struct Answer {
    response: Response<Incoming>,
    // Holds the connection at work.
    _work: JoinSet<()>,
}

impl Client {
    /// Connects to nothing. The time is that until the head of an answer; the bytes are those
    /// read of one connection, handshakes included.
    ///
    /// # Errors
    /// [`Fault::Encryption`] when the authorities cannot be used.
    pub fn new(trust: &Trust, timeout: Duration, read_bytes_max: usize) -> Result<Client, Fault> {
        Ok(Client { tls: trust.client()?, timeout, read_bytes_max, guard: Guard::new() })
    }

    /// Goes to these addresses alone; without it, wherever the name of a place leads.
    pub fn within(mut self, reach: Reach) -> Client {
        self.guard.reach = Some(reach);
        self
    }

    /// Looks names up in another way than this machine does.
    pub fn by_names(mut self, names: Names) -> Client {
        self.guard.names = names;
        self
    }

    /// Sends a request, which [`Place::get`] or [`Place::post`] began, to its place.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(&self, place: &Place, request: Request<Bytes>) -> Result<Answer, Fault> {
        let asking = self.exchange(place, request.map(Full::new));
        timeout(self.timeout, asking).await.unwrap_or(Err(Fault::Slow))
    }

    /// Reaches the other side, encrypts, and leaves.
    ///
    /// # Errors
    /// Why that failed.
    pub async fn check(&self, place: &Place) -> Result<(), Fault> {
        timeout(self.timeout, self.reach(place)).await.unwrap_or(Err(Fault::Slow)).map(drop)
    }

    async fn reach(&self, place: &Place) -> Result<Stream, Fault> {
        let (host, port) = (place.host(), place.port());
        let wire = wire::dial_guarded(&self.guard, host, port, self.read_bytes_max).await?;
        match place.is_encrypted() {
            true => wire::encrypt(wire, host, &self.tls).await,
            false => Ok(Stream::Plain(wire)),
        }
    }

    async fn exchange(
        &self,
        place: &Place,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, Fault> {
        let stream = TokioIo::new(self.reach(place).await?);
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEAD_LINES_MAX);
        let (mut sender, connection) = builder.handshake(stream).await.map_err(fault)?;
        let mut work = JoinSet::new();
        work.spawn(async move { drop(connection.await) });
        let response = sender.send_request(request).await.map_err(fault)?;
        Ok(Answer { response, _work: work })
    }
}

impl Answer {
    /// The status, RFC 9110 section 15.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Its header fields.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The whole body, if it has no more bytes than that. How long that may take is the caller's.
    ///
    /// # Errors
    /// [`Fault::Large`], [`Fault::Cut`].
    pub async fn body(self, bytes_max: usize) -> Result<Vec<u8>, Fault> {
        let Answer { response, _work } = self;
        let mut body = response.into_body();
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Fault::Cut)?;
            let more = frame.data_ref().map_or(&[][..], |data| data);
            if bytes.len() + more.len() > bytes_max {
                return Err(Fault::Large);
            }
            bytes.extend_from_slice(more);
        }
        Ok(bytes)
    }
}

fn fault(error: hyper::Error) -> Fault {
    if error.is_parse() { Fault::Nonsense } else { Fault::Cut }
}
