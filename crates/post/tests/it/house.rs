//! What every test has at hand: a folder with secrets and certificates, a clock, a message.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use cauda_post::{Address, Clock, Email, Message};

/// 2026-11-23 12:00:00 UTC.
pub const NOON: i64 = 1_795_435_200;
/// The secret that signs, and the password of the mail server.
pub const SECRET: &str = "a secret that is longer than thirty-two characters";

pub struct House {
    folder: tempfile::TempDir,
}

impl House {
    /// With an authority of its own, and a certificate of it for `localhost`.
    pub fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let house = House { folder };
        let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority_key = rcgen::KeyPair::generate().unwrap();
        house.write("authority.pem", &authority.self_signed(&authority_key).unwrap().pem(), 0o644);
        let issuer = rcgen::Issuer::new(authority, authority_key);
        let key = rcgen::KeyPair::generate().unwrap();
        let server = rcgen::CertificateParams::new(vec!["localhost".to_string()]).unwrap();
        house.write("chain.pem", &server.signed_by(&key, &issuer).unwrap().pem(), 0o644);
        house.write("key.pem", &key.serialize_pem(), 0o600);
        house.write("secret", &format!("{SECRET}\n"), 0o600);
        house
    }

    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A clock that stands.
pub fn clock() -> Clock {
    Arc::new(|| NOON)
}

pub fn sender() -> Email {
    Email::parse("notaufnahme@klinik.example").unwrap()
}

pub fn message() -> Message {
    message_with("visit-1", "Ihre Rückmeldung", "Guten Tag,\n\nwie geht es Ihrem Rücken?\n")
}

pub fn message_with(key: &str, subject: &str, text: &str) -> Message {
    let to = Address::parse("maria.muster@example.org").unwrap();
    Message::new(key, to, subject, text).unwrap()
}
