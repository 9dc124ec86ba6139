//! The one place that knows time, authority, freshness and conflicts (E3, E4).
//!
//! In go the entries people made, out comes for each fact the set of cells it
//! may be in now. Time never reassures: a reassuring value expires, a dangerous
//! one stays until it is entered in error or, where the fact says so, measured
//! again. Nobody of lower authority takes a danger away (CR8).

use std::collections::BTreeMap;

use crate::Guideline;
use crate::decimal::Rational;
use crate::facts::{By, Danger, Fact, FactIndex, Keep, Kind, Quantity, Role};
use crate::program::Cells;
use crate::units;

/// Most entries of one fact.
pub const ENTRIES_MAX: usize = 1000;

/// Why a fact is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nobody asked.
    NotAsked,
    /// Asked, and the patient does not know.
    NotKnown,
    /// Asked, and declined.
    Declined,
    /// Could not be examined.
    Unable,
    /// Known once, too long ago.
    Stale,
    /// Answered while the history was not reliable (CR7).
    Unreliable,
    /// Dated after the moment decided about.
    FutureDated,
    /// Said by somebody who cannot settle it.
    NotSettledByRole,
}

impl Reason {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Reason::NotAsked => "not asked",
            Reason::NotKnown => "asked, not known",
            Reason::Declined => "declined",
            Reason::Unable => "unable to examine",
            Reason::Stale => "too long ago, ask again",
            Reason::Unreliable => "history not reliable, ask again",
            Reason::FutureDated => "dated in the future",
            Reason::NotSettledByRole => "not for this role to settle",
        }
    }

    /// Whether asking once more will not help (E5).
    pub fn cannot_be_had(self) -> bool {
        matches!(self, Reason::NotKnown | Reason::Declined | Reason::Unable)
    }
}

/// What one entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A named value by its index.
    Value(usize),
    /// A quantity between two places of its grid.
    Between(i64, i64),
    /// Not known, and why.
    Unknown(Reason),
}

/// One entry of one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub said: Said,
    /// When, in seconds; `None` is the moment decided about.
    pub at: Option<i64>,
    /// Who.
    pub by: Role,
    /// Taken back.
    pub entered_in_error: bool,
}

/// All entries of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// By fact, in the order they were made.
    pub by_fact: BTreeMap<FactIndex, Vec<Entry>>,
}

impl Entries {
    /// Adds one entry.
    pub fn add(&mut self, fact: FactIndex, entry: Entry) {
        self.by_fact.entry(fact).or_default().push(entry);
    }

    /// Time of the newest entry.
    pub fn newest(&self) -> Option<i64> {
        self.by_fact.values().flatten().filter_map(|entry| entry.at).max()
    }
}

/// What is known of one fact now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The value in force.
    pub said: Said,
    /// Its cells.
    pub cells: Cells,
    /// When it was said.
    pub at: Option<i64>,
    /// By whom; `None` when nobody did.
    pub by: Option<Role>,
    /// Two people disagree, and the more dangerous answer counts.
    pub conflict: bool,
    /// The value was true, but one part of it no longer reassures.
    pub partly: Option<Reason>,
    /// A value was given, and it lies in no cell for certain.
    pub is_vague: bool,
}

/// What is known of a patient at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// The moment, in seconds.
    pub as_of: Option<i64>,
    /// Last second at which these findings hold without a new entry.
    pub valid_until: Option<i64>,
    /// By fact.
    pub by_fact: Vec<Finding>,
}

/// What the graph needs of a patient: for each fact the cells it may be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patient {
    /// By fact.
    pub cells: Vec<Cells>,
    /// Facts asked for that cannot be had.
    pub cannot_be_had: Vec<bool>,
    /// Facts answered so widely that every cell stays possible: not the same
    /// as a test that was not done.
    pub vague: Vec<bool>,
}

impl Findings {
    /// The part of it the graph looks at.
    pub fn patient(&self) -> Patient {
        Patient {
            cells: self.by_fact.iter().map(|finding| finding.cells).collect(),
            cannot_be_had: self.by_fact.iter().map(Finding::cannot_be_had).collect(),
            vague: self.by_fact.iter().map(|finding| finding.is_vague).collect(),
        }
    }
}

