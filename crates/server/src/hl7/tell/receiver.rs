//! A system that is told of orders: where it is, and how it wants its messages.

use std::path::PathBuf;
use std::time::Duration;

use cauda_hl7::{
    Charset, Header, Hl7Error, Party, Processing, Sender, SenderSettings, Trust, Version,
};
use cauda_scans::{Request, Source};
use serde::Deserialize;

use super::message::is_booking;

/// How long an answer may take if nothing is said, in seconds.
const TIMEOUT_SECONDS: u64 = 30;

/// A system that is told of orders.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its name on the board and in the record: small letters, digits and `-`. Under another name
    /// it is another system, and is told everything anew.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// MSH-3 and MSH-4.
    pub sender: (String, String),
    /// MSH-5.
    pub application: String,
    /// MSH-6.
    pub facility: String,
    /// Other applications by which it sends: it is not told of what they ordered.
    pub also: Vec<String>,
    /// MSH-12.
    pub version: Version,
    /// Which message orders are.
    pub form: Form,
    /// MSH-18.
    pub signs: Signs,
    /// MSH-11.
    pub processing: Processing,
    /// Who gives the numbers of patients, PID-3.4.
    pub authority: Option<String>,
    /// How long reaching it, and an answer, may take each, in seconds.
    pub timeout_seconds: u64,
    /// How long to wait after an answer, in milliseconds.
    pub pause_milliseconds: u64,
    /// How the line is encrypted; in clear if nothing is said.
    pub tls: Option<ReceiverTls>,
}

/// Whose certificate is believed, and which is shown, each a file in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiverTls {
    /// Authorities; the public ones if not said.
    pub authority: Option<PathBuf>,
    /// Ours, and its key.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// Which message an order is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// ORM^O01
    #[default]
    Orm,
    /// OMI^O23, from version 2.5 on.
    Omi,
}

/// The characters of its messages. What it has no character for is not sent, and a person is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signs {
    /// UTF-8
    #[default]
    Utf8,
    /// ISO 8859-1
    Latin1,
    /// ASCII, declared by nothing.
    Ascii,
}

impl Receiver {
    /// A receiver of ORM^O01 2.5.1 in UTF-8, without encryption.
    pub fn new(name: &str, host: &str, port: u16, application: &str, facility: &str) -> Receiver {
        Receiver {
            name: name.to_string(),
            host: host.to_string(),
            port,
            sender: ("CAUDA".to_string(), "ED".to_string()),
            application: application.to_string(),
            facility: facility.to_string(),
            also: Vec::new(),
            version: Version::V2_5_1,
            form: Form::Orm,
            signs: Signs::Utf8,
            processing: Processing::Production,
            authority: None,
            timeout_seconds: TIMEOUT_SECONDS,
            pause_milliseconds: 0,
            tls: None,
        }
    }

    /// What does not fit, in words for who wrote the settings.
    pub fn fault(&self) -> Option<&'static str> {
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        let long = |text: &str| text.is_empty() || text.chars().count() > 180;
        let names = [&self.sender.0, &self.sender.1, &self.application, &self.facility];
        match () {
            () if self.name.is_empty() || self.name.len() > 32 || !self.name.chars().all(plain) => {
                Some("`name` is 1 to 32 small letters, digits and -")
            }
            () if names.into_iter().any(|name| long(name)) => {
                Some("applications and facilities, MSH-3 to MSH-6, have 1 to 180 characters")
            }
            () if self.form == Form::Omi && self.version < Version::V2_5 => {
                Some("OMI began with version 2.5; write `form = \"orm\"` or a later version")
            }
            () if !(1..=300).contains(&self.timeout_seconds) => {
                Some("`timeout_seconds` is 1 to 300")
            }
            () if self.pause_milliseconds > 60_000 => Some("`pause_milliseconds` is up to 60000"),
            () if self.also.len() > 64 => Some("`also` has more than 64 names"),
            () => None,
        }
    }

    /// Whether it is told of an order: not of one that it sent itself, nor of one of which nobody
    /// knows who sent it, nor of a date that waits for its order.
    pub fn hears_of(&self, request: &Request) -> bool {
        match (&request.source, &request.numbers.placed) {
            (source, _) if is_booking(source) => false,
            (Source::Hl7 { .. }, None) => false,
            (_, Some(placed)) => {
                let same = |name: &str| name.eq_ignore_ascii_case(&placed.application);
                let elsewhere = placed
                    .facility
                    .as_ref()
                    .is_some_and(|facility| !facility.eq_ignore_ascii_case(&self.facility));
                let itself = same(&self.application) && !elsewhere;
                !itself && !self.also.iter().any(|name| same(name))
            }
            (_, None) => true,
        }
    }

    /// Whether an application is its own.
    pub fn is_called(&self, application: &str) -> bool {
        let same = |name: &String| name.eq_ignore_ascii_case(application);
        same(&self.application) || self.also.iter().any(same)
    }

    /// The line to it; nothing is connected yet.
    ///
    /// # Errors
    /// Settings or files that cannot be used.
    pub fn line(&self) -> Result<Sender, Hl7Error> {
        let tls = match &self.tls {
            None => None,
            Some(tls) => {
                let trust = Trust::read(tls.authority.as_deref())?;
                Some(match &tls.own {
                    Some((chain, key)) => trust.client_showing(chain, key)?,
                    None => trust.client().map_err(|_| Hl7Error::Setting {
                        name: "[[hl7.to]]",
                        what: "no version of TLS can be spoken",
                    })?,
                })
            }
        };
        Sender::new(SenderSettings {
            host: self.host.clone(),
            port: self.port,
            tls,
            timeout: Duration::from_secs(self.timeout_seconds),
            pause: Duration::from_millis(self.pause_milliseconds),
        })
    }

    /// The head of a message to it.
    pub(super) fn header(&self, at: i64, control_id: &str) -> Header {
        let sender = Party::named(&self.sender.0, &self.sender.1);
        let receiver = Party::named(&self.application, &self.facility);
        let header = Header::new(sender, receiver, at, control_id);
        let header = match self.form {
            Form::Orm => header.orm(),
            Form::Omi => header.omi(),
        };
        Header {
            version: Some(self.version),
            processing: Some(self.processing),
            charset: match self.signs {
                Signs::Utf8 => Charset::utf8(),
                Signs::Latin1 => Charset::latin1(),
                Signs::Ascii => Charset::undeclared(),
            },
            ..header
        }
    }
}
