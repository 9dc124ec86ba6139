//! Cards as they stand in the order screen.

use maud::{Markup, html};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::hooks::card::{Card, Link, Suggestion};
use crate::orders::Shown;
use crate::screen::markdown;

/// A card with its buttons; those of a signed order are gone.
pub(crate) fn card(ehr: &Ehr, number: u64, shown: &Shown, signed: bool) -> Markup {
    let card = &shown.card;
    let open = !signed && shown.set_aside.is_none();
    html! {
        article.card.(card.indicator) {
            h3 { span.tag { (word(&card.indicator)) } " " (card.summary) }
            @if let Some(detail) = &card.detail { div.detail { (markdown::show(detail)) } }
            (source(card))
            @if let Some(why) = &shown.set_aside { p.done { "Set aside: " (why) } }
            @for (at, suggestion) in card.suggestions.iter().enumerate() {
                (offer(number, shown, at, suggestion, open))
            }
            @if !card.links.is_empty() {
                ul.rows {
                    @for (at, link) in card.links.iter().enumerate() {
                        li { (leads(ehr, number, shown.key, at, link)) }
                    }
                }
            }
            @if open && shown.taken.is_empty() { (set_aside(number, shown)) }
        }
    }
}

/// A colour alone says nothing.
fn word(indicator: &str) -> &'static str {
    match indicator {
        "critical" => "Critical",
        "info" => "For information",
        _ => "Warning",
    }
}

fn source(card: &Card) -> Markup {
    html! {
        p.source {
            "Source: "
            @match &card.source_url {
                Some(url) => {
                    a href=(url) target="_blank" rel="noopener noreferrer" { (card.source) }
                },
                None => (card.source),
            }
        }
    }
}

fn offer(number: u64, shown: &Shown, at: usize, offer: &Suggestion, open: bool) -> Markup {
    let taken = shown.taken.contains(&at);
    let one = shown.card.selection.as_deref() != Some("any");
    html! {
        div.offer {
            @if taken {
                p.done { "Taken: " (offer.label) }
            } @else if open && (shown.taken.is_empty() || !one) {
                form method="post" action={ "/orders/" (number) "/accept" } {
                    input type="hidden" name="card" value=(shown.key);
                    input type="hidden" name="suggestion" value=(at);
                    button.quiet[!offer.recommended] {
                        (offer.label)
                        @if offer.recommended { " (recommended)" }
                    }
                }
            }
            @if !taken {
                ul.actions {
                    @for action in &offer.actions {
                        li { (says(action)) }
                    }
                }
            }
        }
    }
}

fn says(action: &Value) -> &str {
    action.get("description").and_then(Value::as_str).unwrap_or("no description")
}

fn leads(ehr: &Ehr, number: u64, card: usize, at: usize, link: &Link) -> Markup {
    let registered = ehr.clients.iter().any(|client| client.launch_urls.contains(&link.url));
    html! {
        @if !link.smart {
            a href=(link.url) target="_blank" rel="noopener noreferrer" { (link.label) }
        } @else if registered {
            a href={ "/orders/" (number) "/app?card=" (card) "&link=" (at) } { (link.label) }
        } @else {
            (link.label) " (this app is not registered under the address of the link)"
        }
    }
}

fn set_aside(number: u64, shown: &Shown) -> Markup {
    let text = |reason: &Value, name: &str| {
        reason.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (reason, comment) = (format!("reason-{}", shown.key), format!("comment-{}", shown.key));
    html! {
        details {
            summary { "Set aside" }
            form method="post" action={ "/orders/" (number) "/override" } {
                input type="hidden" name="card" value=(shown.key);
                label for=(reason) { "Reason" }
                select id=(reason) name="reason" {
                    option value="" { "none of these" }
                    @for one in &shown.card.override_reasons {
                        option value=(text(one, "code")) { (text(one, "display")) }
                    }
                }
                label for=(comment) { "Comment" }
                input id=(comment) name="comment" maxlength="500";
                button.quiet { "Set aside" }
            }
        }
    }
}
