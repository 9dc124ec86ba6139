//! Patients to whom only one page says a phrase: for them a dropped phrase is
//! missing, and if there is none, others always say it too.

use cauda_guideline::Guideline;
use cauda_guideline::decision::told;
use cauda_guideline::page::{Line, Page, PageKind, Saying};
use cauda_guideline::resolve::{Finding, Findings, Patient, Reason, Said};
use cauda_guideline::vocabulary::{RESULT_KEYS, result_key};

use crate::circuit::{Circuit, FALSE, Literal};
use crate::counterexample::{case_text, shrink};
use crate::encode::Copy;
use crate::solver::{Found, Solver, Which};

/// What is known of a changed page's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// Whoever was to hear a phrase still hears it, from another page.
    Heard,
    /// This patient no longer hears one.
    Missed(String),
    /// It could not be told.
    Unclear,
}

/// Which part of a page speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Then,
    Stuck,
    /// One row of what follows the scan.
    Results(&'static str),
}

/// All of them.
fn sections() -> impl Iterator<Item = Section> {
    let rows = RESULT_KEYS.iter().map(|(key, _)| Section::Results(key));
    [Section::Then, Section::Stuck].into_iter().chain(rows)
}

fn lines(page: &Page, section: Section) -> &[Line] {
    match section {
        Section::Then => &page.then,
        Section::Stuck => &page.stuck,
        Section::Results(_) => &page.results,
    }
}

/// Keys the graph reads; the solver compares what they do.
const GRAPH_KEYS: [&str; 7] = ["tier", "settle", "concern", "go", "closes", "answered", "row"];

/// The phrases a section speaks, without what the graph reads.
fn phrases(page: &Page, section: Section) -> Vec<&str> {
    let lines = lines(page, section).iter();
    let spoken = lines.filter(|line| match section {
        Section::Results(row) => line.key.text == row,
        _ => !GRAPH_KEYS.contains(&line.key.text.as_str()),
    });
    let words = spoken.flat_map(|line| match &line.saying {
        Saying::Phrases(words) => words.as_slice(),
        Saying::Within { .. } => &[],
    });
    words.map(|word| word.text.as_str()).collect()
}

/// Looks for a patient who misses a phrase that a page of the mutant no longer says.
pub(super) fn missed(original: &Guideline, mutant: &Guideline) -> Words {
    let mut circuit = Circuit::default();
    let copy = Copy::new(&original.program, &mut circuit);
    let mut outcome = Words::Heard;
    for (index, (loaded, changed)) in original.pages.iter().zip(&mutant.pages).enumerate() {
        for section in sections() {
            let left = phrases(&changed.page, section);
            for phrase in phrases(&loaded.page, section) {
                if left.contains(&phrase) {
                    continue;
                }
                let here = speaks(original, &copy, &mut circuit, index, section);
                let mut question = vec![here];
                for (other, page) in mutant.pages.iter().enumerate() {
                    for place in sections() {
                        if phrases(&page.page, place).contains(&phrase) {
                            question.push(-speaks(original, &copy, &mut circuit, other, place));
                        }
                    }
                }
                match patient(original, mutant, &copy, &circuit, &question) {
                    Words::Heard => {}
                    Words::Unclear => outcome = Words::Unclear,
                    missed => return missed,
                }
            }
        }
    }
    outcome
}

/// True wherever the section may speak, and perhaps a little more often.
fn speaks(
    guideline: &Guideline,
    copy: &Copy,
    circuit: &mut Circuit,
    page: usize,
    section: Section,
) -> Literal {
    let program = &guideline.program;
    let concern = program.concerns.iter().position(|concern| concern.page == page);
    let row = program.rows.iter().position(|row| row.page == page);
    match (concern, row, section) {
        (Some(concern), _, Section::Then) => {
            circuit.or(&[copy.raised[concern], copy.settled[concern]])
        }
        (Some(concern), _, Section::Stuck) => copy.stuck[concern],
        (Some(_), _, Section::Results(row)) => {
            let reports = program.reports.iter().filter(|report| {
                let page = &guideline.pages[report.page].page;
                let named = page.then_phrases("row").next();
                named.and_then(|word| result_key(&word.text)) == Some(row)
            });
            let named: Vec<Literal> = reports.map(|report| copy.places[report.holds].yes).collect();
            circuit.or(&named)
        }
        (_, Some(row), Section::Then) => copy.stands[row],
        _ if guideline.pages[page].kind == PageKind::Test => {
            let tests = (0..guideline.facts.len()).filter(|fact| {
                guideline.facts[*fact].needed.as_deref() == Some(&guideline.pages[page].id)
            });
            let needed: Vec<Literal> = tests
                .filter_map(|fact| program.needed[fact].map(|place| (fact, place)))
                .map(|(fact, place)| circuit.and(&[copy.unknown[fact], -copy.places[place].no]))
                .collect();
            circuit.or(&needed)
        }
        (.., Section::Then) => {
            let mut pages = program.reports.iter().chain(&program.advice);
            let known = pages.find(|known| known.page == page);
            known.map_or(FALSE, |known| copy.places[known.holds].yes)
        }
        _ => FALSE,
    }
}

fn patient(
    original: &Guideline,
    mutant: &Guideline,
    copy: &Copy,
    circuit: &Circuit,
    question: &[Literal],
) -> Words {
    let found =
        Solver::new(Which::Batsat, circuit).map(|mut solver| solver.find(circuit, question));
    let values = match found {
        Ok(Found::Nothing) => return Words::Heard,
        Ok(Found::Assignment(values)) => values,
        Ok(Found::Failed(_)) | Err(_) => return Words::Unclear,
    };
    let hears =
        |guideline: &Guideline, patient: &Patient| told(guideline, &findings(patient)).phrases();
    let misses = |patient: &Patient| {
        let after = hears(mutant, patient);
        hears(original, patient).iter().any(|phrase| !after.contains(phrase))
    };
    let patient = copy.patient(&values);
    if !misses(&patient) {
        return Words::Unclear;
    }
    Words::Missed(case_text(original, &shrink(original, &patient, &misses)))
}

/// A patient as findings: what is said and done looks at the cells alone.
fn findings(patient: &Patient) -> Findings {
    let by_fact = (0..patient.cells.len()).map(|fact| Finding {
        said: match patient.cannot_be_had[fact] {
            true => Said::Unknown(Reason::NotKnown),
            false => Said::Unknown(Reason::NotAsked),
        },
        cells: patient.cells[fact],
        at: None,
        by: None,
        conflict: false,
        partly: None,
        is_vague: patient.vague[fact],
        group: None,
    });
    let by_fact = by_fact.collect();
    Findings { as_of: None, valid_until: None, by_fact, taken_back: Vec::new() }
}
