//! Where the advice comes from: what the guideline is for, the thirteen source attributes of
//! 45 CFR 170.315(b)(11)(iv)(A), and its sources with how far each was read.

use cauda_guideline::Guideline;
use maud::{Markup, html};

use crate::source_attributes::{SourceAttribute, source_attributes};

/// The page.
pub fn page(guideline: &Guideline) -> Markup {
    html! {
        h1 { "Where this advice comes from" }
        p { "For emergency physicians and nurses, about adults with back pain: whether a scan is needed, which, how soon, and what next. "
            "It compares what was said and measured with the rules of a guideline; it looks at no picture and no signal, and learns from nobody." }
        p { b { "Not a certified medical device." } " It recommends; the clinician decides." }
        h2 { "Source attributes" }
        dl.attributes { @for one in source_attributes(guideline) { (attribute(guideline, &one)) } }
        p { a href="/ehr/source.json" { "The same as JSON" } }
        h2 { "Sources" }
        ul.sources {
            @for source in guideline.sources.values() {
                li { (source.title) " " span.hint { (source.read.words()) } }
            }
        }
    }
}

fn attribute(guideline: &Guideline, one: &SourceAttribute) -> Markup {
    let facts: Vec<&str> = one
        .facts
        .iter()
        .filter_map(|id| guideline.fact(id))
        .map(|at| guideline.facts[at].staff.as_str())
        .collect();
    html! {
        dt { (one.number) ". " (one.name) }
        dd {
            @if !one.provided { b { "Not provided. " } }
            (one.text)
            @if !facts.is_empty() { " " (facts.join("; ")) "." }
        }
    }
}
