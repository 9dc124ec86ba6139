//! What scanners tell of a scan (MPPS): written down, and done to the order it is about. A scan
//! that nobody ordered here comes onto the list by itself, so that no scan is unaccounted for.

use std::sync::Arc;

use async_trait::async_trait;
use cauda_dicom::step::{PerformedStep, Scheduled};
use cauda_dicom::{Department as Told, Event, Happening, Notice, Trouble};
use cauda_pathway::identity::{Actor, CommandId, Text};
use cauda_pathway::patient::Sex;
use cauda_scans::{About, Action, Kind, Numbers, Protocol, Request, Scan, Source};
use cauda_store::{Append, Expected, Note, StreamAppend, StreamName};
use serde::{Deserialize, Serialize};

use super::list::{ScanActError, ScanList};
use crate::{ids, streams};

/// Version of the form of a step in the record.
const VERSION: u32 = 1;
/// Steps of a scanner by the patient's number there, for whoever asks for a patient's data.
pub const STEP_OF: &str = "step_of";
/// What a scan that nobody ordered here is expected to take, in minutes.
const UNPLANNED_MINUTES: [u32; 2] = [20, 40];

/// Takes what scanners tell.
pub struct Steps {
    list: Arc<ScanList>,
}

/// A step as the record keeps it.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    step: PerformedStep,
    scanner: String,
    received: i64,
}

impl Steps {
    /// For a list.
    pub fn new(list: Arc<ScanList>) -> Steps {
        Steps { list }
    }

    /// The orders of a step that are on the list.
    fn orders(&self, step: &PerformedStep) -> Vec<Scan> {
        let scans = self.list.scans();
        let of = |scan: &Scan| {
            let (step_id, accession) = (scan.step_id(), scan.accession());
            scan.performed.contains(&step.instance)
                || step.scheduled.iter().any(|one| {
                    let Scheduled { accession_number, procedure_id, step_id: said, .. } = one;
                    *said == step_id
                        || (said.is_empty()
                            && (*accession_number == accession || *procedure_id == accession))
                })
        };
        scans.into_iter().filter(of).collect()
    }

