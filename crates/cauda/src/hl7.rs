//! Other systems that send HL7: `[hl7]` of the file of settings.

use std::net::SocketAddr;
use std::path::PathBuf;

use cauda_hl7::{Hosts, Partner, Processing};
use cauda_server::hl7::{Hl7Config, Service};
use serde::Deserialize;

use crate::error::CliError;
use crate::scanners::tls_files;

/// Most partners, and most services.
const LISTED_MAX: usize = 1_000;

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
}

/// `[[hl7.partner]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerPart {
    application: String,
    facility: Option<String>,
    hosts: Vec<String>,
}

/// As the server takes them.
///
/// # Errors
/// What does not fit, and how to mend it.
pub fn read(
    part: Hl7Part,
    listen: Option<SocketAddr>,
    address_file: Option<PathBuf>,
) -> Result<Hl7Config, CliError> {
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
    if part.service.len() > LISTED_MAX {
        return Err(wrong("[[hl7.service]]: more than 1000", "leave some out"));
    }
    let partner = |one: PartnerPart| {
        let hosts: Result<Vec<Hosts>, _> =
            one.hosts.iter().map(|text| Hosts::read("hosts", text)).collect();
        let hosts = hosts
            .map_err(|error| wrong(&format!("[[hl7.partner]]: {error}"), "correct its hosts"))?;
        Ok(Partner { application: one.application, facility: one.facility, hosts })
    };
    let partners: Result<Vec<Partner>, CliError> = part.partner.into_iter().map(partner).collect();
    for (at, one) in part.service.iter().enumerate() {
        if part.service[..at].iter().any(|other| other.code == one.code) {
            let message = format!("[[hl7.service]]: the code {:?} stands twice", one.code);
            return Err(wrong(&message, "leave one of them out"));
        }
    }
    let tls = tls_files("[hl7]", part.tls_certificate, part.tls_key, part.tls_clients)?;
    Ok(Hl7Config {
        listen,
        address_file,
        partners: partners?,
        processing: if part.training { Processing::Training } else { Processing::Production },
        ignored: part.ignored,
        services: part.service,
        tls,
    })
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}
