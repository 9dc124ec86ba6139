//! Other systems that send HL7: `[hl7]` of the file of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_hl7::{Hosts, Partner, Processing, Version};
use cauda_server::hl7::{Form, Hl7Config, Receiver, ReceiverTls, Service, Signs};
use serde::Deserialize;

use crate::error::CliError;
use crate::scanners::tls_files;

/// Most partners, and most services.
const LISTED_MAX: usize = 1_000;
/// Most receivers.
const RECEIVERS_MAX: usize = 32;

/// `[hl7]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hl7Part {
    listen: Option<SocketAddr>,
    #[serde(default)]
    training: bool,
    #[serde(default)]
    ignored: Vec<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_clients: Option<PathBuf>,
    #[serde(default)]
    partner: Vec<PartnerPart>,
    #[serde(default)]
    service: Vec<Service>,
    #[serde(default)]
    to: Vec<ToPart>,
}

/// `[[hl7.partner]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerPart {
    application: String,
    facility: Option<String>,
    hosts: Vec<String>,
}

/// `[[hl7.to]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToPart {
    name: String,
    host: String,
    port: u16,
    application: String,
    facility: String,
    #[serde(default)]
    also: Vec<String>,
    sender_application: Option<String>,
    sender_facility: Option<String>,
    version: Option<String>,
    #[serde(default)]
    form: Form,
    #[serde(default)]
    charset: Signs,
    authority_of_numbers: Option<String>,
    timeout_seconds: Option<u64>,
    pause_milliseconds: Option<u64>,
    #[serde(default)]
    tls: bool,
    tls_authority: Option<PathBuf>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    unencrypted: bool,
}

/// What the file says of HL7, as the server takes it.
pub struct Read {
    /// Who may send; nothing where nobody does.
    pub hl7: Option<Hl7Config>,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// What codes mean here.
    pub services: Vec<Service>,
}

/// As the server takes them.
///
/// # Errors
/// What does not fit, and how to mend it.
pub fn read(
    part: Hl7Part,
    listen: Option<SocketAddr>,
    address_file: Option<PathBuf>,
) -> Result<Read, CliError> {
    if part.to.len() > RECEIVERS_MAX {
        return Err(wrong("[[hl7.to]]: more than 32", "leave some out"));
    }
    let mut receivers: Vec<Receiver> = Vec::new();
    for one in part.to {
        let receiver = receiver(one, part.training)?;
        if receivers.iter().any(|other| other.name == receiver.name) {
            let message = format!("[[hl7.to]]: the name {:?} stands twice", receiver.name);
            return Err(wrong(&message, "give each a name of its own"));
        }
        receivers.push(receiver);
    }
    let nobody_sends = listen.is_none() && part.listen.is_none() && part.partner.is_empty();
    // The codes are also those of orders that come as FHIR.
    if nobody_sends && (!receivers.is_empty() || !part.service.is_empty()) {
        check_services(&part.service)?;
        return Ok(Read { hl7: None, receivers, services: part.service });
    }
    let listen = listen.or(part.listen).ok_or_else(|| {
        wrong(
            "[hl7]: `listen` is missing",
            "write listen = \"127.0.0.1:2575\", or give --hl7-listen",
        )
    })?;
    if part.partner.is_empty() || part.partner.len() > LISTED_MAX {
        let help = "name who may send: [[hl7.partner]] with application and hosts";
        return Err(wrong("[hl7]: nobody may send, or more than 1000", help));
    }
    check_services(&part.service)?;
    let partner = |one: PartnerPart| {
        let hosts: Result<Vec<Hosts>, _> =
            one.hosts.iter().map(|text| Hosts::read("hosts", text)).collect();
        let hosts = hosts
            .map_err(|error| wrong(&format!("[[hl7.partner]]: {error}"), "correct its hosts"))?;
        Ok(Partner { application: one.application, facility: one.facility, hosts })
    };
    let partners: Result<Vec<Partner>, CliError> = part.partner.into_iter().map(partner).collect();
    let tls = tls_files("[hl7]", part.tls_certificate, part.tls_key, part.tls_clients)?;
    let hl7 = Hl7Config {
        listen,
        address_file,
        partners: partners?,
        processing: if part.training { Processing::Training } else { Processing::Production },
        ignored: part.ignored,
        tls,
    };
    Ok(Read { hl7: Some(hl7), receivers, services: part.service })
}

