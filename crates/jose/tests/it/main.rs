//! Tokens signed here and elsewhere, and everything that is not one.
#![allow(clippy::unwrap_used, missing_docs)]

mod forgery;
mod private_keys;
mod vectors;

use cauda_jose::{Keys, SigningKey, key_set};

pub const P384: &str = include_str!("keys/test_only_p384.pem");
pub const P256: &str = include_str!("keys/test_only_p256.pem");
pub const RSA: &str = include_str!("keys/test_only_rsa.pem");

pub fn keys_of(key: &SigningKey) -> Keys {
    Keys::read(key_set([key]).to_string().as_bytes()).unwrap()
}
