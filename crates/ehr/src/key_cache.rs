//! The key set of an EHR: fetched, believed for a while, kept when the EHR is away.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cauda_jose::{JoseError, KEYS_BYTES_MAX, Keys};
use cauda_outbound::http::header::ACCEPT;
use cauda_outbound::{Bytes, Client, Fault, Place, files};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::{EhrError, registry::Clock};

/// How long keys are good, in seconds: a key that the EHR takes back is believed no longer.
const KEYS_SECONDS: i64 = 900;
/// From here on newer ones are asked for beside, so that no call has to wait for them; in seconds.
const SOON_SECONDS: i64 = 600;
/// How long they are kept where newer ones cannot be had, in seconds.
const KEPT_SECONDS: i64 = 14_400;
/// How long no newer keys are asked for once more, in seconds; and where there are none yet.
const AGAIN_SECONDS: i64 = 60;
const AGAIN_NONE_SECONDS: i64 = 10;
/// How long fetching them may take.
const FETCH_TIME: Duration = Duration::from_secs(5);
/// The status of success.
const OK: u16 = 200;

/// Where keys come from.
pub(crate) enum Source {
    Address {
        place: Place,
        client: Client,
    },
    File(PathBuf),
    /// The checks of the settings leave none without.
    None,
}

/// The key set of one EHR.
pub(crate) struct KeyCache {
    tenant: String,
    source: Source,
    kept: Mutex<Kept>,
    /// Only one asks at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Kept {
    keys: Option<Arc<Keys>>,
    /// The second at which they were asked for.
    at: i64,
    /// The second at which any were asked for last.
    tried: Option<i64>,
}

/// The keys at hand, and whether newer ones should be asked for.
pub(crate) struct AtHand {
    pub(crate) keys: Option<Arc<Keys>>,
    /// They are old or there are none, and it is time to ask.
    pub(crate) ask: bool,
    /// They could be asked for if a key is not among them.
    pub(crate) may_ask: bool,
    /// They are good, and will be old soon.
    pub(crate) soon: bool,
}

impl KeyCache {
    pub(crate) fn new(tenant: String, source: Source) -> KeyCache {
        KeyCache { tenant, source, kept: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Waits for nothing.
    pub(crate) fn at_hand(&self, now: i64) -> AtHand {
        let kept = self.kept();
        let age = now.saturating_sub(kept.at);
        // A clock that was set back makes them old.
        let fresh = (0..KEYS_SECONDS).contains(&age);
        let usable = kept.keys.filter(|_| (-AGAIN_SECONDS..KEPT_SECONDS).contains(&age));
        let again = if usable.is_some() { AGAIN_SECONDS } else { AGAIN_NONE_SECONDS };
        let since = |tried: i64| now.saturating_sub(tried);
        let may_ask = kept.tried.is_none_or(|tried| !(0..again).contains(&since(tried)));
        let good = fresh && usable.is_some();
        let soon = may_ask && good && age >= SOON_SECONDS;
        AtHand { keys: usable, ask: may_ask && !good, may_ask, soon }
    }

    /// Asks for newer keys, unless somebody did a moment ago, and gives those then at hand. It goes
    /// on when whoever waits for it does no longer, so that a slow answer serves the next call.
    pub(crate) async fn newer(self: &Arc<Self>, clock: &Clock) -> Option<Arc<Keys>> {
        self.begin(clock)?.await.ok().flatten()
    }

    /// The same beside; outside of a runtime nobody asks, and the next call does.
    pub(crate) fn begin(self: &Arc<Self>, clock: &Clock) -> Option<JoinHandle<Option<Arc<Keys>>>> {
        let (cache, clock) = (self.clone(), clock.clone());
        let work = async move {
            let _turn = cache.turn.lock().await;
            if cache.at_hand(clock()).may_ask {
                drop(cache.fetch(clock()).await);
            }
            cache.at_hand(clock()).keys
        };
        Some(Handle::try_current().ok()?.spawn(work))
    }

    /// Asks now, whatever was asked before.
    pub(crate) async fn check(&self, now: i64) -> Result<(), EhrError> {
        let _turn = self.turn.lock().await;
        self.fetch(now).await
    }

    async fn fetch(&self, now: i64) -> Result<(), EhrError> {
        // Before it is asked, so that one that hangs is not asked at every call.
        self.change(|kept| kept.tried = Some(now));
        let tenant = || self.tenant.clone();
        let bytes = match &self.source {
            Source::Address { place, client } => {
                let asking = timeout(FETCH_TIME, ask(client, place)).await;
                let (status, body) = asking
                    .unwrap_or(Err(Fault::Slow))
                    .map_err(|fault| EhrError::Unreachable { tenant: tenant(), fault })?;
                if status != OK {
                    return Err(EhrError::Status { tenant: tenant(), status });
                }
                body
            }
            Source::None => Vec::new(),
            Source::File(path) => files::bounded(path, KEYS_BYTES_MAX as u64)
                .map_err(|error| EhrError::of(&self.tenant, error))?,
        };
        let keys = Keys::read(&bytes).map_err(|what| {
            // A private half that is shown may be that of the very key that is believed now.
            if what == JoseError::Shown {
                self.change(|kept| kept.keys = None);
            }
            EhrError::Keys { tenant: tenant(), what }
        })?;
        self.change(|kept| (kept.keys, kept.at) = (Some(Arc::new(keys)), now));
        Ok(())
    }

    // Whoever holds the lock does not panic; if it did, there would be no keys.
    fn kept(&self) -> Kept {
        self.kept.lock().map(|kept| kept.clone()).unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        if let Ok(mut kept) = self.kept.lock() {
            change(&mut kept);
        }
    }
}

async fn ask(client: &Client, place: &Place) -> Result<(u16, Vec<u8>), Fault> {
    let request = place.get().header(ACCEPT, "application/json").body(Bytes::new());
    let answer = client.ask(place, request.map_err(|_| Fault::Nonsense)?).await?;
    Ok((answer.status(), answer.body(KEYS_BYTES_MAX).await?))
}
