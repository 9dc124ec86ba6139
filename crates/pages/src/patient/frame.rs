//! The frame of every page for patients.

use cauda_guideline::Guideline;
use maud::{Markup, html};

use crate::document::document;

/// Everything around the content of a page.
pub struct PatientFrame<'a> {
    /// Heading of the window.
    pub title: &'a str,
    /// Name of the department.
    pub department: &'a str,
    /// Whom to call when every minute counts, `112`.
    pub emergency_number: Option<&'a str>,
    /// A demonstration.
    pub demo: bool,
    /// The guideline everything is decided by.
    pub guideline: &'a Guideline,
}

impl PatientFrame<'_> {
    /// What the emergency number is called in a sentence.
    pub fn number(&self) -> String {
        match self.emergency_number {
            Some(number) => number.to_string(),
            None => "your emergency number".to_string(),
        }
    }

    /// A whole page.
    pub fn page(&self, main: &Markup) -> String {
        let body = html! {
            body.for-patients {
                a.skip href="#main" { "Skip to the page" }
                header.bar {
                    a.name href="/check" { "Back pain check" }
                    @if self.demo { p.demo-mark { "DEMO" } }
                }
                main id="main" tabindex="-1" { (main) }
                footer.foot {
                    p { b { "In danger now? Call " (self.number()) "." } }
                    p { "This check is not a doctor and not a certified medical device. "
                        a href="/check/about" { "What it is, and how well it does" } }
                    p { small { (self.department) ". " (self.guideline.title) ", " (self.guideline.version)
                        @if self.guideline.status.starts_with("draft") { ", a draft that nobody has signed" } } }
                }
            }
        };
        document(self.title, false, &body)
    }
}
