//! What a department says of an EHR that opens us, and the checks of it.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cauda_jose::{Algorithm, SigningKey};
use cauda_outbound::files::{self, wrong};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::SmartError;
use crate::address::Address;
use crate::scopes::{Context, SCOPES_BYTES_MAX, Scopes};

/// Where an EHR says what it can, below its FHIR base: SMART App Launch 2.2, "Conformance".
const DISCOVERY_PATH: &str = "/.well-known/smart-configuration";
/// Most bytes of a FHIR base, so that the path still fits behind it.
const ISS_BYTES_MAX: usize = 1_024;
/// Most bytes of a client's id and of a tenant.
const TEXT_BYTES_MAX: usize = 256;
/// Most further origins, and further keys.
const ORIGINS_MAX: usize = 8;
const FURTHER_KEYS_MAX: usize = 4;
/// How long one step may take.
const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(60);
const TIMEOUT_SECONDS: u64 = 10;
/// What is asked for where the settings say nothing else: who opens us, and to read what the
/// guideline asks about.
pub const SCOPES: &str = "openid fhirUser patient/Patient.r patient/Encounter.r \
    patient/Condition.rs patient/Observation.rs patient/MedicationRequest.rs \
    patient/MedicationStatement.rs patient/AllergyIntolerance.rs patient/Procedure.rs \
    patient/ServiceRequest.rs patient/DiagnosticReport.rs patient/Device.rs";

/// What a department says of one EHR.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Our own name of the hospital behind it.
    pub tenant: String,
    /// Its FHIR base address, which it sends as `iss` and wants back as `aud`: `https://…`, or
    /// `http://` to a number of this machine such as 127.0.0.1.
    pub iss: String,
    /// The name it has for us.
    pub client_id: String,
    /// Where it sends browsers back to, exactly as it knows it.
    pub redirect_uri: String,
    /// Where it opens us, exactly as it knows it; on the origin of `redirect_uri`.
    pub launch_uri: String,
    /// A file with our private key, PKCS #8 in PEM: EC on P-384 signs by ES384, RSA by RS384.
    /// Without one we are a public client.
    pub key: Option<PathBuf>,
    /// Further keys that are published beside it and sign nothing: the next one some days before
    /// it takes over, so that every EHR has read it by then.
    #[serde(default)]
    pub further_keys: Vec<PathBuf>,
    /// What is asked for, in the syntax of version 2, separated by blanks. `launch` or
    /// `launch/patient` is put before it. Nothing that outlives the visit, such as
    /// `offline_access`, may be asked for.
    #[serde(default = "usual_scopes")]
    pub scopes: String,
    /// Further origins, such as `https://login.example.org`, on which its endpoints may stand;
    /// they always may on that of `iss`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// A file with the only authorities to believe, in PEM; without one the public ones.
    pub authority: Option<PathBuf>,
    /// It stands in a private network, or on this machine.
    #[serde(default)]
    pub private_addresses: bool,
    /// It may open us in a frame whose browser keeps nothing for us; see the risk that
    /// [`crate::Tie::Frame`] names.
    #[serde(default)]
    pub framed: bool,
    /// How long `begin` may take, and `finish` again; no file says it.
    #[serde(skip, default = "usual_timeout")]
    pub timeout: Duration,
}

impl Settings {
    /// The usual ones: a public client, [`SCOPES`], public authorities and addresses, no frames
    /// without a cookie, 10 seconds.
    pub fn new(tenant: &str, iss: &str, client_id: &str, redirect_uri: &str) -> Settings {
        Settings {
            tenant: tenant.to_string(),
            iss: iss.to_string(),
            client_id: client_id.to_string(),
            redirect_uri: redirect_uri.to_string(),
            launch_uri: redirect_uri.to_string(),
            key: None,
            further_keys: Vec::new(),
            scopes: usual_scopes(),
            origins: Vec::new(),
            authority: None,
            private_addresses: false,
            framed: false,
            timeout: usual_timeout(),
        }
    }
}

fn usual_scopes() -> String {
    SCOPES.to_string()
}

fn usual_timeout() -> Duration {
    Duration::from_secs(TIMEOUT_SECONDS)
}

/// The settings, read once and found usable.
pub(crate) struct Checked {
    pub(crate) tenant: String,
    pub(crate) iss: Address,
    pub(crate) discovery: Address,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) key: Option<SigningKey>,
    pub(crate) asked: Scopes,
    pub(crate) scopes: String,
    /// That of `iss` and the further ones.
    pub(crate) origins: Vec<Address>,
    pub(crate) framed: bool,
    pub(crate) timeout: Duration,
}

