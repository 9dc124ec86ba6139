//! What a department says of an EHR, and the checks of it.

use std::path::PathBuf;

use cauda_outbound::OutboundError;
use serde::Deserialize;

use crate::Address;

/// Most bytes of an id of ours, of a name, of another text, of an issuer.
const ID_BYTES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 120;
const TEXT_BYTES_MAX: usize = 256;
const ISSUER_BYTES_MAX: usize = 1_024;
/// Most issuers, origins and services of one EHR.
const ISSUERS_MAX: usize = 8;
const ORIGINS_MAX: usize = 16;
const SERVICES_MAX: usize = 64;
/// How long a token may be good, in seconds; the usual and the longest.
const TOKEN_SECONDS: i64 = 300;
const TOKEN_SECONDS_MAX: i64 = 900;
/// The public sandbox of CDS Hooks, whose signing key everybody can read.
const SANDBOX: &str = "sandbox.cds-hooks.org";

/// How strictly EHRs are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As patients need it.
    Production,
    /// To try out: the public sandbox may be registered.
    Development,
}

/// What a department says of one EHR: the table `[[ehr]]` of its settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Its name, to be shown.
    pub name: String,
    /// Our id of it: small letters, digits and `-`.
    pub tenant: String,
    /// What its tokens say in `tenant`, where they do; without it, that is our id. Two EHRs of one
    /// issuer are told apart by it.
    pub tenant_claim: Option<String>,
    /// The base of its FHIR server: `https://…`, or `http://` to a number of this machine.
    pub fhir_base: String,
    /// What its tokens may say in `iss`, exactly.
    pub issuers: Vec<String>,
    /// Where its key set is. A token that names another place is refused.
    pub jku: Option<String>,
    /// A file with its key set, which is then not fetched.
    pub keys: Option<PathBuf>,
    /// How long its tokens may be good, in seconds, 60 to 900; without it 300.
    pub token_seconds: Option<i64>,
    /// Origins of its pages whose scripts may call, such as `https://ehr.example.org`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The system of the hospital's patient number, as its FHIR server writes it.
    pub number_system: Option<String>,
    /// Whether it may put orders onto the board of the scanners, as `ServiceRequest`.
    #[serde(default)]
    pub orders: bool,
    /// Whether it wants a rating in the orders it shows (PAMA).
    #[serde(default)]
    pub rating: bool,
    /// Whether it stands in the house: its name may then lead to private addresses, and its base
    /// may be a number of this machine.
    #[serde(default)]
    pub private_addresses: bool,
    /// A file with the only authorities to believe, in PEM; without one the public ones.
    pub authority: Option<PathBuf>,
    /// Services, as the EHR names them, whose orders come from specialists.
    #[serde(default)]
    pub specialist_services: Vec<String>,
}

/// The settings, read once and found usable.
pub(crate) struct Checked {
    pub(crate) fhir_base: Address,
    pub(crate) jku: Option<Address>,
    pub(crate) tenant_claim: String,
    pub(crate) token_seconds: i64,
}

impl Checked {
    pub(crate) fn new(settings: &Settings, mode: Mode) -> Result<Checked, OutboundError> {
        check("tenant", is_id(&settings.tenant), "write 1 to 64 small letters, digits and -")?;
        check("name", is_text(&settings.name, NAME_BYTES_MAX), "write 1 to 120 bytes")?;
        issuers(&settings.issuers)?;
        let fhir_base = address("fhir_base", &settings.fhir_base, settings)?;
        let jku = settings.jku.as_deref();
        let jku = jku.map(|jku| address("jku", jku, settings)).transpose()?;
        let some = jku.is_some() || settings.keys.is_some();
        check("jku", some, "write where its key set is, or in keys a file with it")?;
        refuse_sandbox(settings, &fhir_base, jku.as_ref(), mode)?;
        let claim = settings.tenant_claim.as_ref().unwrap_or(&settings.tenant);
        check("tenant_claim", is_text(claim, TEXT_BYTES_MAX), "write 1 to 256 bytes")?;
        let seconds = settings.token_seconds.unwrap_or(TOKEN_SECONDS);
        let fits = (60..=TOKEN_SECONDS_MAX).contains(&seconds);
        check("token_seconds", fits, "write 60 to 900 seconds")?;
        let few = settings.origins.len() <= ORIGINS_MAX;
        let all = settings.origins.iter().all(|origin| is_origin(origin));
        check("origins", few && all, ORIGINS)?;
        let number = settings.number_system.as_deref();
        check("number_system", number.is_none_or(is_system), SYSTEM)?;
        let services = &settings.specialist_services;
        let texts = services.iter().all(|one| is_text(one, TEXT_BYTES_MAX));
        check("specialist_services", texts && services.len() <= SERVICES_MAX, SERVICES)?;
        Ok(Checked { fhir_base, jku, tenant_claim: claim.clone(), token_seconds: seconds })
    }
}

