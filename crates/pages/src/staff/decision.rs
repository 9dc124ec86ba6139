//! The decision: verdict, deadline, why, missing, what would change it, evidence, what to do.

use cauda_guideline::Guideline;
use cauda_guideline::decide::State;
use cauda_guideline::decision::{Action, AdviceState, AdvisedLine, Decision, Imaging, Spoken};
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::event::LessReason;
use cauda_pathway::skeleton::VerdictClass;
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::frame::{Calendar, Sending, left, time};
use super::verdict::verdict;

/// What the page is made of.
pub struct DecisionPage<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// The visit.
    pub visit: &'a Visit,
    /// The answer, explained.
    pub decision: &'a Decision,
    /// Age of the patient in years.
    pub age: Option<u16>,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// The person may order, decline and send home.
    pub decides: bool,
    /// The person may call the patient.
    pub calls: bool,
    /// The note to copy.
    pub note: &'a str,
    /// Who else could follow a pending result: id and name.
    pub colleagues: &'a [(String, String)],
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(page: &DecisionPage) -> Markup {
    let Some(identity) = &page.visit.identity else { return html! {} };
    let here = format!("/visit/{}", identity.visit);
    let decision = page.decision;
    html! {
        h1.unseen { "Decision" }
        (verdict(page.visit, decision, page.calendar, &html! {}))
        (super::results::pressed(page.visit, page.calendar))
        (overrides(page))
        (afterwards(page, &here))
        div.grid2 {
            div {
                (actions(decision))
                (why(decision))
                (missing(decision, &here))
            }
            div {
                (orders(page, &here))
                (ways_out(page, &here))
            }
        }
        (no_scan(page))
        (advice(decision))
        (change(decision))
        (evidence(page))
        p.links { a href={ (here) "/patient" } { "For the patient" } " "
            a href={ (here) "/sheet" } { "The sheet for the patient" } " "
            a href={ (here) "/letter" } { "Letter to the next clinician" } " "
            a href={ (here) "/downtime" } { "Downtime sheet" } }
        (note(page))
    }
}

fn overrides(page: &DecisionPage) -> Markup {
    html! {
        @if !page.visit.overrides.is_empty() {
            section.panel.warn {
                h2 { "Less was done than the guideline says" }
                ul { @for less in &page.visit.overrides {
                    li { (less.kind.words()) ": " (less.less.reason.words()) ", “" (less.less.words.as_str())
                        "”, " (less.by.role.words()) ", " (time(page.calendar, less.at)) }
                } }
            }
        }
    }
}

/// After the patient has gone: who is to be reached, what was tried, a recall.
fn afterwards(page: &DecisionPage, here: &str) -> Markup {
    let visit = page.visit;
    if !visit.phase.is_end() || !page.calls {
        return html! {};
    }
    html! {
        section.panel {
            h2 { "After the visit: " (visit.phase.words()) }
            @if visit.to_reach { p.panel.warn { b { "This patient has to be reached." } } }
            ul { @for task in visit.open_tasks() { li { (task.kind.words()) ", " (task.holder.words()) ", by "
                (time(page.calendar, task.due)) " (" (left(page.calendar, task.due)) ")" } } }
            div.grid2 {
                form method="post" action={ (here) "/contact" } {
                    (page.sending.also("contact"))
                    fieldset.choice3 { legend { "Tried to reach the patient" } div.options {
                        label { input type="radio" name="reached" value="no" required; " Not reached" }
                        label { input type="radio" name="reached" value="reached" required; " Reached; call again" }
                        label { input type="radio" name="reached" value="settled" required; " Reached; settled" }
                    } }
                    div.field { label for="contact-words" { "What was said" } input id="contact-words" name="words" maxlength="500"; }
                    button.button.secondary { "Save the call" }
                }
                form method="post" action={ (here) "/recall" } {
                    (page.sending.also("recall"))
                    div.field { label for="recall-words" { "Why the patient must come back" } input id="recall-words" name="words" maxlength="500" required; }
                    button.button.alarm { "Recall" }
                }
            }
        }
    }
}

/// One thing to do; who is called is not mistaken for what is done.
pub(crate) fn action_line(action: &Action) -> Markup {
    let lead = match action.when.as_str() {
        "call" => "Call: ",
        "meanwhile" => "Meanwhile: ",
        _ => "",
    };
    html! { li { (lead) (action.spoken.staff) } }
}

