//! Which addresses may be reached. A name is looked up once, what it leads to is compared with
//! this, and the line goes to that address and no other, so that a name which leads elsewhere a
//! moment later (DNS rebinding) leads nowhere.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// Which addresses may be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public Internet.
    Public,
    /// Those, and those of networks in a house: RFC 1918, RFC 4193, RFC 6598.
    House,
    /// This machine alone.
    Here,
}

/// Leads from a name and a port to addresses; handed in where a test brings its own.
pub type Names = Arc<dyn Fn(&str, u16) -> Looking + Send + Sync>;
/// A name that is being looked up.
pub type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Addresses at which clouds tell whoever asks from inside who he is and his keys. They stand in
/// networks that would be those of a house.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

impl Reach {
    /// Whether that address may be reached. Unspecified, link-local, multicast, broadcast and
    /// reserved addresses never may, nor what hides an IPv4 address inside an IPv6 one.
    pub fn allows(self, address: IpAddr) -> bool {
        if METADATA.contains(&address) {
            return false;
        }
        let (public, house) = match address {
            IpAddr::V4(address) => (is_public_v4(address), is_house_v4(address)),
            IpAddr::V6(address) => (is_public_v6(address), is_house_v6(address)),
        };
        match self {
            Reach::Public => public,
            Reach::House => public || house,
            Reach::Here => address.is_loopback(),
        }
    }
}

/// RFC 1918, and RFC 6598 for what a provider shares.
fn is_house_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private() || (first == 100 && (64..128).contains(&second))
}

/// Outside of the special purposes of RFC 6890.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = match (first, second, third) {
        (0 | 127 | 224.., _, _) | (169, 254, _) => true,
        // Protocol assignments, 6to4 relays, benchmarks.
        (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _) => true,
        _ => address.is_documentation(),
    };
    !special && !is_house_v4(address)
}

/// RFC 4193.
fn is_house_v6(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xfe00 == 0xfc00
}

/// Inside 2000::/3, which is all that is given out, without what hides an IPv4 address (Teredo,
/// 6to4), benchmarks and documentation. NAT64 (64:ff9b::/96) stands outside of it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let special = match (first, second) {
        // Protocol assignments with Teredo among them, documentation, 6to4, documentation.
        (0x2001, 0..0x200 | 0xdb8) | (0x2002, _) | (0x3fff, 0..0x1000) => true,
        _ => false,
    };
    first & 0xe000 == 0x2000 && !special
}

/// A client's own limits of where it goes; without one it goes where a setting says.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) reach: Option<Reach>,
    pub(crate) names: Names,
}

impl Guard {
    pub(crate) fn new() -> Guard {
        Guard { reach: None, names: system_names() }
    }

    /// The addresses of a name that may be reached.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let mut found = (self.names)(host, port).await?;
        found.retain(|one| self.reach.is_none_or(|reach| reach.allows(one.ip())));
        Ok(found)
    }
}

/// The names of this machine's resolver.
pub fn system_names() -> Names {
    Arc::new(|host, port| {
        let host = host.to_string();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), port)).await?;
            Ok(found.collect())
        })
    })
}

impl fmt::Debug for Guard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reach.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    fn check(reach: Reach, addresses: &[&str], expect: bool) {
        for address in addresses {
            let Ok(number) = address.parse() else { panic!("{address}") };
            assert_eq!(reach.allows(number), expect, "{reach:?} {address}");
        }
    }

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "126.0.0.1",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.167.0.1",
        "192.169.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:200::1",
        "2600::1",
        "2a00:1450::1",
    ];
    const HOUSE: &[&str] = &[
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "fc00::1",
        "fd12:3456::1",
    ];
    const HERE: &[&str] = &["127.0.0.1", "127.255.255.255", "::1"];
    const NOWHERE: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "100.100.100.200",
        "169.254.169.254",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];

    #[test]
    fn each_address_is_of_one_kind() {
        for (reach, allowed) in [
            (Reach::Public, &[PUBLIC][..]),
            (Reach::House, &[PUBLIC, HOUSE]),
            (Reach::Here, &[HERE]),
        ] {
            for addresses in [PUBLIC, HOUSE, HERE, NOWHERE] {
                check(reach, addresses, allowed.contains(&addresses));
            }
        }
    }
}
