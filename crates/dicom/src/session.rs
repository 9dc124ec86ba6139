//! One association from its request to its end.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use dicom_ul::pdu::{
    AssociationRJ, AssociationRJResult, AssociationRJServiceProviderPresentationReason,
    AssociationRJSource, AssociationRQ, Pdu,
};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::command::{
    C_CANCEL_RQ, C_ECHO_RQ, C_FIND_RQ, Command, N_CREATE_RQ, N_SET_RQ, RESPONSE, status,
};
use crate::dataset::DataSet;
use crate::department::{Department, Event, Happening, Notice, Source};
use crate::error::{DicomError, MessageError};
use crate::message::{Message, fragments, write};
use crate::negotiate::{Agreed, Context, Refused, Service, negotiate, shown};
use crate::query::{Query, Reading};
use crate::settings::Settings;
use crate::step::{PerformedStep, Refusal, State};
use crate::values::is_uid;
use crate::wire::{Arrival, Wire};
use crate::worklist::{View, Worklist};

/// Bytes that are gathered before they are sent.
const GATHERED: usize = 32 * 1024;
/// Matches between two looks for a C-CANCEL.
const BETWEEN_LOOKS: usize = 16;

/// What all associations share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) worklist: Arc<Worklist>,
    pub(crate) department: Arc<dyn Department>,
    /// Messages about steps are taken one at a time, so that two about the same one cannot both
    /// find it unfinished.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// How many associations each device has.
    pub(crate) open: Mutex<HashMap<String, usize>>,
}

/// A place among the associations of one device, given back when it is dropped.
struct Place {
    shared: Arc<Shared>,
    title: String,
}

impl Place {
    fn take(shared: &Arc<Shared>, title: &str) -> Option<Place> {
        let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(title.to_string()).or_default();
        if *count >= shared.settings.limits.per_device {
            return None;
        }
        *count += 1;
        Some(Place { shared: Arc::clone(shared), title: title.to_string() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.title) {
            *count = count.saturating_sub(1);
        }
    }
}

pub(crate) struct Session {
    shared: Arc<Shared>,
    wire: Wire,
    agreed: Agreed,
    source: Source,
    out: Vec<u8>,
}

/// Serves one connection; `crowded` when there are too many already.
pub(crate) async fn serve(
    shared: Arc<Shared>,
    mut wire: Wire,
    host: IpAddr,
    crowded: bool,
    mut stop: watch::Receiver<bool>,
) -> Result<(), DicomError> {
    let limits = shared.settings.limits;
    let request = match wire.pdu(limits.hello).await {
        Ok(Pdu::AssociationRQ(request)) => request,
        Err(error) if !matches!(error, DicomError::Pdu) => return Err(error),
        _ => {
            wire.abort(limits.send).await;
            return Err(DicomError::Pdu);
        }
    };
    let (agreed, _place) = match admit(&shared, &request, host, crowded) {
        Ok(admitted) => admitted,
        Err(refused) => {
            let (calling, why) = (shown(&request.calling_ae_title), refused.why);
            tracing::warn!(%host, %calling, "association refused: {why}");
            shared.department.notice(Notice::Refused { calling, host, why });
            wire.send_pdu(&refused.reply, limits.send).await?;
            wire.close(limits.send).await;
            return Ok(());
        }
    };
    for note in &agreed.notes {
        tracing::warn!(%host, "{note}");
    }
    wire.send_pdu(&agreed.reply, limits.send).await?;
    let source = Source {
        ae_title: agreed.device.ae_title.clone(),
        scanner: agreed.device.scanner.clone(),
        host,
    };
    let mut session = Session { shared, wire, agreed, source, out: Vec::new() };
    let ended = session.run(&mut stop).await;
    if ended.as_ref().is_err_and(|error| !matches!(error, DicomError::Closed)) {
        session.wire.abort(limits.send).await;
    }
    session.wire.close(limits.send).await;
    ended
}

fn admit(
    shared: &Arc<Shared>,
    request: &AssociationRQ,
    host: IpAddr,
    crowded: bool,
) -> Result<(Agreed, Place), Box<Refused>> {
    if crowded {
        return Err(full("there are as many associations as the limit allows"));
    }
    let agreed = negotiate(request, host, &shared.settings)?;
    match Place::take(shared, &agreed.device.ae_title) {
        Some(place) => Ok((agreed, place)),
        None => Err(full("the device has as many associations as the limit allows")),
    }
}

fn full(why: &str) -> Box<Refused> {
    let reason = AssociationRJServiceProviderPresentationReason::LocalLimitExceeded;
    let source = AssociationRJSource::ServiceProviderPresentation(reason);
    let result = AssociationRJResult::Transient;
    let reply = Pdu::AssociationRJ(AssociationRJ { result, source });
    Box::new(Refused { reply, why: why.to_string() })
}

impl Session {
    async fn run(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), DicomError> {
        let limits = self.shared.settings.limits;
        for _ in 0..limits.requests {
            let arrival = tokio::select! {
                arrival = self.wire.arrival(limits.idle) => Some(arrival?),
                () = stopped(stop) => None,
            };
            let Some(arrival) = arrival else {
                self.wire.abort(limits.send).await;
                return Ok(());
            };
            match arrival {
                Arrival::Message(message) => self.answer(*message).await?,
                Arrival::Release => return self.wire.send_pdu(&Pdu::ReleaseRP, limits.send).await,
                Arrival::Abort => return Ok(()),
            }
        }
        Err(DicomError::Limit("more requests on one association than the limit allows"))
    }

