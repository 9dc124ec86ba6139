//! The same over TLS.

use std::sync::Arc;

use cauda_dicom::dataset::Syntax;
use cauda_dicom::scu::echo;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::house::worklist;
use crate::site::{Site, caller, settings};

#[tokio::test]
async fn an_encrypted_port_speaks_to_those_who_encrypt() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut settings = settings();
    settings.tls = Some(Arc::new(server));
    let site = Site::start(settings, worklist(1)).await;
    let mut encrypting = caller("MR1", "CAUDA");
    encrypting.tls = Some((Arc::new(client), ServerName::try_from("localhost").unwrap()));
    echo(site.address, &encrypting).await.unwrap();
    assert!(site.open("MR1", "CAUDA", Syntax::Implicit).await.is_err());
    echo(site.address, &encrypting).await.unwrap();
}
