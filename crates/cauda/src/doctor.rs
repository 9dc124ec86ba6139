//! `cauda doctor`: whether a department could be served with these settings. It only looks.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cauda_server::clock::Clock;
use cauda_server::ehr::EhrConfig;
use cauda_server::streams::OPEN;
use cauda_store::{Options, Record, SigningKey, StoreError};
use cauda_words::{Language, Page, Words};
use tokio::time::timeout;

use crate::args::Serve;
use crate::error::CliError;
use crate::out;
use crate::serve::Chosen;

/// How long the record may take to answer.
const LOOK_LIMIT: Duration = Duration::from_secs(20);

/// How far the clock may be behind the newest event, in microseconds.
const CLOCK_BEHIND_MAX: i64 = 60_000_000;

/// How a thing stands.
enum Found {
    /// As it should be.
    Fine(String),
    /// It works, and somebody should know.
    Note(String),
    /// It does not work: what, and how to mend it.
    Fault(String, &'static str),
}

/// Looks at everything; 1 when something does not work.
///
/// # Errors
/// Settings that cannot be read.
pub fn run(args: &Serve) -> Result<u8, CliError> {
    let chosen = Chosen::new(args)?;
    let mut faults = 0;
    let mut say = |what: &str, found: Found| {
        let (mark, text) = match found {
            Found::Fine(text) => ("ok", text),
            Found::Note(text) => ("note", text),
            Found::Fault(text, help) => {
                faults += 1;
                ("FAULT", format!("{text}\n                    {help}"))
            }
        };
        out::line(&format!("{mark:<7} {what:<11} {text}"));
    };
    say("guideline", guideline(&chosen));
    say("time zone", time_zone(&chosen));
    say("address", address(&chosen));
    say("encryption", encryption(&chosen));
    say("key", key(&chosen.key));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(error.to_string()))?;
    let looking = async { timeout(LOOK_LIMIT, record(&chosen)).await };
    match runtime.block_on(looking) {
        Ok(all) => all.into_iter().for_each(|(what, found)| say(what, found)),
        Err(_) => {
            let text = format!("no answer within {} s", LOOK_LIMIT.as_secs());
            say("record", Found::Fault(text, "look at the database: is something holding it?"));
        }
    }
    if let Some(settings) = &chosen.config.sign_on {
        say("sign-on", runtime.block_on(provider(settings)));
    }
    if let Some(ehr) = &chosen.config.ehr {
        runtime.block_on(ehrs(ehr)).into_iter().for_each(|found| say("EHR", found));
    }
    say("patients", patients(&chosen));
    say("languages", languages(&chosen));
    for (what, reached) in runtime.block_on(chosen.config.messages.check()) {
        say(
            what,
            match reached {
                Ok(()) => Found::Fine("answers; nothing was sent".into()),
                Err(error) => Found::Fault(
                    error.to_string(),
                    "mend [messages] in the settings, or the way there",
                ),
            },
        );
    }
    out::line(match faults {
        0 => "A department can be served with these settings.",
        _ => "Mend what is marked FAULT; nothing was changed.",
    });
    Ok(u8::from(faults > 0))
}

fn guideline(chosen: &Chosen) -> Found {
    match chosen.guideline() {
        Ok(proved) => {
            let guideline = proved.guideline();
            let hash = guideline.sha256.get(..12).unwrap_or_default();
            let text = format!("{} {}, {hash}, proved", guideline.id, guideline.version);
            match guideline.status.starts_with("draft") {
                true => Found::Note(format!("{text}; {}", guideline.status)),
                false => Found::Fine(text),
            }
        }
        Err(error) => Found::Fault(error.to_string(), "mend it; `cauda verify DIR` says where"),
    }
}

fn time_zone(chosen: &Chosen) -> Found {
    match chosen.config.check_time_zone() {
        Ok(()) => Found::Fine(chosen.config.time_zone.clone()),
        Err(error) => Found::Fault(error.to_string(), "give an IANA name, `Europe/Dublin`"),
    }
}

