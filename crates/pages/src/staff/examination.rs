//! The examination: bladder and saddle, the grid of the legs, spine, belly and pulses, and what is
//! settled before going home. One key a finding; blank is not examined.

use std::collections::BTreeSet;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::{By, FactIndex, Stage};
use maud::{Markup, html};

use super::body_map;
use super::findings::{Asking, Grid, error_summary, pairs};
use super::frame::Sending;
use super::triage::{found_earlier, signatures};
use super::verdict::{Level, headline};

/// What the page is made of.
pub struct Examination<'a> {
    /// The questions.
    pub asking: Asking<'a>,
    /// The answer so far.
    pub decision: &'a Decision,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// The person may say that a physician has examined.
    pub examines: bool,
}

/// The page.
pub fn page(examination: &Examination) -> Markup {
    let asking = &examination.asking;
    let Some(identity) = &asking.visit.identity else { return html! {} };
    let guideline = asking.guideline;
    let here = here(asking);
    let level = Level::of(asking.visit);
    html! {
        h1 { "Examination" }
        (error_summary(guideline, asking.faults))
        p { "So far: " (level.tag()) " " (headline(examination.decision)) }
        (gaps(asking, examination.decision))
        form method="post" action={ "/visit/" (identity.visit) "/examination" } autocomplete="off" {
            (examination.sending.fields())
            (of_group(asking, "Bladder and saddle", &here, |group| group == "bladder"))
            (body_map::section(asking, &here))
            (legs(asking, &here))
            (of_group(asking, "Spine and skin", &examined(guideline, &here), |group| {
                matches!(group, "trauma" | "infection" | "cancer")
            }))
            (of_group(asking, "Belly, chest, pulses", &examined(guideline, &here), |group| {
                matches!(group, "vascular" | "gate")
            }))
            (signed(asking))
            (measured(asking))
            (before_home(asking))
            (rest(asking, &here))
            (found_earlier())
            section.savebar aria-label="Save" { p.actions {
                button.button name="examined" value=[examination.examines.then_some("yes")] type="submit" {
                    @if examination.examines { "Save and decide" } @else { "Save" }
                }
                " " span.hint { "or Ctrl Enter" }
            } }
        }
    }
}

/// Facts this person may answer at the examination.
fn here(asking: &Asking) -> Vec<FactIndex> {
    let facts = asking.guideline.entered_facts();
    let mine = facts.filter(|(_, fact)| {
        fact.asked_at.contains(&Stage::Examination)
            && (fact.asked_of.is_empty() || fact.asked_of.contains(&asking.role))
    });
    mine.map(|(index, _)| index).collect()
}

fn examined(guideline: &Guideline, facts: &[FactIndex]) -> Vec<FactIndex> {
    let by = facts
        .iter()
        .copied()
        .filter(|fact| matches!(guideline.facts[*fact].by, By::Examine | By::Test));
    by.collect()
}

/// What is still open of the emergency group, and what else waits, in one line each.
fn gaps(asking: &Asking, decision: &Decision) -> Markup {
    let group: Vec<FactIndex> = asking
        .guideline
        .entered_facts()
        .filter(|(_, fact)| fact.group == "bladder" && fact.needed.is_none())
        .filter(|(_, fact)| fact.asked_at.contains(&Stage::Triage))
        .map(|(index, _)| index)
        .collect();
    let open = group.iter().filter(|fact| asking.is_unasked(**fact)).count();
    let missing: Vec<&str> = decision
        .missing
        .iter()
        .filter(|missing| !missing.detail_only)
        .take(4)
        .map(|missing| missing.name.as_str())
        .collect();
    html! {
        @if open > 0 {
            p.panel.warn { b { (open) " of " (group.len()) " bladder, bowel and saddle questions not asked." } }
        }
        @if !missing.is_empty() {
            p { b { "Could still change it: " } (missing.join("; "))
                @let more = decision.missing.iter().filter(|m| !m.detail_only).count().saturating_sub(missing.len());
                @if more > 0 { "; and " (more) " more" }
            }
        }
    }
}

fn of_group(
    asking: &Asking,
    title: &str,
    facts: &[FactIndex],
    is_of: impl Fn(&str) -> bool,
) -> Markup {
    let guideline = asking.guideline;
    let mine: Vec<FactIndex> =
        facts.iter().copied().filter(|fact| is_of(&guideline.facts[*fact].group)).collect();
    html! {
        @if !mine.is_empty() {
            section.panel { h2 { (title) } (asking.questions(&mine)) }
        }
    }
}

