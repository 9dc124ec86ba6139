//! The other side: a scanner's requests, for the stand-in, the tests and an installer's check.

use std::sync::Arc;
use std::time::Duration;

use dicom_core::VR;
use dicom_ul::pdu::{
    AssociationRQ, Pdu, PresentationContextProposed, PresentationContextResultReason,
    UserVariableItem,
};
use tokio::net::{TcpStream, ToSocketAddrs};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::command::{C_CANCEL_RQ, C_ECHO_RQ, C_FIND_RQ, Command, N_CREATE_RQ, N_SET_RQ, status};
use crate::dataset::{DataSet, Syntax};
use crate::error::{DicomError, MessageError};
use crate::message::{Message, write};
use crate::negotiate::{APPLICATION, Context, Service, own_variables, shown};
use crate::wire::{Arrival, Stream, Wire};

/// Matches of one query that are kept.
pub const MAX_MATCHES: usize = 100_000;
/// The longest PDU that is received.
const PDU_BYTES: u32 = 128 * 1024;

/// Who calls whom.
#[derive(Clone)]
pub struct Caller {
    /// Own AE title.
    pub calling: String,
    /// The other side's.
    pub called: String,
    /// For connecting and for each answer.
    pub time: Duration,
    /// Encrypts the connection, expecting this name in the certificate.
    pub tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Caller({} to {})", self.calling, self.called)
    }
}

/// What a query brought.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The matches.
    pub matches: Vec<DataSet>,
    /// Whether one of them was pending with a warning.
    pub warned: bool,
    /// The final response.
    pub last: Command,
}

/// An open association.
pub struct Association {
    wire: Wire,
    contexts: Vec<Context>,
    peer_max: u32,
    message: u16,
    time: Duration,
}

impl std::fmt::Debug for Association {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Association({} contexts)", self.contexts.len())
    }
}

impl Association {
    /// Opens an association for these services, in this transfer syntax.
    ///
    /// # Errors
    /// [`DicomError`] when nobody answers in time or the association is refused.
    pub async fn open(
        address: impl ToSocketAddrs,
        caller: &Caller,
        services: &[Service],
        syntax: Syntax,
    ) -> Result<Association, DicomError> {
        let connected = timeout(caller.time, TcpStream::connect(address)).await;
        let stream = connected.map_err(|_| DicomError::Slow)??;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = match &caller.tls {
            None => Box::new(stream),
            Some((config, name)) => {
                let connector = TlsConnector::from(Arc::clone(config));
                let connected = timeout(caller.time, connector.connect(name.clone(), stream)).await;
                Box::new(connected.map_err(|_| DicomError::Slow)??)
            }
        };
        let mut wire = Wire::new(stream, PDU_BYTES);
        wire.send_pdu(&request(caller, services, syntax), caller.time).await?;
        match wire.pdu(caller.time).await? {
            Pdu::AssociationAC(accepted) => {
                let mut contexts = Vec::new();
                for (id, service) in (1..).step_by(2).zip(services) {
                    let result = accepted.presentation_contexts.iter().find(|one| one.id == id);
                    let syntax = result
                        .filter(|one| one.reason == PresentationContextResultReason::Acceptance)
                        .and_then(|one| Syntax::of(one.transfer_syntax.trim_end_matches('\0')));
                    contexts.extend(syntax.map(|syntax| Context { id, service: *service, syntax }));
                }
                let peer_max = accepted.user_variables.iter().find_map(|variable| match variable {
                    UserVariableItem::MaxLength(length) => Some(*length),
                    _ => None,
                });
                let (peer_max, time) = (peer_max.unwrap_or(0), caller.time);
                Ok(Association { wire, contexts, peer_max, message: 0, time })
            }
            Pdu::AssociationRJ(rejected) => Err(DicomError::Rejected(rejected.source.to_string())),
            Pdu::AbortRQ { .. } => Err(DicomError::Aborted),
            _ => Err(DicomError::Pdu),
        }
    }

