//! Cases: patients written on a page or in `cases/`, and what is expected of
//! them. They run at every check; a case that fails is a fault of the page.

mod stories;
mod timed;

use crate::ask::undetermined_facts;
use crate::attestation::Attestation;
use crate::decide::{State, decide_with_truths};
use crate::diagnostic::Diagnostic;
use crate::facts::{Fact, FactIndex, Kind};
use crate::guideline::Guideline;
use crate::page::{AllElse, Case, Expect, Given, PageKind, Setting};
use crate::program::Place;
use crate::resolve::{Finding, Findings, Patient, Reason, Said, resolve};
use crate::visit::reason_of;

pub use stories::{Answer, Clause, Story, read_stories, run_stories, stories, story_faults};
pub use timed::{NOW, entries_of};

/// The patient a case describes: word for word, or, where a fact of it says who
/// or when, what `resolve` makes of those entries.
///
/// # Errors
/// What is wrong with it, one fault a setting.
pub fn patient_of(
    guideline: &Guideline,
    file: &str,
    case: &Case,
) -> Result<Patient, Vec<Diagnostic>> {
    if case.is_timed() {
        let entries = entries_of(guideline, file, case)?;
        return Ok(resolve(guideline, &entries, Some(NOW)).patient());
    }
    let mut patient = match case.all_else {
        AllElse::Clear => Patient::clear(guideline),
        AllElse::Unknown => Patient::unknown(guideline),
    };
    let mut faults = Vec::new();
    let mut seen: Vec<FactIndex> = Vec::new();
    for setting in &case.settings {
        if signed(guideline, setting).is_some() {
            continue;
        }
        match said(guideline, file, setting) {
            Ok((fact, _)) if seen.contains(&fact) => {
                let message = format!("`{}` stands twice", setting.fact.text);
                faults.push(Diagnostic::error(
                    "bad-case",
                    file,
                    setting.fact.span.clone(),
                    message,
                ));
            }
            Ok((fact, said)) => {
                seen.push(fact);
                put(guideline, &mut patient, fact, said);
            }
            Err(fault) => faults.push(*fault),
        }
    }
    let groups = case.settings.iter().filter_map(|setting| signed(guideline, setting));
    for fact in groups.flat_map(|group| &group.covers).filter(|fact| !seen.contains(fact)) {
        patient.cells[*fact] = 1 << guideline.program.cells[*fact].clear;
    }
    if faults.is_empty() { Ok(patient) } else { Err(faults) }
}

/// The attestation a setting such as `` `bladder_as_before` signed `` names.
fn signed<'a>(guideline: &'a Guideline, setting: &Setting) -> Option<&'a Attestation> {
    let word = matches!(&setting.given, Given::Value(word) if word.text == "signed");
    let mut known = guideline.attestations.iter();
    known.find(|known| word && known.id == setting.fact.text)
}

/// The same patient as findings: the values as the case gives them. Unless the
/// case says who or when, neither is regarded, because it is about the rules.
///
/// # Errors
/// What is wrong with the case, one fault a setting.
pub fn findings_of(
    guideline: &Guideline,
    file: &str,
    case: &Case,
) -> Result<Findings, Vec<Diagnostic>> {
    if case.is_timed() {
        let entries = entries_of(guideline, file, case)?;
        return Ok(resolve(guideline, &entries, Some(NOW)));
    }
    let patient = patient_of(guideline, file, case)?;
    let named: Vec<(FactIndex, Said)> =
        case.settings.iter().filter_map(|setting| said(guideline, file, setting).ok()).collect();
    let covering = |fact: FactIndex| {
        let mut groups = case.settings.iter().filter_map(|setting| signed(guideline, setting));
        let group = groups.find(|group| group.covers.contains(&fact));
        group.and_then(|group| guideline.attestations.iter().position(|known| known == group))
    };
    let by_fact = guideline.facts.iter().enumerate().map(|(fact, described)| {
        let given = named.iter().find(|(named, _)| *named == fact).map(|(_, said)| *said);
        let group = covering(fact).filter(|_| given.is_none());
        let otherwise = match (case.all_else, &described.kind) {
            _ if described.is_computed() => Said::Unknown(Reason::NotAsked),
            (AllElse::Clear, _) => clear(described),
            _ if group.is_some() => clear(described),
            (AllElse::Unknown, _) => {
                described.assumed().map_or(Said::Unknown(Reason::NotAsked), Said::Value)
            }
        };
        Finding {
            said: given.unwrap_or(otherwise),
            cells: patient.cells[fact],
            at: None,
            by: None,
            conflict: false,
            partly: None,
            is_vague: patient.vague[fact],
            group,
        }
    });
    Ok(Findings {
        as_of: None,
        valid_until: None,
        by_fact: by_fact.collect(),
        taken_back: Vec::new(),
    })
}

/// The clear value of a fact.
fn clear(fact: &Fact) -> Said {
    match &fact.kind {
        Kind::Named { clear, .. } => Said::Value(*clear),
        Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
    }
}

/// Sets one fact of a patient.
pub fn put(guideline: &Guideline, patient: &mut Patient, fact: FactIndex, said: Said) {
    let cells = &guideline.program.cells[fact];
    patient.cannot_be_had[fact] = matches!(said, Said::Unknown(reason) if reason.cannot_be_had());
    patient.cells[fact] = match said {
        Said::Value(value) => 1 << value,
        Said::Between(low, high) => cells.between(low, high),
        Said::Unknown(_) => cells.assume.map_or(cells.all(), |cell| 1 << cell),
    };
    let range = guideline.facts[fact].quantity().map(|quantity| quantity.range);
    let answered = matches!(said, Said::Between(low, high) if Some((low, high)) != range);
    patient.vague[fact] = answered && cells.count > 1 && patient.cells[fact] == cells.all();
}

