//! How an interview ends: the answer, then whose questions remain. It never asks
//! anybody to go on where nothing is left.

use std::collections::BTreeMap;
use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::{FactIndex, Role, Stage};
use cauda_guideline::vocabulary::Tier;

use super::BOLD;
use super::screen::{Asked, deciding};
use crate::out::width;
use crate::page::{self, AT_TRIAGE};

/// Questions named of each role.
const NAMED: usize = 4;

/// The answer and whose questions remain. `stopped`: by the person, before the
/// questions were at their end.
pub fn text(guideline: &Guideline, decision: &Decision, asked: &Asked, stopped: bool) -> String {
    let mut out = String::new();
    let open = deciding(guideline, decision);
    let quiet = decision.urgency.acted_on == Tier::None && !decision.decided;
    if asked.only_stage && quiet {
        let stage = asked.stage.map_or("This part", stage_words);
        let end = if stopped || !asked.later.is_empty() { "stops here" } else { "is complete" };
        line(&mut out, &format!("{stage} {end}."));
        let _ = writeln!(out, "{BOLD}Assessment unfinished.{BOLD:#}");
        line(&mut out, "No concern is raised so far, and none is ruled out by this part alone.");
    } else {
        if asked.stage == Some(Stage::Triage) && decision.urgency.acted_on >= Tier::Urgent {
            out.push_str(AT_TRIAGE);
            out.push('\n');
        }
        out.push_str(&page::write(guideline, decision, false));
    }
    out.push('\n');
    remaining(guideline, decision, asked, &open, &mut out);
    out
}

fn remaining(
    guideline: &Guideline,
    decision: &Decision,
    asked: &Asked,
    open: &[FactIndex],
    out: &mut String,
) {
    let name = |fact: &FactIndex| guideline.facts[*fact].staff.as_str();
    if open.is_empty() {
        let text = match (decision.decided, decision.cannot_be_had.len()) {
            (true, _) => "No question is left that could change urgency or place.".to_string(),
            (false, 0) => "No question is left; a clinician decides.".to_string(),
            (false, 1) => "No question is left: 1 answer cannot be had, and a senior physician decides what it leaves open.".to_string(),
            (false, count) => format!("No question is left: {count} answers cannot be had, and a senior physician decides what they leave open."),
        };
        return line(out, &text);
    }
    let (mine, others): (Vec<FactIndex>, Vec<FactIndex>) =
        open.iter().partition(|fact| asked.takes(&guideline.facts[**fact]));
    let mut groups: Vec<(String, Vec<FactIndex>)> = Vec::new();
    if !mine.is_empty() {
        groups.push((format!("Still open for you, {}", asked.role.words()), mine));
    }
    let mut by_role: BTreeMap<String, Vec<FactIndex>> = BTreeMap::new();
    for fact in others {
        by_role.entry(whose(&guideline.facts[fact].asked_of, asked)).or_default().push(fact);
    }
    groups.extend(by_role);
    for (who, facts) in groups {
        let noun = if facts.len() == 1 { "question" } else { "questions" };
        let mut names: Vec<&str> = facts.iter().take(NAMED).map(name).collect();
        let more = format!("and {} more", facts.len().saturating_sub(NAMED));
        if facts.len() > NAMED {
            names.push(&more);
        }
        line(out, &format!("{who}: {} {noun} ({}).", facts.len(), names.join("; ")));
    }
}

/// Who is to answer, without the role that just did unless it is later in the visit.
fn whose(of: &[Role], asked: &Asked) -> String {
    let later = of.contains(&asked.role);
    let roles: Vec<&str> = of
        .iter()
        .filter(|role| !matches!(role, Role::Ehr | Role::Patient))
        .map(|role| role.words())
        .collect();
    let roles = if roles.is_empty() { "the patient".to_string() } else { roles.join(" or ") };
    match later {
        true => format!("Later in the visit, for {roles}"),
        false => format!("Left for {roles}"),
    }
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Triage => "Triage",
        Stage::Examination => "The examination",
        Stage::Results => "The part on results",
        Stage::Discharge => "The part before going home",
        Stage::FollowUp => "The follow-up",
    }
}

fn line(out: &mut String, text: &str) {
    for line in page::wrapped(text, width()) {
        let _ = writeln!(out, "{line}");
    }
}
