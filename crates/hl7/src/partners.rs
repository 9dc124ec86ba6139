//! Who may send: an application of a facility, from hosts that are named. Neither is a proof of
//! who it is; that takes TLS with certificates of clients.

use std::net::IpAddr;

use crate::{Hl7Error, Party};

/// A system that may send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// MSH-3: its name, or its universal id.
    pub application: String,
    /// MSH-4; any if not said.
    pub facility: Option<String>,
    /// From where it sends. None is nowhere.
    pub hosts: Vec<Hosts>,
}

/// An address, or all that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hosts {
    address: IpAddr,
    prefix: u32,
}

impl Hosts {
    /// Reads `10.1.2.3`, `10.1.0.0/16` or the like of version 6.
    ///
    /// # Errors
    /// [`Hl7Error::Setting`].
    pub fn read(name: &'static str, text: &str) -> Result<Hosts, Hl7Error> {
        let what = "write an address such as 10.1.2.3, or a network such as 10.1.0.0/16";
        let wrong = || Hl7Error::Setting { name, what };
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let address = address.to_canonical();
        let bits = bits(address);
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= bits),
            None => Some(bits),
        };
        Ok(Hosts { address, prefix: prefix.ok_or_else(wrong)? })
    }

    /// Whether an address is among them.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let differs = u32::from(ours) ^ u32::from(theirs);
                differs.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let differs = u128::from(ours) ^ u128::from(theirs);
                differs.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

fn bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl Partner {
    /// Whether it sends from there.
    pub(crate) fn sends_from(&self, address: IpAddr) -> bool {
        self.hosts.iter().any(|hosts| hosts.contains(address))
    }

    /// Whether it is this sender.
    pub(crate) fn is(&self, sender: &Party) -> bool {
        let name = |one: &Option<crate::Designator>| {
            one.as_ref().and_then(|one| one.name()).map(str::to_string)
        };
        let facility = name(&sender.facility);
        name(&sender.application).is_some_and(|name| name == self.application)
            && self.facility.as_ref().is_none_or(|ours| facility.as_ref() == Some(ours))
    }
}
