//! What a recommendation rests on: the sources of its pages, each with how far it was read.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Source;
use serde_json::{Value, json};

/// The sources of `pages` as `RelatedArtifact`s, each once, in the order of the pages. Nothing is
/// cited that the guideline does not list.
pub fn documentation(guideline: &Guideline, pages: &[String]) -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    for id in pages {
        let page = guideline.pages.iter().find(|page| page.id == *id);
        for word in page.into_iter().flat_map(|page| &page.page.sources) {
            if !seen.contains(&word.text.as_str()) {
                seen.push(&word.text);
            }
        }
    }
    let listed = seen.into_iter().filter_map(|id| Some((id, guideline.sources.get(id)?)));
    listed.map(|(id, source)| artifact(id, source)).collect()
}

fn artifact(id: &str, source: &Source) -> Value {
    let year = source.year.map(|year| year.to_string());
    let parts = [source.authors.clone(), Some(source.title.clone()), year];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    json!({
        "type": "citation",
        "label": id,
        "display": source.title,
        "citation": format!("{}. How far it was read: {}.", parts.join(". "), source.read.words()),
    })
}
