//! `cauda doctor`: whether a department could be served with these settings. It only looks.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cauda_proof::Proved;
use cauda_server::clock::Clock;
use cauda_server::ehr::Asked;
use cauda_server::streams::OPEN;
use cauda_server::{Looked, Part, ServerError};
use cauda_store::{Options, Record, SigningKey, StoreError};
use cauda_words::{Language, Page, Words};
use tokio::time::timeout;

use crate::args::Serve;
use crate::error::CliError;
use crate::serve::Chosen;
use crate::{guideline, out, serve};

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
    Fault(String, String),
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
    let proved = chosen.guideline();
    say("guideline", of_guideline(&proved));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(error.to_string()))?;
    // Without a guideline the rest is still looked at, with the one inside the program.
    let with = match &proved {
        Ok(proved) => proved.guideline().clone(),
        Err(_) => guideline::shipped()?.guideline().clone(),
    };
    let looked = runtime.block_on(Looked::at(&chosen.config, &with, &Clock::System));
    for (part, told) in looked.parts() {
        if let Some(found) = part_found(&chosen, part, told) {
            say(&part.to_string(), found);
        }
    }
    say("key", key(&chosen.key));
    let looking = async { timeout(LOOK_LIMIT, record(&chosen)).await };
    match runtime.block_on(looking) {
        Ok(all) => all.into_iter().for_each(|(what, found)| say(what, found)),
        Err(_) => {
            let text = format!("no answer within {} s", LOOK_LIMIT.as_secs());
            say(
                "record",
                Found::Fault(text, "look at the database: is something holding it?".into()),
            );
        }
    }
    runtime
        .block_on(asked(&chosen, &looked))
        .into_iter()
        .for_each(|(what, found)| say(what, found));
    say("patients", patients(&chosen));
    say("languages", languages(&chosen, &proved));
    out::line(match faults {
        0 => "A department can be served with these settings.",
        _ => "Mend what is marked FAULT; nothing was changed.",
    });
    Ok(u8::from(faults > 0))
}

fn of_guideline(proved: &Result<Proved, CliError>) -> Found {
    match proved {
        Ok(proved) => {
            let guideline = proved.guideline();
            let hash = guideline.sha256.get(..12).unwrap_or_default();
            let text = format!("{} {}, {hash}, proved", guideline.id, guideline.version);
            match guideline.status.starts_with("draft") {
                true => Found::Note(format!("{text}; {}", guideline.status)),
                false => Found::Fine(text),
            }
        }
        Err(error) => {
            Found::Fault(error.to_string(), "mend it; `cauda verify DIR` says where".into())
        }
    }
}

/// A part as a start would find it, in its words; nothing of a part that is not set.
fn part_found(chosen: &Chosen, part: Part, told: Result<(), &ServerError>) -> Option<Found> {
    let unread = chosen.unread().iter().find(|(of, _)| *of == part);
    if let Some((_, error)) = unread {
        let help = match error {
            CliError::Argument { help, .. } => help.clone(),
            _ => "mend it in the settings".to_string(),
        };
        return Some(Found::Fault(error.to_string(), help));
    }
    if let Err(error) = told {
        return Some(Found::Fault(serve::sentence(error), mend(part, error).to_string()));
    }
    let config = &chosen.config;
    let scanners = config.scanners.as_ref();
    let encrypted = |tls: bool| if tls { "encrypted" } else { "not encrypted" };
    match part {
        Part::Address => Some(Found::Fine(config.listen.to_string())),
        Part::Encryption => Some(encryption(chosen)),
        Part::TimeZone => Some(Found::Fine(config.time_zone.clone())),
        // What they say of themselves is asked for below.
        Part::Messages | Part::SignOn | Part::Ehr => None,
        Part::Scanners => scanners.map(|scanners| {
            let (some, own) = (scanners.scanners.len(), scanners.protocols.len());
            Found::Fine(format!("{some}, with {own} protocols beside the guideline's pictures"))
        }),
        Part::Worklist => scanners.and_then(|one| one.dicom.as_ref()).map(|dicom| {
            let (title, devices) = (&dicom.ae_title, dicom.devices.len());
            let how = encrypted(dicom.tls.is_some());
            let text = format!("{}, AE title {title}, {devices} devices, {how}", dicom.listen);
            if devices == 0 { Found::Note(text) } else { Found::Fine(text) }
        }),
        Part::Hl7 => scanners.and_then(|one| one.hl7.as_ref()).map(|hl7| {
            let how = encrypted(hl7.tls.is_some());
            Found::Fine(format!("{}, {} partners, {how}", hl7.listen, hl7.partners.len()))
        }),
    }
}

