//! The timeline: every event, who, when, and the verdict then; and taking back what was entered
//! in error.

use cauda_guideline::Guideline;
use cauda_pathway::event::{FindingSaid, What};
use cauda_pathway::identity::Actor;
use cauda_pathway::views::TimelineRow;
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::findings::{Grid, options};
use super::frame::{Calendar, Sending, time};

/// Most rows on one page; older ones are on the next.
pub const ROWS_MAX: usize = 150;

/// What the page is made of.
pub struct Timeline<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// The visit.
    pub visit: &'a Visit,
    /// Rows, newest first, of this page.
    pub rows: &'a [TimelineRow],
    /// Names of people by id.
    pub names: &'a dyn Fn(&str) -> Option<String>,
    /// Steps of tasks are among them.
    pub with_tasks: bool,
    /// The page of older rows, if there is one.
    pub older: Option<usize>,
    /// May take findings back.
    pub withdraws: bool,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(timeline: &Timeline) -> Markup {
    let Some(identity) = &timeline.visit.identity else { return html! {} };
    let here = format!("/visit/{}", identity.visit);
    html! {
        h1 { "Timeline " small { (timeline.visit.phase.words()) } }
        p { @match timeline.with_tasks {
            true => a href={ (here) "/timeline" } { "Without the tasks" },
            false => a href={ (here) "/timeline?tasks=1" } { "With the tasks" },
        } }
        ol.timeline { @for row in timeline.rows { (line(timeline, row)) } }
        @if let Some(older) = timeline.older { p { a href={ (here) "/timeline?before=" (older) @if timeline.with_tasks { "&tasks=1" } } { "Older" } } }
        @if timeline.withdraws { (withdraw(timeline, &here)) }
    }
}

fn line(timeline: &Timeline, row: &TimelineRow) -> Markup {
    let pressing = matches!(row.what, What::DecisionMade { .. })
        && row.tier >= cauda_guideline::vocabulary::Tier::Emergency;
    let name = (timeline.names)(row.by.id.as_str());
    html! {
        li class=[pressing.then_some("alarm")] {
            (time(timeline.calendar, row.at))
            div {
                (what(timeline, row))
                " " small { @if let Some(name) = name { (name) ", " } (by(&row.by))
                    ". Then: " (row.phase.words()) ", " (row.tier.id())
                    @if let Some(disposition) = &row.disposition { ", " (disposition.replace('_', " ")) } }
            }
        }
    }
}

fn what(timeline: &Timeline, row: &TimelineRow) -> Markup {
    let guideline = timeline.guideline;
    html! {
        @match &row.what {
            What::FindingsRecorded { findings } => {
                p { b { "Findings" } }
                ul { @for (said, number) in findings.iter().zip(&row.findings) {
                    @let taken_back = timeline.visit.findings.iter().any(|f| f.number == *number && f.withdrawn);
                    li { @if taken_back { s { (finding(guideline, said)) } " taken back" } @else { (finding(guideline, said)) } }
                } }
            }
            What::Attested { attestation, .. } => {
                @let known = guideline.attestations.iter().find(|known| known.id == *attestation);
                p { b { "Signed: " } (known.map_or(attestation.as_str(), |known| known.staff.as_str())) }
            }
            What::DecisionMade { before, after } => {
                p { b { "Answer: " (after.verdict.acted_on.id()) ", " (spoken(guideline, after.verdict.disposition.as_deref())) }
                    @if let Some(before) = before { @if before.acted_on != after.verdict.acted_on || before.disposition != after.verdict.disposition {
                        "; it was " (before.acted_on.id()) ", " (spoken(guideline, before.disposition.as_deref())) } } }
            }
            What::TaskRaised { kind, owner, .. } => p { "Task for the " (owner.words()) ": " (kind.words()) },
            What::TriageRecorded { acuity } => p { b { "Triage, acuity " (acuity) } },
            What::AcuityChanged { from, to, reason } => {
                p { b { "Acuity " @if let Some(from) = from { (from) " to " } (to) }
                    @if let Some(reason) = reason { ": " (reason.as_str()) } }
            }
            What::ImagingOrdered { image, tier, less, .. } => {
                p { b { "Ordered: " (guideline.vocabulary.get("image", image).map_or(image.as_str(), |p| p.staff.as_str())) ", " (tier.id()) }
                    @if let Some(less) = less { "; less than asked for: " (less.reason.words()) ", " (less.words.as_str()) } }
            }
            What::ImagingDeclined { image, less } => {
                p { b { "Not ordered: " (guideline.vocabulary.get("image", image).map_or(image.as_str(), |p| p.staff.as_str())) }
                    ": " (less.reason.words()) ", " (less.words.as_str()) }
            }
            What::PlanSigned { plan, offers, taught_back } => {
                p { b { "Plan signed" } ": " (plan.as_str()) }
                @let given = offers.iter().filter_map(|id| guideline.vocabulary.get("offer", id));
                ul { @for phrase in given { li { (phrase.staff) } } }
                @if *taught_back { p { "The patient said in own words when to come back." } }
            }
            What::OrderHastened { tier, deadline, .. } => {
                p { b { "The order is " (tier.id()) " now" } ", start by " (timeline.calendar.clock(*deadline)) }
            }
            What::SafetyScreened { cleared, words, .. } => {
                p { b { @if *cleared { "Screened: safe to scan" } @else { "Screened: NOT safe to scan" } }
                    @if let Some(words) = words { ": " (words.as_str()) } }
            }
            What::ScanStarted { despite: Some(words), .. } => {
                p { b { "The scan started all the same" } ": " (words.as_str()) }
            }
            What::ScanChanged { image, shows, words, .. } => {
                @let name = guideline.vocabulary.get("image", image).map_or(image.as_str(), |p| p.staff.as_str());
                p { @match shows {
                        Some(shows) if shows.extends() => b { "Extended: " (name) ", limited pictures: " (shows.words()) },
                        Some(shows) => b { "Limited pictures: " (shows.words()) },
                        None => b { "Scanned as: " (name) },
                    }
                    @if let Some(words) = words { "; " (words.as_str()) } }
            }
            What::ReportReceived { state, words, emergency, .. } => {
                p { b { @if *emergency { "Emergency report, " } @else { "Report, " } (state.words()) } ": " (words.as_str()) }
            }
            What::FindingsWithdrawn { reason, .. } => p { b { "Taken back" } ": " (reason.as_str()) },
            What::HandedOver { note, .. } => {
                p { b { "Handed over" } @if let Some(note) = note { ": " (note.as_str()) } }
            }
            What::Discharged { less, card_given, .. } => {
                p { b { "Sent home" } @if *card_given { ", return card given" } @else { ", no return card" }
                    @if let Some(less) = less { "; the guideline did not say home: " (less.reason.words()) ", " (less.words.as_str()) } }
            }
            What::TaskDone { task, .. } | What::TaskClosed { task } | What::TaskOverdue { task }
            | What::TaskEscalated { task, .. } | What::TaskReassigned { task, .. } => {
                @let known = timeline.visit.tasks.iter().find(|known| known.number == *task);
                p { (row.kind.words()) @if let Some(known) = known { ": " (known.kind.words()) } }
            }
            _ => p { (row.kind.words()) },
        }
    }
}

