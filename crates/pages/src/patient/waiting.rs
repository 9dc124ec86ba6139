//! The page of a patient who waits: where they are, and what a clinician released. Nothing else of
//! the visit stands here, so a result is heard from a person first.

use cauda_guideline::Guideline;
use cauda_pathway::releasing::{Part, Released, words};
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;
use maud::{Markup, html};

use super::PatientFrame;

/// The page.
pub fn page(frame: &PatientFrame, visit: &Visit) -> Markup {
    let (now, next) = place(visit.phase);
    let is_here = visit.phase.is_live();
    html! {
        h1 { "Your visit" }
        section.panel { h2 { "Where you are" } p { b { (now) } } p { (next) } }
        @if !is_here && visit.phase.is_gone() {
            section.panel.warn {
                h2 { "Call " (frame.number()) " or come back at once if" }
                ul { @for line in return_list(frame.guideline) { li { (line) } } }
            }
        }
        @if is_here {
            section.panel.warn {
                h2 { "Tell a nurse at once if" }
                ul { @for line in return_list(frame.guideline) { li { (line) } } }
            }
            (released(frame.guideline, &visit.released))
            section {
                h2 { "Why do I wait?" }
                p { "We see the sickest first. It does not go by who came first." }
                p { "You may eat or drink only if a nurse says so." }
            }
            p { a href="" { "Look again" } }
        }
    }
}

/// What the guideline says of when to come back, as who is here tells a nurse.
pub fn return_list(guideline: &Guideline) -> Vec<&str> {
    let lists = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    lists.flat_map(|(_, entries)| entries).map(|(_, _, phrase)| phrase.patient.as_str()).collect()
}

fn released(guideline: &Guideline, phrases: &[Released]) -> Markup {
    let of = |part: Part| -> Vec<&str> {
        let of = phrases.iter().filter(|phrase| phrase.part == part);
        of.filter_map(|phrase| words(guideline, &phrase.list, &phrase.id)).collect()
    };
    let heading = |part: Part| match part {
        Part::Checked => "What we checked",
        Part::Scan => "About a scan",
        Part::Next => "What comes next",
    };
    html! {
        @if phrases.is_empty() {
            section.panel { h2 { "What we know so far" }
                p { "Your nurse or doctor tells you first. What they share then stands here." } }
        }
        @for part in Part::ALL {
            @let lines = of(*part);
            @if !lines.is_empty() {
                section.panel { h2 { (heading(*part)) } ul { @for line in lines { li { (line) } } } }
            }
        }
    }
}

/// Where the visit stands, in words that tell of no order and no result.
fn place(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Expected | Phase::Arrived => ("You are signed in.", "A nurse sees you next."),
        Phase::Triaged => ("A nurse has seen you.", "A doctor sees you next."),
        Phase::Observed => ("You stay with us for now.", "We look at you again soon."),
        Phase::ReadyToLeave => ("You can go home soon.", "Wait for your sheet and your nurse."),
        Phase::InTransfer => ("You are on the way to another hospital.", "They know about you."),
        Phase::Admitted => ("You stay in the hospital.", "Your ward tells you what comes next."),
        Phase::Discharged => ("Your visit here has ended.", "Keep the sheet we gave you."),
        phase if phase.is_end() => ("Your visit here has ended.", "You can come back at any time."),
        _ => ("A doctor looks after you.", "They tell you what comes next."),
    }
}
