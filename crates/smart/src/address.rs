//! Addresses of an EHR, compared taken apart and never as text.

use cauda_outbound::http::Uri;
use cauda_outbound::{Place, wire};

use crate::SmartError;

/// An address that may be asked.
#[derive(Clone)]
pub(crate) struct Address {
    /// As it was written.
    pub(crate) url: String,
    pub(crate) place: Place,
    /// Its host is a number of this machine.
    pub(crate) is_here: bool,
}

impl Address {
    /// Reads the address that the setting of this name holds.
    ///
    /// # Errors
    /// [`SmartError::Setting`].
    pub(crate) fn read(name: &'static str, url: &str) -> Result<Address, SmartError> {
        let wrong = SmartError::Setting { name, what: "write an address in ASCII without blanks" };
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong);
        }
        let place = Place::read(name, url)?;
        let uri: Uri = url.parse().map_err(|_| wrong.clone())?;
        let authority = uri.authority().ok_or(wrong)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        Ok(Address { url: url.to_string(), place, is_here: wire::is_loopback(host) })
    }

    /// Whether both are the same FHIR base: one origin and one path. A slash at the end is no
    /// difference, as some EHRs write it in one place and not in another; letters of a path are.
    pub(crate) fn same_base(&self, other: &Address) -> bool {
        let path = |one: &Address| one.place.path().trim_end_matches('/').to_string();
        self.place.same_origin(&other.place) && path(self) == path(other)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_compared_taken_apart() {
        let same = |one: &str, other: &str| {
            let read = |url| Address::read("iss", url).unwrap();
            read(one).same_base(&read(other))
        };
        let base = "https://ehr.example.org/fhir";
        for other in [base, "HTTPS://EHR.example.org:443/fhir/"] {
            assert!(same(base, other), "{other}");
        }
        for other in [
            "https://ehr.example.org.evil.example/fhir",
            "https://ehr.example.org/fhir/r4",
            "https://ehr.example.org/FHIR",
            "https://ehr.example.org/fhir?x",
            "https://ehr.example.org:444/fhir",
            "https://ehr.example.org/x/../fhir",
            "https://ehr.example.org/%66hir",
        ] {
            assert!(!same(base, other), "{other}");
        }
    }
}