    async fn tell(&self, event: &Event) -> Result<(), ScanActError> {
        let Event { happening, step, source, received } = event;
        let by = Actor::system();
        let mut orders = self.orders(step);
        let begins = matches!(happening, Happening::Started | Happening::Updated);
        if orders.is_empty() && begins {
            let command = command(step, "unplanned", "")?;
            let id = self.list.request(&by, &command, unplanned(step, *received)).await?;
            orders.extend(self.list.find(&id));
        }
        for scan in orders {
            let performed = Some(step.instance.clone());
            let action = match happening {
                Happening::Started | Happening::Updated => Action::Start {
                    scanner: source.scanner.clone(),
                    began: *received,
                    performed,
                    despite: None,
                },
                Happening::Ended => Action::End { ended: *received, complete: true, performed },
                Happening::Discontinued { wrong_entry: true } => {
                    Action::WrongEntry { performed: step.instance.clone() }
                }
                Happening::Discontinued { wrong_entry: false } => {
                    Action::End { ended: *received, complete: false, performed }
                }
            };
            let what = match happening {
                Happening::Started | Happening::Updated => "start",
                Happening::Ended => "end",
                Happening::Discontinued { .. } => "stop",
            };
            let command = command(step, what, &scan.id)?;
            match self.list.act(&by, &scan.id, &command, action).await {
                Ok(()) => {}
                // It left the list, or the visit thinks otherwise: the step is kept all the same,
                // and the scanner is not told to send it for ever.
                Err(ScanActError::Refused(why)) => {
                    tracing::warn!(%why, "a scanner told what the board refuses");
                }
                Err(ScanActError::Visit(why)) => {
                    tracing::warn!(%why, "a scanner told what a visit refuses");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn keep(&self, event: &Event) -> Result<(), Trouble> {
        let step = &event.step;
        let stream = StreamName::new(format!("mpps/{}", step.instance))?;
        let kept = Kept {
            version: VERSION,
            step: step.clone(),
            scanner: event.source.scanner.clone(),
            received: event.received,
        };
        let body = serde_json::to_string(&kept)?;
        let notes = notes_of(step, &stream);
        let append = Append {
            // The same message again is the same append.
            command: format!("mpps-{}", ids::kept(&body)),
            actor: Actor::system().id.to_string(),
            recorded_at: event.received.saturating_mul(1_000_000),
            streams: vec![StreamAppend {
                stream,
                expected: Expected::Any,
                events: vec![streams::row("mpps", VERSION, &kept)?],
            }],
        };
        self.list.record().append_noting(append, notes).await?;
        Ok(())
    }
}

/// What a step adds to the notes: whose it is.
pub(super) fn notes(
    row: &cauda_store::Event,
    stream: &StreamName,
) -> Result<Vec<Note>, crate::ServerError> {
    let Some(kept) = streams::read::<Kept>(row)? else { return Ok(Vec::new()) };
    Ok(notes_of(&kept.step, stream))
}

fn notes_of(step: &PerformedStep, stream: &StreamName) -> Vec<Note> {
    let number = streams::number_key(&step.patient_id);
    if number.is_empty() || number.len() > 100 {
        return Vec::new();
    }
    vec![Note {
        list: STEP_OF.to_string(),
        key: format!("{number}/{}", step.instance),
        stream: stream.clone(),
        value: Some(String::new()),
        sole: false,
    }]
}

#[async_trait]
impl Told for Steps {
    async fn step(&self, instance: &str) -> Result<Option<PerformedStep>, Trouble> {
        let stream = StreamName::new(format!("mpps/{instance}"))?;
        let all: Vec<Kept> = streams::all(self.list.record(), &stream).await?;
        Ok(all.into_iter().next_back().map(|kept| kept.step))
    }

    async fn commit(&self, event: Event) -> Result<(), Trouble> {
        // The order first: a step that is kept is not told again, one that is told again does
        // nothing to an order that has it.
        self.tell(&event).await?;
        self.keep(&event).await
    }

    fn notice(&self, notice: Notice) {
        match notice {
            Notice::Refused { calling, host, why } => {
                tracing::warn!(calling, %host, why, "a DICOM association was refused");
            }
            Notice::Echo(source) => tracing::info!(ae = source.ae_title, "DICOM echo"),
            Notice::Queried { source, matches, unwritable } => {
                tracing::debug!(ae = source.ae_title, matches, unwritable, "worklist queried");
            }
        }
    }
}

fn command(step: &PerformedStep, what: &str, scan: &str) -> Result<CommandId, ScanActError> {
    let text = format!("{} {what} {:?} {scan}", step.instance, step.state);
    let kept: String = ids::kept(&text).chars().take(40).collect();
    CommandId::new(kept)
        .map_err(|_| cauda_store::StoreError::Malformed("an id does not fit").into())
}

/// An order for a scan that began without one.
fn unplanned(step: &PerformedStep, received: i64) -> Request {
    let text = |text: &str| Text::new(text.replace('^', ", ")).ok();
    Request {
        kind: Kind::Inpatient,
        about: About {
            name: text(&step.patient_name),
            number: text(&step.patient_id),
            born: None,
            sex: Sex::Unknown,
            place: None,
        },
        tier: Kind::Inpatient.tier(),
        deadline: None,
        protocol: Protocol {
            id: "unplanned".to_string(),
            name: match step.description.trim() {
                "" => "scan that was not ordered here".to_string(),
                words => words.to_string(),
            },
            minutes: UNPLANNED_MINUTES,
            coil: None,
            contrast: false,
            limited: false,
        },
        not_before: None,
        ordered_at: received,
        asked_by: "begun at the scanner".to_string(),
        telephone: None,
        why: Text::new("begun at the scanner without an order here").ok(),
        source: Source::Board,
        numbers: Numbers::default(),
    }
}
