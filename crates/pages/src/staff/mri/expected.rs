//! What a patient waits for, when it is expected, and who says so.

use cauda_scans::{Chip, Known, Scan};
use maud::{Markup, html};

use super::super::frame::{Calendar, Sending, time};
use super::known_words;

/// Minutes that are one button each.
const MINUTES: [u32; 4] = [10, 20, 30, 60];

/// What keeps a patient from the scanner, with the time at which somebody expects it.
pub(super) fn ready(scan: &Scan, waits_for: &[String], calendar: &dyn Calendar) -> Markup {
    let contrast = scan.request.as_ref().is_some_and(|request| request.protocol.contrast);
    let asked = || Chip::ALL.into_iter().filter(|chip| chip.is_asked(contrast));
    // What is only shown and was expected too long ago keeps nobody, and is still said.
    let over = asked().filter(|chip| {
        let waits = waits_for.iter().any(|one| one == chip.words());
        !waits && scan.known(*chip) != Known::Yes && scan.expected.contains_key(chip)
    });
    let over: Vec<Chip> = over.collect();
    html! {
        @if scan.known(Chip::Screening) == Known::No { p { b.error { "screened: NOT safe" } (found(scan, Chip::Screening)) } }
        @if waits_for.is_empty() { b { "ready" } }
        @else { ul.plain { @for one in waits_for {
            li { (one) @if let Some(chip) = Chip::ALL.into_iter().find(|chip| chip.words() == one) {
                @if chip != Chip::Screening { (found(scan, chip)) } (when(scan, chip, calendar)) } }
        } } }
        @if !over.is_empty() { ul.plain { @for chip in over { li { (chip.words()) (when(scan, chip, calendar)) } } } }
        details id={ "all-" (scan.id) } { summary { "All of it" }
            ul.plain { @for chip in asked() {
                li { (chip.words()) ": " b { (known_words(scan.known(chip))) } (found(scan, chip)) }
            } }
        }
    }
}

/// `, pacemaker or defibrillator`: what was found that is in the way.
pub(super) fn found(scan: &Scan, chip: Chip) -> Markup {
    html! { @if let Some(found) = scan.found.get(&chip) { ", found: " b { (found) } } }
}

/// `, expected 14:20, in 12 min`, or that this time is over.
pub(super) fn when(scan: &Scan, chip: Chip, calendar: &dyn Calendar) -> Markup {
    let open = scan.known(chip) != Known::Yes;
    let Some(at) = scan.expected.get(&chip).copied().filter(|_| open) else { return html! {} };
    let seconds = at - calendar.now();
    html! {
        ", "
        @if at > calendar.now() { "expected " (time(calendar, at)) ", in " ((seconds + 59).div_euclid(60)) " min" }
        @else { b.error { "overdue: expected " (time(calendar, at)) ", " ((-seconds).div_euclid(60)) " min ago" } }
    }
}

/// The form that says when. `back` is where it leads to afterwards.
pub(super) fn form(scan: &Scan, sending: &Sending, here: &str, back: &str) -> Markup {
    let contrast = scan.request.as_ref().is_some_and(|request| request.protocol.contrast);
    let asked = Chip::ALL.into_iter().filter(|chip| chip.is_asked(contrast));
    let open: Vec<Chip> = asked.filter(|chip| scan.known(*chip) != Known::Yes).collect();
    let id = |what: &str| format!("{what}-{back}-{}", scan.id);
    html! {
        @if !open.is_empty() {
            form.expect method="post" action={ (here) "/expect" } {
                (sending.also(&format!("expect-{}", scan.id)))
                input type="hidden" name="back" value=(back);
                label for=(id("chip")) { "What" }
                select id=(id("chip")) name="chip" { @for chip in &open { option value=(chip.id()) { (chip.words()) } } }
                label for=(id("at")) { "At, hours and minutes; or in" }
                input id=(id("at")) name="at" maxlength="5" size="5" inputmode="numeric" autocomplete="off" placeholder="14:20";
                div.actions {
                    button.button.secondary { "At that time" }
                    @for minutes in MINUTES { button.button.secondary name="minutes" value=(minutes) { (minutes) " min" } }
                    @if !scan.expected.is_empty() { button.button.quiet name="minutes" value="none" { "Nobody knows when" } }
                }
            }
        }
    }
}
