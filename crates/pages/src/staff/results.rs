//! Orders, scans and reports: how far each is, and what to do next with it.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Role, Stage};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::event::{LimitedImages, ReportState};
use cauda_pathway::limited::is_limited;
use cauda_pathway::tasks::Task;
use cauda_pathway::visit::{Order, Pending, Visit};
use maud::{Markup, html};

use super::decision::less_fields;
use super::findings::{Asking, error_summary};
use super::frame::{Calendar, Sending, left, time};

/// What the page is made of.
pub struct Results<'a> {
    /// The questions about reports.
    pub asking: Asking<'a>,
    /// Concerns of the vocabulary that are raised.
    pub raised: &'a [String],
    /// What the board knows of the orders that are for an MRI scanner.
    pub tables: &'a [Table],
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// May screen, start and end scans.
    pub scans: bool,
    /// May write a report down.
    pub reports: bool,
    /// May acknowledge and cancel.
    pub acknowledges: bool,
    /// Nurse or physician.
    pub clinical: bool,
}

/// An order for an MRI scanner, as the board has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its number.
    pub order: u32,
    /// Ids and names of the scanners; none where none is in the settings.
    pub scanners: Vec<(String, String)>,
    /// The scanner it is planned for.
    pub planned: Option<String>,
    /// What keeps it from beginning.
    pub in_the_way: Option<String>,
    /// It runs, and nobody said on which scanner.
    pub unplaced: bool,
}

/// The page.
pub fn page(results: &Results) -> Markup {
    let asking = &results.asking;
    let visit = asking.visit;
    let Some(identity) = &visit.identity else { return html! {} };
    let here = format!("/visit/{}", identity.visit);
    html! {
        h1 { "Results" }
        (error_summary(asking.guideline, asking.faults))
        (pressed(visit, asking.calendar))
        @if visit.pending.is_empty() { p.empty { "No scan or test was ordered." } }
        @for pending in visit.pending.iter().rev() { (one(results, &here, pending)) }
        @if results.clinical { (new_test(results, &here)) (laboratory(results, &here)) }
    }
}

/// Compression on limited pictures, until somebody has called.
pub(super) fn pressed(visit: &Visit, calendar: &dyn Calendar) -> Markup {
    let open = |task: &&Task| task.kind == TaskKind::CallForCompression;
    html! {
        @if let Some(task) = visit.open_tasks().find(open) {
            section.panel.alarm role="alert" {
                p { b { "Limited pictures show compression: call spinal surgery." } " Read " (time(calendar, task.raised_at))
                    "; by " (time(calendar, task.due)) " (" (left(calendar, task.due)) "). Say on the list of tasks whom you reached." }
            }
        }
    }
}

fn one(results: &Results, here: &str, pending: &Pending) -> Markup {
    let calendar = results.asking.calendar;
    let guideline = results.asking.guideline;
    let name = match guideline.vocabulary.get("image", pending.name()) {
        Some(phrase) => phrase.staff.clone(),
        None => pending.name().to_string(),
    };
    html! {
        section.panel id={ "r" (pending.number) } {
            h2 { (name) @if pending.cancelled { " (cancelled)" } @else if pending.acknowledged { " (acknowledged)" } }
            p { "Asked for " (time(calendar, pending.at)) " by " (pending.by.role.words()) "." }
            @if let Some(order) = &pending.order { (order_state(order, guideline, calendar)) }
            @if let Some(report) = &pending.report {
                @let class = if report.emergency { "panel warn" } else { "" };
                div class=(class) {
                    p { b { @if report.emergency { "Emergency. " } (report_state(report.state)) } " " (time(calendar, report.at)) ": "
                        (report.words.as_str()) }
                }
            }
            @if !pending.cancelled { (steps(results, here, pending)) }
        }
    }
}

fn report_state(state: ReportState) -> String {
    capital(state.words()) + " report"
}

