//! What a replay found: counted as it goes, the first differences and faults kept to be shown.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use cauda_guideline::vocabulary::Tier;
use cauda_guideline::{Guideline, time};
use cauda_pathway::Difference as Found;
use cauda_pathway::answer::{Answer, Basis};
use cauda_store::Event as Stored;
use serde::Serialize;

use super::count;
use crate::error::CliError;

/// Most differences, and most faults, that are listed; the rest is counted.
const LISTED_MAX: usize = 1_000;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Which way a decision goes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    MoreUrgent,
    LessUrgent,
    Otherwise,
}

/// A decision in short.
#[derive(Debug, Serialize)]
struct Short {
    disposition: Option<String>,
    acted_on: Tier,
}

/// A decision that comes out otherwise.
#[derive(Debug, Serialize)]
struct Difference {
    visit: String,
    /// Number of the event in its stream, from 1.
    event: u64,
    position: u64,
    /// The moment decided about.
    at: String,
    stored: Short,
    now: Short,
    change: Change,
    differs_in: Vec<&'static str>,
    /// The same guideline and engine decided: the record or the program is broken.
    is_a_fault: bool,
    stored_by: Basis,
}

/// A visit that is not as a visit must be.
#[derive(Debug, Serialize)]
struct Fault {
    visit: String,
    event: u64,
    position: u64,
    what: &'static str,
}

/// What became of one visit. Ids are filled in when it is added to the rest.
#[derive(Debug, Default)]
pub struct Outcome {
    /// A body is gone, so nothing of it can be decided again.
    pub is_erased: bool,
    decisions: u64,
    of_another: u64,
    differences: Vec<Difference>,
    faults: Vec<Fault>,
}

/// How many decisions, in how many visits.
#[derive(Debug, Default, Serialize)]
struct Counted {
    decisions: u64,
    visits: u64,
}

/// What became of all.
#[derive(Debug, Serialize)]
pub struct Replayed {
    guideline: Basis,
    visits: u64,
    erased: u64,
    decisions: u64,
    /// Decisions that another guideline or engine made.
    of_another: u64,
    more_urgent: Counted,
    less_urgent: Counted,
    otherwise: Counted,
    fault_count: u64,
    differences: Vec<Difference>,
    faults: Vec<Fault>,
}

impl Outcome {
    /// Something is wrong with an event.
    pub fn fault(&mut self, stored: &Stored, what: &'static str) {
        let (event, position) = (stored.sequence, stored.position);
        self.faults.push(Fault { visit: String::new(), event, position, what });
    }

    /// A decision was made again.
    pub fn decided(&mut self, stored: &Stored, found: Option<&Found>) {
        self.decisions += 1;
        let Some(found) = found else { return };
        self.of_another += u64::from(!found.is_a_fault());
        self.differences.extend(Difference::new(stored, found));
    }
}

impl Difference {
    /// Nothing when another guideline or engine says the same.
    fn new(stored: &Stored, found: &Found) -> Option<Difference> {
        let (was, is) = (&found.recorded, &found.now);
        let differs_in = differs_in(was, is);
        if !found.is_a_fault() && differs_in.is_empty() {
            return None;
        }
        let (before, after) = (was.verdict.acted_on, is.verdict.acted_on);
        Some(Difference {
            visit: String::new(),
            event: stored.sequence,
            position: stored.position,
            at: time::write(was.as_of),
            stored: Short::new(was),
            now: Short::new(is),
            change: match after.cmp(&before) {
                std::cmp::Ordering::Greater => Change::MoreUrgent,
                std::cmp::Ordering::Less => Change::LessUrgent,
                std::cmp::Ordering::Equal => Change::Otherwise,
            },
            differs_in,
            is_a_fault: found.is_a_fault(),
            stored_by: was.basis.clone(),
        })
    }
}

/// What of two answers is not the same. When it holds and the facts it used count only where the
/// guideline is the same: another one may look at other facts.
fn differs_in(was: &Answer, is: &Answer) -> Vec<&'static str> {
    let (before, after) = (&was.verdict, &is.verdict);
    let same_basis = was.basis == is.basis;
    let parts = [
        ("urgency", before.acted_on != after.acted_on),
        ("disposition", before.disposition != after.disposition),
        ("bounds", (before.at_least, before.at_most) != (after.at_least, after.at_most)),
        ("decided", (before.decided, before.class) != (after.decided, after.class)),
        ("scope", before.in_scope != after.in_scope),
        ("review", before.clinician_review != after.clinician_review),
        ("ask again", before.ask_again != after.ask_again),
        ("raised", before.raised != after.raised),
        ("imaging", before.imaging != after.imaging),
        ("actions", before.actions != after.actions),
        ("unreadable", was.unreadable != is.unreadable),
        ("facts", same_basis && was.facts_sha256 != is.facts_sha256),
        ("time", same_basis && (was.as_of, was.valid_until) != (is.as_of, is.valid_until)),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
}

impl Short {
    fn new(answer: &Answer) -> Short {
        let verdict = &answer.verdict;
        Short { disposition: verdict.disposition.clone(), acted_on: verdict.acted_on }
    }

