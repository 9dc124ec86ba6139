//! What a server holds for the EHRs it works in: who they are, how their charts are read, and what
//! they are told.

use std::collections::{BTreeMap, BTreeSet};
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
    /// The system of the department's own patient numbers: that of its only EHR if nothing is said.
    /// A number of another system is another patient's, whatever it is.
    pub number_system: Option<String>,
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
    fn registry(&self, clock: &Clock) -> Result<Registry, ServerError> {
        let ticking = clock.clone();
        let mode = match self.development {
            true => Mode::Development,
            false => Mode::Production,
        };
        let parts = Parts::new(Arc::new(move || ticking.now()));
        Ok(Registry::open(&self.registered, mode, parts)?)
    }

    /// The system of the department's own numbers.
    fn own_numbers(&self) -> Result<Option<String>, ServerError> {
        let all: BTreeSet<&String> =
            self.registered.iter().filter_map(|one| one.number_system.as_ref()).collect();
        match (&self.number_system, all.len()) {
            (Some(own), _) if all.contains(own) => Ok(Some(own.clone())),
            (Some(_), _) => {
                let what = "no [[ehr.registered]] has this number_system; write the one whose \
                            numbers are the department's own, exactly as it stands there";
                Err(wrong("ehr.number_system", &what))
            }
            (None, 0 | 1) => Ok(all.into_iter().next().cloned()),
            (None, _) => {
                let what = "it is missing, and the EHRs number patients by several systems: write \
                            the number_system whose numbers are the department's own; a number of \
                            another is another patient's";
                Err(wrong("ehr.number_system", &what))
            }
        }
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

/// Something that was asked of an EHR or read for it.
pub struct Asked {
    /// Of which, and what: `main: keys`.
    pub what: String,
    /// How it was had.
    pub done: String,
    /// Why it is of no use.
    pub told: Result<(), String>,
}

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
    /// The system of the department's own patient numbers.
    own_numbers: Option<String>,
}

/// All of it but the names of consultations, which come from the record's key.
pub struct Prepared {
    inside: Inside,
    /// Files with the keys of those who are not asked for them.
    from_files: BTreeMap<String, PathBuf>,
    /// Who opens the app, and the address of each.
    apps: Vec<(String, String)>,
}

impl Prepared {
    /// Reads and checks everything, and connects to nothing.
    ///
    /// # Errors
    /// [`ServerError::Ehr`], [`ServerError::OwnUrl`] and [`ServerError::Setting`], with what is
    /// wrong and how to mend it.
    pub fn read(
        config: &EhrConfig,
        guideline: &Guideline,
        clock: &Clock,
    ) -> Result<Prepared, ServerError> {
        crate::config::check_url(&config.url, "ehr.url")?;
        let registry = config.registry(clock)?;
        let own_numbers = config.own_numbers()?;
        let mut codes = Codes::shipped().map_err(|error| wrong("ehr", &error))?;
        for path in &config.codes {
            let failed = |error: &dyn std::fmt::Display| {
                wrong("ehr.codes", &format!("{}: {error}", path.display()))
            };
            let text = read_bounded(path).map_err(|error| failed(&error))?;
            codes.add(&text).map_err(|error| failed(&error))?;
        }
        let mut listed = Listed::of(guideline);
        if !config.hooks.is_empty() {
            listed.hooks = config.hooks.clone();
        }
        let table = Table::shipped(guideline).map_err(|error| wrong("ehr", &error))?;
        listed.observations = observations(&table, guideline);
        let smart = config.apps();
        let framers = config.registered.iter().flat_map(|one| one.origins.clone()).collect();
        let base = Base::new(&format!("{}/fhir", config.url));
        let inside = Inside {
            url: config.url.clone(),
            gate: Gate::of(&registry),
            registry,
            table,
            codes,
            listed,
            // Replaced as soon as there is a record; nothing is asked of them before.
            handles: Handles::new([0; 32]),
            opens: config.smart.iter().map(|one| one.tenant.clone()).collect(),
            base: base.map_err(|error| wrong("ehr.url", &error))?,
            launches: Launches::open(&smart).map_err(|error| wrong("ehr.smart", &error))?,
            keys: KeySet::read(&smart).map_err(|error| wrong("ehr.smart", &error))?,
            sessions: AppSessions::default(),
            calls: tokio::sync::Semaphore::new(CALLS_MAX),
            framers,
            own_numbers,
        };
        let files = config.registered.iter();
        let files = files.filter_map(|one| Some((one.tenant.clone(), one.keys.clone()?)));
        let apps = smart.iter().map(|app| (app.tenant.clone(), app.iss.clone())).collect();
        Ok(Prepared { inside, from_files: files.collect(), apps })
    }

    /// With the record's key.
    pub fn open(self, record: &Record) -> Inside {
        let handles = Handles::new(record.secret("consultations of EHRs"));
        Inside { handles, ..self.inside }
    }

    /// Asks each EHR for its keys and, where the app is opened, for what it says of itself.
    pub async fn ask(&self) -> Vec<Asked> {
        let keys = self.inside.registry.check().await.into_iter().map(|(id, told)| Asked {
            done: match self.from_files.get(&id) {
                Some(path) => format!("read from {}", path.display()),
                None => "answered".to_string(),
            },
            what: format!("{id}: keys"),
            told: told.map_err(|error| error.to_string()),
        });
        let mut asked: Vec<Asked> = keys.collect();
        for (tenant, iss) in &self.apps {
            let told = self.inside.launches.check(iss).await.map_err(|error| error.to_string());
            asked.push(Asked {
                what: format!("{tenant}: app"),
                done: "answered".to_string(),
                told,
            });
        }
        asked
    }
}

impl Inside {
    /// Reads and checks everything, and connects to nothing.
    ///
    /// # Errors
    /// As [`Prepared::read`].
    pub fn open(
        config: &EhrConfig,
        guideline: &Guideline,
        record: &Record,
        clock: &Clock,
    ) -> Result<Inside, ServerError> {
        Ok(Prepared::read(config, guideline, clock)?.open(record))
    }

    /// Whether an EHR numbers patients as the department does, so that a number of it names the
    /// department's patient. One of another system names somebody else.
    pub fn has_own_numbers(&self, tenant: &cauda_ehr::Settings) -> bool {
        tenant.number_system.is_some() && tenant.number_system == self.own_numbers
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

fn wrong(name: &'static str, error: &dyn std::fmt::Display) -> ServerError {
    ServerError::Setting { name, what: error.to_string() }
}