/// The grid, and what of the legs has no two sides.
fn legs(asking: &Asking, facts: &[FactIndex]) -> Markup {
    let guideline = asking.guideline;
    let legs: Vec<FactIndex> =
        facts.iter().copied().filter(|fact| guideline.facts[*fact].group == "legs").collect();
    let grids: Vec<(Grid, &str)> =
        vec![(Grid::Power, "Power"), (Grid::Reflex, "Reflexes"), (Grid::Touch, "Touch")];
    let in_grid: BTreeSet<FactIndex> = grids
        .iter()
        .flat_map(|(sort, _)| pairs(guideline, &legs, *sort))
        .flat_map(|(right, left)| [right, left])
        .collect();
    let beside = body_map::beside(asking, facts);
    let rest: Vec<FactIndex> = legs
        .iter()
        .copied()
        .filter(|fact| !in_grid.contains(fact) && !beside.contains(fact))
        .collect();
    let (asked, found): (Vec<FactIndex>, Vec<FactIndex>) =
        rest.into_iter().partition(|fact| guideline.facts[*fact].by == By::Ask);
    html! {
        section.panel {
            h2 { "Legs" }
            p.hint { "One key a cell, right then left; arrows move; blank is not examined." }
            p.status role="status" id="exam-status" {}
            div.grid2 {
                div {
                    @for (sort, title) in &grids[..1] {
                        @let rows = pairs(guideline, &legs, *sort);
                        @if !rows.is_empty() { (asking.grid(title, *sort, &rows)) }
                    }
                }
                div {
                    @for (sort, title) in &grids[1..] {
                        @let rows = pairs(guideline, &legs, *sort);
                        @if !rows.is_empty() { (asking.grid(title, *sort, &rows)) }
                    }
                }
            }
            (asking.questions(&found))
            details { summary { "Weakness and course, as told" } div { (asking.questions(&asked)) } }
        }
    }
}

fn signed(asking: &Asking) -> Markup {
    let signatures = signatures(asking.guideline, asking.role, Stage::Examination);
    html! {
        @if !signatures.is_empty() {
            section.panel {
                h2 { "Signed as a group" }
                p.hint { "Only what you asked or examined. Anything entered above stays as you entered it. The saddle is signed by itself." }
                @for at in signatures { (asking.signature(at)) }
            }
        }
    }
}

fn measured(asking: &Asking) -> Markup {
    let facts = asking.guideline.entered_facts();
    let measured: Vec<FactIndex> = facts
        .filter(|(_, fact)| fact.by == By::Measure && fact.quantity().is_some())
        .filter(|(_, fact)| fact.asked_of.contains(&asking.role))
        .map(|(index, _)| index)
        .collect();
    html! { section.panel { h2 { "Measured" } (asking.questions(&measured)) } }
}

fn before_home(asking: &Asking) -> Markup {
    let facts = asking.guideline.entered_facts();
    let before: Vec<FactIndex> = facts
        .filter(|(_, fact)| {
            matches!(
                fact.asked_at.as_slice(),
                [Stage::Discharge] | [Stage::Results, Stage::Discharge]
            )
        })
        .filter(|(_, fact)| fact.asked_of.is_empty() || fact.asked_of.contains(&asking.role))
        .map(|(index, _)| index)
        .collect();
    html! {
        section.panel {
            h2 { "Before going home" }
            (asking.questions(&before))
        }
    }
}

/// Everything else the guideline may ask of this person, closed.
fn rest(asking: &Asking, here: &[FactIndex]) -> Markup {
    let guideline = asking.guideline;
    let asked: Vec<FactIndex> = guideline
        .entered_facts()
        .filter(|(_, fact)| fact.asked_of.is_empty() || fact.asked_of.contains(&asking.role))
        .filter(|(index, fact)| {
            !here.contains(index)
                && fact.asked_at.contains(&Stage::Triage)
                && fact.by != By::Measure
        })
        .map(|(index, _)| index)
        .collect();
    let beside = body_map::beside(asking, here);
    let other: Vec<FactIndex> = here
        .iter()
        .copied()
        .filter(|index| {
            let fact = &guideline.facts[*index];
            let shown = beside.contains(index)
                || matches!(fact.group.as_str(), "bladder" | "legs")
                || (matches!(
                    fact.group.as_str(),
                    "trauma" | "infection" | "cancer" | "vascular" | "gate"
                ) && matches!(fact.by, By::Examine | By::Test));
            !shown && fact.by != By::Measure
        })
        .collect();
    let (scanner, medicines): (Vec<FactIndex>, Vec<FactIndex>) =
        other.into_iter().partition(|fact| guideline.facts[*fact].group == "scanner");
    html! {
        (closed("What triage asks", asking, &asked))
        (closed("Medicines and other illness", asking, &medicines))
        (closed("Before a scan", asking, &scanner))
    }
}

fn closed(title: &str, asking: &Asking, facts: &[FactIndex]) -> Markup {
    let guideline = asking.guideline;
    let open = facts.iter().filter(|fact| asking.is_unasked(**fact)).count();
    let at_fault = facts
        .iter()
        .any(|fact| asking.faults.contains_key(&super::findings::field(&guideline.facts[*fact])));
    let matters = facts.iter().filter(|fact| asking.matters.contains(fact)).count();
    html! {
        @if !facts.is_empty() {
            details.panel open[at_fault] {
                summary { (title) " (" (open) " of " (facts.len()) " not asked"
                    @if matters > 0 { "; " (matters) " could still change the answer" } ")" }
                div { (asking.questions(facts)) }
            }
        }
    }
}
