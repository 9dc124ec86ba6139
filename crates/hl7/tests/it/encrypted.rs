//! TLS on both sides, and clients that have to show who they are.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cauda_hl7::{Fault, Sender, SenderSettings, Settings, Trust, Verdict, server_tls};
use tempfile::TempDir;

use crate::house::message;
use crate::listening::{Book, House, settings};

struct Keys {
    _folder: TempDir,
    chain: PathBuf,
    key: PathBuf,
}

fn keys() -> Keys {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
    let put = |name: &str, text: String| {
        let path = folder.path().join(name);
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let chain = put("chain.pem", made.cert.pem());
    let key = put("key.pem", made.signing_key.serialize_pem());
    Keys { _folder: folder, chain, key }
}

fn sender(port: u16, authority: Option<&Path>) -> Sender {
    let tls = authority.map(|path| Trust::read(Some(path)).unwrap().client().unwrap());
    let timeout = Duration::from_secs(5);
    Sender::new(SenderSettings { tls, timeout, ..SenderSettings::new("localhost", port) }).unwrap()
}

#[tokio::test]
async fn an_encrypted_line_carries_messages_and_a_plain_one_does_not() {
    let ours = keys();
    let tls = Some(server_tls(&ours.chain, &ours.key, None).unwrap());
    let house = House::open(Book::default(), Settings { tls, ..settings() }).await;
    let port = house.address.port();
    let arrival = message("ADT^A04", &["PID|||1"]);
    let sent = sender(port, Some(&ours.chain)).send(&arrival).await.unwrap();
    assert_eq!(sent.verdict, Verdict::Taken);
    let stranger = keys();
    let sent = sender(port, Some(&stranger.chain)).send(&arrival).await;
    assert_eq!(sent, Err(Fault::Encryption));
    assert!(sender(port, None).send(&arrival).await.is_err());
    assert_eq!(house.stop().await.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused_where_one_is_wanted() {
    let ours = keys();
    let tls = Some(server_tls(&ours.chain, &ours.key, Some(&keys().chain)).unwrap());
    let house = House::open(Book::default(), Settings { tls, ..settings() }).await;
    let arrival = message("ADT^A04", &["PID|||1"]);
    let sent = sender(house.address.port(), Some(&ours.chain)).send(&arrival).await;
    assert!(sent.is_err());
    assert!(house.stop().await.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_client_shows_its_certificate_where_one_is_wanted() {
    let (ours, theirs) = (keys(), keys());
    let tls = Some(server_tls(&ours.chain, &ours.key, Some(&theirs.chain)).unwrap());
    let house = House::open(Book::default(), Settings { tls, ..settings() }).await;
    let trust = Trust::read(Some(&ours.chain)).unwrap();
    let showing = |chain: &Path, key: &Path| {
        let tls = Some(trust.client_showing(chain, key).unwrap());
        let settings = SenderSettings::new("localhost", house.address.port());
        Sender::new(SenderSettings { tls, ..settings }).unwrap()
    };
    let arrival = message("ADT^A04", &["PID|||1"]);
    assert!(showing(&ours.chain, &ours.key).send(&arrival).await.is_err(), "another's");
    let sent = showing(&theirs.chain, &theirs.key).send(&arrival).await.unwrap();
    assert_eq!(sent.verdict, Verdict::Taken);
    assert!(trust.client_showing(&theirs.chain, &ours.key).is_err(), "not of one pair");
    assert_eq!(house.stop().await.taken.lock().unwrap().len(), 1);
}

#[test]
fn files_that_are_none_are_named() {
    let (ours, theirs) = (keys(), keys());
    let said = |chain: &Path, key: &Path| {
        server_tls(chain, key, None).map(drop).map_err(|error| error.to_string())
    };
    assert!(said(&ours.chain, &ours.key).is_ok());
    let wrong = said(&ours.chain, &theirs.key);
    assert!(wrong.is_err_and(|said| said.contains("do not belong together")));
    let wrong = said(&ours.key, &ours.key);
    assert!(wrong.is_err_and(|said| said.contains("no certificate in PEM")));
    let wrong = said(&ours.chain, &ours.chain);
    assert!(wrong.is_err());
}