fn address(chosen: &Chosen) -> Found {
    let listen = chosen.config.listen;
    if let Err(error) = chosen.config.check() {
        return Found::Fault(
            error.to_string(),
            "give --tls-certificate and --tls-key, or --behind-proxy",
        );
    }
    match TcpListener::bind(listen) {
        Ok(_) => Found::Fine(listen.to_string()),
        Err(error) => Found::Fault(
            format!("{listen}: {error}"),
            "another program has it, perhaps this one already; stop it, or choose another --listen",
        ),
    }
}

fn encryption(chosen: &Chosen) -> Found {
    let config = &chosen.config;
    match config.check_tls() {
        Err(error) => Found::Fault(error.to_string(), "give a chain and its own key, both in PEM"),
        Ok(()) if config.tls.is_some() => Found::Fine("certificate and key belong together".into()),
        Ok(()) if config.behind_proxy => Found::Note("a proxy encrypts, by your word".into()),
        Ok(()) if config.listen.ip().is_loopback() => {
            Found::Note("none; only this machine reaches the pages".into())
        }
        Ok(()) => Found::Note("none, and the address is not only this machine's".into()),
    }
}

fn key(path: &Path) -> Found {
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = format!("{}: none yet; a first start makes it", path.display());
            return Found::Note(text);
        }
        Err(error) => {
            let text = format!("{}: {error}", path.display());
            return Found::Fault(text, "let the account that serves read the file and its folder");
        }
    };
    if is_open_to_others(&about) {
        let text = format!("{}: others on this machine can read it", path.display());
        return Found::Fault(text, "chmod 600; a key that others had is to be replaced");
    }
    match SigningKey::existing(path) {
        Ok(_) => Found::Fine(path.display().to_string()),
        Err(error) => Found::Fault(error.to_string(), "put the record's own key there"),
    }
}

/// Whether the identity provider answers; nobody is signed in.
async fn provider(settings: &cauda_sign_on::Settings) -> Found {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let clock: cauda_sign_on::Clock =
        std::sync::Arc::new(move || i64::try_from(now()).unwrap_or(i64::MAX));
    let asked = match cauda_sign_on::Provider::open(settings, clock) {
        Ok(provider) => provider.check().await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => Found::Fine(format!("{} answers", settings.issuer)),
        Err(error) => {
            Found::Fault(error.to_string(), "mend [sign_on] in the settings, or the way there")
        }
    }
}

/// Whether the EHRs that are registered can be asked.
async fn ehrs(config: &EhrConfig) -> Vec<Found> {
    let help = "mend [ehr] in the settings, or the way there; docs/ehr.md says what each must be";
    match config.check(&Clock::System).await {
        Err(error) => vec![Found::Fault(error.to_string(), help)],
        Ok(asked) if asked.is_empty() => vec![Found::Note("none is registered".into())],
        Ok(asked) => asked
            .into_iter()
            .map(|(what, told)| match told {
                Ok(()) => Found::Fine(format!("{what} answered")),
                Err(why) => Found::Fault(format!("{what}: {why}"), help),
            })
            .collect(),
    }
}

/// Whether patients get links, and how they are written to.
fn patients(chosen: &Chosen) -> Found {
    let config = &chosen.config;
    let ways = config.messages.smtp.is_some() || config.messages.webhook.is_some();
    let missing = |what: &Option<String>| what.is_none();
    match &config.patient_url {
        None if ways => Found::Fault(
            "messages are set up, and there is no address their links could lead to".into(),
            "give --patient-url https://…, or take [messages] out",
        ),
        None => Found::Note("no links: without --patient-url nobody is asked by one".into()),
        Some(_) if missing(&config.emergency_number) || missing(&config.telephone) => Found::Note(
            "links lead here; give --emergency-number and --telephone, so that pages can name them"
                .into(),
        ),
        Some(url) if ways => Found::Fine(format!("links lead to {url}, and are sent")),
        Some(url) => Found::Note(format!("links lead to {url}; they are printed, and not sent")),
    }
}

