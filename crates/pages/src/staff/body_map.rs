//! Where it hurts and where it is numb, as a picture beside the questions.

use maud::{Markup, PreEscaped, html};

use super::findings::Asking;

const MAP: &str = include_str!("../../assets/staff/bodymap.svg");

/// Regions by the fact that says them, and whether it is numbness.
const SAID: [(&str, bool, &[&str]); 9] = [
    ("saddle_numbness", true, &["saddle"]),
    ("saddle_touch_reduced", true, &["saddle"]),
    ("leg_numbness_told_left", true, LEFT_LEG),
    ("leg_touch_reduced_left", true, LEFT_LEG),
    ("leg_numbness_told_right", true, RIGHT_LEG),
    ("leg_touch_reduced_right", true, RIGHT_LEG),
    ("leg_pain_left", false, LEFT_SHIN),
    ("leg_pain_right", false, RIGHT_SHIN),
    ("flank_pain", false, &["back-left-flank", "back-right-flank"]),
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

/// The picture with what is on record drawn in, and the same as a list.
pub fn figure(asking: &Asking) -> Markup {
    let mut drawing = MAP.to_string();
    let mut said: Vec<(&str, String)> = Vec::new();
    for (id, numb, regions) in SAID {
        let Some(fact) = asking.guideline.fact(id) else { continue };
        let cells = &asking.guideline.program.cells[fact];
        let finding = &asking.known.by_fact[fact];
        let is_clear = finding.cells & (1 << cells.clear) != 0;
        let Some(record) = asking.record(fact).filter(|_| !is_clear) else { continue };
        said.push((asking.guideline.facts[fact].staff.as_str(), record));
        let mark = if numb { "numb" } else { "pain" };
        for region in regions {
            let plain = format!("class=\"region\" id=\"{region}\"");
            drawing = drawing.replace(&plain, &format!("class=\"region {mark}\" id=\"{region}\""));
            let marked = format!("class=\"region pain\" id=\"{region}\"");
            if numb {
                drawing = drawing
                    .replace(&marked, &format!("class=\"region pain numb\" id=\"{region}\""));
            }
        }
    }
    html! {
        div.grid2.panel {
            figure.bodymap {
                (PreEscaped(drawing))
                figcaption { span.key {} " pain  " span.key.numb {} " numb, about here. Left and right are the patient’s own." }
            }
            div {
                h2 { "Told and found so far" }
                @if said.is_empty() { p { "Nothing about pain below the knee or numbness is on record." } }
                @else { dl.facts { @for (name, record) in &said { dt { (name) } dd { (record) } } } }
            }
        }
    }
}
