//! One order: what is known of it, and everything that can be done about it; and a new one.

use cauda_pathway::identity::ActorId;
use cauda_pathway::patient::Sex;
use cauda_queue::{Planned, State};
use cauda_scans::{Catalogue, Chip, Kind, Known, Scan, Source};
use maud::{Markup, html};

use super::super::frame::{Calendar, Sending, left, time};
use super::{departure, expected, known_words, limited, name, reports, scan_scanner};

/// What the page of an order is made of.
pub struct OrderPage<'a> {
    /// The order.
    pub scan: &'a Scan,
    /// Its place.
    pub planned: Option<&'a Planned>,
    /// Why it has its place, in words.
    pub why: String,
    /// Ids and names of those who wait, in their order.
    pub others: Vec<(String, String)>,
    /// Ids and names of the scanners.
    pub scanners: Vec<(String, String)>,
    /// Protocols.
    pub catalogue: &'a Catalogue,
    /// Name, telephone and minutes of other sites.
    pub sites: Vec<(String, String, u32)>,
    /// Numbers that the scanner shows.
    pub accession: String,
    /// What the guideline says instead, where the patient cannot be scanned.
    pub instead: Vec<String>,
    /// What was refused just now.
    pub refused: Option<String>,
    /// May do something.
    pub may: bool,
    /// May report, and say that a deficit is explained.
    pub reads: bool,
    /// May cancel what a visit ordered.
    pub decides: bool,
    /// Names of those who report.
    pub people: &'a [(ActorId, String)],
    /// Hidden fields of its forms.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn order(page: &OrderPage) -> Markup {
    let scan = page.scan;
    let here = format!("/mri/order/{}", scan.id);
    html! {
        p { a href="/mri" { "To the board" } }
        h1 { (name(scan)) " " small { (scan.request.as_ref().map_or("", |request| request.kind.words())) } }
        @if let Some(refused) = &page.refused { p.error role="alert" { (refused) } }
        (facts(page))
        @if page.may && limited::is_asked(scan) {
            section.panel.alarm { h2 { "Limited pictures" }
                p { (limited::stands(scan, page.calendar)) }
                (limited::form(scan, &page.sending, page.reads, "order")) }
        }
        @if page.may && !limited::is_asked(scan) && scan.may_still_extend() {
            section.panel { h2 { "Limited pictures" } (limited::again(scan, &page.sending, "order")) }
        }
        @if page.may { (report(page, &here)) }
        @if scan.has_left() { p.panel { "It has left the list: " (departure(scan)) "." } }
        @else if page.may {
            (steps(page, &here))
            (readiness(page, &here))
            (moves(page, &here))
            (protocol(page, &here))
            (away(page, &here))
        }
    }
}

