//! `cauda serve` and `cauda demo`: a department over HTTP until somebody stops it.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cauda_guideline::Guideline;
use cauda_pages::{Proofs, Publication, publication};
use cauda_proof::{Effort, accept, check_all};
use cauda_server::clock::Clock;
use cauda_server::web::Publish;
use cauda_server::{Config, Part, Server, ServerError};
use cauda_store::Options;
use cauda_words::Signatures;
use serde::Deserialize;

use crate::args::{Demo, Serve};
use crate::error::CliError;
use crate::{ehr, folder, guideline, messages, scanners, sign_on, verify};

/// Most bytes of a file of settings.
const SETTINGS_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a file of signatures.
const SIGNATURES_BYTES_MAX: usize = 512 * 1024;

/// The file of settings: the flags by their names, with `_` for `-`, and `[messages]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    listen: Option<SocketAddr>,
    address_file: Option<PathBuf>,
    database: Option<String>,
    key: Option<PathBuf>,
    behind_proxy: bool,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    idle_minutes: Option<u32>,
    time_zone: Option<String>,
    department: Option<String>,
    self_check: bool,
    emergency_number: Option<String>,
    telephone: Option<String>,
    patient_url: Option<String>,
    messages: messages::Settings,
    sign_on: Option<sign_on::Settings>,
    ehr: Option<ehr::Settings>,
    scanner: Vec<cauda_scans::ScannerSettings>,
    protocol: Vec<cauda_scans::Protocol>,
    elsewhere: Vec<cauda_server::scans::TransferSite>,
    dicom: Option<scanners::DicomPart>,
    hl7: Option<crate::hl7::Hl7Part>,
    guideline: Option<PathBuf>,
    site: Option<PathBuf>,
    words: Option<PathBuf>,
}

/// What flags, environment and file come to.
pub struct Chosen {
    /// How it is served.
    pub config: Config,
    /// The record's address.
    pub database: String,
    /// The file of its key.
    pub key: PathBuf,
    guideline: Option<PathBuf>,
    site: Option<PathBuf>,
    /// Parts of the file that cannot be read, each with what is wrong; they are left out above.
    unread: Vec<(Part, CliError)>,
}

fn is_address(database: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| database.starts_with(scheme))
}

impl Chosen {
    /// Puts them together; a flag counts before the environment, and that before the file. What
    /// is wrong in one part of the file is kept for [`Chosen::unread`].
    ///
    /// # Errors
    /// A file that cannot be read, and settings that do not fit.
    pub fn new(args: &Serve) -> Result<Chosen, CliError> {
        let file = match &args.config {
            Some(path) => settings(path)?,
            None => Settings::default(),
        };
        let standard = Config::default();
        let certificate = args.tls_certificate.clone().or(file.tls_certificate);
        let tls = match (certificate, args.tls_key.clone().or(file.tls_key)) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(refused("TLS needs a certificate and its key", "give both files")),
        };
        let signatures = match args.words.as_ref().or(file.words.as_ref()) {
            Some(path) => signatures(path)?,
            None => Signatures::default(),
        };
        let mut unread = Vec::new();
        let scanners = scanners::Parts {
            scanner: file.scanner,
            protocol: file.protocol,
            elsewhere: file.elsewhere,
            dicom: file.dicom,
            hl7: file.hl7,
            hl7_listen: args.hl7_listen,
            hl7_address_file: args.hl7_address_file.clone(),
            listen: args.dicom_listen,
            address_file: args.dicom_address_file.clone(),
        };
        let config = Config {
            listen: args.listen.or(file.listen).unwrap_or(standard.listen),
            address_file: args.address_file.clone().or(file.address_file),
            behind_proxy: args.behind_proxy || file.behind_proxy,
            tls,
            idle_minutes: args.idle_minutes.or(file.idle_minutes).unwrap_or(standard.idle_minutes),
            time_zone: args.time_zone.clone().or(file.time_zone).unwrap_or(standard.time_zone),
            department: args.department.clone().or(file.department).unwrap_or(standard.department),
            self_check: args.self_check || file.self_check,
            emergency_number: args.emergency_number.clone().or(file.emergency_number),
            telephone: args.telephone.clone().or(file.telephone),
            patient_url: args.patient_url.clone().or(file.patient_url),
            messages: part(&mut unread, Part::Messages, messages::read(file.messages)),
            sign_on: file
                .sign_on
                .and_then(|read| part(&mut unread, Part::SignOn, sign_on::read(read).map(Some))),
            ehr: file.ehr.and_then(|read| part(&mut unread, Part::Ehr, ehr::read(read).map(Some))),
            scanners: part(&mut unread, Part::Scanners, scanners::read(scanners)),
            signatures,
            demo: false,
        };
        if !(1..=720).contains(&config.idle_minutes) {
            return Err(refused("`idle_minutes` is 1 to 720", "15 is usual"));
        }
        let database = args.database.clone().or(file.database).unwrap_or("cauda.sqlite".into());
        // Such an address may hold a password, so it is neither printed nor made a file's name.
        if database.contains("://") && !is_address(&database) {
            let help = "write postgres://… in small letters and without a space before it, or the path of a SQLite file";
            return Err(refused("`database` is an address of no known kind", help));
        }
        let key = match args.key.clone().or(file.key) {
            Some(key) => key,
            None if is_address(&database) => {
                let help =
                    "give --key FILE; keep the file where the database's owner cannot reach it";
                return Err(refused("a record in PostgreSQL needs a key file", help));
            }
            None => PathBuf::from(format!("{database}.key")),
        };
        let guideline = args.guideline.clone().or(file.guideline);
        let site = args.site.clone().or(file.site);
        Ok(Chosen { config, database, key, guideline, site, unread })
    }

    /// Parts of the file that cannot be read, each with what is wrong.
    pub fn unread(&self) -> &[(Part, CliError)] {
        &self.unread
    }

    /// Whether the record is in a database server, and not in a file.
    pub fn is_address(&self) -> bool {
        is_address(&self.database)
    }

    /// The guideline, proved.
    ///
    /// # Errors
    /// As [`guideline::open`].
    pub fn guideline(&self) -> Result<cauda_proof::Proved, CliError> {
        guideline::open(self.guideline.as_deref(), self.site.as_deref())
    }
}

