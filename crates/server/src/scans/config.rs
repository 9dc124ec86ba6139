//! What a department says of its scanners.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_guideline::Guideline;
use cauda_queue::SCANNERS_MAX;
use cauda_scans::{Catalogue, PROTOCOLS_MAX, Protocol, ScannerSettings};

use crate::ServerError;
use crate::clock::Clock;

/// Most bytes of a protocol's id and name.
const NAME_BYTES_MAX: usize = 64;
/// Most minutes of a scan, and of a day.
const SCAN_MINUTES_MAX: u32 = 600;
const DAY_MINUTES: u32 = 1_440;

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
    /// Other systems that are told of orders by HL7.
    pub receivers: Vec<crate::hl7::Receiver>,
    /// What the codes of orders mean here, for those that send them and those that are told.
    pub services: Vec<crate::hl7::Service>,
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
    pub address_file: Option<PathBuf>,
    /// Certificate, its key, and the authority of the certificates that scanners show, in PEM.
    pub tls: Option<(PathBuf, PathBuf, Option<PathBuf>)>,
}

impl ScannersConfig {
    /// Whether scanners and protocols can be worked with, and what codes of HL7 lead to is there.
    ///
    /// # Errors
    /// [`ServerError::Setting`].
    pub fn check(&self, guideline: &Guideline) -> Result<(), ServerError> {
        let wrong = |name, what: String| Err(ServerError::Setting { name, what });
        if self.scanners.len() > SCANNERS_MAX {
            return wrong("scanner", format!("there are more than {SCANNERS_MAX}"));
        }
        for scanner in &self.scanners {
            let mut times = scanner.reserved.iter().map(|one| (one.from_minute, one.minutes));
            if !times.all(|(from, long)| from < DAY_MINUTES && (1..=DAY_MINUTES).contains(&long)) {
                let what = "reserved time begins at minute 0 to 1439 and lasts 1 to 1440";
                return wrong("scanner.reserved", format!("{}: {what}", scanner.id));
            }
        }
        if self.protocols.len() > PROTOCOLS_MAX {
            return wrong("protocol", format!("there are more than {PROTOCOLS_MAX}"));
        }
        let own = Catalogue::new(guideline, Vec::new());
        let mut known: BTreeSet<&str> = own.all().map(|one| one.id.as_str()).collect();
        for one in &self.protocols {
            let [least, most] = one.minutes;
            if one.id.is_empty() || one.name.is_empty() {
                return wrong("protocol", "an id or a name is empty".to_string());
            }
            if one.id.len() > NAME_BYTES_MAX || one.name.len() > NAME_BYTES_MAX {
                let what = format!("an id or a name is longer than {NAME_BYTES_MAX} bytes");
                return wrong("protocol", what);
            }
            if least == 0 || least > most || most > SCAN_MINUTES_MAX {
                let what = "minutes are the least and the most, such as [15, 25]; at most 600";
                return wrong("protocol", format!("{}: {what}", one.id));
            }
            if !known.insert(&one.id) {
                let what = "stands there twice, or is a picture of the guideline; choose another";
                return wrong("protocol", format!("the id {} {what}", one.id));
            }
        }
        for service in &self.services {
            if !known.contains(service.protocol.as_str()) {
                let what = "no protocol and no picture of the guideline has the id";
                return wrong("hl7.service", format!("{what} {:?}", service.protocol));
            }
        }
        Ok(())
    }
}

impl DicomConfig {
    /// As the listener takes it.
    ///
    /// # Errors
    /// [`ServerError::Dicom`].
    pub fn settings(&self, clock: &Clock) -> Result<cauda_dicom::Settings, ServerError> {
        let ticking = clock.clone();
        let settings = cauda_dicom::Settings {
            ae_title: self.ae_title.clone(),
            devices: self.devices.clone(),
            limits: cauda_dicom::Limits::default(),
            tls: match &self.tls {
                // Scanners show certificates as systems that send HL7 do.
                Some((chain, key, clients)) => {
                    let read = cauda_hl7::server_tls(chain, key, clients.as_deref());
                    let wrong = |error| cauda_dicom::DicomError::Setting(format!("{error}"));
                    Some(read.map_err(wrong)?)
                }
                None => None,
            },
            clock: std::sync::Arc::new(move || ticking.now()),
        };
        settings.check()?;
        Ok(settings)
    }
}
