//! One registered EHR: what it says of itself, and its keys, asked for when they are needed and
//! kept for a while.

use std::sync::Arc;

use cauda_jose::{KEYS_BYTES_MAX, Keys};
use cauda_outbound::http::Request;
use cauda_outbound::http::header::ACCEPT;
use cauda_outbound::{Bytes, Client, Fault, Reach, Trust};
use tokio::sync::{Mutex as Turn, MutexGuard};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::discovery::{DISCOVERY_BYTES_MAX, Discovery, People};
use crate::settings::{Checked, Settings};
use crate::{Part, SmartError};

/// How long a SMART configuration is good, in seconds.
const DISCOVERY_SECONDS: i64 = 3_600;
/// How long keys are good, in seconds: a key that the EHR takes back is believed no longer.
pub(crate) const KEYS_SECONDS: i64 = 900;
/// How long a key that is not known asks for no newer keys once more, in seconds.
pub(crate) const KEYS_AGAIN_SECONDS: i64 = 60;
/// Most bytes read of one connection: the largest document, a head and handshakes.
const READ_BYTES_MAX: usize = KEYS_BYTES_MAX + 65_536;
/// The status of success.
pub(crate) const OK: u16 = 200;

/// A registered EHR, ready to be asked.
pub(crate) struct Ehr {
    pub(crate) settings: Checked,
    /// To numbers of this machine, where the settings allow them, and to all else.
    here: Option<Client>,
    elsewhere: Client,
    discovery: Turn<Option<Fetched<Discovery>>>,
    keys: Turn<Option<Fetched<Keys>>>,
}

/// A document, and the second at which it was asked for.
struct Fetched<T> {
    document: Arc<T>,
    at: i64,
}

impl Ehr {
    /// Connects to nothing.
    pub(crate) fn new(settings: &Settings, checked: Checked) -> Result<Ehr, SmartError> {
        let trust = Trust::read(settings.authority.as_deref())?;
        let client = |reach| {
            let client = Client::new(&trust, checked.timeout, READ_BYTES_MAX)
                .map_err(|fault| SmartError::Unreachable { part: Part::Discovery, fault })?;
            Ok::<_, SmartError>(client.within(reach))
        };
        let (here, elsewhere) = match settings.private_addresses {
            true => (Some(client(Reach::Here)?), client(Reach::House)?),
            false => (None, client(Reach::Public)?),
        };
        let (discovery, keys) = (Turn::default(), Turn::default());
        Ok(Ehr { settings: checked, here, elsewhere, discovery, keys })
    }

    /// When a step that begins now must have ended.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.timeout
    }

    pub(crate) async fn discovery(
        &self,
        now: i64,
        deadline: Instant,
    ) -> Result<Arc<Discovery>, SmartError> {
        let mut kept = turn(&self.discovery, Part::Discovery, deadline).await?;
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(DISCOVERY_SECONDS, now))
        {
            return Ok(known.document.clone());
        }
        let document = Arc::new(self.fetch_discovery(deadline).await?);
        *kept = Some(Fetched { document: document.clone(), at: now });
        Ok(document)
    }

    /// Keys that are younger than that.
    pub(crate) async fn keys(
        &self,
        people: &People,
        seconds: i64,
        now: i64,
        deadline: Instant,
    ) -> Result<Arc<Keys>, SmartError> {
        let mut kept = turn(&self.keys, Part::Keys, deadline).await?;
        if let Some(known) = kept.as_ref().filter(|known| known.is_younger(seconds, now)) {
            return Ok(known.document.clone());
        }
        let document = Arc::new(self.fetch_keys(people, deadline).await?);
        *kept = Some(Fetched { document: document.clone(), at: now });
        Ok(document)
    }

    /// Whether configuration and keys can be read and used, read anew.
    pub(crate) async fn check(&self) -> Result<(), SmartError> {
        let deadline = self.deadline();
        match self.fetch_discovery(deadline).await?.people {
            Some(people) => self.fetch_keys(&people, deadline).await.map(drop),
            None => Ok(()),
        }
    }

    async fn fetch_discovery(&self, deadline: Instant) -> Result<Discovery, SmartError> {
        let (address, most) = (&self.settings.discovery, DISCOVERY_BYTES_MAX);
        let body = self.document(Part::Discovery, address, most, deadline).await?;
        Discovery::read(&body, &self.settings)
    }

    async fn fetch_keys(&self, people: &People, deadline: Instant) -> Result<Keys, SmartError> {
        let part = Part::Keys;
        let body = self.document(part, &people.keys, KEYS_BYTES_MAX, deadline).await?;
        let what = "it holds no key that signs with RS256, RS384, ES256 or ES384, or too many";
        Keys::read(&body).map_err(|_| SmartError::Document { part, what })
    }

    async fn document(
        &self,
        part: Part,
        address: &Address,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, SmartError> {
        let request = address.place.get().header(ACCEPT, "application/json").body(Bytes::new());
        let request = request.map_err(|_| unwritable(part))?;
        match self.ask(part, address, request, bytes_max, deadline).await? {
            (OK, body) => Ok(body),
            (status, _) => Err(SmartError::Status { part, status }),
        }
    }

    /// The status and the body of an answer.
    pub(crate) async fn ask(
        &self,
        part: Part,
        address: &Address,
        request: Request<Bytes>,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<(u16, Zeroizing<Vec<u8>>), SmartError> {
        let client = self.here.as_ref().filter(|_| address.is_here).unwrap_or(&self.elsewhere);
        let asking = async {
            let answer = client.ask(&address.place, request).await?;
            Ok((answer.status(), Zeroizing::new(answer.body(bytes_max).await?)))
        };
        let answer = timeout_at(deadline, asking).await.unwrap_or(Err(Fault::Slow));
        answer.map_err(|fault| match fault {
            Fault::Forbidden => SmartError::PrivateAddress { part },
            fault => SmartError::Unreachable { part, fault },
        })
    }
}

impl<T> Fetched<T> {
    /// A clock that was set back makes it old.
    fn is_younger(&self, seconds: i64, now: i64) -> bool {
        (0..seconds).contains(&now.saturating_sub(self.at))
    }
}

/// One asks, and the others wait for what it learns, no longer than they have time.
pub(crate) async fn turn<T>(
    lock: &Turn<T>,
    part: Part,
    deadline: Instant,
) -> Result<MutexGuard<'_, T>, SmartError> {
    let slow = SmartError::Unreachable { part, fault: Fault::Slow };
    timeout_at(deadline, lock.lock()).await.map_err(|_| slow)
}

/// A request that cannot be written, because its address cannot.
pub(crate) fn unwritable(part: Part) -> SmartError {
    SmartError::Document { part, what: "its address cannot be asked" }
}
