//! Signed tokens and key sets, by ring: JSON Web Signature in compact form (RFC 7515), JSON Web
//! Key Sets (RFC 7517), JSON Web Tokens (RFC 7519).
//!
//! [`Token::read`] takes a token apart and believes nothing; [`Token::claims`] gives what it
//! claims when a key of a [`Keys`] signed it. [`SigningKey`] signs and shows its public half. What
//! the claims must say is the caller's. There is no network, file or clock here.
//!
//! Four algorithms have a name; `none` and HMAC have none, so no header can ask for them.

mod algorithm;
mod error;
pub mod json;
mod keys;
mod signing_key;
mod token;

pub use algorithm::{Algorithm, PublicKey};
pub use error::JoseError;
pub use keys::{KEYS_BYTES_MAX, Keys, thumbprint};
pub use signing_key::{SigningKey, key_set};
pub use token::{Header, TOKEN_BYTES_MAX, Token};
