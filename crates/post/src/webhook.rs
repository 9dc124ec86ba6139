//! A message as JSON to one address of the house, which passes it on: as a text message, say.
//!
//! It is signed as webhooks commonly are: `Cauda-Signature: t=SECONDS,v1=HEX`, where HEX is
//! HMAC-SHA-256 of `SECONDS.BODY`. `Idempotency-Key` is the message's key.
//!
//! The client is hyper's one connection and nothing above it: there are no redirects, proxies,
//! cookies or pools to switch off, and a time limit ends everything it has begun.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use ring::hmac;
use rustls::ClientConfig;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::files::{self, wrong};
use crate::trust::Trust;
use crate::trying::by_http;
use crate::wire::{self, Stream};
use crate::{Clock, Fault, Message, Outcome, PostError};

/// Most bytes of the address.
const URL_BYTES_MAX: usize = 2_048;
/// Fewest characters of the secret.
const SECRET_CHARACTERS_MIN: usize = 32;
/// Most bytes read of one connection.
const READ_BYTES_MAX: usize = 65_536;
/// Most bytes and lines of the head of an answer.
const HEAD_BYTES_MAX: usize = 16_384;
const HEAD_LINES_MAX: usize = 100;
/// Most bytes of an answer's body that are read, and thrown away.
const DISCARDED_BYTES_MAX: usize = 16_384;

