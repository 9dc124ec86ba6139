//! Lines to scanners and to other systems, encrypted as the settings say, with real clients: who
//! shows a certificate of the house is answered, and nobody else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use cauda_hl7::{Sender, SenderSettings, Verdict};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use crate::run::Scratch;
use crate::serving::{Serving, Started, serve};

/// Files with a certificate for `localhost` and its key.
struct Keys {
    chain: String,
    key: String,
}

fn keys(scratch: &Scratch, name: &str) -> Keys {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_string()]).unwrap();
    let put = |end: &str, text: String| {
        let path = scratch.write(&format!("{name}{end}.pem"), text.as_bytes());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    Keys { chain: put("", made.cert.pem()), key: put("-key", made.signing_key.serialize_pem()) }
}

/// A department with that line, which only the clients of `house` may use.
fn department(scratch: &Scratch, part: &str, more: &str) -> (Serving, Keys, Keys) {
    let (ours, house) = (keys(scratch, "ours"), keys(scratch, "house"));
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndatabase = \"{}\"\n\
         [[scanner]]\nid = \"mr1\"\nname = \"MR 1\"\nae_title = \"MR1\"\ntesla = 1.5\n\
         [{part}]\nlisten = \"127.0.0.1:0\"\n\
         tls_certificate = \"{}\"\ntls_key = \"{}\"\ntls_clients = \"{}\"\n{more}",
        scratch.path("record.sqlite"),
        ours.chain,
        ours.key,
        house.chain
    );
    let settings = scratch.write("settings.toml", text.as_bytes());
    match serve(&["--config", &settings]) {
        Started::Serving(serving) => (serving, ours, house),
        Started::Refused(code, said) => panic!("{code:?} {said}"),
    }
}

const ARRIVAL: &str = "MSH|^~\\&|REGISTER|GENERAL|CAUDA|ED|20261123031000+0100||ADT^A04|C1|P|2.5\r\
                       EVN||20261123031000+0100\rPID|||1^^^H^MR||DOE^ANN||19800201|F\rPV1||E\r";

fn client(ours: &Keys, shows: Option<&Keys>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&ours.chain).unwrap()).unwrap();
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
    Arc::new(match shows {
        None => builder.with_no_client_auth(),
        Some(keys) => {
            let chain = vec![CertificateDer::from_pem_file(&keys.chain).unwrap()];
            let key = PrivateKeyDer::from_pem_file(&keys.key).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    })
}

#[test]
fn hl7_over_tls_is_taken_from_who_shows_a_certificate_of_the_house() {
    let scratch = Scratch::new("lines-hl7");
    let partner = "[[hl7.partner]]\napplication = \"REGISTER\"\nhosts = [\"127.0.0.1\"]\n";
    let (serving, ours, house) = department(&scratch, "hl7", partner);
    let port: u16 = serving.after("HL7 is taken at 127.0.0.1:").parse().unwrap();
    let stranger = keys(&scratch, "stranger");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let send = |tls| {
        let timeout = Duration::from_secs(20);
        let settings = SenderSettings { tls, timeout, ..SenderSettings::new("localhost", port) };
        runtime.block_on(async { Sender::new(settings).unwrap().send(ARRIVAL.as_bytes()).await })
    };
    assert!(send(None).is_err(), "without encryption");
    assert!(send(Some(client(&ours, None))).is_err(), "without a certificate");
    assert!(send(Some(client(&ours, Some(&stranger)))).is_err(), "with a strange one");
    let sent = send(Some(client(&ours, Some(&house)))).unwrap();
    assert_eq!(sent.verdict, Verdict::Taken, "{:?}", sent.why);
}

/// DCMTK, of Debian: crates/dicom/tests/install brings it.
fn dcmtk(tool: &str, arguments: &[&str]) -> (bool, String) {
    let path = format!("/usr/bin/{tool}");
    let Output { status, stdout, stderr } =
        Command::new(path).args(arguments).output().expect("apt-get install dcmtk");
    (status.success(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_scanner_over_tls_is_answered_if_it_shows_a_certificate_of_the_house() {
    let scratch = Scratch::new("lines-dicom");
    let device = "ae_title = \"CAUDA\"\n[[dicom.device]]\nae_title = \"MR1\"\n\
                  host = \"127.0.0.1\"\nscanner = \"mr1\"\n";
    let (serving, ours, house) = department(&scratch, "dicom", device);
    let at = serving.after("Scanners find the worklist at ");
    let port = at.rsplit(':').next().unwrap().to_string();
    let stranger = keys(&scratch, "stranger");
    let titles = ["-v", "-aet", "MR1", "-aec", "CAUDA"];
    let here = ["localhost", &port];
    let call = |tool: &str, secured: &[&str], more: &[&str]| {
        dcmtk(tool, &[&titles, secured, more, &here].concat())
    };
    let trusts = ["+cf", &ours.chain];
    let shows = |keys: &Keys| ["+tls".to_string(), keys.key.clone(), keys.chain.clone()];
    let (own, strange) = (shows(&house), shows(&stranger));
    let own: Vec<&str> = own.iter().map(String::as_str).chain(trusts).collect();
    let strange: Vec<&str> = strange.iter().map(String::as_str).chain(trusts).collect();
    let anonymous: Vec<&str> = ["+tla"].into_iter().chain(trusts).collect();
    let (done, said) = call("echoscu", &own, &[]);
    assert!(done, "{said}");
    let (done, said) = call("findscu", &own, &["-W", "-k", "0008,0050", "-k", "0010,0010"]);
    assert!(done && said.contains("Received Final Find Response (Success)"), "{said}");
    for (how, secured) in
        [("no certificate", anonymous), ("a strange one", strange), ("no encryption", vec![])]
    {
        let (done, said) = call("echoscu", &secured, &[]);
        assert!(!done, "{how}: {said}");
    }
}
