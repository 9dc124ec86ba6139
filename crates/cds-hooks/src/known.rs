//! What is known, as a clinician reads it: measured values, and what stands in the chart and
//! counts for nothing.

use cauda_guideline::decision::Shown;
use cauda_guideline::units::value_words;

use crate::markdown::{escape, first};
use crate::situation::Situation;

/// Most facts that are listed as read.
const FACTS_MAX: usize = 12;
/// Most things that were sent and not used.
const IGNORED_MAX: usize = 4;
/// Most diagnoses that are listed by name.
const UNLISTED_MAX: usize = 6;

/// Said where a value was measured and only its dangerous side counts.
const ONLY_DANGER: &str =
    "Of what was measured only the dangerous side counts here: no value of the chart reassures";

/// A fact with its value: as it was measured where the chart says so, else in words.
pub(crate) fn fact(situation: &Situation, shown: &Shown) -> String {
    format!("{}: {}", escape(&shown.name), escape(&value(situation, shown)))
}

/// Its value alone, for a text that is no Markdown.
pub(crate) fn value(situation: &Situation, shown: &Shown) -> String {
    let mut used = situation.used.iter().filter(|used| used.fact == shown.fact);
    let measured = used.find(|used| used.counted.as_deref() == Some(shown.value.as_str()));
    measured.map_or_else(|| value_words(&shown.value), |used| used.value.clone())
}

/// What was read, with its time and source.
pub(crate) fn used(situation: &Situation) -> Vec<String> {
    let used = situation.used.iter().map(|used| {
        let at = used.at.as_deref().unwrap_or("time not said");
        let (name, value) = (escape(&used.name), escape(&used.value));
        format!("{name}: {value} ({}, {})", escape(at), escape(&used.by))
    });
    let mut items = first(used.collect(), FACTS_MAX);
    if items.is_empty() {
        items.push("Nothing that was sent says anything to the guideline.".into());
    }
    if situation.used.iter().any(|used| used.counted.is_some()) {
        items.push(ONLY_DANGER.into());
    }
    if let Some(at) = situation.screened {
        items.push(format!("Danger signs were screened in Cauda ({})", escape(at)));
    }
    items
}

/// What was sent and not used, with the reason.
pub(crate) fn ignored(situation: &Situation) -> Vec<String> {
    let items = situation.ignored.iter();
    let items = items.map(|item| format!("{}: {}", escape(&item.what), escape(&item.why)));
    first(items.collect(), IGNORED_MAX)
}

/// Diagnoses of the chart that were not taken into account.
pub(crate) fn unlisted(situation: &Situation) -> Vec<String> {
    let labels = situation.unlisted.iter().map(|one| escape(&one.label));
    first(labels.collect(), UNLISTED_MAX)
}

/// One line on a diagnosis that was not taken into account and may matter.
pub(crate) fn first_unlisted(situation: &Situation) -> Option<String> {
    let mut may_matter = situation.unlisted.iter().filter(|one| one.may_matter);
    let label = &may_matter.next()?.label;
    Some(match may_matter.count() {
        0 => format!("In the chart, not taken into account: {label}"),
        more => format!("In the chart, not taken into account: {label} and {more} more"),
    })
}
