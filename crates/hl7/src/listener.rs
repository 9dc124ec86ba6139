//! Takes connections of systems that may send, within limits.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::conversation::Conversation;
use crate::{Desk, Hl7Error, Partner, Processing, Reading, mllp};

/// How long to wait when no connection can be accepted, such as for want of file descriptors.
const NO_ACCEPT_WAIT: Duration = Duration::from_millis(50);
/// How long lines may take to end when the listener stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// Seconds since 1970 UTC, handed in so that tests bring their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a site sets.
#[derive(Clone)]
pub struct Settings {
    /// Who may send. Nobody else may.
    pub partners: Vec<Partner>,
    /// How messages are to be understood.
    pub reading: Reading,
    /// What MSH-11 has to be, if it says anything.
    pub processing: Processing,
    /// Kinds of messages that a feed sends and nobody here needs, such as `ADT^A05`, or `MDM` with
    /// any event: answered as taken, and dropped. A kind that is read is never dropped.
    pub ignored: Vec<String>,
    /// How much is taken.
    pub limits: Limits,
    /// Encrypts every line.
    pub tls: Option<Arc<ServerConfig>>,
    /// The time of answers.
    pub clock: Clock,
}

/// How much is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most lines at once; the next waits.
    pub connections_max: usize,
    /// Most lines from one address; the next is closed.
    pub connections_of_one_max: usize,
    /// Most bytes of a frame.
    pub frame_bytes_max: usize,
    /// How long a line may be silent between two messages.
    pub idle: Duration,
    /// How long a frame may take from its first byte to its last, a handshake, and an answer to
    /// be written.
    pub frame: Duration,
    /// How long the desk may take; then the sender is asked to send again.
    pub desk: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 64,
            connections_of_one_max: 16,
            frame_bytes_max: mllp::FRAME_BYTES_MAX,
            idle: Duration::from_secs(3_600),
            frame: Duration::from_secs(30),
            desk: Duration::from_secs(20),
        }
    }
}

impl Settings {
    /// For production, within usual limits, without TLS.
    pub fn new(partners: Vec<Partner>, reading: Reading, clock: Clock) -> Settings {
        let (processing, limits) = (Processing::Production, Limits::default());
        Settings { partners, reading, processing, ignored: Vec::new(), limits, tls: None, clock }
    }

    /// Whether somebody may send, and something could be taken.
    ///
    /// # Errors
    /// [`Hl7Error::Setting`].
    pub fn check(&self) -> Result<(), Hl7Error> {
        let wrong = |name, what| Err(Hl7Error::Setting { name, what });
        if !self.partners.iter().any(|partner| !partner.hosts.is_empty()) {
            return wrong("partners", "nobody may send; name an application and its hosts");
        }
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.limits.connections_max) {
            return wrong("connections_max", "take at least one connection");
        }
        Ok(())
    }
}

/// Listens for messages.
pub struct Listener {
    tcp: TcpListener,
    settings: Arc<Settings>,
    desk: Arc<dyn Desk>,
}

impl Listener {
    /// Begins to listen; nothing is taken before [`Listener::serve`].
    ///
    /// # Errors
    /// As [`Settings::check`], and [`Hl7Error::Listen`].
    pub async fn bind(
        address: SocketAddr,
        settings: Settings,
        desk: Arc<dyn Desk>,
    ) -> Result<Listener, Hl7Error> {
        settings.check()?;
        let tcp = TcpListener::bind(address)
            .await
            .map_err(|error| Hl7Error::Listen { address, kind: error.kind() })?;
        Listener::on(tcp, settings, desk)
    }

    /// The same at a port that is held already.
    ///
    /// # Errors
    /// As [`Settings::check`].
    pub fn on(
        tcp: TcpListener,
        settings: Settings,
        desk: Arc<dyn Desk>,
    ) -> Result<Listener, Hl7Error> {
        settings.check()?;
        Ok(Listener { tcp, settings: Arc::new(settings), desk })
    }

    /// Where it listens, with the port that port 0 became.
    ///
    /// # Errors
    /// [`Hl7Error::Listen`] when the system does not say.
    pub fn address(&self) -> Result<SocketAddr, Hl7Error> {
        let unsaid = SocketAddr::from(([0, 0, 0, 0], 0));
        let error =
            |error: std::io::Error| Hl7Error::Listen { address: unsaid, kind: error.kind() };
        self.tcp.local_addr().map_err(error)
    }

    /// Takes connections until `stop` is ready, and then lets every message at hand be answered.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) {
        let limits = self.settings.limits;
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let at_desk = Arc::new(Semaphore::new(limits.connections_max));
        let counts = Counts::default();
        let (stopping, stopped) = watch::channel(false);
        let mut lines = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            while lines.try_join_next().is_some() {}
            // The semaphore is never closed.
            let place = tokio::select! {
                () = &mut stop => break,
                place = places.clone().acquire_owned() => place,
            };
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.tcp.accept() => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                // Out of file descriptors, perhaps: it passes.
                sleep(NO_ACCEPT_WAIT).await;
                continue;
            };
            let address = peer.ip().to_canonical();
            if !self.settings.partners.iter().any(|partner| partner.sends_from(address)) {
                continue;
            }
            let Some(counted) = Counted::new(address, &counts, limits.connections_of_one_max)
            else {
                continue;
            };
            let conversation = Conversation {
                settings: self.settings.clone(),
                desk: self.desk.clone(),
                at_desk: at_desk.clone(),
                peer,
                stopped: stopped.clone(),
            };
            lines.spawn(async move {
                let _kept = (place, counted);
                talk(stream, conversation).await;
            });
        }
        drop(self.tcp);
        // Nobody listening any more is no fault.
        let _ = stopping.send(true);
        let all = async { while lines.join_next().await.is_some() {} };
        let _ = timeout(FAREWELL, all).await;
    }
}

async fn talk(stream: TcpStream, conversation: Conversation) {
    // An answer is one short write; there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let Some(tls) = conversation.settings.tls.clone() else {
        return conversation.hold(stream).await;
    };
    let handshake = TlsAcceptor::from(tls).accept(stream);
    if let Ok(Ok(stream)) = timeout(conversation.settings.limits.frame, handshake).await {
        conversation.hold(stream).await;
    }
}

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// A line among those of its address, for as long as it lasts.
struct Counted {
    address: IpAddr,
    counts: Counts,
}

impl Counted {
    fn new(address: IpAddr, counts: &Counts, most: usize) -> Option<Counted> {
        let mut all = counts.lock().ok()?;
        let count = all.entry(address).or_default();
        if *count >= most {
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
            *count = count.saturating_sub(1);
            if *count == 0 {
                all.remove(&self.address);
            }
        }
    }
}
