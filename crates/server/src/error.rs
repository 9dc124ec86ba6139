//! What can go wrong before or beside a request. No text of it holds a patient's data.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_store::StoreError;
use thiserror::Error;

/// An error of the server.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The record failed.
    #[error("the record: {0}")]
    Store(#[from] StoreError),
    /// Nobody may be listened to there.
    #[error(
        "{0} can be reached from outside, and nothing encrypts the way: give --tls-certificate \
         and --tls-key, say --behind-proxy if a proxy does it, or listen on 127.0.0.1"
    )]
    Public(SocketAddr),
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be read or written.
    #[error("{path}: {what}")]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: String,
    },
    /// The address of a server that has started cannot be written where it is to be.
    #[error("{path}: the address cannot be written: {source}")]
    AddressFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The machine gives no random numbers.
    #[error("this machine gives no random numbers, so nobody can be signed in safely")]
    NoRandom,
    /// A time zone is not known.
    #[error("the time zone {0} is not known here; write a name such as Europe/Berlin, or UTC")]
    TimeZone(String),
    /// An address under which this server is reached cannot be used.
    #[error("{name}: {url} cannot be used: {what}")]
    OwnUrl {
        /// Which setting.
        name: &'static str,
        /// The address.
        url: String,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// People cannot sign in by the provider of the settings.
    #[error("sign_on: {0}")]
    SignOn(#[from] cauda_sign_on::SignOnError),
    /// An EHR of the settings cannot be used.
    #[error("ehr.registered: {0}")]
    Ehr(#[from] cauda_ehr::EhrError),
    /// Scanners cannot be served.
    #[error("dicom: {0}")]
    Dicom(#[from] cauda_dicom::DicomError),
    /// HL7 cannot be listened for.
    #[error("hl7: {0}")]
    Hl7(#[from] cauda_hl7::Hl7Error),
    /// Another setting cannot be used.
    #[error("{name}: {what}")]
    Setting {
        /// Which, as it stands in the file, `ehr.codes`.
        name: &'static str,
        /// What is wrong, and how to mend it.
        what: String,
    },
    /// Messages cannot leave by the settings.
    #[error("messages: {0}")]
    Messages(#[from] cauda_post::PostError),
    /// The record has what this program cannot read.
    #[error("the record holds an event at position {0} that this program cannot read")]
    Unreadable(u64),
}

impl ServerError {
    /// Whether a setting is at fault, with which nothing was opened or made.
    pub fn is_of_settings(&self) -> bool {
        let later = matches!(self, ServerError::AddressFile { .. } | ServerError::NoRandom);
        !later && !matches!(self, ServerError::Store(_) | ServerError::Unreadable(_))
    }
}
