//! The one place that knows time, authority, freshness and conflicts (E3, E4).
//!
//! In go the entries people made, out comes for each fact the set of cells it
//! may be in now. Time never reassures: a reassuring value expires, a dangerous
//! one stays until it is entered in error or, where the fact says so, measured
//! again. Nobody of lower authority takes a danger away (CR8).

mod attested;
mod measured;
mod named;
mod reliability;
mod reports;
mod worsening;

use std::collections::BTreeMap;

use crate::facts::{By, Danger, Fact, FactIndex, Kind, Role};
use crate::guideline::Guideline;
use crate::program::Cells;

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
    /// Known only to lie between limits, such as power limited by pain.
    KnownInPart,
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
            Reason::KnownInPart => "known in part; measure again, after pain relief if pain limits",
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

/// A group of facts that somebody signed as clear (CR6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attested {
    /// Place of the attestation in the guideline.
    pub attestation: usize,
    /// When; `None` is the moment decided about.
    pub at: Option<i64>,
    /// Who, by role.
    pub by: Role,
    /// Who, by name or staff number.
    pub signed: String,
    /// Taken back.
    pub entered_in_error: bool,
}

/// All entries of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// By fact, in the order they were made.
    pub by_fact: BTreeMap<FactIndex, Vec<Entry>>,
    /// Groups signed as clear, in the order they were signed.
    pub attested: Vec<Attested>,
}

impl Entries {
    /// Adds one entry.
    pub fn add(&mut self, fact: FactIndex, entry: Entry) {
        self.by_fact.entry(fact).or_default().push(entry);
    }

    /// Time of the newest entry.
    pub fn newest(&self) -> Option<i64> {
        let standing = self.by_fact.values().flatten().filter(|entry| !entry.entered_in_error);
        let signed = self.attested.iter().filter(|attested| !attested.entered_in_error);
        let times = standing.filter_map(|entry| entry.at);
        times.chain(signed.filter_map(|attested| attested.at)).max()
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
    /// Screened as a group, by the attestation of that place.
    pub group: Option<usize>,
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
    /// Reports that close nothing any more, because a danger sign came later.
    pub taken_back: Vec<FactIndex>,
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
    let governor = reliability::governor(guideline, entries, as_of);
    let by_fact = (0..guideline.facts.len())
        .map(|index| one(guideline, index, entries, &governor, &mut until));
    let mut by_fact: Vec<Finding> = by_fact.collect();
    let taken_back = reports::take_back(guideline, entries, as_of, &mut by_fact);
    Findings { as_of, valid_until: until.earliest, by_fact, taken_back }
}

/// Resolves one fact alone.
pub fn resolve_fact(
    guideline: &Guideline,
    index: FactIndex,
    entries: &Entries,
    as_of: i64,
) -> Finding {
    let mut until = Until { as_of: Some(as_of), earliest: None };
    one(
        guideline,
        index,
        entries,
        &reliability::governor(guideline, entries, Some(as_of)),
        &mut until,
    )
}

fn one(
    guideline: &Guideline,
    index: FactIndex,
    entries: &Entries,
    governor: &reliability::Governor,
    until: &mut Until,
) -> Finding {
    let fact = &guideline.facts[index];
    let given = entries.by_fact.get(&index).map_or(&[][..], Vec::as_slice);
    let group = attested::entries_of(guideline, index, entries);
    let mut finding = if given.is_empty() && group.is_empty() && fact.worsening_of.is_empty() {
        nothing(fact)
    } else {
        let mut given: Vec<Entry> =
            given.iter().filter(|entry| !entry.entered_in_error).copied().collect();
        if !fact.worsening_of.is_empty() {
            given.extend(worsening::worsening(guideline, fact, entries, until.as_of));
        }
        given.extend(group.iter().map(|(_, entry)| *entry));
        // Of two words of one second the more dangerous comes last, and stays.
        given.sort_by_key(|entry| (entry.at.or(until.as_of), danger_of(fact, entry)));
        match &fact.kind {
            Kind::Named { dangerous, .. } => named::named(fact, dangerous, &given, governor, until),
            Kind::Quantity(quantity) => measured::measured(
                fact,
                quantity,
                &guideline.program.cells[index].cuts,
                &given,
                governor,
                until,
            ),
        }
    };
    let signed = group.iter().find(|(_, entry)| {
        let same = entry.said == finding.said && Some(entry.by) == finding.by;
        same && entry.at == finding.at
    });
    finding.group = signed.map(|(attestation, _)| *attestation);
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

    fn is_future(&mut self, at: Option<i64>) -> bool {
        let (Some(now), Some(at)) = (self.as_of, at) else { return false };
        if at > now {
            self.note(at - 1);
        }
        at > now
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

/// How dangerous an entry is among those of the same second.
fn danger_of(fact: &Fact, entry: &Entry) -> i64 {
    match (entry.said, fact.danger) {
        (Said::Unknown(_), _) => i64::MIN,
        (Said::Value(value), _) => value as i64,
        (Said::Between(low, _), Danger::Falling) => -low,
        (Said::Between(_, high), _) => high,
    }
}

fn nothing(fact: &Fact) -> Finding {
    let said = match fact.assumed() {
        Some(value) => Said::Value(value),
        None => Said::Unknown(Reason::NotAsked),
    };
    Finding {
        said,
        cells: 0,
        at: None,
        by: None,
        conflict: false,
        partly: None,
        is_vague: false,
        group: None,
    }
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
