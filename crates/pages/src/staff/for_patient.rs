//! What the patient may see: the phrases a clinician releases, and the links that lead there.

use cauda_pathway::releasing::{Part, Released};
use maud::{Markup, html};

use super::frame::Sending;
use crate::patient::qr;

/// A phrase that can be released.
pub struct Choice {
    /// Where it would stand, and which it is.
    pub released: Released,
    /// What the patient reads.
    pub words: String,
    /// It is released now.
    pub is_out: bool,
    /// It is no longer what the guideline says, or was not asked.
    pub is_old: bool,
}

/// What the page is made of.
pub struct ForPatient<'a> {
    /// Address of the visit.
    pub here: String,
    /// What can be released.
    pub choices: &'a [Choice],
    /// The link of the waiting page, while the patient is here.
    pub waiting: Option<String>,
    /// The link of the check-ins.
    pub home: Option<String>,
    /// Patients have links here at all.
    pub has_links: bool,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// May release.
    pub releases: bool,
    /// May give and revoke links.
    pub gives: bool,
}

/// The page.
pub fn page(page: &ForPatient) -> Markup {
    let here = &page.here;
    html! {
        h1 { "For the patient" }
        div.grid2 {
            div { (choices(page)) }
            div {
                @if !page.has_links {
                    p.panel { "Patients get no links here: the server was started without an address for patients (" code { "--patient-url" } ")." }
                }
                @if let Some(link) = page.waiting.as_ref().filter(|_| page.gives) {
                    section.panel { h2 { "While waiting" }
                        p { "The patient scans this, and reads what is released, as it changes." }
                        (qr::picture(link)) p.link { a href=(link) { (link) } } }
                }
                @if let Some(link) = page.home.as_ref().filter(|_| page.gives) {
                    section.panel { h2 { "At home" }
                        p { "The same link stands on the sheet. It asks on four days how it goes." }
                        (qr::picture(link)) p.link { a href=(link) { (link) } } }
                }
                @if page.has_links && page.gives {
                    form.panel method="post" action={ (here) "/patient/revoke" } {
                        (page.sending.also("revoke"))
                        p { "Did a link get into the wrong hands? The links above stop working, and new ones are made." }
                        button.button.quiet { "Make new links" }
                    }
                }
            }
        }
    }
}

fn choices(page: &ForPatient) -> Markup {
    let of = |part: Part| page.choices.iter().filter(move |choice| choice.released.part == part);
    html! {
        form.panel method="post" action={ (page.here) "/patient" } {
            (page.sending.fields())
            h2 { "What the patient may read" }
            p.hint { "Only what is ticked. Say it first: nobody should read a result before hearing it." }
            @if page.choices.is_empty() { p { "Nothing to share yet." } }
            @for part in Part::ALL {
                @if of(*part).next().is_some() {
                    fieldset { legend { (heading(*part)) }
                        @for choice in of(*part) { (line(choice)) } }
                }
            }
            @if page.releases { p.actions { button.button { "Share what is ticked" } } }
        }
    }
}

fn line(choice: &Choice) -> Markup {
    let value = format!("{}/{}", choice.released.list, choice.released.id);
    let name = format!("share.{}", crate::patient::home::id(choice.released.part));
    html! {
        label.check {
            input type="checkbox" name=(name) value=(value) checked[choice.is_out];
            " " (choice.words)
            @if choice.is_old { " " small { "(shared before; the guideline no longer says it)" } }
        }
    }
}

fn heading(part: Part) -> &'static str {
    match part {
        Part::Checked => "What was checked",
        Part::Scan => "Why a scan, or why none",
        Part::Next => "What comes next",
    }
}
