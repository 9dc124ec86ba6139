//! What a clinician may sign as clear in one action.

use cauda_guideline::attestation::Attestation;
use maud::{Markup, html};

use super::shell::{View, listed};
use super::words;

/// All attestations.
pub fn page(view: View) -> Markup {
    let attestations = &view.site.guideline.attestations;
    html! {
        h1 { "Attestations" }
        p {
            "One signed action says of a group of facts that each is clear. It counts only where "
            "nothing was said: an answer that was given stays."
        }
        @if attestations.is_empty() { p { "This edition has none." } }
        @for attestation in attestations { (entry(view, attestation)) }
    }
}

fn entry(view: View, attestation: &Attestation) -> Markup {
    let roles: Vec<&str> = attestation.of.iter().map(|role| words::role(*role)).collect();
    let stages: Vec<&str> = attestation.at.iter().map(|stage| words::stage(*stage)).collect();
    let sources: Vec<Markup> = attestation.sources.iter().map(|id| view.source_link(id)).collect();
    html! {
        section.entry.keep {
            h2 id=(attestation.id) { (attestation.staff) }
            dl {
                div { dt { "Id" } dd { code { (attestation.id) } } }
                div { dt { "For the patient" } dd { (attestation.patient) } }
                div { dt { "Who may sign" } dd { (roles.join(", ")) } }
                div { dt { "When" } dd { (stages.join(", ")) } }
                div {
                    dt { "Covers" }
                    dd {
                        ul { @for fact in &attestation.covers { li { (view.fact_link(*fact)) } } }
                    }
                }
                @if !sources.is_empty() { div { dt { "Sources" } dd { (listed(&sources)) } } }
            }
        }
    }
}
