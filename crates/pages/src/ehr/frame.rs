//! The frame of a page inside an EHR.

use maud::{Markup, html};

use crate::document::document;

/// Everything around the content of a page.
pub struct EhrFrame<'a> {
    /// Heading of the window.
    pub title: &'a str,
    /// Name of the department.
    pub department: &'a str,
    /// Name, birth date and number, where the EHR asks the app to show them.
    pub patient: Option<&'a str>,
    /// A demonstration.
    pub demo: bool,
}

impl EhrFrame<'_> {
    /// A whole page.
    pub fn page(&self, main: &Markup) -> String {
        let body = html! {
            body.in-ehr {
                a.skip href="#main" { "Skip to the page" }
                header.bar {
                    p.name { "Cauda" } p { (self.department) }
                    @if self.demo { p.demo-mark { "DEMO: invented patients" } }
                }
                @if let Some(patient) = self.patient {
                    section.panel.patient-banner aria-label="Patient" { b { (patient) } }
                }
                main id="main" tabindex="-1" { (main) }
                footer { p { "Not a certified medical device. The clinician decides." } }
            }
        };
        document(self.title, false, &body)
    }

    /// A page that only says something.
    pub fn says(&self, heading: &str, text: &str) -> String {
        self.page(&html! { h1 { (heading) } p { (text) } })
    }
}