/// As a sentence or a button begins.
pub(super) fn capital(words: &str) -> String {
    let mut text = words.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn image_name<'a>(guideline: &'a Guideline, image: &'a str) -> &'a str {
    guideline.vocabulary.get("image", image).map_or(image, |phrase| phrase.staff.as_str())
}

fn order_state(order: &Order, guideline: &Guideline, calendar: &dyn Calendar) -> Markup {
    let limited = is_limited(guideline, order.picture());
    let phrase = guideline.vocabulary.get("image", order.picture());
    let limits = phrase.and_then(|phrase| phrase.limits.clone()).unwrap_or_default();
    html! {
        dl.facts {
            dt { "Start by" } dd { (time(calendar, order.deadline)) @if order.started.is_none() { " (" (left(calendar, order.deadline)) ")" }
                ", " (order.tier.id()) }
            dt { "Screening" } dd { @match order.cleared { None => "not done", Some(true) => "cleared", Some(false) => { b.error { "screened: NOT safe" } } }
                @if let Some(words) = &order.screened { ", " (words.as_str()) } }
            @if let Some(at) = order.scheduled { dt { "Expected" } dd { (time(calendar, at)) } }
            @if let Some(at) = order.started { dt { "Began" } dd { (time(calendar, at)) } }
            @if let Some(words) = &order.despite { dt { "Began all the same" } dd { b.error { (words.as_str()) } } }
            @if let Some(at) = order.ended { dt { "Ended" } dd { (time(calendar, at)) } }
            @if let Some(image) = &order.scanned_as { dt { "Scanned as" } dd { (image_name(guideline, image)) } }
            @if limited { dt { "A limited protocol" } dd { b { "Excludes no more than it shows. " } (limits) "." } }
            @if let Some(shows) = order.limited { dt { "Limited pictures" } dd { (shows.words()) @if let Some(words) = &order.limited_words { ", " (words.as_str()) } @if shows.extends() { "; the scan is extended" } } }
            @if let Some((at, sign)) = &order.forced { dt { "Now the whole" } dd { b { (sign.as_str()) } " told " (time(calendar, *at)) "; never a limited protocol" } }
            @if order.held { dt { "Held" } dd { "the patient has left" } }
            @if order.wait_accepted { dt { "Wait" } dd { "a consultant accepted a late start" } }
        }
    }
}

fn steps(results: &Results, here: &str, pending: &Pending) -> Markup {
    let number = pending.number;
    let to = format!("{here}/result/{number}");
    let button = |act: &str, words: &str| {
        html! { form method="post" action={ (to) "/" (act) } {
        (results.sending.also(&format!("{act}-{number}")))
        button.button.secondary { (words) } } }
    };
    let scan = pending.order.as_ref();
    html! {
        @if let Some(order) = scan { @if results.scans && !pending.acknowledged {
            div.actions {
                @if order.cleared.is_none() && order.ended.is_none() { (button("cleared", "Screened: safe to scan")) }
                @if order.started.is_some() && order.ended.is_none() {
                    (button("end", "Scan ended, complete"))
                    (button("stopped", "Scan stopped, not complete"))
                }
            }
        } }
        @if let Some(order) = scan { @if results.scans && !pending.acknowledged && order.ended.is_none() {
            (screening(results, &to, number, order))
            (begins(results, &to, number, order))
        } }
        @if let Some(order) = scan { @if results.scans && asks(results, pending, order) {
            form method="post" action={ (to) "/limited" } {
                (results.sending.also(&format!("limited-{number}")))
                @if order.limited.is_some() { p { b { "Was that wrong?" } " Until the scan is reported it can still be extended." } }
                @else { p { b { "What do the limited pictures show?" } " The scan is extended, unless every deficit is explained." } }
                @if results.reports && order.limited.is_none() { div.field { label for={ "limited-" (number) } { "Where every deficit is explained: by what" }
                    input id={ "limited-" (number) } name="words" maxlength="500" autocomplete="off"; } }
                div.actions { @for shows in LimitedImages::ALL { @if shows.extends() || (results.reports && order.limited.is_none()) {
                    button.button.secondary name="shows" value=(limited_id(*shows)) { (capital(shows.words())) }
                } } }
            }
        } }
        @if results.reports && (scan.is_some_and(|order| order.ended.is_some()) || pending.report.is_some() || scan.is_some()) {
            details { summary { "Write a report down" }
                form method="post" action={ (to) "/report" } {
                    (results.sending.also(&format!("report-{number}")))
                    div.field { label for={ "state-" (number) } { "State" }
                        select id={ "state-" (number) } name="state" {
                            @for state in ReportState::ALL { option value=(state_id(*state)) selected[*state == ReportState::Final] { (state.words()) } }
                        } }
                    div.field { label for={ "text-" (number) } { "What it says" }
                        textarea id={ "text-" (number) } name="words" rows="3" maxlength="1900" required {} }
                    label.check { input type="checkbox" name="emergency" value="yes"; " It shows an emergency" }
                    (coded(results, "By what was looked for"))
                    button.button.secondary { "Save the report" }
                }
            }
        }
        @if scan.is_none() && pending.report.is_none() && results.clinical {
            details { summary { "The result is here" }
                form method="post" action={ (to) "/test" } {
                    (results.sending.also(&format!("test-{number}")))
                    div.field { label for={ "text-" (number) } { "What it says" }
                        input id={ "text-" (number) } name="words" maxlength="500" required; }
                    label.check { input type="checkbox" name="emergency" value="yes"; " It asks for action now" }
                    button.button.secondary { "Save the result" }
                }
            }
        }
        @if results.acknowledges && pending.report.is_some() && !pending.acknowledged {
            form method="post" action={ (here) "/acknowledge/" (number) "/acknowledge" } {
                (results.sending.also(&format!("ack-{number}")))
                @if scan.is_some() { (coded(results, "What you make of it")) }
                p.actions { button.button { "I have read it and answer for what follows" } }
            }
        }
        @if results.acknowledges && scan.is_some_and(|order| order.started.is_none()) && !pending.acknowledged {
            details { summary { "Cancel this order" }
                form method="post" action={ (here) "/acknowledge/" (number) "/cancel" } {
                    (results.sending.also(&format!("cancel-{number}")))
                    (less_fields(&format!("cancel-{number}")))
                    button.button.secondary { "Cancel the order" }
                }
            }
            details { summary { "Accept a start after the deadline" }
                form method="post" action={ (here) "/acknowledge/" (number) "/wait" } {
                    (results.sending.also(&format!("wait-{number}")))
                    div.field { label for={ "wait-" (number) } { "Why" } input id={ "wait-" (number) } name="words" maxlength="500" required; }
                    button.button.secondary { "Accept the wait" }
                }
            }
        }
    }
}

/// Not safe is said with what was found; it is taken back by a physician, with a reason.
fn screening(results: &Results, to: &str, number: u32, order: &Order) -> Markup {
    let (act, summary, label, words) = match order.cleared {
        None => ("not-cleared", "Screened: NOT safe", "What was found", "It is not safe to scan"),
        Some(false) if results.reports => {
            ("cleared", "It is safe now", "Why it is safe now", "Cleared for the scanner")
        }
        Some(true) => {
            ("not-cleared", "It is not safe after all", "What was found", "It is not safe to scan")
        }
        Some(false) => {
            return html! { p.hint { "A radiologist or another physician clears it, with a reason." } };
        }
    };
    let id = format!("{act}-{number}");
    html! {
        details { summary { (summary) }
            form method="post" action={ (to) "/" (act) } {
                (results.sending.also(&id))
                div.field { label for=(id) { (label) } input id=(id) name="words" maxlength="500" required autocomplete="off"; }
                button.button.secondary { (words) }
            }
        }
    }
}

/// The scan begins, on which scanner; and what keeps it from beginning.
fn begins(results: &Results, to: &str, number: u32, order: &Order) -> Markup {
    let table = results.tables.iter().find(|table| table.order == number);
    let asks_scanner = table.filter(|table| !table.scanners.is_empty());
    let unplaced = table.is_some_and(|table| table.unplaced);
    if order.started.is_some() && !unplaced {
        return html! {};
    }
    let open = table.and_then(|table| table.in_the_way.as_deref());
    let (on, why) = (format!("scanner-{number}"), format!("despite-{number}"));
    html! {
        form method="post" action={ (to) "/start" } {
            (results.sending.also(&format!("start-{number}")))
            @if unplaced { p { b { "On which scanner does it run?" } " Until that is known the plan of the others may be too early." } }
            @if let Some(table) = asks_scanner {
                div.field { label for=(on) { "Scanner" }
                    select id=(on) name="scanner" {
                        @for (id, name) in &table.scanners { option value=(id) selected[table.planned.as_deref() == Some(id)] { (name) } }
                        @if !unplaced { option value="" selected[table.planned.is_none()] { "not known yet" } }
                    } }
            }
            @if let Some(open) = open {
                p { b { "Not to begin: " } (open) "." }
                div.field { label for=(why) { "It began all the same: why" } input id=(why) name="despite" maxlength="500" autocomplete="off"; }
            }
            button.button.secondary { (if unplaced { "It runs there" } else { "Scan begins" }) }
        }
    }
}

/// Whether the limited pictures are still to be read, or may be read otherwise: until the scan is
/// reported.
fn asks(results: &Results, pending: &Pending, order: &Order) -> bool {
    let taken = order.started.is_some() && order.limited.is_none_or(|shows| !shows.extends());
    let last = |state: ReportState| state != ReportState::Preliminary;
    let reported = pending.report.as_ref().is_some_and(|report| last(report.state));
    taken && !reported && is_limited(results.asking.guideline, order.picture())
}

/// What limited pictures show, in forms.
pub fn limited_id(shows: LimitedImages) -> String {
    let words = format!("{shows:?}");
    let small = words.chars().flat_map(|sign| match sign.is_ascii_uppercase() {
        true => vec!['_', sign.to_ascii_lowercase()],
        false => vec![sign],
    });
    small.collect::<String>().trim_start_matches('_').to_string()
}

/// A report's state in forms.
pub fn state_id(state: ReportState) -> String {
    format!("{state:?}").to_lowercase()
}

/// Facts about reports of the concerns that are raised; the others closed.
fn coded(results: &Results, title: &str) -> Markup {
    let asking = &Asking { anchors: false, ..results.asking };
    let guideline = asking.guideline;
    let all = report_facts(guideline, asking.role);
    let of_raised = |fact: &FactIndex| {
        let id = guideline.facts[*fact].id.as_str();
        results.raised.iter().any(|concern| id.strip_suffix("_scan") == Some(concern))
    };
    let (mine, rest): (Vec<FactIndex>, Vec<FactIndex>) = all.into_iter().partition(of_raised);
    html! {
        h3 { (title) }
        (asking.questions(&mine))
        details open[mine.is_empty()] { summary { "Something else was seen or looked for" } div { (asking.questions(&rest)) } }
    }
}

fn report_facts(guideline: &Guideline, role: Role) -> Vec<FactIndex> {
    let facts = guideline.entered_facts().filter(|(_, fact)| {
        fact.group == "results" && (fact.asked_of.is_empty() || fact.asked_of.contains(&role))
    });
    facts.map(|(index, _)| index).collect()
}

fn new_test(results: &Results, here: &str) -> Markup {
    html! {
        details.panel { summary { "A test was sent whose result comes later" }
            form method="post" action={ (here) "/test" } {
                (results.sending.also("test"))
                div.field { label for="test" { "Which" } p.hint { "Blood cultures, for example." }
                    input id="test" name="words" maxlength="120" required; }
                button.button.secondary { "It was sent" }
            }
        }
    }
}

/// Results with a number or a value of their own: markers, urine, kidney.
fn laboratory(results: &Results, here: &str) -> Markup {
    let asking = &results.asking;
    let facts: Vec<FactIndex> = asking
        .guideline
        .entered_facts()
        .filter(|(_, fact)| fact.asked_at.contains(&Stage::Results) && fact.group != "results")
        .filter(|(_, fact)| {
            !fact.asked_at.contains(&Stage::Examination) || fact.asked_of.contains(&asking.role)
        })
        .map(|(index, _)| index)
        .collect();
    html! {
        section.panel { h2 { "Laboratory and bedside tests" }
            form method="post" action={ (here) "/results" } autocomplete="off" {
                (results.sending.also("laboratory"))
                (asking.questions(&facts))
                p.actions { button.button { "Save" } }
            }
        }
    }
}

/// Whether a visit awaits anything.
pub fn awaits(visit: &Visit) -> bool {
    visit.is_pending()
}
