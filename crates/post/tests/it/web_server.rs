//! A web server for one test, on a free port, plain or encrypted.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use cauda_post::{Webhook, WebhookSettings};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::house::{House, clock};

pub struct WebServer {
    pub port: u16,
    pub asked: UnboundedReceiver<Asked>,
}

/// A request as it came.
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Answer = Arc<dyn Fn() -> Response + Send + Sync>;

impl WebServer {
    /// One that answers everything alike.
    pub async fn start(answer: impl Fn() -> Response + Send + Sync + 'static) -> WebServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (app, asked) = app(Arc::new(answer));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        WebServer { port, asked }
    }

    /// One that answers 200, encrypted with the house's certificate.
    pub async fn encrypted(house: &House) -> WebServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (app, asked) = app(Arc::new(|| ().into_response()));
        let listener = Encrypted { listener, acceptor: acceptor(house) };
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        WebServer { port, asked }
    }

    pub fn settings(&self, house: &House) -> WebhookSettings {
        let url = format!("http://127.0.0.1:{}/sms?unit=er", self.port);
        WebhookSettings::new(&url, house.path("secret"))
    }

    pub fn webhook(&self, house: &House) -> Webhook {
        Webhook::open(&self.settings(house), clock()).unwrap()
    }
}

fn app(answer: Answer) -> (Router, UnboundedReceiver<Asked>) {
    let (tell, asked) = unbounded_channel();
    (Router::new().fallback(note).with_state((tell, answer)), asked)
}

async fn note(
    State((tell, answer)): State<(UnboundedSender<Asked>, Answer)>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    tell.send(Asked { path: uri.to_string(), headers, body }).unwrap();
    answer()
}

struct Encrypted {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (line, peer) = self.listener.accept().await.unwrap();
            // A client that does not believe the certificate is gone by now.
            if let Ok(encrypted) = self.acceptor.accept(line).await {
                return (encrypted, peer);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Encrypts with the house's certificate.
pub fn acceptor(house: &House) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(house.path("chain.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(house.path("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
