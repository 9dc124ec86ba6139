//! Triage on one screen: danger signs first, signatures for what was asked and is as before, and
//! five ways to save.

use std::collections::BTreeSet;

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::{By, FactIndex, Role, Stage};
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::findings::{Asking, error_summary};
use super::frame::Sending;
use super::verdict::{Level, headline};

/// Groups of facts in the order a triage nurse asks them, with their headings; others follow.
const SECTIONS: [(&str, &str); 8] = [
    ("bladder", "Bladder, bowel, between the legs"),
    ("trauma", "Injury and bone"),
    ("legs", "Legs"),
    ("vascular", "Heart, vessels, belly"),
    ("gate", "Heart, vessels, belly"),
    ("infection", "Infection"),
    ("cancer", "Cancer"),
    ("bleeding", "Bleeding"),
];
/// Groups that are not a triage nurse's: asked before a scan, or before going home.
const LATER: [&str; 2] = ["scanner", "follow_up"];

/// What the page is made of.
pub struct Triage<'a> {
    /// The questions.
    pub asking: Asking<'a>,
    /// The answer so far.
    pub decision: &'a Decision,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// Patients may come with the code of a self-check.
    pub takes_codes: bool,
}

/// Facts that a nurse may answer at triage.
fn asked(guideline: &Guideline) -> Vec<FactIndex> {
    let facts = guideline.entered_facts();
    let mine = facts.filter(|(_, fact)| {
        fact.asked_at.contains(&Stage::Triage)
            && (fact.asked_of.is_empty() || fact.asked_of.contains(&Role::Nurse))
            && !LATER.contains(&fact.group.as_str())
    });
    mine.map(|(index, _)| index).collect()
}

/// The signatures a nurse may give at triage.
pub fn signatures(guideline: &Guideline, role: Role, stage: Stage) -> Vec<usize> {
    let known = guideline.attestations.iter().enumerate();
    let mine = known.filter(|(_, known)| known.of.contains(&role) && known.at.contains(&stage));
    mine.map(|(at, _)| at).collect()
}

/// The page.
pub fn page(triage: &Triage) -> Markup {
    let asking = &triage.asking;
    let guideline = asking.guideline;
    let facts = asked(guideline);
    let signatures = signatures(guideline, asking.role, Stage::Triage);
    let visit = asking.visit;
    let identity = visit.identity.as_ref();
    let Some(identity) = identity else { return html! {} };
    let (measured, rest): (Vec<FactIndex>, Vec<FactIndex>) =
        facts.iter().copied().partition(|fact| {
            let fact = &guideline.facts[*fact];
            fact.quantity().is_some() && fact.by == By::Measure || fact.id == "pain_score"
        });
    let about: Vec<FactIndex> = rest
        .iter()
        .copied()
        .filter(|fact| matches!(guideline.facts[*fact].group.as_str(), "patient"))
        .collect();
    html! {
        h1 { "Triage" }
        (error_summary(guideline, asking.faults))
        (so_far(visit, triage.decision))
        form method="post" action={ "/visit/" (identity.visit) "/triage" } autocomplete="off" {
            (triage.sending.fields())
            @if triage.takes_codes { (at_home(triage, identity.visit.as_str())) }
            (danger_signs(asking, &rest, &signatures))
            div.grid2 {
                section.panel {
                    h2 { "The patient" }
                    (asking.questions(&about))
                }
                section.panel {
                    h2 { "Measured" }
                    (asking.questions(&measured))
                }
            }
            (risks(asking, &signatures))
            (others(asking, &rest, &about))
            (save(visit))
        }
        (acuity(triage, identity.visit.as_str()))
    }
}

/// The code of a self-check; once it is read, what the patient told of comes first.
fn at_home(triage: &Triage, visit: &str) -> Markup {
    let (asking, guideline) = (&triage.asking, triage.asking.guideline);
    let fault = asking.faults.get("code");
    let told = asking.told.iter().filter(|(_, said)| *said != "no");
    let told: Vec<_> = told.filter(|(fact, _)| guideline.facts[**fact].id != "age").collect();
    html! {
        @if asking.told.is_empty() {
            details.panel open[fault.is_some()] {
                summary { "The patient has a code from the check at home" }
                div.field {
                    label for="code" { "Code" }
                    p.hint { "Scan the picture, or type the groups of four. What was said stands beside each question then; you ask again." }
                    @if let Some(fault) = fault { p.error id="code-error" { (fault) } }
                    input id="code" name="code" maxlength="400" aria-invalid=[fault.map(|_| "true")]
                        aria-describedby=[fault.map(|_| "code-error")];
                }
                // What was typed below goes along and stays.
                button.button.secondary formaction={ "/visit/" (visit) "/check" } { "Show the answers" }
            }
        } @else {
            section.panel.warn {
                h2 { "Answered at home" }
                @if told.is_empty() { p { "No danger sign was told. Ask again: nothing is entered yet." } }
                @else {
                    p { "Nothing is entered yet. Ask each again, and answer it below." }
                    ul { @for (fact, said) in told {
                        li { a href={ "#f." (guideline.facts[*fact].id) } { (guideline.facts[*fact].staff) } ": " b { (said) } }
                    } }
                }
            }
        }
    }
}

fn so_far(visit: &Visit, decision: &Decision) -> Markup {
    let level = Level::of(visit);
    let pressing = matches!(visit.tier(), Tier::Emergency | Tier::Immediate | Tier::Urgent);
    html! {
        @if pressing {
            section class={ "panel warn " (level.class()) } role="alert" {
                h2 { (level.tag()) " " (headline(decision)) }
                p { "A physician now. The scan is for the physician to order." }
                ul { @for action in decision.actions.iter().take(6) { li { (action.spoken.staff) } } }
            }
        } @else {
            p { "So far: " (level.tag()) " "
                @match visit.acuity { Some(acuity) => { "acuity " (acuity) }, None => "not triaged" } }
        }
    }
}

