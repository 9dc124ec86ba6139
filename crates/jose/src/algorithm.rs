//! The closed list of algorithms that sign tokens (RFC 7518), checked by ring.
//!
//! ring is here already for TLS and knows all four; a library of tokens would bring them a second
//! time. `none` and HMAC have no name here, so no header can ask for them. The timing leak of
//! RUSTSEC-2023-0071 is one of the crate `rsa`, which is not used, and of private keys: checking a
//! signature needs the public key alone, and there is nothing to leak.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// How a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA, PKCS #1 version 1.5, with SHA-256.
    Rs256,
    /// RSA, PKCS #1 version 1.5, with SHA-384.
    Rs384,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

/// A public key.
pub struct PublicKey(pub(crate) Public);

pub(crate) enum Public {
    /// Modulus and exponent, without leading zeros.
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
}

impl Algorithm {
    /// All that are allowed.
    pub const ALL: [Algorithm; 4] =
        [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Es256, Algorithm::Es384];

    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
        }
    }

    /// The one of that name, if it is allowed.
    pub fn named(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl PublicKey {
    /// Whether such a key signs in this way.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match &self.0 {
            Public::Rsa(_) => matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs384),
            Public::P256(_) => algorithm == Algorithm::Es256,
            Public::P384(_) => algorithm == Algorithm::Es384,
        }
    }

    /// Whether it signed this in this way. An RSA key under 2048 bits never did.
    pub fn signed(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let rsa = |key: &RsaPublicKeyComponents<Vec<u8>>, way: &RsaParameters| {
            key.verify(way, text, signature).is_ok()
        };
        match (&self.0, algorithm) {
            (Public::Rsa(key), Algorithm::Rs256) => rsa(key, &RSA_PKCS1_2048_8192_SHA256),
            (Public::Rsa(key), Algorithm::Rs384) => rsa(key, &RSA_PKCS1_2048_8192_SHA384),
            (Public::P256(point), Algorithm::Es256) => {
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(text, signature).is_ok()
            }
            (Public::P384(point), Algorithm::Es384) => {
                let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point);
                key.verify(text, signature).is_ok()
            }
            _ => false,
        }
    }
}
