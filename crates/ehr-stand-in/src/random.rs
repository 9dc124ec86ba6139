//! Random texts: secrets of 256 bits and UUIDs (RFC 9562, version 4).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::StandInError;

/// 256 random bits, as 43 characters that may stand in an address.
pub(crate) fn secret() -> Result<String, StandInError> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// A UUID of random bits.
pub(crate) fn uuid() -> Result<String, StandInError> {
    let mut bytes = bytes::<16>()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Ok(parts.join("-"))
}

fn bytes<const N: usize>() -> Result<[u8; N], StandInError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StandInError::NoRandom)?;
    Ok(bytes)
}
