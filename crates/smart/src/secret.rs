//! A text that is never shown, and overwritten when it is not needed any more. What the line to
//! the EHR or to the browser still holds of it, in its buffers, is not.

use std::fmt;

use zeroize::Zeroizing;

/// An access token or a handle. `Debug` and `Display` say only that it is one.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: Zeroizing<String>) -> Secret {
        Secret(text)
    }

    /// The text, to be written into the one header or cookie it is for, and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("secret")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("secret")
    }
}
