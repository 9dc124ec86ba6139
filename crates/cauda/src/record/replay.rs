//! `cauda record replay`: every stored decision of every visit, made again.
//!
//! The log is read once, a page at a time; where a visit begins, its stream is read to the end,
//! a page at a time, and only its state is kept. So at most one page of the log, one page of a
//! stream and one visit are held, with bodies of at most 16, 64 and 64 MiB, whatever the record's
//! size.

use cauda_guideline::Guideline;
use cauda_pathway::event::{Event, What};
use cauda_pathway::{EVENTS_HARD_MAX, Replay};
use cauda_store::{Event as Stored, Record, Sequence, StoreError, StreamName};

use super::replayed::{Outcome, Replayed};
use super::{Progress, existing, refused};
use crate::args::record::RecordReplay;
use crate::error::CliError;
use crate::guideline;

/// Events of a page of the log.
const LOG_PAGE: usize = 250;
/// Most bytes of the bodies of one visit.
const VISIT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The kind of the streams that hold visits.
const VISIT: &str = "visit";

/// Runs the command; the number is the exit code: 1 when a decision comes out otherwise, or a
/// visit cannot be replayed.
///
/// # Errors
/// A record that cannot be read or is damaged, a guideline that is refused, an unknown visit.
pub async fn run(args: &RecordReplay) -> Result<u8, CliError> {
    let only = args.visit.as_deref().map(named).transpose()?;
    let proved = guideline::open(args.guideline.as_deref(), args.site.as_deref())?;
    let record = existing(&args.place).await?;
    let mut replayed = Replayed::new(proved.guideline());
    let size = record.size().await.map_err(refused)?;
    match only {
        None => all(&record, size, proved.guideline(), &mut replayed).await?,
        Some(stream) => {
            if record.sequence(&stream).await.map_err(refused)? == 0 {
                return Err(CliError::Record {
                    message: "the record has no visit with the id that --visit names".into(),
                    help: Some("ids are told apart by every character".into()),
                });
            }
            let outcome = visit(&record, &stream, size, proved.guideline()).await?;
            replayed.add(id(&stream), outcome);
        }
    }
    record.close().await;
    if args.json {
        crate::out::line(&replayed.json()?);
    } else {
        crate::out::print(&replayed.text());
    }
    Ok(u8::from(!replayed.is_the_same()))
}

fn named(id: &str) -> Result<StreamName, CliError> {
    StreamName::new(format!("{VISIT}/{id}")).map_err(|_| CliError::Usage {
        message: "--visit is no id of a visit".into(),
        help: "give the id as the record has it, without `visit/`".into(),
    })
}

/// The id of a visit.
fn id(stream: &StreamName) -> &str {
    stream.as_str().split_once('/').map_or("", |(_, id)| id)
}

/// Every visit that had begun when the record had this size, in the order in which they began.
async fn all(
    record: &Record,
    size: u64,
    guideline: &Guideline,
    replayed: &mut Replayed,
) -> Result<(), CliError> {
    let mut progress = Progress::new();
    let mut from = 0;
    while from < size {
        let page = record.log(from, LOG_PAGE).await.map_err(refused)?;
        if page.is_empty() {
            return Err(missing(from));
        }
        for event in page.iter().take_while(|event| event.position < size) {
            if event.position != from {
                return Err(missing(from));
            }
            from += 1;
            if event.sequence != 1 {
                continue;
            }
            let stream = StreamName::new(&*event.stream).map_err(refused)?;
            if stream.kind() == VISIT {
                let outcome = visit(record, &stream, size, guideline).await?;
                replayed.add(id(&stream), outcome);
            }
        }
        progress.tell(from, Some(size));
    }
    Ok(())
}

/// One visit, as far as it was when the record had this size.
async fn visit(
    record: &Record,
    stream: &StreamName,
    size: u64,
    guideline: &Guideline,
) -> Result<Outcome, CliError> {
    let mut outcome = Outcome::default();
    let mut replay = Replay::new(guideline);
    let mut bytes = 0;
    let mut after: Sequence = 0;
    loop {
        let page = record.stream(stream, after).await.map_err(refused)?;
        if page.is_empty() {
            return Ok(outcome);
        }
        for stored in &page {
            if stored.position >= size {
                return Ok(outcome);
            }
            after += 1;
            if stored.sequence != after {
                return Err(missing(stored.position));
            }
            let Some(body) = &stored.body else {
                outcome.is_erased = true;
                return Ok(outcome);
            };
            bytes += body.len();
            if stored.sequence > EVENTS_HARD_MAX as u64 || bytes > VISIT_BYTES_MAX {
                outcome.fault(stored, "the visit is longer than a visit may be");
                return Ok(outcome);
            }
            match serde_json::from_str::<Event>(body) {
                Ok(event) => take(&mut outcome, &mut replay, stored, &event),
                // A fold without this event could reassure, so nothing after it is judged. The
                // reason is not told: it repeats what the body holds.
                Err(_) => {
                    outcome.fault(stored, "the event is in no form this program reads");
                    return Ok(outcome);
                }
            }
        }
    }
}

fn take(outcome: &mut Outcome, replay: &mut Replay<'_>, stored: &Stored, event: &Event) {
    let faults = replay.visit().faults.len();
    let difference = replay.take(event);
    if replay.visit().faults.len() > faults {
        outcome.fault(stored, "the table of visits does not allow the event here");
    }
    if matches!(event.what, What::DecisionMade { .. }) {
        outcome.decided(stored, difference.as_ref());
    }
}

/// A gap is never read over: what is missing may be a danger sign.
fn missing(position: u64) -> CliError {
    refused(StoreError::Damaged { position, what: "the event is missing" })
}
