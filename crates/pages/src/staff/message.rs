//! A page that says one thing: refused, not found, away.

use maud::{Markup, html};

/// A heading, a sentence, and where to go on.
pub fn page(title: &str, text: &str, back: Option<(&str, &str)>) -> Markup {
    html! {
        section.panel.warn role="alert" {
            h1 { (title) }
            p { (text) }
            @if let Some((to, words)) = back { p { a href=(to) { (words) } } }
        }
    }
}

/// What was entered and could not be taken, to be sent again as it is or given up.
pub fn again(
    title: &str,
    text: &str,
    to: &str,
    fields: &[(String, String)],
    button: &str,
    back: (&str, &str),
) -> Markup {
    html! {
        section.panel.warn role="alert" {
            h1 { (title) }
            p { (text) }
            form method="post" action=(to) {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                p.actions { button.button { (button) } " " a href=(back.0) { (back.1) } }
            }
        }
    }
}
