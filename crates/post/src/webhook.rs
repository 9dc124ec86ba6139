//! A message as JSON to one address of the house, which passes it on: as a text message, say.
//!
//! It is signed as webhooks commonly are: `Cauda-Signature: t=SECONDS,v1=HEX`, where HEX is
//! HMAC-SHA-256 of `SECONDS.BODY`. `Idempotency-Key` is the message's key.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use cauda_outbound::files::{self, wrong};
use cauda_outbound::http::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use cauda_outbound::http::{self, Request};
use cauda_outbound::{Answer, Bytes, Client, Place, Trust, wire};
use ring::hmac;
use tokio::time::timeout;

use crate::trying::by_http;
use crate::{Clock, Fault, Message, Outcome, PostError};

/// Fewest characters of the secret.
const SECRET_CHARACTERS_MIN: usize = 32;
/// Most bytes read of one connection.
const READ_BYTES_MAX: usize = 65_536;
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
    client: Client,
    secret: hmac::Key,
    clock: Clock,
}

impl Webhook {
    /// Reads the files and connects to nothing.
    ///
    /// # Errors
    /// [`PostError::Setting`], [`PostError::File`].
    pub fn open(settings: &WebhookSettings, clock: Clock) -> Result<Webhook, PostError> {
        let place = Place::read("webhook", &settings.url)?;
        let trust = Trust::read(settings.authority.as_deref())?;
        let client = Client::new(&trust, settings.timeout, READ_BYTES_MAX).map_err(Fault::from)?;
        let secret = match <[String; 1]>::try_from(files::secret_lines(&settings.secret)?) {
            Ok([secret]) if secret.chars().count() >= SECRET_CHARACTERS_MIN => secret,
            _ => {
                return Err(
                    wrong(&settings.secret, "write one line of 32 characters or more").into()
                );
            }
        };
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Ok(Webhook { place, client, secret, clock })
    }

    /// Tries once to post a message.
    pub async fn send(&self, message: &Message) -> Outcome {
        let now = (self.clock)();
        let Ok(request) = self.request(message, now) else {
            return Outcome::Never { what: Fault::Unwritable };
        };
        match self.client.ask(&self.place, request).await {
            Err(what) => Outcome::later(what.into()),
            Ok(answer) => {
                let outcome = by_http(answer.status(), retry_after(answer.headers(), now));
                discard(answer).await;
                outcome
            }
        }
    }

    /// Reaches the other side, encrypts, and leaves.
    ///
    /// # Errors
    /// Why that failed.
    pub async fn check(&self) -> Result<(), Fault> {
        Ok(self.client.check(&self.place).await?)
    }

    fn request(&self, message: &Message, now: i64) -> Result<Request<Bytes>, http::Error> {
        let body = serde_json::json!({
            "key": message.key(),
            "to": message.to().reveal(),
            "subject": message.subject(),
            "text": message.text(),
        });
        let body = body.to_string();
        let tag = hmac::sign(&self.secret, format!("{now}.{body}").as_bytes());
        let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.place
            .post()
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", message.key())
            .header("cauda-signature", format!("t={now},v1={tag}"))
            .body(Bytes::from(body))
    }
}

/// The path may be a secret by itself, so it is not shown.
impl fmt::Debug for Webhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "webhook {:?}", self.place)
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
async fn discard(answer: Answer) {
    let limit = Duration::from_secs(wire::FAREWELL_SECONDS);
    drop(timeout(limit, answer.body(DISCARDED_BYTES_MAX)).await);
}
