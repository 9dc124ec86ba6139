//! TLS, by rustls with ring.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::ServerError;
use crate::listening::{Limited, Listening};

/// Handshakes at the same time.
const HANDSHAKES_MAX: usize = 256;
/// How long a handshake may take, in seconds.
const HANDSHAKE_SECONDS: u64 = 10;

/// Reads certificate chain and key.
///
/// # Errors
/// [`ServerError::File`].
pub fn config(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, ServerError> {
    let wrong = |path: &Path, what: &str| ServerError::File {
        path: path.to_path_buf(),
        what: what.to_string(),
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| wrong(chain, "this is no certificate chain in PEM"))?;
    if certificates.is_empty() {
        return Err(wrong(chain, "this file holds no certificate"));
    }
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|_| wrong(key, "this is no private key in PEM"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let built = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(certificates, private));
    let mut config = built.map_err(|_| wrong(key, "the key does not fit the certificate"))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Connections whose handshake is done.
pub struct TlsListener {
    done: mpsc::Receiver<(TlsStream<Limited>, SocketAddr)>,
    address: io::Result<SocketAddr>,
}

impl TlsListener {
    /// Takes connections of a listener; a slow handshake holds up nobody else.
    pub fn new(listener: Listening, config: Arc<ServerConfig>) -> TlsListener {
        let address = axum::serve::Listener::local_addr(&listener);
        let (ready, done) = mpsc::channel(HANDSHAKES_MAX);
        tokio::spawn(take(listener, TlsAcceptor::from(config), ready));
        TlsListener { done, address }
    }
}

async fn take(
    mut listener: Listening,
    acceptor: TlsAcceptor,
    ready: mpsc::Sender<(TlsStream<Limited>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while !ready.is_closed() {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (stream, peer) = listener.next().await;
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            let limit = Duration::from_secs(HANDSHAKE_SECONDS);
            if let Ok(Ok(stream)) = tokio::time::timeout(limit, acceptor.accept(stream)).await {
                drop(ready.send((stream, peer)).await);
            }
            drop(place);
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<Limited>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(accepted) => accepted,
            // Nobody listens any more: the server is on its way out.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.address {
            Ok(address) => Ok(*address),
            Err(error) => Err(io::Error::new(error.kind(), "the address is not known")),
        }
    }
}
