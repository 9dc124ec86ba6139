//! SP13: nothing but a new answer lowers the urgency. For every kind of fact,
//! all short timelines are tried: waiting, or one more entry of lower
//! authority, must leave the fact at least as dangerous at both ends. SP2
//! carries that through the rules.

use std::collections::BTreeSet;

use cauda_guideline::facts::{Danger, Fact, FactIndex, Kind, Role};
use cauda_guideline::program::Cells;
use cauda_guideline::resolve::{
    Entries, Entry, Finding, Patient, Reason, Said, authority, resolve_fact,
};

use super::{Model, Outcome};
use crate::counterexample::{Counterexample, story};
use crate::encode::Copy;

/// The moment of the first entry.
const START: i64 = 1_000_000_000;
const ROLES: [Role; 5] = [Role::Ehr, Role::Patient, Role::Nurse, Role::Laboratory, Role::Physician];

pub(super) fn check(model: &mut Model) -> Outcome {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for fact in 0..model.guideline.facts.len() {
        let described = &model.guideline.facts[fact];
        if !Copy::is_entered(&model.guideline.program, fact) || described.danger == Danger::None {
            continue;
        }
        // Facts of the same shape resolve alike.
        if !seen.insert(shape(described, &model.guideline.program.cells[fact].cuts)) {
            continue;
        }
        if let Some(broken) = timelines(model, fact) {
            return Outcome::Broken(Box::new(broken));
        }
    }
    Outcome::Holds
}

fn shape(fact: &Fact, cuts: &[i64]) -> String {
    format!(
        "{:?} {:?} {cuts:?} {:?} {:?} {:?} {:?} {:?}",
        fact.kind, fact.danger, fact.by, fact.keep, fact.fresh_seconds, fact.asked_of, fact.governs
    )
}

fn timelines(model: &mut Model, fact: FactIndex) -> Option<Counterexample> {
    let described = &model.guideline.facts[fact];
    let fresh = described.fresh_seconds.unwrap_or(7_200);
    let sayings = sayings(model, fact);
    let mut firsts = Vec::new();
    for said in &sayings {
        for by in ROLES {
            firsts.push(entry(*said, START, by));
        }
    }
    let moments =
        |last: i64| [last, last + fresh / 2, last + fresh, last + fresh + 1, last + 400 * 86_400];
    let order = Order::new(model, fact);
    let mut questions = 0;
    let mut found = None;
    for first in &firsts {
        for second in std::iter::once(None).chain(firsts.iter().map(Some)) {
            let mut told = vec![*first];
            told.extend(second.map(|second| Entry { at: Some(START + fresh / 2), ..*second }));
            let last = told.last().and_then(|entry| entry.at).unwrap_or(START);
            let entries = entries(fact, &told);
            let mut before: Option<(Finding, i64)> = None;
            for now in moments(last) {
                let after = resolve_fact(model.guideline, fact, &entries, now);
                questions += 1;
                if let Some((earlier, then)) = before
                    && order.falls(&earlier, &after)
                {
                    let what = format!(
                        "waiting {} seconds after {}",
                        now - then,
                        telling(described, &told)
                    );
                    found = found.or(Some(counterexample(model, fact, &earlier, &after, &what)));
                }
                before = Some((after, now));
            }
        }
        // A word that does not count, or says nothing, is nobody's word.
        if !described.asked_of.contains(&first.by) {
            continue;
        }
        let now = START + fresh / 2;
        let alone = resolved(model, fact, &[*first], now);
        for second in &firsts {
            if authority(described, second.by) >= authority(described, first.by) {
                continue;
            }
            for at in [START - 60, START, START + fresh / 4] {
                let told = [*first, Entry { at: Some(at), ..*second }];
                let together = resolved(model, fact, &told, now);
                questions += 1;
                if order.falls(&alone, &together) {
                    let what = format!("a word of lower authority: {}", telling(described, &told));
                    found = found.or(Some(counterexample(model, fact, &alone, &together, &what)));
                }
            }
        }
    }
    model.questions += questions;
    found.or_else(|| between(model, fact, &sayings, fresh))
}

/// Two words of any authority, and a third of lower authority at every place
/// between and around them.
fn between(
    model: &mut Model,
    fact: FactIndex,
    sayings: &[Said],
    fresh: i64,
) -> Option<Counterexample> {
    let described = &model.guideline.facts[fact];
    // The ends of the list are enough: could not tell, safest, most dangerous.
    let mut few = sayings.to_vec();
    if few.len() > 4 {
        few = vec![few[0], few[1], few[few.len() / 2], few[few.len() - 1]];
    }
    let roles = ROLES.into_iter().filter(|role| described.asked_of.contains(role));
    let words: Vec<(Said, Role)> =
        roles.flat_map(|role| few.iter().map(move |said| (*said, role))).collect();
    let now = START + fresh / 2;
    let order = Order::new(model, fact);
    let mut questions = 0;
    let mut found = None;
    for first in &words {
        for second in &words {
            let told =
                [entry(first.0, START, first.1), entry(second.0, START + fresh / 4, second.1)];
            let alone = resolved(model, fact, &told, now);
            let least = authority(described, first.1).min(authority(described, second.1));
            for (said, by) in words.iter().filter(|(_, by)| authority(described, *by) < least) {
                for at in [START - 60, START + fresh / 8, START + fresh / 3] {
                    let told = [told[0], told[1], entry(*said, at, *by)];
                    let together = resolved(model, fact, &told, now);
                    questions += 1;
                    if order.falls(&alone, &together) {
                        let telling = telling(described, &told);
                        let what = format!("a word of lower authority: {telling}");
                        found =
                            found.or(Some(counterexample(model, fact, &alone, &together, &what)));
                    }
                }
            }
        }
    }
    model.questions += questions;
    found
}

