//! What happens from now on if nobody else comes and scans take their median time.
//!
//! The scanners are run forward with the same choices as [`crate::next`]. The p90 of a start
//! adds the spread of all scans before it on its scanner as independent ones: each has the
//! standard deviation of a normal with its p50 and p90. Who may yet come is not in it.

use crate::arrange;
use crate::choose::{Gate, Look, Picked, Table};
use crate::department::{Department, SCANNERS_MAX};
use crate::entry::Entry;
use crate::plan::{Block, BlockKind};
use crate::readiness::Readiness;
use crate::scanner::{Hours, Scanner};

/// The most choices one forecast makes.
pub const FORECAST_STEPS_MAX: usize = 20_000;

/// The most orders that are predicted; the ones placed behind have no prediction.
pub const FORECAST_ENTRIES_MAX: usize = 1_000;

/// Standard deviations from the median of a normal to its 90 % quantile.
const P90: f64 = 1.281_551_565_545;

/// Where and when an order is predicted to be scanned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slot {
    /// Index of the scanner.
    pub scanner: usize,
    pub start: i64,
    pub start_p90: i64,
    pub end: i64,
    pub end_p90: i64,
}

/// One prediction for the whole department.
pub(crate) struct Forecast {
    /// Of each entry.
    pub slots: Vec<Option<Slot>>,
    /// Of each scanner.
    pub blocks: Vec<Vec<Block>>,
}

/// From when each entry is ready, as the forecast counts.
pub(crate) fn ready(department: &Department) -> Vec<i64> {
    let all = department.entries.iter();
    all.map(|entry| entry.readiness(department.now, &department.settings).instant()).collect()
}

pub(crate) fn forecast(department: &Department, ready: &[i64]) -> Forecast {
    with_swap(department, ready, None)
}

/// The same with two entries standing in each other's place.
pub(crate) fn with_swap(
    department: &Department,
    ready: &[i64],
    swap: Option<(usize, usize)>,
) -> Forecast {
    let mut run = Run { swap, ..Run::new(department) };
    let hours = i64::from(department.settings.horizon_hours);
    let end = department.now.saturating_add(hours.saturating_mul(3600));
    for _ in 0..FORECAST_STEPS_MAX {
        let open = run.lanes.iter().enumerate().filter(|(_, lane)| lane.free <= end);
        let Some(turn) = open.min_by_key(|(_, lane)| (lane.free, &lane.table.scanner.id)) else {
            break;
        };
        let turn = turn.0;
        let picked = run.pick(turn, ready);
        run.follow(turn, picked);
    }
    Forecast { slots: run.slots, blocks: run.blocks }
}

struct LaneState<'a> {
    index: usize,
    table: Table<'a>,
    free: i64,
    /// Standard deviation of that, in seconds.
    spread: f64,
}

struct Run<'a> {
    department: &'a Department,
    lanes: Vec<LaneState<'a>>,
    slots: Vec<Option<Slot>>,
    blocks: Vec<Vec<Block>>,
    gone: Vec<bool>,
    swap: Option<(usize, usize)>,
}

