//! What a free scanner does next.

use crate::arrange;
use crate::department::{Department, SCANNERS_MAX};
use crate::entry::{Entry, State};
use crate::hold;
use crate::names::{EntryId, ScannerId};
use crate::rank;
use crate::readiness::Readiness;
use crate::scanner::{Door, Scanner};
use crate::tier::Tier;
use crate::why::{self, Why};

/// What a scanner does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Scan this one.
    Take {
        /// Which.
        entry: EntryId,
        /// Why this one.
        why: Why,
    },
    /// Stay free for an immediate patient who is expected.
    Hold {
        /// For which.
        entry: EntryId,
        /// Until then at most.
        until: i64,
        /// Why.
        why: Why,
    },
    /// Nobody can be scanned here now.
    Wait {
        /// When that changes as far as is known.
        wake_at: Option<i64>,
    },
    /// The scanner is down or not staffed.
    Shut {
        /// When it opens, if known.
        opens_at: Option<i64>,
    },
    /// A scan is running, and none is interrupted.
    Busy {
        /// When it is expected to end.
        until: i64,
    },
    /// There is no such scanner.
    Unknown,
}

/// What a scanner does next, now. Costs one pass over the orders; a second one when a hold is
/// weighed or a person's move counts.
pub fn next(department: &Department, scanner: &ScannerId) -> Choice {
    let Some(scanner) = department.scanner(scanner) else { return Choice::Unknown };
    let now = department.now;
    if scanner.running.is_some() || on_table(department, scanner) {
        let running = department.running(scanner);
        return Choice::Busy { until: running.map_or(now, |running| department.ends(&running).0) };
    }
    let table = Table::of(scanner, now);
    let gate = |_: usize, entry: &Entry| match entry.readiness(now, &department.settings) {
        Readiness::Ready => Gate::Open,
        Readiness::Expected(at) => Gate::From { at, said: true },
        Readiness::Assumed(at) => Gate::From { at, said: false },
        Readiness::Never => Gate::Never,
    };
    let free = |other: &Scanner| match department.running(other) {
        Some(running) => department.ends(&running).0,
        None => now,
    };
    let look = Look { department, at: now, table, gate, free, swap: None };
    match look.pick() {
        Picked::Take { ix, change, before } => match department.entries.get(ix) {
            Some(entry) => Choice::Take {
                entry: entry.id.clone(),
                why: why::taken(department, entry, now, scanner, change, before),
            },
            None => Choice::Wait { wake_at: None },
        },
        Picked::Hold { ix, until } => match department.entries.get(ix) {
            Some(entry) => Choice::Hold {
                entry: entry.id.clone(),
                until,
                why: why::expected(department, entry, now),
            },
            None => Choice::Wait { wake_at: None },
        },
        Picked::Wait(wake_at) => Choice::Wait { wake_at },
        Picked::Shut(opens_at) => Choice::Shut { opens_at },
    }
}

fn on_table(department: &Department, scanner: &Scanner) -> bool {
    department.entries.iter().any(
        |entry| matches!(&entry.state, State::OnTable { scanner: on, .. } if *on == scanner.id),
    )
}

/// A scanner's table as the last scan left it.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    pub scanner: &'a Scanner,
    pub coil: Option<&'a str>,
    pub contrast: bool,
    pub free_since: i64,
}

impl<'a> Table<'a> {
    pub(crate) fn of(scanner: &'a Scanner, now: i64) -> Table<'a> {
        Table {
            scanner,
            coil: scanner.coil.as_deref(),
            contrast: scanner.contrast,
            free_since: scanner.free_since.unwrap_or(now).min(now),
        }
    }
}

/// Whether an entry may go on a table, as far as the entry goes.
#[derive(Clone, Copy)]
pub(crate) enum Gate {
    /// Scanned already, in a forecast.
    Gone,
    Open,
    /// From then; `said` when somebody expects it, not only the settings.
    From {
        at: i64,
        said: bool,
    },
    Never,
}

/// Whether an entry may start on a table.
pub(crate) enum Fit {
    No,
    Now { change: i64 },
    Later(i64),
    Coming { at: i64, said: bool },
}

pub(crate) enum Picked {
    /// `before`: it fits in before that expected immediate patient.
    Take {
        ix: usize,
        change: i64,
        before: Option<i64>,
    },
    Hold {
        ix: usize,
        until: i64,
    },
    Wait(Option<i64>),
    Shut(Option<i64>),
}

/// One look at a table at one instant, real or predicted.
pub(crate) struct Look<'a, G, F> {
    pub department: &'a Department,
    pub at: i64,
    pub table: Table<'a>,
    pub gate: G,
    /// When another scanner is free.
    pub free: F,
    /// Two entries that stand in each other's place.
    pub swap: Option<(usize, usize)>,
}

/// The best of a pass, and what is to come.
#[derive(Default)]
struct Pass {
    best: Option<(usize, i64)>,
    coming: Option<(i64, usize)>,
    wake: Option<i64>,
    moved: bool,
}

