//! Cases: patients written on a page or in `cases/`, and what is expected of
//! them. They run at every check; a case that fails is a fault of the page.

use crate::ask::undetermined_facts;
use crate::decide::{State, decide_with_truths};
use crate::diagnostic::Diagnostic;
use crate::facts::{FactIndex, Kind};
use crate::guideline::Guideline;
use crate::guideline::LoadedPage;
use crate::page::{AllElse, Case, Expect, Given, PageKind, Setting, parse_case};
use crate::program::Place;
use crate::resolve::{Finding, Findings, Patient, Reason, Said};
use crate::visit::reason_of;
use crate::vocabulary::Tier;

/// A patient of `cases/*.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The heading it stands under.
    pub heading: String,
    /// The patient.
    pub case: Case,
    /// The disposition expected, `cannot_decide_yet` for none.
    pub go: String,
    /// The urgency acted on.
    pub tier: Tier,
}

/// The patient a case describes.
///
/// # Errors
/// What is wrong with it, one fault a setting.
pub fn patient_of(
    guideline: &Guideline,
    file: &str,
    case: &Case,
) -> Result<Patient, Vec<Diagnostic>> {
    let mut patient = match case.all_else {
        AllElse::Clear => Patient::clear(guideline),
        AllElse::Unknown => Patient::unknown(guideline),
    };
    let mut faults = Vec::new();
    let mut seen: Vec<FactIndex> = Vec::new();
    for setting in &case.settings {
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
    if faults.is_empty() { Ok(patient) } else { Err(faults) }
}

/// The same patient as findings: the values as the case gives them, without
/// regard to who says them or when, because a case is about the rules.
///
/// # Errors
/// What is wrong with the case, one fault a setting.
pub fn findings_of(
    guideline: &Guideline,
    file: &str,
    case: &Case,
) -> Result<Findings, Vec<Diagnostic>> {
    let patient = patient_of(guideline, file, case)?;
    let named: Vec<(FactIndex, Said)> =
        case.settings.iter().filter_map(|setting| said(guideline, file, setting).ok()).collect();
    let by_fact = guideline.facts.iter().enumerate().map(|(fact, described)| {
        let given = named.iter().find(|(named, _)| *named == fact).map(|(_, said)| *said);
        let clear = guideline.program.cells[fact].clear;
        let otherwise = match (case.all_else, &described.kind) {
            _ if described.is_computed() => Said::Unknown(Reason::NotAsked),
            (AllElse::Clear, Kind::Named { .. }) => Said::Value(clear),
            (AllElse::Clear, Kind::Quantity(quantity)) => {
                Said::Between(quantity.clear, quantity.clear)
            }
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
        }
    });
    Ok(Findings { as_of: None, valid_until: None, by_fact: by_fact.collect() })
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
    rule_place(guideline, &guideline.pages[index]).map_or(Expect::CannotTell, of_place)
}

/// Place of the rule of a definition or test page.
fn rule_place(guideline: &Guideline, page: &LoadedPage) -> Option<Place> {
    let program = &guideline.program;
    match page.kind {
        PageKind::Definition => program.definitions[guideline.fact(page.stem())?],
        PageKind::Test => {
            let fact =
                guideline.facts.iter().position(|fact| fact.needed.as_deref() == Some(&page.id))?;
            program.needed[fact]
        }
        _ => None,
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
    row.or_else(|| rule_place(guideline, &guideline.pages[index])).into_iter().collect()
}

/// Reads the stories of one file of `cases/`.
///
/// A `## ` heading, then lines `` - `fact` value; all else clear → disposition, tier ``.
pub fn read_stories(file: &str, source: &str, faults: &mut Vec<Diagnostic>) -> Vec<Story> {
    let mut stories = Vec::new();
    let mut heading = String::new();
    let mut offset = 0;
    for line in source.split_inclusive('\n') {
        let text = line.trim_end();
        if let Some(title) = text.strip_prefix("## ") {
            heading = title.to_string();
        } else if let Some(item) = text.strip_prefix("- ") {
            let start = offset + 2;
            match item.rsplit_once(" → ") {
                Some((left, right)) => {
                    let (case, found) = parse_case(file, left, start);
                    let sound = found.is_empty();
                    faults.extend(found);
                    let answer = right
                        .split_once(", ")
                        .and_then(|(go, tier)| Some((go, Tier::of_id(tier)?)));
                    match answer {
                        Some((go, tier)) if sound => {
                            stories.push(Story {
                                heading: heading.clone(),
                                case,
                                go: go.to_string(),
                                tier,
                            });
                        }
                        Some(_) => {}
                        None => faults.push(bad_story(file, start..start + item.len())),
                    }
                }
                None => faults.push(bad_story(file, start..start + item.len())),
            }
        }
        offset += line.len();
    }
    stories
}

fn bad_story(file: &str, span: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error("bad-case", file, span, "this line does not say what is expected")
        .help("end it with ` → disposition, tier`, as in ` → mri_now, emergency`")
}

/// All stories of a guideline.
pub fn stories(guideline: &Guideline, faults: &mut Vec<Diagnostic>) -> Vec<(String, Story)> {
    let files = guideline.folder.files.iter().filter(|(path, _)| path.starts_with("cases/"));
    files
        .flat_map(|(path, text)| {
            read_stories(path, text, faults)
                .into_iter()
                .map(|story| (path.clone(), story))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Runs the stories.
pub fn run_stories(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for (file, story) in stories(guideline, faults) {
        let patient = match patient_of(guideline, &file, &story.case) {
            Ok(patient) => patient,
            Err(found) => {
                faults.extend(found);
                continue;
            }
        };
        let (verdict, _) = decide_with_truths(&guideline.program, &patient);
        let go =
            verdict.row.map_or("cannot_decide_yet", |row| guideline.program.rows[row].go.as_str());
        if go != story.go || verdict.acted != story.tier {
            let message = format!(
                "this patient was to be `{}, {}` and is `{go}, {}` (at most {})",
                story.go,
                story.tier.id(),
                verdict.acted.id(),
                verdict.at_most.id()
            );
            faults.push(Diagnostic::error("case-fails", &file, story.case.span.clone(), message));
        }
    }
}