/// Runs `cauda serve`; the number is the exit code.
///
/// # Errors
/// Settings that cannot be read, a guideline that may not be used, a record or an address that
/// cannot be had.
pub fn serve(args: &Serve) -> Result<u8, CliError> {
    let mut chosen = Chosen::new(args)?;
    if !chosen.unread.is_empty() {
        return Err(chosen.unread.swap_remove(0).1);
    }
    let proved = chosen.guideline()?;
    log(tracing::Level::INFO);
    let options = Options::new(chosen.database, chosen.key);
    run(chosen.config, &options, proved.guideline(), None)
}

/// Runs `cauda demo`; the number is the exit code.
///
/// # Errors
/// As [`serve`].
pub fn demo(args: &Demo) -> Result<u8, CliError> {
    let proved = guideline::shipped()?;
    let folder =
        tempfile::tempdir().map_err(|error| unwritable(Path::new("a temporary folder"), &error))?;
    let standard = Config::default();
    let config = Config {
        listen: args.listen.unwrap_or_else(|| free(standard.listen)),
        address_file: args.address_file.clone(),
        department: "Demonstration department".to_string(),
        self_check: true,
        emergency_number: Some("112".to_string()),
        telephone: Some("+1 202 555 0112".to_string()),
        demo: true,
        idle_minutes: 240,
        scanners: Some(cauda_server::scans::demo::config(
            args.dicom_listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
            args.hl7_listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
        )),
        ..standard
    };
    log(tracing::Level::WARN);
    let file = folder.path().join("record.sqlite");
    let key = folder.path().join("record.key");
    let options = Options::new(file.display().to_string(), key);
    let beside = args.ehr.then(|| folder.path());
    run(config, &options, proved.guideline(), beside)
}

/// The usual address, or a free port where somebody has that one.
fn free(usual: SocketAddr) -> SocketAddr {
    match std::net::TcpListener::bind(usual) {
        Ok(_) => usual,
        Err(_) => SocketAddr::new(usual.ip(), 0),
    }
}

