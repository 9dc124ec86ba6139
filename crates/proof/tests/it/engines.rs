//! Two solvers, four engines, one answer; and what a receipt is worth.

use cauda_guideline::decide::{State, decide, decide_with_truths};
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{Guideline, load_checked};
use cauda_proof::circuit::{Literal, value_of};
use cauda_proof::properties::{ALL, Model, Outcome};
use cauda_proof::random::{Random, patient};
use cauda_proof::solver::{Found, Solver, Which};
use cauda_proof::{Effort, PROPERTY_SET, Proved, Receipt, Report, accept, check_all, prove};

use crate::planted::{DEFECTS, Examined, examined};
use crate::shipped;

fn effort(solvers: &[Which]) -> Effort {
    Effort { solvers: solvers.to_vec(), ..Effort::default() }
}

/// One in so many of the planted defects is asked again in a run; `CAUDA_SHARD` says which.
const SHARDS: usize = 4;

fn of_this_shard() -> impl Iterator<Item = &'static Examined> {
    let shard = std::env::var("CAUDA_SHARD").unwrap_or_default();
    let shard = shard.parse::<usize>().unwrap_or(0);
    let all = std::env::var_os("CAUDA_LONG").is_some();
    examined()
        .iter()
        .enumerate()
        .filter(move |(at, _)| all || at % SHARDS == shard % SHARDS)
        .map(|(_, one)| one)
}

fn check(guideline: &Guideline, effort: &Effort) -> Report {
    check_all(guideline, effort, &mut |_| {})
}

/// By property: whether it holds. A failed property is never acceptable here.
fn holds(name: &str, report: &Report) -> Vec<(&'static str, bool)> {
    let each = report.checked().iter().map(|checked| {
        if let Outcome::Failed(why) = &checked.outcome {
            panic!("{name}: {} failed: {why}", checked.id);
        }
        (checked.id, checked.outcome == Outcome::Holds)
    });
    each.collect()
}

/// The shipped guideline with one more sentence on its readme: other bytes.
fn other_guideline() -> Guideline {
    let mut folder = shipped::folder().clone();
    let head = folder.files.get_mut("guideline.toml").unwrap();
    head.push_str("# another edition\n");
    load_checked(&folder).unwrap()
}

#[test]
fn the_shipped_guideline_holds_in_every_property_with_both_solvers() {
    let report = check(shipped::guideline(), &effort(&[Which::Batsat, Which::Varisat]));
    let expect: Vec<_> = ALL.iter().map(|property| (property.id, true)).collect();
    assert_eq!(holds("shipped", &report), expect);
    assert!(report.all_hold());
    assert!(report.checked().iter().all(|checked| checked.questions > 0), "{report:?}");
}

#[test]
fn both_solvers_agree_on_every_question_of_every_defect() {
    for Examined { defect, guideline, report } in of_this_shard() {
        let both = holds(defect.name, report);
        let second = holds(defect.name, &check(guideline, &effort(&[Which::Varisat])));
        assert_eq!(both, second, "{}", defect.name);
    }
}

#[test]
fn without_a_solver_nothing_is_proved() {
    let report = check(shipped::guideline(), &effort(&[]));
    assert!(!report.all_hold());
    assert!(accept(shipped::guideline().clone(), &report).is_err());
}

#[test]
fn the_same_guideline_gives_the_same_report_twice() {
    let both = effort(&[Which::Batsat, Which::Varisat]);
    assert_eq!(check(shipped::guideline(), &both), check(shipped::guideline(), &both));
    // Each defect a second time: what is drawn or hashed would show.
    for Examined { defect, guideline, report } in of_this_shard() {
        assert_eq!(*report, check(guideline, &both), "{}", defect.name);
    }
}

#[test]
fn each_property_is_told_of_once_and_in_order() {
    let mut told = Vec::new();
    let report = check_all(shipped::guideline(), &Effort::default(), &mut |checked| {
        told.push(checked.clone());
    });
    assert_eq!(told, report.checked());
}

