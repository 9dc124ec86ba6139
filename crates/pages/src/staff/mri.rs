//! The MRI coordinator's board: who is scanned next, when, and why; who waits for what; and what is
//! done about it.

mod day;
mod expected;
mod lanes;
mod letters;
mod limited;
mod order;
mod reports;
mod wall;

pub use day::{TierDay, day};
pub use letters::{LetterLine, LetterPage, letter, letters};
pub use order::{OrderPage, new, order};
pub use wall::wall;

use cauda_pathway::identity::ActorId;
use cauda_queue::{Breach, Moved, Plan, Planned, State};
use cauda_scans::{Known, Scan};
use maud::{Markup, html};

use super::frame::{Calendar, Sending, left, time};

/// A system that has not been told of orders for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// Its name.
    pub name: String,
    /// For how many minutes.
    pub minutes: i64,
    /// How many messages wait.
    pub waiting: usize,
    /// What the last try came to.
    pub why: String,
}

/// What the board is made of.
pub struct Board<'a> {
    /// The orders, those that left within a day as well.
    pub scans: &'a [Scan],
    /// What follows.
    pub plan: &'a Plan,
    /// Ids and names of the scanners; whether each is out of order, and until when.
    pub scanners: &'a [(String, String, Option<Option<i64>>)],
    /// Who would move if a stroke came now.
    pub moved: &'a [Moved],
    /// Orders that no scanner can be shown, and why.
    pub faults: &'a [(String, String)],
    /// HL7 messages that were refused and that nobody has closed; nothing where none are listened
    /// for.
    pub messages: Option<usize>,
    /// Senders of which so many refused messages lie open that no more are kept whole.
    pub full: &'a [String],
    /// Systems that have not been told of orders for some time.
    pub untold: &'a [Untold],
    /// Other sites that scan.
    pub sites: usize,
    /// May move, call, begin.
    pub may: bool,
    /// May report, and say that a deficit is explained.
    pub reads: bool,
    /// Names of those who report.
    pub people: &'a [(ActorId, String)],
    /// Hidden fields of its forms.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

impl Board<'_> {
    fn scan(&self, id: &str) -> Option<&Scan> {
        self.scans.iter().find(|scan| scan.id == id)
    }

    fn scanner(&self, id: &str) -> String {
        let known = self.scanners.iter().find(|(known, ..)| known == id);
        known.map_or_else(|| "a scanner".to_string(), |(_, name, _)| name.clone())
    }

    fn breach(&self, id: &str) -> Option<&Breach> {
        self.plan.breaches.iter().find(|breach| breach.id.as_str() == id)
    }
}

/// The page.
pub fn board(board: &Board) -> Markup {
    let late = board
        .plan
        .entries
        .iter()
        .filter(|one| one.latest_start < board.calendar.now() && one.place.is_some());
    let breaches = board.plan.breaches.len();
    html! {
        h1 { "MRI board " small {
            (board.plan.entries.iter().filter(|one| one.place.is_some()).count()) " wait"
            @if late.clone().count() > 0 { ", " b { (late.count()) " late" } }
            @if breaches > 0 { ", " (breaches) " will miss the deadline" }
            @if reports::overdue(board) > 0 { ", " b { "reports overdue: " (reports::overdue(board)) } }
        } }
        p.actions {
            @if board.may { a.button href="/mri/new" { "Order a scan" } " " }
            a.button.secondary href="/mri/day" { "Last 24 hours" } " "
            a.button.secondary href="/mri/wall" { "Wall view, without names" }
            @if let Some(messages) = board.messages { " " a.button.secondary href="/mri/messages" { "Refused messages: " (messages) } }
        }
        @if board.messages.is_some_and(|messages| messages > 0) {
            p.error role="alert" { "Messages of other systems were refused: an order, a cancellation or a report may be missing here, or there. " a href="/mri/messages" { "Look at them" } }
        }
        @for sender in board.full {
            p.error role="alert" { "So many refused messages of " b { (if sender.is_empty() { "a system without a name" } else { sender.as_str() }) } " lie open that no more are kept whole: close what is done with, and have them sent again." }
        }
        @for one in board.untold {
            p.error role="alert" { b { (one.name) } " has not been told of orders for " (one.minutes) " min: " (one.waiting) (if one.waiting == 1 { " message waits" } else { " messages wait" }) ", " (one.why) ". Until it is mended, tell them by telephone; what waits is sent by itself." }
        }
        (unplaced(board))
        (limited::panel(board))
        (breach_panel(board))
        @if board.plan.entries.is_empty() { p.empty { "Nobody waits for a scan." } }
        @else { (rows(board)) }
        (reports::panel(board))
        (lanes::lanes(board))
        (scanners(board))
        (what_if(board))
        (gone(board))
    }
}