/// Which pages patients can have in which language, and what was signed for nothing.
fn languages(chosen: &Chosen) -> Found {
    let Ok(proved) = chosen.guideline() else {
        return Found::Note("not looked at without a guideline".into());
    };
    let guideline = proved.guideline();
    let words = Words::shipped().signed(chosen.config.signatures.clone());
    let void = words.void(guideline);
    if let Some((language, id)) = void.first() {
        let text = format!(
            "{} signatures are over another text; the first is [{}.\"{id}\"]",
            void.len(),
            language.code()
        );
        return Found::Fault(text, "read these texts again, and sign them or take them out");
    }
    let offered = Language::ALL.iter().map(|language| {
        let is_offered = |page: &&Page| words.offered(guideline, *language, **page).is_ok();
        let pages = Page::ALL.iter().filter(is_offered).count();
        format!("{} on {pages} of {} pages", language.name(), Page::ALL.len())
    });
    let offered: Vec<String> = offered.collect();
    match chosen.config.signatures.is_empty() {
        true => Found::Note(format!("{}; no --words", offered.join(", "))),
        false => Found::Fine(offered.join(", ")),
    }
}

/// Whether a first start could make the record where it is to be.
fn place(database: &str) -> Found {
    let path = Path::new(database);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if path.exists() {
        let text = format!("{database} is not a file");
        return Found::Fault(text, "give the path of a file with --database");
    }
    match std::fs::metadata(folder) {
        Ok(about) if about.is_dir() && !about.permissions().readonly() => {
            Found::Note("none yet; the first start makes it".into())
        }
        Ok(about) if about.is_dir() => {
            let text = format!("{}: nothing can be written there", folder.display());
            Found::Fault(text, "let the account that serves write in the folder")
        }
        _ => {
            let text = format!("{}: there is no such folder", folder.display());
            Found::Fault(text, "make the folder, or give another --database")
        }
    }
}

#[cfg(unix)]
fn is_open_to_others(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

async fn record(chosen: &Chosen) -> Vec<(&'static str, Found)> {
    let options = Options::new(chosen.database.clone(), chosen.key.clone()).existing();
    let record = match Record::open(&options).await {
        Ok(record) => record,
        Err(StoreError::Absent(_)) if !chosen.is_address() => {
            return vec![("record", place(&chosen.database))];
        }
        Err(StoreError::Absent(_)) => {
            return vec![("record", Found::Note("none yet; the first start makes it".into()))];
        }
        Err(StoreError::OlderDatabase { .. }) => {
            let text = "of an older version; the next start upgrades it: back it up first";
            return vec![("record", Found::Note(text.into()))];
        }
        // The address of a database is never printed.
        Err(error) => {
            let help = "look at the database and its key; `cauda record verify` says more";
            return vec![("record", Found::Fault(error.to_string(), help))];
        }
    };
    let mut found = vec![("record", held(&record).await)];
    found.push(("clock", clock(&record).await));
    record.close().await;
    found
}

async fn held(record: &Record) -> Found {
    match (record.size().await, record.notes(OPEN, "").await) {
        (Ok(size), Ok(open)) => Found::Fine(format!("{size} events, {} open visits", open.len())),
        (Err(error), _) | (_, Err(error)) => {
            Found::Fault(error.to_string(), "look at the database")
        }
    }
}

/// Events are dated by this clock, so one that is behind makes what is new look old.
async fn clock(record: &Record) -> Found {
    let newest = async {
        let Some(last) = record.size().await?.checked_sub(1) else { return Ok(None) };
        Ok(record.log(last, 1).await?.first().map(|row| row.recorded_at))
    };
    let newest: Result<Option<i64>, StoreError> = newest.await;
    let newest = match newest {
        Ok(newest) => newest,
        Err(error) => return Found::Fault(error.to_string(), "look at the database"),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_micros());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    match newest {
        Some(newest) if newest > now.saturating_add(CLOCK_BEHIND_MAX) => Found::Fault(
            "the clock is behind the newest event of the record".into(),
            "set the clock; nothing is dated right until then",
        ),
        _ => Found::Fine("not behind the record".into()),
    }
}