#[test]
fn engines_agree_on_twenty_thousand_patients_of_three_seeds() {
    for seed in [7, 2026, u64::MAX] {
        let effort = Effort { random_patients: 20_000, seed, ..Effort::default() };
        let report = check(shipped::guideline(), &effort);
        let agreement = report.checked().iter().find(|checked| checked.id == "SP12").unwrap();
        assert_eq!(agreement.outcome, Outcome::Holds, "seed {seed}");
        assert_eq!(agreement.questions, 20_000, "seed {seed}");
    }
}

#[test]
fn the_same_seed_draws_the_same_patients() {
    let draw = |seed| {
        let mut random = Random::new(seed);
        (0..50).map(|_| patient(shipped::guideline(), &mut random)).collect::<Vec<_>>()
    };
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}

/// Every place, concern, tier and row of the circuit, run as a program and
/// solved, beside the engine. The inputs alone must settle all of it.
#[test]
fn the_circuit_run_or_solved_says_what_the_engine_says() {
    let guideline = shipped::guideline();
    let model = Model::new(guideline, &[]).unwrap();
    let program = &guideline.program;
    let mut solvers =
        [Which::Batsat, Which::Varisat].map(|which| Solver::new(which, &model.circuit).unwrap());
    let mut random = Random::new(11);
    for at in 0..300 {
        let (_, patient) = patient(guideline, &mut random);
        let inputs = model.first.inputs(program, &patient);
        let run = model.circuit.evaluate(&inputs);
        let signed = |(literal, value): &(Literal, bool)| if *value { *literal } else { -literal };
        let assumed: Vec<Literal> = inputs.iter().map(signed).collect();
        let mut all = vec![("run", run)];
        for solver in solvers.iter_mut().filter(|_| at % 10 == 0) {
            let Found::Assignment(values) = solver.find(&model.circuit, &assumed) else {
                panic!("patient {at}: no assignment");
            };
            assert_eq!(model.first.patient(&values).vague, patient.vague, "patient {at}");
            all.push(("solved", values));
        }
        let (verdict, truths) = decide_with_truths(program, &patient);
        for (how, values) in &all {
            let told = format!("patient {at}, {how}");
            let is = |literal: Literal| value_of(values, literal);
            for (place, rails) in model.first.places.iter().enumerate() {
                assert_eq!(is(rails.yes), truths.is_true(place), "{told}: place {place}");
                assert_eq!(is(rails.no), truths.is_false(place), "{told}: place {place}");
            }
            for tier in Tier::ALL {
                let copy = &model.first;
                assert_eq!(is(copy.at_least[tier as usize]), verdict.at_least >= tier, "{told}");
                assert_eq!(is(copy.at_most[tier as usize]), verdict.at_most >= tier, "{told}");
                assert_eq!(is(copy.acted[tier as usize]), verdict.acted >= tier, "{told}");
            }
            for index in 0..program.concerns.len() {
                let state = verdict.state(index);
                assert_eq!(is(model.first.raised[index]), state == State::Raised, "{told}");
                assert_eq!(is(model.first.excluded[index]), state == State::Excluded, "{told}");
                let settled = verdict.settled >> index & 1 == 1;
                assert_eq!(is(model.first.settled[index]), settled, "{told}: {index} settles");
            }
            for row in 0..program.rows.len() {
                assert_eq!(is(model.first.stands[row]), verdict.row == Some(row), "{told}");
            }
            assert_eq!(is(model.first.decided), verdict.decided, "{told}");
        }
    }
}

#[test]
fn a_patient_goes_through_the_circuit_unchanged() {
    let guideline = shipped::guideline();
    let model = Model::new(guideline, &[]).unwrap();
    let mut random = Random::new(5);
    for at in 0..200 {
        let (_, patient) = patient(guideline, &mut random);
        let inputs = model.first.inputs(&guideline.program, &patient);
        let back = model.first.patient(&model.circuit.evaluate(&inputs));
        for (fact, _) in guideline.entered_facts() {
            assert_eq!(back.cells[fact], patient.cells[fact], "patient {at}");
            assert_eq!(back.vague[fact], patient.vague[fact], "patient {at}");
        }
        let (before, after) = (&guideline.program, &back);
        assert_eq!(decide(before, after), decide(before, &patient), "patient {at}");
    }
}

