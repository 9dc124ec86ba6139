//! What every page of the server stands in: one head, one way past the navigation.

use cauda_words::Language;
use maud::{DOCTYPE, Markup, html};

/// The whole document in English; `body` is its body element. `has_script` brings the script that
/// keeps pages live and prints; everything works without it.
pub(crate) fn document(title: &str, has_script: bool, body: &Markup) -> String {
    document_in(Language::English, title, has_script, body)
}

/// The same in a language.
pub(crate) fn document_in(
    language: Language,
    title: &str,
    has_script: bool,
    body: &Markup,
) -> String {
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " | Cauda" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/staff.css";
                @if has_script { script src="/assets/live.js" defer {} }
            }
            (body)
        }
    }
    .into_string()
}