impl<G: Fn(usize, &Entry) -> Gate, F: Fn(&Scanner) -> i64> Look<'_, G, F> {
    pub(crate) fn pick(&self) -> Picked {
        if let Door::Shut(opens) = self.table.scanner.door(self.at) {
            return Picked::Shut(opens);
        }
        let mut pass = self.pass();
        if pass.moved {
            self.as_moved(&mut pass);
        }
        let Some((ix, change)) = pass.best else {
            return Picked::Wait(pass.wake);
        };
        if let Some((expected, immediate)) = pass.coming
            && let Some(picked) = hold::weigh(self, (ix, change), (immediate, expected))
        {
            return picked;
        }
        Picked::Take { ix, change, before: None }
    }

    fn pass(&self) -> Pass {
        let mut pass = Pass::default();
        let settings = &self.department.settings;
        let cap = i64::from(settings.looking.minutes_max) * 60;
        let latest = self.table.free_since.saturating_add(cap);
        let mut least: Option<(rank::Key, &EntryId)> = None;
        for (ix, entry) in self.department.entries.iter().enumerate() {
            if matches!((self.gate)(ix, entry), Gate::Gone) {
                continue;
            }
            pass.moved = pass.moved || arrange::moved(entry, self.at);
            match self.fit(ix, entry) {
                Fit::No => {}
                Fit::Now { change } => {
                    let stands = self.stands_for(ix).unwrap_or(entry);
                    let key = (rank::key(stands, settings, self.at, change), &stands.id);
                    if least.is_none_or(|least| key < least) {
                        least = Some(key);
                        pass.best = Some((ix, change));
                    }
                }
                Fit::Later(at) => pass.wake_by(at),
                Fit::Coming { at, said } => {
                    pass.wake_by(at);
                    let soon = said && at <= latest && entry.tier_at(self.at) == Tier::Immediate;
                    if soon && pass.coming.is_none_or(|coming| self.sooner((at, ix), coming)) {
                        pass.coming = Some((at, ix));
                    }
                }
            }
        }
        pass
    }

    fn sooner(&self, one: (i64, usize), other: (i64, usize)) -> bool {
        let id = |ix: usize| self.department.entries.get(ix).map(|entry| &entry.id);
        (one.0, id(one.1)) < (other.0, id(other.1))
    }

    /// With a move that counts, the first in the whole order who can start here.
    fn as_moved(&self, pass: &mut Pass) {
        let change = |entry: &Entry| {
            let table = &self.table;
            table.scanner.change(&entry.protocol, table.coil, table.contrast)
        };
        let order = arrange::order_by(self.department, self.at, change);
        for ix in order.into_iter().map(|ix| self.other(ix).unwrap_or(ix)) {
            let Some(entry) = self.department.entries.get(ix) else { continue };
            if let Fit::Now { change } = self.fit(ix, entry) {
                pass.best = Some((ix, change));
                return;
            }
        }
    }

    /// With whom an entry changes places.
    fn other(&self, ix: usize) -> Option<usize> {
        match self.swap? {
            (one, other) if ix == one => Some(other),
            (one, other) if ix == other => Some(one),
            _ => None,
        }
    }

    fn stands_for(&self, ix: usize) -> Option<&Entry> {
        self.department.entries.get(self.other(ix)?)
    }

    /// Whether that entry may start on this table now.
    pub(crate) fn fit(&self, ix: usize, entry: &Entry) -> Fit {
        if !entry.waits() {
            return Fit::No;
        }
        let gate = (self.gate)(ix, entry);
        if matches!(gate, Gate::Gone | Gate::Never) {
            return Fit::No;
        }
        let scanner = self.table.scanner;
        if !scanner.suits(&entry.protocol) {
            return Fit::No;
        }
        if let Some(hold) = entry.held(self.at) {
            return Fit::Later(hold.until);
        }
        if let Some(only) = entry.only_on(self.at)
            && *only != scanner.id
        {
            let ends = entry.overrides.iter().map(|one| one.until).filter(|end| *end > self.at);
            return ends.min().map_or(Fit::No, Fit::Later);
        }
        let tier = entry.tier_at(self.at);
        if let Some(called) = entry.called_to()
            && *called != scanner.id
            && tier != Tier::Immediate
            && self.department.scanner(called).is_some_and(|it| it.door(self.at) == Door::Open)
        {
            return Fit::No;
        }
        if let Gate::From { at, said } = gate
            && at > self.at
        {
            return Fit::Coming { at, said };
        }
        let change = scanner.change(&entry.protocol, self.table.coil, self.table.contrast);
        let seconds = change.saturating_add(entry.protocol.seconds_p90());
        match scanner.lets(tier, self.at, seconds) {
            Door::Open => Fit::Now { change },
            Door::Shut(Some(at)) => Fit::Later(at),
            Door::Shut(None) => Fit::No,
        }
    }

    /// When the soonest other scanner that suits is free and staffed.
    pub(crate) fn elsewhere(&self, entry: &Entry) -> Option<i64> {
        let others = self.department.scanners.iter().take(SCANNERS_MAX);
        others
            .filter(|other| other.id != self.table.scanner.id && other.suits(&entry.protocol))
            .filter_map(|other| {
                let at = (self.free)(other).max(self.at);
                (other.door(at) == Door::Open).then_some(at)
            })
            .min()
    }
}

impl Pass {
    fn wake_by(&mut self, at: i64) {
        self.wake = Some(self.wake.map_or(at, |wake| wake.min(at)));
    }
}
