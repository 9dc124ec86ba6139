//! What is decided, why, what is asked and what would change it: checked on
//! many drawn patients by deciding again.

use cauda_guideline::ask::questions;
use cauda_guideline::batch::{Answers, Batch, LANES, Patients, UNKNOWN_PLACE, UNKNOWN_VALUE};
use cauda_guideline::cases::patient_of;
use cauda_guideline::change::{Change, single_changes};
use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::decision::{Classification, Decision, explain};
use cauda_guideline::explain::forcing_facts;
use cauda_guideline::facts::{FactIndex, Stage};
use cauda_guideline::page::parse_case;
use cauda_guideline::resolve::{Patient, resolve};
use cauda_guideline::visit::read;
use cauda_guideline::vocabulary::Tier;
use proptest::prelude::*;

use crate::shipped::{Dice, answer, fact, guideline, patient, patients, runner};

/// The patient of a case line.
fn case(text: &str) -> Patient {
    let (case, faults) = parse_case("test", text, 0);
    assert!(faults.is_empty(), "{text}: {faults:#?}");
    patient_of(guideline(), "test", &case).unwrap()
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(answer(&case(text)), expect, "{text}");
}

fn unknown(fact: FactIndex) -> u16 {
    let cells = &guideline().program.cells[fact];
    cells.assume.map_or(cells.all(), |cell| 1 << cell)
}

fn with(patient: &Patient, fact: FactIndex, cells: u16) -> Patient {
    let mut other = patient.clone();
    (other.cells[fact], other.cannot_be_had[fact], other.vague[fact]) = (cells, false, false);
    other
}

fn decided(patient: &Patient) -> Verdict {
    decide(&guideline().program, patient)
}

fn key(verdict: &Verdict) -> (Tier, Tier, Option<usize>) {
    (verdict.acted, verdict.at_most, verdict.row)
}

fn decision(json: &str) -> Decision {
    let visit = read(guideline(), json).unwrap();
    explain(guideline(), &resolve(guideline(), &visit.entries, visit.as_of), None)
}

#[test]
fn the_reasons_force_the_answer_and_none_is_too_many() {
    for (at, patient) in patients(11, 1500).iter().enumerate() {
        let answer = decided(patient);
        let same = |other: &Patient| {
            let other = decided(other);
            (other.acted, other.row, other.decided) == (answer.acted, answer.row, answer.decided)
        };
        let forcing = forcing_facts(&guideline().program, patient);
        let mut only = patient.clone();
        for fact in (0..only.cells.len()).filter(|fact| !forcing.contains(fact)) {
            only.cells[fact] = unknown(fact);
        }
        assert!(same(&only), "patient {at}: the reasons do not force the answer");
        for fact in &forcing {
            let mut without = only.clone();
            without.cells[*fact] = unknown(*fact);
            let id = &guideline().facts[*fact].id;
            assert!(!same(&without), "patient {at}: `{id}` is not needed among the reasons");
        }
        assert!(forcing.is_sorted());
    }
}

#[test]
fn what_cannot_matter_never_does() {
    let strategy = (any::<u64>(), 0_usize..101, 30_usize..101);
    let test = |(seed, known, clear): (u64, usize, usize)| {
        let mut dice = Dice(seed);
        let patient = patient(&mut dice, known, clear);
        let before = decided(&patient);
        let idle = questions(guideline(), &patient, None).cannot_matter;
        let cells = |fact: FactIndex| guideline().program.cells[fact].count;
        for fact in &idle {
            for cell in 0..cells(*fact) {
                let after = decided(&with(&patient, *fact, 1 << cell));
                prop_assert_eq!(key(&before), key(&after), "{}", &guideline().facts[*fact].id);
            }
        }
        for _ in 0..20 {
            let mut joint = patient.clone();
            for fact in &idle {
                if dice.chance(70) {
                    joint = with(&joint, *fact, 1 << dice.below(cells(*fact)));
                }
            }
            prop_assert_eq!(key(&before), key(&decided(&joint)));
        }
        Ok(())
    };
    runner(600).run(&strategy, test).unwrap();
}

