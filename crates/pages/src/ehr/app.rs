//! The app that a card opens: the answer so far, the questions that could still change it, and the
//! way back into the chart.

use cauda_guideline::decision::{Decision, Shown};
use cauda_guideline::facts::{FactIndex, Role};
use maud::{Markup, html};

use crate::staff::decision::action_line;
use crate::staff::findings::{Asking, error_summary};
use crate::staff::verdict::verdict;

/// Questions that are shown at once: the next ones come when these are answered.
const QUESTIONS_MAX: usize = 12;

/// What the page is made of.
pub struct App<'a> {
    /// The answer, explained.
    pub decision: &'a Decision,
    /// The questions.
    pub asking: Asking<'a>,
    /// Where forms go, without a slash at the end.
    pub here: &'a str,
    /// Id of the command, so that a form sent twice counts once.
    pub command: &'a str,
    /// What happened to the last form.
    pub notice: Option<&'a str>,
    /// What was read of the chart: what, its value, where from.
    pub used: &'a [Used],
    /// Resources of the chart that say nothing the guideline asks.
    pub ignored: usize,
    /// Why nothing that rests on the chart may reassure.
    pub blocks: &'a [String],
    /// Whether the decision can be written into the chart, and was already.
    pub write_back: WriteBack,
    /// Answers also stand in the department's own visit.
    pub in_department: bool,
}

/// Something of the chart that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The fact, in the guideline's words.
    pub name: String,
    /// Its value.
    pub value: String,
    /// `Observation/12`, and when it was.
    pub from: String,
}

/// Whether the EHR takes the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteBack {
    /// The EHR gave no permission for it.
    NotGranted,
    /// The permission was given and is over.
    Over,
    /// The answer is not decided, and only decided ones are written.
    NotDecided,
    /// It can be.
    Possible,
    /// This very decision was.
    Done,
}

/// The questions that are asked now, in the engine's order.
pub fn asked(asking: &Asking, decision: &Decision) -> Vec<FactIndex> {
    let missing = decision.missing.iter().filter(|missing| !missing.detail_only);
    let facts = missing.filter_map(|missing| asking.guideline.fact(&missing.fact));
    facts.take(QUESTIONS_MAX).collect()
}

/// The page.
pub fn page(app: &App) -> Markup {
    let (asking, decision) = (&app.asking, app.decision);
    let facts = asked(asking, decision);
    let open = decision.missing.iter().filter(|missing| !missing.detail_only).count();
    html! {
        h1.unseen { "Back pain: which scan, if any" }
        @if let Some(notice) = app.notice { p.panel role="status" { (notice) } }
        (error_summary(asking.guideline, asking.faults))
        @for block in app.blocks {
            p.panel role="alert" { b { "A clinician has to look: " } (block) "." }
        }
        (verdict(asking.visit, decision, asking.calendar, &html! {}))
        (what_to_do(decision))
        @if !facts.is_empty() { (questions(app, &facts, open)) }
        (why(decision))
        (chart(app))
        (write_back(app))
        p.hint { "Guideline " (decision.guideline.id) " " (decision.guideline.version) ", "
            (decision.guideline.status) ". " a href="/ehr/source" target="_blank" rel="noopener" {
            "Sources and what the guideline uses" } }
    }
}

fn what_to_do(decision: &Decision) -> Markup {
    html! {
        @if !decision.actions.is_empty() {
            section.panel {
                h2 { "Do now" }
                ul { @for action in &decision.actions { (action_line(action)) } }
            }
        }
        @for scan in &decision.imaging {
            section.panel {
                h2 { (scan.spoken.staff) }
                p { span class={ "tag " (scan.tier.id()) } { (scan.tier.id()) } @if let Some(within) = &scan.within { " within " (within) } }
                @if let Some(protocol) = &scan.protocol { p.hint { (protocol) } }
                @for held in &scan.held_by { p.error { "Not as it stands: " (held.staff) } }
            }
        }
    }
}

fn questions(app: &App, facts: &[FactIndex], open: usize) -> Markup {
    html! {
        section.panel aria-labelledby="h-questions" {
            h2 id="h-questions" { "Questions that can change the answer (" (open) ")" }
            p.hint { "Leave open what you do not know. Nothing that is left open counts as no." }
            form method="post" action={ (app.here) "/answers" } autocomplete="off" {
                input type="hidden" name="command" value=(app.command);
                fieldset.scale {
                    legend { "I answer as" }
                    @for role in [Role::Nurse, Role::Physician] {
                        label { input type="radio" name="as" value=(role.id()) required
                            checked[app.asking.role == role]; " " (role.words()) }
                    }
                }
                (app.asking.questions(facts))
                p { button.button type="submit" { "Save the answers" } }
            }
        }
    }
}

fn shown(list: &[Shown]) -> Markup {
    html! { ul { @for shown in list { li { (shown.name) ": " (shown.value) } } } }
}

fn why(decision: &Decision) -> Markup {
    html! {
        details.panel open[decision.decided] {
            summary { "Why" }
            @if decision.why.is_empty() { p { "Nothing that was said forces an answer yet." } }
            @else { (shown(&decision.why)) }
            @if !decision.no_imaging_because.is_empty() {
                p { "No scan, because:" }
                ul { @for reason in &decision.no_imaging_because { li { (reason.staff) } } }
            }
            @if !decision.cannot_be_had.is_empty() {
                p { "Asked for, and cannot be had:" } (shown(&decision.cannot_be_had))
            }
        }
    }
}

fn chart(app: &App) -> Markup {
    html! {
        details.panel {
            summary { "From the chart (" (app.used.len()) ")" }
            @if app.used.is_empty() {
                p { "Nothing in the chart answers a question of the guideline. That is not a no." }
            } @else {
                ul { @for used in app.used {
                    li { (used.name) ": " (used.value) " " span.hint { (used.from) } }
                } }
            }
            @if app.ignored > 0 {
                p.hint { (app.ignored) " more entries were looked at and say nothing the guideline asks, or cannot be relied on." }
            }
            @if app.in_department {
                p { "The department has this patient in Cauda; what was said there counts here, and the other way round." }
            }
        }
    }
}

fn write_back(app: &App) -> Markup {
    html! {
        section.panel {
            h2 { "Into the chart" }
            @match app.write_back {
                WriteBack::NotGranted => p { "The EHR gave this app no permission to write." },
                WriteBack::Over => p { "The EHR's permission is over. Open Cauda again from the chart to write." },
                WriteBack::NotDecided => p { "A decision is written once it is one; this is not decided." },
                WriteBack::Done => p { "This decision stands in the chart." },
                WriteBack::Possible => form method="post" action={ (app.here) "/write-back" } {
                    input type="hidden" name="command" value=(app.command);
                    p { button.button.secondary type="submit" { "Write the decision into the chart" } }
                },
            }
        }
    }
}
