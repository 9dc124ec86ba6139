//! What a new version answers differently: every state of two small guidelines
//! tried, known edits of the shipped one found with the patient they are about.

use std::collections::BTreeMap;

use cauda_guideline::decide::decide;
use cauda_guideline::page::parse_case;
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{Guideline, cases, load_checked};
use cauda_proof::difference::joined::Joined;
use cauda_proof::difference::{Aspect, Difference, Direction, Told};
use cauda_proof::reading::Order;
use cauda_proof::shares::Weighting;
use num_bigint::BigUint;

use crate::{shipped, small};

/// All that is compared of an answer.
struct Whole {
    told: Told,
    reassured: bool,
    aspects: [String; 5],
}

fn whole(guideline: &Guideline, patient: &Patient) -> Whole {
    let verdict = decide(&guideline.program, patient);
    let decision = small::answer(guideline, patient);
    let row = verdict.row.map(|row| &guideline.program.rows[row]);
    let mut images: Vec<&str> =
        decision.imaging.iter().map(|image| image.spoken.id.as_str()).collect();
    images.sort_unstable();
    let told = Told { disposition: row.map(|row| row.go.clone()), acted: verdict.acted };
    Whole {
        reassured: row.is_some_and(|row| row.reassuring),
        aspects: [
            verdict.acted.id().into(),
            format!("{:?}", told.disposition),
            verdict.first_step.id().into(),
            images.join(" "),
            format!("{:?} {:?} {}", verdict.at_least, verdict.at_most, verdict.decided),
        ],
        told,
    }
}

/// A guideline and the answers it gave so far.
struct Tried<'a> {
    guideline: &'a Guideline,
    known: BTreeMap<(Vec<u16>, Vec<bool>), Whole>,
}