    /// Which services were accepted.
    pub fn services(&self) -> impl Iterator<Item = Service> {
        self.contexts.iter().map(|context| context.service)
    }

    fn context(&self, service: Service) -> Result<Context, DicomError> {
        let found = self.contexts.iter().find(|context| context.service == service);
        found.copied().ok_or(DicomError::NotOffered(service.name()))
    }

    /// Sends a command as it is, and perhaps a data set.
    ///
    /// # Errors
    /// [`DicomError`] when the service was not accepted or the line broke.
    pub async fn send(
        &mut self,
        service: Service,
        command: &Command,
        data: Option<&DataSet>,
    ) -> Result<(), DicomError> {
        let context = self.context(service)?;
        let bytes = data.map(|set| {
            let mut bytes = Vec::new();
            set.write(context.syntax, &mut bytes);
            bytes
        });
        let mut out = Vec::new();
        write(&mut out, context.id, command, bytes.as_deref(), self.peer_max);
        self.wire.send(&out, self.time).await
    }

    /// The next message of the other side.
    ///
    /// # Errors
    /// [`DicomError`] when it ended the association or did not answer in time.
    pub async fn receive(&mut self) -> Result<Message, DicomError> {
        match self.wire.arrival(self.time).await? {
            Arrival::Message(message) => Ok(*message),
            Arrival::Release => Err(DicomError::Closed),
            Arrival::Abort => Err(DicomError::Aborted),
        }
    }

    /// A request of this kind with the next message number.
    pub fn request(&mut self, field: u16, service: Service) -> Command {
        self.message = self.message.checked_add(1).unwrap_or(1);
        Command::request(field, self.message, service.class())
    }

    /// C-ECHO: the status.
    ///
    /// # Errors
    /// [`DicomError`]
    pub async fn echo(&mut self) -> Result<u16, DicomError> {
        let request = self.request(C_ECHO_RQ, Service::Verification);
        self.send(Service::Verification, &request, None).await?;
        Ok(self.receive().await?.command.status.unwrap_or(status::PROCESSING_FAILURE))
    }

    /// C-FIND in the worklist.
    ///
    /// # Errors
    /// [`DicomError`]; a status of failure is none, it stands in the final response.
    pub async fn find(&mut self, identifier: &DataSet) -> Result<Answers, DicomError> {
        let mut request = self.request(C_FIND_RQ, Service::Worklist);
        (request.with_data, request.priority) = (Some(true), Some(0));
        self.send(Service::Worklist, &request, Some(identifier)).await?;
        self.answers().await
    }

    /// What follows a C-FIND that was sent.
    ///
    /// # Errors
    /// [`DicomError`]
    pub async fn answers(&mut self) -> Result<Answers, DicomError> {
        let (mut matches, mut warned) = (Vec::new(), false);
        loop {
            let message = self.receive().await?;
            let code = message.command.status.unwrap_or(status::PROCESSING_FAILURE);
            if ![status::PENDING, status::PENDING_WITH_WARNING].contains(&code) {
                return Ok(Answers { matches, warned, last: message.command });
            }
            warned |= code == status::PENDING_WITH_WARNING;
            let context = self.contexts.iter().find(|context| context.id == message.context);
            let syntax = context.ok_or(MessageError::Context)?.syntax;
            if matches.len() >= MAX_MATCHES {
                return Err(DicomError::Limit("more matches than are kept"));
            }
            matches.push(DataSet::read(message.data.as_deref().unwrap_or_default(), syntax)?);
        }
    }

    /// C-CANCEL of the last request. Has no response of its own.
    ///
    /// # Errors
    /// [`DicomError`]
    pub async fn cancel(&mut self) -> Result<(), DicomError> {
        let cancel = Command {
            field: Some(C_CANCEL_RQ),
            responded_to: Some(self.message),
            with_data: Some(false),
            ..Command::default()
        };
        self.send(Service::Worklist, &cancel, None).await
    }