    async fn answer(&mut self, message: Message) -> Result<(), DicomError> {
        let id = message.context;
        let context = self.agreed.contexts.iter().find(|context| context.id == id).copied();
        let context = context.ok_or(MessageError::Context)?;
        let command = &message.command;
        let field = command.field.unwrap_or(0);
        if field & RESPONSE != 0 {
            return Err(MessageError::Order.into());
        }
        if field == C_CANCEL_RQ {
            // What it would have cancelled has been answered in the meantime.
            return Ok(());
        }
        let class = command.affected_class.as_ref().or(command.requested_class.as_ref());
        if class.is_some_and(|class| class != context.service.class()) {
            return self.respond(context, command.response(status::CLASS_NOT_SUPPORTED)).await;
        }
        match (context.service, field) {
            (Service::Verification, C_ECHO_RQ) => {
                self.shared.department.notice(Notice::Echo(self.source.clone()));
                self.respond(context, command.response(status::SUCCESS)).await
            }
            (Service::Worklist, C_FIND_RQ) => self.find(context, message).await,
            (Service::Steps, N_CREATE_RQ | N_SET_RQ) => {
                let response = match self.step(context, &message).await {
                    Ok(()) => message.command.response(status::SUCCESS),
                    Err(refusal) => {
                        tracing::warn!(
                            device = %self.source.ae_title,
                            "a performed step is refused with {:04X}: {}",
                            refusal.status,
                            refusal.comment
                        );
                        let response = message.command.response(refusal.status);
                        let error_id = refusal.error_id;
                        Command { error_id, ..response.because(&refusal.comment) }
                    }
                };
                self.respond(context, response).await
            }
            _ => self.respond(context, command.response(status::UNRECOGNIZED_OPERATION)).await,
        }
    }

    async fn respond(&mut self, context: Context, response: Command) -> Result<(), DicomError> {
        write(&mut self.out, context.id, &response, None, self.agreed.peer_max);
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), DicomError> {
        let sent = self.wire.send(&self.out, self.shared.settings.limits.send).await;
        self.out.clear();
        sent
    }

    /// C-FIND: one pending response for each match, then the final one.
    async fn find(&mut self, context: Context, message: Message) -> Result<(), DicomError> {
        let device = &self.agreed.device;
        let (charset, command) = (device.charset, &message.command);
        let reading = Reading { charset, append_star: device.append_star };
        let data = message.data.as_deref().unwrap_or_default();
        let query = match Query::read(data, context.syntax, reading) {
            Ok(query) => query,
            Err(error) => {
                tracing::warn!(device = %device.ae_title, "a query is refused: {}", error.comment);
                let response = command.response(error.status).because(&error.comment);
                return self.respond(context, response.offending(&error.offending)).await;
            }
        };
        for note in query.notes() {
            tracing::warn!(device = %device.ae_title, "{note}");
        }
        let only = device.own_only.then_some(device.ae_title.as_str());
        let limit = self.shared.settings.limits.matches;
        let found = self.shared.worklist.find(&query, View { charset, only, limit });
        if found.unwritable > 0 {
            tracing::warn!(
                device = %device.ae_title,
                "{} entries are not shown: {} has no letters for them",
                found.unwritable,
                charset.term()
            );
        }
        let pending =
            if query.is_warned() { status::PENDING_WITH_WARNING } else { status::PENDING };
        let mut response = command.response(pending);
        response.with_data = Some(true);
        let (response, mut data) = (response.write(), Vec::with_capacity(2048));
        let mut shown = 0;
        for (at, item) in found.items.iter().enumerate() {
            if at % BETWEEN_LOOKS == 0 && self.is_cancelled(command.message).await? {
                self.note_query(shown, found.unwritable);
                return self.respond(context, command.response(status::CANCELLED)).await;
            }
            data.clear();
            item.answer(&query, charset, context.syntax, &mut data);
            let peer_max = self.agreed.peer_max;
            fragments(&mut self.out, context.id, true, &response, peer_max);
            fragments(&mut self.out, context.id, false, &data, peer_max);
            shown += 1;
            if self.out.len() >= GATHERED {
                self.flush().await?;
            }
        }
        self.note_query(shown, found.unwritable);
        let last = if found.more {
            let why = format!("the first {limit} matches are returned; narrow the query");
            command.response(status::OUT_OF_RESOURCES).because(&why)
        } else {
            command.response(status::SUCCESS)
        };
        self.respond(context, last).await
    }

