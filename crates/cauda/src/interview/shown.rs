//! A screen as it is shown, its help, and why it is asked.

use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind, Sort};

use super::number;
use super::screen::{Asked, Screen, Slot};
use super::{BOLD, DIM};
use crate::out::width;
use crate::page::wrapped;

const UNKNOWN: &str = "k not known   d declined   u unable";
const ALWAYS: &str = "Enter later   b take back   w why   ? help   q stop";

/// The screen.
pub fn text(guideline: &Guideline, asked: &Asked, screen: &Screen) -> String {
    let mut out = String::new();
    match screen {
        Screen::Group { attestation, facts } => {
            let group = &guideline.attestations[*attestation];
            bold(&mut out, &format!("{}{}", rest(guideline, asked, *attestation), group.staff));
            lines(&mut out, "  ", &numbered(guideline, facts));
            keys(&mut out, &["c all clear, signed", "n one by one", "2 or 2 5: ask these first"]);
        }
        Screen::Line(slots) => line(guideline, asked, slots, &mut out),
        Screen::One(index) => {
            let fact = &guideline.facts[*index];
            bold(&mut out, &fact.staff);
            lines(&mut out, "  ", &format!("{}?", fact.patient.trim_end_matches('?')));
            let keys_of = choices(guideline, *index);
            keys(&mut out, &keys_of.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    out
}

fn line(guideline: &Guideline, asked: &Asked, slots: &[Slot], out: &mut String) {
    bold(out, &format!("{} questions in one line, each with its own answer:", slots.len()));
    let mut of_groups = false;
    let mut of_findings = false;
    for (at, slot) in slots.iter().enumerate() {
        match slot {
            Slot::Signed(attestation, facts) => {
                of_groups = true;
                let group = &guideline.attestations[*attestation].staff;
                let rest = rest(guideline, asked, *attestation);
                lines(out, &format!("  {}. ", at + 1), &format!("{rest}{group}"));
                lines(out, "       ", &names(guideline, facts).join(" · "));
            }
            Slot::Fact(index) => {
                let fact = &guideline.facts[*index];
                let unit = match &fact.kind {
                    Kind::Quantity(quantity) => {
                        format!(": {}", number::possible(quantity).replace("a number ", ""))
                    }
                    Kind::Named { .. } => {
                        of_findings = true;
                        "?".to_string()
                    }
                };
                lines(out, &format!("  {}. ", at + 1), &format!("{}{unit}", fact.staff));
            }
        }
    }
    match (of_groups, of_findings) {
        (true, _) => keys(
            out,
            &["For each: a asked and as before, signed", "x not as before: one by one", "- later"],
        ),
        (false, true) => keys(out, &["For each: y yes", "n no", "- later"]),
        (false, false) => keys(out, &["For each: its number", "- later"]),
    }
}

/// What stands before the words of a group of which a part is known already.
fn rest(guideline: &Guideline, asked: &Asked, attestation: usize) -> &'static str {
    let all = guideline.attestations[attestation].covers.len();
    let whole = asked.cleared_by(guideline, attestation) == all;
    if whole { "" } else { "What is not known yet of: " }
}

fn names<'a>(guideline: &'a Guideline, facts: &[FactIndex]) -> Vec<&'a str> {
    facts.iter().map(|fact| guideline.facts[*fact].staff.as_str()).collect()
}

fn numbered(guideline: &Guideline, facts: &[FactIndex]) -> String {
    let names = names(guideline, facts).into_iter().enumerate();
    names.map(|(at, name)| format!("{} {name}", at + 1)).collect::<Vec<_>>().join(" · ")
}

fn bold(out: &mut String, text: &str) {
    for line in wrapped(text, width()) {
        let _ = writeln!(out, "{BOLD}{line}{BOLD:#}");
    }
}

/// Wrapped lines, all but the first indented as far as the first.
fn lines(out: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    for (at, line) in wrapped(text, width().saturating_sub(indent)).iter().enumerate() {
        let before = if at == 0 { first } else { "" };
        let _ = writeln!(out, "{before:indent$}{line}");
    }
}

/// Keys, three blanks apart, broken only between them.
fn keys(out: &mut String, own: &[&str]) {
    let all = own.iter().copied().chain(UNKNOWN.split("   ")).chain(ALWAYS.split("   "));
    let mut row = String::new();
    let mut rows = Vec::new();
    for key in all {
        if !row.is_empty() && row.chars().count() + 3 + key.chars().count() > width() {
            rows.push(std::mem::take(&mut row));
        }
        if !row.is_empty() {
            row.push_str("   ");
        }
        row.push_str(key);
    }
    rows.push(row);
    for row in rows.iter().flat_map(|row| wrapped(row, width())) {
        let _ = writeln!(out, "{DIM}{}{DIM:#}", row.trim_end());
    }
}

/// The keys of a question.
fn choices(guideline: &Guideline, index: FactIndex) -> Vec<String> {
    let plain = |keys: &[&str]| keys.iter().map(|key| (*key).to_string()).collect();
    match &guideline.facts[index].kind {
        Kind::Named { sort: Sort::Finding, .. } => plain(&["y yes, present", "n no, absent"]),
        Kind::Named { sort: Sort::FindingWithOnset, .. } => plain(&[
            "y yes: new, or nobody knows since when",
            "o longstanding, unchanged",
            "n no, absent",
        ]),
        Kind::Named { values, .. } => {
            let numbered = values.iter().enumerate();
            numbered.map(|(at, value)| format!("{} {}", at + 1, value.replace('_', " "))).collect()
        }
        Kind::Quantity(quantity) => vec![number::possible(quantity)],
    }
}

/// What can be typed at this screen.
pub fn help(screen: &Screen) -> String {
    let own: &[&str] = match screen {
        Screen::Group { .. } => &[
            "c, or `all clear`: you asked or examined every one of these, each is clear, and you sign it",
            "n: they are asked one by one",
            "2, or 2 5: those with these numbers are asked first, then the rest again as a group",
        ],
        Screen::Line(slots) if matches!(slots.first(), Some(Slot::Signed(..))) => &[
            "one key for each question, in their order, with blanks between: a a x a",
            "a: asked and as before, signed for this one question alone",
            "x: not as before, or not sure: its questions are asked one by one",
        ],
        Screen::Line(_) => &[
            "one answer for each question, in their order, with blanks between",
            "-: this one later",
        ],
        Screen::One(_) => {
            &["the key or number of the answer; what was stored is shown after it in words"]
        }
    };
    let always = [
        "k: asked, and not known; d: declined; u: unable to answer. None of them ever reassures",
        "Enter: later; b: take the last line back; w: why this is asked; q: stop, all is saved",
    ];
    let mut out = String::new();
    for text in own.iter().chain(&always) {
        lines(&mut out, "  ", text);
    }
    out.push_str("  Nothing was recorded.\n");
    out
}

/// Why it is asked: the pages that look at it.
pub fn why(guideline: &Guideline, screen: &Screen) -> String {
    let mut out = String::new();
    let facts = screen.facts();
    let concerns = guideline.program.concerns.iter();
    let about = concerns.filter(|known| known.facts.iter().any(|fact| facts.contains(fact)));
    for known in about {
        let page = &guideline.pages[known.page];
        lines(
            &mut out,
            "  ",
            &format!("{} [{}], {}.md", page.page.title, known.tier.id(), page.id),
        );
    }
    if out.is_empty() {
        out.push_str("  where the patient goes depends on it\n");
    }
    out
}