/// Single facts with a signature of their own come first, each right after its signature.
fn danger_signs(asking: &Asking, facts: &[FactIndex], signatures: &[usize]) -> Markup {
    let guideline = asking.guideline;
    let topics: Vec<usize> = signatures
        .iter()
        .copied()
        .filter(|at| guideline.attestations[*at].covers.len() <= 6)
        .collect();
    let covered: BTreeSet<FactIndex> =
        topics.iter().flat_map(|at| &guideline.attestations[*at].covers).copied().collect();
    let open = covered.iter().filter(|fact| asking.is_unasked(**fact)).count();
    let rest: Vec<FactIndex> = facts
        .iter()
        .copied()
        .filter(|fact| guideline.facts[*fact].group == "bladder" && !covered.contains(fact))
        .collect();
    html! {
        section.panel {
            h2 { "Bladder, bowel, between the legs " small { "(" (open) " of " (covered.len()) " open)" } }
            p.hint { "Ask each in plain words. Sign only what was asked and is as before; answer the rest." }
            @for at in topics {
                (asking.signature(at))
                @let covers = &guideline.attestations[at].covers;
                (asking.questions(covers))
            }
            (asking.questions(&rest))
        }
    }
}

/// Signatures over risks that were asked one by one.
fn risks(asking: &Asking, signatures: &[usize]) -> Markup {
    let covers = |at: &usize| &asking.guideline.attestations[*at].covers;
    let large: Vec<usize> = signatures.iter().copied().filter(|at| covers(at).len() > 6).collect();
    html! {
        @if !large.is_empty() {
            section.panel { h2 { "Risks" } @for at in large { (asking.signature(at)) } }
        }
    }
}

fn others(asking: &Asking, facts: &[FactIndex], done: &[FactIndex]) -> Markup {
    let guideline = asking.guideline;
    let mut titles: Vec<&str> = Vec::new();
    for (_, title) in &SECTIONS[1..] {
        if !titles.contains(title) {
            titles.push(title);
        }
    }
    let of = |title: &str| -> Vec<FactIndex> {
        let mine = facts.iter().copied().filter(|fact| {
            let group = guideline.facts[*fact].group.as_str();
            SECTIONS[1..].iter().any(|(known, of)| *known == group && *of == title)
        });
        mine.collect()
    };
    let known = |fact: &FactIndex| {
        let group = guideline.facts[*fact].group.as_str();
        SECTIONS.iter().any(|(known, _)| *known == group) || done.contains(fact)
    };
    let rest: Vec<FactIndex> = facts.iter().copied().filter(|fact| !known(fact)).collect();
    html! {
        @for title in titles { (section(asking, title, &of(title))) }
        (section(asking, "More", &rest))
    }
}

/// A section that is closed while nothing of it was said and a signature may cover it.
fn section(asking: &Asking, title: &str, facts: &[FactIndex]) -> Markup {
    let guideline = asking.guideline;
    let open = facts.iter().filter(|fact| asking.is_unasked(**fact)).count();
    let at_fault = facts
        .iter()
        .any(|fact| asking.faults.contains_key(&super::findings::field(&guideline.facts[*fact])));
    let shown = ["Injury and bone", "Legs", "Heart, vessels, belly"].contains(&title);
    html! {
        @if !facts.is_empty() {
            details.panel open[shown || at_fault] {
                summary { (title) " (" (open) " of " (facts.len()) " not asked)" }
                div { (asking.questions(facts)) }
            }
        }
    }
}

fn save(visit: &Visit) -> Markup {
    html! {
        (found_earlier())
        section.savebar aria-label="Acuity, and save" {
            p.hint { "Save with the acuity you give: 1 is the most acute, and it may be raised at any time." }
            p.actions {
                @for acuity in 1..=5_u8 {
                    @let lower = visit.acuity.is_some_and(|known| acuity > known);
                    @if !lower {
                        button class=(if acuity <= 2 { "button alarm" } else { "button" }) name="acuity" value=(acuity)
                            { "Save, " (acuity) }
                        " "
                    }
                }
            }
        }
    }
}

/// For what was written on paper first.
pub fn found_earlier() -> Markup {
    html! {
        details.panel {
            summary { "Found earlier than now" }
            div.field {
                label for="at" { "At" }
                p.hint { "Hours and minutes of the last 24 hours, 09:15: as it stands on the downtime sheet." }
                input id="at" name="at" maxlength="5" inputmode="numeric" size="6" autocomplete="off";
            }
        }
    }
}

fn acuity(triage: &Triage, visit: &str) -> Markup {
    let Some(now) = triage.asking.visit.acuity.filter(|now| *now < 5) else { return html! {} };
    html! {
        details.panel {
            summary { "Lower the acuity (now " (now) ")" }
            form method="post" action={ "/visit/" (visit) "/acuity" } autocomplete="off" {
                (triage.sending.also("acuity"))
                div.field {
                    label for="to" { "New acuity" }
                    select id="to" name="to" { @for to in now + 1..=5 { option value=(to) { (to) } } }
                }
                div.field {
                    label for="why" { "Why" }
                    p.hint { "A physician is asked to look at it." }
                    input id="why" name="words" maxlength="200" required;
                }
                button.button.secondary { "Lower it" }
            }
        }
    }
}
