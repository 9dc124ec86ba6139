//! Ids and secrets.

use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::ServerError;

/// A new id that sorts by time.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A secret of 256 bits, as 64 hexadecimal digits.
///
/// # Errors
/// When the machine has no random numbers.
pub fn secret() -> Result<String, ServerError> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ServerError::NoRandom)?;
    Ok(hex(&bytes))
}

/// What is kept of a secret: its SHA-256, from which nobody gets it back.
pub fn kept(secret: &str) -> String {
    hex(digest(&SHA256, secret.as_bytes()).as_ref())
}

/// The SHA-256 of bytes.
pub fn kept_bytes(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
