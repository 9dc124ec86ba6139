//! Where the advice comes from: the thirteen source attributes of 45 CFR 170.315(b)(11)(iv)(A),
//! what the guideline is for, and its sources with how far each was read.

use cauda_guideline::Guideline;
use maud::{Markup, html};

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its place in the list, 1 to 13.
    pub number: u8,
    /// What it is called.
    pub name: String,
    /// What is true of this guideline.
    pub value: String,
}

/// The page.
pub fn page(guideline: &Guideline, attributes: &[Attribute]) -> Markup {
    html! {
        h1 { "Where this advice comes from" }
        p { "For emergency physicians and nurses, about adults with back pain: whether a scan is needed, which, how soon, and what next. "
            "It compares what was said and measured with the rules of a guideline; it looks at no picture and no signal, and learns from nobody." }
        p { b { "Not a certified medical device." } " It recommends; the clinician decides." }
        h2 { "Source attributes" }
        dl.attributes {
            @for attribute in attributes {
                dt { (attribute.number) ". " (attribute.name) }
                dd { (attribute.value) }
            }
        }
        p { a href="/ehr/source.json" { "The same as JSON" } }
        h2 { "Sources" }
        ul.sources {
            @for source in guideline.sources.values() {
                li { (source.title) " " span.hint { (source.read.words()) } }
            }
        }
    }
}
