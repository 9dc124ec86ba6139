//! A server from start to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use cauda_guideline::Guideline;
use cauda_pathway::identity::ActorId;
use cauda_store::{Options, Record};
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, oneshot, watch};
use tokio::task::JoinHandle;

use crate::access::AccountRole;
use crate::accounts::Accounts;
use crate::audit::Audit;
use crate::clock::Clock;
use crate::config::Config;
use crate::department::Department;
use crate::hl7::{Taking, Telling};
use crate::languages::Languages;
use crate::links::Links;
use crate::listening::Listening;
use crate::looked::{Looked, Ready};
use crate::outbox::Outbox;
use crate::scans::{self, Faults, ScanList, Steps};
use crate::sessions::Sessions;
use crate::tls::TlsListener;
use crate::web::{self, App, Inner, Metrics, Publish};
use crate::{ServerError, demo, notes, passing};

/// How long requests may go on after the server was asked to stop, in seconds.
const GRACE_SECONDS: u64 = 10;

/// A server that answers.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    /// Path of the link by which the first administrator sets a password, while nobody has.
    pub first_link: Option<String>,
    /// Where scanners find the worklist.
    pub dicom: Option<SocketAddr>,
    /// Where other systems send HL7.
    pub hl7: Option<SocketAddr>,
    /// The department, for who runs it.
    pub department: Arc<Department>,
    /// Orders for the scanners, if there are any.
    pub scans: Option<Arc<ScanList>>,
    /// Tells other systems of orders, if there are any.
    pub telling: Option<Arc<Telling>>,
    local_time: web::LocalTime,
    record: Record,
    clock: Clock,
    stop: Option<oneshot::Sender<()>>,
    stopping: watch::Sender<bool>,
    answering: JoinHandle<std::io::Result<()>>,
    helpers: Vec<JoinHandle<()>>,
    auditing: JoinHandle<()>,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Listening>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listening>) -> Peer {
        Peer(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Peer {
        Peer(*stream.remote_addr())
    }
}

impl Server {
    /// Opens the record, and answers.
    ///
    /// # Errors
    /// [`ServerError`]; then nothing listens.
    pub async fn start(
        config: Config,
        record: &Options,
        guideline: Arc<Guideline>,
        publish: Publish,
        clock: Clock,
    ) -> Result<Server, ServerError> {
        // INVARIANT: whatever the settings have wrong is found before the record is opened, so a
        // start that is refused for them has made and changed nothing.
        let Ready { pages, address, tls, local_time, ways, sign_on, ehr, dicom, hl7 } =
            Looked::at(&config, &guideline, &clock).await.ready()?;
        let record = Record::open(record).await?;
        notes::make(&record).await?;
        let accounts = Arc::new(Accounts::new(record.clone(), clock.clone()));
        let demo = match config.demo {
            true => demo::fill(&record, guideline.clone(), &accounts, &clock).await?,
            false => Vec::new(),
        };
        let first_link = match config.demo {
            true => None,
            false => first_administrator(&accounts).await?,
        };
        let department = Department::open(guideline, record.clone(), clock.clone()).await?;
        let mut config = config;
        if config.demo && config.patient_url.is_none() {
            config.patient_url = Some(format!("http://{address}"));
        }
        let links = Links::new(record.secret("links of patients"));
        let languages = Arc::new(Languages::new(&config, department.guideline()));
        let outbox =
            Outbox::new(&config, ways, links.clone(), languages.clone(), local_time.clone());
        let inside = ehr.map(|ehr| Arc::new(ehr.open(&record)));
        let scans = match config.scanners.clone() {
            Some(scanners) => {
                let list =
                    ScanList::open(department.clone(), accounts.clone(), scanners, clock.clone())
                        .await?;
                Some(list)
            }
            None => None,
        };
        let scan_faults = Faults::default();
        let taking = scans.as_ref().and_then(|list| {
            list.config().hl7.as_ref()?;
            let reading = cauda_hl7::Reading::new(local_time.zone().clone());
            Some(Arc::new(Taking::new(list.clone(), list.config().services.clone(), reading)))
        });
        let telling = match &scans {
            Some(list) if !list.config().receivers.is_empty() => {
                let (receivers, services) =
                    (list.config().receivers.clone(), list.config().services.clone());
                let zone = local_time.zone().clone();
                Some(Telling::open(list.clone(), receivers, services, zone).await?)
            }
            _ => None,
        };
        let (audit, writing) = Audit::open(record.clone(), clock.clone());
        let (stopping, stops) = watch::channel(false);
        let app = App {
            inner: Arc::new(Inner {
                sessions: Sessions::new(accounts.clone(), clock.clone(), config.idle_minutes),
                department: department.clone(),
                accounts,
                audit,
                local_time: local_time.clone(),
                limits: web::Limits::default(),
                metrics: Metrics::default(),
                publish,
                published: OnceCell::new(),
                self_check_figures: Default::default(),
                watchers: Default::default(),
                own_watchers: Default::default(),
                stopping: stops,
                demo,
                clock: clock.clone(),
                config: config.clone(),
                links,
                sign_on,
                languages,
                ehr: inside,
                scans: scans.clone(),
                scan_faults: scan_faults.clone(),
                messages: taking.clone(),
                telling: telling.clone(),
            }),
        };
        let listener = Listening::new(pages, config.behind_proxy);
        let auditing = tokio::spawn(writing);
        let mut helpers = vec![
            tokio::spawn(department.clone().follow()),
            tokio::spawn(passing::pass_time(department.clone())),
        ];
        let (mut at_dicom, mut at_hl7) = (None, None);
        if let Some(list) = &scans {
            helpers.push(tokio::spawn(list.clone().follow()));
            if config.demo {
                scans::demo::fill(list).await?;
            }
            if let Some(held) = dicom {
                let run = Dicom { list, local: &local_time, faults: &scan_faults };
                at_dicom = Some(run.start(held, &stopping, &mut helpers).await?);
            }
        }
        if let (Some(held), Some(taking), Some(list)) = (hl7, taking, &scans) {
            let file = list.config().hl7.as_ref().and_then(|hl7| hl7.address_file.as_deref());
            let (address, serving) = listen_to_messages(held, file, taking, &stopping).await?;
            helpers.push(serving);
            at_hl7 = Some(address);
        }
        if let Some(telling) = &telling {
            helpers.extend(telling.start());
        }
        helpers.extend(outbox.map(|outbox| tokio::spawn(outbox.run(department.clone()))));
        let (stop, stopped) = oneshot::channel::<()>();
        let router = web::router(app).into_make_service_with_connect_info::<Peer>();
        let told = async move { drop(stopped.await) };
        let answering = match tls {
            None => tokio::spawn(
                axum::serve(listener, router).with_graceful_shutdown(told).into_future(),
            ),
            Some(tls) => {
                let listener = TlsListener::new(listener, tls);
                tokio::spawn(
                    axum::serve(listener, router).with_graceful_shutdown(told).into_future(),
                )
            }
        };
        if let Some(file) = &config.address_file {
            write_address(file, address).await?;
        }
        let stop = Some(stop);
        Ok(Server {
            address,
            first_link,
            dicom: at_dicom,
            hl7: at_hl7,
            scans,
            telling,
            local_time,
            department,
            record,
            clock,
            stop,
            stopping,
            answering,
            helpers,
            auditing,
        })
    }

    /// Of a demonstration: invented wards call their patients, and two scanners scan.
    pub fn scan_for_show(&mut self) {
        let (Some(list), Some(address)) = (&self.scans, self.dicom) else { return };
        self.helpers.push(tokio::spawn(scans::demo::ward(list.clone())));
        for title in ["MR1", "MR2"] {
            let (list, local) = (list.clone(), self.local_time.clone());
            let scanner = scans::demo::scanner(list, local, address, title.to_string());
            self.helpers.push(tokio::spawn(scanner));
        }
    }

    /// Lets requests end, signs the record as it is, and closes it.
    pub async fn stop(mut self) {
        self.stopping.send_replace(true);
        if let Some(stop) = self.stop.take() {
            // Nobody who waits for it is no fault.
            let _ = stop.send(());
        }
        let grace = Duration::from_secs(GRACE_SECONDS);
        if tokio::time::timeout(grace, &mut self.answering).await.is_err() {
            self.answering.abort();
        }
        // With the last page gone nobody notes anything more, and what waits is written.
        drop(tokio::time::timeout(grace, &mut self.auditing).await);
        if let Err(error) = self.record.sign_head(self.clock.micros()).await {
            tracing::warn!(%error, "the record was not signed at the end");
        }
        for helper in &self.helpers {
            helper.abort();
        }
        self.record.close().await;
    }

    /// Waits until the server ends by itself, which is a fault.
    pub async fn ended(&mut self) {
        drop((&mut self.answering).await);
    }
}

/// Writes an address whole or not at all: who waits for the file reads an address.
async fn write_address(file: &Path, address: SocketAddr) -> Result<(), ServerError> {
    let beside = file.with_extension("new");
    let failed = |source| ServerError::AddressFile { path: file.to_path_buf(), source };
    tokio::fs::write(&beside, format!("{address}\n")).await.map_err(failed)?;
    tokio::fs::rename(&beside, file).await.map_err(failed)
}

/// Listens for HL7; where, and the task that serves it.
async fn listen_to_messages(
    (socket, who): (TcpListener, cauda_hl7::Settings),
    file: Option<&Path>,
    taking: Arc<Taking>,
    stopping: &watch::Sender<bool>,
) -> Result<(SocketAddr, JoinHandle<()>), ServerError> {
    let listener = cauda_hl7::Listener::on(socket, who, taking)?;
    let address = listener.address()?;
    let mut stops = stopping.subscribe();
    let stopped = async move { drop(stops.wait_for(|stop| *stop).await) };
    let serving = tokio::spawn(listener.serve(stopped));
    if let Some(file) = file {
        write_address(file, address).await?;
    }
    Ok((address, serving))
}

/// What the worklist for scanners is started with.
struct Dicom<'a> {
    list: &'a Arc<ScanList>,
    local: &'a web::LocalTime,
    faults: &'a Faults,
}