const ADDRESS: &str = "write an address from https:// on, of letters, digits and - . _ ~ = $, \
    without ?, #, @, % and dotted segments; http:// goes to a number of this machine such as \
    127.0.0.1";
const HERE: &str = "this machine is reached only where private_addresses = true";
const ORIGINS: &str = "write at most 16 as a browser does, such as https://ehr.example.org: small \
    letters, no path, no usual port, never *";
const SYSTEM: &str = "write the address that stands as the system of the patient number";
const SERVICES: &str = "write at most 64, each of 1 to 256 bytes";
const SANDBOX_IS_PUBLIC: &str = "the signing key of sandbox.cds-hooks.org is public, so anybody \
    could call in its name; it is registered in development alone";

fn check(name: &'static str, right: bool, what: &'static str) -> Result<(), OutboundError> {
    if right { Ok(()) } else { Err(OutboundError::Setting { name, what }) }
}

fn address(name: &'static str, text: &str, settings: &Settings) -> Result<Address, OutboundError> {
    let wrong = OutboundError::Setting { name, what: ADDRESS };
    let address = Address::read(text).ok_or(wrong)?;
    check(name, settings.private_addresses || !address.is_here(), HERE)?;
    // What is asked later is built of it, so it is tried once.
    address.place(name)?;
    Ok(address)
}

fn issuers(all: &[String]) -> Result<(), OutboundError> {
    let fits = |one: &String| {
        let plain = one.bytes().all(|byte| byte.is_ascii_graphic());
        plain && (1..=ISSUER_BYTES_MAX).contains(&one.len())
    };
    let right = (1..=ISSUERS_MAX).contains(&all.len()) && all.iter().all(fits);
    check("issuers", right, "write 1 to 8, each exactly as its tokens do in iss, without blanks")
}

fn refuse_sandbox(
    settings: &Settings,
    fhir_base: &Address,
    jku: Option<&Address>,
    mode: Mode,
) -> Result<(), OutboundError> {
    let names_it = |text: &String| text.to_ascii_lowercase().contains(SANDBOX);
    let open = mode == Mode::Development;
    check("issuers", open || !settings.issuers.iter().any(names_it), SANDBOX_IS_PUBLIC)?;
    check("fhir_base", open || !fhir_base.is_of(SANDBOX), SANDBOX_IS_PUBLIC)?;
    check("jku", open || !jku.is_some_and(|jku| jku.is_of(SANDBOX)), SANDBOX_IS_PUBLIC)?;
    check("origins", open || !settings.origins.iter().any(names_it), SANDBOX_IS_PUBLIC)
}

fn is_id(text: &str) -> bool {
    let signs = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(signs) && (1..=ID_BYTES_MAX).contains(&text.len())
}

fn is_text(text: &str, bytes_max: usize) -> bool {
    let plain = !text.chars().any(char::is_control) && text.trim() == text;
    plain && (1..=bytes_max).contains(&text.len())
}

/// Exactly what a browser writes into `Origin`, because that is compared as a text.
fn is_origin(text: &str) -> bool {
    Address::read(text).is_some_and(|origin| origin.to_string() == text && origin.path() == "")
}

fn is_system(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    plain && text.contains(':') && text.len() <= TEXT_BYTES_MAX
}
