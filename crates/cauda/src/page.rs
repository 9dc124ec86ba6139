//! The answer as a page for the terminal: what to do in the first lines, then
//! why, what is missing, and what would change it. Read in ten seconds.

mod advice;
mod head;

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use cauda_guideline::Guideline;
use cauda_guideline::decide::State;
use cauda_guideline::decision::{ConcernAnswer, Decision, Shown, WouldChange};
use cauda_guideline::facts::Kind;
use cauda_guideline::vocabulary::Tier;

use crate::out::width;

/// What a triage answer means before a physician has confirmed it: alone it
/// orders no scan (CR9).
pub const AT_TRIAGE: &str =
    "AT TRIAGE    Physician within 15 minutes and a bladder scan; once the physician confirms:";

/// Narrowest screen a page with its left column is wrapped for.
const WIDTH_MIN: usize = 40;
/// Width of the left column.
const LEFT: usize = 13;
/// Questions shown without `--all`.
const SHOWN: usize = 8;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Writes the page; with `all`, every question and change.
pub fn write(guideline: &Guideline, decision: &Decision, all: bool) -> String {
    let mut page = Page { out: String::new(), guideline, decision, all };
    page.head();
    page.raised();
    page.imaging();
    page.actions();
    page.results();
    page.scanner();
    page.treatment();
    page.follow_up();
    page.missing();
    page.other_concerns();
    page.why();
    page.would_change();
    page.foot();
    page.out
}

/// Urgency and disposition a change leads to.
type Outcome<'a> = (Tier, Option<&'a str>);

struct Page<'a> {
    out: String,
    guideline: &'a Guideline,
    decision: &'a Decision,
    all: bool,
}

