//! The frame of every page for patients.

use std::borrow::Cow;

use cauda_words::{Line, Offered, Says};
use maud::{Markup, html};

use crate::document::document_in;

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
    /// The guideline everything is decided by, and the words of the page's language.
    pub says: Says<'a>,
    /// The languages it can be had in.
    pub languages: &'a [Offered],
    /// Where it can be had in another one; nothing for the answer to a form.
    pub here: Option<&'a str>,
    /// What its forms and links keep the language by: nothing, or `?lang=es`.
    pub query: &'a str,
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

impl<'a> PatientFrame<'a> {
    /// What the emergency number is called in a sentence.
    pub fn number(&self) -> Cow<'a, str> {
        self.says.number(self.emergency_number)
    }

    /// A message.
    pub(super) fn say(&self, id: &str) -> Cow<'a, str> {
        self.says.say(id)
    }

    /// A message that names the emergency number.
    pub(super) fn calling(&self, id: &str) -> Cow<'a, str> {
        self.says.calling(id, self.emergency_number)
    }

    /// A whole page.
    pub fn page(&self, main: &Markup) -> String {
        let live = match self.about {
            About::Own { live, .. } => live,
            About::Check => None,
        };
        let is_english = self.says.is_english();
        let marks = live.filter(|_| !is_english).map(|_| {
            let words = ["live-mark", "not-live-mark", "not-live-since"];
            words.map(|id| self.say(id)).join("|")
        });
        let body = html! {
            body.for-patients data-live=[live] data-visit=[live.map(|_| "own")] data-words=[marks] {
                a.skip href="#main" { (self.say("skip-to-page")) }
                header.bar {
                    @match self.about {
                        About::Check => a.name href="/check" { "Back pain check" },
                        About::Own { .. } => p.name { (self.say("own-name")) },
                    }
                    @if self.demo { p.demo-mark { (self.say("demo")) } }
                    @if live.is_some() { p.live role="status" { (self.say("live-mark")) } }
                    (self.others())
                }
                (self.unchecked())
                main id="main" tabindex="-1" { (main) }
                (self.foot())
            }
        };
        document_in(self.says.language(), self.title, live.is_some(), &body)
    }

    fn foot(&self) -> Markup {
        let guideline = self.says.guideline();
        html! {
            footer.foot {
                p { b { (self.calling("in-danger")) } }
                @match self.about {
                    About::Check => p { "This check is not a doctor and not a certified medical device. "
                        a href="/check/about" { "What it is, and how well it does" } },
                    About::Own { telephone, .. } => {
                        @if let Some(telephone) = telephone { p { (self.say("questions-call")) " " (telephone) } }
                        p { (self.say("not-a-doctor")) }
                    }
                }
                p { small { (self.department) ". "
                    @if let Some(title) = self.says.phrase("guideline", "title") { (line(&title)) }
                    ", " (guideline.version)
                    @if guideline.status.starts_with("draft") { ", " (self.say("draft-edition")) } } }
            }
        }
    }

    /// The same page in the other languages.
    fn others(&self) -> Markup {
        let mine = self.says.language();
        let others = self.languages.iter().map(|one| one.language).filter(|one| *one != mine);
        let here = self.here.filter(|_| self.languages.len() > 1);
        html! {
            @if let Some(here) = here {
                nav.who aria-label=(self.say("language-choice")) { @for other in others {
                    a href={ (here) "?lang=" (other.code()) } lang=(other.code()) hreflang=(other.code()) { (other.own_name()) }
                } }
            }
        }
    }

    /// Says that nobody has checked the translation, in both languages.
    fn unchecked(&self) -> Markup {
        let mine = self.languages.iter().find(|one| one.language == self.says.language());
        html! {
            @if mine.is_some_and(|mine| !mine.is_checked) { (unchecked(&self.says)) }
        }
    }
}

/// That nobody has checked a translation, in its language and in English.
pub(super) fn unchecked(says: &Says) -> Markup {
    let english = says.in_english();
    html! {
        aside.unchecked aria-label=(says.say("language-choice")) {
            @for (says, lang) in [(says, None), (&english, Some("en"))] {
                p lang=[lang] { b { (says.say("unchecked")) } " " (says.say("unchecked-ask")) }
            }
        }
    }
}

/// A phrase of the guideline; one that is not translated says so to a screen reader.
pub(super) fn line(line: &Line) -> Markup {
    html! {
        @match line.foreign {
            Some(language) => span lang=(language.code()) { (line.text) },
            None => (line.text),
        }
    }
}