/// Scans that run, nobody knows where: they take no scanner in the plan.
fn unplaced(board: &Board) -> Markup {
    let all: Vec<&Scan> = board.scans.iter().filter(|scan| scan.is_unplaced()).collect();
    html! {
        @if !all.is_empty() { p.error role="alert" {
            b { (all.len()) (if all.len() == 1 { " scan runs" } else { " scans run" }) " on an unknown scanner" } ": the plan may be too early. Say where: "
            @for (at, scan) in all.iter().enumerate() { @if at > 0 { ", " } a href={ "/mri/order/" (scan.id) } { (name(scan)) } } "."
        } }
    }
}

fn breach_panel(board: &Board) -> Markup {
    html! {
        @if !board.plan.breaches.is_empty() {
            section.panel.alarm aria-labelledby="h-breach" {
                h2 id="h-breach" { "Deadlines that will be missed" }
                ul { @for breach in &board.plan.breaches {
                    @if let Some(scan) = board.scan(breach.id.as_str()) {
                        li { a href={ "/mri/order/" (scan.id) } { b { (name(scan)) } } ": "
                            (breach_words(board, breach)) }
                    }
                } }
            }
        }
    }
}

fn rows(board: &Board) -> Markup {
    html! {
        table.list.mri role="table" {
            thead role="rowgroup" { tr role="row" {
                @for title in ["#", "Begin by", "Patient", "Why", "Scan", "Ready?", "Planned", "Do"] {
                    th role="columnheader" scope="col" { (title) } }
            } }
            tbody role="rowgroup" {
                @for planned in &board.plan.entries {
                    @if let Some(scan) = board.scan(planned.id.as_str()) { (row(board, planned, scan)) }
                }
            }
        }
    }
}

fn row(board: &Board, planned: &Planned, scan: &Scan) -> Markup {
    let Some(request) = &scan.request else { return html! {} };
    let now = board.calendar.now();
    let late = planned.place.is_some() && planned.latest_start < now;
    let fault = board.faults.iter().find(|(id, _)| *id == scan.id);
    html! {
        tr role="row" class=[late.then_some("late")] {
            td role="cell" data-label="Place" {
                @match planned.place {
                    Some(place) => { b { (place) } }
                    None => { b { "on table" } }
                }
            }
            td role="cell" data-label="Begin by" { div {
                span class={ "tag " (planned.tier.id()) } { (planned.tier.id()) } " "
                @match &request.deadline {
                    Some(deadline) => { (time(board.calendar, deadline.at)) " " small { (left(board.calendar, deadline.at)) (share(deadline.started_at, deadline.at, now)) } }
                    None => { (time(board.calendar, planned.latest_start)) " " small { "usual" } }
                }
            } }
            th.name role="rowheader" scope="row" data-label="Patient" {
                a href={ "/mri/order/" (scan.id) } { (name(scan)) }
                @if let Some(place) = &request.about.place { " " small { (place.as_str()) } }
            }
            td role="cell" data-label="Why" {
                (request.kind.words())
                @if let Some(why) = &request.why { " " small { (why.as_str()) } }
            }
            td role="cell" data-label="Scan" {
                (request.protocol.name) " " small {
                    (request.protocol.minutes[0]) " to " (request.protocol.minutes[1]) " min"
                    @if request.protocol.contrast { ", contrast" }
                    @if request.protocol.limited { ", limited" }
                }
                @if let Some(forced) = limited::forced(scan, board.calendar) { " " small { (forced) } }
                @if scan.limited.is_some() { " " small { (limited::read(scan)) } }
                @if let Some((_, why)) = fault { " " span.error { "Not in the scanner's list: " (why) } }
            }
            td role="cell" data-label="Ready?" { div {
                (expected::ready(scan, &planned.waits_for, board.calendar))
                @if board.may && planned.place.is_some() { details id={ "expect-" (scan.id) } { summary { "Expected ready" span.unseen { ": " (name(scan)) } }
                    (expected::form(scan, &board.sending, &format!("/mri/order/{}", scan.id), "board")) } }
            } }
            td role="cell" data-label="Planned" { div {
                @match (&scan.state, planned.predicted) {
                    (State::OnTable { scanner, since }, Some(when)) => {
                        (board.scanner(scanner.as_str())) " since " (time(board.calendar, *since)) ", ends about " (time(board.calendar, when.end_p50))
                    }
                    (_, Some(when)) => {
                        (planned.scanner.as_ref().map_or(String::new(), |on| board.scanner(on.as_str())))
                        " " (time(board.calendar, when.start_p50))
                        @if board.calendar.clock(when.start_p90) != board.calendar.clock(when.start_p50) {
                            " to " (time(board.calendar, when.start_p90))
                        }
                        @if when.assumed { " " small { "if ready by then" } }
                    }
                    _ => "cannot be said"
                }
                @if let Some(breach) = board.breach(&scan.id) { " " b.error { (if breach.likelihood == cauda_queue::Likelihood::Likely { "will be late" } else { "may be late" }) } }
                details id={ "why-" (scan.id) } { summary { "Why this place" } p { (with_names(board, &planned.why.sentence())) } }
            } }
            td role="cell" data-label="Do" { @if board.may { (doing(board, planned, scan)) } }
        }
    }
}