impl Dicom<'_> {
    async fn start(
        &self,
        (socket, who): (TcpListener, cauda_dicom::Settings),
        stopping: &watch::Sender<bool>,
        helpers: &mut Vec<JoinHandle<()>>,
    ) -> Result<SocketAddr, ServerError> {
        let worklist = Arc::new(cauda_dicom::worklist::Worklist::new(who.charsets()));
        let steps = Arc::new(Steps::new(self.list.clone()));
        let listening = cauda_dicom::Listener::on(socket, who, worklist.clone(), steps)?;
        let address = listening.address();
        let (list, local) = (self.list.clone(), self.local.clone());
        helpers.push(tokio::spawn(scans::keep_current(
            list.clone(),
            worklist,
            local.clone(),
            self.faults.clone(),
        )));
        let mut stops = stopping.subscribe();
        helpers.push(tokio::spawn(
            listening.run(async move { drop(stops.wait_for(|stopping| *stopping).await) }),
        ));
        let dicom = self.list.config().dicom.as_ref();
        if let Some(file) = dicom.and_then(|dicom| dicom.address_file.as_deref()) {
            write_address(file, address).await?;
        }
        Ok(address)
    }
}

/// The link of the first administrator, while no account has a password.
async fn first_administrator(accounts: &Accounts) -> Result<Option<String>, ServerError> {
    let known = accounts.all().await?;
    if known.iter().any(|account| account.has_password()) {
        return Ok(None);
    }
    let by = ActorId::new("cauda").map_err(|_| ServerError::NoRandom)?;
    let first = known.into_iter().find(|account| account.role == AccountRole::Administrator);
    let first = match first {
        Some(account) => Some(account),
        None => accounts.create(&by, "administrator", AccountRole::Administrator).await?,
    };
    match first {
        Some(account) => Ok(Some(format!("/first?link={}", accounts.invite(&by, &account).await?))),
        None => Ok(None),
    }
}
