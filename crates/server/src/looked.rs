//! The settings, each part read and tried before anything is opened or made. A server starts with
//! what is found here, and a doctor of the settings tells of the same, so that they cannot differ.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use cauda_guideline::Guideline;
use cauda_sign_on::{Provider, SignOnError};
use rustls::ServerConfig;
use tokio::net::TcpListener;

use crate::ServerError;
use crate::clock::Clock;
use crate::config::Config;
use crate::ehr::{Asked, EhrConfig, Prepared};
use crate::outbox::Ways;
use crate::tls;
use crate::web::{self, LocalTime};

/// A part of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Where pages are served, and how they are reached.
    Address,
    /// Certificate and key of the pages.
    Encryption,
    /// The time zone.
    TimeZone,
    /// `[messages]`
    Messages,
    /// `[sign_on]`
    SignOn,
    /// `[ehr]`
    Ehr,
    /// `[[scanner]]`, `[[protocol]]` and `[[hl7.service]]`
    Scanners,
    /// `[dicom]`
    Worklist,
    /// `[hl7]` and `[[hl7.to]]`
    Hl7,
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Part::Address => "address",
            Part::Encryption => "encryption",
            Part::TimeZone => "time zone",
            Part::Messages => "messages",
            Part::SignOn => "sign-on",
            Part::Ehr => "EHR",
            Part::Scanners => "scanners",
            Part::Worklist => "worklist",
            Part::Hl7 => "HL7",
        })
    }
}

type Told<T> = Result<T, ServerError>;

/// Every part, as it was found. Ports are held until this goes.
pub struct Looked {
    pages: Told<TcpListener>,
    tls: Told<Option<Arc<ServerConfig>>>,
    local_time: Told<LocalTime>,
    ways: Told<Ways>,
    sign_on: Told<Option<Provider>>,
    ehr: Told<Option<Prepared>>,
    scanners: Told<()>,
    dicom: Told<Option<(TcpListener, cauda_dicom::Settings)>>,
    hl7: Told<Option<(TcpListener, cauda_hl7::Settings)>>,
}

/// What a server starts with.
pub(crate) struct Ready {
    pub(crate) pages: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) local_time: LocalTime,
    pub(crate) ways: Ways,
    pub(crate) sign_on: Option<Provider>,
    pub(crate) ehr: Option<Prepared>,
    pub(crate) dicom: Option<(TcpListener, cauda_dicom::Settings)>,
    pub(crate) hl7: Option<(TcpListener, cauda_hl7::Settings)>,
}

impl Looked {
    /// Reads every file that is named and takes every port; asks nobody, writes nothing.
    pub async fn at(config: &Config, guideline: &Guideline, clock: &Clock) -> Looked {
        let pages = match config.check() {
            Ok(()) => listen(config.listen).await,
            Err(error) => Err(error),
        };
        let tls = config.tls.as_ref().map(|(chain, key)| tls::config(chain, key)).transpose();
        let local_time = web::local_time(config);
        let scanners = config.scanners.as_ref();
        let (mut dicom, mut hl7) = (Ok(None), Ok(None));
        if let Some(settings) = scanners.and_then(|one| one.dicom.as_ref()) {
            dicom = match settings.settings(clock) {
                Ok(who) => listen(settings.listen).await.map(|socket| Some((socket, who))),
                Err(error) => Err(error),
            };
        }
        if let Some(settings) = scanners.and_then(|one| one.hl7.as_ref()) {
            // Without a time zone nothing starts; that the rest is read by another is no matter.
            let utc = web::local_time(&Config::default());
            let who = match (&local_time, &utc) {
                (Ok(local), _) | (_, Ok(local)) => settings.settings(local, clock),
                (Err(_), Err(_)) => Err(ServerError::TimeZone(config.time_zone.clone())),
            };
            hl7 = match who {
                Ok(who) => listen(settings.listen).await.map(|socket| Some((socket, who))),
                Err(error) => Err(error),
            };
        }
        let mut receivers = scanners.into_iter().flat_map(|one| &one.receivers);
        if let Err(error) = receivers.try_for_each(|one| one.line().map(drop)) {
            hl7 = Err(error.into());
        }
        let ticking = clock.clone();
        let now: cauda_sign_on::Clock = Arc::new(move || ticking.now());
        let sign_on = config.sign_on.as_ref().map(|settings| Provider::open(settings, now));
        Looked {
            ehr: ehr(config, &pages, guideline, clock),
            pages,
            tls,
            local_time,
            ways: Ways::open(&config.messages, clock).map_err(Into::into),
            sign_on: sign_on.transpose().map_err(Into::into),
            scanners: scanners.map_or(Ok(()), |scanners| scanners.check(guideline)),
            dicom,
            hl7,
        }
    }