/// What is predicted, and the smallest change that avoids it.
fn breach_words(board: &Board, breach: &Breach) -> String {
    let late = match breach.late_minutes {
        Some(minutes) if minutes > 0 => format!("{minutes} min late as planned"),
        _ => "late as far as can be said".to_string(),
    };
    let change = match &breach.change {
        Some(cauda_queue::Change::TransferNow) if board.sites > 0 => {
            "; transfer now: no slot here is in time, and the clock runs on".to_string()
        }
        Some(change) => format!("; {change}"),
        None => String::new(),
    };
    let others = match breach.makes_late.len() {
        0 => String::new(),
        count => format!(" (that makes {count} less urgent late)"),
    };
    with_names(board, &format!("{late}{change}{others}"))
}

/// Ids of orders and scanners in a sentence of the queue, as people know them.
fn with_names(board: &Board, sentence: &str) -> String {
    let mut text = sentence.to_string();
    for scan in board.scans.iter().filter(|scan| sentence.contains(&scan.id)) {
        text = text.replace(&scan.id, &name(scan));
    }
    for (id, name, _) in board.scanners {
        text = text.replace(&format!(" {id}"), &format!(" {name}"));
    }
    text
}

fn moved_words(board: &Board, moved: &Moved) -> String {
    match (moved.from, moved.to) {
        (Some(_), Some(to)) if moved.minutes > 0 => {
            format!("{} min later, at {}", moved.minutes, board.calendar.clock(to))
        }
        (Some(_), Some(to)) => format!("earlier, at {}", board.calendar.clock(to)),
        (Some(_), None) => "no start could be said any more".to_string(),
        (None, _) => "no start can be said".to_string(),
    }
}

/// How much of the time is over, from half of it on.
fn share(from: i64, to: i64, now: i64) -> Markup {
    let whole = (to - from).max(1);
    let passed = (now - from).saturating_mul(100) / whole;
    let word = match passed {
        ..50 => return html! {},
        50..75 => "half of the time is over",
        75..100 => "three quarters of the time are over",
        _ => "the time is over",
    };
    html! { ", " (word) }
}

/// As people read it.
pub(crate) fn known_words(known: Known) -> &'static str {
    match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "not known",
    }
}

fn name(scan: &Scan) -> String {
    let about = scan.request.as_ref().map(|request| &request.about);
    let name = about.and_then(|about| about.name.as_ref());
    name.map_or_else(|| "Name erased".to_string(), |name| name.as_str().to_string())
}

