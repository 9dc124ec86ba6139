//! An emergency is told the moment it is raised, in a short block: what is
//! raised, what to do now, whom to call. What is still unknown, the age among
//! it, never delays it.

use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::decide::State;
use cauda_guideline::decision::{ConcernAnswer, Decision};
use cauda_guideline::facts::{Role, Stage};
use cauda_guideline::vocabulary::Tier;

use super::{BOLD, RED};
use crate::out::width;
use crate::page::{AT_TRIAGE, wrapped};

/// Width of the left column.
const LEFT: usize = 8;

/// What was told so far.
#[derive(Clone, Debug, Default)]
pub struct Told {
    tier: Option<Tier>,
    pages: Vec<String>,
}

/// How loud news are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing to tell.
    None,
    /// Another concern of an urgency that was told already.
    Another,
    /// An emergency for the first time, or a graver one.
    Alarm,
}

/// Concerns that make it an emergency.
fn raised(decision: &Decision) -> impl Iterator<Item = &ConcernAnswer> {
    decision.concerns.iter().filter(|answer| match answer.state {
        State::Raised => answer.tier >= Tier::Emergency,
        _ => answer.settles_at.is_some_and(|tier| tier >= Tier::Emergency),
    })
}

impl Told {
    /// Compares with what was told and remembers it; an alarm that was taken
    /// back is forgotten, so that it sounds again.
    pub fn hear(&mut self, decision: &Decision) -> (News, Vec<String>) {
        let tier = Some(decision.urgency.acted_on).filter(|tier| *tier >= Tier::Emergency);
        let now: Vec<String> = raised(decision).map(|answer| answer.page.clone()).collect();
        let new: Vec<String> =
            now.iter().filter(|page| !self.pages.contains(page)).cloned().collect();
        let news = match () {
            () if tier > self.tier => News::Alarm,
            () if tier.is_some() && !new.is_empty() => News::Another,
            () => News::None,
        };
        self.tier = tier;
        self.pages = now;
        (news, new)
    }
}

/// The block.
pub fn block(
    guideline: &Guideline,
    decision: &Decision,
    role: Role,
    stage: Option<Stage>,
) -> String {
    let mut block = Block { out: String::new() };
    let urgency = decision.urgency.acted_on;
    let tier = guideline.vocabulary.get("tier", urgency.id());
    let tier = tier.map_or(urgency.id(), |phrase| phrase.staff.as_str());
    let go =
        decision.disposition.as_ref().map_or(String::new(), |go| go.staff.to_uppercase() + ". ");
    if role == Role::Patient {
        block.alarm("Call a nurse or doctor to this screen now.");
    }
    if stage == Some(Stage::Triage) {
        block.alarm(AT_TRIAGE);
    }
    block.alarm(&format!("ALARM: {go}{tier}."));
    for answer in raised(decision) {
        block.row("RAISED", &because(answer));
    }
    for image in decision.imaging.iter().take(1) {
        let within =
            image.within.as_ref().map_or(String::new(), |within| format!(", within {within}"));
        block.row("SCAN", &format!("{}{within}", image.spoken.staff));
    }
    for (when, label) in [("first", "DO NOW"), ("call", "CALL")] {
        let found = decision.actions.iter().filter(|action| action.when == when);
        let found: Vec<&str> = found.map(|action| action.spoken.staff.as_str()).collect();
        if !found.is_empty() {
            block.row(label, &found.join("; "));
        }
    }
    if urgency == decision.urgency.at_least {
        block.plain("Further answers cannot lower it; only a correction can.");
    }
    block.out
}

/// Another concern of the same urgency: one line.
pub fn another(decision: &Decision, pages: &[String]) -> String {
    let mut block = Block { out: String::new() };
    for answer in raised(decision).filter(|answer| pages.contains(&answer.page)) {
        block.alarm(&format!("ALSO RAISED: {}", because(answer)));
    }
    block.out
}

fn because(answer: &ConcernAnswer) -> String {
    let signs = answer.because.iter().map(|shown| format!("{}: {}", shown.name, shown.value));
    let signs: Vec<String> = signs.collect();
    let signs = match answer.state {
        State::Raised => signs.join("; "),
        _ => "cannot be known, and a related sign is present".to_string(),
    };
    let tier = if answer.state == State::Raised { Some(answer.tier) } else { answer.settles_at };
    format!("{} [{}] ({signs})", answer.title, tier.map_or("", Tier::id))
}

struct Block {
    out: String,
}

impl Block {
    fn alarm(&mut self, text: &str) {
        for line in wrapped(text, width()) {
            let _ = writeln!(self.out, "{RED}{line}{RED:#}");
        }
    }

    fn plain(&mut self, text: &str) {
        for line in wrapped(text, width()) {
            let _ = writeln!(self.out, "{line}");
        }
    }

    fn row(&mut self, label: &str, text: &str) {
        for (at, line) in wrapped(text, width().saturating_sub(LEFT)).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let _ = writeln!(self.out, "{BOLD}{label:LEFT$}{BOLD:#}{line}");
        }
    }
}
