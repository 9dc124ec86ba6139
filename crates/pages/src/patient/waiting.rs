//! The page of a patient who waits: where they are, and what a clinician released. Nothing else of
//! the visit stands here, so a result is heard from a person first.

use std::borrow::Cow;

use cauda_pathway::releasing::{Part, Released, words};
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;
use cauda_words::Line;
use maud::{Markup, html};

use super::PatientFrame;
use super::frame::line;

/// The page.
pub fn page(frame: &PatientFrame, visit: &Visit) -> Markup {
    let (now, next) = place(frame, visit.phase);
    let is_here = visit.phase.is_live();
    html! {
        h1 { (frame.say("waiting-heading")) }
        section.panel { h2 { (frame.say("where-heading")) } p { b { (now) } } p { (next) } }
        @if !is_here && visit.phase.is_gone() {
            (return_list(frame, &frame.calling("come-back-heading")))
        }
        @if is_here {
            (return_list(frame, &frame.say("tell-nurse-heading")))
            (released(frame, &visit.released))
            section {
                h2 { (frame.say("why-wait-heading")) }
                p { (frame.say("why-wait")) }
                p { (frame.say("eat-or-drink")) }
            }
            p { a href="" { (frame.say("look-again")) } }
        }
    }
}

/// What the guideline says of when to come back, or of what to tell a nurse.
pub(super) fn return_list(frame: &PatientFrame, heading: &str) -> Markup {
    html! {
        section.panel.warn {
            h2 { (heading) }
            ul { @for sign in frame.says.return_list() { li { (line(&sign)) } } }
        }
    }
}

fn released(frame: &PatientFrame, phrases: &[Released]) -> Markup {
    let of = |part: Part| -> Vec<Line> {
        let of = phrases.iter().filter(|phrase| phrase.part == part);
        // What is private is not said in any language.
        let shown = of.filter(|one| words(frame.says.guideline(), &one.list, &one.id).is_some());
        shown.filter_map(|phrase| frame.says.phrase(&phrase.list, &phrase.id)).collect()
    };
    let heading = |part: Part| match part {
        Part::Checked => frame.say("checked-heading"),
        Part::Scan => frame.say("scan-heading"),
        Part::Next => frame.say("next-heading"),
    };
    html! {
        @if phrases.is_empty() {
            section.panel { h2 { (frame.say("known-heading")) } p { (frame.say("known-nothing")) } }
        }
        @for part in Part::ALL {
            @let lines = of(*part);
            @if !lines.is_empty() {
                section.panel { h2 { (heading(*part)) } ul { @for one in &lines { li { (line(one)) } } } }
            }
        }
    }
}

/// Where the visit stands, in words that tell of no order and no result.
fn place<'a>(frame: &PatientFrame<'a>, phase: Phase) -> (Cow<'a, str>, Cow<'a, str>) {
    let say = |now: &str, next: &str| (frame.say(now), frame.say(next));
    match phase {
        Phase::Expected | Phase::Arrived => say("place-arrived", "place-arrived-next"),
        Phase::Triaged => say("place-triaged", "place-triaged-next"),
        Phase::Observed => say("place-observed", "place-observed-next"),
        Phase::ReadyToLeave => say("place-leaving", "place-leaving-next"),
        Phase::InTransfer => say("place-transfer", "place-transfer-next"),
        Phase::Admitted => say("place-admitted", "place-admitted-next"),
        Phase::Discharged => say("place-discharged", "place-discharged-next"),
        phase if phase.is_end() => say("place-ended", "place-ended-next"),
        _ => say("place-doctor", "place-doctor-next"),
    }
}