/// The next step as one button, and a move up.
fn doing(board: &Board, planned: &Planned, scan: &Scan) -> Markup {
    let here = format!("/mri/order/{}", scan.id);
    let on =
        scan_scanner(scan).or_else(|| planned.scanner.as_ref().map(|on| on.as_str().to_string()));
    let words = name(scan);
    let (step, label) = match &scan.state {
        State::Waiting => ("called", "Call"),
        State::Called { .. } => ("prepared", "Here and prepared"),
        State::Prepared { .. } | State::Sedated { .. } | State::ContrastRunning { .. } => {
            ("start", "Begin")
        }
        State::OnTable { .. } => ("end", "Ended"),
        State::Left(_) => return html! {},
    };
    html! {
        div.actions {
            @if let Some(on) = &on {
                form method="post" action={ (here) "/" (step) } {
                    (board.sending.also(&format!("{step}-{}", scan.id)))
                    input type="hidden" name="scanner" value=(on);
                    button.button.secondary { (label) span.unseen { ": " (words) } }
                }
            }
            @if planned.place.is_some_and(|place| place > 1) {
                form method="post" action={ (here) "/up" } {
                    (board.sending.also(&format!("up-{}", scan.id)))
                    button.button.quiet { "Up" span.unseen { ": " (words) } }
                }
            }
            a href=(here) { "More" span.unseen { ": " (words) } }
        }
    }
}

/// The scanner an order is at.
pub(crate) fn scan_scanner(scan: &Scan) -> Option<String> {
    match &scan.state {
        State::Called { scanner }
        | State::Prepared { scanner }
        | State::Sedated { scanner }
        | State::ContrastRunning { scanner }
        | State::OnTable { scanner, .. } => Some(scanner.as_str().to_string()),
        _ => None,
    }
}

fn scanners(board: &Board) -> Markup {
    html! {
        section.panel {
            h2 { "Scanners" }
            ul.plain { @for (id, name, down) in board.scanners { li {
                b { (name) } " "
                @match down {
                    None => {
                        "works" @if board.may { details id={ "out-" (id) } { summary { "Out of order" }
                            form method="post" action={ "/mri/scanner/" (id) "/down" } {
                                (board.sending.also(&format!("down-{id}")))
                                label for={ "until-" (id) } { "Back at (hours and minutes), if anybody knows" }
                                input id={ "until-" (id) } name="until" maxlength="5" autocomplete="off";
                                label for={ "why-" (id) } { "Why" }
                                input id={ "why-" (id) } name="words" maxlength="200" autocomplete="off";
                                p { button.button.alarm { "Take " (name) " out" } }
                            } } }
                    }
                    Some(until) => {
                        b.error { "out of order" } " "
                        @if let Some(until) = until { "until about " (time(board.calendar, *until)) }
                        @if board.may { form method="post" action={ "/mri/scanner/" (id) "/up" } {
                            (board.sending.also(&format!("up-{id}")))
                            button.button.secondary { (name) " works again" } } }
                    }
                }
            } } }
        }
    }
}

fn what_if(board: &Board) -> Markup {
    html! {
        details.panel id="if-a-stroke" {
            summary { "If a stroke comes now: " (board.moved.iter().filter(|one| one.minutes > 0).count()) " would wait longer" }
            @if board.moved.is_empty() { p { "Nobody would move." } }
            ul { @for moved in board.moved {
                @if let Some(scan) = board.scan(moved.id.as_str()) {
                    li { (name(scan)) ": " (moved_words(board, moved)) }
                }
            } }
        }
    }
}

fn gone(board: &Board) -> Markup {
    let mut left: Vec<&Scan> = board.scans.iter().filter(|scan| scan.has_left()).collect();
    left.sort_by_key(|scan| std::cmp::Reverse(scan.left_at()));
    html! {
        details.panel id="left-the-list" {
            summary { "Left the list in the last 24 hours (" (left.len()) ")" }
            ul { @for scan in left { li {
                a href={ "/mri/order/" (scan.id) } { (name(scan)) } ": " (departure(scan))
                @if let Some(at) = scan.left_at() { " " (time(board.calendar, at)) }
                @if scan.limited.is_some() { ", limited pictures " (limited::read(scan)) }
                @if let Some(report) = &scan.report {
                    ", report " (report.state) @if report.critical { " " b { "critical" } }
                }
            } } }
        }
    }
}

/// How it left, in words.
pub(crate) fn departure(scan: &Scan) -> String {
    use cauda_queue::Departure;
    match &scan.state {
        State::Left(Departure::Scanned { .. }) => "scanned".to_string(),
        State::Left(Departure::Cancelled { reason, .. }) => {
            format!("cancelled: {}", reason.as_str())
        }
        State::Left(Departure::Transferred { site, .. }) => format!("transferred to {site}"),
        State::Left(Departure::Discharged { .. }) => "left the hospital".to_string(),
        _ => "on the list".to_string(),
    }
}
