//! One line: a frame is read, looked at, handed to the desk, and answered, one after the other.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

use crate::acknowledge::is_answer;
use crate::mllp::{Decoder, Found, frame};
use crate::{
    Answer, Code, DeadLetter, Desk, Header, Inbound, Keys, Place, Refused, Reject, Settings,
    Verdict, answer, read,
};

/// Bytes read at once.
const CHUNK_BYTES: usize = 8_192;
/// Most bytes outside of any frame before a line is closed: it speaks something else.
const NOISE_BYTES_MAX: u64 = 65_536;

/// One line and what it needs.
pub(crate) struct Conversation {
    pub(crate) settings: Arc<Settings>,
    pub(crate) desk: Arc<dyn Desk>,
    /// As many messages may be at the desk at once.
    pub(crate) at_desk: Arc<Semaphore>,
    pub(crate) peer: SocketAddr,
    pub(crate) stopped: watch::Receiver<bool>,
}

/// Why a message was not taken.
struct Fault {
    verdict: Verdict,
    code: Code,
    place: Option<Place>,
    why: Cow<'static, str>,
}

impl Fault {
    fn never(code: Code, field: usize, why: &'static str) -> Fault {
        let place = Some(Place::new("MSH", 1, field));
        Fault { verdict: Verdict::Never, code, place, why: Cow::Borrowed(why) }
    }

    fn later(why: impl Into<Cow<'static, str>>) -> Fault {
        Fault { verdict: Verdict::Later, code: Code::Internal, place: None, why: why.into() }
    }
}

impl Conversation {
    /// Holds the line until either side ends it.
    pub(crate) async fn hold(mut self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let limits = self.settings.limits;
        let mut decoder = Decoder::new(limits.frame_bytes_max);
        let mut chunk = [0; CHUNK_BYTES];
        let mut until = Instant::now() + limits.idle;
        while decoder.noise_bytes() <= NOISE_BYTES_MAX && !self.is_over(&decoder) {
            let waiting = !decoder.is_inside();
            let read = tokio::select! {
                biased;
                _ = self.stopped.changed(), if waiting => continue,
                read = timeout_at(until, stream.read(&mut chunk)) => read,
            };
            let Ok(Ok(count @ 1..)) = read else { break };
            let mut bytes = chunk.get(..count).unwrap_or_default();
            let mut begins = waiting;
            while let Some(found) = decoder.next(&mut bytes) {
                begins = true;
                let Some(reply) = self.reply(found).await else { continue };
                let write = async {
                    stream.write_all(&frame(&reply)).await?;
                    stream.flush().await
                };
                if !matches!(timeout(limits.frame, write).await, Ok(Ok(()))) {
                    return;
                }
            }
            // A frame that began in these bytes has its own time from here on; one that only went
            // on has what is left of its time.
            if begins || !decoder.is_inside() {
                let time = if decoder.is_inside() { limits.frame } else { limits.idle };
                until = Instant::now() + time;
            }
        }
        let _ = timeout(limits.frame, stream.shutdown()).await;
    }

    fn is_over(&self, decoder: &Decoder) -> bool {
        *self.stopped.borrow() && !decoder.is_inside()
    }

    /// The answer to what was found, if there is one.
    async fn reply(&self, found: Found) -> Option<Vec<u8>> {
        match found {
            // Its sender had no answer and sends it again.
            Found::Cut => None,
            Found::TooLarge => {
                let why = "the message is larger than is taken";
                let reject = Reject::new(Code::Internal, None, why);
                self.refuse(&[], None, None, reject.into()).await
            }
            Found::Frame(raw) => match read(&raw, &self.settings.reading) {
                Ok(inbound) => self.received(inbound, raw).await,
                Err(mut reject) => {
                    let header = reject.header.take();
                    if let Some(header) =
                        header.as_deref().filter(|header| self.ignores(header, &reject))
                    {
                        return self.say(&raw, Some(header), Verdict::Taken, None);
                    }
                    self.refuse(&raw, header.as_deref(), None, reject.into()).await
                }
            },
        }
    }

    async fn received(&self, inbound: Inbound, raw: Vec<u8>) -> Option<Vec<u8>> {
        let (header, keys) = (inbound.header.clone(), inbound.keys.clone());
        let raw: Arc<[u8]> = raw.into();
        let taken = match self.check(&header) {
            Ok(()) => self.take(inbound, raw.clone()).await,
            Err(fault) => Err(fault),
        };
        match taken {
            Ok(()) => self.say(&raw, Some(&header), Verdict::Taken, None),
            Err(fault) => self.refuse(&raw, Some(&header), Some(&keys), fault).await,
        }
    }