/// Serves until somebody stops it; with a folder for its keys, an EHR stands beside it.
fn run(
    mut config: Config,
    record: &Options,
    guideline: &Guideline,
    beside: Option<&Path>,
) -> Result<u8, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::Internal(error.to_string()))?;
    let guideline = Arc::new(guideline.clone());
    runtime.block_on(async move {
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let demo = config.demo;
        let publish = publish(guideline.clone());
        let mut waiting = None;
        if let Some(folder) = beside {
            let (stand_in, registered) = ehr::Waiting::bind(folder).await?;
            config.ehr = Some(registered);
            waiting = Some(stand_in);
        }
        let started = Server::start(config, record, guideline, publish, Clock::System).await;
        let mut server = started.map_err(failed)?;
        let address = format!("{scheme}://{}", server.address);
        crate::out::line(&match demo {
            true => format!("The demonstration is at {address}  (Ctrl C ends it; its patients are invented and are gone then)"),
            false => format!("Cauda answers at {address}"),
        });
        if let Some(link) = &server.first_link {
            crate::out::line(&format!("Nobody can sign in yet. Set the administrator's password once, within three days:\n  {address}{link}"));
        }
        if let Some(worklist) = server.dicom {
            crate::out::line(&match demo {
                true => format!("Two scanners read its worklist at {worklist} (DICOM, AE title CAUDA); a scan takes a minute and a half"),
                false => format!("Scanners find the worklist at {worklist} (DICOM)"),
            });
        }
        if let Some(messages) = server.hl7 {
            crate::out::line(&match demo {
                true => format!("HL7 of this machine is taken at {messages}  (a day to send: cauda generate hl7-day --send {messages})"),
                false => format!("HL7 is taken at {messages}"),
            });
        }
        if demo {
            server.scan_for_show();
        }
        let stand_in = waiting.map(|stand_in| stand_in.run(&address)).transpose()?;
        if let Some(stand_in) = &stand_in {
            crate::out::line(&format!("An EHR stands beside it at {}  (order a picture there and read the card)", stand_in.base_url()));
        }
        tokio::select! {
            told = asked_to_stop() => told.map_err(|error| CliError::Internal(error.to_string()))?,
            () = server.ended() => return Err(CliError::Internal("the server ended by itself".into())),
        }
        server.stop().await;
        Ok(0)
    })
}

/// Ctrl C, or the signal a service manager sends.
async fn asked_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            told = tokio::signal::ctrl_c() => told,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// The guideline's pages, with the proofs run when they are made.
fn publish(guideline: Arc<Guideline>) -> Publish {
    Arc::new(move || -> Option<Publication> {
        let effort = Effort::default();
        let report = check_all(&guideline, &effort, &mut |_| {});
        let options = verify::options(&guideline, &effort);
        let proved = accept((*guideline).clone(), &report).ok();
        let proofs = Proofs::new(&report, &effort, proved.as_ref(), options);
        publication(&guideline, &proofs, None).ok()
    })
}

/// Lines of JSON on standard error; no line holds a name, a number or a finding of a patient.
fn log(level: tracing::Level) {
    let lines = tracing_subscriber::fmt().json().with_writer(io::stderr).with_max_level(level);
    // A second time in one process is for tests, and the first stays.
    drop(lines.try_init());
}

fn settings(path: &Path) -> Result<Settings, CliError> {
    let text = folder::read_text(path, SETTINGS_BYTES_MAX)?;
    toml::from_str(&text).map_err(|error| CliError::Argument {
        message: format!("{}: {}", path.display(), error.message()),
        help: "the settings are the flags of `cauda serve` by their names, with `_` for `-`".into(),
    })
}

/// What the department has signed of the translations.
fn signatures(path: &Path) -> Result<Signatures, CliError> {
    let text = folder::read_text(path, SIGNATURES_BYTES_MAX)?;
    Signatures::read(&path.display().to_string(), &text).map_err(|error| CliError::Argument {
        message: format!("{}:{}: {}", error.file, error.line, error.what),
        help: error.help.into(),
    })
}

fn failed(error: ServerError) -> CliError {
    let help = match error.is_of_settings() {
        true => "mend that and start again; nothing was changed",
        false => "mend that and start again",
    };
    CliError::Argument { message: sentence(&error), help: help.into() }
}

/// An error of the server, with what it stems from.
pub fn sentence(error: &ServerError) -> String {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(deeper) = source {
        let text = deeper.to_string();
        if !message.contains(&text) {
            message += &format!(": {text}");
        }
        source = deeper.source();
    }
    message
}

/// A part that was read, or the usual one, with why it was not.
fn part<T: Default>(
    unread: &mut Vec<(Part, CliError)>,
    part: Part,
    read: Result<T, CliError>,
) -> T {
    read.unwrap_or_else(|error| {
        unread.push((part, error));
        T::default()
    })
}

fn refused(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.into(), help: help.into() }
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::Unwritable { path: path.to_path_buf(), why: error.to_string() }
}