/// Where messages are posted.
#[derive(Clone)]
pub struct WebhookSettings {
    /// `https://…`, or `http://` to an address of this machine such as 127.0.0.1.
    pub url: String,
    /// A file with the secret that signs, one line of at least 32 characters.
    pub secret: PathBuf,
    /// A file with the only authorities to believe, in PEM; without one the public ones.
    pub authority: Option<PathBuf>,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl WebhookSettings {
    /// Public authorities, 30 seconds.
    pub fn new(url: &str, secret: PathBuf) -> WebhookSettings {
        let timeout = Duration::from_secs(wire::TIMEOUT_SECONDS);
        WebhookSettings { url: url.to_string(), secret, authority: None, timeout }
    }
}

/// A webhook, ready to be posted to.
pub struct Webhook {
    place: Place,
    tls: Option<Arc<ClientConfig>>,
    secret: hmac::Key,
    timeout: Duration,
    clock: Clock,
}

/// The one address that is ever posted to, taken apart once.
struct Place {
    encrypted: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl Webhook {
    /// Reads the files and connects to nothing.
    ///
    /// # Errors
    /// [`PostError::Setting`], [`PostError::File`].
    pub fn open(settings: &WebhookSettings, clock: Clock) -> Result<Webhook, PostError> {
        let place = Place::read(&settings.url)?;
        let trust = Trust::read(settings.authority.as_deref())?;
        let tls = place.encrypted.then(|| trust.client()).transpose()?;
        let secret = match <[String; 1]>::try_from(files::secret_lines(&settings.secret)?) {
            Ok([secret]) if secret.chars().count() >= SECRET_CHARACTERS_MIN => secret,
            _ => return Err(wrong(&settings.secret, "write one line of 32 characters or more")),
        };
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Ok(Webhook { place, tls, secret, timeout: settings.timeout, clock })
    }

    /// Tries once to post a message.
    pub async fn send(&self, message: &Message) -> Outcome {
        let now = (self.clock)();
        let Ok(request) = self.request(message, now) else {
            return Outcome::Never { what: Fault::Unwritable };
        };
        // Holds the connection at work, and ends it when this function does.
        let mut work = JoinSet::new();
        match timeout(self.timeout, self.post(request, &mut work)).await {
            Err(_) => Outcome::later(Fault::Slow),
            Ok(Err(what)) => Outcome::later(what),
            Ok(Ok(response)) => {
                let status = response.status().as_u16();
                let outcome = by_http(status, retry_after(response.headers(), now));
                discard(response).await;
                outcome
            }
        }
    }

    /// Reaches the other side, encrypts, and leaves.
    ///
    /// # Errors
    /// Why that failed.
    pub async fn check(&self) -> Result<(), Fault> {
        timeout(self.timeout, self.reach()).await.unwrap_or(Err(Fault::Slow)).map(drop)
    }

    async fn reach(&self) -> Result<Stream, Fault> {
        let wire = wire::dial(&self.place.host, self.place.port, READ_BYTES_MAX).await?;
        match &self.tls {
            Some(config) => wire::encrypt(wire, &self.place.host, config).await,
            None => Ok(Stream::Plain(wire)),
        }
    }

    async fn post(
        &self,
        request: Request<Full<Bytes>>,
        work: &mut JoinSet<()>,
    ) -> Result<Response<Incoming>, Fault> {
        let stream = TokioIo::new(self.reach().await?);
        let mut builder = http1::Builder::new();
        builder.max_buf_size(HEAD_BYTES_MAX).max_headers(HEAD_LINES_MAX);
        let (mut sender, connection) = builder.handshake(stream).await.map_err(fault)?;
        work.spawn(async move { drop(connection.await) });
        sender.send_request(request).await.map_err(fault)
    }

    fn request(
        &self,
        message: &Message,
        now: i64,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let body = serde_json::json!({
            "key": message.key(),
            "to": message.to().reveal(),
            "subject": message.subject(),
            "text": message.text(),
        });
        let body = body.to_string();
        let tag = hmac::sign(&self.secret, format!("{now}.{body}").as_bytes());
        let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Request::post(&self.place.path)
            .header(HOST, &self.place.authority)
            .header(USER_AGENT, "cauda")
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", message.key())
            .header("cauda-signature", format!("t={now},v1={tag}"))
            .body(Full::new(Bytes::from(body)))
    }
}

impl Place {
    fn read(url: &str) -> Result<Place, PostError> {
        let wrong = |what| PostError::Setting { name: "webhook", what };
        // The fragment is looked for in the text, because the parser drops it without a word.
        if url.len() > URL_BYTES_MAX || url.contains('#') {
            return Err(wrong("write an address without # of at most 2048 characters"));
        }
        let uri: Uri = url.parse().map_err(|_| wrong("this is no address"))?;
        let authority = uri.authority().ok_or_else(|| wrong("write it from https:// on"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("name and password do not belong into an address"));
        }
        let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let bare = authority.host().trim_start_matches('[').trim_end_matches(']');
        wire::check_host("webhook", bare)?;
        let stays_here = uri.scheme() == Some(&Scheme::HTTP) && wire::is_loopback(bare);
        if !encrypted && !stays_here {
            return Err(wrong("only https:// leaves this machine; http:// goes to 127.0.0.1"));
        }
        Ok(Place {
            encrypted,
            host: bare.to_string(),
            port: authority.port_u16().unwrap_or(if encrypted { 443 } else { 80 }),
            authority: authority.to_string(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_string(),
        })
    }
}

/// The path may be a secret by itself, so it is not shown.
impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "webhook {}", self.place.authority)
    }
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "webhook signed by {}", self.secret.display())
    }
}

/// Seconds that the other side asks us to wait, RFC 9110 section 10.2.3: a number, or a date.
fn retry_after(headers: &HeaderMap, now: i64) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(i64::MAX));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(|seconds| seconds.saturating_sub(now))
}

/// Lets the other side finish what it says, as far as it is short.
async fn discard(response: Response<Incoming>) {
    let mut body = response.into_body();
    let reading = async {
        let mut bytes = 0;
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > DISCARDED_BYTES_MAX {
                break;
            }
        }
    };
    drop(timeout(Duration::from_secs(wire::FAREWELL_SECONDS), reading).await);
}

fn fault(error: hyper::Error) -> Fault {
    if error.is_parse() { Fault::Nonsense } else { Fault::Cut }
}