fn facts(page: &OrderPage) -> Markup {
    let Some(request) = &page.scan.request else { return html! {} };
    html! {
        dl.panel.facts {
            dt { "Scan" } dd { (request.protocol.name) ", " (request.protocol.minutes[0]) " to " (request.protocol.minutes[1]) " min"
                @if request.protocol.contrast { ", contrast" } @if request.protocol.limited { ", limited" } }
            @if let Some(why) = &request.why { dt { "Why" } dd { (why.as_str()) } }
            dt { "Tier" } dd { (page.planned.map_or(request.tier.id(), |planned| planned.tier.id())) }
            @if let Some(deadline) = &request.deadline {
                dt { "Begin by" } dd { (time(page.calendar, deadline.at)) " " small { (left(page.calendar, deadline.at)) ", from " (deadline.started_by) " at " (page.calendar.clock(deadline.started_at)) } }
            }
            dt { "Ordered" } dd { (time(page.calendar, request.ordered_at)) " by " (request.asked_by)
                @if let Some(telephone) = &request.telephone { ", " (telephone.as_str()) } }
            @if let Some(place) = &request.about.place { dt { "Where" } dd { (place.as_str()) } }
            @if let Some(number) = &request.about.number { dt { "Number" } dd { (number.as_str()) } }
            dt { "Accession number" } dd { (page.accession) }
            @if let Source::Visit { visit, .. } = &request.source { dt { "Visit" } dd { a href={ "/visit/" (visit) "/results" } { "Open the visit" } } }
            @if !page.why.is_empty() { dt { "Why this place" } dd { (page.why) } }
            @if let Some((consultant, reason)) = &page.scan.wait_accepted { dt { "The wait was accepted" } dd { (consultant.as_str()) ": " (reason.as_str()) } }
            @if page.scan.limited.is_some() { dt { "Limited pictures" } dd { (limited::read(page.scan)) } }
            @if let Some(report) = page.scan.report_due(page.calendar.now()) { dt { "Report by" } dd { (time(page.calendar, report.due)) " " (left(page.calendar, report.due)) ", " (reports::whose(&report, page.people)) } }
            @if let Some(words) = &page.scan.despite { dt { "Began all the same" } dd { b.error { (words.as_str()) } } }
            @if let Some(forced) = limited::forced(page.scan, page.calendar) { dt { "Protocol" } dd { (forced) } }
            @if !page.instead.is_empty() { dt { "If the patient cannot be scanned" } dd { (page.instead.join("; ")) } }
            @if page.scan.incomplete { dt { "Pictures" } dd { b { "The last ones did not suffice" } } }
            @if let Some(report) = &page.scan.report { dt { "Report" } dd { (report.state) @if report.critical { ", " b { "critical" } } } }
        }
    }
}

fn scanner_field(page: &OrderPage, id: &str) -> Markup {
    let at = scan_scanner(page.scan);
    let at = at.or_else(|| {
        page.planned.and_then(|one| one.scanner.as_ref()).map(|on| on.as_str().to_string())
    });
    html! {
        label for=(id) { "Scanner" }
        select id=(id) name="scanner" {
            @for (known, name) in &page.scanners { option value=(known) selected[at.as_deref() == Some(known)] { (name) } }
        }
    }
}

fn steps(page: &OrderPage, here: &str) -> Markup {
    let on_table = matches!(page.scan.state, State::OnTable { .. });
    html! {
        section.panel { h2 { "On the way" }
            @if on_table {
                @if page.scan.is_unplaced() {
                    form method="post" action={ (here) "/start" } { (page.sending.also("start"))
                        (scanner_field(page, "on")) button.button.secondary { "It runs there" } }
                }
                div.actions {
                    @for (step, label) in [("end", "The scan ended"), ("stopped", "Stopped, the pictures do not suffice")] {
                        form method="post" action={ (here) "/" (step) } { (page.sending.also(step)) button.button.secondary { (label) } }
                    }
                }
            } @else {
                form method="post" action={ (here) "/step" } { (page.sending.also("step"))
                    (scanner_field(page, "at"))
                    @if let Some(open) = page.scan.in_the_way_words() {
                        p { b { "Not to begin: " } (open) "." }
                        label for="despite" { "It began all the same: why" }
                        input id="despite" name="despite" maxlength="500" autocomplete="off";
                    }
                    div.actions {
                        @for (step, label) in [("called", "Called"), ("prepared", "Here and prepared"), ("sedated", "Sedated"), ("contrast_running", "Contrast is running"), ("start", "The scan begins")] {
                            button.button.secondary name="step" value=(step) { (label) }
                        }
                    }
                }
                @if !matches!(page.scan.state, State::Waiting) {
                    form method="post" action={ (here) "/return" } { (page.sending.also("return")) button.button.quiet { "Back to waiting" } }
                }
            }
        }
    }
}

