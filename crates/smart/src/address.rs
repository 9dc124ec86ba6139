//! Addresses of an EHR, compared taken apart and never as text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cauda_outbound::http::Uri;
use cauda_outbound::{Fault, Place};
use tokio::net::lookup_host;
use tokio::time::{Instant, timeout_at};

use crate::{Part, SmartError};

/// Most addresses of one name that are looked at; more are not dialled either.
const ADDRESSES_MAX: usize = 64;

/// An address that may be asked.
#[derive(Clone)]
pub(crate) struct Address {
    /// As it was written.
    pub(crate) url: String,
    pub(crate) place: Place,
    host: String,
    port: u16,
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
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_string();
        let port = authority.port_u16().unwrap_or(if place.is_encrypted() { 443 } else { 80 });
        Ok(Address { url: url.to_string(), place, host, port })
    }

    /// Whether both are the same FHIR base: one origin and one path. A slash at the end is no
    /// difference, as some EHRs write it in one place and not in another; letters of a path are.
    pub(crate) fn same_base(&self, other: &Address) -> bool {
        let path = |one: &Address| one.place.path().trim_end_matches('/').to_string();
        self.place.same_origin(&other.place) && path(self) == path(other)
    }

    /// Refuses a name that leads into a private network. The line is opened by the name again
    /// afterwards: whoever can change the name between the two still has no certificate for it.
    ///
    /// # Errors
    /// [`SmartError::PrivateAddress`], [`SmartError::Unreachable`].
    pub(crate) async fn check_public(
        &self,
        part: Part,
        deadline: Instant,
    ) -> Result<(), SmartError> {
        let fault = |fault| SmartError::Unreachable { part, fault };
        let asking = lookup_host((self.host.as_str(), self.port));
        let found = timeout_at(deadline, asking).await.map_err(|_| fault(Fault::Slow))?;
        let found = found.map_err(|_| fault(Fault::Away))?;
        match found.take(ADDRESSES_MAX).all(|one| is_public(one.ip())) {
            true => Ok(()),
            false => Err(SmartError::PrivateAddress { part }),
        }
    }
}

/// Whether the public internet knows an address: none of RFC 6890's special ones.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            | [192, 0, 0 | 2, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    // Only 2000::/3 is given out; of it, 6to4, Teredo and the examples lead elsewhere.
    match address.segments() {
        [0x2002, ..] | [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(address: &str, expect: bool) {
        assert_eq!(is_public(address.parse().unwrap()), expect, "{address}");
    }

    #[test]
    fn no_special_address_is_public() {
        for address in ["93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1"] {
            check(address, true);
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            check(address, false);
        }
    }

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