    /// Every part, in the order in which a start would refuse it.
    pub fn parts(&self) -> [(Part, Result<(), &ServerError>); 9] {
        fn told<T>(found: &Told<T>) -> Result<(), &ServerError> {
            found.as_ref().map(drop)
        }
        let Looked { pages, tls, local_time, ways, sign_on, ehr, scanners, dicom, hl7 } = self;
        [
            (Part::Address, told(pages)),
            (Part::Encryption, told(tls)),
            (Part::TimeZone, told(local_time)),
            (Part::Messages, told(ways)),
            (Part::SignOn, told(sign_on)),
            (Part::Ehr, told(ehr)),
            (Part::Scanners, told(scanners)),
            (Part::Worklist, told(dicom)),
            (Part::Hl7, told(hl7)),
        ]
    }

    /// Whether each way of messages could be used now; nothing is sent.
    pub async fn ask_ways(&self) -> Vec<(&'static str, Result<(), cauda_post::PostError>)> {
        match &self.ways {
            Ok(ways) => ways.check().await,
            Err(_) => Vec::new(),
        }
    }

    /// Whether the identity provider answers, if there is one; nobody is signed in.
    pub async fn ask_provider(&self) -> Option<Result<(), SignOnError>> {
        match &self.sign_on {
            Ok(Some(provider)) => Some(provider.check().await),
            _ => None,
        }
    }

    /// Whether the registered EHRs can be asked.
    pub async fn ask_ehrs(&self) -> Vec<Asked> {
        match &self.ehr {
            Ok(Some(ehr)) => ehr.ask().await,
            _ => Vec::new(),
        }
    }

    /// All of it, if a server can start so.
    ///
    /// # Errors
    /// The first of [`Looked::parts`] that has one.
    pub(crate) fn ready(self) -> Result<Ready, ServerError> {
        let Looked { pages, tls, local_time, ways, sign_on, ehr, scanners, dicom, hl7 } = self;
        let pages = pages?;
        let (tls, local_time, ways) = (tls?, local_time?, ways?);
        let (sign_on, ehr) = (sign_on?, ehr?);
        scanners?;
        let (dicom, hl7) = (dicom?, hl7?);
        let address = address(&pages)?;
        Ok(Ready { pages, address, tls, local_time, ways, sign_on, ehr, dicom, hl7 })
    }
}

fn ehr(
    config: &Config,
    pages: &Told<TcpListener>,
    guideline: &Guideline,
    clock: &Clock,
) -> Told<Option<Prepared>> {
    let Some(settings) = &config.ehr else { return Ok(None) };
    orders(config, settings)?;
    let mut settings = settings.clone();
    if settings.url.is_empty() {
        // An address that others reach is no address that others know.
        if !config.listen.ip().is_loopback() {
            let what =
                "it is missing: where EHRs reach this server, such as https://ed.example.org";
            return Err(ServerError::Setting { name: "ehr.url", what: what.to_string() });
        }
        // To try out: where it listens, whichever port that became.
        let at = pages.as_ref().ok().and_then(|pages| pages.local_addr().ok());
        settings.url = format!("http://{}", at.unwrap_or(config.listen));
    }
    Prepared::read(&settings, guideline, clock).map(Some)
}

/// Whether each EHR that may order could: somebody has to scan, and patients are known by number.
fn orders(config: &Config, settings: &EhrConfig) -> Told<()> {
    let Some(one) = settings.registered.iter().find(|one| one.orders) else { return Ok(()) };
    let wrong = |what: String| Err(ServerError::Setting { name: "ehr.registered.orders", what });
    if config.scanners.as_ref().is_none_or(|scanners| scanners.scanners.is_empty()) {
        let what = format!("{} may order, and there is no [[scanner]]; write one", one.tenant);
        return wrong(what);
    }
    let unnumbered = |one: &&cauda_ehr::Settings| one.orders && one.number_system.is_none();
    match settings.registered.iter().find(unnumbered) {
        Some(one) => wrong(format!(
            "{} may order, and its number_system is missing; write the system of its patient \
             numbers",
            one.tenant
        )),
        None => Ok(()),
    }
}

async fn listen(address: SocketAddr) -> Told<TcpListener> {
    let failed = |source| ServerError::Listen { address, source };
    TcpListener::bind(address).await.map_err(failed)
}

fn address(socket: &TcpListener) -> Told<SocketAddr> {
    let unsaid = SocketAddr::from(([0, 0, 0, 0], 0));
    socket.local_addr().map_err(|source| ServerError::Listen { address: unsaid, source })
}