fn readiness(page: &OrderPage, here: &str) -> Markup {
    let contrast = page.scan.request.as_ref().is_some_and(|request| request.protocol.contrast);
    html! {
        section.panel { h2 { "Ready?" }
            p.hint { "What nobody knows stays open: an unknown implant stops everybody, an unknown pregnancy or kidney function delays no emergency." }
            form method="post" action={ (here) "/ready" } { (page.sending.also("ready"))
                @for chip in Chip::ALL.into_iter().filter(|chip| chip.is_asked(contrast)) {
                    fieldset.choice3 { legend { (chip.words()) (expected::found(page.scan, chip)) }
                        div.options { @for known in [Known::Yes, Known::No, Known::Unknown] {
                            label { input type="radio" name={ "c." (chip.id()) } value=(known_id(known)) checked[page.scan.known(chip) == known]; " " (known_words(known)) }
                        } }
                    }
                }
                div.field { label for="ready-words" { "With it; a release of an implant, and a screening that was not safe and is now, need the reason" }
                    input id="ready-words" name="words" maxlength="500" autocomplete="off"; }
                p { button.button { "Save" } }
            }
            h3 { "Expected ready" }
            p.hint { "The plan counts with it; when the time is over it is shown as overdue, and never taken for ready." }
            (expected::form(page.scan, &page.sending, here, "order"))
        }
    }
}

/// A report that no other system tells of. Of a visit it is written in the visit.
fn report(page: &OrderPage, here: &str) -> Markup {
    let due = page.scan.report_due(page.calendar.now());
    let of_board = page.scan.is_of_board() && page.scan.has_left();
    let awaited = due.is_some() || page.scan.report.is_some();
    html! {
        @if of_board && awaited { section.panel id="report" { h2 { "Report" }
            form method="post" action={ (here) "/report" } { (page.sending.also("report"))
                div.field { label for="report-state" { "The report is" } select id="report-state" name="state" {
                    @for state in ["preliminary", "final", "corrected"] { option value=(state) { (state) } }
                } }
                label.check { input type="checkbox" name="critical" value="yes"; " It shows an emergency: somebody must read it at once" }
                p { button.button.secondary { "The report is there" } }
            }
        } }
    }
}

fn known_id(known: Known) -> &'static str {
    match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "unknown",
    }
}

fn moves(page: &OrderPage, here: &str) -> Markup {
    html! {
        section.panel { h2 { "Its place" }
            @if !page.scan.overrides.is_empty() {
                ul { @for one in &page.scan.overrides {
                    li { "by " (one.by) ", until " (page.calendar.clock(one.until))
                        @if let Some(reason) = &one.reason { ": " (reason.as_str()) } }
                } }
                form method="post" action={ (here) "/free" } { (page.sending.also("free")) button.button.secondary { "Order by the rules again" } }
            }
            form method="post" action={ (here) "/move" } { (page.sending.also("move"))
                div.field { label for="will" { "Move" } select id="will" name="will" {
                    option value="first" { "First" }
                    @for (id, name) in page.others.iter().filter(|(id, _)| *id != page.scan.id) { option value={ "before:" (id) } { "Before " (name) } }
                    option value="last" { "Last" }
                    option value="hold" { "Hold: not to be called" }
                    @for (id, name) in &page.scanners { option value={ "only:" (id) } { "Only on " (name) } }
                    @for tier in ["immediate", "emergency", "urgent", "booked", "outpatient"] { option value={ "tier:" (tier) } { "Tier " (tier) } }
                } }
                div.field { label for="until" { "For" } select id="until" name="minutes" {
                    @for (minutes, words) in [(60, "1 hour"), (120, "2 hours"), (240, "4 hours"), (720, "12 hours")] { option value=(minutes) selected[minutes == 120] { (words) } }
                } }
                div.field { label for="move-words" { "Why; later or less needs a reason" } input id="move-words" name="words" maxlength="500" autocomplete="off"; }
                p { button.button.secondary { "Move" } }
            }
        }
    }
}