impl<'a> Tried<'a> {
    fn new(guideline: &'a Guideline) -> Tried<'a> {
        Tried { guideline, known: BTreeMap::new() }
    }

    fn whole(&mut self, patient: &Patient) -> &Whole {
        let key = (patient.cells.clone(), patient.cannot_be_had.clone());
        self.known.entry(key).or_insert_with(|| whole(self.guideline, patient))
    }
}

fn direction(old: &Whole, new: &Whole) -> Option<Direction> {
    let urgency = |whole: &Whole| (whole.told.acted, !whole.reassured);
    match urgency(new).cmp(&urgency(old)) {
        std::cmp::Ordering::Less => Some(Direction::LessUrgent),
        std::cmp::Ordering::Greater => Some(Direction::MoreUrgent),
        std::cmp::Ordering::Equal => (old.aspects != new.aspects).then_some(Direction::Other),
    }
}

/// Tries every state, and checks every example.
fn check(name: &str, old_tried: &mut Tried, new_tried: &mut Tried) -> Difference {
    let (old, new) = (old_tried.guideline, new_tried.guideline);
    let difference = Difference::new(old, new).unwrap();
    let joined = Joined::new([old, new], Order::PagesBackwards).unwrap();
    let counts: Vec<usize> = joined.axes.iter().map(|axis| axis.values.len()).collect();
    let (mut changes, mut aspects) = (BTreeMap::new(), [0_u64; 5]);
    let mut total = 0_u64;
    small::every_state(&counts, &mut |state| {
        total += 1;
        let old_whole = old_tried.whole(&joined.readings[0].patient(old, state));
        let new_whole = new_tried.whole(&joined.readings[1].patient(new, state));
        for (at, aspect) in aspects.iter_mut().enumerate() {
            *aspect += u64::from(old_whole.aspects[at] != new_whole.aspects[at]);
        }
        if let Some(direction) = direction(old_whole, new_whole) {
            let kind = (direction, format!("{:?} {:?}", old_whole.told, new_whole.told));
            *changes.entry(kind).or_insert(0_u64) += 1;
        }
    });
    let found: BTreeMap<_, _> = difference
        .changes
        .iter()
        .map(|change| {
            let kind = (change.direction, format!("{:?} {:?}", change.old, change.new));
            (kind, change.shares[0].weight.clone())
        })
        .collect();
    let expected: BTreeMap<_, BigUint> =
        changes.into_iter().map(|(kind, count)| (kind, count.into())).collect();
    assert_eq!(found, expected, "{name}");
    assert_eq!(difference.states, total.into(), "{name}");
    assert_eq!(difference.changed[0].weight, expected.values().sum(), "{name}");
    for (at, count) in aspects.into_iter().enumerate() {
        let aspect = Aspect::ALL[at];
        assert_eq!(difference.aspects[at][0].weight, count.into(), "{name}: {aspect:?}");
    }
    examples_replay(name, [old, new], &difference);
    difference
}

/// The case lines of every example lead to the answers they stand for.
fn examples_replay(name: &str, both: [&Guideline; 2], difference: &Difference) {
    for change in &difference.changes {
        let mut whole_of = Vec::new();
        for (at, told) in [&change.old, &change.new].into_iter().enumerate() {
            let text = &change.example.cases[at];
            let (case, faults) = parse_case("case", text, 0);
            assert!(faults.is_empty(), "{name}: {text}: {faults:#?}");
            let patient = cases::patient_of(both[at], "case", &case);
            let patient = patient.unwrap_or_else(|faults| panic!("{name}: {text}: {faults:#?}"));
            let answered = whole(both[at], &patient);
            assert_eq!(answered.told, *told, "{name}: {text}");
            whole_of.push(answered);
        }
        assert_eq!(direction(&whole_of[0], &whole_of[1]), Some(change.direction), "{name}");
        for weighting in 0..Weighting::ALL.len() {
            assert_eq!(change.shares[weighting].of, difference.changed[weighting].of);
        }
    }
}

/// File, text found once, text instead.
type Edit = (&'static str, &'static str, &'static str);

const NERVES: &str = "red_flags/nerves.md";
const FACTS: &str = "facts/all.toml";

#[test]
fn the_same_guideline_answers_the_same() {
    let guideline = small::guideline();
    let difference = check("same", &mut Tried::new(&guideline), &mut Tried::new(&guideline));
    assert!(!difference.is_any() && !difference.is_less_urgent());
}

#[test]
fn every_state_of_two_small_guidelines_is_compared_exactly() {
    let old = small::guideline();
    let mut old = Tried::new(&old);
    let versions: [(&str, &[Edit]); 10] = [
        (
            "higher threshold",
            &[
                (NERVES, "`residual` ≥ 200 mL", "`residual` ≥ 300 mL"),
                (NERVES, "`residual` < 200 mL", "`residual` < 300 mL"),
            ],
        ),
        (
            "above instead of at",
            &[
                (NERVES, "`residual` ≥ 200 mL", "`residual` > 200 mL"),
                (NERVES, "`residual` < 200 mL", "`residual` ≤ 200 mL"),
            ],
        ),
        (
            "finer grid",
            &[
                (
                    FACTS,
                    "step = \"1\"\nrange = [\"0\", \"5000\"]",
                    "step = \"0.1\"\nrange = [\"0\", \"5000\"]",
                ),
                (NERVES, "`residual` ≥ 200 mL", "`residual` ≥ 200.5 mL"),
                (NERVES, "`residual` < 200 mL", "`residual` < 200.5 mL"),
            ],
        ),
        ("narrower range", &[(FACTS, "range = [\"0\", \"5000\"]", "range = [\"20\", \"900\"]")]),
        (
            "another unit",
            &[
                (FACTS, "unit = \"mL\"\naccepts = [\"mL\"]", "unit = \"L\"\naccepts = [\"L\"]"),
                (
                    FACTS,
                    "step = \"1\"\nrange = [\"0\", \"5000\"]",
                    "step = \"0.1\"\nrange = [\"0\", \"5\"]",
                ),
                (FACTS, "alarm = \"200\"\nclear = \"30\"", "alarm = \"0.2\"\nclear = \"0\""),
                (NERVES, "`residual` ≥ 200 mL", "`residual` ≥ 0.2 L"),
                (NERVES, "`residual` < 200 mL", "`residual` < 0.2 L"),
            ],
        ),
        ("no longer assumed", &[(FACTS, "assume = \"absent\"\n", "")]),
        (
            "a new value",
            &[
                (
                    FACTS,
                    "[\"none\", \"low\", \"high\"]",
                    "[\"none\", \"low\", \"middle\", \"high\"]",
                ),
                ("red_flags/bone.md", "`fall` is high", "`fall` is middle or high"),
            ],
        ),
        ("another clear value", &[(FACTS, "clear = \"present\"\n", "clear = \"absent\"\n")]),
        (
            "another picture and urgency",
            &[(
                "red_flags/bone.md",
                "image: ct\n- tier: urgent",
                "image: ct, mri\n- tier: emergency",
            )],
        ),
        (
            "no test needed, never settled",
            &[
                ("tests/residual.md", "- `numb` is new or longstanding\n", ""),
                (NERVES, "- settle: emergency\n", ""),
            ],
        ),
    ];
    for (name, edits) in versions {
        let new = small::edited(edits);
        let mut new = Tried::new(&new);
        let difference = check(name, &mut old, &mut new);
        assert_eq!(difference.is_any(), name != "another clear value", "{name}");
        check(&format!("{name}, back"), &mut new, &mut old);
    }
}

#[test]
fn a_fact_of_one_version_alone_is_free_there() {
    let old = small::guideline();
    let mut folder = small::folder();
    let page = folder.files.get_mut("red_flags/bone.md").unwrap();
    *page = page.replace("- `fall` is high", "- `fall` is high\n- `trauma` is present");
    let facts = folder.files.get_mut(FACTS).unwrap();
    let (_, fever) = facts.split_once("[fever]").unwrap();
    let (fever, _) = fever.split_once("[explained]").unwrap();
    *facts = format!("{facts}\n[trauma]{fever}");
    let new = load_checked(&folder).unwrap();
    let (mut old, mut new) = (Tried::new(&old), Tried::new(&new));
    let difference = check("new fact", &mut old, &mut new);
    assert!(difference.is_any());
    let to_picture = difference.changes.iter().find(|change| {
        change.new.disposition.as_deref() == Some("picture")
            && change.old.disposition.as_deref() == Some("home")
    });
    let example = &to_picture.unwrap().example;
    assert_eq!(example.findings, ["Fever: present"]);
    assert_eq!(example.cases, ["all else clear", "`trauma` present; all else clear"]);
    check("lost fact", &mut new, &mut old);
}

fn shipped_with(path: &str, from: &str, to: &str) -> Guideline {
    let mut folder = shipped::folder().clone();
    let text = folder.files.get_mut(path).unwrap();
    assert!(text.contains(from), "{from} in {path}");
    *text = text.replace(from, to);
    load_checked(&folder).unwrap()
}

#[test]
fn the_shipped_guideline_does_not_differ_from_itself() {
    let difference = Difference::new(shipped::guideline(), shipped::guideline()).unwrap();
    assert!(!difference.is_any());
    assert!(difference.changed.iter().all(|share| share.weight == BigUint::ZERO));
}

#[test]
fn a_raised_threshold_of_the_shipped_guideline_is_told_by_its_patient() {
    let new = shipped_with("red_flags/cauda_equina.md", "≥ 200 mL", "≥ 300 mL");
    let new = {
        let mut folder = new.folder.clone();
        let page = folder.files.get_mut("red_flags/cauda_equina.md").unwrap();
        *page = page.replace("`post_void_residual` < 200 mL (", "`post_void_residual` < 300 mL (");
        load_checked(&folder).unwrap()
    };
    let old = shipped::guideline();
    let difference = Difference::new(old, &new).unwrap();
    assert!(difference.is_less_urgent());
    let first = &difference.changes[0];
    assert_eq!((first.direction, first.new.acted), (Direction::LessUrgent, Tier::None));
    assert_eq!(first.old.disposition.as_deref(), Some("mri_now"));
    // The residual alone still keeps the patient.
    assert_eq!(first.new.disposition.as_deref(), Some("observe_and_reexamine"));
    assert_eq!(first.example.cases, ["`post_void_residual` 200 mL; all else clear"; 2]);
    assert!(difference.changes.iter().all(|change| change.direction != Direction::MoreUrgent));
    examples_replay("raised threshold", [old, &new], &difference);
    let back = Difference::new(&new, old).unwrap();
    assert!(!back.is_less_urgent() && back.is_any());
    assert_eq!(back.directions[1], difference.directions[0]);
}
