//! Whole patients of `cases/`, each with the answer expected of the guideline.

use std::cell::OnceCell;
use std::ops::Range;

use super::{findings_of, said};
use crate::ask::questions as questions_about;
use crate::decide::decide_with_truths;
use crate::decision::{self, said_text};
use crate::diagnostic::Diagnostic;
use crate::guideline::Guideline;
use crate::page::{Case, Setting, parse_case};
use crate::resolve::{Findings, Said};
use crate::vocabulary::Tier;

/// A patient of `cases/*.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The heading it stands under.
    pub heading: String,
    /// The patient.
    pub case: Case,
    /// What is expected.
    pub answer: Answer,
}

/// What a story expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value of it cannot be entered: outside the range, or not of that unit.
    Refused,
    /// It is decided so.
    Decided {
        /// The disposition, `cannot_decide_yet` for none.
        go: String,
        /// The urgency acted on.
        tier: Tier,
        /// What else the answer holds.
        clauses: Vec<Clause>,
    },
}

/// One more thing an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// These scans, in this order, and no other; none is `scans nothing`.
    Scans(Vec<String>),
    /// These scans are held until something is resolved, and no other; none is
    /// `holds nothing`.
    Holds(Vec<String>),
    /// These phrases among what is said and done.
    Says(Vec<String>),
    /// These facts among what is asked.
    AsksFor(Vec<String>),
    /// These facts are not asked, because asking is unsafe.
    Withholds(Vec<String>),
    /// These concerns of the vocabulary are raised, in reading order, and no
    /// other; none is `suspects nothing`.
    Suspects(Vec<String>),
    /// What these facts count as now; `None` is `unknown`.
    Finds(Vec<(String, Option<Setting>)>),
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
            let (left, right) = item.split_once(" → ").unwrap_or((item, ""));
            let answer = read_answer(right);
            if answer.is_none() {
                faults.push(bad_story(file, start..start + item.len()));
            }
            let (case, found) = parse_case(file, left, start);
            let sound = found.is_empty();
            faults.extend(found);
            if let (Some(answer), true) = (answer, sound) {
                stories.push(Story { heading: heading.clone(), case, answer });
            }
        }
        offset += line.len();
    }
    stories
}

/// `refused`, or `disposition, tier` and clauses behind semicolons.
fn read_answer(text: &str) -> Option<Answer> {
    if text == "refused" {
        return Some(Answer::Refused);
    }
    let mut parts = text.split("; ");
    let (go, tier) = parts.next()?.split_once(", ")?;
    let clauses: Option<Vec<Clause>> = parts.map(read_clause).collect();
    Some(Answer::Decided { go: go.to_string(), tier: Tier::of_id(tier)?, clauses: clauses? })
}

fn read_clause(text: &str) -> Option<Clause> {
    let words = |list: &str| -> Vec<String> { list.split(", ").map(String::from).collect() };
    let facts = |list: &str| -> Option<Vec<String>> {
        let facts = list.split(", ");
        facts.map(|id| Some(id.strip_prefix('`')?.strip_suffix('`')?.to_string())).collect()
    };
    match text {
        "scans nothing" => return Some(Clause::Scans(Vec::new())),
        "holds nothing" => return Some(Clause::Holds(Vec::new())),
        "suspects nothing" => return Some(Clause::Suspects(Vec::new())),
        _ => {}
    }
    let (verb, list) = text.split_once(' ')?;
    match verb {
        "scans" => Some(Clause::Scans(words(list))),
        "holds" => Some(Clause::Holds(words(list))),
        "suspects" => Some(Clause::Suspects(words(list))),
        "says" => Some(Clause::Says(words(list))),
        "asks" => facts(list.strip_prefix("for ")?).map(Clause::AsksFor),
        "withholds" => facts(list).map(Clause::Withholds),
        "finds" => list.split(", ").map(read_finding).collect::<Option<_>>().map(Clause::Finds),
        _ => None,
    }
}

/// `` `fact` value ``, or `` `fact` unknown ``.
fn read_finding(text: &str) -> Option<(String, Option<Setting>)> {
    if let Some(id) = text.strip_prefix('`').and_then(|rest| rest.strip_suffix("` unknown")) {
        return Some((id.to_string(), None));
    }
    let (case, faults) = parse_case("", &format!("{text}; all else unknown"), 0);
    let mut settings = case.settings.into_iter();
    let setting = settings.next().filter(|setting| !setting.is_timed())?;
    let alone = faults.is_empty() && settings.next().is_none();
    alone.then(|| (setting.fact.text.clone(), Some(setting)))
}