/// How a part is mended.
fn mend(part: Part, error: &ServerError) -> &'static str {
    match (part, error) {
        (_, ServerError::Listen { .. }) => {
            "another program has it, perhaps this one already; stop it, or choose another address"
        }
        (_, ServerError::Hl7(cauda_hl7::Hl7Error::File { .. })) => {
            "give tls_certificate, its own tls_key, and in tls_clients certificates, all in PEM"
        }
        (Part::Address, ServerError::Public(_)) => {
            "give --tls-certificate and --tls-key, or --behind-proxy"
        }
        (Part::Address, _) => "mend the address, or the folder of the file",
        (Part::Encryption, _) => "give a chain and its own key, both in PEM",
        (Part::TimeZone, _) => "give an IANA name, `Europe/Dublin`",
        (Part::Messages, _) => "mend [messages]; docs/operations.md shows it",
        (Part::SignOn, _) => "mend [sign_on]; docs/operations.md shows it",
        (Part::Ehr, _) => EHR_HELP,
        (Part::Scanners | Part::Worklist | Part::Hl7, _) => {
            "mend it in the settings; docs/radiology.md shows each part"
        }
    }
}

const EHR_HELP: &str =
    "mend [ehr] in the settings, or the way there; docs/ehr.md says what each must be";

fn encryption(chosen: &Chosen) -> Found {
    let config = &chosen.config;
    match () {
        () if config.tls.is_some() => Found::Fine("certificate and key belong together".into()),
        () if config.behind_proxy => Found::Note("a proxy encrypts, by your word".into()),
        () if config.listen.ip().is_loopback() => {
            Found::Note("none; only this machine reaches the pages".into())
        }
        () => Found::Note("none, and the address is not only this machine's".into()),
    }
}

/// Whether others can be asked whom a server asks; nothing is sent and nobody signed in.
async fn asked(chosen: &Chosen, looked: &Looked) -> Vec<(&'static str, Found)> {
    let mut found = Vec::new();
    if let (Some(told), Some(settings)) = (looked.ask_provider().await, &chosen.config.sign_on) {
        let help = "mend [sign_on] in the settings, or the way there";
        found.push((
            "sign-on",
            match told {
                Ok(()) => Found::Fine(format!("{} answers", settings.issuer)),
                Err(error) => Found::Fault(error.to_string(), help.into()),
            },
        ));
    }
    if chosen.config.ehr.as_ref().is_some_and(|ehr| ehr.registered.is_empty()) {
        found.push(("EHR", Found::Note("none is registered".into())));
    }
    for Asked { what, done, told } in looked.ask_ehrs().await {
        let told = match told {
            Ok(()) => Found::Fine(format!("{what} {done}")),
            Err(why) => Found::Fault(format!("{what}: {why}"), EHR_HELP.into()),
        };
        found.push(("EHR", told));
    }
    for (what, reached) in looked.ask_ways().await {
        let help = "mend [messages] in the settings, or the way there";
        let told = match reached {
            Ok(()) => Found::Fine("answers; nothing was sent".into()),
            Err(error) => Found::Fault(error.to_string(), help.into()),
        };
        found.push((what, told));
    }
    let receivers = chosen.config.scanners.iter().flat_map(|scanners| &scanners.receivers);
    for receiver in receivers {
        let help = "mend [[hl7.to]] in the settings, or the way there; what waits is sent then";
        let fault = |why: String| Found::Fault(format!("{}: {why}", receiver.name), help.into());
        let told = match receiver.line() {
            Err(error) => fault(error.to_string()),
            Ok(line) => match line.check().await {
                Ok(()) => Found::Fine(format!("{} answers; nothing was sent", receiver.name)),
                Err(why) => fault(why.to_string()),
            },
        };
        found.push(("HL7 to", told));
    }
    found
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
            return Found::Fault(
                text,
                "let the account that serves read the file and its folder".into(),
            );
        }
    };
    if is_open_to_others(&about) {
        let text = format!("{}: others on this machine can read it", path.display());
        return Found::Fault(text, "chmod 600; a key that others had is to be replaced".into());
    }
    match SigningKey::existing(path) {
        Ok(_) => Found::Fine(path.display().to_string()),
        Err(error) => Found::Fault(error.to_string(), "put the record's own key there".into()),
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
            "give --patient-url https://…, or take [messages] out".into(),
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
fn languages(chosen: &Chosen, proved: &Result<Proved, CliError>) -> Found {
    let Ok(proved) = proved else {
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
        return Found::Fault(text, "read these texts again, and sign them or take them out".into());
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
        return Found::Fault(text, "give the path of a file with --database".into());
    }
    match std::fs::metadata(folder) {
        Ok(about) if about.is_dir() && !about.permissions().readonly() => {
            Found::Note("none yet; the first start makes it".into())
        }
        Ok(about) if about.is_dir() => {
            let text = format!("{}: nothing can be written there", folder.display());
            Found::Fault(text, "let the account that serves write in the folder".into())
        }
        _ => {
            let text = format!("{}: there is no such folder", folder.display());
            Found::Fault(text, "make the folder, or give another --database".into())
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
            return vec![("record", Found::Fault(error.to_string(), help.into()))];
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
            Found::Fault(error.to_string(), "look at the database".into())
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
        Err(error) => return Found::Fault(error.to_string(), "look at the database".into()),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_micros());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    match newest {
        Some(newest) if newest > now.saturating_add(CLOCK_BEHIND_MAX) => Found::Fault(
            "the clock is behind the newest event of the record".into(),
            "set the clock; nothing is dated right until then".into(),
        ),
        _ => Found::Fine("not behind the record".into()),
    }
}
