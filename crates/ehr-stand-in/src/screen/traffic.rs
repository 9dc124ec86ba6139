//! The last exchanges, for whoever builds the other side.

use maud::{Markup, html};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::traffic::Exchange;

/// The newest first.
pub(crate) fn page(ehr: &Ehr) -> Markup {
    let mut all = ehr.traffic().all();
    all.reverse();
    html! {
        h1 { "Traffic" }
        p { "The last 50 exchanges with the CDS service and with apps. Tokens, codes and "
            "assertions are masked." }
        @if all.is_empty() { p { "None so far." } }
        @for one in &all { (exchange(one)) }
    }
}

fn exchange(one: &Exchange) -> Markup {
    let status = one.status.map_or("no answer".to_owned(), |status| status.to_string());
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    html! {
        details.exchange {
            summary {
                (one.number) " · " (one.at) " · "
                @if one.asked_by_us { "we asked" } @else { "we were asked" }
                " · " b { (one.method) " " (one.url) } " · " (status)
                @if !one.notes.is_empty() { " · " span.tag { (one.notes.len()) " notes" } }
            }
            @for note in &one.notes { p.notice { (note) } }
            @if let Some(token) = &one.token {
                h2 { "Token of the request, without its signature" }
                pre { (pretty(token)) }
            }
            @if !one.request.is_empty() { h2 { "Request" } pre { (one.request) } }
            @if !one.response.is_empty() { h2 { "Answer" } pre { (one.response) } }
        }
    }
}