impl Page<'_> {
    fn imaging(&mut self) {
        for image in &self.decision.imaging {
            let mut text = image.spoken.staff.clone();
            if let Some(within) = &image.within {
                let _ = write!(text, ", within {within}");
            }
            if let Some([least, most]) = image.minutes {
                let _ = write!(text, " ({least} to {most} min on the table)");
            }
            self.row("SCAN", BOLD, &text);
        }
        if let Some(image) = self.decision.imaging.first() {
            let fallback = |spoken: &[cauda_guideline::decision::Spoken]| {
                spoken.iter().map(|spoken| spoken.staff.clone()).collect::<Vec<_>>().join("; ")
            };
            let (late, cannot) =
                (fallback(&image.no_scanner_in_time), fallback(&image.patient_cannot_be_scanned));
            if !late.is_empty() {
                self.row("", DIM, &format!("no scanner in time: {late}"));
            }
            if !cannot.is_empty() {
                self.row("", DIM, &format!("patient cannot be scanned: {cannot}"));
            }
        }
        if self.decision.imaging.is_empty() {
            let reasons: Vec<String> = self
                .decision
                .no_imaging_because
                .iter()
                .map(|reason| reason.staff.clone())
                .collect();
            if !reasons.is_empty() {
                self.row("NO SCAN", BOLD, &reasons.join("; "));
            }
        }
    }

    /// Concerns, the gravest page of each speaking for it, the gravest first.
    fn gravest(&self) -> Vec<&ConcernAnswer> {
        let mut grouped: BTreeMap<&str, &ConcernAnswer> = BTreeMap::new();
        for answer in &self.decision.concerns {
            let rank = |answer: &ConcernAnswer| (answer.state, answer.tier);
            let graver =
                grouped.get(answer.concern.as_str()).is_none_or(|other| rank(answer) > rank(other));
            if graver {
                grouped.insert(&answer.concern, answer);
            }
        }
        let mut answers: Vec<&ConcernAnswer> = grouped.into_values().collect();
        answers.sort_by_key(|answer| {
            (std::cmp::Reverse(answer.state), std::cmp::Reverse(answer.tier), answer.page.clone())
        });
        answers
    }

    /// What is raised and why, what settles, and danger signs that stand alone.
    fn raised(&mut self) {
        let mut rows: Vec<(&str, Style, String)> = Vec::new();
        for answer in self.gravest() {
            let title = &answer.title;
            if answer.state == State::Raised {
                let style = if answer.tier >= Tier::Emergency { RED } else { YELLOW };
                let tier = if answer.tier == Tier::None { "" } else { answer.tier.id() };
                let tier = if tier.is_empty() { String::new() } else { format!(" [{tier}]") };
                rows.push(("RAISED", style, format!("{title}{tier}")));
                let because = answer.because.iter().chain(&answer.also);
                rows.push(("", DIM, values(because)));
            } else if answer.settles_at.is_some() {
                let why = "cannot be known, and a related sign is present";
                rows.push(("SETTLED UP", YELLOW, format!("{title}: {why}")));
            } else if answer.state == State::Open && answer.stuck {
                let what = "cannot be known; a senior physician signs";
                rows.push(("STUCK", YELLOW, format!("{title}: {what}")));
            } else if answer.state == State::Open && answer.tier == Tier::None {
                let what = "not known: nobody gets a reassuring answer; an estimate is accepted";
                rows.push(("AGE", YELLOW, what.to_string()));
            }
        }
        if !self.decision.noted.is_empty() {
            rows.push(("ALSO FOUND", YELLOW, values(self.decision.noted.iter())));
        }
        for (label, style, text) in rows {
            self.row(label, style, &text);
        }
    }

    fn other_concerns(&mut self) {
        let of = |page: &Page, state: State| {
            let answers = page.gravest().into_iter();
            let answers =
                answers.filter(|answer| answer.state == state && answer.tier > Tier::None);
            let waiting = answers.filter(|answer| !answer.stuck);
            waiting.map(|answer| page.concern_name(answer)).collect::<Vec<_>>().join("; ")
        };
        let (open, excluded) = (of(self, State::Open), of(self, State::Excluded));
        if !open.is_empty() {
            self.row("OPEN", BOLD, &open);
        }
        if !excluded.is_empty() {
            self.row("EXCLUDED", GREEN, &excluded);
        }
    }

    fn concern_name(&self, answer: &ConcernAnswer) -> String {
        let phrase = self.guideline.vocabulary.get("concern", &answer.concern);
        phrase.map_or_else(|| answer.title.clone(), |phrase| phrase.staff.clone())
    }

    fn actions(&mut self) {
        let words = [
            ("call", "CALL"),
            ("first", "FIRST"),
            ("do", "TEST NOW"),
            ("meanwhile", "MEANWHILE"),
            ("ask", "ASK SENIOR"),
            ("if_not_known", "IF NOT KNOWN"),
            ("advise", "ADVISE"),
        ];
        for (when, label) in words {
            let found: Vec<String> = self
                .decision
                .actions
                .iter()
                .filter(|action| action.when == when)
                .map(|action| action.spoken.staff.clone())
                .collect();
            if !found.is_empty() {
                self.row(label, BOLD, &found.join("; "));
            }
        }
    }

    /// What speaks for it first; the findings that are clear are counted.
    fn why(&mut self) {
        let (clear, telling): (Vec<&Shown>, Vec<&Shown>) =
            self.decision.why.iter().partition(|shown| self.is_clear(shown));
        let mut text: Vec<String> =
            telling.iter().map(|shown| format!("{}: {}", shown.name, shown.value)).collect();
        if self.all {
            text.extend(clear.iter().map(|shown| format!("{}: {}", shown.name, shown.value)));
        } else if !clear.is_empty() {
            let noun = if clear.len() == 1 { "clear finding" } else { "clear findings" };
            text.push(format!("{} {noun} (--all)", clear.len()));
        }
        if !text.is_empty() {
            self.row("WHY", BOLD, &text.join("; "));
        }
    }

    fn is_clear(&self, shown: &Shown) -> bool {
        let Some(index) = self.guideline.fact(&shown.fact) else { return false };
        match &self.guideline.facts[index].kind {
            Kind::Named { values, clear, .. } => values[*clear].replace('_', " ") == shown.value,
            // A number without an alarm, such as the age, is neither.
            Kind::Quantity(_) => {
                !shown.value.starts_with(['≥', '>']) && !self.is_alarming(index, &shown.value)
            }
        }
    }

    fn is_alarming(&self, index: usize, value: &str) -> bool {
        let cells = &self.guideline.program.cells[index];
        let Some(quantity) = self.guideline.facts[index].quantity() else { return false };
        let (number, unit) =
            value.split_once(' ').map_or((value, None), |(number, unit)| (number, Some(unit)));
        let place = quantity.place(number, unit);
        place.is_ok_and(|place| cells.dangerous >> cells.cell_of(place) & 1 == 1)
    }

    fn missing(&mut self) {
        let decision = self.decision;
        let deciding: Vec<_> =
            decision.missing.iter().filter(|missing| !missing.detail_only).collect();
        let shown = if self.all { deciding.len() } else { SHOWN };
        let mut text: Vec<String> = deciding
            .iter()
            .take(shown)
            .map(|missing| match missing.reason {
                cauda_guideline::resolve::Reason::NotAsked => missing.name.clone(),
                reason => format!("{} ({})", missing.name, reason.words()),
            })
            .collect();
        if deciding.len() > shown {
            text.push(format!("and {} more (--all)", deciding.len() - shown));
        }
        if !text.is_empty() {
            self.row("ASK NEXT", BOLD, &text.join("; "));
        }
        let details = decision.missing.len() - deciding.len();
        if details > 0 {
            self.row("", DIM, &format!("{details} more would only change the details"));
        }
        if !decision.cannot_be_had.is_empty() {
            let names: Vec<String> = decision
                .cannot_be_had
                .iter()
                .map(|shown| format!("{} ({})", shown.name, shown.value))
                .collect();
            self.row("NO ANSWER", YELLOW, &names.join("; "));
        }
        if !decision.withheld.is_empty() {
            let names = self.names(&decision.withheld);
            self.row(
                "DO NOT ASK",
                RED,
                &format!("unsafe while the spine may be unstable: {names}"),
            );
        }
        let idle = decision.cannot_matter.len();
        if idle > 0 {
            let noun = if idle == 1 { "question" } else { "questions" };
            let text = format!("{idle} other {noun} cannot change it: do not wait for them");
            self.row("", DIM, &text);
        }
    }

    fn names(&self, ids: &[String]) -> String {
        let names: Vec<&str> = ids
            .iter()
            .filter_map(|id| self.guideline.fact(id))
            .map(|fact| self.guideline.facts[fact].staff.as_str())
            .collect();
        names.join("; ")
    }

    /// Single answers that would change it, grouped by where they lead; what
    /// raises the urgency first.
    fn would_change(&mut self) {
        let now = self.decision.urgency.acted_on;
        let here = self.decision.disposition.as_ref().map(|go| go.id.as_str());
        let mut groups: Vec<(Outcome, Vec<&WouldChange>)> = Vec::new();
        for change in &self.decision.would_change {
            let key = (change.acted_on, change.disposition.as_deref());
            if key == (now, here) {
                continue;
            }
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, changes)) => changes.push(change),
                None => groups.push((key, vec![change])),
            }
        }
        groups.sort_by_key(|((tier, _), _)| std::cmp::Reverse(*tier));
        let mut label = "WOULD BE";
        let (groups_shown, shown) = if self.all { (usize::MAX, usize::MAX) } else { (3, 3) };
        let mut hidden = 0;
        for (at, ((tier, go), changes)) in groups.into_iter().enumerate() {
            if at >= groups_shown {
                hidden += changes.len();
                continue;
            }
            hidden += changes.len().saturating_sub(shown);
            let go = go.and_then(|go| self.guideline.vocabulary.get("disposition", go));
            let go = go.map_or("cannot decide yet", |phrase| phrase.staff.as_str());
            let text: Vec<String> = changes
                .iter()
                .take(shown)
                .map(|change| format!("{}: {}", change.name, change.value))
                .collect();
            self.row(label, BOLD, &format!("{go} [{}] if {}", tier.id(), text.join(", or ")));
            label = "";
        }
        if hidden > 0 {
            self.row("", DIM, &format!("{hidden} more single answers would change it (--all)"));
        }
    }

    fn foot(&mut self) {
        for note in &self.decision.notes {
            self.row("NOTE", YELLOW, note);
        }
        let raised = self.decision.concerns.iter().filter(|answer| answer.state == State::Raised);
        let mut sources: Vec<String> = Vec::new();
        for cited in raised.flat_map(|answer| &answer.sources) {
            let text = format!("{} ({})", cited.id, cited.read);
            if !sources.contains(&text) {
                sources.push(text);
            }
        }
        if !sources.is_empty() {
            self.row("SOURCES", DIM, &sources.join(", "));
        }
        let basis = &self.decision.guideline;
        let mut text = format!(
            "{} {}, {}…, engine {}",
            basis.id,
            basis.version,
            &basis.sha256[..12],
            basis.engine
        );
        if let Some(as_of) = &self.decision.as_of {
            let _ = write!(text, "; as of {as_of}");
        }
        if let Some(until) = &self.decision.valid_until {
            let _ = write!(text, ", holds until {until}");
        }
        let _ = writeln!(
            self.out,
            "\n{DIM}{text}\nGuideline: {}. The clinician decides.{DIM:#}",
            basis.status
        );
    }

    fn row(&mut self, label: &str, style: Style, text: &str) {
        let mut first = true;
        for line in wrapped(text, width().max(WIDTH_MIN) - LEFT) {
            let label = if first { label } else { "" };
            let _ = match (label.is_empty(), style == DIM) {
                (true, true) => writeln!(self.out, "{:LEFT$}{DIM}{line}{DIM:#}", ""),
                (true, false) => writeln!(self.out, "{:LEFT$}{line}", ""),
                _ => writeln!(self.out, "{style}{label:LEFT$}{style:#}{line}"),
            };
            first = false;
        }
    }
}

fn tier_words(guideline: &Guideline, tier: Tier) -> String {
    let phrase = guideline.vocabulary.get("tier", tier.id());
    capital(phrase.map_or(tier.id(), |phrase| phrase.staff.as_str()))
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}

fn values<'a>(shown: impl Iterator<Item = &'a Shown>) -> String {
    shown.map(|shown| format!("{}: {}", shown.name, shown.value)).collect::<Vec<_>>().join("; ")
}

/// Breaks a text at blanks.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.len() - 1;
        let length = lines[line].chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_string());
        } else {
            if length > 0 {
                lines[line].push(' ');
            }
            lines[line].push_str(word);
        }
    }
    lines
}