fn protocol(page: &OrderPage, here: &str) -> Markup {
    let now = page.scan.request.as_ref().map(|request| request.protocol.id.as_str());
    html! {
        section.panel { h2 { "Protocol" }
            form method="post" action={ (here) "/protocol" } { (page.sending.also("protocol"))
                div.field { label for="protocol" { "Scan it as" } select id="protocol" name="protocol" {
                    @for one in page.catalogue.all() { option value=(one.id) selected[now == Some(one.id.as_str())] { (one.name) } }
                } }
                div.field { label for="protocol-words" { "Why; a limited protocol in place of a whole one needs a reason" } input id="protocol-words" name="words" maxlength="500" autocomplete="off"; }
                p { button.button.secondary { "Change the protocol" } }
                p.hint { "A limited protocol is extended before the patient leaves the table if it shows something, or if a deficit stays unexplained." }
            }
        }
    }
}

fn away(page: &OrderPage, here: &str) -> Markup {
    html! {
        section.panel { h2 { "Elsewhere, later, or not" }
            @if !page.sites.is_empty() { details { summary { "Transfer" }
                form method="post" action={ (here) "/transfer" } { (page.sending.also("transfer"))
                    div.field { label for="site" { "To" } select id="site" name="site" { @for (name, telephone, minutes) in &page.sites {
                        option value=(name) { (name) ", " (telephone) ", about " (minutes) " min" } } } }
                    div.field { label for="accepted" { "Accepted there by" } input id="accepted" name="accepted_by" maxlength="120" required autocomplete="off"; }
                    p { button.button.alarm { "Transfer; the clock runs on" } }
                } } }
            details { summary { "Wait for the morning" }
                form method="post" action={ (here) "/wait" } { (page.sending.also("wait"))
                    div.field { label for="consultant" { "Consultant, by name" } input id="consultant" name="consultant" maxlength="120" required autocomplete="off"; }
                    div.field { label for="wait-words" { "Why" } input id="wait-words" name="words" maxlength="500" required autocomplete="off"; }
                    p { button.button.secondary { "The wait is accepted" } }
                } }
            @if !page.scan.is_of_board() && !page.decides { p.hint { "An order for back pain is cancelled by the physician of the patient, on the page of results: ask there." } }
            @else { details { summary { "Cancel" }
                form method="post" action={ (here) "/cancel" } { (page.sending.also("cancel"))
                    div.field { label for="cancel-words" { "Why" } input id="cancel-words" name="words" maxlength="500" required autocomplete="off"; }
                    p { button.button.alarm { "Cancel the scan" } }
                } } }
        }
    }
}

/// A new order, for everybody but patients with back pain in the department.
pub fn new(catalogue: &Catalogue, sending: Sending, refused: Option<&str>) -> Markup {
    html! {
        p { a href="/mri" { "To the board" } }
        h1 { "Order a scan" }
        p.hint { "Scans for back pain are ordered on the patient's decision page and come here by themselves." }
        @if let Some(refused) = refused { p.error role="alert" { (refused) } }
        form.panel method="post" action="/mri/new" autocomplete="off" { (sending.fields())
            fieldset.choice3 { legend { "What for" } div.options { @for kind in Kind::ENTERED {
                label { input type="radio" name="kind" value=(kind.id()) required; " " (kind.words()) } } } }
            div.field { label for="protocol" { "Scan" } select id="protocol" name="protocol" required { @for one in catalogue.all() {
                option value=(one.id) { (one.name) } } } }
            @for (id, label, must) in [("name", "Name: family, given", true), ("number", "Number in the hospital", false), ("born", "Born: year-month-day", false), ("place", "Ward, bay or bed", false), ("asked_by", "Asked by", true), ("telephone", "Telephone of who asks", false), ("why", "Why", false), ("not_before", "Appointment: year-month-day hours:minutes, for an outpatient", false)] {
                div.field { label for=(id) { (label) } input id=(id) name=(id) maxlength="200" required[must]; }
            }
            div.field { label for="sex" { "Sex" } select id="sex" name="sex" { @for sex in Sex::ALL { option value=(sex.words()) selected[*sex == Sex::Unknown] { (sex.words()) } } } }
            p { button.button { "Order" } }
        }
    }
}
