//! What can go wrong when the stand-in is started or used by a test.

use std::net::SocketAddr;

use thiserror::Error;

/// Why the stand-in does not start, or does not do what a test asks of it.
#[derive(Debug, Error)]
pub enum StandInError {
    /// It would be reachable from elsewhere, and it knows no people and no passwords.
    #[error("the stand-in EHR does not listen on {0}; let it listen on 127.0.0.1")]
    Public(SocketAddr),
    /// The address is taken or not of this machine.
    #[error("the stand-in EHR cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the machine said.
        source: std::io::Error,
    },
    /// A setting cannot be used.
    #[error("the setting {name} of the stand-in EHR: {what}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// The machine has no random numbers.
    #[error("the machine gives no random numbers, so no keys can be made")]
    NoRandom,
    /// A resource is not valid.
    #[error("the resource cannot be kept: {0}")]
    Resource(String),
    /// A store is full.
    #[error("the stand-in EHR is full; start it anew")]
    Full,
    /// There is no such client, patient, encounter, order or launch.
    #[error("the stand-in EHR knows no such {0}")]
    Unknown(&'static str),
    /// The CDS service gave nothing that can be used.
    #[error("the CDS service at the configured address: {0}")]
    Service(String),
}