    /// N-CREATE of a performed step: the response.
    ///
    /// # Errors
    /// [`DicomError`]; a status of failure is none.
    pub async fn create(&mut self, instance: &str, set: &DataSet) -> Result<Command, DicomError> {
        let mut request = self.request(N_CREATE_RQ, Service::Steps);
        request.affected_instance = Some(instance.to_string());
        request.with_data = Some(true);
        self.send(Service::Steps, &request, Some(set)).await?;
        Ok(self.receive().await?.command)
    }

    /// N-SET of a performed step: the response.
    ///
    /// # Errors
    /// [`DicomError`]; a status of failure is none.
    pub async fn set(&mut self, instance: &str, set: &DataSet) -> Result<Command, DicomError> {
        let mut request = self.request(N_SET_RQ, Service::Steps);
        request.requested_class = request.affected_class.take();
        request.requested_instance = Some(instance.to_string());
        request.with_data = Some(true);
        self.send(Service::Steps, &request, Some(set)).await?;
        Ok(self.receive().await?.command)
    }

    /// Ends the association in order.
    ///
    /// # Errors
    /// [`DicomError`] when the other side does not agree.
    pub async fn release(mut self) -> Result<(), DicomError> {
        self.wire.send_pdu(&Pdu::ReleaseRQ, self.time).await?;
        match self.wire.pdu(self.time).await? {
            Pdu::ReleaseRP => {
                self.wire.close(self.time).await;
                Ok(())
            }
            Pdu::AbortRQ { .. } => Err(DicomError::Aborted),
            _ => Err(DicomError::Pdu),
        }
    }
}

fn request(caller: &Caller, services: &[Service], syntax: Syntax) -> Pdu {
    let contexts = (1..).step_by(2).zip(services).map(|(id, service)| {
        let abstract_syntax = service.class().to_string();
        let mut transfer_syntaxes = vec![syntax.uid().to_string()];
        if syntax == Syntax::Explicit {
            // Whoever proposes the other one has to propose the default as well.
            transfer_syntaxes.push(Syntax::Implicit.uid().to_string());
        }
        PresentationContextProposed { id, abstract_syntax, transfer_syntaxes }
    });
    Pdu::AssociationRQ(AssociationRQ {
        protocol_version: 1,
        calling_ae_title: caller.calling.clone(),
        called_ae_title: caller.called.clone(),
        application_context_name: APPLICATION.to_string(),
        presentation_contexts: contexts.collect(),
        user_variables: own_variables(PDU_BYTES),
    })
}

/// Asks a listener whether it is there, as an installer does first.
///
/// # Errors
/// [`DicomError`], with a status of failure as [`DicomError::Rejected`].
pub async fn echo(address: impl ToSocketAddrs, caller: &Caller) -> Result<(), DicomError> {
    let services = [Service::Verification];
    let mut association = Association::open(address, caller, &services, Syntax::Implicit).await?;
    let code = association.echo().await?;
    association.release().await?;
    if code == status::SUCCESS {
        return Ok(());
    }
    Err(DicomError::Rejected(shown(&format!("status {code:04X}"))))
}

/// An identifier that asks for these keys with these values.
pub fn identifier(root: &[(dicom_core::Tag, &str)], step: &[(dicom_core::Tag, &str)]) -> DataSet {
    let fill = |keys: &[(dicom_core::Tag, &str)]| {
        let mut set = DataSet::new();
        for (tag, value) in keys {
            match crate::dataset::known_vr(*tag) {
                VR::SQ => set.items(*tag, Vec::new()),
                vr => set.text(*tag, vr, value),
            }
        }
        set
    };
    let mut set = fill(root);
    let steps = dicom_dictionary_std::tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE;
    set.items(steps, vec![fill(step)]);
    set
}
