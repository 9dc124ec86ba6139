//! SP11 against every way of filling in a small guideline: a condition is
//! called inexact exactly where some patient shows it.

use cauda_guideline::Guideline;
use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::resolve::Patient;
use cauda_proof::properties::Outcome;
use cauda_proof::{Effort, check_all};

use crate::small;

const PAGE: &str = "red_flags/nerves_later.md";
const RULE: &str = "## When at least 2 of\n- `numb` is longstanding\n- `fever` is present\n\
                    - `fall` is low or high\n";

/// Rules of all kinds; some wait for an answer that cannot matter.
const RULES: [&str; 14] = [
    RULE,
    "## When any of\n- `fever` is present\n- `fever` is absent\n",
    "## When all of\n- `fever` is present\n- `fever` is absent\n",
    "## When any of\n- `fall` is none\n- `fall` is low\n",
    "## When any of\n- `fall` is high\n- `fall` is low or high\n",
    "## When any of\n- `fall` is none or low\n- `fall` is low or high\n",
    "## When any of\n- `numb` is new\n- all of\n  - `numb` is absent\n  - `fever` is present\n",
    "## When any of\n- `residual` ≥ 200 mL\n- `residual` < 200 mL\n",
    "## When any of\n- `residual` ≥ 200 mL\n- `residual` ≥ 300 mL\n",
    // Not done and not needed counts as clear, so being needed is what matters.
    "## When any of\n- `numb` is new or longstanding\n- `residual` < 200 mL\n",
    "## When any of\n- `numb` is new or longstanding\n- `residual` ≥ 200 mL\n",
    "## When all of\n- `numb` is absent\n- `residual` ≥ 200 mL\n",
    "## When all of\n- `numb` is absent\n- `fever` is absent\n- `residual` ≥ 200 mL\n",
    "## When any of\n- `bone` is suspected\n- `fever` is absent\n",
];

fn with(rule: &str) -> Guideline {
    small::edited(&[(PAGE, RULE, rule)])
}

/// Patients with facts unknown or known, in every combination.
fn patients(guideline: &Guideline) -> Vec<Patient> {
    let mut found = vec![Patient::clear(guideline)];
    for id in ["numb", "residual", "fever", "fall"] {
        let fact = guideline.fact(id).unwrap();
        let cells = &guideline.program.cells[fact];
        let mut values: Vec<u16> = (0..cells.count).map(|cell| 1 << cell).collect();
        values.push(cells.all());
        if !cells.cuts.is_empty() {
            // Of a number an interval may be known.
            for from in 0..cells.count {
                for to in from + 1..cells.count {
                    values.push((from..=to).fold(0, |held, cell| held | 1 << cell));
                }
            }
        }
        found = found
            .into_iter()
            .flat_map(|patient| {
                values.iter().map(move |value| {
                    let mut patient = patient.clone();
                    patient.cells[fact] = *value;
                    patient
                })
            })
            .collect();
    }
    found
}

/// Every way of filling in the unknowns of a patient.
fn fillings(guideline: &Guideline, patient: &Patient) -> Vec<Patient> {
    let test = guideline.fact("residual").unwrap();
    let mut found = vec![patient.clone()];
    // Questions first: they say whether the test is needed.
    for id in ["numb", "fever", "fall"] {
        found = split(guideline, found, guideline.fact(id).unwrap());
    }
    let all = guideline.program.cells[test].all();
    let needed = guideline.program.needed[test].unwrap();
    let (asked, spared): (Vec<Patient>, Vec<Patient>) = found.into_iter().partition(|patient| {
        let (_, truths) = decide_with_truths(&guideline.program, patient);
        patient.cells[test] != all || !truths.is_false(needed)
    });
    let mut found = split(guideline, asked, test);
    found.extend(spared);
    found
}

fn split(guideline: &Guideline, patients: Vec<Patient>, fact: usize) -> Vec<Patient> {
    let count = guideline.program.cells[fact].count;
    let one = |patient: &Patient, cell: usize| {
        let mut patient = patient.clone();
        patient.cells[fact] = 1 << cell;
        patient
    };
    let each = patients.iter().flat_map(|patient| {
        let cells = (0..count).filter(|cell| patient.cells[fact] >> cell & 1 == 1);
        cells.map(|cell| one(patient, cell)).collect::<Vec<_>>()
    });
    each.collect()
}

/// Whether some patient waits for an answer that cannot matter, tried one by one.
fn is_inexact(guideline: &Guideline) -> bool {
    let concerns = &guideline.program.concerns;
    let page = concerns.iter().find(|concern| guideline.pages[concern.page].file() == PAGE);
    let place = page.unwrap().rule;
    let truth = |patient: &Patient| {
        let (_, truths) = decide_with_truths(&guideline.program, patient);
        (truths.is_true(place), truths.is_false(place))
    };
    patients(guideline).iter().any(|patient| {
        let fillings = fillings(guideline, patient);
        truth(patient) == (false, false)
            && (fillings.iter().all(|filling| truth(filling).0)
                || fillings.iter().all(|filling| truth(filling).1))
    })
}

#[test]
fn a_condition_is_inexact_exactly_where_some_patient_shows_it() {
    let mut inexact = 0;
    for rule in RULES {
        let guideline = with(rule);
        let expected = is_inexact(&guideline);
        inexact += usize::from(expected);
        let report = check_all(&guideline, &Effort::default(), &mut |_| {});
        let checked = report.checked().iter().find(|checked| checked.id == "SP11").unwrap();
        let found = match &checked.outcome {
            Outcome::Holds => false,
            Outcome::Broken(broken) => {
                assert!(broken.what.contains("nerves_later"), "{rule}: {}", broken.what);
                true
            }
            other => panic!("{rule}: {other:?}"),
        };
        assert_eq!(found, expected, "{rule}: {:?}", checked.outcome);
    }
    assert!((4..=RULES.len() - 4).contains(&inexact), "{inexact}");
}
