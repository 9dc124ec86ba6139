//! Random numbers, handed in so that tests bring their own.

use ring::rand::{SecureRandom, SystemRandom};

use crate::SignOnError;

/// Where random numbers come from.
pub trait RandomSource: Send + Sync {
    /// Fills the bytes.
    ///
    /// # Errors
    /// [`SignOnError::NoRandom`] when the machine has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SignOnError>;
}

/// The machine's.
impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), SignOnError> {
        SecureRandom::fill(self, bytes).map_err(|_| SignOnError::NoRandom)
    }
}

/// So many random bytes.
pub(crate) fn bytes<const N: usize>(random: &dyn RandomSource) -> Result<[u8; N], SignOnError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}