fn actions(decision: &Decision) -> Markup {
    let told = |report: &cauda_guideline::decision::Reported| {
        html! { li { b { (report.title) ": " (report.row) } ul {
            @for line in &report.says { li { (line.spoken.staff) } }
        } } }
    };
    html! {
        section.panel {
            h2 { "Do now" }
            @if decision.actions.is_empty() && decision.results.is_empty() { p { "Nothing beyond the assessment." } }
            @else {
                ul {
                    @for action in &decision.actions { (action_line(action)) }
                    @for report in &decision.results { (told(report)) }
                }
            }
        }
    }
}

fn why(decision: &Decision) -> Markup {
    let raised = decision.concerns.iter().filter(|c| c.state == State::Raised);
    let raised: Vec<_> = raised.collect();
    let open = decision.concerns.iter().filter(|c| c.state == State::Open && c.tier > Tier::None);
    let open: Vec<_> = open.collect();
    html! {
        section.panel {
            h2 { "Why" }
            @for concern in &raised {
                h3 { (concern.claim()) " " small { "(" (concern.tier.id()) ")" } }
                dl.facts { @for shown in concern.because.iter().chain(&concern.also) {
                    dt { (shown.name) } dd { (shown.value) }
                } }
            }
            @if raised.is_empty() && !decision.why.is_empty() {
                details { summary { (decision.why.len()) " answers together force this" } div {
                    dl.facts { @for shown in &decision.why { dt { (shown.name) } dd { (shown.value) } } }
                } }
            }
            @if !decision.noted.is_empty() {
                h3 { "Noted; by itself no reason for a scan" }
                dl.facts { @for shown in &decision.noted { dt { (shown.name) } dd { (shown.value) } } }
            }
            @if !open.is_empty() {
                details { summary { (counted(open.len(), "concern")) " still open" } div { ul {
                    @for concern in &open { li { (concern.title) } }
                } } }
            }
            @for note in &decision.notes { p.hint { (note) } }
        }
    }
}