fn check_services(services: &[Service]) -> Result<(), CliError> {
    if services.len() > LISTED_MAX {
        return Err(wrong("[[hl7.service]]: more than 1000", "leave some out"));
    }
    for (at, one) in services.iter().enumerate() {
        if services[..at].iter().any(|other| other.code == one.code) {
            let message = format!("[[hl7.service]]: the code {:?} stands twice", one.code);
            return Err(wrong(&message, "leave one of them out"));
        }
    }
    Ok(())
}

/// Whoever is told, as the server takes it. A line to another machine is encrypted, or the settings
/// say that it is not.
fn receiver(part: ToPart, training: bool) -> Result<Receiver, CliError> {
    let of = |what: &str| format!("[[hl7.to]] {}: {what}", part.name);
    let standard =
        Receiver::new(&part.name, &part.host, part.port, &part.application, &part.facility);
    let version = match part.version.as_deref() {
        None => standard.version,
        Some(text) => Version::read(text)
            .ok_or_else(|| wrong(&of("no such version"), "write 2.3, 2.3.1, 2.4, 2.5 or 2.5.1"))?,
    };
    let own = match (part.tls_certificate, part.tls_key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err(wrong(&of("a certificate needs its key"), "give both, or neither")),
    };
    let tls = part.tls || own.is_some() || part.tls_authority.is_some();
    let here = part.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if !tls && !here && !part.unencrypted {
        let help = "write tls = true, or unencrypted = true if the hospital's network protects it";
        return Err(wrong(&of("patients' data would travel in clear"), help));
    }
    let receiver = Receiver {
        sender: (
            part.sender_application.unwrap_or(standard.sender.0),
            part.sender_facility.unwrap_or(standard.sender.1),
        ),
        also: part.also,
        version,
        form: part.form,
        signs: part.charset,
        processing: if training { Processing::Training } else { Processing::Production },
        authority: part.authority_of_numbers,
        timeout_seconds: part.timeout_seconds.unwrap_or(standard.timeout_seconds),
        pause_milliseconds: part.pause_milliseconds.unwrap_or(standard.pause_milliseconds),
        tls: tls.then_some(ReceiverTls { authority: part.tls_authority, own }),
        name: standard.name,
        host: standard.host,
        port: standard.port,
        application: standard.application,
        facility: standard.facility,
    };
    match receiver.fault() {
        Some(what) => {
            let message = format!("[[hl7.to]] {}: {what}", receiver.name);
            Err(wrong(&message, "correct it"))
        }
        None => Ok(receiver),
    }
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}

#[cfg(test)]
mod tests {
    use super::{Hl7Part, Read, read};
    use crate::error::CliError;

    const RIS: &str = "[[to]]\nname = \"ris\"\nhost = \"10.1.2.9\"\nport = 2575\n\
                       application = \"RIS\"\nfacility = \"GENERAL\"\n";

    fn of(text: &str) -> Result<Read, CliError> {
        let part: Hl7Part = toml::from_str(text).unwrap();
        read(part, None, None)
    }

    #[test]
    fn who_is_told_needs_nobody_who_sends_and_a_line_that_is_encrypted_or_said_to_be_clear() {
        let told = of(&format!("{RIS}tls = true\ncharset = \"latin1\"\nversion = \"2.3\"\n"));
        let told = told.unwrap();
        assert!(told.hl7.is_none() && told.receivers[0].tls.is_some());
        assert!(of(&format!("{RIS}unencrypted = true\n")).is_ok());
        let said = |text: &str| match of(text) {
            Ok(_) => panic!("taken: {text}"),
            Err(CliError::Argument { message, .. }) => message,
            Err(error) => error.to_string(),
        };
        assert!(said(RIS).contains("in clear"), "{}", said(RIS));
        let clear = format!("{RIS}unencrypted = true\n");
        assert!(said(&format!("{clear}{clear}")).contains("stands twice"));
        assert!(said(&format!("{clear}version = \"2.6\"\n")).contains("no such version"));
        assert!(said(&format!("{clear}version = \"2.4\"\nform = \"omi\"\n")).contains("OMI began"));
        assert!(said(&format!("{clear}tls_key = \"k.pem\"\n")).contains("needs its key"));
    }
}
