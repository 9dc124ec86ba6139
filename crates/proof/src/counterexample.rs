//! A property that does not hold, told as a patient: at most a few facts, in
//! words, and replayable with `cauda assess --case`.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::decision::cells_text;
use cauda_guideline::facts::Kind;
use cauda_guideline::program::Cells;
use cauda_guideline::resolve::Patient;

/// Most facts a story is meant to have.
pub const STORY_FACTS_MAX: usize = 8;

/// One patient of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The patient.
    pub patient: Patient,
    /// The facts that matter, in words.
    pub facts: Vec<String>,
    /// `all else clear` or `all else unknown`.
    pub all_else: &'static str,
    /// The patient in the grammar of cases.
    pub case: String,
    /// What the engine answers.
    pub answer: String,
}

/// A property and the patient that breaks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// `SP2`
    pub property: &'static str,
    /// What is wrong, in a sentence.
    pub what: String,
    /// The patient.
    pub first: Story,
    /// The same patient changed, for properties about a change.
    pub second: Option<Story>,
}

/// Shrinks one patient: each fact is set to its clear value, else to unknown,
/// as long as `breaks` still holds.
pub fn shrink(
    guideline: &Guideline,
    patient: &Patient,
    breaks: &dyn Fn(&Patient) -> bool,
) -> Patient {
    let pair = |first: &Patient, _: &Patient| breaks(first);
    shrink_pair(guideline, patient, patient, &pair).0
}

/// Shrinks two patients together: a fact that can be made equal in both is.
pub fn shrink_pair(
    guideline: &Guideline,
    first: &Patient,
    second: &Patient,
    breaks: &dyn Fn(&Patient, &Patient) -> bool,
) -> (Patient, Patient) {
    let (mut first, mut second) = (first.clone(), second.clone());
    // Twice: a fact that could not go may go once others have gone.
    for _ in 0..2 {
        for fact in 0..guideline.facts.len() {
            let cells = &guideline.program.cells[fact];
            let unknown = cells.assume.map_or(cells.all(), |cell| 1 << cell);
            let (from, to) = (first.cells[fact], second.cells[fact]);
            for candidate in [1 << cells.clear, unknown, from, to] {
                if (candidate, candidate) == (from, to) {
                    break;
                }
                let before = (first.clone(), second.clone());
                for patient in [&mut first, &mut second] {
                    patient.cells[fact] = candidate;
                    patient.cannot_be_had[fact] &= candidate == cells.all();
                    patient.vague[fact] &= candidate == cells.all();
                }
                if breaks(&first, &second) {
                    break;
                }
                (first, second) = before;
            }
            let before = (first.clone(), second.clone());
            first.cannot_be_had[fact] = false;
            second.cannot_be_had[fact] = false;
            if !breaks(&first, &second) {
                (first, second) = before;
            }
        }
    }
    (first, second)
}

/// Tells a patient.
pub fn story(guideline: &Guideline, patient: &Patient) -> Story {
    let (facts, all_else) = shortest(guideline, patient);
    let words = facts.iter().map(|(fact, cells)| {
        format!(
            "{}: {}",
            guideline.facts[*fact].staff,
            spoken_value(guideline, patient, *fact, *cells)
        )
    });
    Story {
        patient: patient.clone(),
        facts: words.collect(),
        all_else,
        case: case_text(guideline, patient),
        answer: answer(guideline, &decide(&guideline.program, patient)),
    }
}

/// The patient in the grammar of cases.
pub fn case_text(guideline: &Guideline, patient: &Patient) -> String {
    let (facts, all_else) = shortest(guideline, patient);
    let settings: Vec<String> = facts
        .iter()
        .map(|(fact, cells)| {
            format!(
                "`{}` {}",
                guideline.facts[*fact].id,
                case_value(guideline, patient, *fact, *cells)
            )
        })
        .collect();
    let separator = if settings.is_empty() { "" } else { "; " };
    format!("{}{separator}{all_else}", settings.join(", "))
}

/// The facts to name, and what is said of all others, so that few are named.
fn shortest(guideline: &Guideline, patient: &Patient) -> (Vec<(usize, Cells)>, &'static str) {
    let clear = told_from(guideline, patient, &Patient::clear(guideline));
    let unknown = told_from(guideline, patient, &Patient::unknown(guideline));
    if clear.len() <= unknown.len() {
        (clear, "all else clear")
    } else {
        (unknown, "all else unknown")
    }
}

fn told_from(guideline: &Guideline, patient: &Patient, base: &Patient) -> Vec<(usize, Cells)> {
    let entered =
        guideline.entered_facts().filter(|(fact, _)| !guideline.program.places[*fact].is_empty());
    entered
        .filter(|(fact, _)| {
            patient.cells[*fact] != base.cells[*fact]
                || patient.vague[*fact] != base.vague[*fact]
                || patient.cannot_be_had[*fact] != base.cannot_be_had[*fact]
        })
        .map(|(fact, _)| (fact, patient.cells[fact]))
        .collect()
}

fn spoken_value(guideline: &Guideline, patient: &Patient, fact: usize, cells: Cells) -> String {
    if patient.cannot_be_had[fact] {
        return "asked, cannot be had".to_string();
    }
    if patient.vague[fact] {
        return "measured, but not told where".to_string();
    }
    cells_text(guideline, fact, cells)
}

/// The value in the grammar of cases; a cell of a quantity becomes a number in it.
fn case_value(guideline: &Guideline, patient: &Patient, fact: usize, cells: Cells) -> String {
    let known = &guideline.program.cells[fact];
    if patient.cannot_be_had[fact] {
        return "not known".to_string();
    }
    if cells == known.all() && known.assume.is_none() && !patient.vague[fact] {
        return "not asked".to_string();
    }
    match &guideline.facts[fact].kind {
        Kind::Named { values, .. } => values
            .get(cells.trailing_zeros() as usize)
            .cloned()
            .unwrap_or_else(|| "not asked".to_string()),
        Kind::Quantity(quantity) => {
            let first = cells.trailing_zeros() as usize;
            let last = (15 - cells.leading_zeros()) as usize;
            let least = if first == 0 { quantity.range.0 } else { known.cuts[first - 1] };
            let greatest = known.cuts.get(last).map_or(quantity.range.1, |cut| cut - 1);
            let on_grid = least + least.rem_euclid(2);
            let below = greatest - greatest.rem_euclid(2);
            match (first == last, first == 0, last + 1 == known.count) {
                // Vague: nearly the whole range, and it must still reach every cell.
                (false, true, true) if known.cuts[0] > quantity.range.0 + 1 => {
                    format!("> {}", quantity.text(quantity.range.0))
                }
                (false, true, true) => format!("< {}", quantity.text(quantity.range.1)),
                (true, true, _) => quantity.text(below),
                (true, ..) => quantity.text(on_grid),
                (_, true, _) => format!("≤ {}", quantity.text(below)),
                _ => format!("≥ {}", quantity.text(on_grid)),
            }
        }
    }
}

fn answer(guideline: &Guideline, verdict: &Verdict) -> String {
    let row =
        verdict.row.map_or("cannot_decide_yet", |row| guideline.program.rows[row].go.as_str());
    format!("{row}; at least {}, at most {}", verdict.at_least.id(), verdict.at_most.id())
}
