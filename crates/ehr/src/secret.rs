//! An access token: kept in memory, sent to the registered server, shown to nobody.

use std::fmt;

use cauda_outbound::http::HeaderValue;

/// Most bytes of an access token.
const TOKEN_BYTES_MAX: usize = 16_384;

/// An access token of an EHR's FHIR server.
#[derive(Clone)]
pub struct Secret(HeaderValue);

impl Secret {
    /// Takes a token, RFC 6750 section 2.1; `None` of what is none or is too large.
    pub fn read(token: &str) -> Option<Secret> {
        let signs =
            token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
        if !signs || token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        value.set_sensitive(true);
        Some(Secret(value))
    }

    /// The value of the header `Authorization`.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("secret")
    }
}
