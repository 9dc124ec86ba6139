//! Handover: what the next one must know, who takes the patient, whom to ask, transfer.

use cauda_guideline::Guideline;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::table::Phase;
use cauda_pathway::views::Handover;
use maud::{Markup, html};

use super::frame::{Calendar, Sending, left, time};
use super::timeline::finding;
use super::verdict::Level;

/// What the page is made of.
pub struct HandoverPage<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// The summary.
    pub handover: &'a Handover,
    /// How the visit stands.
    pub level: Level,
    /// Who could take the patient: id, name and role.
    pub colleagues: &'a [(String, String)],
    /// Who is responsible, by name.
    pub responsible: Option<&'a str>,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// May hand over.
    pub hands_over: bool,
    /// Where the visit is.
    pub phase: Phase,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(page: &HandoverPage) -> Markup {
    let handover = page.handover;
    let here = format!("/visit/{}", handover.identity.visit);
    html! {
        h1 { "Handover " (page.level.tag()) }
        @if handover.tasks.iter().any(|task| task.kind == TaskKind::CallForCompression) {
            p.panel.alarm role="alert" { b { "Limited pictures show compression: call spinal surgery." } }
        }
        div.grid2 {
            section.panel {
                h2 { "What the next one must know" }
                dl.facts {
                    dt { "Now" } dd { (page.phase.words()) }
                    dt { "Goes" } dd { @match &handover.disposition { Some(go) => (go.staff), None => "not decided yet" } }
                    dt { "Responsible" } dd { (page.responsible.unwrap_or("nobody yet")) }
                    dt { "Came" } dd { (time(page.calendar, handover.arrived_at)) }
                    @if let Some(at) = handover.suspected_at { dt { "Danger suspected" } dd { (time(page.calendar, at)) } }
                    @if let Some(at) = handover.examined_at { dt { "Examined" } dd { (time(page.calendar, at)) } }
                }
                @if !handover.concerns.is_empty() {
                    h3 { "Concerns" } ul { @for concern in &handover.concerns { li { (concern.title) ", " (concern.tier.id()) } } }
                }
                @if !handover.danger_signs.is_empty() {
                    h3 { "Danger signs" } ul { @for sign in &handover.danger_signs { li { (finding(page.guideline, &sign.said)) } } }
                }
                @if !handover.missing.is_empty() {
                    h3 { "Still to ask" }
                    p { (handover.missing.iter().take(12).cloned().collect::<Vec<_>>().join("; "))
                        @if handover.missing.len() > 12 { "; and " (handover.missing.len() - 12) " more" } }
                }
                @if !handover.overrides.is_empty() {
                    h3 { "Less was done than the guideline says" }
                    ul { @for less in &handover.overrides { li { (less.kind.words()) ": " (less.less.reason.words()) ", " (less.less.words.as_str()) } } }
                }
                @if let Some(returning) = &handover.returning {
                    h3 { "Came back" } p { "Left open then: " (returning.tier.id()) "." }
                }
            }
            section.panel {
                h2 { "Open, and whose" }
                @if handover.tasks.is_empty() && handover.pending.is_empty() { p { "Nothing is open." } }
                ul { @for task in &handover.tasks { li { b { (task.kind.words()) } ", " (task.holder.words()) ", by "
                    (time(page.calendar, task.due)) " (" (left(page.calendar, task.due)) ")" } } }
                @if !handover.pending.is_empty() {
                    h3 { "Awaited" }
                    ul { @for pending in &handover.pending { li { a href={ (here) "/results#r" (pending.number) } {
                        (page.guideline.vocabulary.get("image", pending.name()).map_or(pending.name(), |p| p.staff.as_str())) } } } }
                }
                @if !handover.referrals.is_empty() {
                    h3 { "Asked, no answer yet" }
                    ul { @for referral in &handover.referrals { li { (referral.to.as_str()) ", since " (time(page.calendar, referral.at))
                        @if page.hands_over {
                            form method="post" action={ (here) "/referral/" (referral.number) } {
                                (page.sending.also(&format!("referral-{}", referral.number)))
                                div.field { label for={ "answer-" (referral.number) } { "Answer" }
                                    input id={ "answer-" (referral.number) } name="words" maxlength="500" required; }
                                button.button.secondary { "They answered" }
                            }
                        } } } }
                }
            }
        }
        p { a href={ (here) "/letter" } { "Letter to the next clinician" } ", to print and send along." }
        @if page.hands_over { (forms(page, &here)) }
    }
}

fn forms(page: &HandoverPage, here: &str) -> Markup {
    html! {
        div.grid2 {
            section.panel {
                h2 { "Hand over" }
                form method="post" action={ (here) "/handover" } {
                    (page.sending.also("handover"))
                    div.field { label for="to" { "To" } select id="to" name="to" required {
                        option value="" { "Name a person" }
                        @for (id, name) in page.colleagues { option value=(id) { (name) } }
                    } }
                    div.field { label for="said" { "What was said" } textarea id="said" name="words" rows="2" maxlength="1500" {} }
                    button.button { "Hand over" }
                }
            }
            section.panel {
                h2 { "Ask a team" }
                form method="post" action={ (here) "/refer" } {
                    (page.sending.also("refer"))
                    div.field { label for="team" { "Which" } input id="team" name="words" maxlength="120" required; }
                    button.button.secondary { "They were asked" }
                }
                (transfer(page, here))
            }
        }
    }
}

fn transfer(page: &HandoverPage, here: &str) -> Markup {
    let form = |act: &str, field: Option<(&str, &str)>, button: &str| {
        html! {
            form method="post" action={ (here) "/transfer/" (act) } {
                (page.sending.also(act))
                @if let Some((label, hint)) = field {
                    div.field { label for={ "t-" (act) } { (label) } @if !hint.is_empty() { p.hint { (hint) } }
                        input id={ "t-" (act) } name="words" maxlength="200" required; }
                }
                button.button.secondary { (button) }
            }
        }
    };
    html! {
        details { summary { "Transfer to another hospital" } div {
            @if page.phase == Phase::InTransfer {
                (form("arrived", Some(("Who confirmed there", "")), "The receiver has the patient"))
                (form("back", None, "The patient comes back"))
            } @else {
                (form("ask", Some(("Which hospital", "With its telephone.")), "A place was asked for"))
                (form("accepted", Some(("Who said so there", "")), "It was accepted"))
                (form("depart", Some(("If it gets worse on the way", "")), "The patient leaves for it"))
            }
        } }
    }
}
