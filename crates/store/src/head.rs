//! Signed heads: the size and root of the tree at a moment, signed with Ed25519.
//!
//! The key stands in a file beside the database, never in it, so that whoever can write to the
//! database still cannot sign. A head that has left the machine binds everything before it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::merkle::{Hash, hex, unhex};

/// The key that signs heads.
pub struct SigningKey(Ed25519KeyPair);

/// Whom to believe about a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

/// What the log was at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// How many events.
    pub size: u64,
    /// The root of the tree over them, in hexadecimal digits.
    pub root: String,
    /// When it was signed, in microseconds since 1970 UTC, by the signer's clock.
    pub signed_at: i64,
    /// The signer's public key, in hexadecimal digits.
    pub public_key: String,
    /// Ed25519 over [`SignedHead::text`], in hexadecimal digits.
    pub signature: String,
}

impl SigningKey {
    /// Reads the key, or makes one in a file that only its owner can read.
    ///
    /// Refuses a file that others may read, and one that is no Ed25519 key.
    pub fn open(path: &Path) -> Result<SigningKey, StoreError> {
        match fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(path)?,
            _ => {}
        }
        SigningKey::existing(path)
    }

    /// Reads the key, and makes none.
    ///
    /// Refuses a file that is not there, one that others may read, and one that is no Ed25519 key.
    pub fn existing(path: &Path) -> Result<SigningKey, StoreError> {
        let refused = |what| StoreError::Key { path: path.to_owned(), what };
        match fs::metadata(path) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                return Err(refused("others may read it; run chmod 600 on it"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(refused("there is no such file"));
            }
            Err(source) => return Err(StoreError::Io { doing: "reading the signing key", source }),
        }
        let bytes = fs::read(path)
            .map_err(|source| StoreError::Io { doing: "reading the signing key", source })?;
        let pair = Ed25519KeyPair::from_pkcs8(&bytes);
        pair.map(SigningKey).map_err(|_| refused("it holds no Ed25519 key in PKCS #8 form"))
    }

    /// The key by which others check what this one signs.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(bytes)
    }

    pub(crate) fn secret(&self, purpose: &str) -> [u8; 32] {
        // No head begins so, and Ed25519 signs the same text always alike.
        let signature = self.0.sign(format!("cauda secret 1\n{purpose}").as_bytes());
        let mut secret = [0; 32];
        let hash = ring::digest::digest(&ring::digest::SHA256, signature.as_ref());
        secret.copy_from_slice(hash.as_ref());
        secret
    }

    pub(crate) fn sign(&self, size: u64, root: Hash, signed_at: i64) -> SignedHead {
        let mut head = SignedHead {
            size,
            root: root.to_string(),
            signed_at,
            public_key: self.public().to_string(),
            signature: String::new(),
        };
        head.signature = hex(self.0.sign(head.text().as_bytes()).as_ref());
        head
    }
}

impl SignedHead {
    /// The signed text: what it is, size, root and time, a line each.
    pub fn text(&self) -> String {
        format!("cauda record head 1\n{}\n{}\n{}\n", self.size, self.root, self.signed_at)
    }

    /// The root, unless it is no hash.
    pub fn root_hash(&self) -> Option<Hash> {
        Hash::from_hex(&self.root)
    }

    /// The key it says it was signed with.
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_hex(&self.public_key)
    }

    /// Whether the signature is by `key`.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Some(signature) = unhex(&self.signature) else { return false };
        let text = self.text();
        self.key() == Some(*key)
            && UnparsedPublicKey::new(&ED25519, key.0).verify(text.as_bytes(), &signature).is_ok()
    }
}

impl PublicKey {
    /// A key from 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<PublicKey> {
        Hash::from_hex(text).map(|hash| PublicKey(hash.0))
    }
}

/// Prints 64 hexadecimal digits.
impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.public())
    }
}

/// A new key is written beside its place and moved there whole, so that a crash leaves either
/// none or all of it.
fn create(path: &Path) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { doing: "making a signing key", source };
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| {
        StoreError::Key { path: path.to_owned(), what: "the system has no random numbers" }
    })?;
    let whole = std::path::absolute(path).map_err(io)?;
    let new = whole.with_extension(format!("new-{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
    let file = file.as_mut().map_err(|error| io(std::io::Error::from(error.kind())))?;
    file.write_all(key.as_ref()).and_then(|()| file.sync_all()).map_err(io)?;
    // A link fails where another process was first; then its key is the one to use.
    let linked = fs::hard_link(&new, &whole);
    fs::remove_file(&new).map_err(io)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(io(error)),
        _ => whole.parent().map_or(Ok(()), |folder| {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
        }),
    }
}
