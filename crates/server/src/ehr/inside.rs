//! What a server holds for the EHRs it works in: who they are, how their charts are read, and what
//! they are told.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use cauda_cds_hooks::{Codes, Hook, Settings as Listed};
use cauda_chart::Table;
use cauda_ehr::{Gate, Mode, Parts, Registry};
use cauda_fhir_service::Base;
use cauda_guideline::Guideline;
use cauda_smart::{KeySet, Launches};
use cauda_store::Record;

use super::app_sessions::AppSessions;
use super::consult::Handles;
use crate::ServerError;
use crate::clock::Clock;

/// Most calls of hooks that are answered at once. More would be answered too late for every one of
/// them; who comes then hears at once that there is no advice.
const CALLS_MAX: usize = 64;
/// Most bytes of a file of order codes.
const CODES_BYTES_MAX: u64 = 256 * 1024;

/// What a department says of the EHRs it works in.
#[derive(Clone, Debug, Default)]
pub struct EhrConfig {
    /// Where EHRs reach this server, `https://ed.example.org`: what their tokens must say in `aud`
    /// begins so. Without it, the address listened on.
    pub url: String,
    /// The EHRs.
    pub registered: Vec<cauda_ehr::Settings>,
    /// How each of them opens the app. Where it is opened and comes back to is filled in.
    pub smart: Vec<cauda_smart::Settings>,
    /// Hooks that are offered; those of an order and of the discharge if nothing is said.
    pub hooks: Vec<Hook>,
    /// Files with order codes of the site, such as those of CPT it has licensed.
    pub codes: Vec<PathBuf>,
    /// To try out: the public sandbox may be registered.
    pub development: bool,
}

impl EhrConfig {
    /// Asks each EHR for its keys and, where the app is opened, for what it says of itself: what
    /// was asked, and why it would not work.
    ///
    /// # Errors
    /// [`ServerError::Ehr`]: settings with which nothing can be asked.
    pub async fn check(&self, clock: &Clock) -> Result<Vec<Asked>, ServerError> {
        let keys = self.registry(clock)?.check().await.into_iter();
        let keys = keys.map(|(id, told)| (format!("{id}: keys"), told.map_err(|e| e.to_string())));
        let mut asked: Vec<Asked> = keys.collect();
        let apps = self.apps();
        KeySet::read(&apps).map_err(|error| wrong(&error))?;
        let launches = Launches::open(&apps).map_err(|error| wrong(&error))?;
        for app in &apps {
            let told = launches.check(&app.iss).await.map_err(|error| error.to_string());
            asked.push((format!("{}: app", app.tenant), told));
        }
        Ok(asked)
    }

    fn registry(&self, clock: &Clock) -> Result<Registry, ServerError> {
        let ticking = clock.clone();
        let mode = match self.development {
            true => Mode::Development,
            false => Mode::Production,
        };
        let parts = Parts::new(Arc::new(move || ticking.now()));
        Ok(Registry::open(&self.registered, mode, parts)?)
    }

    /// How the app is opened, with where it is opened and comes back to.
    fn apps(&self) -> Vec<cauda_smart::Settings> {
        let whole = |one: &cauda_smart::Settings| {
            let mut one = one.clone();
            one.redirect_uri = format!("{}/ehr/back", self.url);
            one.launch_uri = format!("{}/ehr/launch", self.url);
            one
        };
        self.smart.iter().map(whole).collect()
    }
}

/// Something an EHR was asked, and why the answer is of no use.
pub type Asked = (String, Result<(), String>);

/// All of it, opened.
pub struct Inside {
    /// Address of this server, without a slash at the end.
    pub url: String,
    /// Who may call.
    pub registry: Registry,
    /// The way to their FHIR servers.
    pub gate: Gate,
    /// What their charts mean.
    pub table: Table,
    /// What their orders are.
    pub codes: Codes,
    /// What discovery lists.
    pub listed: Listed,
    /// Names of consultations.
    pub handles: Handles,
    /// Launches of the app.
    pub launches: Launches,
    /// EHRs that open the app.
    pub opens: BTreeSet<String>,
    /// Base of the addresses of our own forms, plans and codes.
    pub base: Base,
    /// Our public keys.
    pub keys: KeySet,
    /// The app as it is open.
    pub sessions: AppSessions,
    /// A place for each call of a hook that is being answered.
    pub calls: tokio::sync::Semaphore,
    /// Origins of EHRs that may show the app in a frame.
    pub framers: Vec<String>,
}

impl Inside {
    /// Reads and checks everything, and connects to nothing.
    ///
    /// # Errors
    /// [`ServerError::Ehr`], with what is wrong and how to mend it.
    pub fn open(
        config: &EhrConfig,
        guideline: &Guideline,
        record: &Record,
        clock: &Clock,
    ) -> Result<Inside, ServerError> {
        crate::config::check_url(&config.url, "ehr.url")?;
        let registry = config.registry(clock)?;
        let mut codes = Codes::shipped().map_err(|error| wrong(&error))?;
        for path in &config.codes {
            let failed = |error: &dyn std::fmt::Display| ServerError::File {
                path: path.clone(),
                what: error.to_string(),
            };
            let text = read_bounded(path).map_err(|error| failed(&error))?;
            codes.add(&text).map_err(|error| failed(&error))?;
        }
        let mut listed = Listed::of(guideline);
        if !config.hooks.is_empty() {
            listed.hooks = config.hooks.clone();
        }
        let table = Table::shipped(guideline).map_err(|error| wrong(&error))?;
        listed.observations = observations(&table, guideline);
        let smart = config.apps();
        let framers = config.registered.iter().flat_map(|one| one.origins.clone()).collect();
        Ok(Inside {
            url: config.url.clone(),
            gate: Gate::of(&registry),
            registry,
            table,
            codes,
            listed,
            handles: Handles::new(record.secret("consultations of EHRs")),
            opens: config.smart.iter().map(|one| one.tenant.clone()).collect(),
            base: Base::new(&format!("{}/fhir", config.url)).map_err(|error| wrong(&error))?,
            launches: Launches::open(&smart).map_err(|error| wrong(&error))?,
            keys: KeySet::read(&smart).map_err(|error| wrong(&error))?,
            sessions: AppSessions::default(),
            calls: tokio::sync::Semaphore::new(CALLS_MAX),
            framers,
        })
    }

    /// The address of a service, and with it what a token for it says in `aud`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// The observations that are asked for: those the table understands.
fn observations(table: &Table, guideline: &Guideline) -> Vec<String> {
    let kinds = [cauda_chart::Kind::Measured, cauda_chart::Kind::Coded];
    let codes = kinds.into_iter().flat_map(|kind| table.rows(kind)).flat_map(|row| &row.codes);
    let loinc = codes.filter(|code| code.systems.contains(&cauda_chart::System::Loinc));
    let mut all: Vec<String> = loinc.map(|code| code.code.clone()).collect();
    all.extend(Listed::of(guideline).observations);
    all.sort();
    all.dedup();
    all
}

fn read_bounded(path: &std::path::Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    if file.take(CODES_BYTES_MAX + 1).read_to_string(&mut text)? as u64 > CODES_BYTES_MAX {
        return Err(std::io::Error::other("it is larger than 256 KiB"));
    }
    Ok(text)
}

fn wrong(error: &dyn std::fmt::Display) -> ServerError {
    ServerError::EhrSettings(error.to_string())
}
