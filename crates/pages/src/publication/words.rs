//! What a page's codes say in words a clinician reads: units, comparisons,
//! values, spans of time, the names of folders and keys.

use cauda_guideline::facts::{By, Danger, Fact, Keep, Role, Stage};
use cauda_guideline::page::{AllElse, Comparison, Given, Need, Setting, Test, TestKind};
use cauda_guideline::units;
use cauda_guideline::vocabulary::FirstStep;

/// `200 mL`, `18 years`, `1 day`.
pub fn quantity(number: &str, code: Option<&str>) -> String {
    let name = units::words(code.unwrap_or("1"));
    let is_time = matches!(code, Some("s" | "min" | "h" | "d" | "wk" | "mo" | "a"));
    let name = if number == "1" && is_time { name.trim_end_matches('s') } else { name };
    if name.is_empty() { number.to_string() } else { format!("{number} {name}") }
}

/// `200 mL or more`
pub fn compared(comparison: Comparison, quantity: &str) -> String {
    match comparison {
        Comparison::AtLeast => format!("{quantity} or more"),
        Comparison::Above => format!("more than {quantity}"),
        Comparison::AtMost => format!("{quantity} or less"),
        Comparison::Below => format!("less than {quantity}"),
    }
}

/// An id or value as words: `or` between several.
pub fn plain(id: &str) -> String {
    id.replace('_', " ")
}

/// An id as the beginning of a line.
pub fn heading(id: &str) -> String {
    let text = plain(id);
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A key of a line, as the beginning of a row.
pub fn key(key: &str) -> String {
    match key {
        "row" => "Row after the scan".to_string(),
        "first" => "At first".to_string(),
        key => heading(key),
    }
}

/// A deadline: `1 hour of suspicion` for the grammar's `1 hours of suspicion`.
pub fn deadline(text: &str) -> String {
    match text.split_once(' ') {
        Some(("1", rest)) => match rest.split_once(' ') {
            Some((unit, rest)) => format!("1 {} {rest}", unit.trim_end_matches('s')),
            None => format!("1 {}", rest.trim_end_matches('s')),
        },
        _ => text.to_string(),
    }
}

/// What a concern does first.
pub fn step(step: FirstStep) -> &'static str {
    match step {
        FirstStep::Mri => "MRI first",
        FirstStep::Ct => "CT first",
        FirstStep::Xray => "X-ray first",
        FirstStep::Laboratory => "laboratory first",
        FirstStep::OtherTeam => "another team first",
        FirstStep::None => "no scan first",
    }
}

/// An interval of the engine, `≥ 200 mL` or `5 to 10 mL`, in words.
pub fn interval(text: &str, code: &str) -> String {
    let (sign, rest) = match text.split_once(' ') {
        Some((sign @ ("≥" | ">" | "≤" | "<"), rest)) => (Some(sign), rest),
        _ => (None, text),
    };
    let number = rest.strip_suffix(code).map_or(rest, str::trim_end);
    let number = if code == "1" { rest } else { number };
    let shown = quantity(number, Some(code));
    match sign {
        Some("≥") => compared(Comparison::AtLeast, &shown),
        Some(">") => compared(Comparison::Above, &shown),
        Some("≤") => compared(Comparison::AtMost, &shown),
        Some(_) => compared(Comparison::Below, &shown),
        None => shown,
    }
}

/// What a test asks of its subject: `new`, `200 mL or more`, `suspected`.
pub fn asked(test: &Test) -> String {
    match &test.kind {
        TestKind::Is(values) => {
            let values: Vec<String> = values.iter().map(|value| plain(&value.text)).collect();
            values.join(" or ")
        }
        TestKind::Compares { comparison, number, unit } => {
            let code = unit.as_ref().map(|unit| unit.text.as_str());
            compared(*comparison, &quantity(&number.text, code))
        }
        TestKind::Suspected => "suspected".to_string(),
        TestKind::Excluded => "excluded".to_string(),
    }
}