    fn words(&self) -> String {
        let disposition = self.disposition.as_deref().unwrap_or("cannot decide yet");
        format!("{disposition}, {}", self.acted_on.id())
    }
}

impl Counted {
    fn words(&self) -> String {
        format!("{} in {}", count(self.decisions, "decision"), count(self.visits, "visit"))
    }
}

impl Replayed {
    /// Nothing replayed yet.
    pub fn new(guideline: &Guideline) -> Replayed {
        Replayed {
            guideline: Basis {
                guideline: guideline.id.clone(),
                version: guideline.version.clone(),
                sha256: guideline.sha256.clone(),
                engine: cauda_guideline::ENGINE_VERSION.to_string(),
            },
            visits: 0,
            erased: 0,
            decisions: 0,
            of_another: 0,
            more_urgent: Counted::default(),
            less_urgent: Counted::default(),
            otherwise: Counted::default(),
            fault_count: 0,
            differences: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Counts a visit, and keeps what can still be listed.
    pub fn add(&mut self, visit: &str, outcome: Outcome) {
        self.visits += 1;
        self.erased += u64::from(outcome.is_erased);
        self.decisions += outcome.decisions;
        self.of_another += outcome.of_another;
        for (change, counted) in [
            (Change::MoreUrgent, &mut self.more_urgent),
            (Change::LessUrgent, &mut self.less_urgent),
            (Change::Otherwise, &mut self.otherwise),
        ] {
            let found = outcome.differences.iter().filter(|found| found.change == change).count();
            counted.decisions += found as u64;
            counted.visits += u64::from(found > 0);
        }
        self.fault_count += outcome.faults.len() as u64;
        let room = LISTED_MAX.saturating_sub(self.differences.len());
        let listed = outcome.differences.into_iter().take(room);
        self.differences
            .extend(listed.map(|found| Difference { visit: visit.to_owned(), ..found }));
        let room = LISTED_MAX.saturating_sub(self.faults.len());
        let listed = outcome.faults.into_iter().take(room);
        self.faults.extend(listed.map(|fault| Fault { visit: visit.to_owned(), ..fault }));
    }

    fn differ(&self) -> u64 {
        [&self.more_urgent, &self.less_urgent, &self.otherwise]
            .map(|one| one.decisions)
            .iter()
            .sum()
    }

    /// Whether every decision comes out as it was stored, and every visit could be read.
    pub fn is_the_same(&self) -> bool {
        self.differ() == 0 && self.fault_count == 0
    }

    /// As JSON.
    ///
    /// # Errors
    /// A fault of the program.
    pub fn json(&self) -> Result<String, CliError> {
        serde_json::to_string_pretty(self).map_err(|error| CliError::Internal(error.to_string()))
    }

    /// As a page.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for fault in &self.faults {
            let Fault { visit, event, position, what } = fault;
            let _ = writeln!(
                text,
                "{RED}FAULT{RED:#}  visit {visit}, event {event} at position {position}: {what}"
            );
        }
        more(&mut text, self.fault_count, self.faults.len());
        let mut visit = None;
        for found in &self.differences {
            if visit != Some(&found.visit) {
                let _ = writeln!(text, "visit {}", found.visit);
                visit = Some(&found.visit);
            }
            text.push_str(&found.text());
        }
        more(&mut text, self.differ(), self.differences.len());
        let Basis { guideline, version, sha256, engine } = &self.guideline;
        let sha256 = sha256.get(..12).unwrap_or(sha256);
        let _ = writeln!(
            text,
            "{}, {} of them erased, {}, {} of them by another guideline or engine\n\
             decided again with {guideline} {version} {sha256}, engine {engine}",
            count(self.visits, "visit"),
            self.erased,
            count(self.decisions, "decision"),
            self.of_another
        );
        if self.is_the_same() {
            let _ = writeln!(text, "{GREEN}the same{GREEN:#}: every decision is as it was stored");
            return text;
        }
        let _ = writeln!(
            text,
            "more urgent  {}\nless urgent  {}\notherwise    {}\nfaults       {}",
            self.more_urgent.words(),
            self.less_urgent.words(),
            self.otherwise.words(),
            self.fault_count
        );
        text
    }
}

impl Difference {
    fn text(&self) -> String {
        let change = match self.change {
            Change::MoreUrgent => "more urgent",
            Change::LessUrgent => "less urgent",
            Change::Otherwise => "otherwise",
        };
        let mut text = format!(
            "  {}  event {}, position {}  stored `{}`  now `{}`  {change}",
            self.at,
            self.event,
            self.position,
            self.stored.words(),
            self.now.words()
        );
        if !self.differs_in.is_empty() {
            let _ = write!(text, "  {DIM}({}){DIM:#}", self.differs_in.join(", "));
        }
        if self.is_a_fault {
            let _ = write!(text, "  {RED}FAULT{RED:#}: the same guideline and engine decided this");
        }
        text.push('\n');
        text
    }
}

fn more(text: &mut String, all: u64, listed: usize) {
    let left = all.saturating_sub(listed as u64);
    if left > 0 {
        let _ = writeln!(text, "… and {left} more");
    }
}
