//! Our public keys, as every EHR reads them: a JSON Web Key Set (RFC 7517 section 5).

use cauda_jose::key_set;

use crate::SmartError;
use crate::settings::{self, Settings};

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// The body, of `Content-Type: application/json`. No private member is in it.
    pub json: String,
    /// The header `Cache-Control`.
    pub cache_control: &'static str,
}

impl KeySet {
    /// Reads the keys of all settings; a key that several have is there once.
    ///
    /// # Errors
    /// [`SmartError::Setting`], [`SmartError::File`].
    pub fn read(settings: &[Settings]) -> Result<KeySet, SmartError> {
        let json = key_set(&settings::keys(settings)?).to_string();
        Ok(KeySet { json, cache_control: "public, max-age=3600" })
    }
}