fn bad_story(file: &str, span: Range<usize>) -> Diagnostic {
    Diagnostic::error("bad-case", file, span, "this line does not say what is expected").help(
        "end it with ` → disposition, tier`, as in ` → mri_now, emergency`, \
         then `; suspects`, `; scans`, `; holds`, `; says`, `; asks for`, `; withholds` \
         or `; finds`; or with ` → refused`",
    )
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
        faults.extend(story_faults(guideline, &file, &story));
    }
}

/// What keeps a story from getting its answer; empty when it does.
pub fn story_faults(guideline: &Guideline, file: &str, story: &Story) -> Vec<Diagnostic> {
    let fails = |message: String| {
        vec![Diagnostic::error("case-fails", file, story.case.span.clone(), message)]
    };
    match (findings_of(guideline, file, &story.case), &story.answer) {
        (Err(_), Answer::Refused) => Vec::new(),
        (Err(found), Answer::Decided { .. }) => found,
        (Ok(_), Answer::Refused) => fails("this patient was to be refused and is not".into()),
        (Ok(findings), Answer::Decided { go, tier, clauses }) => {
            let wrong = why_not(guideline, &findings, (go, *tier), clauses);
            wrong.map(fails).unwrap_or_default()
        }
    }
}

/// What differs from the answer expected.
fn why_not(
    guideline: &Guideline,
    findings: &Findings,
    expected: (&str, Tier),
    clauses: &[Clause],
) -> Option<String> {
    let patient = findings.patient();
    let (verdict, _) = decide_with_truths(&guideline.program, &patient);
    let go = verdict.row.map_or("cannot_decide_yet", |row| guideline.program.rows[row].go.as_str());
    if (go, verdict.acted) != expected {
        return Some(format!(
            "this patient was to be `{}, {}` and is `{go}, {}` (at most {})",
            expected.0,
            expected.1.id(),
            verdict.acted.id(),
            verdict.at_most.id()
        ));
    }
    let told = OnceCell::new();
    let told = || told.get_or_init(|| decision::told(guideline, findings));
    let questions = OnceCell::new();
    let questions = || questions.get_or_init(|| questions_about(guideline, &patient, None));
    let id = |fact: usize| guideline.facts[fact].id.clone();
    clauses.iter().find_map(|clause| {
        let (what, wanted, found, fits) = match clause {
            Clause::Scans(wanted) => exactly("scans", wanted, told().scans()),
            Clause::Suspects(wanted) => exactly("suspects", wanted, told().suspects.clone()),
            Clause::Holds(wanted) => exactly("holds", wanted, told().held()),
            Clause::Says(wanted) => within("says", wanted, told().phrases()),
            Clause::AsksFor(wanted) => {
                let asked = questions().ask.iter().map(|question| id(question.fact));
                within("asks for", wanted, asked.collect())
            }
            Clause::Withholds(wanted) => {
                let withheld = questions().withheld.iter().map(|fact| id(*fact));
                within("withholds", wanted, withheld.collect())
            }
            Clause::Finds(wanted) => return why_not_found(guideline, findings, wanted),
        };
        let message = || format!("the answer {what} {}, not {}", list(&found), list(wanted));
        (!fits).then(message)
    })
}

type Compared<'a> = (&'a str, &'a Vec<String>, Vec<String>, bool);

fn within<'a>(what: &'a str, wanted: &'a Vec<String>, found: Vec<String>) -> Compared<'a> {
    let fits = wanted.iter().all(|id| found.contains(id));
    (what, wanted, found, fits)
}

fn exactly<'a>(what: &'a str, wanted: &'a Vec<String>, found: Vec<String>) -> Compared<'a> {
    let fits = *wanted == found;
    (what, wanted, found, fits)
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() { "nothing".to_string() } else { ids.join(", ") }
}

/// The first fact that counts as something else.
fn why_not_found(
    guideline: &Guideline,
    findings: &Findings,
    wanted: &[(String, Option<Setting>)],
) -> Option<String> {
    wanted.iter().find_map(|(id, setting)| {
        let Some(fact) = guideline.fact(id) else {
            return Some(format!("no fact is called `{id}`"));
        };
        let found = findings.by_fact[fact].said;
        let fits = match (setting, found) {
            (None, Said::Unknown(_)) => true,
            (None, _) => false,
            (Some(setting), found) => match said(guideline, "", setting) {
                Ok((_, wanted)) => wanted == found,
                Err(fault) => return Some(fault.message),
            },
        };
        let text = said_text(&guideline.facts[fact], &findings.by_fact[fact]);
        (!fits).then(|| format!("`{id}` counts as `{text}`, and not as this line says"))
    })
}
