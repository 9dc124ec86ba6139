//! Providers that are away, hang, drip or cannot be believed.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse as _;
use cauda_outbound::Fault;
use cauda_sign_on::{Part, SignOnError};
use futures_util::stream;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::desk::{Desk, NOON, Numbers};
use crate::issuer::{DISCOVERY, Issuer, KEYS, TOKEN};

/// Long enough for an honest answer, short enough to be waited for.
const SHORT: Duration = Duration::from_millis(1_500);

#[tokio::test]
async fn one_that_drips_is_not_waited_for() {
    let parts = [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)];
    let all = parts.map(|(path, part)| async move {
        let desk = Desk::new().await;
        desk.issuer.manner().answers(path, || {
            let clock = tokio::time::interval(Duration::from_millis(20));
            let drips = stream::unfold(clock, |mut clock| async {
                clock.tick().await;
                Some((Ok::<_, Infallible>(vec![b' ']), clock))
            });
            Body::from_stream(drips).into_response()
        });
        let mut settings = desk.settings();
        settings.timeout = SHORT;
        let error = desk.sign_in(&desk.open(&settings)).await.unwrap_err();
        assert_eq!(error, SignOnError::Unreachable { part, fault: Fault::Slow });
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn one_that_is_away_or_hangs_holds_nobody_up() {
    // Bound and not listening, so nobody answers there and nobody else can.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let away = format!("http://{}", socket.local_addr().unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hangs = format!("http://{}", silent.local_addr().unwrap());
    for (origin, fault) in [(away, Fault::Away), (hangs, Fault::Slow)] {
        let desk = Desk::of(Issuer::at(origin, NOON).0);
        let mut settings = desk.settings();
        settings.timeout = Duration::from_millis(300);
        let provider = desk.open(&settings);
        let numbers = Numbers::new();
        let expect = SignOnError::Unreachable { part: Part::Discovery, fault };
        assert_eq!(provider.check().await.unwrap_err(), expect);
        // Ten who wait for one another still end together.
        let begun = (0..10).map(|_| provider.begin(&numbers));
        let ten = futures_util::future::join_all(begun);
        for begun in tokio::time::timeout(SHORT, ten).await.unwrap() {
            assert_eq!(begun.unwrap_err(), expect);
        }
    }
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

#[tokio::test]
async fn it_is_asked_encrypted_if_the_authority_names_it() {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_string()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], der)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (issuer, app) = Issuer::at(format!("https://localhost:{port}"), NOON);
    let listener = Encrypted { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let desk = Desk::of(issuer);
    let mut settings = desk.settings();
    let expect = SignOnError::Unreachable { part: Part::Discovery, fault: Fault::Encryption };
    assert_eq!(desk.open(&settings).check().await.unwrap_err(), expect);
    settings.authority = Some(desk.write("authority.pem", &authority.pem(), 0o644));
    desk.sign_in(&desk.open(&settings)).await.unwrap();
    // From there nothing goes on unencrypted.
    let plain = Desk::new().await;
    let place = format!("{}{KEYS}", plain.issuer.origin);
    desk.issuer.manner().discovery =
        Box::new(move |document| document["jwks_uri"] = place.clone().into());
    assert!(matches!(desk.open(&settings).check().await, Err(SignOnError::Document { .. })));
    assert!(plain.issuer.manner().asked.is_empty());
}
