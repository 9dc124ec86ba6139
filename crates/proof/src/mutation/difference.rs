//! Whether two guidelines answer a patient alike, and the line that tells them
//! apart: a story, or a case of a page where no story can see it.

use cauda_guideline::Guideline;
use cauda_guideline::ask::questions;
use cauda_guideline::cases::{findings_of, outcome};
use cauda_guideline::decide::{Verdict, decide, decide_with_truths};
use cauda_guideline::decision::{Told, told};
use cauda_guideline::facts::Kind;
use cauda_guideline::page::{Expect, parse_case};
use cauda_guideline::resolve::{Findings, Patient, Said};

/// A patient whom two guidelines answer differently, as a line to paste.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file it belongs to, `cases/` for any file of stories.
    pub file: String,
    /// The line, with what the original answers.
    pub text: String,
}

/// What a guideline makes of a patient in the words of a case.
struct Answered<'a> {
    guideline: &'a Guideline,
    findings: Findings,
    patient: Patient,
    verdict: Verdict,
}

impl<'a> Answered<'a> {
    /// `None`: the patient cannot be entered.
    fn new(guideline: &'a Guideline, text: &str) -> Option<Answered<'a>> {
        let (case, faults) = parse_case("case", text, 0);
        if !faults.is_empty() {
            return None;
        }
        let findings = findings_of(guideline, "case", &case).ok()?;
        let patient = findings.patient();
        let verdict = decide(&guideline.program, &patient);
        Some(Answered { guideline, findings, patient, verdict })
    }

    fn go_and_tier(&self) -> String {
        go_and_tier(self.guideline, &self.verdict)
    }

    fn told(&self) -> Told {
        told(self.guideline, &self.findings)
    }

    /// What is withheld and what is asked.
    fn questions(&self) -> [(&'static str, Vec<String>); 2] {
        let asked = questions(self.guideline, &self.patient, None);
        let quoted = |fact: usize| format!("`{}`", self.guideline.facts[fact].id);
        [
            ("withholds", asked.withheld.iter().map(|fact| quoted(*fact)).collect()),
            ("asks for", asked.ask.iter().map(|question| quoted(question.fact)).collect()),
        ]
    }

    /// By fact: what it counts as, in words a story can use.
    fn finds(&self) -> Vec<Option<String>> {
        let facts = 0..self.guideline.facts.len();
        facts.map(|fact| finds(self.guideline, &self.findings, fact)).collect()
    }

    fn page(&self, page: usize) -> Expect {
        outcome(self.guideline, page, &self.patient)
    }
}

/// Tells the two apart on this patient, written as a case; `None` when they
/// answer alike.
pub fn differ(original: &Guideline, mutant: &Guideline, text: &str) -> Option<Line> {
    let (before, after) = match both(original, mutant, text) {
        Ok(both) => both?,
        Err(line) => return Some(line),
    };
    if let Some(line) = differ_in_story(&before, &after, text) {
        return Some(line);
    }
    let page = (0..original.pages.len()).find(|page| before.page(*page) != after.page(*page))?;
    Some(Line {
        file: original.pages[page].file(),
        text: format!("- {}: {text}", before.page(page).words()),
    })
}

/// The same where every page is known to say alike of every patient.
pub(super) fn differ_in_words(
    original: &Guideline,
    mutant: &Guideline,
    text: &str,
) -> Option<Line> {
    match both(original, mutant, text) {
        Ok(both) => both.and_then(|(before, after)| differ_in_story(&before, &after, text)),
        Err(line) => Some(line),
    }
}

type Both<'a> = Option<(Answered<'a>, Answered<'a>)>;

/// Both answers; none when neither takes the patient, and the line that tells
/// them apart when one of them does not.
fn both<'a>(original: &'a Guideline, mutant: &'a Guideline, text: &str) -> Result<Both<'a>, Line> {
    match (Answered::new(original, text), Answered::new(mutant, text)) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(story(text, "refused")),
        (Some(before), None) => Err(story(text, &before.go_and_tier())),
        (Some(before), Some(after)) => Ok(Some((before, after))),
    }
}

fn story(text: &str, answer: &str) -> Line {
    Line { file: "cases/".to_string(), text: format!("- {text} → {answer}") }
}

fn differ_in_story(before: &Answered, after: &Answered, text: &str) -> Option<Line> {
    let answer = before.go_and_tier();
    if answer != after.go_and_tier() {
        return Some(story(text, &answer));
    }
    let clause = differ_in_answer(before, after)?;
    Some(story(text, &format!("{answer}; {clause}")))
}

/// The clause of a story that holds of the one answer and not of the other.
fn differ_in_answer(before: &Answered, after: &Answered) -> Option<String> {
    let (here, there) = (before.told(), after.told());
    let exact = [
        ("scans", here.scans(), there.scans()),
        ("holds", here.held(), there.held()),
        ("suspects", here.suspects.clone(), there.suspects.clone()),
    ];
    for (verb, here, there) in exact {
        if here != there {
            let words = if here.is_empty() { "nothing".to_string() } else { here.join(", ") };
            return Some(format!("{verb} {words}"));
        }
    }
    let gone = missing(&here.phrases(), &there.phrases());
    if !gone.is_empty() {
        return Some(format!("says {}", gone.join(", ")));
    }
    for ((verb, here), (_, there)) in before.questions().into_iter().zip(after.questions()) {
        let gone = missing(&here, &there);
        if !gone.is_empty() {
            return Some(format!("{verb} {}", gone.join(", ")));
        }
    }
    let facts = before.finds().into_iter().zip(after.finds());
    let found = facts.filter(|(before, after)| before != after).find_map(|(before, _)| before);
    found.map(|found| format!("finds {found}"))
}

/// What a fact counts as, where a line can say it.
fn finds(guideline: &Guideline, findings: &Findings, fact: usize) -> Option<String> {
    let described = &guideline.facts[fact];
    let told = match (findings.by_fact[fact].said, &described.kind) {
        (Said::Unknown(_), _) => "unknown".to_string(),
        (Said::Value(value), Kind::Named { values, .. }) => values.get(value)?.clone(),
        (Said::Between(low, high), Kind::Quantity(quantity)) => {
            let on_grid = |place: i64| place % 2 == 0;
            match (low == high, high == quantity.range.1, low == quantity.range.0) {
                (true, ..) if on_grid(low) => quantity.text(low),
                (_, true, _) if on_grid(low) => format!("≥ {}", quantity.text(low)),
                (_, _, true) if on_grid(high) => format!("≤ {}", quantity.text(high)),
                _ => return None,
            }
        }
        _ => return None,
    };
    (!described.is_computed()).then(|| format!("`{}` {told}", described.id))
}

/// Whether they differ in anything a patient or a clinician meets, without
/// telling where: the cheap question of shrinking.
pub fn differs_in_verdict(
    original: &Guideline,
    mutant: &Guideline,
    pair: (&Patient, &Patient),
) -> bool {
    let (before, truths) = decide_with_truths(&original.program, pair.0);
    let (after, mutated) = decide_with_truths(&mutant.program, pair.1);
    let plain = |guideline: &Guideline, verdict: &Verdict| {
        (go_and_tier(guideline, verdict), Verdict { row: None, ..*verdict })
    };
    let needed = |guideline: &Guideline, truths: &cauda_guideline::decide::Truths| -> Vec<_> {
        let program = &guideline.program;
        let advice = program.reports.iter().chain(&program.advice).map(|page| &page.holds);
        let places = program.needed.iter().flatten().chain(advice);
        places.map(|place| (truths.is_true(*place), truths.is_false(*place))).collect()
    };
    plain(original, &before) != plain(mutant, &after)
        || needed(original, &truths) != needed(mutant, &mutated)
}

fn go_and_tier(guideline: &Guideline, verdict: &Verdict) -> String {
    let row = verdict.row.map(|row| guideline.program.rows[row].go.as_str());
    format!("{}, {}", row.unwrap_or("cannot_decide_yet"), verdict.acted.id())
}

fn missing(before: &[String], after: &[String]) -> Vec<String> {
    before.iter().filter(|id| !after.contains(id)).cloned().collect()
}
