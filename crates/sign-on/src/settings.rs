//! What a department says of its provider, and the checks of it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cauda_outbound::files::{self, wrong};
use cauda_outbound::{OutboundError, Place};

/// Where a provider's discovery document is, below its issuer.
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";
/// Most bytes of an issuer, so that the path still fits behind it.
const ISSUER_BYTES_MAX: usize = 1_024;
/// Most bytes of a client's id, of a claim's name and of a value of a role or an acr.
const TEXT_BYTES_MAX: usize = 256;
/// Most bytes of the scopes.
const SCOPES_BYTES_MAX: usize = 512;
/// Most further origins; values that are roles; acr values.
const ORIGINS_MAX: usize = 8;
const ROLES_MAX: usize = 200;
const ACR_MAX: usize = 16;
/// Most bytes of a role's id.
const ROLE_BYTES_MAX: usize = 64;
/// Fewest characters of the secret that seals.
const SEAL_CHARACTERS_MIN: usize = 32;
/// How long one of the two steps may take.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);
const TIMEOUT_SECONDS: u64 = 10;

/// What a department says of its provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer, exactly as its discovery document writes it: `https://…`, or `http://` to a
    /// number of this machine such as 127.0.0.1.
    pub issuer: String,
    /// The name the provider has for us.
    pub client_id: String,
    /// A file with the client's secret, one line; without one we are a public client.
    pub client_secret: Option<PathBuf>,
    /// Where the provider sends browsers back to, exactly as it knows it.
    pub redirect_uri: String,
    /// What is asked for, `openid` among it, separated by blanks.
    pub scopes: String,
    /// The claim with what becomes a role: its name, or from `/` on a JSON Pointer, such as
    /// `/realm_access/roles`.
    pub role_claim: String,
    /// From a value of that claim to the id of a role.
    pub roles: BTreeMap<String, String>,
    /// The claim with the name to show, likewise.
    pub name_claim: String,
    /// Further origins, such as `https://login.example.org`, on which the provider's endpoints may
    /// stand; they always may on the issuer's.
    pub origins: Vec<String>,
    /// A file with the only authorities to believe, in PEM; without one the public ones.
    pub authority: Option<PathBuf>,
    /// Ways to sign in of which one is required, as the provider names them in `acr`.
    pub required_acr: Option<Vec<String>>,
    /// A file with a secret of at least 32 characters, which seals what is kept while a person is
    /// at the provider. Several servers share one; without it a server knows what it sealed itself.
    pub seal_secret: Option<PathBuf>,
    /// How long `begin` may take, and `finish` again.
    pub timeout: Duration,
}

impl Settings {
    /// The usual ones: a public client, `openid profile`, roles in `groups`, the name in `name`,
    /// public authorities, 10 seconds.
    pub fn new(issuer: &str, client_id: &str, redirect_uri: &str) -> Settings {
        Settings {
            issuer: issuer.to_string(),
            client_id: client_id.to_string(),
            client_secret: None,
            redirect_uri: redirect_uri.to_string(),
            scopes: "openid profile".to_string(),
            role_claim: "groups".to_string(),
            roles: BTreeMap::new(),
            name_claim: "name".to_string(),
            origins: Vec::new(),
            authority: None,
            required_acr: None,
            seal_secret: None,
            timeout: Duration::from_secs(TIMEOUT_SECONDS),
        }
    }
}

/// The settings, read once and found usable.
pub(crate) struct Checked {
    pub(crate) issuer: String,
    pub(crate) discovery: Place,
    pub(crate) client_id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: String,
    pub(crate) role_claim: String,
    pub(crate) roles: BTreeMap<String, String>,
    pub(crate) name_claim: String,
    /// The issuer's and the further ones.
    pub(crate) origins: Vec<Place>,
    pub(crate) required_acr: Option<Vec<String>>,
    /// The secret that seals, where one is shared.
    pub(crate) seal: Option<String>,
    pub(crate) timeout: Duration,
}

