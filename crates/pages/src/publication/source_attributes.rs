//! The page of the thirteen source attributes.

use maud::{Markup, html};

use super::shell::{View, listed};
use crate::source_attributes::{READ, REGULATION, SourceAttribute, source_attributes};

/// The attributes for people.
pub fn page(view: View) -> Markup {
    let attributes = source_attributes(view.site.guideline);
    html! {
        h1 { "Source attributes" }
        p {
            "What " (REGULATION) " asks of an evidence-based decision support intervention. "
            (READ)
        }
        p {
            "The use of patient data is worked out from the facts that the rules read. "
            "The same list for programs: "
            a href=(view.href("source-attributes.json")) { "source-attributes.json" } "."
        }
        table.stack.attributes {
            caption { "The 13 source attributes" }
            thead {
                tr {
                    th scope="col" { "No." }
                    th scope="col" { "Attribute" }
                    th scope="col" { "Answer" }
                }
            }
            tbody { @for attribute in &attributes { (row(view, attribute)) } }
        }
    }
}

fn row(view: View, attribute: &SourceAttribute) -> Markup {
    let guideline = view.site.guideline;
    let facts: Vec<Markup> = attribute
        .facts
        .iter()
        .filter_map(|id| guideline.fact(id))
        .map(|fact| view.fact_link(fact))
        .collect();
    html! {
        tr {
            td data-label="No." { (attribute.number) }
            th scope="row" { (attribute.name) }
            td {
                @if !attribute.provided { span.unverified { "not provided" } " " }
                (attribute.text)
                @if !facts.is_empty() { " " (listed(&facts)) "." }
                @if !attribute.sources.is_empty() {
                    " " a href=(view.href("sources/index.html")) { "Sources" } "."
                }
            }
        }
    }
}