impl Finding {
    fn cannot_be_had(&self) -> bool {
        matches!(self.said, Said::Unknown(reason) if reason.cannot_be_had())
    }
}

impl Patient {
    /// A patient of whom nothing is known.
    pub fn unknown(guideline: &Guideline) -> Patient {
        let cells = guideline.program.cells.iter().map(|cells| match cells.assume {
            Some(cell) => 1 << cell,
            None => cells.all(),
        });
        let cells: Vec<Cells> = cells.collect();
        let nowhere = vec![false; cells.len()];
        Patient { cannot_be_had: nowhere.clone(), vague: nowhere, cells }
    }

    /// A patient with every fact at its clear value.
    pub fn clear(guideline: &Guideline) -> Patient {
        let mut patient = Patient::unknown(guideline);
        for (fact, _) in guideline.entered_facts() {
            patient.cells[fact] = 1 << guideline.program.cells[fact].clear;
        }
        patient
    }
}

/// Resolves `entries` at `as_of`, or at the newest entry if that is not given.
pub fn resolve(guideline: &Guideline, entries: &Entries, as_of: Option<i64>) -> Findings {
    let as_of = as_of.or_else(|| entries.newest());
    let mut until = Until { as_of, earliest: None };
    let governor = governor(guideline, entries);
    let by_fact =
        (0..guideline.facts.len()).map(|index| one(guideline, index, entries, &governor, &mut until));
    let by_fact = by_fact.collect();
    Findings { as_of, valid_until: until.earliest, by_fact }
}

/// Resolves one fact alone.
pub fn resolve_fact(guideline: &Guideline, index: FactIndex, entries: &Entries, as_of: i64) -> Finding {
    let mut until = Until { as_of: Some(as_of), earliest: None };
    one(guideline, index, entries, &governor(guideline, entries), &mut until)
}

fn one(
    guideline: &Guideline,
    index: FactIndex,
    entries: &Entries,
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let fact = &guideline.facts[index];
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let finding = if given.is_empty() && fact.worsening_of.is_empty() {
        nothing(fact)
    } else {
        let mut given: Vec<Entry> = given.iter().filter(|entry| !entry.entered_in_error).copied().collect();
        if !fact.worsening_of.is_empty() {
            given.extend(worsening(guideline, fact, entries));
        }
        given.sort_by_key(|entry| entry.at.or(until.as_of));
        match &fact.kind {
            Kind::Named { dangerous, .. } => named(fact, dangerous, &given, governor, until),
            Kind::Quantity(quantity) => {
                measured(fact, quantity, &guideline.program.cells[index].cuts, &given, until)
            }
        }
    };
    with_cells(guideline, index, finding)
}

/// Collects the next moment at which anything changes by itself.
struct Until {
    as_of: Option<i64>,
    earliest: Option<i64>,
}

impl Until {
    fn note(&mut self, second: i64) {
        if self.as_of.is_some_and(|now| second >= now) {
            self.earliest = Some(self.earliest.map_or(second, |earliest| earliest.min(second)));
        }
    }

    /// Whether something said at `at` that lasts `fresh` seconds is too old.
    fn is_stale(&mut self, at: Option<i64>, fresh: Option<i64>) -> bool {
        let (Some(now), Some(at), Some(fresh)) = (self.as_of, at.or(self.as_of), fresh) else {
            return false;
        };
        let last = at.saturating_add(fresh);
        self.note(last);
        now > last
    }

    fn is_future(&self, at: Option<i64>) -> bool {
        matches!((self.as_of, at), (Some(now), Some(at)) if at > now)
    }
}

/// Who outranks whom about this fact. Anybody who reads the instrument reads the same number.
pub fn authority(fact: &Fact, role: Role) -> u8 {
    match (fact.by, role) {
        (_, Role::Ehr) => 0,
        (_, Role::Patient) => 1,
        (By::Measure | By::Test, _) => 3,
        (_, Role::Nurse | Role::Laboratory) => 2,
        (_, Role::Physician) => 3,
    }
}

