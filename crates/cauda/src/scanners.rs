//! The scanners of a department: `[[scanner]]`, `[[protocol]]`, `[[elsewhere]]` and `[dicom]` of
//! the file of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_dicom::Device;
use cauda_scans::{Protocol, ScannerSettings};
use cauda_server::scans::{DicomConfig, ScannersConfig, TransferSite};
use serde::Deserialize;

use crate::error::CliError;
use crate::hl7::{self, Hl7Part};

/// How scanners reach the worklist.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DicomPart {
    listen: Option<SocketAddr>,
    ae_title: String,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_clients: Option<PathBuf>,
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
    /// `[hl7]`
    pub hl7: Option<Hl7Part>,
    /// `--hl7-listen`
    pub hl7_listen: Option<SocketAddr>,
    /// `--hl7-address-file`
    pub hl7_address_file: Option<PathBuf>,
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
    let Parts { scanner, protocol, elsewhere, dicom, listen, address_file, .. } = parts;
    let (hl7, hl7_listen, hl7_file) = (parts.hl7, parts.hl7_listen, parts.hl7_address_file);
    if scanner.is_empty() {
        let told = dicom.is_some() || listen.is_some() || hl7.is_some() || hl7_listen.is_some();
        return match told || !protocol.is_empty() {
            true => Err(wrong(
                "there is a worklist, a protocol or a line for HL7, and no scanner",
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
    let hl7 = match hl7 {
        Some(part) => hl7::read(part, hl7_listen, hl7_file)?,
        None if hl7_listen.is_some() => {
            let help = "name who may send: [hl7] with [[hl7.partner]] in the file of settings";
            return Err(wrong("--hl7-listen: nobody may send", help));
        }
        None => hl7::Read { hl7: None, receivers: Vec::new(), services: Vec::new() },
    };
    let hl7::Read { hl7, receivers, services } = hl7;
    let (scanners, protocols, sites) = (scanner, protocol, elsewhere);
    Ok(Some(ScannersConfig { scanners, protocols, sites, dicom, hl7, receivers, services }))
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
    let tls = tls_files("[dicom]", part.tls_certificate, part.tls_key, part.tls_clients)?;
    let (ae_title, devices) = (part.ae_title, part.device);
    Ok(DicomConfig { listen, ae_title, devices, address_file, tls })
}

/// Certificate, key, and the authority of the certificates that the others show.
pub type TlsFiles = Option<(PathBuf, PathBuf, Option<PathBuf>)>;

/// The files of an encrypted port.
///
/// # Errors
/// Some without the others.
pub fn tls_files(
    part: &str,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    clients: Option<PathBuf>,
) -> Result<TlsFiles, CliError> {
    match (certificate, key, clients) {
        (Some(certificate), Some(key), clients) => Ok(Some((certificate, key, clients))),
        (None, None, None) => Ok(None),
        _ => {
            let help =
                "give tls_certificate and tls_key, and tls_clients if the others show theirs";
            Err(wrong(&format!("{part}: TLS needs a certificate and its key"), help))
        }
    }
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}
