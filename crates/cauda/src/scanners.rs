//! The scanners of a department: `[[scanner]]`, `[[protocol]]`, `[[elsewhere]]` and `[dicom]` of
//! the file of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_dicom::Device;
use cauda_scans::{Protocol, ScannerSettings};
use cauda_server::scans::{DicomConfig, ScannersConfig, TransferSite};
use serde::Deserialize;

use crate::error::CliError;

/// How scanners reach the worklist.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DicomPart {
    listen: Option<SocketAddr>,
    ae_title: String,
    #[serde(default)]
    device: Vec<Device>,
}

/// The parts of the file.
#[derive(Debug, Default)]
pub struct Parts {
    /// `[[scanner]]`
    pub scanner: Vec<ScannerSettings>,
    /// `[[protocol]]`
    pub protocol: Vec<Protocol>,
    /// `[[elsewhere]]`
    pub elsewhere: Vec<TransferSite>,
    /// `[dicom]`
    pub dicom: Option<DicomPart>,
    /// `--dicom-listen`
    pub listen: Option<SocketAddr>,
    /// `--dicom-address-file`
    pub address_file: Option<PathBuf>,
}

/// As the server takes them; nothing for a department without a scanner.
///
/// # Errors
/// What does not fit, and how to mend it.
pub fn read(parts: Parts) -> Result<Option<ScannersConfig>, CliError> {
    let Parts { scanner, protocol, elsewhere, dicom, listen, address_file } = parts;
    if scanner.is_empty() {
        return match dicom.is_some() || listen.is_some() || !protocol.is_empty() {
            true => Err(wrong(
                "there is a worklist or a protocol, and no scanner",
                "name the scanners: [[scanner]] with id, name, ae_title and tesla",
            )),
            false => Ok(None),
        };
    }
    for (at, one) in scanner.iter().enumerate() {
        let twice = scanner[..at].iter().any(|other| other.id == one.id);
        let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
        if twice || one.id.is_empty() || one.id.len() > 32 || !one.id.chars().all(plain) {
            let help = "give each scanner an id of its own: letters, digits, - and _";
            return Err(wrong("[[scanner]]: an id is missing, twice or not plain", help));
        }
        if one.ae_title.is_empty() || one.ae_title.len() > 16 {
            return Err(wrong("[[scanner]]: an ae_title has 1 to 16 characters", "shorten it"));
        }
        if !(0.1..=20.0).contains(&one.tesla) {
            return Err(wrong("[[scanner]]: tesla is the field, such as 1.5", "correct it"));
        }
    }
    let dicom = match dicom {
        None => None,
        Some(part) => Some(listener(part, &scanner, listen, address_file)?),
    };
    Ok(Some(ScannersConfig { scanners: scanner, protocols: protocol, sites: elsewhere, dicom }))
}

fn listener(
    part: DicomPart,
    scanners: &[ScannerSettings],
    listen: Option<SocketAddr>,
    address_file: Option<PathBuf>,
) -> Result<DicomConfig, CliError> {
    for one in &part.device {
        if !scanners.iter().any(|scanner| scanner.id == one.scanner) {
            let message = format!("[[dicom.device]]: no scanner has the id {:?}", one.scanner);
            return Err(wrong(&message, "write its [[scanner]] first"));
        }
    }
    let listen = listen.or(part.listen).ok_or_else(|| {
        wrong(
            "[dicom]: `listen` is missing",
            "write listen = \"127.0.0.1:11112\", or give --dicom-listen",
        )
    })?;
    Ok(DicomConfig { listen, ae_title: part.ae_title, devices: part.device, address_file })
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}