fn spoken(guideline: &Guideline, disposition: Option<&str>) -> String {
    let phrase = disposition.and_then(|id| guideline.vocabulary.get("disposition", id));
    phrase.map_or_else(|| "not decided".to_string(), |phrase| phrase.staff.clone())
}

/// A finding in words.
pub fn finding(guideline: &Guideline, said: &FindingSaid) -> String {
    let Some(index) = guideline.fact(&said.fact) else {
        return format!("{}: {}", said.fact, said.value);
    };
    let fact = &guideline.facts[index];
    let words = options(fact).into_iter().find(|(id, _)| *id == said.value).map(|(_, words)| words);
    let words = words.unwrap_or_else(|| match Grid::of(fact) {
        Some(Grid::Power) => said.value.clone(),
        _ => said.value.replace('_', " "),
    });
    let pain = if said.limited_by_pain { ", held back by pain" } else { "" };
    format!("{}: {words}{pain} ({})", fact.staff, said.said_by.words())
}

fn withdraw(timeline: &Timeline, here: &str) -> Markup {
    let standing = timeline.visit.findings.iter().rev().filter(|finding| !finding.withdrawn);
    let signatures = timeline.visit.signatures.iter().filter(|signature| !signature.withdrawn);
    let guideline = timeline.guideline;
    html! {
        details.panel {
            summary { "Take back what was entered in error" }
            form method="post" action={ (here) "/withdraw" } {
                (timeline.sending.also("withdraw"))
                p.hint { "Nothing is deleted. What would lower the urgency is for a physician." }
                @for finding_of in standing.take(200) {
                    label.check { input type="checkbox" name={ "n." (finding_of.number) } value="1"; " "
                        (finding(guideline, &finding_of.said)) ", " (timeline.calendar.clock(finding_of.said.at)) }
                    br;
                }
                @for signature in signatures {
                    @let known = guideline.attestations.iter().find(|known| known.id == signature.attestation);
                    label.check { input type="checkbox" name={ "s." (signature.attestation) } value="1"; " Signature: "
                        (known.map_or(signature.attestation.as_str(), |known| known.staff.as_str())) }
                    br;
                }
                div.field { label for="why-back" { "Why" } input id="why-back" name="words" maxlength="500" required; }
                button.button.secondary { "Take back" }
            }
        }
    }
}

/// As what somebody did it; a patient's own answers come by the link.
fn by(actor: &Actor) -> &'static str {
    if actor.id.as_str() == "patient" { "patient, by the link" } else { actor.role.words() }
}