/// Fact and value of one setting.
pub fn said(
    guideline: &Guideline,
    file: &str,
    setting: &Setting,
) -> Result<(FactIndex, Said), Box<Diagnostic>> {
    let fault = |span: &std::ops::Range<usize>, message: String| {
        Box::new(Diagnostic::error("bad-case", file, span.clone(), message))
    };
    let id = setting.fact.text.as_str();
    let Some(fact) = guideline.fact(id).filter(|fact| !guideline.facts[*fact].is_computed()) else {
        return Err(fault(&setting.fact.span, format!("no fact called `{id}` can be entered")));
    };
    let said = match (&setting.given, &guideline.facts[fact].kind) {
        (Given::Unknown(word), _) => {
            reason_of(&word.text).map(Said::Unknown).ok_or("not a reason".to_string())
        }
        (Given::Value(word), Kind::Named { values, .. }) => {
            let found = values.iter().position(|value| *value == word.text);
            found.map(Said::Value).ok_or(format!(
                "`{id}` is never `{}`; it is {}",
                word.text,
                values.join(", ")
            ))
        }
        (Given::Number { comparison, number, unit }, Kind::Quantity(quantity)) => quantity
            .place(&number.text, unit.as_ref().map(|unit| unit.text.as_str()))
            .and_then(|place| {
                let limits = quantity.limits(*comparison, place);
                limits.ok_or_else(|| format!("nothing in the range of `{id}` is so"))
            })
            .map(|(least, greatest)| Said::Between(least, greatest)),
        (Given::Number { .. }, _) => Err(format!("`{id}` is not a number")),
        (Given::Value(_), _) => Err(format!("`{id}` is a number")),
    };
    said.map(|said| (fact, said)).map_err(|message| fault(&setting.fact.span, message))
}

/// What a page makes of a patient.
pub fn outcome(guideline: &Guideline, index: usize, patient: &Patient) -> Expect {
    let program = &guideline.program;
    let (verdict, truths) = decide_with_truths(program, patient);
    let of_place = |place: Place| match (truths.is_true(place), truths.is_false(place)) {
        (true, _) => Expect::Fires,
        (_, true) => Expect::DoesNotFire,
        _ => Expect::CannotTell,
    };
    if let Some(concern) = program.concerns.iter().position(|concern| concern.page == index) {
        return match verdict.state(concern) {
            State::Raised => Expect::Fires,
            State::Excluded => Expect::DoesNotFire,
            State::Open => Expect::CannotTell,
        };
    }
    if let Some(row) = program.rows.iter().position(|row| row.page == index) {
        return match (verdict.row, of_place(program.rows[row].chosen)) {
            (Some(chosen), _) if chosen == row => Expect::Fires,
            (Some(_), _) | (None, Expect::DoesNotFire) => Expect::DoesNotFire,
            _ => Expect::CannotTell,
        };
    }
    rule_place(guideline, index).map_or(Expect::CannotTell, of_place)
}

/// Place of the rule of a page that is neither concern nor disposition.
fn rule_place(guideline: &Guideline, index: usize) -> Option<Place> {
    let program = &guideline.program;
    let page = &guideline.pages[index];
    match page.kind {
        PageKind::Definition => program.definitions[guideline.fact(page.stem())?],
        PageKind::Test => {
            let fact =
                guideline.facts.iter().position(|fact| fact.needed.as_deref() == Some(&page.id))?;
            program.needed[fact]
        }
        _ => {
            let known = program.reports.iter().chain(&program.advice);
            known.into_iter().find(|known| known.page == index).map(|known| known.holds)
        }
    }
}

/// Runs the cases of one page.
pub fn run_page(guideline: &Guideline, index: usize, faults: &mut Vec<Diagnostic>) {
    let loaded = &guideline.pages[index];
    let file = loaded.file();
    for case in &loaded.page.cases {
        let patient = match patient_of(guideline, &file, case) {
            Ok(patient) => patient,
            Err(found) => {
                faults.extend(found);
                continue;
            }
        };
        let outcome = outcome(guideline, index, &patient);
        if outcome != case.expect {
            let message = format!(
                "this case was to be `{}` and is `{}`",
                case.expect.words(),
                outcome.words()
            );
            let fault = Diagnostic::error("case-fails", &file, case.span.clone(), message);
            faults.push(fault.help("mend the rule or the case; `cauda assess --case` shows why"));
            continue;
        }
        let asked = undetermined_facts(guideline, &patient, &places_of(guideline, index));
        for id in &case.asks {
            if guideline.fact(&id.text).is_none_or(|fact| !asked.contains(&fact)) {
                let names: Vec<&str> =
                    asked.iter().map(|fact| guideline.facts[*fact].id.as_str()).collect();
                let message = format!("this case does not ask for `{}`", id.text);
                let fault = Diagnostic::error("case-fails", &file, id.span.clone(), message);
                faults.push(fault.help(format!("it asks for {}", names.join(", "))));
            }
        }
    }
}

fn places_of(guideline: &Guideline, index: usize) -> Vec<Place> {
    let program = &guideline.program;
    if let Some(concern) = program.concerns.iter().find(|concern| concern.page == index) {
        return vec![concern.raised, concern.excluded];
    }
    let row = program.rows.iter().find(|row| row.page == index).map(|row| row.chosen);
    row.or_else(|| rule_place(guideline, index)).into_iter().collect()
}
