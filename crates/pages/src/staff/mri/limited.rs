//! A limited protocol on the table: what its pictures show is asked before the patient leaves it
//! (CR27).

use cauda_queue::State;
use cauda_scans::{LimitedImages, Scan};
use maud::{Markup, html};

use super::super::frame::{Calendar, Sending, time};
use super::super::results::{capital, limited_id};
use super::{Board, name};

/// Whether it is asked: limited pictures that are taken now, or that nobody read.
pub(super) fn is_asked(scan: &Scan) -> bool {
    let limited = scan.request.as_ref().is_some_and(|request| request.protocol.limited);
    let taken = matches!(scan.state, State::OnTable { .. }) && limited && scan.limited.is_none();
    taken || scan.is_unread()
}

/// On the board.
pub(super) fn panel(board: &Board) -> Markup {
    let all: Vec<&Scan> = board.scans.iter().filter(|scan| is_asked(scan)).collect();
    html! {
        @if !all.is_empty() { section.panel.alarm aria-labelledby="h-limited" {
            h2 id="h-limited" { "Limited pictures to read" }
            @for scan in all { div.limited {
                p { a href={ "/mri/order/" (scan.id) } { b { (name(scan)) } } ": " (stands(scan, board.calendar)) }
                @if board.may { (form(scan, &board.sending, board.reads, "board")) }
            } }
        } }
        @let lies: Vec<&Scan> = board.scans.iter().filter(|scan| scan.on_table().is_some() && scan.may_still_extend()).collect();
        @if board.may && !lies.is_empty() { section.panel { h2 { "Limited pictures that were read as explained" }
            @for scan in lies { div.limited { p { a href={ "/mri/order/" (scan.id) } { b { (name(scan)) } } } (again(scan, &board.sending, "board")) } }
        } }
    }
}

/// Where it stands, in a sentence.
pub(super) fn stands(scan: &Scan, calendar: &dyn Calendar) -> Markup {
    html! {
        @match (&scan.state, scan.left_at()) {
            (State::OnTable { since, .. }, _) => { "on the table since " (time(calendar, *since)) " with a limited protocol." }
            (_, Some(at)) => { b.error { "the scan ended " (time(calendar, at)) " and nobody said what the limited pictures show." } " Nothing is excluded by them." }
            _ => "the limited pictures were not read."
        }
    }
}

/// The question. Whoever runs the scan answers; that every deficit is explained is a physician's.
pub(super) fn form(scan: &Scan, sending: &Sending, reads: bool, back: &str) -> Markup {
    let here = format!("/mri/order/{}/limited", scan.id);
    let (words, hint) =
        (format!("limited-words-{back}-{}", scan.id), format!("limited-hint-{back}-{}", scan.id));
    let extends = LimitedImages::ALL.iter().copied().filter(|shows| shows.extends());
    html! {
        form method="post" action=(here) {
            (sending.also(&format!("limited-{}", scan.id)))
            input type="hidden" name="back" value=(back);
            p.hint id=(hint) { @if scan.on_table().is_some() { "Before the patient leaves the table: what do the limited pictures show? The scan is extended by itself to the whole protocol, unless every deficit is explained." }
                @else { "The patient has left the table: what do the limited pictures show? Unless every deficit is explained, the patient is scanned again with the whole protocol." } }
            div.actions role="group" aria-label={ "Limited pictures: " (name(scan)) } aria-describedby=(hint) {
                @for shows in extends { button.button.secondary name="shows" value=(limited_id(shows)) { (capital(shows.words())) } }
            }
            @if reads { details id={ "explained-" (scan.id) } { summary { (capital(LimitedImages::ClearExplained.words())) }
                div.field { label for=(words) { "By what, for each deficit" } input id=(words) name="words" maxlength="500" autocomplete="off"; }
                button.button.secondary name="shows" value=(limited_id(LimitedImages::ClearExplained)) { "It is not extended" }
            } }
        }
    }
}

/// What was read as explained can be read otherwise, until the scan is reported.
pub(super) fn again(scan: &Scan, sending: &Sending, back: &str) -> Markup {
    let here = format!("/mri/order/{}/limited", scan.id);
    let extends = LimitedImages::ALL.iter().copied().filter(|shows| shows.extends());
    html! {
        p { (read(scan)) }
        details id={ "again-" (back) "-" (scan.id) } { summary { "Was that wrong? Extend it all the same" }
            form method="post" action=(here) {
                (sending.also(&format!("limited-{}", scan.id)))
                input type="hidden" name="back" value=(back);
                div.actions role="group" aria-label={ "Limited pictures, read again: " (name(scan)) } {
                    @for shows in extends { button.button.secondary name="shows" value=(limited_id(shows)) { (capital(shows.words())) } }
                }
            }
        }
    }
}

/// `now MRI whole spine: clonus, told 12:40`, where a new sign made a whole picture of a limited one.
pub(super) fn forced(scan: &Scan, calendar: &dyn Calendar) -> Option<Markup> {
    let (at, sign) = scan.forced.as_ref()?;
    let protocol = scan.request.as_ref().map_or("whole", |request| &request.protocol.name);
    Some(html! { b { "now " (protocol) ": " (sign.as_str()) } " told " (time(calendar, *at)) })
}

/// What became of it, where somebody read them.
pub(super) fn read(scan: &Scan) -> Markup {
    let Some((shows, words)) = &scan.limited else { return html! {} };
    let still = scan.request.as_ref().is_some_and(|request| request.protocol.limited);
    html! {
        @if shows.extends() && still { b.error { "to be extended by hand: " (shows.words()) } }
        @else if shows.extends() { "extended: " (shows.words()) }
        @else { "not extended: " (shows.words()) @if let Some(words) = words { ", " (words.as_str()) } }
    }
}
