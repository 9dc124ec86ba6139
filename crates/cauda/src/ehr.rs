//! The EHRs that Cauda works in: the part `[ehr]` of the file of settings; and the stand-in that
//! `cauda demo --ehr` starts beside the department.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use cauda_cds_hooks::Hook;
use cauda_ehr_stand_in::{Client, ClientKeys, PATIENCE, Registration, Running, StandIn};
use cauda_server::ehr::EhrConfig;
use serde::Deserialize;

use crate::error::CliError;

/// The part of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default)]
    url: String,
    number_system: Option<String>,
    #[serde(default)]
    hooks: Vec<String>,
    #[serde(default)]
    codes: Vec<PathBuf>,
    #[serde(default)]
    development: bool,
    #[serde(default)]
    registered: Vec<cauda_ehr::Settings>,
    #[serde(default)]
    smart: Vec<SmartPart>,
}

/// How a registered EHR opens the app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmartPart {
    tenant: String,
    client_id: String,
    key: Option<PathBuf>,
    #[serde(default)]
    further_keys: Vec<PathBuf>,
    scopes: Option<String>,
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    framed: bool,
}

/// As the server takes them.
///
/// # Errors
/// A hook that is not answered, and an app of an EHR that is not registered.
pub fn read(part: Settings) -> Result<EhrConfig, CliError> {
    let wrong = |message: String, help: String| Err(CliError::Argument { message, help });
    let mut hooks = Vec::new();
    for name in &part.hooks {
        match Hook::of_name(name) {
            Some(hook) => hooks.push(hook),
            None => {
                let known: Vec<&str> = Hook::ALL.iter().map(|hook| hook.name()).collect();
                let message = format!("ehr.hooks: {name:?} is no hook that is answered");
                return wrong(message, format!("the hooks are {}", known.join(", ")));
            }
        }
    }
    let mut smart = Vec::new();
    for one in part.smart {
        let known = part.registered.iter().find(|known| known.tenant == one.tenant);
        let Some(known) = known else {
            let message = format!("ehr.smart: no EHR is registered as {:?}", one.tenant);
            return wrong(message, "write its [[ehr.registered]] first".to_string());
        };
        smart.push(app(known, one));
    }
    Ok(EhrConfig {
        url: part.url.trim_end_matches('/').to_string(),
        number_system: part.number_system,
        registered: part.registered,
        smart,
        hooks,
        codes: part.codes,
        development: part.development,
    })
}

fn app(known: &cauda_ehr::Settings, part: SmartPart) -> cauda_smart::Settings {
    // Where browsers come back to is the server's to say.
    let mut settings =
        cauda_smart::Settings::new(&known.tenant, &known.fhir_base, &part.client_id, "");
    settings.key = part.key;
    settings.further_keys = part.further_keys;
    settings.scopes = part.scopes.unwrap_or(settings.scopes);
    settings.origins = part.origins;
    settings.framed = part.framed;
    settings.authority = known.authority.clone();
    settings.private_addresses = known.private_addresses;
    settings
}

/// What the stand-in calls us.
const CLIENT: &str = "cauda";
/// What the app may do there: read what the guideline asks about, and keep a decision.
const SCOPES: &str = "openid fhirUser patient/Patient.r patient/Encounter.r patient/Condition.rs \
    patient/Observation.crus patient/MedicationRequest.rs patient/MedicationStatement.rs \
    patient/AllergyIntolerance.rs patient/Device.rs patient/Procedure.rs patient/ServiceRequest.crus patient/DiagnosticReport.rs \
    patient/CarePlan.crus patient/Task.crus patient/Provenance.crus patient/GuidanceResponse.crus";
/// What a token that comes with a hook may read.
const HOOK_SCOPES: &str = "patient/Patient.r patient/Encounter.r patient/Condition.rs \
    patient/Observation.rs patient/MedicationRequest.rs patient/MedicationStatement.rs \
    patient/AllergyIntolerance.rs patient/Device.rs patient/Procedure.rs patient/ServiceRequest.rs patient/DiagnosticReport.rs";

/// A stand-in that has an address and waits.
pub struct Waiting {
    stand_in: StandIn,
}

impl Waiting {
    /// Takes an address for it, and says what the department has to know of it.
    ///
    /// # Errors
    /// No address is free, or the key of the app cannot be written.
    pub async fn bind(folder: &Path) -> Result<(Waiting, EhrConfig), CliError> {
        let stand_in = StandIn::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let stand_in = stand_in.map_err(|error| CliError::Internal(error.to_string()))?;
        let Registration { hook_issuer, hook_jwks_url, fhir_base, patient_number_system, .. } =
            stand_in.registration();
        let key = folder.join("app.key");
        let pem = cauda_jose::SigningKey::new_es384_pem()
            .map_err(|error| CliError::Internal(error.to_string()))?;
        write_secret(&key, &pem)?;
        let registered = cauda_ehr::Settings {
            name: "EHR stand-in".to_string(),
            tenant: "stand-in".to_string(),
            tenant_claim: None,
            fhir_base,
            issuers: vec![hook_issuer.clone()],
            jku: Some(hook_jwks_url),
            keys: None,
            token_seconds: None,
            origins: vec![hook_issuer],
            number_system: Some(patient_number_system),
            orders: true,
            rating: true,
            private_addresses: true,
            authority: None,
            specialist_services: Vec::new(),
        };
        let smart = SmartPart {
            tenant: registered.tenant.clone(),
            client_id: CLIENT.to_string(),
            key: Some(key),
            further_keys: Vec::new(),
            scopes: Some(SCOPES.to_string()),
            origins: Vec::new(),
            framed: true,
        };
        let smart = vec![app(&registered, smart)];
        let config = EhrConfig {
            registered: vec![registered],
            smart,
            hooks: Hook::ALL.to_vec(),
            ..EhrConfig::default()
        };
        Ok((Waiting { stand_in }, config))
    }

    /// Lets it work with the department at that address.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(self, department: &str) -> Result<Running, CliError> {
        let client = Client {
            id: CLIENT.to_string(),
            name: "Cauda".to_string(),
            keys: ClientKeys::Url(format!("{department}/.well-known/jwks.json")),
            redirect_uris: vec![format!("{department}/ehr/back")],
            launch_urls: vec![format!("{department}/ehr/launch")],
            scopes: format!("launch launch/patient {SCOPES}"),
        };
        let running = self.stand_in.run(cauda_ehr_stand_in::Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            cauda_base_url: department.to_string(),
            clients: vec![client],
            hook_client_id: CLIENT.to_string(),
            hook_scopes: HOOK_SCOPES.to_string(),
            clock: Arc::new(now),
            patience: PATIENCE,
            samples: true,
        });
        running.map_err(|error| CliError::Internal(error.to_string()))
    }
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// Writes a new file that its owner alone can read.
///
/// # Errors
/// It cannot be written, or is there already.
pub fn write_secret(path: &Path, text: &str) -> Result<(), CliError> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| CliError::Unwritable { path: path.into(), why: error.to_string() })
}