/// Also when the answer only settles the concern upward (E5): while a question
/// that keeps it from settling is not asked, nobody would ever get there.
#[test]
fn every_single_unknown_that_matters_is_asked_cannot_be_had_or_withheld() {
    for patient in patients(12, 400) {
        let asked = questions(guideline(), &patient, None);
        let before = decided(&patient);
        for (index, description) in guideline().entered_facts() {
            let is_unknown = patient.cells[index] == unknown(index) && !patient.vague[index];
            if !is_unknown || description.assumed().is_some() {
                continue;
            }
            let count = guideline().program.cells[index].count;
            let raises = (0..count)
                .any(|cell| decided(&with(&patient, index, 1 << cell)).acted > before.acted);
            let listed = asked.ask.iter().any(|question| question.fact == index)
                || asked.cannot_be_had.contains(&index)
                || asked.withheld.contains(&index);
            let indicated = guideline().program.needed[index].is_none();
            assert!(
                !raises || listed || !indicated,
                "`{}` could raise the urgency",
                description.id
            );
        }
    }
}

#[test]
fn every_single_change_is_real_and_none_is_missed() {
    for patient in patients(13, 600) {
        let before = key(&decided(&patient));
        let mut expected = Vec::new();
        for (fact, _) in guideline().entered_facts() {
            // A report is not an answer that somebody could give now.
            if guideline().program.reporting[fact] {
                continue;
            }
            for cell in 0..guideline().program.cells[fact].count {
                if patient.cells[fact] == 1 << cell {
                    continue;
                }
                let (acted, at_most, row) = key(&decided(&with(&patient, fact, 1 << cell)));
                if (acted, at_most, row) != before {
                    expected.push(Change { fact, cell, acted, at_most, row });
                }
            }
        }
        assert_eq!(single_changes(&guideline().program, &patient), expected);
    }
}

fn assert_lane(answers: &Answers, lane: usize, verdict: &Verdict) {
    let tier = |planes| Answers::tier(planes, lane);
    assert_eq!(tier(&answers.at_least), verdict.at_least, "lane {lane}");
    assert_eq!(tier(&answers.at_most), verdict.at_most, "lane {lane}");
    assert_eq!(tier(&answers.acted), verdict.acted, "lane {lane}");
    assert_eq!(answers.row(lane), verdict.row, "lane {lane}");
    assert_eq!(answers.is_decided(lane), verdict.decided, "lane {lane}");
}

#[test]
fn many_patients_at_once_are_decided_like_one_by_one() {
    let program = &guideline().program;
    let mut batch = Batch::new(program);
    let mut planes = Patients::unknown(program);
    for chunk in patients(14, 40 * LANES).chunks(LANES) {
        // The same planes again: nothing of the patients before stays in a lane.
        for (lane, patient) in chunk.iter().enumerate() {
            planes.set(lane, patient);
        }
        let answers = batch.decide(&planes);
        for (lane, patient) in chunk.iter().enumerate() {
            assert_lane(&answers, lane, &decided(patient));
        }
    }
    let unknown = batch.decide(&Patients::unknown(program));
    let verdict = decided(&Patient::unknown(guideline()));
    (0..LANES).for_each(|lane| assert_lane(&unknown, lane, &verdict));
    for patient in patients(15, 20) {
        let mut planes = Patients::unknown(program);
        planes.fill(&patient);
        let answers = batch.decide(&planes);
        (0..LANES).for_each(|lane| assert_lane(&answers, lane, &decided(&patient)));
    }
}