    fn note_query(&self, matches: usize, unwritable: usize) {
        let source = self.source.clone();
        self.shared.department.notice(Notice::Queried { source, matches, unwritable });
    }

    /// Whether a C-CANCEL for this message has arrived.
    async fn is_cancelled(&mut self, message: Option<u16>) -> Result<bool, DicomError> {
        let cancel = self.wire.peek(|waiting| {
            waiting.command.field == Some(C_CANCEL_RQ)
                && waiting.command.responded_to.unwrap_or(0) == message.unwrap_or(0)
        });
        Ok(cancel.await?.is_some())
    }

    /// N-CREATE and N-SET: written down by the department before success is told.
    async fn step(&mut self, context: Context, message: &Message) -> Result<(), Refusal> {
        let (command, shared) = (&message.command, Arc::clone(&self.shared));
        let data = message.data.as_deref().unwrap_or_default();
        let set = DataSet::read(data, context.syntax).map_err(|error| Refusal {
            status: status::PROCESSING_FAILURE,
            error_id: None,
            comment: error.to_string(),
        })?;
        let creates = command.field == Some(N_CREATE_RQ);
        let instance =
            if creates { &command.affected_instance } else { &command.requested_instance };
        let instance = instance.as_ref().or(command.affected_instance.as_ref());
        let instance = instance.map(String::as_str).unwrap_or_default();
        if !is_uid(instance) {
            return Err(if creates { nameless() } else { unknown() });
        }
        let device = self.agreed.device.charset;
        let limit = shared.settings.limits.commit;
        let written = timeout(limit, async {
            let _turn = shared.turn.lock().await;
            let known = shared.department.step(instance).await.map_err(failure)?;
            let (happening, step) = match (creates, known) {
                (true, Some(_)) => return Err(duplicate()),
                (true, None) => {
                    (Happening::Started, PerformedStep::create(instance, &set, device)?)
                }
                (false, None) => return Err(unknown()),
                (false, Some(known)) => {
                    let step = known.set(&set, device)?;
                    (happening(&step), step)
                }
            };
            let (source, received) = (self.source.clone(), (shared.settings.clock)());
            let event = Event { happening, step, source, received };
            shared.department.commit(event).await.map_err(failure)
        });
        written.await.unwrap_or_else(|_| Err(failure("the department took too long".into())))
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A listener that is gone without a word has stopped as well.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn happening(step: &PerformedStep) -> Happening {
    match step.state {
        State::InProgress => Happening::Updated,
        State::Completed => Happening::Ended,
        State::Discontinued => Happening::Discontinued { wrong_entry: step.is_wrong_entry() },
    }
}

fn failure(trouble: crate::department::Trouble) -> Refusal {
    tracing::error!("a performed step could not be written down: {trouble}");
    let comment = "it could not be written down; send it again".to_string();
    Refusal { status: status::PROCESSING_FAILURE, error_id: None, comment }
}

fn duplicate() -> Refusal {
    let comment = "this performed step exists already".to_string();
    Refusal { status: status::DUPLICATE_INSTANCE, error_id: None, comment }
}

fn nameless() -> Refusal {
    let comment = "Affected SOP Instance UID is missing or no UID".to_string();
    Refusal { status: status::INVALID_INSTANCE, error_id: None, comment }
}

fn unknown() -> Refusal {
    let comment = "no performed step has this UID".to_string();
    Refusal { status: status::NO_SUCH_INSTANCE, error_id: None, comment }
}
