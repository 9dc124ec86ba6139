//! What a server is told before it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_words::Signatures;

use crate::ServerError;
use crate::ehr::EhrConfig;
use crate::outbox::Messages;
use crate::scans::ScannersConfig;

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
    /// The telephone of the department, for patients at home.
    pub telephone: Option<String>,
    /// Where patients reach this server, `https://ed.example.org`; without it no patient gets a link.
    pub patient_url: Option<String>,
    /// How patients at home are written to.
    pub messages: Messages,
    /// The hospital's identity provider, by which people sign in besides passwords.
    pub sign_on: Option<cauda_sign_on::Settings>,
    /// The EHRs that Cauda works in.
    pub ehr: Option<EhrConfig>,
    /// The scanners, if it has any.
    pub scanners: Option<ScannersConfig>,
    /// Translations that the department has had checked.
    pub signatures: Signatures,
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
            telephone: None,
            patient_url: None,
            messages: Messages::default(),
            sign_on: None,
            ehr: None,
            scanners: None,
            signatures: Signatures::default(),
            demo: false,
        }
    }
}

impl Config {
    /// Whether pages travel encrypted, so that cookies may insist on it.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some() || self.behind_proxy
    }

    /// Refuses an address that others reach without encryption, a demonstration that others reach
    /// at all, and files of addresses in folders that are not there.
    ///
    /// # Errors
    /// [`ServerError::Public`], [`ServerError::OwnUrl`], [`ServerError::File`].
    pub fn check(&self) -> Result<(), ServerError> {
        if let Some(url) = &self.patient_url {
            check_url(url, "patient_url")?;
        }
        let local = self.listen.ip().is_loopback();
        if !local && (!self.is_encrypted() || self.demo) {
            return Err(ServerError::Public(self.listen));
        }
        let scanners = self.scanners.as_ref();
        let dicom = scanners.and_then(|one| one.dicom.as_ref()?.address_file.as_ref());
        let hl7 = scanners.and_then(|one| one.hl7.as_ref()?.address_file.as_ref());
        for file in [self.address_file.as_ref(), dicom, hl7].into_iter().flatten() {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) {
                let what = "there is no such folder; make it first".to_string();
                return Err(ServerError::File { path: file.clone(), what });
            }
        }
        Ok(())
    }
}

/// Longest address under which a server is reached.
const URL_MAX: usize = 200;

/// An address that links can be made of, and that does not send a secret in the clear.
pub(crate) fn check_url(url: &str, name: &'static str) -> Result<(), ServerError> {
    let wrong = |what| Err(ServerError::OwnUrl { name, url: url.to_string(), what });
    let (host, is_clear) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(host), _) => (host, false),
        (_, Some(host)) => (host, true),
        _ => return wrong("it begins with neither https:// nor http://"),
    };
    let plain = |sign: char| sign.is_ascii_alphanumeric() || ".-:[]".contains(sign);
    if url.len() > URL_MAX || host.is_empty() || !host.chars().all(plain) {
        return wrong("write scheme, host and port alone, without a path or a slash at the end");
    }
    // The colons inside of brackets are those of an address of IPv6.
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    if let Some((_, port)) = after.split_once(':')
        && !port.parse().is_ok_and(|port: u16| port > 0)
    {
        return wrong("the port is a number from 1 to 65535");
    }
    let near = ["localhost", "127.0.0.1", "[::1]"];
    let is_near = near.iter().any(|near| {
        host == *near || host.strip_prefix(near).is_some_and(|rest| rest.starts_with(':'))
    });
    match is_clear && !is_near {
        true => wrong("what is sent there is secret, so it is reached by https"),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn links_go_by_https_and_to_a_plain_address() {
        for good in ["https://ed.example.org", "http://127.0.0.1:7070", "http://[::1]:80"] {
            assert!(check_url(good, "patient_url").is_ok(), "{good}");
        }
        for bad in [
            "ed.example.org",
            "http://ed.example.org",
            "https://ed.example.org/",
            "https://",
            "http://127.0.0.1.example.org",
            "https://ed.example.org:70700",
            "https://ed.example.org:0",
            "https://ed.example.org:",
            "https://[::1]:x",
            "https://a b",
        ] {
            assert!(check_url(bad, "patient_url").is_err(), "{bad}");
        }
    }
}
