//! One order on its way, with the advice that came.

use maud::{Markup, html};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::hooks::rating;
use crate::orders::Screen;
use crate::screen::{cards, chart, patients};

/// The screen.
pub(crate) fn page(ehr: &Ehr, number: u64, screen: &Screen) -> Markup {
    let patient = ehr.store().get("Patient", &screen.patient).cloned().unwrap_or_default();
    let ordering = screen.hook == "order-select";
    html! {
        (patients::banner(ehr, &patient))
        h1 {
            @if screen.signed { "Order signed" }
            @else if ordering { "Order imaging" }
            @else { "Advice (" (screen.hook) ")" }
        }
        div.columns {
            div {
                @for draft in &screen.drafts { (request(draft)) }
                @if ordering && screen.drafts.is_empty() { p { "No order is left." } }
                (buttons(number, screen))
                p { a href={ "/patients/" (screen.patient) } { "Back to the chart" } }
            }
            section.advice aria-label="Advice" {
                h2 { "Advice" }
                @for notice in &screen.notices { p.notice { (notice) } }
                @if screen.cards.is_empty() && screen.notices.is_empty() { p { "No advice." } }
                @for shown in &screen.cards { (cards::card(ehr, number, shown, screen.signed)) }
            }
        }
    }
}

fn buttons(number: u64, screen: &Screen) -> Markup {
    html! {
        @if !screen.signed && !screen.drafts.is_empty() {
            form method="post" action={ "/orders/" (number) "/sign" } {
                @if screen.warned {
                    p.notice { "Advice came on signing. Answer it, or sign all the same." }
                    button { "Sign all the same" }
                } @else {
                    button { "Sign" }
                }
            }
        }
    }
}

/// A request, with its rating.
pub(crate) fn request(one: &Value) -> Markup {
    let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
    let when = chart::day_and_time(text("authoredOn"));
    let what = one.get("code").and_then(chart::words);
    let why = one.pointer("/reasonCode/0").and_then(chart::words);
    html! {
        div.request {
            p {
                b { (what.unwrap_or_else(|| text("resourceType").to_owned())) }
                " " span.tag { (text("status")) } " " (text("priority"))
            }
            @if let Some(why) = why { p { "Reason: " (why) } }
            @if let Some(rating) = rating::of(one) {
                p.rating {
                    "Rating: " b { (rating.code) }
                    @if let Some(consulted) = &rating.consulted { " · " (consulted) }
                    @if let Some(id) = &rating.consult_id { " · " small { (id) } }
                }
            }
            p { small { (text("resourceType")) "/" (text("id")) " · " (when) } }
        }
    }
}