#[test]
fn the_shipped_guideline_is_proved_and_its_receipt_accepted() {
    let proved = prove(shipped::guideline().clone()).unwrap();
    let receipt = proved.receipt().clone();
    assert_eq!(receipt.guideline_sha256, proved.guideline().sha256);
    assert_eq!(receipt.property_set, PROPERTY_SET);
    assert_eq!(Receipt::read(&receipt.write()), Some(receipt.clone()));
    let again = Proved::from_receipt(shipped::guideline().clone(), &receipt).unwrap();
    assert_eq!(again.receipt(), &receipt);
}

#[test]
fn a_receipt_with_any_field_changed_is_refused() {
    let receipt = prove(shipped::guideline().clone()).unwrap().receipt().clone();
    let changed = |name: &str, change: &dyn Fn(&mut Receipt)| {
        let mut other = receipt.clone();
        change(&mut other);
        assert_ne!(other, receipt, "{name}");
        let proved = Proved::from_receipt(shipped::guideline().clone(), &other);
        assert!(proved.is_none(), "{name} changed, and the receipt was taken");
    };
    changed("guideline_sha256", &|other| other.guideline_sha256 = other_guideline().sha256);
    changed("a digit of the hash", &|other| other.guideline_sha256.replace_range(..1, "z"));
    changed("an empty hash", &|other| other.guideline_sha256.clear());
    changed("a newer property set", &|other| other.property_set += 1);
    changed("an older property set", &|other| other.property_set -= 1);
    changed("engine", &|other| other.engine.push_str("-next"));
    changed("no engine", &|other| other.engine.clear());
    changed("a property less", &|other| {
        other.properties.pop();
    });
    changed("a property more", &|other| other.properties.push("SP99".into()));
    changed("another order", &|other| other.properties.reverse());
    changed("no property", &|other| other.properties.clear());
}

#[test]
fn a_receipt_of_another_guideline_is_refused() {
    let receipt = prove(shipped::guideline().clone()).unwrap().receipt().clone();
    assert!(Proved::from_receipt(other_guideline(), &receipt).is_none());
}

#[test]
fn what_is_not_a_receipt_is_not_read() {
    let text = prove(shipped::guideline().clone()).unwrap().receipt().write();
    assert!(Receipt::read(&text).is_some());
    for other in [
        String::new(),
        "receipt".into(),
        format!("{text}signed = true\n"),
        text.replace("property_set = ", "property_set = -"),
        text.replace("engine = ", "machine = "),
        text.lines().skip(1).collect::<Vec<_>>().join("\n"),
    ] {
        assert_eq!(Receipt::read(&other), None, "{other}");
    }
}

#[test]
fn a_report_of_another_guideline_is_refused() {
    let report = check(shipped::guideline(), &Effort::default());
    assert!(report.all_hold());
    let refused = accept(other_guideline(), &report).unwrap_err();
    assert!(refused.broken.is_empty());
    assert_eq!(refused.failed.len(), 1, "{:?}", refused.failed);
    let reason = &refused.failed[0].1;
    assert!(reason.contains("another guideline"), "{reason}");
    assert!(accept(shipped::guideline().clone(), &report).is_ok());
}

#[test]
fn a_refused_guideline_comes_with_its_patients() {
    for defect in &DEFECTS[..3] {
        let found = prove(defect.plant()).unwrap_err();
        let told = found.broken.iter().find(|found| found.property == defect.property);
        let told = told.unwrap_or_else(|| panic!("{}: no patient", defect.name));
        assert!(!told.what.is_empty() && !told.first.answer.is_empty(), "{}", defect.name);
    }
}
