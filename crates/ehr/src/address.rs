//! An address as it may be registered, taken apart strictly (RFC 3986), so that two of them are
//! compared by their parts and never as texts.
//!
//! The grammar is far narrower than the RFC's: ASCII, no name or password, no query, no fragment,
//! no percent sign, no empty or dotted segment. Whatever two readers could understand in two ways
//! is no address here, so there is nothing to normalise and nothing to get wrong.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cauda_outbound::{OutboundError, Place};

/// Most bytes of an address.
const ADDRESS_BYTES_MAX: usize = 1_024;
/// Most bytes of an address of a further page, with its query.
const PAGE_BYTES_MAX: usize = 8_000;
/// Most bytes of a name of a host, and of one of its labels.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;
/// Most segments of a path.
const SEGMENTS_MAX: usize = 32;
/// Ports of an address that names none.
const HTTPS_PORT: u16 = 443;
const HTTP_PORT: u16 = 80;

/// An address without a query: `https://…`, or `http://` to a number of this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    encrypted: bool,
    host: Host,
    port: u16,
    segments: Vec<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Host {
    Number(IpAddr),
    /// In small letters.
    Name(String),
}

impl Address {
    /// Takes an address apart; `None` of what is none, or could be read in two ways. One slash at
    /// the end says nothing.
    pub fn read(text: &str) -> Option<Address> {
        if text.len() > ADDRESS_BYTES_MAX || !text.is_ascii() {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let encrypted = match () {
            () if scheme.eq_ignore_ascii_case("https") => true,
            () if scheme.eq_ignore_ascii_case("http") => false,
            () => return None,
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = authority_parts(authority)?;
        let host = Host::read(host)?;
        if !encrypted && !host.is_loopback() {
            return None;
        }
        let port = match port {
            Some(port) => port_number(port)?,
            None if encrypted => HTTPS_PORT,
            None => HTTP_PORT,
        };
        Some(Address { encrypted, host, port, segments: segments(path)? })
    }

    /// Whether both are of one origin: scheme, host and port (RFC 6454).
    pub fn same_origin(&self, other: &Address) -> bool {
        (self.encrypted, &self.host, self.port) == (other.encrypted, &other.host, other.port)
    }

    /// Whether its host is a number of this machine.
    pub fn is_here(&self) -> bool {
        self.host.is_loopback()
    }

    /// Whether its host has that name or stands below it.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        match &self.host {
            Host::Number(_) => false,
            Host::Name(own) => {
                own.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }

    /// Path of it, without a slash at its end: empty, or from `/` on.
    pub(crate) fn path(&self) -> String {
        self.segments.iter().map(|segment| format!("/{segment}")).collect()
    }

    /// Its place, to be asked.
    pub(crate) fn place(&self, name: &'static str) -> Result<Place, OutboundError> {
        Place::read(name, &self.to_string())
    }

    /// The part below this base, with its query, that the link to a further page names: an address
    /// on the same origin and not above the base, or one relative to it. `None` of any other.
    pub(crate) fn page(&self, link: &str) -> Option<String> {
        if link.is_empty() || link.len() > PAGE_BYTES_MAX || !link.is_ascii() {
            return None;
        }
        let (place, query) = match link.split_once('?') {
            Some((place, query)) => (place, Some(query)),
            None => (link, None),
        };
        let below = match place.contains(':') {
            true => self.below(&Address::read(place)?)?,
            false if place.is_empty() => String::new(),
            false if place.starts_with('/') => return None,
            false => segments(&format!("/{place}"))?.join("/"),
        };
        match query {
            Some(query) => Some(format!("{below}?{}", query_text(query)?)),
            None => Some(below),
        }
    }

    /// What stands below this base in an address: its further segments.
    pub(crate) fn below(&self, other: &Address) -> Option<String> {
        let rest = other.segments.strip_prefix(self.segments.as_slice())?;
        self.same_origin(other).then(|| rest.join("/"))
    }
}

impl Host {
    fn read(text: &str) -> Option<Host> {
        if let Some(inner) = text.strip_prefix('[') {
            let number: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
            return Some(Host::Number(number.into()));
        }
        let name = text.to_ascii_lowercase();
        let is_label = |label: &str| {
            let signs = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let ends = label.starts_with('-') || label.ends_with('-');
            signs && !ends && (1..=LABEL_BYTES_MAX).contains(&label.len())
        };
        if name.len() > HOST_BYTES_MAX || !name.split('.').all(is_label) {
            return None;
        }
        // What ends in a number is a number of four parts, never one in octal or in one part.
        match name.rsplit('.').next()?.starts_with(|sign: char| sign.is_ascii_digit()) {
            true => name.parse().ok().map(|number: Ipv4Addr| Host::Number(number.into())),
            false => Some(Host::Name(name)),
        }
    }

    fn is_loopback(&self) -> bool {
        matches!(self, Host::Number(number) if number.is_loopback())
    }
}

/// Host, and port where there is one.
fn authority_parts(authority: &str) -> Option<(&str, Option<&str>)> {
    let name_ends = authority.rfind(']').map_or(0, |at| at + 1);
    match authority.get(name_ends..)?.find(':') {
        Some(at) => {
            let (host, port) = authority.split_at(name_ends + at);
            Some((host, Some(port.get(1..)?)))
        }
        None => Some((authority, None)),
    }
}

fn port_number(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !text.starts_with('0')).then(|| text.parse().ok()).flatten()
}

/// The segments of a path, which is empty or begins with a slash.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let Some(inner) = path.strip_prefix('/') else {
        return path.is_empty().then(Vec::new);
    };
    let is_segment = |segment: &&str| {
        let signs = segment.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'=' | b'$')
        });
        // Some servers drop dots at an end, so none stands there.
        signs && !segment.is_empty() && !segment.starts_with('.') && !segment.ends_with('.')
    };
    let found: Vec<&str> = inner.split('/').collect();
    let right = found.len() <= SEGMENTS_MAX && found.iter().all(is_segment);
    right.then(|| found.into_iter().map(str::to_string).collect())
}

/// A query as it may be sent back, RFC 3986 section 3.4; a bar, which many servers leave as it is,
/// is encoded.
pub(crate) fn query_text(query: &str) -> Option<String> {
    let bytes = query.as_bytes();
    let mut text = String::with_capacity(query.len());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'|' => text.push_str("%7C"),
            b'%' => {
                let pair = bytes.get(at + 1..at + 3)?;
                if !pair.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                text.push('%');
            }
            b'#' | b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'}' => return None,
            byte if byte.is_ascii_graphic() => text.push(char::from(*byte)),
            _ => return None,
        }
    }
    Some(text)
}

/// Written in one way only.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = match self.encrypted {
            true => ("https", HTTPS_PORT),
            false => ("http", HTTP_PORT),
        };
        match &self.host {
            Host::Number(IpAddr::V6(number)) => write!(out, "{scheme}://[{number}]")?,
            Host::Number(number) => write!(out, "{scheme}://{number}")?,
            Host::Name(name) => write!(out, "{scheme}://{name}")?,
        }
        if self.port != usual {
            write!(out, ":{}", self.port)?;
        }
        out.write_str(&self.path())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