#[test]
fn columns_of_values_and_places_are_decided_like_patients() {
    let program = &guideline().program;
    let mut batch = Batch::new(program);
    let mut dice = Dice(16);
    for _ in 0..20 {
        let mut people = vec![Patient::unknown(guideline()); LANES];
        let mut planes = Patients::unknown(program);
        for (fact, description) in guideline().entered_facts() {
            let cells = &program.cells[fact];
            // An assumed fact is given, see the next test.
            let known = |dice: &mut Dice| cells.assume.is_some() || dice.chance(95);
            if let Some(quantity) = description.quantity() {
                let (low, high) = quantity.range;
                let near: Vec<i64> =
                    cells.cuts.iter().flat_map(|cut| [cut - 1, *cut, cut + 1]).collect();
                let mut column = vec![UNKNOWN_PLACE; LANES];
                for (person, entry) in people.iter_mut().zip(&mut column) {
                    if known(&mut dice) {
                        let place = match dice.below(10) {
                            0 => low + dice.below((high - low + 1) as usize) as i64,
                            1 if !near.is_empty() => near[dice.below(near.len())].clamp(low, high),
                            _ => quantity.clear,
                        };
                        *entry = place as i32;
                        person.cells[fact] = 1 << cells.cell_of(place);
                    }
                }
                planes.set_places(program, fact, &column);
            } else {
                let mut column = vec![UNKNOWN_VALUE; LANES];
                for (person, entry) in people.iter_mut().zip(&mut column) {
                    if known(&mut dice) {
                        let value =
                            if dice.chance(96) { cells.clear } else { dice.below(cells.count) };
                        *entry = value as u8;
                        person.cells[fact] = 1 << value;
                    }
                }
                planes.set_values(program, fact, &column);
            }
        }
        let answers = batch.decide(&planes);
        for (lane, person) in people.iter().enumerate() {
            assert_lane(&answers, lane, &decided(person));
        }
    }
}

/// A value nobody gave is the assumed one, in a column as in a visit.
#[test]
fn an_unknown_value_in_a_column_is_the_assumed_one() {
    let program = &guideline().program;
    let mut planes = Patients::unknown(program);
    let clear = Patient::clear(guideline());
    let mut patient = with(&clear, fact("known_cancer"), 0b10);
    patient.cells[fact("back_pain_course")] = unknown(fact("back_pain_course"));
    planes.fill(&patient);
    planes.set_values(program, fact("back_pain_course"), &[UNKNOWN_VALUE; LANES]);
    assert_lane(&Batch::new(program).decide(&planes), 0, &decided(&patient));
}

#[test]
fn the_same_visit_gives_the_same_bytes() {
    let json = r#"{"as_of": "2026-11-23T03:10:00Z", "findings": {"age": "54 a", "known_cancer": "present",
        "temperature": [{"value": "38.4 Cel", "at": "2026-11-23T01:00:00Z", "by": "nurse"}],
        "saddle_numbness": {"unknown": "declined"}}}"#;
    let bytes = |json: &str| serde_json::to_string(&decision(json)).unwrap();
    assert_eq!(bytes(json), bytes(json));
    let spaced = json.replace(", ", " ,\n  ").replace("\": ", "\" :\t");
    assert_eq!(bytes(json), bytes(&spaced), "blanks of the visit do not matter");
    assert_ne!(bytes(json), bytes(&json.replace("38.4", "38.3")));
    for patient in patients(17, 200) {
        assert_eq!(decided(&patient), decided(&patient.clone()));
    }
}

#[test]
fn the_interval_of_urgency_holds_what_is_acted_on() {
    for patient in patients(18, 4000) {
        let verdict = decided(&patient);
        assert!(verdict.at_least <= verdict.at_most && verdict.at_least <= verdict.acted);
        assert!(!verdict.conflict, "two dispositions match");
        assert_eq!(verdict.raised & verdict.excluded, 0);
        assert!(!verdict.decided || verdict.row.is_some());
    }
}

#[test]
fn learning_more_stays_inside_the_interval() {
    let mut dice = Dice(19);
    for patient in patients(20, 1500) {
        let before = decided(&patient);
        let mut after = patient.clone();
        for (fact, _) in guideline().entered_facts() {
            let cells = patient.cells[fact];
            let program = &guideline().program;
            // A test done without need counts as well (E2): it is no completion.
            let is_free = program.cells[fact].assume.is_none() && program.needed[fact].is_none();
            if cells.count_ones() > 1 && is_free && dice.chance(40) {
                let possible: Vec<usize> = (0..16).filter(|cell| cells >> cell & 1 == 1).collect();
                after = with(&after, fact, 1 << possible[dice.below(possible.len())]);
            }
        }
        let after = decided(&after);
        assert!(before.at_least <= after.at_least && after.at_most <= before.at_most);
        assert_eq!(before.raised & !after.raised, 0, "a raised concern was lowered by an answer");
    }
}

