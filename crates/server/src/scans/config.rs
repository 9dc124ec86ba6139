//! What a department says of its scanners.

use std::net::SocketAddr;

use cauda_scans::{Protocol, ScannerSettings};

/// The scanners of a department. Without one there is no board.
#[derive(Clone, Debug, Default)]
pub struct ScannersConfig {
    /// Them.
    pub scanners: Vec<ScannerSettings>,
    /// Protocols of the site, beside the guideline's pictures.
    pub protocols: Vec<Protocol>,
    /// Other sites that scan when no slot here is in time (CR21).
    pub sites: Vec<TransferSite>,
    /// The worklist for scanners.
    pub dicom: Option<DicomConfig>,
    /// Other systems that tell of orders and patients by HL7.
    pub hl7: Option<crate::hl7::Hl7Config>,
}

/// Another hospital with a scanner.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferSite {
    /// Its name.
    pub name: String,
    /// Whom to call.
    pub telephone: String,
    /// Minutes until a patient lies in the scanner there, as agreed.
    pub minutes: u32,
}

/// How scanners reach the worklist.
#[derive(Clone, Debug)]
pub struct DicomConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The AE title that scanners call.
    pub ae_title: String,
    /// Who may call.
    pub devices: Vec<cauda_dicom::Device>,
    /// Where the address is written once it listens.
    pub address_file: Option<std::path::PathBuf>,
}
