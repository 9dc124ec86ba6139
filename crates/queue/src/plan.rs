//! The plan: everybody's place with its reason, predictions, breaches, and lanes to draw.

use crate::arrange;
use crate::breach::{self, Breach};
use crate::department::Department;
use crate::entry::{Entry, State};
use crate::forecast::{self, Forecast, Slot};
use crate::names::{EntryId, ScannerId};
use crate::rank;
use crate::readiness::Readiness;
use crate::tier::Tier;
use crate::why::{self, Why};

/// What follows from a department as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who is on a table, then all who wait, in their order; held ones last. Each order that has
    /// not left is here exactly once.
    pub entries: Vec<Planned>,
    /// Deadlines that are predicted to be missed, the most urgent first.
    pub breaches: Vec<Breach>,
    /// One a scanner, by id.
    pub lanes: Vec<Lane>,
}

/// An order in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Which.
    pub id: EntryId,
    /// How urgent, people's settings included.
    pub tier: Tier,
    /// Its place among those who wait, from 1; nothing while on a table.
    pub place: Option<u32>,
    /// Where it is, or is predicted to be, scanned.
    pub scanner: Option<ScannerId>,
    /// When. Nothing when it cannot be said: it is stuck, or it is beyond the horizon.
    pub predicted: Option<Predicted>,
    /// When it must start to be done by its deadline, or in the usual time of its tier.
    pub latest_start: i64,
    /// Names of the items it waits for.
    pub waits_for: Vec<String>,
    /// Why it has this place.
    pub why: Why,
}

/// A prediction for those known now, if scans take their usual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Predicted {
    /// Half start by then.
    pub start_p50: i64,
    /// Nine of ten start by then.
    pub start_p90: i64,
    /// Half are done by then.
    pub end_p50: i64,
    /// Nine of ten are done by then.
    pub end_p90: i64,
    /// It rests on a time of readiness that nobody gave.
    pub assumed: bool,
}

/// What happens on a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Which.
    pub scanner: ScannerId,
    /// In time.
    pub blocks: Vec<Block>,
}

/// A stretch of time on a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What.
    pub what: BlockKind,
    /// First second.
    pub from: i64,
    /// First second after, as half of them end.
    pub to: i64,
    /// First second after, as nine of ten end.
    pub to_p90: i64,
}

impl Lane {
    /// Whose scans, run or predicted, use some of a stretch of time, such as a reserved gap.
    pub fn within(&self, from: i64, to: i64) -> impl Iterator<Item = &EntryId> {
        let met = self.blocks.iter().filter(move |block| block.from < to && block.to > from);
        met.filter_map(|block| match &block.what {
            BlockKind::Running { entry } => entry.as_ref(),
            BlockKind::Scan { entry } => Some(entry),
            _ => None,
        })
    }
}

/// What a block shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A scan that runs.
    Running {
        /// Of which order; nothing for a scan without one.
        entry: Option<EntryId>,
    },
    /// A predicted scan.
    Scan {
        /// Of which order.
        entry: EntryId,
    },
    /// The scanner is made fit for the next.
    Change,
    /// Kept free for an immediate patient who is expected.
    Hold {
        /// Which.
        entry: EntryId,
    },
    /// Reserved; drawn behind the scans.
    Gap {
        /// The least urgent tier it is for.
        least: Tier,
        /// From then on it is everybody's.
        released_at: i64,
    },
    /// Out of order.
    Shut,
}

/// Makes the plan. Always gives one: what is beyond a limit is listed without a prediction.
pub fn plan(department: &Department) -> Plan {
    let ready = forecast::ready(department);
    let forecast = forecast::forecast(department, &ready);
    let mut entries = on_tables(department, &forecast);
    let order = arrange::order(department, department.now);
    for (place, ix) in (1..).zip(&order) {
        if let Some(entry) = department.entries.get(*ix) {
            let slot = forecast.slots.get(*ix).copied().flatten();
            entries.push(planned(department, entry, Some(place), slot));
        }
    }
    let breaches = breach::breaches(department, &ready, &forecast, &order);
    Plan { entries, breaches, lanes: lanes(department, forecast) }
}

fn on_tables(department: &Department, forecast: &Forecast) -> Vec<Planned> {
    let all = department.entries.iter().enumerate();
    let on = all.filter(|(_, entry)| matches!(entry.state, State::OnTable { .. }));
    let mut planned: Vec<Planned> = on
        .map(|(ix, entry)| {
            let slot = forecast.slots.get(ix).copied().flatten();
            let mut one = planned(department, entry, None, slot);
            if let State::OnTable { scanner, .. } = &entry.state {
                one.scanner = Some(scanner.clone());
            }
            one
        })
        .collect();
    planned.sort_by(|one, other| (&one.scanner, &one.id).cmp(&(&other.scanner, &other.id)));
    planned
}

fn planned(
    department: &Department,
    entry: &Entry,
    place: Option<u32>,
    slot: Option<Slot>,
) -> Planned {
    let (now, settings) = (department.now, &department.settings);
    let assumed = entry.waits() && matches!(entry.readiness(now, settings), Readiness::Assumed(_));
    let scanner = slot.and_then(|slot| department.scanners.get(slot.scanner));
    Planned {
        id: entry.id.clone(),
        tier: entry.tier_at(now),
        place,
        scanner: scanner.map(|scanner| scanner.id.clone()),
        predicted: slot.map(|slot| Predicted {
            start_p50: slot.start,
            start_p90: slot.start_p90,
            end_p50: slot.end,
            end_p90: slot.end_p90,
            assumed,
        }),
        latest_start: rank::latest_start(entry, settings, now),
        waits_for: entry.waits_for(now).map(str::to_string).collect(),
        why: why::placed(department, entry, now),
    }
}

fn lanes(department: &Department, forecast: Forecast) -> Vec<Lane> {
    let both = department.scanners.iter().zip(forecast.blocks);
    let mut lanes: Vec<Lane> = both
        .map(|(scanner, mut blocks)| {
            blocks.sort_by_key(|block| block.from);
            Lane { scanner: scanner.id.clone(), blocks }
        })
        .collect();
    lanes.sort_by(|one, other| one.scanner.cmp(&other.scanner));
    lanes
}
