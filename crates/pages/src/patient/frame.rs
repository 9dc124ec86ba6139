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
    /// Whose page it is.
    pub about: About<'a>,
}

/// Whether a page is anybody's, or a patient's own by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// The self-check.
    Check,
    /// A patient's own page, with the telephone of the department, and the address that tells the
    /// page of changes.
    Own {
        /// The telephone.
        telephone: Option<&'a str>,
        /// Where changes are told.
        live: Option<&'a str>,
    },
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
        let live = match self.about {
            About::Own { live, .. } => live,
            About::Check => None,
        };
        let body = html! {
            body.for-patients data-live=[live] data-visit=[live.map(|_| "own")] {
                a.skip href="#main" { "Skip to the page" }
                header.bar {
                    @match self.about {
                        About::Check => a.name href="/check" { "Back pain check" },
                        About::Own { .. } => p.name { "Your back pain" },
                    }
                    @if self.demo { p.demo-mark { "DEMO" } }
                    @if live.is_some() { p.live role="status" { "Live" } }
                }
                main id="main" tabindex="-1" { (main) }
                footer.foot {
                    p { b { "In danger now? Call " (self.number()) "." } }
                    @match self.about {
                        About::Check => p { "This check is not a doctor and not a certified medical device. "
                            a href="/check/about" { "What it is, and how well it does" } },
                        About::Own { telephone, .. } => {
                            @if let Some(telephone) = telephone { p { "Questions? Call us: " (telephone) } }
                            p { "This page is not a doctor and not a certified medical device. Do not share its link." }
                        }
                    }
                    p { small { (self.department) ". " (self.guideline.title) ", " (self.guideline.version)
                        @if self.guideline.status.starts_with("draft") { ", a draft that nobody has signed" } } }
                }
            }
        };
        document(self.title, live.is_some(), &body)
    }
}
