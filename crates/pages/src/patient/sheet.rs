//! The sheet a patient takes home: when to come back at once, first; then what to do, what to take,
//! whom to see. Sentences of the guideline and no free text.

use maud::{Markup, html};

use super::qr;
use crate::document::document;

/// What the sheet is made of. All texts are for patients.
pub struct Sheet<'a> {
    /// Name of the department.
    pub department: &'a str,
    /// Whom to call when every minute counts.
    pub emergency_number: Option<&'a str>,
    /// A demonstration.
    pub demo: bool,
    /// The patient's name; nothing once erased.
    pub name: Option<&'a str>,
    /// The day, in words.
    pub day: String,
    /// Nobody has signed it: it is shown so, and printed so.
    pub is_draft: bool,
    /// The guideline did not say home, and why it was done all the same stands with staff.
    pub against: bool,
    /// When to come back at once.
    pub return_list: Vec<&'a str>,
    /// What was found, and why no scan.
    pub found: Vec<&'a str>,
    /// What to take or do, as signed.
    pub offers: Vec<&'a str>,
    /// Work, activity, and the rest.
    pub advice: Vec<&'a str>,
    /// Whom to see, and within what time.
    pub follow_up: Vec<(&'a str, Option<&'a str>)>,
    /// The telephone of the department.
    pub telephone: Option<&'a str>,
    /// The link by which the patient tells how it goes.
    pub home: Option<String>,
    /// Larger letters.
    pub large: bool,
    /// Which edition of the guideline it is from.
    pub edition: String,
    /// The way back for staff, and to the other size.
    pub back: String,
}

impl Sheet<'_> {
    /// How we ask again, and whom to call.
    fn later(&self) -> Markup {
        html! {
            @if self.home.is_some() || self.telephone.is_some() {
                section.later {
                    @if let Some(home) = &self.home { (qr::picture(home)) }
                    div {
                        h2 { "How it goes" }
                        @if self.home.is_some() {
                            p { "Scan this with your phone. We ask you on day 2, day 14, week 4 and week 6." }
                            p { "No phone? We call you." }
                        }
                        @if let Some(telephone) = self.telephone { p { "Questions? Call us: " b { (telephone) } } }
                    }
                }
            }
        }
    }

    fn number(&self) -> &str {
        self.emergency_number.unwrap_or("your emergency number")
    }

    /// The whole page.
    pub fn page(&self) -> String {
        let size = if self.large { "sheet large" } else { "sheet" };
        let body = html! {
            body.for-patients {
                a.skip href="#main" { "Skip to the page" }
                nav.panel.no-print aria-label="For staff" {
                    p.actions {
                        a.button.secondary href=(self.back) { "Back to the patient" }
                        " " button.button type="button" data-print="1" { "Print" }
                        " " @if self.large { a href="?" { "Normal letters" } } @else { a href="?large=1" { "Large letters" } }
                    }
                }
                main.(size) id="main" tabindex="-1" { (self.main()) }
            }
        };
        document("Going home", true, &body)
    }

    fn main(&self) -> Markup {
        html! {
            @if self.demo { p.panel.warn { b { "DEMO: an invented patient." } } }
            @if self.is_draft {
                p.panel.warn role="status" { b { "Not signed yet." } " Ask your nurse before you go." }
            }
            header.sheet-head {
                h1 { "Going home with back pain" }
                p { @if let Some(name) = self.name { b { (name) } ", " } (self.day) ". " (self.department) "." }
            }
            section.come-back {
                h2 { "Come back at once, or call " (self.number()) ", if" }
                ul { @for line in &self.return_list { li { (line) } } }
            }
            @if !self.against && !self.found.is_empty() {
                section { h2 { "What we found" } (list(&self.found)) }
            }
            section {
                h2 { "For the pain" }
                @if self.offers.is_empty() { p { "Ask your nurse what you may take." } }
                @else { (list(&self.offers)) }
            }
            @if !self.advice.is_empty() { section { h2 { "What you can do" } (list(&self.advice)) } }
            @if !self.follow_up.is_empty() {
                section {
                    h2 { "Whom to see" }
                    ul { @for (whom, within) in &self.follow_up {
                        li { (whom) @if let Some(within) = within { ", within " (within) } }
                    } }
                }
            }
            (self.later())
            p.hint { (self.edition) }
        }
    }
}

fn list(lines: &[&str]) -> Markup {
    html! { ul { @for line in lines { li { (line) } } } }
}