/// Whether `entry` takes the place of `current` even when it reassures.
fn supersedes(fact: &Fact, entry: (Role, Option<i64>), current: (Role, Option<i64>)) -> bool {
    if fact.keep == Keep::Latest || fact.danger == Danger::None {
        return authority(fact, entry.0) >= authority(fact, current.0);
    }
    entry.0 == Role::Physician
        && matches!(current.0, Role::Patient | Role::Nurse | Role::Ehr)
        && !matches!(fact.by, By::Measure | By::Test)
}

/// Times at which answers were not reliable.
struct Governor {
    kind: Option<By>,
    clear: usize,
    /// Time and value, in order of time.
    values: Vec<(Option<i64>, usize)>,
}

fn governor(guideline: &Guideline, entries: &Entries) -> Governor {
    let found = guideline.facts.iter().enumerate().find(|(_, fact)| fact.governs.is_some());
    let Some((index, fact)) = found else {
        return Governor { kind: None, clear: 0, values: Vec::new() };
    };
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let mut values: Vec<(Option<i64>, usize)> = given
        .iter()
        .filter(|entry| !entry.entered_in_error)
        .filter_map(|entry| match entry.said {
            Said::Value(value) => Some((entry.at, value)),
            _ => None,
        })
        .collect();
    values.sort_by_key(|(at, _)| at.unwrap_or(i64::MAX));
    let clear = guideline.program.cells[index].clear;
    Governor { kind: fact.governs, clear, values }
}

impl Governor {
    fn doubts(&self, fact: &Fact, at: Option<i64>) -> bool {
        if self.kind != Some(fact.by) || fact.governs.is_some() {
            return false;
        }
        let at = at.unwrap_or(i64::MAX);
        let in_force = self.values.iter().rev().find(|(time, _)| time.unwrap_or(i64::MAX) <= at);
        in_force.or(self.values.first()).is_some_and(|(_, value)| *value != self.clear)
    }
}

fn nothing(fact: &Fact) -> Finding {
    let said = match fact.assumed() {
        Some(value) => Said::Value(value),
        None => Said::Unknown(Reason::NotAsked),
    };
    Finding { said, cells: 0, at: None, by: None, conflict: false, partly: None, is_vague: false }
}

fn named(
    fact: &Fact,
    dangerous: &[bool],
    given: &[Entry],
    governor: &Governor,
    until: &mut Until,
) -> Finding {
    let mut current = nothing(fact);
    for entry in given {
        let said = match (trusted(fact, dangerous, entry, governor, until), fact.assumed()) {
            // Asked without avail: what is assumed stays, now on somebody's word.
            (Said::Unknown(_), Some(value)) => Said::Value(value),
            (said, _) => said,
        };
        let newer = Finding {
            said,
            cells: 0,
            at: entry.at,
            by: Some(entry.by),
            conflict: current.conflict,
            ..nothing(fact)
        };
        let Some(by) = current.by else {
            current = newer;
            continue;
        };
        let replaces = supersedes(fact, (entry.by, entry.at), (by, current.at));
        match (current.said, said) {
            (Said::Value(old), Said::Value(new)) if new == old => {
                // Said again: fresh from now on.
                current.at = entry.at;
                current.by = Some(by.max(entry.by));
            }
            (Said::Value(old), Said::Value(new)) => {
                let worse = fact.danger != Danger::None && new > old;
                if worse || replaces {
                    current = newer;
                } else {
                    current.conflict = true;
                }
            }
            (Said::Value(old), Said::Unknown(reason)) => {
                let reassured = fact.danger != Danger::None && !dangerous[old];
                if reassured && reason != Reason::NotAsked && authority(fact, entry.by) >= authority(fact, by)
                {
                    current = newer;
                }
            }
            (Said::Unknown(Reason::NotAsked), _) => current = newer,
            (Said::Unknown(_), Said::Value(new)) => {
                if dangerous[new] || authority(fact, entry.by) >= authority(fact, by) {
                    current = newer;
                }
            }
            (Said::Unknown(_), _) => current = newer,
            (Said::Between(..), _) | (_, Said::Between(..)) => {}
        }
    }
    if let (Said::Value(value), Some(_)) = (current.said, current.by)
        && !dangerous[value]
        && until.is_stale(current.at, fact.fresh_seconds)
    {
        current.said = match fact.assumed() {
            Some(value) => Said::Value(value),
            None => Said::Unknown(Reason::Stale),
        };
    }
    current
}

