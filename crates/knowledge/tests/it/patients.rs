//! Patients for the comparison: every case of the pages, random patients, and
//! random visits with times and people.

use cauda_guideline::Guideline;
use cauda_guideline::cases::{findings_of, stories};
use cauda_guideline::facts::{FactIndex, Kind, Role};
use cauda_guideline::resolve::{Entries, Entry, Finding, Findings, Reason, Said, resolve};
use cauda_proof::random::{Random, as_engine, patient};
use cauda_proof::reference::Known;

/// The moment random visits are decided about, in seconds.
const NOW: i64 = 1_000_000_000;
/// Why a random fact cannot be had, or is just unknown.
const REASONS: [Reason; 4] = [Reason::NotAsked, Reason::NotKnown, Reason::Declined, Reason::Unable];

/// The patient of every case, those of whole patients first.
pub fn of_cases(guideline: &Guideline) -> Vec<(String, Findings)> {
    let mut found = Vec::new();
    let told = stories(guideline, &mut Vec::new());
    let told = told.iter().map(|(file, story)| (file.clone(), &story.case));
    let pages = guideline
        .pages
        .iter()
        .flat_map(|loaded| loaded.page.cases.iter().map(move |case| (loaded.file(), case)));
    for (at, (file, case)) in told.chain(pages).enumerate() {
        // A story may tell of a case that is refused.
        if let Ok(findings) = findings_of(guideline, &file, case) {
            found.push((format!("{file} case {at}"), findings));
        }
    }
    found
}

/// A random patient as the proofs draw them, as findings.
pub fn random(guideline: &Guideline, draw: &mut Random) -> Findings {
    let (known, _) = patient(guideline, draw);
    of_known(guideline, &known, draw)
}

/// What is known of a patient as findings, each unknown with a reason.
pub fn of_known(guideline: &Guideline, known: &[Known], draw: &mut Random) -> Findings {
    let engine = as_engine(guideline, known);
    let by_fact = known.iter().enumerate().map(|(fact, known)| {
        let range = guideline.facts[fact].quantity().map(|of| of.range);
        let said = match known {
            Known::Value(value) => Said::Value(*value),
            // An answer as wide as the range says nothing.
            Known::Between(low, high) if Some((*low, *high)) == range => {
                Said::Unknown(Reason::NotAsked)
            }
            Known::Between(low, high) => Said::Between(*low, *high),
            Known::Unknown { cannot_be_had: true } => {
                Said::Unknown(REASONS[1 + draw.below(3) as usize])
            }
            Known::Unknown { cannot_be_had: false } => Said::Unknown(Reason::NotAsked),
        };
        let said = match (said, guideline.facts[fact].assumed()) {
            (Said::Unknown(_), Some(value)) => Said::Value(value),
            (said, _) => said,
        };
        finding(said, engine.cells[fact], engine.vague[fact])
    });
    let by_fact = by_fact.collect();
    Findings { as_of: None, valid_until: None, by_fact, taken_back: Vec::new() }
}

fn finding(said: Said, cells: u16, is_vague: bool) -> Finding {
    Finding {
        said,
        cells,
        at: None,
        by: None,
        conflict: false,
        partly: None,
        is_vague,
        group: None,
    }
}

/// All clear but one fact that is unknown, each fact in its turn, and up to two
/// others that are anything: next to every "home" lies what must not go home.
pub fn nearly_clear(guideline: &Guideline, turn: usize, draw: &mut Random) -> Findings {
    let facts: Vec<FactIndex> = guideline.entered_facts().map(|(fact, _)| fact).collect();
    let mut known: Vec<Known> = guideline
        .facts
        .iter()
        .map(|fact| match &fact.kind {
            _ if fact.is_computed() => Known::Unknown { cannot_be_had: false },
            Kind::Named { clear, .. } => Known::Value(*clear),
            Kind::Quantity(of) => Known::Between(of.clear, of.clear),
        })
        .collect();
    for _ in 0..draw.below(3) {
        let fact = facts[draw.below(facts.len() as u64) as usize];
        known[fact] = match one(guideline, fact, draw) {
            Said::Value(value) => Known::Value(value),
            Said::Between(low, high) => Known::Between(low, high),
            Said::Unknown(_) => Known::Unknown { cannot_be_had: false },
        };
    }
    let cannot_be_had = draw.below(2) == 0;
    known[facts[turn % facts.len()]] = Known::Unknown { cannot_be_had };
    of_known(guideline, &known, draw)
}

/// A random visit: up to three entries a fact, by anybody, up to two days old,
/// some taken back, some dated in the future.
pub fn visit(guideline: &Guideline, draw: &mut Random) -> Findings {
    let mut entries = Entries::default();
    let silent = [5, 20, 60, 90][draw.below(4) as usize];
    let facts: Vec<FactIndex> = guideline.entered_facts().map(|(fact, _)| fact).collect();
    let clear = all_clear(guideline);
    for fact in facts {
        if draw.below(100) < silent {
            continue;
        }
        for _ in 0..=draw.below(3) {
            let said = match draw.below(10) {
                0 => Said::Unknown(REASONS[draw.below(4) as usize]),
                1..=5 => clear[fact],
                _ => one(guideline, fact, draw),
            };
            entries.add(
                fact,
                Entry {
                    said,
                    at: Some(NOW - draw.below(172_800) as i64 + 600),
                    by: Role::ALL[draw.below(5) as usize],
                    entered_in_error: draw.below(20) == 0,
                },
            );
        }
    }
    resolve(guideline, &entries, Some(NOW))
}

/// The clear value of every fact.
fn all_clear(guideline: &Guideline) -> Vec<Said> {
    let clear = guideline.facts.iter().map(|fact| match &fact.kind {
        Kind::Named { clear, .. } => Said::Value(*clear),
        Kind::Quantity(of) => Said::Between(of.clear, of.clear),
    });
    clear.collect()
}

fn one(guideline: &Guideline, fact: FactIndex, draw: &mut Random) -> Said {
    match &guideline.facts[fact].kind {
        Kind::Named { values, .. } => Said::Value(draw.below(values.len() as u64) as usize),
        Kind::Quantity(of) => {
            let (low, high) = of.range;
            let mut near = || {
                let cuts = &guideline.program.cells[fact].cuts;
                let place = match cuts.len() as u64 {
                    0 => low + draw.below((high - low) as u64 + 1) as i64,
                    count => cuts[draw.below(count) as usize] + draw.below(6) as i64 - 3,
                };
                place.clamp(low, high)
            };
            let (one, other) = (near(), near());
            match draw.below(3) {
                0 => Said::Between(one.min(other), one.max(other)),
                _ => Said::Between(one, one),
            }
        }
    }
}
