//! The board for a wall: who is next, without names.

use cauda_scans::Scan;
use maud::{Markup, html};

use super::super::frame::{left, time};
use super::{Board, lanes, limited, reports};

/// Characters of an accession number that are shown.
const LAST: usize = 4;

/// The page.
pub fn wall(board: &Board) -> Markup {
    html! {
        h1 { "MRI, next" }
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                @for title in ["#", "Begin by", "Who", "Where", "Scan", "Planned"] {
                    th role="columnheader" scope="col" { (title) } }
            } }
            tbody role="rowgroup" { @for planned in &board.plan.entries {
                @if let Some(scan) = board.scan(planned.id.as_str()) {
                    tr role="row" {
                        td role="cell" data-label="Place" { @match planned.place { Some(place) => (place), None => "on table" } }
                        td role="cell" data-label="Begin by" { span class={ "tag " (planned.tier.id()) } { (planned.tier.id()) } " "
                            (time(board.calendar, planned.latest_start)) " " small { (left(board.calendar, planned.latest_start)) } }
                        th.name role="rowheader" scope="row" data-label="Who" { (initials(scan)) }
                        td role="cell" data-label="Where" { @if let Some(place) = scan.request.as_ref().and_then(|one| one.about.place.as_ref()) { (place.as_str()) } }
                        td role="cell" data-label="Scan" { @if let Some(request) = &scan.request { (request.protocol.minutes[0]) " to " (request.protocol.minutes[1]) " min" } }
                        td role="cell" data-label="Planned" {
                            @if let Some(on) = &planned.scanner { (board.scanner(on.as_str())) " " }
                            @if let Some(when) = planned.predicted { (time(board.calendar, when.start_p50)) }
                        }
                    }
                }
            } }
        }
        (reports(board))
        (lanes::reserved(board, false))
        p { a href="/mri" { "To the board" } }
    }
}

/// Reports that are awaited, and limited pictures that nobody read yet.
fn reports(board: &Board) -> Markup {
    let all = reports::awaited(board);
    let limited: Vec<&Scan> = board.scans.iter().filter(|scan| limited::is_asked(scan)).collect();
    html! {
        @if !limited.is_empty() { section.panel.alarm { h2 { "Limited pictures to read" }
            ul { @for scan in limited { li { (told_apart(scan)) ": " (limited::stands(scan, board.calendar)) } } } } }
        @if !all.is_empty() { section.panel { h2 { "Reports that are awaited" }
            ul { @for (scan, report) in all { li { (told_apart(scan)) ": by " (time(board.calendar, report.due)) ", "
                @if report.due < board.calendar.now() { b.error { (left(board.calendar, report.due)) } } @else { (left(board.calendar, report.due)) }
                ", " (report.holder.words()) } } } } }
    }
}

/// `M. A., 4F7Q`: two with the same letters are told apart by the end of the accession number.
fn told_apart(scan: &Scan) -> String {
    let accession: Vec<char> = scan.accession().chars().collect();
    let last: String = accession.iter().skip(accession.len().saturating_sub(LAST)).collect();
    format!("{}, {last}", initials(scan))
}

/// `M. A.`
fn initials(scan: &Scan) -> String {
    let name = scan.request.as_ref().and_then(|request| request.about.name.as_ref());
    let Some(name) = name else { return "?".to_string() };
    let firsts = name.as_str().split([' ', ',', '-']).filter_map(|part| part.chars().next());
    firsts.take(3).map(|first| format!("{first}.")).collect::<Vec<_>>().join(" ")
}
