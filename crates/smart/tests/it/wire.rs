//! EHRs that are away, hang, drip, flood or cannot be believed.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::IntoResponse as _;
use cauda_outbound::Fault;
use cauda_smart::{Backend, Part, SmartError};
use futures_util::stream;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::desk::{Desk, NOON, refused};
use crate::ehr::{DISCOVERY, Ehr, KEYS, TOKEN};

/// Long enough for an honest answer, short enough to be waited for.
const SHORT: Duration = Duration::from_millis(1_500);
const PARTS: [(&str, Part); 3] =
    [(DISCOVERY, Part::Discovery), (KEYS, Part::Keys), (TOKEN, Part::Token)];

#[tokio::test]
async fn one_that_drips_is_not_waited_for() {
    let all = PARTS.map(|(path, part)| async move {
        let desk = Desk::new().await;
        desk.ehr.manner().answers(path, || {
            let clock = tokio::time::interval(Duration::from_millis(20));
            let drips = stream::unfold(clock, |mut clock| async {
                clock.tick().await;
                Some((Ok::<_, Infallible>(vec![b' ']), clock))
            });
            Body::from_stream(drips).into_response()
        });
        let mut settings = desk.settings();
        settings.timeout = SHORT;
        let error = desk.launch(&desk.open(&settings)).await.unwrap_err();
        assert_eq!(error, SmartError::Unreachable { part, fault: Fault::Slow });
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn one_that_floods_is_not_read() {
    for (path, part) in PARTS {
        let expect = SmartError::Unreachable { part, fault: Fault::Large };
        refused(path, |manner| manner.says(path, " ".repeat(262_145)), expect).await;
    }
}

#[tokio::test]
async fn one_that_hangs_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", silent.local_addr().unwrap());
    let desk = Desk::of(Ehr::at(origin, NOON).0);
    let mut settings = desk.keyed_es384();
    settings.timeout = Duration::from_millis(300);
    let (launches, backend) =
        (desk.open(&settings), Backend::open(&settings, "system/Patient.r").unwrap());
    let fault = Fault::Slow;
    let discovery = SmartError::Unreachable { part: Part::Discovery, fault };
    assert_eq!(launches.check(&desk.ehr.iss()).await.unwrap_err(), discovery);
    // Ten who wait for one another still end together.
    let ten = futures_util::future::join_all((0..10).map(|_| desk.begin(&launches)));
    for begun in tokio::time::timeout(SHORT, ten).await.unwrap() {
        assert_eq!(begun.unwrap_err(), discovery);
    }
    let ten = (0..10).map(|_| backend.token(&desk.numbers, NOON));
    let ten = futures_util::future::join_all(ten);
    for token in tokio::time::timeout(SHORT, ten).await.unwrap() {
        let slow = matches!(token, Err(SmartError::Unreachable { fault: Fault::Slow, .. }));
        assert!(slow);
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
    let params = CertificateParams::new(vec!["127.0.0.1".to_string()]).unwrap();
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
    let (ehr, app) = Ehr::at(format!("https://127.0.0.1:{port}"), NOON);
    let listener = Encrypted { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let desk = Desk::of(ehr);
    let mut settings = desk.keyed_es384();
    let expect = SmartError::Unreachable { part: Part::Discovery, fault: Fault::Encryption };
    assert_eq!(desk.launch(&desk.open(&settings)).await.unwrap_err(), expect);
    settings.authority = Some(desk.write("authority.pem", &authority.pem(), 0o644));
    desk.launch(&desk.open(&settings)).await.unwrap();
    Backend::open(&settings, "system/Patient.r").unwrap().token(&desk.numbers, NOON).await.unwrap();
    // From there nothing goes on unencrypted.
    let plain = Desk::new().await;
    let place = format!("{}{TOKEN}", plain.ehr.origin);
    desk.ehr.manner().discovery = Box::new(move |one| one["token_endpoint"] = place.clone().into());
    let error = desk.launch(&desk.open(&settings)).await.unwrap_err();
    assert!(matches!(error, SmartError::Document { part: Part::Discovery, .. }));
    assert!(plain.ehr.manner().asked.is_empty());
}