#[test]
fn all_clear_goes_home_and_nothing_known_does_not() {
    check("all else clear", "home, none");
    check("all else unknown", "cannot_decide_yet, none");
    let clear = decided(&case("all else clear"));
    assert!(clear.decided && clear.raised == 0 && clear.at_most == Tier::None);
    assert!(!decided(&case("all else unknown")).decided);
}

#[test]
fn children_and_unknown_ages_get_no_reassuring_answer() {
    check("`age` 17 a; all else clear", "outside_guideline, none");
    check("`age` 18 a; all else clear", "home, none");
    check("`age` not known; all else clear", "cannot_decide_yet, none");
    check("`age` declined; all else clear", "cannot_decide_yet, none");
    check("`age` ≥ 17 a; all else clear", "cannot_decide_yet, none");
    check("`age` 17 a, `saddle_numbness` new; all else clear", "mri_now, emergency");
    check("`age` not known, `saddle_numbness` new; all else clear", "mri_now, emergency");
}

#[test]
fn the_gate_comes_first_and_switches_nothing_off() {
    let both = case("`known_aneurysm` present, `saddle_numbness` new; all else clear");
    assert_eq!(answer(&both), "resuscitation_or_other_emergency, immediate");
    let raised = decided(&both).raised.count_ones();
    let spine = decided(&case("`saddle_numbness` new; all else clear")).raised.count_ones();
    assert!(raised > spine, "the concern of the spine stays on");
}

#[test]
fn one_unknown_danger_keeps_everybody_from_home() {
    for (fact, description) in guideline().entered_facts() {
        let cells = &guideline().program.cells[fact];
        let clear = Patient::clear(guideline());
        let alarms = (0..cells.count).any(|cell| {
            decided(&with(&clear, fact, 1 << cell)).acted > Tier::None && cells.assume.is_none()
        });
        let needed = guideline().program.needed[fact].is_some();
        if alarms && !needed {
            let go = answer(&with(&clear, fact, cells.all()));
            assert!(!go.starts_with("home"), "home with `{}` unknown: {go}", description.id);
        }
    }
}

#[test]
fn a_decision_is_written_for_people() {
    let home = decision(r#"{"findings": {"age": "40 a"}}"#);
    assert_eq!(home.classification, Classification::CannotDecideYet);
    assert!(home.disposition.is_none() && !home.missing.is_empty() && !home.decided);
    let scan = decision(r#"{"findings": {"age": "40 a", "saddle_numbness": "new"}}"#);
    assert_eq!(scan.classification, Classification::PotentiallyComplicated);
    assert_eq!(scan.disposition.unwrap().id, "mri_now");
    assert_eq!(scan.urgency.acted_on, Tier::Emergency);
    assert_eq!(
        scan.why.iter().map(|shown| shown.fact.as_str()).collect::<Vec<_>>(),
        ["saddle_numbness", "age"],
        "the age is needed to be decided"
    );
    assert!(!scan.imaging.is_empty() && scan.no_imaging_because.is_empty());
    assert!(!scan.clinician_review);
    let child = decision(r#"{"findings": {"age": "10 a"}}"#);
    assert_eq!(child.classification, Classification::OutsideGuideline);
}

#[test]
fn questions_of_a_stage_come_first_and_unsafe_ones_are_withheld() {
    let unknown = case("all else unknown");
    for stage in [Stage::Triage, Stage::Examination, Stage::Results, Stage::Discharge] {
        let asked = questions(guideline(), &unknown, Some(stage)).ask;
        let here: Vec<bool> =
            asked.iter().map(|one| guideline().facts[one.fact].asked_at.contains(&stage)).collect();
        assert!(here.is_sorted_by_key(|here| !here), "{stage:?}");
    }
    let lying = case("`spine_immobilised` present; all else unknown");
    let asked = questions(guideline(), &lying, None);
    assert_eq!(asked.withheld, [fact("gait_unsteady")]);
    assert!(asked.ask.iter().all(|one| one.fact != fact("gait_unsteady")));
}

#[test]
fn what_cannot_be_had_settles_upward_only_with_a_sign() {
    check("`saddle_numbness` declined; all else clear", "cannot_decide_yet, none");
    let stuck = decided(&case("`saddle_numbness` declined; all else clear"));
    assert_ne!(stuck.stuck, 0);
    assert_eq!(stuck.settled, 0);
}