impl Checked {
    pub(crate) fn new(settings: &Settings) -> Result<Checked, OutboundError> {
        let issuer = issuer(&settings.issuer)?;
        Place::read("redirect_uri", &settings.redirect_uri)?;
        check("client_id", is_text(&settings.client_id), TEXT)?;
        check("scopes", are_scopes(&settings.scopes), SCOPES)?;
        check("role_claim", is_text(&settings.role_claim), TEXT)?;
        check("name_claim", is_text(&settings.name_claim), TEXT)?;
        check("roles", are_roles(&settings.roles), ROLES)?;
        let acr = settings.required_acr.as_deref();
        check("required_acr", acr.is_none_or(are_acr), ACR)?;
        check("timeout", TIMEOUT.contains(&settings.timeout), "write 0.1 to 60 seconds")?;
        let secret = settings.client_secret.as_deref().map(|path| line(path, 1)).transpose()?;
        let seal = settings.seal_secret.as_deref();
        let discovery = settings.issuer.trim_end_matches('/').to_string() + DISCOVERY_PATH;
        Ok(Checked {
            issuer: settings.issuer.clone(),
            discovery: Place::read("issuer", &discovery)?,
            client_id: settings.client_id.clone(),
            secret,
            redirect_uri: settings.redirect_uri.clone(),
            scopes: settings.scopes.clone(),
            role_claim: settings.role_claim.clone(),
            roles: settings.roles.clone(),
            name_claim: settings.name_claim.clone(),
            origins: origins(issuer, &settings.origins)?,
            required_acr: settings.required_acr.clone(),
            seal: seal.map(|path| line(path, SEAL_CHARACTERS_MIN)).transpose()?,
            timeout: settings.timeout,
        })
    }
}

const TEXT: &str = "write 1 to 256 characters of ASCII";
const SCOPES: &str = "write scopes separated by single blanks, openid among them";
const ROLES: &str = "write 1 to 200 lines from a value of role_claim, at most 256 characters, to \
    the id of a role, at most 64 letters, digits and signs";
const ACR: &str = "write 1 to 16 values without blanks, or leave it out";

fn check(name: &'static str, right: bool, what: &'static str) -> Result<(), OutboundError> {
    if right { Ok(()) } else { Err(OutboundError::Setting { name, what }) }
}

fn issuer(issuer: &str) -> Result<Place, OutboundError> {
    let plain = issuer.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?');
    let what = "write it as its discovery document does, without ? and blanks";
    check("issuer", plain && issuer.len() <= ISSUER_BYTES_MAX, what)?;
    Place::read("issuer", issuer)
}

/// The issuer's origin, and the further ones. Where the issuer is reached encrypted, all are.
fn origins(issuer: Place, further: &[String]) -> Result<Vec<Place>, OutboundError> {
    check("origins", further.len() <= ORIGINS_MAX, "write at most 8")?;
    let encrypted = issuer.is_encrypted();
    let mut all = vec![issuer];
    for origin in further {
        let place = Place::read("origins", origin)?;
        check("origins", place.path() == "/", "write them without a path")?;
        check("origins", place.is_encrypted() || !encrypted, "write them from https:// on")?;
        all.push(place);
    }
    Ok(all)
}

fn is_text(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    printable && (1..=TEXT_BYTES_MAX).contains(&text.len())
}

/// RFC 6749 section 3.3.
fn are_scopes(scopes: &str) -> bool {
    let is_scope = |scope: &str| {
        let signs = scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
        signs && !scope.is_empty()
    };
    let openid = scopes.split(' ').any(|scope| scope == "openid");
    openid && scopes.len() <= SCOPES_BYTES_MAX && scopes.split(' ').all(is_scope)
}

fn are_roles(roles: &BTreeMap<String, String>) -> bool {
    let fits = |(value, role): (&String, &String)| {
        let graphic = role.bytes().all(|byte| byte.is_ascii_graphic());
        let role = graphic && (1..=ROLE_BYTES_MAX).contains(&role.len());
        role && (1..=TEXT_BYTES_MAX).contains(&value.len())
    };
    (1..=ROLES_MAX).contains(&roles.len()) && roles.iter().all(fits)
}

fn are_acr(all: &[String]) -> bool {
    let fits = |one: &String| {
        let graphic = one.bytes().all(|byte| byte.is_ascii_graphic());
        graphic && (1..=TEXT_BYTES_MAX).contains(&one.len())
    };
    (1..=ACR_MAX).contains(&all.len()) && all.iter().all(fits)
}

/// The one line of a file with a secret.
fn line(path: &Path, characters_min: usize) -> Result<String, OutboundError> {
    let what = match characters_min {
        1 => "write the secret on one line, and nothing else",
        _ => "write one line of 32 characters or more",
    };
    match <[String; 1]>::try_from(files::secret_lines(path)?) {
        Ok([secret]) if secret.chars().count() >= characters_min => Ok(secret),
        _ => Err(wrong(path, what)),
    }
}
