//! Where it hurts and where it is numb: a picture to tap, and the same questions as a plain list.
//!
//! The questions are the form; the picture only answers them. Without JavaScript a tap goes to the
//! question.

use cauda_guideline::facts::FactIndex;
use maud::{Markup, PreEscaped, html};

use super::findings::{Asking, field};

const MAP: &str = include_str!("../../assets/staff/bodymap.svg");

/// A fact with the regions it is drawn in.
struct Drawn {
    fact: &'static str,
    /// Numbness, and not pain.
    numb: bool,
    /// Its question stands beside the picture; else elsewhere on the page.
    beside: bool,
    regions: &'static [&'static str],
}

const fn drawn(fact: &'static str, beside: bool, regions: &'static [&'static str]) -> Drawn {
    Drawn { fact, numb: false, beside, regions }
}

const fn numb(fact: &'static str, beside: bool, regions: &'static [&'static str]) -> Drawn {
    Drawn { fact, numb: true, beside, regions }
}

const DRAWN: [Drawn; 8] = [
    drawn("leg_pain_right", true, RIGHT_SHIN),
    drawn("leg_pain_left", true, LEFT_SHIN),
    numb("leg_numbness_told_right", true, RIGHT_LEG),
    numb("leg_numbness_told_left", true, LEFT_LEG),
    drawn("flank_pain", true, &["back-left-flank", "back-right-flank"]),
    numb("saddle_numbness", false, &["saddle"]),
    numb("leg_touch_reduced_right", false, RIGHT_LEG),
    numb("leg_touch_reduced_left", false, LEFT_LEG),
];
const LEFT_LEG: &[&str] = &[
    "front-left-thigh",
    "front-left-knee",
    "front-left-outer-shin",
    "front-left-inner-shin",
    "front-left-foot",
    "back-left-thigh",
    "back-left-knee",
    "back-left-calf",
    "back-left-heel",
];
const RIGHT_LEG: &[&str] = &[
    "front-right-thigh",
    "front-right-knee",
    "front-right-outer-shin",
    "front-right-inner-shin",
    "front-right-foot",
    "back-right-thigh",
    "back-right-knee",
    "back-right-calf",
    "back-right-heel",
];
const LEFT_SHIN: &[&str] = &[
    "front-left-outer-shin",
    "front-left-inner-shin",
    "front-left-foot",
    "back-left-calf",
    "back-left-heel",
];
const RIGHT_SHIN: &[&str] = &[
    "front-right-outer-shin",
    "front-right-inner-shin",
    "front-right-foot",
    "back-right-calf",
    "back-right-heel",
];

/// The facts whose questions stand beside the picture.
pub fn beside(asking: &Asking, facts: &[FactIndex]) -> Vec<FactIndex> {
    let beside = DRAWN.iter().filter(|drawn| drawn.beside);
    let beside = beside.filter_map(|drawn| asking.guideline.fact(drawn.fact));
    beside.filter(|fact| facts.contains(fact)).collect()
}

/// The picture with what is on record drawn in, and the questions beside it; `facts` may be
/// answered by this person here.
pub fn section(asking: &Asking, facts: &[FactIndex]) -> Markup {
    html! {
        section.panel {
            h2 { "Where it hurts, and where it is numb" }
            div.grid2 {
                figure.bodymap {
                    p.actions hidden {
                        "Draw " button.button.secondary type="button" data-draw="pain" aria-pressed="true" { "pain" }
                        " " button.button.secondary type="button" data-draw="numb" aria-pressed="false" { "numbness" }
                    }
                    (PreEscaped(picture(asking, facts)))
                    figcaption {
                        "Tap a leg, a flank or the saddle. " span.key {} " pain  " span.key.numb {}
                        " numb. Left and right are the patient’s own."
                    }
                }
                div { (asking.questions(&beside(asking, facts))) }
            }
        }
    }
}

/// Every region that a question is about becomes a link to it, marked as the record says.
fn picture(asking: &Asking, facts: &[FactIndex]) -> String {
    let mut picture = String::with_capacity(MAP.len() + 4_096);
    for line in MAP.lines() {
        match region(line) {
            Some(region) => picture.push_str(&link(asking, facts, region, line)),
            None => picture.push_str(line),
        }
        picture.push('\n');
    }
    picture
}

/// The id of the region that a line of the drawing is.
fn region(line: &str) -> Option<&str> {
    line.strip_prefix("<path class=\"region\" id=\"")?.split('"').next()
}

fn link(asking: &Asking, facts: &[FactIndex], region: &str, line: &str) -> String {
    let mut class = String::from("region");
    let (mut to, mut links) = (None, String::new());
    for drawn in DRAWN.iter().filter(|drawn| drawn.regions.contains(&region)) {
        let Some(fact) = asking.guideline.fact(drawn.fact) else { continue };
        let mark = if drawn.numb { "numb" } else { "pain" };
        if is_told(asking, fact) && !class.ends_with(mark) {
            class = format!("{class} {mark}");
        }
        // What is examined is drawn, and not tapped.
        let told = asking.guideline.facts[fact].by == cauda_guideline::facts::By::Ask;
        if told && facts.contains(&fact) {
            let name = field(&asking.guideline.facts[fact]);
            to.get_or_insert_with(|| name.clone());
            links.push_str(&format!(" data-{mark}=\"{name}\""));
        }
    }
    let path = line.replacen("class=\"region\"", &format!("class=\"{class}\""), 1);
    match to {
        // The list beside it is what a keyboard and a screen reader use.
        Some(to) => format!("<a href=\"#{to}\" tabindex=\"-1\"{links}>{path}</a>"),
        None => path,
    }
}

/// On record, and not as clear.
fn is_told(asking: &Asking, fact: FactIndex) -> bool {
    let clear = 1 << asking.guideline.program.cells[fact].clear;
    asking.known.by_fact[fact].cells & clear == 0 && asking.record(fact).is_some()
}