    /// Whether nobody here needs such a message, from a sender who may send.
    fn ignores(&self, header: &Header, reject: &Reject) -> bool {
        let (kind, event) = (&header.kind.0, &header.kind.1);
        let whole = format!("{kind}^{event}");
        let listed = self.settings.ignored.iter().any(|one| one == kind || *one == whole);
        let unread = matches!(reject.code, Code::MessageType | Code::EventCode);
        listed && unread && !is_answer(header) && self.check(header).is_ok()
    }

    fn check(&self, header: &Header) -> Result<(), Fault> {
        let host = self.peer.ip().to_canonical();
        let known = self
            .settings
            .partners
            .iter()
            .any(|partner| partner.is(&header.sender) && partner.sends_from(host));
        if !known {
            let why = "this application and facility may not send from this host";
            return Err(Fault::never(Code::UnknownKey, 3, why));
        }
        match header.processing {
            Some(found) if found != self.settings.processing => {
                let why = "this is not the place for messages of this processing id";
                Err(Fault::never(Code::ProcessingId, 11, why))
            }
            _ => Ok(()),
        }
    }

    /// Hands a message to the desk. A desk that has begun is not interrupted: what it commits
    /// after its time is known again by its keys.
    async fn take(&self, inbound: Inbound, raw: Arc<[u8]>) -> Result<(), Fault> {
        let Ok(place) = self.at_desk.clone().try_acquire_owned() else {
            return Err(Fault::later("too much is being taken at once; send it again"));
        };
        let desk = self.desk.clone();
        let taking = tokio::spawn(async move {
            let _place = place;
            desk.take(inbound, &raw).await
        });
        match timeout(self.settings.limits.desk, taking).await {
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(Ok(Err(Refused::Later(why)))) => Err(Fault::later(why)),
            Ok(Ok(Err(Refused::Never { code, why }))) => {
                Err(Fault { verdict: Verdict::Never, code, place: None, why })
            }
            Ok(Err(_)) => Err(Fault::later("it could not be taken; send it again")),
            Err(_) => Err(Fault::later("it was not taken in time; send it again")),
        }
    }

    /// Keeps what was refused, and says so. An answer of another system is kept without one.
    async fn refuse(
        &self,
        raw: &[u8],
        header: Option<&Header>,
        keys: Option<&Keys>,
        mut fault: Fault,
    ) -> Option<Vec<u8>> {
        let letter = DeadLetter {
            raw,
            peer: self.peer,
            header,
            keys,
            verdict: fault.verdict,
            code: fault.code,
            place: fault.place,
            why: &fault.why,
        };
        let kept = timeout(self.settings.limits.desk, self.desk.keep(letter)).await;
        if !matches!(kept, Ok(Ok(()))) {
            fault = Fault::later("it was refused and could not be kept; send it again");
        }
        if header.is_some_and(is_answer) {
            return None;
        }
        self.say(raw, header, fault.verdict, Some(&fault))
    }

    fn say(
        &self,
        raw: &[u8],
        header: Option<&Header>,
        verdict: Verdict,
        fault: Option<&Fault>,
    ) -> Option<Vec<u8>> {
        let now = (self.settings.clock)();
        let control_id = control_id(raw, now);
        let said = Answer {
            verdict,
            why: fault.map_or("", |fault| &fault.why),
            code: fault.map(|fault| fault.code),
            place: fault.and_then(|fault| fault.place),
            now,
            zone: &self.settings.reading.zone,
            control_id: &control_id,
        };
        answer(header, &said)
    }
}

impl From<Reject> for Fault {
    fn from(reject: Reject) -> Fault {
        let why = Cow::Borrowed(reject.why);
        Fault { verdict: Verdict::Never, code: reject.code, place: reject.place, why }
    }
}

/// A control id for an answer: another for every message and every second.
fn control_id(raw: &[u8], now: i64) -> String {
    let mut bytes = now.to_be_bytes().to_vec();
    bytes.extend_from_slice(raw);
    let digest = digest(&SHA256, &bytes);
    digest.as_ref().iter().take(10).map(|byte| format!("{byte:02X}")).collect()
}
