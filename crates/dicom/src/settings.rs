//! Who may call, and within which limits. Whoever is not named here is refused.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::charset::Charset;
use crate::error::DicomError;

/// Seconds since 1970 UTC, handed in so that tests bring their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Devices that one listener knows.
pub const MAX_DEVICES: usize = 1_000;

/// From where a device may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub enum Host {
    /// From anywhere; an AE title alone is no proof of who calls.
    Any,
    /// From this address or network: the address and how many of its leading bits count.
    Network(IpAddr, u8),
}

impl TryFrom<String> for Host {
    type Error = DicomError;

    fn try_from(text: String) -> Result<Host, DicomError> {
        Host::read(&text)
    }
}

impl Host {
    /// `any`, `10.1.2.3` or `10.1.0.0/16`; the same for IPv6.
    ///
    /// # Errors
    /// One sentence saying what to write.
    pub fn read(text: &str) -> Result<Host, DicomError> {
        let wrong = || {
            DicomError::Setting(
                "a host is `any`, an address, or a network such as \
             `10.1.0.0/16`"
                    .to_string(),
            )
        };
        if text == "any" {
            return Ok(Host::Any);
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > width { Err(wrong()) } else { Ok(Host::Network(address, bits)) }
    }

    /// Whether this address may call.
    pub fn holds(&self, address: IpAddr) -> bool {
        let Host::Network(network, bits) = *self else { return true };
        match (network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(bits.min(32));
                let cut = |bits: u32| u64::from(bits) >> shift;
                cut(network.to_bits()) == cut(address.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(bits.min(128));
                let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                cut(network.to_bits()) == cut(address.to_bits())
            }
            _ => false,
        }
    }
}

/// A device that may call. In a file of settings what is left out is as in [`Device::scanner`],
/// but for the host, which has to be said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its AE title, up to 16 characters; capitals count.
    pub ae_title: String,
    /// From where it calls.
    pub host: Host,
    /// The department's name for the scanner it belongs to.
    pub scanner: String,
    /// The character set it is answered in.
    #[serde(default = "utf8")]
    pub charset: Charset,
    /// Takes a patient's name without wildcards as the beginning of one.
    #[serde(default)]
    pub append_star: bool,
    /// Shows only steps scheduled on its own AE title.
    #[serde(default)]
    pub own_only: bool,
    /// May query the worklist.
    #[serde(default = "yes")]
    pub worklist: bool,
    /// May tell of performed steps.
    #[serde(default = "yes")]
    pub steps: bool,
}

fn utf8() -> Charset {
    Charset::Utf8
}

fn yes() -> bool {
    true
}

impl Device {
    /// A scanner that may do both, in UTF-8, from anywhere.
    pub fn scanner(ae_title: &str, scanner: &str) -> Device {
        Device {
            ae_title: ae_title.to_string(),
            host: Host::Any,
            scanner: scanner.to_string(),
            charset: Charset::Utf8,
            append_star: false,
            own_only: false,
            worklist: true,
            steps: true,
        }
    }
}

/// What one listener gives at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Associations at a time.
    pub associations: usize,
    /// Associations of one device at a time.
    pub per_device: usize,
    /// Bytes of one PDU that is received.
    pub pdu_bytes: u32,
    /// Requests of one association.
    pub requests: u32,
    /// Matches of one query.
    pub matches: usize,
    /// From the connection to the association.
    pub hello: Duration,
    /// Without a request.
    pub idle: Duration,
    /// For the other side to take what is sent.
    pub send: Duration,
    /// For the department to write a step down.
    pub commit: Duration,
    /// For open associations to end when the listener stops.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            associations: 64,
            per_device: 16,
            pdu_bytes: 64 * 1024,
            requests: 100_000,
            matches: 5_000,
            hello: Duration::from_secs(10),
            idle: Duration::from_secs(15 * 60),
            send: Duration::from_secs(30),
            commit: Duration::from_secs(10),
            grace: Duration::from_secs(5),
        }
    }
}

/// How a listener is set up.
#[derive(Clone)]
pub struct Settings {
    /// The AE title that scanners call.
    pub ae_title: String,
    /// Who may call.
    pub devices: Vec<Device>,
    /// Within which limits.
    pub limits: Limits,
    /// Encrypts every connection; without it none is.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The time now.
    pub clock: Clock,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Settings")
            .field("ae_title", &self.ae_title)
            .field("devices", &self.devices)
            .field("limits", &self.limits)
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The character sets of all devices, for [`crate::worklist::Worklist::new`].
    pub fn charsets(&self) -> impl Iterator<Item = Charset> {
        self.devices.iter().map(|device| device.charset)
    }

    /// Whether the settings make sense.
    ///
    /// # Errors
    /// [`DicomError::Setting`] with one sentence.
    pub fn check(&self) -> Result<(), DicomError> {
        let wrong = |what: String| Err(DicomError::Setting(what));
        if !is_title(&self.ae_title) {
            return wrong("the own AE title has 1 to 16 letters of ASCII".to_string());
        }
        if self.devices.len() > MAX_DEVICES {
            return wrong(format!("more than {MAX_DEVICES} devices"));
        }
        for (at, device) in self.devices.iter().enumerate() {
            let title = &device.ae_title;
            if !is_title(title) {
                return wrong(format!("device {at}: its AE title has 1 to 16 letters of ASCII"));
            }
            let twins = self.devices.iter().filter(|other| other.ae_title == *title);
            if twins.count() > 1 {
                return wrong(format!(
                    "the AE title {title} stands there twice; every device has \
                     its own"
                ));
            }
        }
        let limits = &self.limits;
        if !(4 * 1024..=4 * 1024 * 1024).contains(&limits.pdu_bytes) {
            return wrong("a PDU has between 4 KiB and 4 MiB".to_string());
        }
        if limits.associations == 0
            || limits.per_device == 0
            || limits.requests == 0
            || limits.matches == 0
        {
            return wrong("a limit of 0 would let nobody in".to_string());
        }
        Ok(())
    }
}

/// 1 to 16 letters of ASCII without backslash, spaces around it not counted.
fn is_title(title: &str) -> bool {
    (1..=16).contains(&title.len())
        && title == title.trim()
        && title.bytes().all(|byte| (0x20..0x7F).contains(&byte) && byte != b'\\')
}
