//! A page that is made to be printed: no bar, no tabs, a way back and a button to print.

use maud::{Markup, html};

use crate::document::document;

/// The whole page. `class` is that of its main part; `forms` are other forms of it: address and
/// words.
pub fn paper(
    title: &str,
    class: &str,
    back: &str,
    forms: &[(&str, &str)],
    main: &Markup,
) -> String {
    let body = html! {
        body {
            a.skip href="#main" { "Skip to the page" }
            nav.panel.no-print aria-label="Sheet" { p {
                a.button.secondary href=(back) { "Back" } " "
                button.button type="button" data-print="1" { "Print" }
                @for (to, words) in forms { " " a.button.secondary href=(to) { (words) } }
            } }
            main class=(class) id="main" tabindex="-1" { (main) }
        }
    };
    document(title, true, &body)
}