impl Checked {
    /// For launches: these scopes, of patient and user.
    pub(crate) fn launch(settings: &Settings) -> Result<Checked, SmartError> {
        let back = Address::read("redirect_uri", &settings.redirect_uri)?;
        let launch = Address::read("launch_uri", &settings.launch_uri)?;
        let one = back.place.same_origin(&launch.place);
        check("launch_uri", one, "write it on the origin of redirect_uri")?;
        // The two words that begin a launch are chosen at each one.
        let words = settings.scopes.split(' ');
        let words: Vec<&str> =
            words.filter(|word| !matches!(*word, "launch" | "launch/patient")).collect();
        Checked::new(settings, &words.join(" "), &[Context::Patient, Context::User])
    }

    /// For the services behind: these scopes, of the system.
    pub(crate) fn backend(settings: &Settings, scopes: &str) -> Result<Checked, SmartError> {
        check("key", settings.key.is_some(), "a backend service needs a key; write where it is")?;
        Checked::new(settings, scopes, &[Context::System])
    }

    fn new(settings: &Settings, scopes: &str, contexts: &[Context]) -> Result<Checked, SmartError> {
        let iss = Address::read("iss", &settings.iss)?;
        let short = iss.url.len() <= ISS_BYTES_MAX && !iss.url.contains('?');
        check("iss", short, "write the FHIR base without ?, in at most 1024 characters")?;
        check("tenant", is_text(&settings.tenant), TEXT)?;
        check("client_id", is_text(&settings.client_id), TEXT)?;
        check("timeout", TIMEOUT.contains(&settings.timeout), "write 0.1 to 60 seconds")?;
        let asked = Scopes::read(scopes);
        check("scopes", are_scopes(scopes, &asked, contexts), SCOPES_WRONG)?;
        let lasting = asked.has("offline_access") || asked.has("online_access");
        check("scopes", !lasting, "leave out what outlives the visit: no refresh token is kept")?;
        let discovery = settings.iss.trim_end_matches('/').to_string() + DISCOVERY_PATH;
        Ok(Checked {
            tenant: settings.tenant.clone(),
            discovery: Address::read("iss", &discovery)?,
            origins: origins(&iss, &settings.origins)?,
            iss,
            client_id: settings.client_id.clone(),
            redirect_uri: settings.redirect_uri.clone(),
            key: settings.key.as_deref().map(read_key).transpose()?,
            asked,
            scopes: scopes.to_string(),
            framed: settings.framed,
            timeout: settings.timeout,
        })
    }
}

const TEXT: &str = "write 1 to 256 characters of ASCII";
const SCOPES_WRONG: &str = "write scopes separated by single blanks, such as \
    patient/Condition.rs; of patient and user for a launch, of system for a backend service";

fn check(name: &'static str, right: bool, what: &'static str) -> Result<(), SmartError> {
    if right { Ok(()) } else { Err(SmartError::Setting { name, what }) }
}

/// The origin of the base, and the further ones. Where the base is reached encrypted, all are.
fn origins(iss: &Address, further: &[String]) -> Result<Vec<Address>, SmartError> {
    check("origins", further.len() <= ORIGINS_MAX, "write at most 8")?;
    let mut all = vec![iss.clone()];
    for origin in further {
        let one = Address::read("origins", origin)?;
        check("origins", one.place.path() == "/", "write them without a path")?;
        let safe = one.place.is_encrypted() || !iss.place.is_encrypted();
        check("origins", safe, "write them from https:// on")?;
        all.push(one);
    }
    Ok(all)
}

fn is_text(text: &str) -> bool {
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    printable && (1..=TEXT_BYTES_MAX).contains(&text.len())
}

/// RFC 6749 section 3.3, and that each about resources is understood.
fn are_scopes(text: &str, scopes: &Scopes, contexts: &[Context]) -> bool {
    let is_scope = |scope: &str| {
        let signs = scope.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
        signs && !scope.is_empty()
    };
    let formed = text.len() <= SCOPES_BYTES_MAX && text.split(' ').all(is_scope);
    formed && !scopes.has_odd() && scopes.are_all(contexts)
}

/// Our public halves of all these, each once, with what must be read to know them.
pub(crate) fn keys(settings: &[Settings]) -> Result<Vec<SigningKey>, SmartError> {
    let mut keys: Vec<SigningKey> = Vec::new();
    for one in settings {
        let few = one.further_keys.len() <= FURTHER_KEYS_MAX;
        check("further_keys", few, "write at most 4")?;
        for path in one.key.iter().chain(&one.further_keys) {
            let key = read_key(path)?;
            if keys.iter().all(|known| known.kid() != key.kid()) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

fn read_key(path: &Path) -> Result<SigningKey, SmartError> {
    let lines = Zeroizing::new(files::secret_lines(path)?);
    let pem = Zeroizing::new(lines.join("\n"));
    let key = SigningKey::read(&pem).map_err(|error| match error {
        cauda_jose::JoseError::PrivateKey(what) => wrong(path, what).into(),
        _ => SmartError::NoRandom,
    })?;
    match key.algorithm() {
        Algorithm::Es384 | Algorithm::Rs384 => Ok(key),
        _ => Err(wrong(path, "SMART wants a key of EC on P-384, or of RSA").into()),
    }
}
