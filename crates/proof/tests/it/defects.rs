//! Planted defects: each is found by the property that is there for it, and
//! the story of it is short and replays.

use cauda_guideline::Guideline;
use cauda_guideline::cases::patient_of;
use cauda_guideline::decide::decide;
use cauda_guideline::facts::Kind;
use cauda_guideline::page::parse_case;
use cauda_proof::counterexample::{Counterexample, STORY_FACTS_MAX, Story};
use cauda_proof::properties::Outcome;
use cauda_proof::{Effort, Report, accept, check_all};

use crate::planted::{TAMPERINGS, WITHOUT_A_PATIENT, examined};
use crate::shipped;

/// Runs `check` on each and tells of all that fail, not only of the first.
fn each<T>(of: &[T], name: fn(&T) -> &'static str, check: fn(&T) -> Result<(), String>) {
    let failed: Vec<String> = of
        .iter()
        .filter_map(|one| check(one).err().map(|why| format!("{}: {why}", name(one))))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What the property made of the guideline, if that is a counterexample.
fn found<'a>(report: &'a Report, property: &str) -> Result<&'a Counterexample, String> {
    let checked = report.checked().iter().find(|checked| checked.id == property).unwrap();
    match &checked.outcome {
        Outcome::Broken(counterexample) => Ok(counterexample),
        other => Err(format!("{property} says {other:?}, {}", told(report))),
    }
}

fn told(report: &Report) -> String {
    let words = report.checked().iter().map(|checked| match &checked.outcome {
        Outcome::Holds => format!("{} holds", checked.id),
        Outcome::Broken(found) => format!("{} broken ({})", checked.id, found.what),
        Outcome::Refuted(why) => format!("{} broken ({})", checked.id, why.join("; ")),
        Outcome::Failed(why) => format!("{} failed ({why})", checked.id),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn stories(found: &Counterexample) -> impl Iterator<Item = &Story> {
    std::iter::once(&found.first).chain(&found.second)
}

fn is_short(found: &Counterexample) -> Result<(), String> {
    match stories(found).map(|story| story.facts.len()).max().unwrap_or(0) {
        facts if facts > STORY_FACTS_MAX => Err(format!("a story has {facts} facts")),
        _ => Ok(()),
    }
}

/// The story in the words of a page leads to the very answer it tells of.
fn replays(guideline: &Guideline, found: &Counterexample) -> Result<(), String> {
    for story in stories(found) {
        let (case, faults) = parse_case("story", &story.case, 0);
        if !faults.is_empty() {
            return Err(format!("{} is not a case: {faults:?}", story.case));
        }
        let patient = patient_of(guideline, "story", &case)
            .map_err(|faults| format!("{} is no patient: {faults:?}", story.case))?;
        let verdict = decide(&guideline.program, &patient);
        let row =
            verdict.row.map_or("cannot_decide_yet", |row| guideline.program.rows[row].go.as_str());
        let (least, most) = (verdict.at_least.id(), verdict.at_most.id());
        let answer = format!("{row}; at least {least}, at most {most}");
        if answer != story.answer {
            return Err(format!("{} was {}, replayed {answer}", story.case, story.answer));
        }
    }
    Ok(())
}

#[test]
fn every_planted_defect_is_found_by_its_property() {
    each(
        examined(),
        |examined| examined.defect.name,
        |examined| found(&examined.report, examined.defect.property).map(|_| ()),
    );
}

#[test]
fn what_no_patient_shows_is_told_in_words() {
    each(
        &WITHOUT_A_PATIENT,
        |defect| defect.name,
        |defect| {
            let guideline = defect.plant();
            let report = check_all(&guideline, &Effort::default(), &mut |_| {});
            let checked =
                report.checked().iter().find(|checked| checked.id == defect.property).unwrap();
            let told_of = match &checked.outcome {
                Outcome::Refuted(sentences) => !sentences.is_empty(),
                _ => false,
            };
            let refused = accept(guideline, &report).is_err();
            if told_of && refused { Ok(()) } else { Err(told(&report)) }
        },
    );
}

#[test]
fn a_unit_that_measures_something_else_is_found() {
    let mut guideline = shipped::guideline().clone();
    let fact = guideline.fact("temperature").unwrap();
    let Kind::Quantity(quantity) = &mut guideline.facts[fact].kind else { panic!("a quantity") };
    quantity.accepts.push("mL".to_string());
    let report = check_all(&guideline, &Effort::default(), &mut |_| {});
    let checked = report.checked().iter().find(|checked| checked.id == "SP10").unwrap();
    let Outcome::Refuted(sentences) = &checked.outcome else { panic!("{}", told(&report)) };
    assert!(sentences.iter().all(|sentence| sentence.contains("`mL`")), "{sentences:?}");
}

#[test]
fn every_story_of_a_defect_is_short_and_replays() {
    each(
        examined(),
        |examined| examined.defect.name,
        |examined| {
            for checked in examined.report.checked() {
                match &checked.outcome {
                    Outcome::Holds => {}
                    Outcome::Broken(found) => {
                        is_short(found)?;
                        replays(&examined.guideline, found)?;
                    }
                    Outcome::Refuted(_) => {}
                    Outcome::Failed(why) => return Err(format!("{} failed: {why}", checked.id)),
                }
            }
            Ok(())
        },
    );
}

#[test]
fn a_defect_is_never_accepted() {
    each(
        examined(),
        |examined| examined.defect.name,
        |examined| {
            let accepted = accept(examined.guideline.clone(), &examined.report);
            accepted.err().map(|_| ()).ok_or("was accepted".to_string())
        },
    );
}

/// As many random patients as a fault that one in tens of thousands shows needs.
fn many() -> Effort {
    Effort { random_patients: 200_000, ..Effort::default() }
}

#[test]
fn every_tampered_program_is_found_by_the_agreement_of_engines() {
    each(
        &TAMPERINGS,
        |tampering| tampering.name,
        |tampering| {
            let guideline = tampering.plant();
            let report = check_all(&guideline, &many(), &mut |_| {});
            found(&report, "SP12").map(|_| ())
        },
    );
}

#[test]
fn every_story_of_a_tampered_program_is_short_and_replays() {
    each(
        &TAMPERINGS,
        |tampering| tampering.name,
        |tampering| {
            let guideline = tampering.plant();
            let report = check_all(&guideline, &many(), &mut |_| {});
            let found = found(&report, "SP12")?;
            replays(&guideline, found)?;
            is_short(found)
        },
    );
}