fn missing(decision: &Decision, here: &str) -> Markup {
    let (deciding, detail): (Vec<_>, Vec<_>) =
        decision.missing.iter().partition(|missing| !missing.detail_only);
    let tab = |at: &[cauda_guideline::facts::Stage]| match at
        .contains(&cauda_guideline::facts::Stage::Examination)
    {
        true => "examination",
        false => "triage",
    };
    html! {
        section.panel {
            h2 { "Missing" }
            @if deciding.is_empty() { p { "No further answer can change urgency or where the patient goes." } }
            @else {
                ol {
                    @for missing in deciding.iter().take(8) {
                        li { a href={ (here) "/" (tab(&missing.at)) "#f." (missing.fact) } { (missing.name) }
                            " " small { (missing.reason.words()) @if missing.could_reach > Tier::None { "; could reach " (missing.could_reach.id()) } } }
                    }
                }
                @if deciding.len() > 8 {
                    details { summary { "and " (deciding.len() - 8) " more" } div { ul {
                        @for missing in deciding.iter().skip(8) { li { (missing.name) } }
                    } } }
                }
            }
            @if !decision.cannot_be_had.is_empty() {
                h3 { "Asked, and not to be had" }
                dl.facts { @for shown in &decision.cannot_be_had { dt { (shown.name) } dd { (shown.value) } } }
                @if let Some(signed) = &decision.if_senior_signs {
                    p { "If a senior physician signs for these: " (signed.staff) }
                }
            }
            @if !decision.withheld.is_empty() {
                p { b { "Not safe to test now: " } (decision.withheld.join("; ")) }
            }
            @if !detail.is_empty() {
                details { summary { (counted(detail.len(), "answer")) " could change only details" } div {
                    p { (detail.iter().map(|missing| missing.name.as_str()).collect::<Vec<_>>().join("; ")) }
                } }
            }
            @if !decision.cannot_matter.is_empty() {
                details { summary { (counted(decision.cannot_matter.len(), "fact")) " cannot change it; do not wait for them" } div {
                    p { (decision.cannot_matter.join("; ")) }
                } }
            }
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn spoken(list: &[Spoken]) -> Markup {
    html! { @for phrase in list { li { (phrase.staff) } } }
}

/// Each scan that is asked for with its button, or how far its order is.
fn orders(page: &DecisionPage, here: &str) -> Markup {
    let imaging = &page.decision.imaging;
    html! {
        @for (at, scan) in imaging.iter().enumerate() { (order(page, here, at, scan)) }
        @if page.decides { (other_scan(page, here)) }
    }
}

fn order(page: &DecisionPage, here: &str, at: usize, scan: &Imaging) -> Markup {
    let open = page.visit.pending.iter().filter(|pending| pending.is_open_order());
    let open = open.filter_map(|pending| pending.order.as_ref().map(|order| (pending, order)));
    let mut open = open.filter(|(_, order)| order.image == scan.spoken.id);
    let ordered = open.next();
    let declined = page.visit.declined.contains(&scan.spoken.id);
    let held = !scan.held_by.is_empty();
    html! {
        section.panel {
            h2 { (scan.spoken.staff) }
            p {
                b { (scan.tier.id()) } @if let Some(within) = &scan.within { ", within " (within) }
                ". " (scan.region) "; contrast: " (scan.contrast)
                @if let Some([least, most]) = scan.minutes { "; " (least) " to " (most) " min on the table" }
            }
            @if held {
                p.panel.warn { "Must not be done as it stands: "
                    (scan.held_by.iter().map(|held| held.staff.as_str()).collect::<Vec<_>>().join("; ")) }
            }
            @if let Some((pending, order)) = ordered {
                p { b { "Ordered " } (time(page.calendar, pending.at)) ", start by "
                    (time(page.calendar, order.deadline)) " (" (left(page.calendar, order.deadline)) "). "
                    a href={ (here) "/results" } { "How far it is" } }
            } @else if page.decides {
                form method="post" action={ (here) "/decide/order" } {
                    (page.sending.also(&format!("order-{at}")))
                    input type="hidden" name="image" value=(scan.spoken.id);
                    div.field { label for={ "free-" (at) } { "No scanner free now? It opens at" }
                        p.hint { "Hours and minutes, 08:00. A start after the deadline means: transfer now." }
                        input id={ "free-" (at) } name="free" maxlength="5" inputmode="numeric" size="6"; }
                    p.actions { button class=(if scan.tier >= Tier::Emergency { "button alarm" } else { "button" }) {
                        "Order: " (scan.spoken.staff) } }
                }
                details {
                    summary { @if declined { "Declined; decline again with another reason" } @else { "Do something else" } }
                    form method="post" action={ (here) "/decide/decline" } {
                        (page.sending.also(&format!("decline-{at}")))
                        input type="hidden" name="image" value=(scan.spoken.id);
                        (less_fields(&format!("decline-{at}")))
                        button.button.secondary { "Do not order it" }
                    }
                }
            } @else { p { "A physician orders." } }
            details { summary { "Protocol, limits, and if it cannot be done" } div {
                @if let Some(protocol) = &scan.protocol { p { b { "At least: " } (protocol) } }
                @if let Some(limits) = &scan.limits { p { b { "Cannot show: " } (limits) } }
                @if !scan.no_scanner_in_time.is_empty() { p { b { "No scanner in time:" } } ul { (spoken(&scan.no_scanner_in_time)) } }
                @if !scan.patient_cannot_be_scanned.is_empty() { p { b { "Patient cannot be scanned:" } } ul { (spoken(&scan.patient_cannot_be_scanned)) } }
                @if !scan.ask_before.is_empty() {
                    p { b { "Ask before the scan; the order does not wait: " }
                        (scan.ask_before.iter().map(|shown| shown.name.as_str()).collect::<Vec<_>>().join("; ")) }
                }
            } }
        }
    }
}

/// Any scan, at any tier: more care needs no reason (CR9).
fn other_scan(page: &DecisionPage, here: &str) -> Markup {
    let images = page.guideline.vocabulary.lists().find(|(list, _)| *list == "image");
    let images: Vec<(&str, &str)> = images
        .map(|(list, _)| list)
        .into_iter()
        .flat_map(|list| page.guideline.vocabulary.ids(list).map(move |id| (list, id)))
        .filter_map(|(list, id)| page.guideline.vocabulary.get(list, id).map(|phrase| (id, phrase)))
        .filter(|(_, phrase)| phrase.modality.as_deref().is_some_and(|modality| modality != "none"))
        .map(|(id, phrase)| (id, phrase.staff.as_str()))
        .collect();
    html! {
        details.panel {
            summary { "Order another scan, or a more urgent one" }
            form method="post" action={ (here) "/decide/order" } {
                (page.sending.also("other"))
                div.field { label for="image" { "Scan" } select id="image" name="image" {
                    @for (id, words) in &images { option value=(id) { (words) } }
                } }
                div.field { label for="tier" { "How urgent" } select id="tier" name="tier" {
                    option value="" { "as the guideline asks" }
                    @for tier in [Tier::Immediate, Tier::Emergency, Tier::Urgent] { option value=(tier.id()) { (tier.id()) } }
                } }
                details { summary { "It is less than the guideline asks for" } div { (less("other", false)) } }
                button.button.secondary { "Order" }
            }
        }
    }
}

/// A coded reason and the clinician's own words.
pub fn less_fields(which: &str) -> Markup {
    less(which, true)
}

fn less(which: &str, required: bool) -> Markup {
    html! {
        div.field { label for={ "reason-" (which) } { "Reason" }
            select id={ "reason-" (which) } name="reason" required[required] {
                option value="" { "Choose a reason" }
                @for reason in LessReason::ALL { option value=(reason_id(*reason)) { (reason.words()) } }
            } }
        div.field { label for={ "words-" (which) } { "In your words" }
            p.hint { "Shown with the decision, and to the senior physician." }
            input id={ "words-" (which) } name="words" maxlength="500" required[required]; }
    }
}

/// A reason's id in forms.
pub fn reason_id(reason: LessReason) -> String {
    format!("{reason:?}").to_lowercase()
}

fn ways_out(page: &DecisionPage, here: &str) -> Markup {
    let visit = page.visit;
    if !page.decides || !visit.phase.is_live() {
        return html! {};
    }
    let home = visit.class() == VerdictClass::Home;
    html! {
        section.panel {
            h2 { "Where the patient goes" }
            @if visit.responsible.is_none() || !visit.phase.is_seen() {
                form method="post" action={ (here) "/decide/take-on" } {
                    (page.sending.also("take-on"))
                    p.actions { button.button.secondary { "I take this patient on" } }
                }
            }
            @if home {
                form method="post" action={ (here) "/decide/discharge" } {
                    (page.sending.also("discharge"))
                    (discharge_fields(page))
                    p.actions { button.button { "Send home" } }
                }
            } @else {
                details { summary { "Send home although the guideline does not say so" }
                    form method="post" action={ (here) "/decide/discharge" } {
                        (page.sending.also("discharge"))
                        (less_fields("discharge"))
                        (discharge_fields(page))
                        button.button.secondary { "Send home" }
                    }
                }
            }
            details { summary { "Admit" }
                form method="post" action={ (here) "/decide/admit" } {
                    (page.sending.also("admit"))
                    div.field { label for="ward" { "Ward" } input id="ward" name="ward" maxlength="120" required; }
                    (owner_field(page, "admit"))
                    button.button.secondary { "Admit" }
                }
            }
            details { summary { "Keep, and examine again" }
                form method="post" action={ (here) "/decide/observe" } {
                    (page.sending.also("observe"))
                    div.field { label for="hours" { "Again in" }
                        select id="hours" name="minutes" {
                            @for minutes in [30, 60, 120, 240] { option value=(minutes) selected[minutes == 120] { (minutes) " minutes" } }
                        } }
                    button.button.secondary { "Keep" }
                }
            }
            details { summary { "The patient has left, or leaves" } p { a href={ (here) "/leaving" } { "Note how the patient left" } } }
        }
    }
}

fn discharge_fields(page: &DecisionPage) -> Markup {
    let offers = page.decision.treatment.iter().filter(|a| a.state == AdviceState::Given);
    let offers: Vec<&AdvisedLine> =
        offers.flat_map(|advised| &advised.says).filter(|line| line.key == "offer").collect();
    html! {
        @if !offers.is_empty() {
            fieldset.offers {
                legend { "On the patient’s sheet: what you give" }
                @for line in &offers {
                    label.check { input type="checkbox" name={ "offer." (line.spoken.id) } value="1"
                        checked[page.visit.offers.contains(&line.spoken.id)]; " " (line.spoken.staff) }
                }
            }
        }
        div.field { label for="plan" { "Plan" }
            textarea id="plan" name="plan" rows="3" maxlength="1500" {
                (plan(page.decision))
            } }
        label.check { input type="checkbox" name="card" value="given"; " The return card was given and explained" }
        label.check { input type="checkbox" name="taught" value="1"; " The patient said in own words when to come back" }
        (owner_field(page, "discharge"))
    }
}

/// Who follows what is pending, where something is.
fn owner_field(page: &DecisionPage, which: &str) -> Markup {
    if !page.visit.is_pending() {
        return html! {};
    }
    html! {
        div.field { label for={ "owner-" (which) } { "Who follows what is pending" }
            select id={ "owner-" (which) } name="owner" required {
                option value="" { "Name a person" }
                @for (id, name) in page.colleagues { option value=(id) { (name) } }
            } }
    }
}

/// The plan as the guideline would have it, for the physician to change.
fn plan(decision: &Decision) -> String {
    let given = decision.treatment.iter().chain(&decision.follow_up);
    let given = given.filter(|advised| advised.state == AdviceState::Given);
    // What is given to take is chosen above.
    let lines = given.flat_map(|advised| &advised.says).filter(|line| line.key != "offer");
    let lines = lines.map(|line| line.spoken.staff.as_str());
    lines.collect::<Vec<_>>().join(". ")
}

/// Why no scan, what one would cost, and how common chance findings are at this age.
fn no_scan(page: &DecisionPage) -> Markup {
    let decision = page.decision;
    if decision.no_imaging_because.is_empty() {
        return html! {};
    }
    let given = decision.follow_up.iter().filter(|a| a.state == AdviceState::Given);
    let of_scans = |line: &&AdvisedLine| {
        let phrase = page.guideline.vocabulary.get("action", &line.spoken.id);
        phrase.is_some_and(|phrase| phrase.instead_of_scan)
    };
    let of_scans = given.flat_map(|advised| &advised.says).filter(of_scans);
    html! {
        section.panel {
            h2 { "No scan now: what to say" }
            ul {
                @for phrase in &decision.no_imaging_because { li { (phrase.patient) } }
                @for line in of_scans { li { (line.spoken.patient) } }
            }
            @if let Some(age) = page.age {
                p { "The patient is " (age) "." }
            }
        }
    }
}

fn advice(decision: &Decision) -> Markup {
    let given = decision.treatment.iter().chain(&decision.follow_up).chain(&decision.scanner);
    let (given, rest): (Vec<_>, Vec<_>) =
        given.partition(|advised| advised.state == AdviceState::Given);
    let waits: Vec<_> = rest.into_iter().filter(|a| a.state == AdviceState::Waits).collect();
    html! {
        @if !given.is_empty() || !waits.is_empty() {
            details.panel {
                summary { "Treatment, scanner, follow-up (" (given.len()) " given, " (waits.len()) " wait for answers)" }
                div {
                    @for advised in given {
                        h3 { (advised.title) }
                        ul { @for line in &advised.says { li { (line.key) ": " (line.spoken.staff)
                            @if let Some(within) = &line.within { ", " (within) } } } }
                    }
                    @if !waits.is_empty() {
                        h3 { "Wait for answers" }
                        ul { @for advised in waits { li { (advised.title) ": "
                            (advised.waits_for.iter().map(|shown| shown.name.as_str()).collect::<Vec<_>>().join("; ")) } } }
                    }
                }
            }
        }
        @if !decision.return_list.is_empty() {
            details.panel { summary { "Come back at once: the return card" } div { ul {
                @for phrase in &decision.return_list { li { (phrase.patient) } }
            } } }
        }
    }
}

fn change(decision: &Decision) -> Markup {
    let (more, less): (Vec<_>, Vec<_>) = decision
        .would_change
        .iter()
        .partition(|change| change.acted_on > decision.urgency.acted_on);
    html! {
        @if !decision.would_change.is_empty() {
            details.panel {
                summary { "What would change this: " (more.len()) " single answers make it more urgent, " (less.len()) " change it otherwise" }
                div {
                    ul { @for change in more.iter().chain(&less).take(40) {
                        li { (change.name) ": " b { (change.value) } " → " (change.acted_on.id())
                            @if let Some(disposition) = &change.disposition { ", " (disposition.replace('_', " ")) } }
                    } }
                    @if decision.would_change.len() > 40 { p.hint { "and " (decision.would_change.len() - 40) " more" } }
                }
            }
        }
    }
}

fn evidence(page: &DecisionPage) -> Markup {
    let raised = page.decision.concerns.iter().filter(|c| c.state == State::Raised);
    let raised: Vec<_> = raised.collect();
    html! {
        details.panel {
            summary { "Evidence" }
            div {
                @for concern in &raised {
                    h3 { a href={ "/guideline/" (concern.page) ".html" } { (concern.title) } }
                    ul { @for cited in &concern.sources { li { (cited.id) ": " (cited.read) } } }
                }
                p.hint { "Guideline " (page.decision.guideline.version) ", " (page.decision.guideline.sha256.get(..12).unwrap_or("")) ", "
                    (page.decision.guideline.status) ". Facts " (page.decision.facts_sha256.get(..12).unwrap_or("")) "."
                    @if let Some(until) = &page.decision.valid_until { " Holds until " (until) " without a new entry." } }
            }
        }
    }
}

fn note(page: &DecisionPage) -> Markup {
    html! {
        section.panel {
            h2 { "Note" }
            pre.note id="note" { (page.note) }
            p.actions {
                button.button.secondary type="button" data-copy="#note" { "Copy the note" } " "
                button.button.quiet type="button" data-print { "Print" }
            }
        }
    }
}
