//! A page that is made to be printed: no bar, no tabs, a way back and a button to print.

use maud::{DOCTYPE, Markup, html};

/// The whole page. `class` is that of its main part.
pub fn paper(title: &str, class: &str, back: &str, main: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " | Cauda" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/staff.css";
                script src="/assets/live.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the page" }
                nav.panel.no-print aria-label="Sheet" { p {
                    a.button.secondary href=(back) { "Back" } " "
                    button.button type="button" data-print="1" { "Print" }
                } }
                main class=(class) id="main" tabindex="-1" { (main) }
            }
        }
    }
    .into_string()
}
