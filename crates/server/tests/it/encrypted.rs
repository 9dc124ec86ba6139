//! TLS, by a real client: what it serves, what it insists on, what it refuses.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;

use cauda_server::{Config, Server, ServerError};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::house::{House, guideline};

/// A certificate for `localhost`, as files beside each other and for the client.
struct Certified {
    folder: tempfile::TempDir,
    certificate: CertificateDer<'static>,
}

impl Certified {
    fn new() -> Certified {
        let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Certified { folder, certificate: made.cert.der().clone() }
    }

    fn chain(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    fn house(&self) -> House {
        let tls = Some((self.chain(), self.key()));
        House::with(Config { tls, ..House::config() })
    }

    /// What a server says to a request on a line of its own.
    fn ask(&self, house: &House, request: &str) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(house.server().address)?;
        let mut stream = StreamOwned::new(client, stream);
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if answer.is_empty() => Err(error),
            _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
        }
    }
}

#[test]
fn pages_travel_encrypted_and_cookies_insist_on_it() {
    let certified = Certified::new();
    let house = certified.house();
    let plain = "host: localhost\r\nconnection: close\r\n";
    let page = certified.ask(&house, &format!("GET /sign-in HTTP/1.1\r\n{plain}\r\n")).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Sign in"), "{page}");
    assert!(page.contains("strict-transport-security"), "{page}");
    let accounts = cauda_server::accounts::Accounts::new(
        house.server().department.record().clone(),
        house.clock.clone(),
    );
    house.runtime.block_on(async {
        let by = cauda_pathway::identity::ActorId::new("test").unwrap();
        let role =
            cauda_server::access::AccountRole::Staff(cauda_pathway::identity::StaffRole::Physician);
        let account = accounts.create(&by, "Ada", role).await.unwrap().unwrap();
        accounts.set_password(&account, "threequietwombats").await.unwrap();
    });
    let body = "name=Ada&password=threequietwombats";
    let request = format!(
        "POST /sign-in HTTP/1.1\r\n{plain}content-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = certified.ask(&house, &request).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie:")).unwrap();
    assert!(cookie.contains("__Host-") && cookie.contains("Secure"), "{cookie}");
}

#[test]
fn without_encryption_nothing_is_said() {
    let certified = Certified::new();
    let house = certified.house();
    let mut stream = TcpStream::connect(house.server().address).unwrap();
    stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // An alert or an end, and no page.
    let _ = stream.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 200"));
    // Somebody who says nothing holds up nobody.
    let _silent = TcpStream::connect(house.server().address).unwrap();
    let alive = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(certified.ask(&house, alive).unwrap().starts_with("HTTP/1.1 200"));
}

#[test]
fn a_key_of_another_certificate_is_refused_by_name() {
    let (one, other) = (Certified::new(), Certified::new());
    let tls = Some((one.chain(), other.key()));
    let folder = tempfile::tempdir().unwrap();
    let options = cauda_store::Options::new(
        folder.path().join("r").to_str().unwrap(),
        folder.path().join("key"),
    );
    let config = Config { tls, ..House::config() };
    let clock = cauda_server::clock::Clock::at(crate::house::MORNING);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let starting = Server::start(config, &options, guideline(), Arc::new(|| None), clock);
    match runtime.block_on(starting) {
        Err(ServerError::File { path, what }) => {
            assert_eq!(path, other.key());
            assert!(what.contains("does not fit"), "{what}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it starts"),
    }
}