/// Values to try: every named value, each side of every threshold, intervals, reasons.
fn sayings(model: &Model, fact: FactIndex) -> Vec<Said> {
    let mut found = vec![Said::Unknown(Reason::Declined)];
    match &model.guideline.facts[fact].kind {
        Kind::Named { values, .. } => found.extend((0..values.len()).map(Said::Value)),
        Kind::Quantity(quantity) => {
            let (low, high) = quantity.range;
            let cuts = &model.guideline.program.cells[fact].cuts;
            let mut places = vec![quantity.clear];
            places.extend(
                cuts.iter().flat_map(|cut| [cut - 1, *cut]).map(|place| place.clamp(low, high)),
            );
            places.sort_unstable();
            places.dedup();
            found.extend(places.iter().map(|place| Said::Between(*place, *place)));
            found.extend(
                cuts.iter()
                    .flat_map(|cut| [Said::Between(low, cut - 1), Said::Between(*cut, high)]),
            );
        }
    }
    found
}

fn entry(said: Said, at: i64, by: Role) -> Entry {
    Entry { said, at: Some(at), by, entered_in_error: false }
}

fn entries(fact: FactIndex, told: &[Entry]) -> Entries {
    let mut entries = Entries::default();
    for entry in told {
        entries.add(fact, *entry);
    }
    entries
}

fn resolved(model: &Model, fact: FactIndex, told: &[Entry], now: i64) -> Finding {
    resolve_fact(model.guideline, fact, &entries(fact, told), now)
}

/// The cells of a fact from the safest to the most dangerous.
struct Order {
    cells: Vec<usize>,
    all: Cells,
    dangerous: Cells,
    is_number: bool,
}

impl Order {
    fn new(model: &Model, fact: FactIndex) -> Order {
        let cells = &model.guideline.program.cells[fact];
        Order {
            cells: cells.by_danger().collect(),
            all: cells.all(),
            dangerous: cells.dangerous,
            is_number: model.guideline.facts[fact].quantity().is_some(),
        }
    }

    /// The places of the least and the most dangerous cell it may be in.
    fn ends(&self, finding: &Finding) -> (usize, usize) {
        let mut held =
            self.cells.iter().enumerate().filter(|(_, cell)| finding.cells >> **cell & 1 == 1);
        let least = held.next().map_or(0, |(at, _)| at);
        (least, held.next_back().map_or(least, |(at, _)| at))
    }

    fn falls(&self, before: &Finding, after: &Finding) -> bool {
        let ((least, most), (least_after, most_after)) = (self.ends(before), self.ends(after));
        let is_dangerous = |finding: &Finding| finding.cells & !self.dangerous == 0;
        // Unknown, and now somebody tells of a danger: that danger counts.
        let danger_told = before.cells == self.all && !before.is_vague && is_dangerous(after);
        // A named value that reassures may become unknown; of a number both ends count.
        let least_counts = is_dangerous(before) || self.is_number;
        (most_after < most && !danger_told) || (least_after < least && least_counts)
    }
}

fn telling(fact: &Fact, told: &[Entry]) -> String {
    let told: Vec<String> = told
        .iter()
        .map(|entry| {
            let said = match (entry.said, &fact.kind) {
                (Said::Value(value), Kind::Named { values, .. }) => {
                    values.get(value).cloned().unwrap_or_default()
                }
                (Said::Between(low, high), Kind::Quantity(quantity)) => {
                    quantity.interval_text(low, high)
                }
                (Said::Unknown(reason), _) => reason.words().to_string(),
                _ => String::new(),
            };
            format!("{:?} says `{said}` at {} s", entry.by, entry.at.unwrap_or(START) - START)
        })
        .collect();
    format!("`{}`: {}", fact.id, told.join(", then "))
}

fn counterexample(
    model: &Model,
    fact: FactIndex,
    before: &Finding,
    after: &Finding,
    what: &str,
) -> Counterexample {
    let with = |finding: &Finding| {
        let mut patient = Patient::clear(model.guideline);
        patient.cells[fact] = finding.cells;
        story(model.guideline, &patient)
    };
    Counterexample {
        property: "SP13",
        what: what.to_string(),
        first: with(before),
        second: Some(with(after)),
    }
}