/// What a case gives a fact, and who says so and when.
pub fn given(setting: &Setting) -> String {
    let mut text = match &setting.given {
        Given::Value(word) | Given::Unknown(word) => plain(&word.text),
        Given::Number { comparison, number, unit } => {
            let code = unit.as_ref().map(|unit| unit.text.as_str());
            let shown = quantity(&number.text, code);
            comparison.map_or(shown.clone(), |sign| compared(sign, &shown))
        }
    };
    if let Some(said) = setting.by.as_ref().and_then(|by| Role::of_id(&by.text)) {
        text += &format!(", said by {}", said.words());
    }
    if let Some((number, unit)) = &setting.ago {
        let one = number.text == "1";
        let unit = if one { unit.text.trim_end_matches('s') } else { &unit.text };
        text += &format!(", {} {unit} ago", number.text);
    }
    text
}

/// The rest of a case's facts.
pub fn all_else(all_else: AllElse) -> &'static str {
    match all_else {
        AllElse::Clear => "clear",
        AllElse::Unknown => "unknown",
    }
}

/// `all of`, `any of`, `at least 2 of`.
pub fn need(need: Need) -> String {
    match need {
        Need::All => "all of".to_string(),
        Need::Any => "any of".to_string(),
        Need::AtLeast(count) => format!("at least {count} of"),
    }
}

/// Seconds as a person counts them.
pub fn seconds(seconds: i64) -> String {
    const SIZES: [(i64, &str); 5] =
        [(604_800, "wk"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let size = SIZES.into_iter().find(|(size, _)| seconds % size == 0 && seconds >= *size);
    let (size, code) = size.unwrap_or((1, "s"));
    quantity(&(seconds / size).to_string(), Some(code))
}

/// How a fact is come by.
pub fn by(by: By) -> &'static str {
    match by {
        By::Ask => "asked",
        By::Examine => "examined",
        By::Measure => "measured",
        By::Test => "a test",
        By::Record => "from the record",
        By::Derived => "worked out from other facts",
    }
}

/// A point of the visit.
pub fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Triage => "triage",
        Stage::Examination => "examination",
        Stage::Results => "results",
        Stage::Discharge => "discharge",
        Stage::FollowUp => "follow-up",
    }
}

/// Who says something.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Ehr => "electronic record",
        Role::Patient => "patient",
        Role::Nurse => "nurse",
        Role::Laboratory => "laboratory",
        Role::Physician => "physician",
    }
}

/// Which of several entries counts.
pub fn keep(keep: Keep) -> &'static str {
    match keep {
        Keep::Worst => "the most dangerous entry counts",
        Keep::Latest => "the latest entry counts",
    }
}

/// Which way danger lies, where it is not in a list of values.
pub fn danger(fact: &Fact) -> &'static str {
    match fact.danger {
        Danger::Rising => "higher is more dangerous",
        Danger::Falling => "lower is more dangerous",
        Danger::None => "no direction",
    }
}

/// Title of a folder of pages, and what its pages say.
pub fn folder(folder: &str) -> (String, &'static str) {
    let (title, says) = match folder {
        "scope" => ("Whom the guideline is for", "Outside it, a clinician decides."),
        "gate" => (
            "Emergencies outside the spine",
            "They are looked for first. They switch no concern of the spine off.",
        ),
        "red_flags" => {
            ("Concerns of the spine", "Each page holds one must-not-miss concern and its urgency.")
        }
        "definitions" => (
            "Facts worked out from other facts",
            "A definition gives a name to a combination that several pages use.",
        ),
        "tests" => (
            "When a test or question is needed",
            "If it is not needed and not done, it counts as clear.",
        ),
        "disposition" => ("Where the patient goes", "Exactly one of these stands, or none yet."),
        "results" => ("What a report changes", "Only a final and adequate scan closes a concern."),
        "treatment" => (
            "What may be offered",
            "An offer stands only when its rule is certainly true; unknown means no offer.",
        ),
        "scanner" => ("Safety of the scan", "Looked at before anybody enters the scanner room."),
        "follow_up" => ("Afterwards", "Referral, the check by telephone, and the review."),
        other => return (heading(other), ""),
    };
    (title.to_string(), says)
}

/// A number with its thing: `1 page`, `2 pages`.
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