/// What an entry counts as: a reassuring value may not count at all.
fn trusted(fact: &Fact, dangerous: &[bool], entry: &Entry, governor: &Governor, until: &Until) -> Said {
    let Said::Value(value) = entry.said else {
        return entry.said;
    };
    if dangerous[value] {
        return entry.said;
    }
    if !fact.asked_of.is_empty() && !fact.asked_of.contains(&entry.by) {
        return Said::Unknown(Reason::NotSettledByRole);
    }
    if governor.doubts(fact, entry.at) {
        return Said::Unknown(Reason::Unreliable);
    }
    if until.is_future(entry.at) {
        return Said::Unknown(Reason::FutureDated);
    }
    entry.said
}

/// A quantity seen from danger: a higher bound is more dangerous.
#[derive(Clone, Copy)]
struct Bounds {
    least: i64,
    most: i64,
}

fn measured(fact: &Fact, quantity: &Quantity, cuts: &[i64], given: &[Entry], until: &mut Until) -> Finding {
    let top = seen_from_danger(fact.danger, quantity.range.0, quantity.range.1).most;
    let mut current: Option<(Bounds, Finding)> = None;
    // Somebody of this authority could not tell: nobody below settles it.
    let mut doubt: Option<(u8, Reason)> = None;
    let mut unknown = nothing(fact);
    for entry in given {
        let authority = authority(fact, entry.by);
        let (low, high) = match entry.said {
            Said::Between(low, high) => {
                grown(fact, quantity, cuts, (low, high), entry.at.or(until.as_of), until)
            }
            Said::Unknown(reason) => {
                unknown = Finding { said: entry.said, at: entry.at, by: Some(entry.by), ..unknown };
                if reason != Reason::NotAsked && doubt.is_none_or(|(before, _)| authority >= before) {
                    doubt = Some((authority, reason));
                    current = current.map(|(bounds, finding)| match finding.by {
                        Some(by) if authority >= self::authority(fact, by) => {
                            (Bounds { most: top, ..bounds }, Finding { partly: Some(reason), ..finding })
                        }
                        _ => (bounds, finding),
                    });
                }
                continue;
            }
            Said::Value(_) => continue,
        };
        let mut partly = None;
        let mut bounds = seen_from_danger(fact.danger, low, high);
        doubt = doubt.filter(|(before, _)| authority < *before);
        if let Some((_, reason)) = doubt {
            (bounds.most, partly) = (top, Some(reason));
        } else if !fact.asked_of.contains(&entry.by) {
            (bounds.most, partly) = (top, Some(Reason::NotSettledByRole));
        } else if until.is_future(entry.at) {
            (bounds.most, partly) = (top, Some(Reason::FutureDated));
        }
        let finding = Finding { said: entry.said, at: entry.at, by: Some(entry.by), partly, ..nothing(fact) };
        current = Some(match current {
            None => (bounds, finding),
            Some((_, before))
                if supersedes(fact, (entry.by, entry.at), (before.by.unwrap_or(Role::Ehr), before.at)) =>
            {
                (bounds, finding)
            }
            Some((kept, before)) => {
                let joined = Bounds { least: kept.least.max(bounds.least), most: kept.most.max(bounds.most) };
                (joined, Finding { partly: before.partly.or(partly), ..finding })
            }
        });
    }
    let Some((mut bounds, mut finding)) = current else {
        return unknown;
    };
    if until.is_stale(finding.at, fact.fresh_seconds) {
        bounds.most = top;
        finding.partly = Some(Reason::Stale);
    }
    let (low, high) = match fact.danger {
        Danger::Falling => (-bounds.most, -bounds.least),
        _ => (bounds.least, bounds.most),
    };
    finding.said = Said::Between(low, high);
    if (low, high) == quantity.range {
        finding.said = Said::Unknown(finding.partly.unwrap_or(Reason::NotKnown));
    }
    finding
}