impl<'a> Run<'a> {
    fn new(department: &'a Department) -> Run<'a> {
        let scanners = department.scanners.iter().take(SCANNERS_MAX);
        let mut run = Run {
            department,
            lanes: Vec::new(),
            slots: vec![None; department.entries.len()],
            blocks: vec![Vec::new(); department.scanners.len()],
            gone: vec![false; department.entries.len()],
            swap: None,
        };
        for (index, scanner) in scanners.enumerate() {
            run.open_lane(index, scanner);
        }
        run.leave_out();
        run
    }

    /// A lane begins when what runs on it ends.
    fn open_lane(&mut self, index: usize, scanner: &'a Scanner) {
        let now = self.department.now;
        let mut lane = LaneState { index, table: Table::of(scanner, now), free: now, spread: 0.0 };
        if let Some(running) = self.department.running(scanner) {
            let (end, end_p90) = self.department.ends(&running);
            let scanned = running.entry.as_ref().and_then(|id| self.department.entry(id));
            if let Some(entry) = scanned {
                lane.leave(entry);
                let at = self.department.entries.iter().position(|one| one.id == entry.id);
                if let Some(slot) = at.and_then(|at| self.slots.get_mut(at)) {
                    let (start, start_p90) = (running.since, running.since);
                    *slot = Some(Slot { scanner: index, start, start_p90, end, end_p90 });
                }
            }
            lane.free = end.saturating_add(scanner.turnover());
            lane.table.free_since = lane.free;
            lane.spread = seconds(end_p90.saturating_sub(end)) / P90;
            let what = BlockKind::Running { entry: running.entry };
            self.block(index, Block { what, from: running.since, to: end, to_p90: end_p90 });
        }
        for gap in &scanner.gaps {
            if gap.to > now {
                let what = BlockKind::Gap { least: gap.least, released_at: gap.released_at() };
                self.block(index, Block { what, from: gap.from, to: gap.to, to_p90: gap.to });
            }
        }
        self.lanes.push(lane);
    }

    /// Beyond the limit only the first in the order are predicted.
    fn leave_out(&mut self) {
        let waiting = self.department.entries.iter().filter(|entry| entry.waits()).count();
        if waiting > FORECAST_ENTRIES_MAX {
            let order = arrange::order(self.department, self.department.now);
            for ix in order.into_iter().skip(FORECAST_ENTRIES_MAX) {
                if let Some(gone) = self.gone.get_mut(ix) {
                    *gone = true;
                }
            }
        }
    }

    fn pick(&self, turn: usize, ready: &[i64]) -> Picked {
        let Some(lane) = self.lanes.get(turn) else { return Picked::Wait(None) };
        let at = lane.free;
        let said = |entry: &Entry| {
            let readiness = entry.readiness(self.department.now, &self.department.settings);
            matches!(readiness, Readiness::Expected(_))
        };
        let gate = |ix: usize, entry: &Entry| match (self.gone.get(ix), ready.get(ix)) {
            (Some(false), Some(&ready)) if ready <= at => Gate::Open,
            (Some(false), Some(&i64::MAX)) => Gate::Never,
            (Some(false), Some(&ready)) => Gate::From { at: ready, said: said(entry) },
            _ => Gate::Gone,
        };
        let free = |other: &Scanner| {
            let others = self.lanes.iter().find(|lane| lane.table.scanner.id == other.id);
            others.map_or(i64::MAX, |lane| lane.free)
        };
        let (department, table, swap) = (self.department, lane.table, self.swap);
        Look { department, at, table, gate, free, swap }.pick()
    }

    fn follow(&mut self, turn: usize, picked: Picked) {
        let department = self.department;
        let Some(lane) = self.lanes.get_mut(turn) else { return };
        let (at, index) = (lane.free, lane.index);
        match picked {
            Picked::Take { ix, change, .. } => {
                let Some(entry) = department.entries.get(ix) else { return };
                let slot = lane.scan(entry, change);
                if let (Some(gone), Some(own)) = (self.gone.get_mut(ix), self.slots.get_mut(ix)) {
                    *gone = true;
                    *own = Some(slot);
                }
                if change > 0 {
                    let what = BlockKind::Change;
                    self.block(index, Block { what, from: at, to: slot.start, to_p90: slot.start });
                }
                let what = BlockKind::Scan { entry: entry.id.clone() };
                let (from, to, to_p90) = (slot.start, slot.end, slot.end_p90);
                self.block(index, Block { what, from, to, to_p90 });
            }
            Picked::Hold { ix, until } => {
                lane.idle(until);
                if let Some(entry) = department.entries.get(ix) {
                    let what = BlockKind::Hold { entry: entry.id.clone() };
                    self.block(index, Block { what, from: at, to: until, to_p90: until });
                }
            }
            Picked::Wait(wake) => lane.idle(wake.unwrap_or(i64::MAX)),
            Picked::Shut(opens) => {
                lane.idle(opens.unwrap_or(i64::MAX));
                if let (Some(to), Hours::Always) = (opens, &lane.table.scanner.hours) {
                    self.block(index, Block { what: BlockKind::Shut, from: at, to, to_p90: to });
                }
            }
        }
    }

    fn block(&mut self, index: usize, block: Block) {
        if let Some(blocks) = self.blocks.get_mut(index) {
            blocks.push(block);
        }
    }
}

impl<'a> LaneState<'a> {
    fn scan(&mut self, entry: &'a Entry, change: i64) -> Slot {
        let (p50, p90) = (entry.protocol.seconds_p50(), entry.protocol.seconds_p90());
        let start = self.free.saturating_add(change);
        let start_p90 = start.saturating_add(whole(self.spread * P90));
        let own = seconds(p90.saturating_sub(p50)) / P90;
        let spread = (self.spread * self.spread + own * own).sqrt();
        let end = start.saturating_add(p50);
        let end_p90 = end.saturating_add(whole(spread * P90));
        // INVARIANT: time passes even where a scan takes none.
        self.free = end.saturating_add(self.table.scanner.turnover());
        self.table.free_since = self.free;
        self.spread = spread;
        self.leave(entry);
        Slot { scanner: self.index, start, start_p90, end, end_p90 }
    }

    /// The table after that entry.
    fn leave(&mut self, entry: &'a Entry) {
        self.table.contrast = entry.protocol.contrast;
        if let Some(coil) = &entry.protocol.coil {
            self.table.coil = Some(coil);
        }
    }

    /// Nothing runs until then; the wait takes up what earlier scans are late.
    fn idle(&mut self, until: i64) {
        let until = until.max(self.free.saturating_add(1));
        let p90 = self.free.saturating_add(whole(self.spread * P90));
        self.free = until;
        self.spread = seconds(p90.saturating_sub(until).max(0)) / P90;
    }
}

/// Spans here are at most days long, far below where a float loses seconds.
fn seconds(span: i64) -> f64 {
    span as f64
}

fn whole(span: f64) -> i64 {
    span.round() as i64
}
