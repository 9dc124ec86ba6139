//! Diagnoses of the chart that no row knows: they say nothing to the guideline, so the clinician
//! has to see them. A foot drop that only the EHR knows must not be hidden in a number.

use cauda_fhir::{Coding, Moment, Resource};
use serde_json::Value;

use crate::chart::Unlisted;
use crate::codes::coding;
use crate::gather::{Gather, name};
use crate::when;

/// Longest name that is kept, in characters.
const LABEL_MAX: usize = 80;
/// Codings of one that are looked at.
const CODINGS_MAX: usize = 20;
/// Chapters of ICD-10 in which trouble of nerves, bones, bladder, infection or cancer stands, and
/// signs without a diagnosis. Those of other chapters are listed after these.
const CHAPTERS: [char; 10] = ['A', 'B', 'C', 'D', 'G', 'M', 'N', 'R', 'S', 'T'];
/// What the visit is about: pain of the back itself, in ICD-10 with all below, in SNOMED CT, and
/// in words.
const BACK_PAIN_ICD: [&str; 3] = ["M54.5", "M54.6", "M54.9"];
const BACK_PAIN_SNOMED: [&str; 2] = ["279039007", "161891005"];
const BACK_PAIN_WORDS: [&str; 6] = [
    "low back pain",
    "back pain",
    "backache",
    "lumbago",
    "pain in thoracic spine",
    "pain in the thoracic spine",
];

/// Keeps one that stands and has a name.
pub(crate) fn read(resource: &Resource<'_>, gather: &mut Gather<'_>) {
    gather.count("Condition");
    let ended = when::choice(resource, "abatement").latest.is_some_and(|end| end < gather.now);
    let Some(code) = resource.json().get("code").filter(|_| !ended) else { return };
    let Some(label) = label(code).filter(|label| !is_back_pain(code, label)) else { return };
    let recorded = resource.text("recordedDate").and_then(Moment::read);
    let at = recorded.map(|moment| moment.latest);
    let may_matter = may_matter(code);
    gather.unlisted(Unlisted { resource: name(resource), label, at, may_matter });
}

/// Its name as the EHR shows it: the words, else a display, else the code.
fn label(code: &Value) -> Option<String> {
    let words = |value: &Value| {
        let text: String =
            value.as_str()?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    let first = |field: &str| codings(code).find_map(|one| words(one.get(field)?));
    let text = code.get("text").and_then(words);
    let label = text.or_else(|| first("display")).or_else(|| first("code"))?;
    if label.chars().count() <= LABEL_MAX {
        return Some(label);
    }
    let cut: String = label.chars().take(LABEL_MAX - 1).collect();
    Some(format!("{}…", cut.trim_end()))
}

fn codings(code: &Value) -> impl Iterator<Item = &Value> {
    code.get("coding").and_then(Value::as_array).into_iter().flatten().take(CODINGS_MAX)
}

/// Whether it is the pain itself and nothing more: by its words, or by its code where nobody wrote
/// other words beside it, such as "low back pain, foot drop on the left".
fn is_back_pain(code: &Value, label: &str) -> bool {
    let is_it = |one: &Coding| match one.system {
        "http://snomed.info/sct" => BACK_PAIN_SNOMED.contains(&one.code),
        system => is_icd(system) && BACK_PAIN_ICD.iter().any(|icd| one.code.starts_with(icd)),
    };
    let mut coded = codings(code).filter_map(coding).filter(is_it);
    BACK_PAIN_WORDS.contains(&label.to_lowercase().as_str())
        || coded.any(|one| label == one.code || one.display == Some(label))
}

fn is_icd(system: &str) -> bool {
    system.starts_with("http://hl7.org/fhir/sid/icd-10")
}

/// Whether it may stand for something the guideline looks for: all but an ICD-10 code of a
/// chapter that has nothing of it.
fn may_matter(code: &Value) -> bool {
    let mut icd = codings(code).filter_map(coding).filter(|one| is_icd(one.system)).peekable();
    icd.peek().is_none() || icd.any(|one| one.code.starts_with(CHAPTERS))
}
