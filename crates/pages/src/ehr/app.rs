//! The app that a card opens: the answer so far, the questions that could still change it, and the
//! way back into the chart.

use cauda_guideline::decision::{Decision, Missing, OpenGroup, Shown, asked_alone, open_groups};
use cauda_guideline::facts::{FactIndex, Role};
use cauda_guideline::units::value_words;
use cauda_guideline::vocabulary::Tier;
use maud::{Markup, html};

use crate::staff::decision::action_line;
use crate::staff::findings::{Asking, error_summary, field};
use crate::staff::verdict::verdict;

/// Questions that are asked alone and shown at once: the next ones come when these are answered.
const QUESTIONS_MAX: usize = 12;
/// Questions of a group that are shown one by one.
const OF_GROUP_MAX: usize = 40;
/// Diagnoses that are shown by name.
const UNLISTED_MAX: usize = 12;

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
    /// Diagnoses of the chart that say nothing to the guideline, those that may matter first.
    pub unlisted: &'a [String],
    /// What is said of radiation, where a picture that uses it is asked for.
    pub radiation: Option<&'a str>,
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

/// The page.
pub fn page(app: &App) -> Markup {
    let (asking, decision) = (&app.asking, app.decision);
    let open = decision.missing.iter().filter(|missing| !missing.detail_only).count();
    html! {
        h1.unseen { "Back pain: which scan, if any" }
        @if let Some(notice) = app.notice { p.panel role="status" { (notice) } }
        (error_summary(asking.guideline, asking.faults))
        @for block in app.blocks {
            p.panel role="alert" { b { "A clinician has to look: " } (block) "." }
        }
        (verdict(asking.visit, decision, asking.calendar, &may_become(decision)))
        (unlisted(app.unlisted))
        (what_to_do(decision))
        @if let Some(radiation) = app.radiation { p.panel { (radiation) } }
        @if open > 0 { (questions(app, open)) }
        (why(decision))
        (chart(app))
        (write_back(app))
        p.hint { "Guideline " (decision.guideline.id) " " (decision.guideline.version) ", "
            (decision.guideline.status) ". " a href="/ehr/source" target="_blank" rel="noopener" {
            "Sources and what the guideline uses" } }
    }
}

/// A verdict that is acted on and may still become a graver one says so.
fn may_become(decision: &Decision) -> Markup {
    let urgency = decision.urgency;
    let open = urgency.acted_on > Tier::None && urgency.at_most > urgency.acted_on;
    html! {
        @if open {
            p.because { "Not decided yet: what is still open could make it " (urgency.at_most.id()) "." }
        }
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

/// What stands in the chart and no rule knows: the clinician takes it into account.
fn unlisted(labels: &[String]) -> Markup {
    let more = labels.len().saturating_sub(UNLISTED_MAX);
    html! {
        @if !labels.is_empty() {
            section.panel.warn {
                h2 { "In the chart, and not taken into account" }
                p.hint { "The guideline knows none of these by its code. If one bears on the back or legs, answer it below." }
                ul {
                    @for label in labels.iter().take(UNLISTED_MAX) { li { (label) } }
                    @if more > 0 { li { "and " (more) " more" } }
                }
            }
        }
    }
}

fn questions(app: &App, open: usize) -> Markup {
    let (asking, decision) = (&app.asking, app.decision);
    let groups = open_groups(asking.guideline, decision);
    let alone = asked_alone(asking.guideline, decision);
    let alone = facts(asking, &alone, QUESTIONS_MAX);
    html! {
        section.panel aria-labelledby="h-questions" {
            h2 id="h-questions" { "Questions that can change the answer (" (open) ")" }
            p.hint { "Leave open what you do not know. Nothing that is left open counts as no." }
            form method="post" action={ (app.here) "/answers" } autocomplete="off" {
                input type="hidden" name="command" value=(app.command);
                fieldset.choice3 {
                    legend { "I answer as" }
                    div.options {
                        @for role in [Role::Nurse, Role::Physician] {
                            label { input type="radio" name="as" value=(role.id()) required
                                checked[asking.role == role]; " " (role.words()) }
                        }
                    }
                }
                @if !groups.is_empty() {
                    h3 { "Signed as a group (" (groups.len()) ")" }
                    p.hint { "Only what you asked or examined yourself, and only if all of it is so. What is answered one by one stays as it is answered." }
                    @for group in &groups { (signed_group(asking, group)) }
                }
                @if !alone.is_empty() {
                    @if !groups.is_empty() { h3 { "Asked alone" } }
                    (asking.questions(&alone))
                }
                p { button.button type="submit" { "Save the answers" } }
            }
        }
    }
}

/// A signature, and below it its questions one by one for whoever cannot give it.
fn signed_group(asking: &Asking, group: &OpenGroup) -> Markup {
    let mut known = asking.guideline.attestations.iter();
    let place = known.position(|one| one.id == group.attestation.id);
    let by_nurse = group.attestation.of.contains(&Role::Nurse);
    let facts = facts(asking, &group.open, OF_GROUP_MAX);
    let fault =
        facts.iter().any(|fact| asking.faults.contains_key(&field(&asking.guideline.facts[*fact])));
    html! {
        @if let Some(place) = place {
            (asking.signature(place))
            @if !by_nurse { p.hint { "A physician signs this." } }
            details.one-by-one open[fault] {
                summary { "Not so, or not sure: answer one by one (" (facts.len()) ")" }
                (asking.questions(&facts))
            }
        }
    }
}

fn facts(asking: &Asking, missing: &[&Missing], most: usize) -> Vec<FactIndex> {
    let facts = missing.iter().filter_map(|missing| asking.guideline.fact(&missing.fact));
    facts.take(most).collect()
}

fn shown(list: &[Shown]) -> Markup {
    html! { ul { @for shown in list { li { (shown.name) ": " (value_words(&shown.value)) } } } }
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
