//! Reports that are awaited: within an hour of the end of the scan (CR20), with an owner (CR19).

use cauda_pathway::identity::ActorId;
use cauda_scans::{ReportDue, Scan, Source};
use maud::{Markup, html};

use super::super::frame::{left, time};
use super::{Board, name};

/// Those that are awaited, the most overdue first.
pub(super) fn awaited<'a>(board: &'a Board) -> Vec<(&'a Scan, ReportDue)> {
    let now = board.calendar.now();
    let all = board.scans.iter().filter_map(|scan| Some((scan, scan.report_due(now)?)));
    let mut all: Vec<(&Scan, ReportDue)> = all.collect();
    all.sort_by(|(one, own), (other, others)| (own.due, &one.id).cmp(&(others.due, &other.id)));
    all
}

/// How many are overdue.
pub(super) fn overdue(board: &Board) -> usize {
    let now = board.calendar.now();
    awaited(board).iter().filter(|(_, report)| report.due < now).count()
}

/// On the board.
pub(super) fn panel(board: &Board) -> Markup {
    let all = awaited(board);
    let now = board.calendar.now();
    html! {
        @if !all.is_empty() { section.panel aria-labelledby="h-reports" {
            h2 id="h-reports" { "Reports that are awaited" @if overdue(board) > 0 { ", " b.error { (overdue(board)) " overdue" } } }
            table.list role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for title in ["Report by", "Patient", "Scan", "Ended", "Whose", "Do"] { th role="columnheader" scope="col" { (title) } }
                } }
                tbody role="rowgroup" { @for (scan, report) in &all { (row(board, scan, report, report.due < now)) } }
            }
        } }
    }
}

fn row(board: &Board, scan: &Scan, report: &ReportDue, late: bool) -> Markup {
    let Some(request) = &scan.request else { return html! {} };
    let here = format!("/mri/order/{}", scan.id);
    let typed = match &request.source {
        Source::Visit { visit, order } => format!("/visit/{visit}/results#r{order}"),
        _ => format!("{here}#report"),
    };
    html! {
        tr role="row" class=[late.then_some("late")] {
            td role="cell" data-label="Report by" { div {
                span class={ "tag " (request.tier.id()) } { (request.tier.id()) } " "
                (time(board.calendar, report.due)) " " (left(board.calendar, report.due)) @if late { ", " b { "overdue" } }
            } }
            th.name role="rowheader" scope="row" data-label="Patient" { a href=(here) { (name(scan)) } }
            td role="cell" data-label="Scan" { (request.protocol.name) }
            td role="cell" data-label="Ended" { div { @match scan.left_at() { Some(at) => (time(board.calendar, at)), None => "not known" } } }
            td role="cell" data-label="Whose" { (whose(report, board.people)) }
            td role="cell" data-label="Do" { div.actions {
                @if board.reads {
                    form method="post" action={ (here) "/take" } { (board.sending.also(&format!("take-{}", scan.id)))
                        button.button.secondary { "I report it" span.unseen { ": " (name(scan)) } } }
                }
                @if board.may { a href=(typed) { "Write it down" span.unseen { ": " (name(scan)) } } }
            } }
        }
    }
}

/// The role, and the person where one is named and known.
pub(super) fn whose(report: &ReportDue, people: &[(ActorId, String)]) -> String {
    let known = |named: &ActorId| people.iter().find(|(id, _)| id == named);
    match report.named.as_ref().and_then(known) {
        Some((_, name)) => format!("{}; named: {name}", report.holder.words()),
        None => report.holder.words().to_string(),
    }
}
