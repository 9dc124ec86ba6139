//! What a server is told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::ServerError;

/// Where, on what, and how a department is served.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// A file the address is written to once the server answers.
    pub address_file: Option<PathBuf>,
    /// A proxy in front encrypts the way.
    pub behind_proxy: bool,
    /// Certificate chain and key, in PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Minutes without a request after which a person signs in again.
    pub idle_minutes: u32,
    /// Time zone of the department, by its IANA name.
    pub time_zone: String,
    /// Name of the department, shown on every page.
    pub department: String,
    /// Patients may check at home where to go, without an account. It may be a device by law.
    pub self_check: bool,
    /// Whom patients call when every minute counts, `112`.
    pub emergency_number: Option<String>,
    /// Invented patients, and a sign-in without passwords.
    pub demo: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 7070)),
            address_file: None,
            behind_proxy: false,
            tls: None,
            idle_minutes: 15,
            time_zone: "UTC".to_string(),
            department: "Emergency department".to_string(),
            self_check: false,
            emergency_number: None,
            demo: false,
        }
    }
}

impl Config {
    /// Whether pages travel encrypted, so that cookies may insist on it.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some() || self.behind_proxy
    }

    /// Whether the time zone is known here.
    ///
    /// # Errors
    /// [`ServerError::TimeZone`].
    pub fn check_time_zone(&self) -> Result<(), ServerError> {
        crate::web::local_time(self).map(drop)
    }

    /// Whether certificate and key can be read and belong together; nothing to check without.
    ///
    /// # Errors
    /// [`ServerError::File`].
    pub fn check_tls(&self) -> Result<(), ServerError> {
        match &self.tls {
            Some((chain, key)) => crate::tls::config(chain, key).map(drop),
            None => Ok(()),
        }
    }

    /// Refuses an address that others reach without encryption, and a demonstration
    /// that others reach at all.
    ///
    /// # Errors
    /// [`ServerError::Public`].
    pub fn check(&self) -> Result<(), ServerError> {
        let local = self.listen.ip().is_loopback();
        if !local && (!self.is_encrypted() || self.demo) {
            return Err(ServerError::Public(self.listen));
        }
        Ok(())
    }
}
