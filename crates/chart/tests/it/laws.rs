//! What may happen to a chart when something of it is left out.
//!
//! Leaving something out loses what it said. So a danger may be lost, and nobody can see that one
//! was: without the newer fever an older reading stands, without the code no diagnosis. What can be
//! promised, and is checked here, is that nothing becomes *reassuring* by it.
//!
//! 1. Every reassuring finding afterwards was there before, and is not newer.
//! 2. Of every fact of which no danger was lost, the values it may have afterwards are the same or
//!    more, or more dangerous. Where one was lost and nobody else speaks, at least as bad a value
//!    stays possible.
//! 3. If no danger was lost, the highest possible urgency does not fall; and a patient who did not
//!    leave before does not leave afterwards. From a chart alone nobody ever leaves.
//!
//! Left out of the first law are the few elements that exist to take something away again: without
//! them nobody can know. Emptied or `null` they are still seen, and the law holds. The same is so
//! of a second answer, code or patient that contradicts the first.

use cauda_chart::{Chart, Found};
use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::facts::{Danger, Fact, Kind, Role};
use cauda_guideline::program::Cells;
use cauda_guideline::resolve::{Entries, Entry, Said, resolve};
use cauda_guideline::visit::read_value;
use serde_json::Value;

use crate::shipped::{NOW, chart_of, guideline};

/// Elements that take something away: without them nobody can know that they were there.
pub const TAKING_AWAY: [&str; 6] = [
    "modifierExtension",
    "implicitRules",
    "dataAbsentReason",
    "focus",
    "deceasedBoolean",
    "deceasedDateTime",
];

/// A chart, and what the engine makes of it beside what people said.
pub struct Seen {
    pub chart: Chart,
    cells: Vec<Cells>,
    verdict: Verdict,
}

impl Seen {
    /// Whether the patient goes home.
    pub fn leaves(&self) -> bool {
        self.verdict.row.is_some_and(|row| guideline().program.rows[row].reassuring)
    }
}

/// What people say of a patient whom they have cleared of everything.
pub fn cleared() -> Entries {
    let mut entries = Entries::default();
    for (index, fact) in guideline().entered_facts().filter(|(_, fact)| fact.id != "age") {
        let said = match &fact.kind {
            Kind::Named { clear, .. } => Said::Value(*clear),
            Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
        };
        let by = match fact.asked_of.contains(&Role::Physician) {
            true => Role::Physician,
            false => fact.asked_of[0],
        };
        entries.add(index, Entry { said, at: Some(NOW - 60), by, entered_in_error: false });
    }
    entries
}

pub fn see(whole: &Value, people: &Entries) -> Seen {
    let chart = chart_of(whole);
    let mut entries = people.clone();
    for (fact, list) in chart.entries(guideline()).by_fact {
        list.into_iter().for_each(|entry| entries.add(fact, entry));
    }
    let patient = resolve(guideline(), &entries, Some(NOW)).patient();
    let verdict = decide(&guideline().program, &patient);
    Seen { chart, cells: patient.cells, verdict }
}

fn fact_of(found: &Found) -> &'static Fact {
    &guideline().facts[guideline().fact(&found.fact).unwrap()]
}

/// How far a finding reassures: the place up to which it says that nothing is worse. `None` if it
/// does not, or nobody would listen to an EHR about it.
fn reassures(found: &Found) -> Option<i64> {
    let fact = fact_of(found);
    match (&fact.kind, read_value(fact, &found.value).unwrap()) {
        (Kind::Named { dangerous, .. }, Said::Value(value)) => {
            (!dangerous[value]).then_some(value as i64)
        }
        _ if !fact.asked_of.contains(&Role::Ehr) => None,
        (Kind::Quantity(quantity), Said::Between(low, high)) => match fact.danger {
            Danger::Falling => (low > quantity.range.0).then_some(-low),
            _ => (high < quantity.range.1).then_some(high),
        },
        other => panic!("{other:?}"),
    }
}

/// Facts of which a danger is gone, is less, or is older.
fn lost(before: &Chart, after: &Chart) -> Vec<usize> {
    let bad = |found: &&Found| match &fact_of(found).kind {
        Kind::Named { dangerous, .. } => match read_value(fact_of(found), &found.value) {
            Ok(Said::Value(value)) => dangerous[value],
            _ => false,
        },
        Kind::Quantity(_) => true,
    };
    let stays = |found: &&Found| {
        after.findings.iter().any(|other| {
            other.fact == found.fact && other.at >= found.at && is_as_bad(other, found)
        })
    };
    let gone = before.findings.iter().filter(bad).filter(|found| !stays(found));
    gone.map(|found| guideline().fact(&found.fact).unwrap()).collect()
}

fn is_as_bad(other: &Found, found: &Found) -> bool {
    let fact = fact_of(found);
    let said = |found: &Found| read_value(fact, &found.value).unwrap();
    match (said(other), said(found)) {
        (Said::Between(low, _), Said::Between(least, _)) if fact.danger != Danger::Falling => {
            low >= least
        }
        (Said::Between(_, high), Said::Between(_, greatest)) => high <= greatest,
        (one, two) => one == two,
    }
}

/// Greatest and least danger of cells, by their order.
fn reach(fact: usize, cells: Cells) -> (usize, usize) {
    let order: Vec<usize> = guideline().program.cells[fact].by_danger().collect();
    let ranks = (0..order.len()).filter(|rank| cells >> order[*rank] & 1 == 1);
    let ranks: Vec<usize> = ranks.collect();
    (*ranks.last().unwrap(), ranks[0])
}

/// The laws, between a chart and the same with something left out.
pub fn check(before: &Seen, after: &Seen, alone: bool, takes_away: bool) -> Result<(), String> {
    let new = |found: &&Found| {
        let reach = reassures(found);
        reach.is_some()
            && !before.chart.findings.iter().any(|earlier| {
                earlier.fact == found.fact
                    && reassures(earlier).is_some_and(|said| Some(said) <= reach)
                    && earlier.at >= found.at
            })
    };
    if let Some(found) = after.chart.findings.iter().find(new).filter(|_| !takes_away) {
        return Err(format!("`{}` is {} now, from {}", found.fact, found.value, found.resource));
    }
    let lost = lost(&before.chart, &after.chart);
    for fact in 0..before.cells.len() {
        let (was, is) = (before.cells[fact], after.cells[fact]);
        let ((most_was, least_was), (most, least)) = (reach(fact, was), reach(fact, is));
        let id = &guideline().facts[fact].id;
        let worse = most >= most_was && least >= least_was;
        if !lost.contains(&fact) && !takes_away && is & was != was && !worse {
            return Err(format!("`{id}` may be {is:b} instead of {was:b}"));
        }
        let speaks = after.chart.findings.iter().any(|found| &found.fact == id);
        if lost.contains(&fact) && alone && !speaks && most < most_was {
            return Err(format!("`{id}` cannot be as bad as before"));
        }
    }
    if lost.is_empty() && !takes_away {
        if after.verdict.at_most < before.verdict.at_most {
            return Err("the highest possible urgency fell".into());
        }
        if after.leaves() && !before.leaves() {
            return Err("the patient leaves now".into());
        }
    }
    match alone && after.leaves() {
        true => Err("a chart alone sent the patient home".into()),
        false => Ok(()),
    }
}
