//! A listener on a free port with a department behind it that keeps its record in memory.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cauda_dicom::charset::Charset;
use cauda_dicom::command::Command;
use cauda_dicom::dataset::Syntax;
use cauda_dicom::message::write;
use cauda_dicom::negotiate::Service;
use cauda_dicom::scu::{Association, Caller};
use cauda_dicom::step::PerformedStep;
use cauda_dicom::worklist::Worklist;
use cauda_dicom::{
    Department, Device, DicomError, Event, Limits, Listener, Notice, Settings, Trouble,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The time of every clock here: 2026-11-03 08:45 UTC.
pub const NOW: i64 = 1_793_695_500;

/// A record in memory that can be made to fail.
#[derive(Default)]
pub struct Ward {
    pub steps: Mutex<HashMap<String, PerformedStep>>,
    pub events: Mutex<Vec<Event>>,
    pub notices: Mutex<Vec<Notice>>,
    pub broken: AtomicBool,
    pub stuck: AtomicBool,
}

#[async_trait]
impl Department for Ward {
    async fn step(&self, instance: &str) -> Result<Option<PerformedStep>, Trouble> {
        Ok(self.steps.lock().unwrap().get(instance).cloned())
    }

    async fn commit(&self, event: Event) -> Result<(), Trouble> {
        if self.broken.load(Ordering::SeqCst) {
            return Err("the disk is full".into());
        }
        if self.stuck.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        // Others may come in between, as with a real record.
        tokio::task::yield_now().await;
        let step = event.step.clone();
        self.steps.lock().unwrap().insert(step.instance.clone(), step);
        self.events.lock().unwrap().push(event);
        Ok(())
    }

    fn notice(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }
}

impl Ward {
    /// What has happened, in order.
    pub fn happenings(&self) -> Vec<cauda_dicom::Happening> {
        self.events.lock().unwrap().iter().map(|event| event.happening).collect()
    }
}

/// A listener that is running.
pub struct Site {
    pub address: SocketAddr,
    pub ward: Arc<Ward>,
    pub worklist: Arc<Worklist>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

/// Settings with two scanners and one device that may do nothing but ask whether somebody is there.
pub fn settings() -> Settings {
    let first = Device { charset: Charset::Latin1, ..Device::scanner("MR1", "scanner 1") };
    let second = Device::scanner("MR2", "scanner 2");
    let viewer = Device { worklist: false, steps: false, ..Device::scanner("VIEWER", "viewer") };
    Settings {
        ae_title: "CAUDA".into(),
        devices: vec![first, second, viewer],
        limits: Limits { send: Duration::from_secs(20), ..Limits::default() },
        tls: None,
        clock: Arc::new(|| NOW),
    }
}

impl Site {
    pub async fn start(settings: Settings, worklist: Worklist) -> Site {
        Site::with(settings, Arc::new(worklist), Arc::default()).await
    }

    pub async fn with(settings: Settings, worklist: Arc<Worklist>, ward: Arc<Ward>) -> Site {
        let address = "127.0.0.1:0".parse().unwrap();
        let department: Arc<dyn Department> = Arc::<Ward>::clone(&ward);
        let listener =
            Listener::bind(address, settings, Arc::clone(&worklist), department).await.unwrap();
        let address = listener.address();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(listener.run(async {
            let _ = stopped.await;
        }));
        Site { address, ward, worklist, stop: Some(stop), running }
    }

    /// A listener with a few entries.
    pub async fn plain() -> Site {
        Site::start(settings(), crate::house::worklist(100)).await
    }

    /// Stops the listener and gives back what outlives it.
    pub async fn stop(mut self) -> (Arc<Worklist>, Arc<Ward>) {
        let _ = self.stop.take().unwrap().send(());
        self.running.await.unwrap();
        (self.worklist, self.ward)
    }

    /// An association of this device for every service.
    pub async fn call(&self, calling: &str) -> Association {
        self.open(calling, "CAUDA", Syntax::Explicit).await.unwrap()
    }

    pub async fn open(
        &self,
        calling: &str,
        called: &str,
        syntax: Syntax,
    ) -> Result<Association, DicomError> {
        Association::open(self.address, &caller(calling, called), &Service::ALL, syntax).await
    }

    /// A connection on which nothing has been said.
    pub async fn raw(&self) -> Raw {
        Raw(TcpStream::connect(self.address).await.unwrap())
    }
}

pub fn caller(calling: &str, called: &str) -> Caller {
    let time = Duration::from_secs(20);
    Caller { calling: calling.into(), called: called.into(), time, tls: None }
}

/// Bytes as they are.
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The kind of the next PDU and what is in it; `None` when the other side has hung up.
    pub async fn pdu(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 6];
        self.0.read_exact(&mut header).await.ok()?;
        let length = u32::from_be_bytes(header[2..].try_into().unwrap());
        let mut bytes = vec![0; length as usize];
        self.0.read_exact(&mut bytes).await.ok()?;
        Some((header[0], bytes))
    }
}

/// The bytes of a request for an association: the numbers of the contexts with their SOP class.
pub fn request(calling: &str, contexts: &[(u8, &str)]) -> Vec<u8> {
    use dicom_ul::pdu::{AssociationRQ, Pdu, PresentationContextProposed, UserVariableItem};
    let of = |(id, class): &(u8, &str)| PresentationContextProposed {
        id: *id,
        abstract_syntax: (*class).to_string(),
        transfer_syntaxes: vec![Syntax::Implicit.uid().to_string()],
    };
    let pdu = Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: calling.to_string(),
        called_ae_title: "CAUDA".to_string(),
        application_context_name: "1.2.840.10008.3.1.1.1".to_string(),
        presentation_contexts: contexts.iter().map(of).collect(),
        user_variables: vec![UserVariableItem::MaxLength(16_384)],
    });
    let mut bytes = Vec::new();
    dicom_ul::write_pdu(&mut bytes, &pdu).unwrap();
    bytes
}

/// A connection whose association is accepted: context 1 for echo, 3 for the worklist.
pub async fn accepted(site: &Site) -> Raw {
    let mut raw = site.raw().await;
    raw.send(&request("MR1", &[(1, "1.2.840.10008.1.1"), (3, "1.2.840.10008.5.1.4.31")])).await;
    assert_eq!(raw.pdu().await.unwrap().0, 0x02);
    raw
}

/// The bytes of a message.
pub fn bytes_of(context: u8, command: &Command, data: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, context, command, data, 16_384);
    bytes
}
