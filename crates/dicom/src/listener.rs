//! The port that scanners call.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::department::Department;
use crate::error::DicomError;
use crate::session::{Shared, serve};
use crate::settings::Settings;
use crate::wire::{Stream, Wire};
use crate::worklist::Worklist;

/// Pause after a connection could not be accepted, such as for want of file handles.
const PAUSE: Duration = Duration::from_millis(100);

/// A port that is listened at.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Listener({})", self.address)
    }
}

impl Listener {
    /// Listens at an address; port 0 takes one that is free.
    ///
    /// # Errors
    /// [`DicomError::Setting`] or [`DicomError::Listen`].
    pub async fn bind(
        address: SocketAddr,
        settings: Settings,
        worklist: Arc<Worklist>,
        department: Arc<dyn Department>,
    ) -> Result<Listener, DicomError> {
        settings.check()?;
        let failed = |source| DicomError::Listen { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        Listener::on(socket, settings, worklist, department)
    }

    /// Listens at a port that is held already.
    ///
    /// # Errors
    /// [`DicomError::Setting`], and [`DicomError::Line`] of a port that is gone.
    pub fn on(
        socket: TcpListener,
        settings: Settings,
        worklist: Arc<Worklist>,
        department: Arc<dyn Department>,
    ) -> Result<Listener, DicomError> {
        settings.check()?;
        if let Some(missing) = settings.charsets().find(|charset| !worklist.covers(*charset)) {
            let term = missing.term();
            return Err(DicomError::Setting(format!(
                "a device uses {term}, for which the worklist was not made"
            )));
        }
        let address = socket.local_addr()?;
        let turn = tokio::sync::Mutex::new(());
        let open = Mutex::default();
        let shared = Arc::new(Shared { settings, worklist, department, turn, open });
        Ok(Listener { socket, address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` ends; open associations are then ended between two requests.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let limits = self.shared.settings.limits;
        let (stopping, stop) = watch::channel(false);
        let live = Arc::new(AtomicUsize::new(0));
        let mut sessions = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                Some(_) = sessions.join_next(), if !sessions.is_empty() => continue,
                accepted = self.socket.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let count = live.fetch_add(1, Ordering::Relaxed);
            // Those over the limit are told so, but not without a limit of their own.
            if count >= limits.associations.saturating_mul(2) {
                live.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let (shared, live, stop) = (Arc::clone(&self.shared), Arc::clone(&live), stop.clone());
            let crowded = count >= limits.associations;
            sessions.spawn(async move {
                if let Err(error) = connection(shared, stream, peer, crowded, stop).await {
                    tracing::info!(%peer, "association ended: {error}");
                }
                live.fetch_sub(1, Ordering::Relaxed);
            });
        }
        let _ = stopping.send(true);
        let drained = async { while sessions.join_next().await.is_some() {} };
        let _ = timeout(limits.grace, drained).await;
        sessions.shutdown().await;
    }
}

async fn connection(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    crowded: bool,
    stop: watch::Receiver<bool>,
) -> Result<(), DicomError> {
    let limits = shared.settings.limits;
    stream.set_nodelay(true)?;
    let stream: Box<dyn Stream> = match &shared.settings.tls {
        None => Box::new(stream),
        Some(config) => {
            let acceptor = TlsAcceptor::from(Arc::clone(config));
            let accepted = timeout(limits.hello, acceptor.accept(stream)).await;
            Box::new(accepted.map_err(|_| DicomError::Slow)??)
        }
    };
    let wire = Wire::new(stream, limits.pdu_bytes);
    serve(shared, wire, peer.ip().to_canonical(), crowded, stop).await
}