fn seen_from_danger(danger: Danger, low: i64, high: i64) -> Bounds {
    match danger {
        Danger::Falling => Bounds { least: -high, most: -low },
        _ => Bounds { least: low, most: high },
    }
}

/// A duration grows by the time since it was told; its dangerous end stays.
fn grown(
    fact: &Fact,
    quantity: &Quantity,
    cuts: &[i64],
    (low, high): (i64, i64),
    at: Option<i64>,
    until: &mut Until,
) -> (i64, i64) {
    let (true, Some(now), Some(at)) = (quantity.is_duration, until.as_of, at) else {
        return (low, high);
    };
    let elapsed = now.saturating_sub(at).max(0);
    let Some(step_seconds) = units::seconds(&quantity.unit).and_then(|unit| unit.times(quantity.step)) else {
        return (low, high);
    };
    let steps = Rational::new(i128::from(elapsed), 1).over(step_seconds).and_then(Rational::doubled_floor);
    let steps = steps.unwrap_or(0);
    // Two parts of a step add up to anything below two steps, so the sum of two
    // odd places is only known to lie between the places around it.
    let carry = i64::from(low % 2 != 0 && steps % 2 != 0);
    let carry_high = i64::from(high % 2 != 0 && steps % 2 != 0);
    let later_low = low.saturating_add(steps - carry).min(quantity.range.1);
    let later_high = high.saturating_add(steps + carry_high).min(quantity.range.1);
    let crossing = |from: i64, later: i64| -> Option<i64> {
        let next = cuts.iter().find(|cut| **cut > later)?;
        let half_steps = Rational::new(i128::from(next - from - from % 2), 2);
        let seconds = half_steps.times(step_seconds)?.doubled_floor()?;
        // Last second before the threshold is reached.
        Some(at.saturating_add(seconds.div_euclid(2)).saturating_sub(i64::from(seconds % 2 == 0)).max(now))
    };
    if fact.danger == Danger::Rising
        && let Some(second) = crossing(low, later_low)
    {
        until.note(second);
    }
    if let Some(second) = crossing(high, later_high) {
        until.note(second);
    }
    let low = if fact.danger == Danger::Falling { low } else { later_low };
    (low, later_high)
}

/// Falls between two examinations of the same thing (CR5): the later one must
/// be lower for certain, so a grade limited by pain is not a fall.
fn worsening(guideline: &Guideline, fact: &Fact, entries: &Entries) -> Vec<Entry> {
    let Some(present) = fact.value_index("present") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for source in &fact.worsening_of {
        let Some(given) = guideline.fact(source).and_then(|index| entries.by_fact.get(&index)) else {
            continue;
        };
        let mut timed: Vec<(i64, i64, i64, Role)> = given
            .iter()
            .filter(|entry| !entry.entered_in_error)
            .filter_map(|entry| match entry.said {
                Said::Between(low, high) => Some((entry.at?, low, high, entry.by)),
                _ => None,
            })
            .collect();
        timed.sort_by_key(|(at, ..)| *at);
        let mut best = i64::MIN;
        let mut at_best_time = i64::MIN;
        for (at, low, high, by) in timed {
            if high < best && at > at_best_time {
                found.push(Entry { said: Said::Value(present), at: Some(at), by, entered_in_error: false });
            }
            if low > best {
                (best, at_best_time) = (low, at);
            }
        }
    }
    found
}

fn with_cells(guideline: &Guideline, index: FactIndex, mut finding: Finding) -> Finding {
    let cells = &guideline.program.cells[index];
    // What only staleness or doubt has widened is simply unknown again.
    let answered = matches!(finding.said, Said::Between(..)) && finding.partly.is_none();
    finding.cells = match finding.said {
        Said::Value(value) => 1 << value,
        Said::Between(low, high) => cells.between(low, high),
        Said::Unknown(_) => cells.all(),
    };
    finding.is_vague = answered && cells.count > 1 && finding.cells == cells.all();
    finding
}
