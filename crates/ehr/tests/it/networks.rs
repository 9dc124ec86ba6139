//! Names that lead where nobody may go: each is looked up once, and what it leads to is compared.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cauda_ehr::{Failed, Gate, Mode, Registry, Settings};
use cauda_outbound::{Client, Fault, Names, Place, Reach, Trust};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::desk::{Desk, secret, settings, soon};
use crate::server::Answer;

async fn asked(desk: &Desk, one: Settings, leads_to: Vec<SocketAddr>) -> Result<(), Failed> {
    let mut parts = desk.parts();
    parts.names = Some(Arc::new(move |_, _| {
        let leads_to = leads_to.clone();
        Box::pin(async move { Ok(leads_to) })
    }));
    let base = one.fhir_base.clone();
    let registry = Registry::open(&[one], Mode::Production, parts).unwrap();
    let client = Gate::of(&registry).fhir("one", &base, Some(&secret()), soon()).unwrap();
    client.read("Patient", "1").await.map(drop)
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_or_to_a_metadata_service() {
    let desk = Desk::new().await;
    let port = desk.trap.port;
    for address in [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "169.254.169.254",
        "100.100.100.200",
        "255.255.255.255",
        "224.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "fe80::1",
        "ff02::1",
        "fd00:ec2::254",
        "::127.0.0.1",
        "2002:7f00:1::",
    ] {
        for private in [false, true] {
            let mut one = settings(
                "one",
                "https://ehr.example.org",
                &format!("https://ehr.example.org:{port}/fhir"),
                "https://ehr.example.org/keys",
            );
            one.private_addresses = private;
            let to = vec![SocketAddr::new(address.parse().unwrap(), port)];
            let failed = asked(&desk, one, to).await.unwrap_err();
            assert_eq!(failed, Failed::Fault(Fault::Forbidden), "{address}");
        }
    }
    assert_eq!(desk.trap.lines(), 0);
}

#[tokio::test]
async fn a_name_with_several_addresses_leads_to_the_allowed_one_alone() {
    let desk = Desk::new().await;
    desk.ehr
        .answers(|_| Answer::Whole(200, json!({"resourceType": "Patient", "id": "1"}).to_string()));
    let base = format!("http://127.0.0.1:{}/fhir", desk.ehr.port);
    let one = settings("one", "https://ehr.example.org", &base, &base);
    // A base that is a number of this machine leads to this machine, whatever a resolver says.
    let to = |text: &str| text.parse::<SocketAddr>().unwrap();
    let leads_to = vec![
        to("169.254.169.254:80"),
        to("10.0.0.1:80"),
        SocketAddr::new([127, 0, 0, 1].into(), desk.ehr.port),
    ];
    asked(&desk, one.clone(), leads_to).await.unwrap();
    let failed = asked(&desk, one, vec![to("10.0.0.1:80")]).await;
    assert_eq!(failed, Err(Failed::Fault(Fault::Forbidden)));
}

/// Wherever a name leads, the certificate there must be that of the name.
#[tokio::test]
async fn a_certificate_must_name_the_host_and_not_the_address() {
    let names = ["ehr.example.org", "other.example.org", "127.0.0.1"];
    for name in names {
        let made = rcgen::generate_simple_self_signed(vec![name.to_string()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let chain = vec![made.cert.der().clone()];
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.clone(), key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            let (line, _) = listener.accept().await.unwrap();
            drop(acceptor.accept(line).await);
        });
        let leads: Names = Arc::new(move |_, _| Box::pin(async move { Ok(vec![address]) }));
        let client = Client::new(&Trust::Only(chain), Duration::from_secs(20), 65_536).unwrap();
        let client = client.by_names(leads).within(Reach::Here);
        let place = Place::read("place", "https://ehr.example.org/").unwrap();
        let expect = if name == names[0] { Ok(()) } else { Err(Fault::Encryption) };
        assert_eq!(client.check(&place).await, expect, "{name}");
    }
}
