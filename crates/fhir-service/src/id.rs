//! Ids made from what they are of: the same thing gets the same id, on every server.

use sha2::{Digest, Sha256};

/// A UUID of its own form (RFC 9562, version 8). Each part is hashed with its length, so that no
/// two lists of parts run together.
pub(crate) fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes: Vec<u8> = hash.finalize().iter().take(16).copied().collect();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().concat();
    let parts = [part(0..4), part(4..6), part(6..8), part(8..10), part(10..16)];
    parts.join("-")
}

/// The same as a `fullUrl`.
pub(crate) fn urn(parts: &[&str]) -> String {
    format!("urn:uuid:{}", uuid(parts))
}
