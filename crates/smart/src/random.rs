//! Random numbers, handed in so that tests bring their own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::SmartError;

/// Bytes of a state, a nonce, a verifier, a handle and a `jti`: 256 bits each.
const SECRET_BYTES: usize = 32;

/// Where random numbers come from.
pub trait RandomSource: Send + Sync {
    /// Fills the bytes.
    ///
    /// # Errors
    /// [`SmartError::NoRandom`] when the machine has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SmartError>;
}

/// The machine's.
impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SmartError> {
        SecureRandom::fill(self, bytes).map_err(|_| SmartError::NoRandom)
    }
}

/// 256 bits as 43 characters that may stand in any address.
pub(crate) fn text(random: &dyn RandomSource) -> Result<Zeroizing<String>, SmartError> {
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    random.fill(&mut *bytes)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}
