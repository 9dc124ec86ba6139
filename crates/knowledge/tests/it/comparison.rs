//! What tests/cql compares: the library and patients with the engine's answer,
//! written to the folder in `CAUDA_CQL_OUT`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use cauda_guideline::Guideline;
use cauda_guideline::decide::{State, Truths, Verdict, decide, decide_with_truths};
use cauda_guideline::page::PageKind;
use cauda_guideline::resolve::{Findings, Patient};
use cauda_knowledge::{cql, inputs};
use cauda_proof::random::Random;
use serde_json::{Map, Value, json};

use crate::{patients, shipped};

/// Patients without `CAUDA_CQL_PATIENTS`.
const PATIENTS: usize = 1_000;
/// Of them, at most this share in a hundred are cases of the pages.
const CASES_SHARE: usize = 40;

fn number_of(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

/// Cases evenly over all pages, then random patients, random visits, and those
/// who are nearly clear, by turns.
fn drawn(guideline: &Guideline, count: usize, seed: u64) -> Vec<(String, Findings)> {
    let cases = patients::of_cases(guideline);
    let wanted = (count * CASES_SHARE / 100).min(cases.len());
    let total = cases.len();
    let every = cases.into_iter().enumerate();
    // Another seed takes other cases.
    let begin = seed as usize % total;
    let taken =
        every.filter(|(at, _)| (at + begin) * wanted / total != (at + begin + 1) * wanted / total);
    let mut all: Vec<_> = taken.map(|(_, case)| case).collect();
    let mut draw = Random::new(seed);
    while all.len() < count {
        let name = format!("seed {seed}, patient {}", all.len());
        let findings = match all.len() % 4 {
            0 => patients::random(guideline, &mut draw),
            1 => patients::visit(guideline, &mut draw),
            _ => patients::nearly_clear(guideline, all.len() / 4 * 2 + all.len() % 2, &mut draw),
        };
        all.push((name, findings));
    }
    all
}

fn state(state: State) -> &'static str {
    match state {
        State::Raised => "raised",
        State::Open => "open",
        State::Excluded => "excluded",
    }
}

/// The engine's answer, field by field as the library's `Decision` has them.
fn expected(guideline: &Guideline, patient: &Patient) -> Value {
    let program = &guideline.program;
    let (verdict, truths) = decide_with_truths(program, patient);
    let concerns = program.concerns.iter().enumerate().map(|(index, concern)| {
        let settled = verdict.settled >> index & 1 == 1;
        let settles = concern.settle.filter(|_| settled).map(|tier| tier as usize);
        let page = guideline.pages[concern.page].id.clone();
        (page, json!({ "state": state(verdict.state(index)), "settles": settles }))
    });
    let pages = guideline.pages.iter().enumerate().filter(|(_, page)| !page.kind.is_concern());
    let pages = pages.map(|(index, page)| (page.id.clone(), holds(guideline, index, &truths)));
    json!({
        "at_least": verdict.at_least.id(),
        "at_most": verdict.at_most.id(),
        "acted_on": verdict.acted.id(),
        "first_step": verdict.first_step.id(),
        "disposition": go(guideline, &verdict),
        "conflict": verdict.conflict,
        "in_scope": verdict.in_scope,
        "decided": verdict.decided,
        "concerns": concerns.collect::<Map<_, _>>(),
        "pages": pages.collect::<Map<_, _>>(),
    })
}

fn go(guideline: &Guideline, verdict: &Verdict) -> Option<String> {
    verdict.row.map(|row| guideline.program.rows[row].go.clone())
}

/// Truth of the rule of a page that raises no concern.
fn holds(guideline: &Guideline, index: usize, truths: &Truths) -> Value {
    let program = &guideline.program;
    let page = &guideline.pages[index];
    let place = match page.kind {
        PageKind::Disposition => {
            program.rows.iter().find(|row| row.page == index).map(|row| row.chosen)
        }
        PageKind::Definition => {
            guideline.fact(page.stem()).and_then(|fact| program.definitions[fact])
        }
        PageKind::Test => {
            let mut facts = guideline.facts.iter();
            let fact = facts.position(|fact| fact.needed.as_deref() == Some(&page.id));
            fact.and_then(|fact| program.needed[fact])
        }
        _ => {
            let mut known = program.reports.iter().chain(&program.advice);
            known.find(|known| known.page == index).map(|known| known.holds)
        }
    };
    let place = place.unwrap();
    match (truths.is_true(place), truths.is_false(place)) {
        (true, _) => json!(true),
        (_, true) => json!(false),
        _ => Value::Null,
    }
}

/// Decisions a second of the engine over these patients.
fn speed(guideline: &Guideline, patients: &[Patient]) -> f64 {
    let begun = Instant::now();
    let (mut decided, mut rounds) = (0_usize, 0_usize);
    while begun.elapsed().as_millis() < 300 {
        for patient in patients {
            decided +=
                usize::from(std::hint::black_box(decide(&guideline.program, patient)).decided);
        }
        rounds += 1;
    }
    assert!(decided <= rounds * patients.len());
    (rounds * patients.len()) as f64 / begun.elapsed().as_secs_f64()
}

/// Writes the library and the patients, when asked; and always makes them.
#[test]
fn patients_with_the_engines_answer() {
    let guideline = shipped::guideline();
    let count = number_of("CAUDA_CQL_PATIENTS", PATIENTS);
    let seed = number_of("CAUDA_CQL_SEED", 1) as u64;
    let all = drawn(guideline, count, seed);
    assert_eq!(all.len(), count);
    let mut lines = String::new();
    for (name, findings) in &all {
        let line = json!({
            "name": name,
            "parameters": inputs::parameters(guideline, findings),
            "expected": expected(guideline, &findings.patient()),
        });
        writeln!(lines, "{line}").unwrap();
    }
    let Ok(out) = std::env::var("CAUDA_CQL_OUT") else { return };
    let out = PathBuf::from(out);
    let patients: Vec<Patient> = all.iter().map(|(_, findings)| findings.patient()).collect();
    let library = cql::library(guideline).unwrap();
    std::fs::write(out.join(format!("{}.cql", cql::library_name(guideline))), library).unwrap();
    std::fs::write(out.join("patients.ndjson"), lines).unwrap();
    let speed = json!({ "decisions_per_second": speed(guideline, &patients).round() });
    std::fs::write(out.join("engine.json"), format!("{speed}\n")).unwrap();
}
