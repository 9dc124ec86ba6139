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
            @let written = fields.iter().filter(|(name, value)| {
                ["words", "plan", "ward"].contains(&name.as_str()) && !value.trim().is_empty()
            });
            @for (_, value) in written { p { "You wrote: “" (value) "”" } }
            form method="post" action=(to) {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                p.actions { button.button { (button) } " " a href=(back.0) { (back.1) } }
            }
        }
    }
}

/// Which patient it is, before something is done to one after looking at another.
pub fn identify(to: &str, fields: &[(String, String)], failed: bool, back: &str) -> Markup {
    html! {
        section.panel.warn role="alert" {
            h1 { "Which patient?" }
            p { "You looked at another patient in between, or your page is older than ten minutes. Nothing was done yet." }
            form method="post" action=(to) autocomplete="off" {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                div.field {
                    label for="identity" { "Initials and year of birth" }
                    p.hint { "As on the banner above: AL 1984." }
                    @if failed { p.error { "That is not this patient." } }
                    input id="identity" name="identity" maxlength="20" required;
                }
                p.actions { button.button { "It is this patient" } " " a href=(back) { "Back" } }
            }
        }
    }
}
