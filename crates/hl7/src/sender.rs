//! Sends messages to another system, one after the other on one line, each answered before the
//! next.
//!
//! An answer counts only for the message whose control id it names. If none comes in time the
//! line is closed, so that a late one can never be read for a later message. A message whose fate
//! is not known has to be sent again as it is, under the same control id, which is why whoever
//! sends keeps it in an outbox until it was answered: at least once, never lost.

use std::sync::Arc;
use std::time::Duration;

use cauda_outbound::{Fault, wire};
use rustls::ClientConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep_until, timeout};

use crate::header::header_line;
use crate::mllp::{Decoder, Found, frame};
use crate::{Acknowledgement, Hl7Error, Reading, Verdict, mllp, read_header};

/// Bytes read at once.
const CHUNK_BYTES: usize = 4_096;
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 65_536;
/// Most answers to other messages that are passed over while one is awaited.
const STRAY_ANSWERS_MAX: usize = 16;
/// Most bytes read on one line; then it is closed and another begun.
const LINE_BYTES_MAX: usize = 64 * 1_048_576;

/// Where messages go.
#[derive(Clone)]
pub struct SenderSettings {
    /// The name or number of the host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Encrypts the line; its certificate must name the host.
    pub tls: Option<Arc<ClientConfig>>,
    /// How long reaching it, and an answer, may take each.
    pub timeout: Duration,
    /// How long to wait after an answer before the next message: some receivers lose what comes
    /// too soon. Usually nothing.
    pub pause: Duration,
}

/// Sends messages.
pub struct Sender {
    settings: SenderSettings,
    line: Option<Line>,
    /// Not before then.
    next: Instant,
}

/// What the other side says of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// Taken: it is theirs. Later: send it again. Never: a person has to look at it.
    pub verdict: Verdict,
    /// Their reason. It may hold anything; keep it out of logs.
    pub why: Option<String>,
}

crate::data_types::masked!(Sent);

struct Line {
    stream: wire::Stream,
    decoder: Decoder,
    /// Bytes that came after the last answer.
    kept: Vec<u8>,
}

impl SenderSettings {
    /// Without TLS and without a pause; half a minute for an answer.
    pub fn new(host: &str, port: u16) -> SenderSettings {
        SenderSettings {
            host: host.to_string(),
            port,
            tls: None,
            timeout: Duration::from_secs(wire::TIMEOUT_SECONDS),
            pause: Duration::ZERO,
        }
    }
}

impl Sender {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`Hl7Error::Setting`] for what is no host.
    pub fn new(settings: SenderSettings) -> Result<Sender, Hl7Error> {
        wire::check_host("host", &settings.host)?;
        Ok(Sender { settings, line: None, next: Instant::now() })
    }

    /// Sends a message, as [`crate::write`] made it, and waits for its answer. A line that the
    /// other side had closed meanwhile is opened again, once.
    ///
    /// # Errors
    /// Why its fate is not known. It may have arrived all the same.
    pub async fn send(&mut self, message: &[u8]) -> Result<Sent, Fault> {
        let control_id = control_id(message).ok_or(Fault::Nonsense)?;
        let framed = frame(message);
        sleep_until(self.next).await;
        if let Some(line) = self.line.take() {
            match self.exchange(line, &framed, &control_id).await {
                Err(Fault::Cut) => {}
                other => return other,
            }
        }
        let line =
            timeout(self.settings.timeout, self.reach()).await.unwrap_or(Err(Fault::Slow))?;
        self.exchange(line, &framed, &control_id).await
    }

    /// Reaches the other side, encrypts, and leaves.
    ///
    /// # Errors
    /// Why that failed.
    pub async fn check(&self) -> Result<(), Fault> {
        timeout(self.settings.timeout, self.reach()).await.unwrap_or(Err(Fault::Slow)).map(drop)
    }

    async fn reach(&self) -> Result<Line, Fault> {
        let (host, port) = (&self.settings.host, self.settings.port);
        let wire = wire::dial(host, port, LINE_BYTES_MAX).await?;
        let stream = match &self.settings.tls {
            Some(tls) => wire::encrypt(wire, host, tls).await?,
            None => wire::Stream::Plain(wire),
        };
        Ok(Line { stream, decoder: Decoder::new(ANSWER_BYTES_MAX), kept: Vec::new() })
    }

    /// The line is kept only if it gave the answer to this very message.
    async fn exchange(
        &mut self,
        mut line: Line,
        framed: &[u8],
        control_id: &str,
    ) -> Result<Sent, Fault> {
        let asking = line.ask(framed, control_id);
        let sent = timeout(self.settings.timeout, asking).await.unwrap_or(Err(Fault::Slow))?;
        self.line = Some(line);
        self.next = Instant::now() + self.settings.pause;
        Ok(sent)
    }
}

impl Line {
    async fn ask(&mut self, framed: &[u8], control_id: &str) -> Result<Sent, Fault> {
        self.stream.write_all(framed).await.map_err(|_| Fault::Cut)?;
        self.stream.flush().await.map_err(|_| Fault::Cut)?;
        for _ in 0..=STRAY_ANSWERS_MAX {
            let answer = Acknowledgement::read(&self.frame().await?).ok_or(Fault::Nonsense)?;
            if answer.answers.as_deref() == Some(control_id) {
                return Ok(Sent { verdict: answer.verdict, why: answer.why });
            }
            // An answer to nothing is about this message, perhaps, and nobody can know.
            if answer.answers.is_none() {
                return Err(Fault::Nonsense);
            }
        }
        Err(Fault::Nonsense)
    }

    async fn frame(&mut self) -> Result<Vec<u8>, Fault> {
        let mut chunk = [0; CHUNK_BYTES];
        loop {
            let mut bytes = self.kept.as_slice();
            let found = self.decoder.next(&mut bytes);
            self.kept = bytes.to_vec();
            match found {
                Some(Found::Frame(frame)) => return Ok(frame),
                Some(Found::TooLarge) => return Err(Fault::Large),
                Some(Found::Cut) => continue,
                None => {}
            }
            match self.stream.read(&mut chunk).await {
                Ok(count @ 1..) => {
                    self.kept.extend_from_slice(chunk.get(..count).unwrap_or_default());
                }
                _ => return Err(Fault::Cut),
            }
        }
    }
}

/// MSH-10 of a message of ours.
fn control_id(message: &[u8]) -> Option<String> {
    if message.len() > mllp::FRAME_BYTES_MAX {
        return None;
    }
    let header = read_header(header_line(message), &Reading::new(jiff::tz::TimeZone::UTC))?;
    (!header.control_id.is_empty()).then_some(header.control_id)
}
