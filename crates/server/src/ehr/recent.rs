//! What is known of a consultation and around it. A call without an encounter belongs to a
//! patient's day, and days end at midnight where illnesses do not: what was told within the last
//! 24 hours counts on. Each day keeps its own name, so a card opens the same consultation as ever.

use std::collections::BTreeSet;

use cauda_guideline::time;
use cauda_store::Record;

use super::consult::{self, Consult, Event, Handle, Handles, Place};
use crate::{ServerError, streams};

/// How long what was told without an encounter counts, in seconds: at least as long as a day did.
const LASTING_SECONDS: i64 = 86_400;
/// Events of a day that are read.
const EVENTS_MAX: u64 = 10_000;

/// A consultation, and what was told around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recent {
    /// The consultation alone: what stands in its stream.
    pub own: Consult,
    /// With the days around it; nothing where there is an encounter.
    around: Option<Consult>,
}

impl Recent {
    /// Everything that counts.
    pub fn all(&self) -> &Consult {
        self.around.as_ref().unwrap_or(&self.own)
    }
}

/// The day of a second, `2026-11-26`, in UTC: a name, and no day of anybody's.
pub fn day(second: i64) -> String {
    time::write(second).get(..10).unwrap_or_default().to_string()
}

/// Reads it: of an encounter, that encounter; else what stands under this handle, and what was
/// told of this patient without an encounter within the last 24 hours.
///
/// # Errors
/// As the record's.
pub async fn read(
    record: &Record,
    handles: &Handles,
    place: &Place<'_>,
    handle: &Handle,
    now: i64,
) -> Result<Recent, ServerError> {
    // A card of a day may be opened in an encounter that has begun since.
    if place.encounter.is_some() && handles.give(place) == *handle {
        return Ok(Recent { own: consult::read(record, handle).await?, around: None });
    }
    let since = now.saturating_sub(LASTING_SECONDS);
    let of_day =
        |second| handles.give(&Place { day: &day(second), encounter: None, ..place.clone() });
    let near = BTreeSet::from([of_day(since), of_day(now)]);
    let own = events(record, handle, i64::MIN).await?;
    let mut around = own.clone();
    for near in near.iter().filter(|near| *near != handle) {
        let more = events(record, near, since.saturating_mul(1_000_000)).await?;
        around.told.extend(more.told);
        around.cut |= more.cut;
    }
    // Stable, so that the events of one command stay together.
    around.told.sort_by_key(|(at, _)| *at);
    Ok(Recent { own: own.fold(), around: Some(around.fold()) })
}

/// Events with the microsecond at which each was written.
#[derive(Clone)]
struct Events {
    told: Vec<(i64, Event)>,
    cut: bool,
}

impl Events {
    fn fold(self) -> Consult {
        let mut consult = Consult::fold(self.told.into_iter().map(|(_, event)| event));
        consult.cut = self.cut;
        consult
    }
}

async fn events(record: &Record, handle: &Handle, since: i64) -> Result<Events, ServerError> {
    let stream = handle.stream()?;
    let count = record.sequence(&stream).await?;
    let mut after = count.saturating_sub(EVENTS_MAX);
    let mut told = Vec::new();
    while after < count {
        let page = record.stream(&stream, after).await?;
        let Some(last) = page.last() else { break };
        after = last.sequence;
        for row in page.iter().filter(|row| row.recorded_at >= since) {
            told.extend(streams::read::<Event>(row)?.map(|event| (row.recorded_at, event)));
        }
    }
    Ok(Events { told, cut: count > EVENTS_MAX })
}
