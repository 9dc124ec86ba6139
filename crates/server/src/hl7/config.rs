//! What a department says of the systems that send to it.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_hl7::{Partner, Processing};
use cauda_scans::Kind;
use serde::Deserialize;

use crate::ServerError;
use crate::clock::Clock;
use crate::web::LocalTime;

/// How other systems reach the board by HL7.
#[derive(Clone, Debug)]
pub struct Hl7Config {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the address is written once it listens.
    pub address_file: Option<PathBuf>,
    /// Who may send.
    pub partners: Vec<Partner>,
    /// What MSH-11 has to be.
    pub processing: Processing,
    /// Kinds of messages that are answered and dropped, `ADT^A05`.
    pub ignored: Vec<String>,
    /// Certificate, its key, and the authority of the certificates that senders show, in PEM.
    pub tls: Option<(PathBuf, PathBuf, Option<PathBuf>)>,
}

impl Hl7Config {
    /// As the listener takes it.
    ///
    /// # Errors
    /// [`ServerError::Hl7`].
    pub(crate) fn settings(
        &self,
        local: &LocalTime,
        clock: &Clock,
    ) -> Result<cauda_hl7::Settings, ServerError> {
        let ticking = clock.clone();
        let reading = cauda_hl7::Reading::new(local.zone().clone());
        let now: cauda_hl7::Clock = std::sync::Arc::new(move || ticking.now());
        let mut settings = cauda_hl7::Settings::new(self.partners.clone(), reading, now);
        settings.processing = self.processing;
        settings.ignored = self.ignored.clone();
        if let Some((certificate, key, authority)) = &self.tls {
            settings.tls = Some(cauda_hl7::server_tls(certificate, key, authority.as_deref())?);
        }
        settings.check()?;
        Ok(settings)
    }
}

/// What a code of OBR-4 means here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The code, `MRBRS`.
    pub code: String,
    /// The id of the protocol, of `[[protocol]]` or of the guideline's pictures.
    pub protocol: String,
    /// What it is for, if the code says so: `stroke`, `trauma`, `emergency`.
    #[serde(default)]
    pub kind: Option<KindName>,
}

/// A kind of order by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// A stroke.
    Stroke,
    /// Severe injury.
    Trauma,
    /// Another emergency.
    Emergency,
    /// A patient of a ward.
    Inpatient,
    /// A patient who comes from home.
    Outpatient,
}

impl KindName {
    /// The kind.
    pub fn kind(self) -> Kind {
        match self {
            KindName::Stroke => Kind::Stroke,
            KindName::Trauma => Kind::Trauma,
            KindName::Emergency => Kind::Emergency,
            KindName::Inpatient => Kind::Inpatient,
            KindName::Outpatient => Kind::Outpatient,
        }
    }
}
