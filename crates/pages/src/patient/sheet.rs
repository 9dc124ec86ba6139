//! The sheet a patient takes home: when to come back at once, first; then what to do, what to take,
//! whom to see. Sentences of the guideline and no free text.

use cauda_paper::{Block, Language, Level, PageSize, Paper, PaperError, Size, Text};
use maud::{Markup, html};

use super::qr;
use crate::document::document;

const TITLE: &str = "Going home with back pain";
const ASK: &str = "Ask your nurse what you may take.";
const SCAN: &str = "Scan this with your phone. We ask you on day 2, day 14, week 4 and week 6.";
const NO_PHONE: &str = "No phone? We call you.";

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
    /// Whom to see; the words say when.
    pub follow_up: Vec<&'a str>,
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

impl<'a> Sheet<'a> {
    /// How we ask again, and whom to call.
    fn later(&self) -> Markup {
        html! {
            @if self.home.is_some() || self.telephone.is_some() {
                section.later {
                    @if let Some(home) = &self.home { (qr::picture(home)) }
                    div {
                        h2 { "How it goes" }
                        @if self.home.is_some() {
                            p { (SCAN) }
                            p { (NO_PHONE) }
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
                        " " a href=(if self.large { "sheet.pdf?large=1" } else { "sheet.pdf" }) { "As PDF" }
                    }
                }
                main.(size) id="main" tabindex="-1" { (self.main()) }
            }
        };
        document("Going home", true, &body)
    }

    /// The same as PDF, for a printer or for the patient's own screen reader. `created_seconds` is
    /// the moment it is made, since 1970 UTC.
    ///
    /// # Errors
    /// As [`cauda_paper::pdf`].
    pub fn pdf(&self, page: PageSize, created_seconds: i64) -> Result<Vec<u8>, PaperError> {
        let mut blocks = Vec::new();
        if self.demo {
            blocks.push(Block::Paragraph(Text::default().bold("DEMO: an invented patient.")));
        }
        if self.is_draft {
            let text =
                Text::default().bold("Not signed yet.").plain(" Ask your nurse before you go.");
            blocks.push(Block::Paragraph(text));
        }
        blocks.push(Block::Heading(Level::One, TITLE.into()));
        let name = self.name.map(|name| Text::default().bold(name).plain(", "));
        let about = format!("{}. {}.", self.day, self.department);
        blocks.push(Block::Paragraph(name.unwrap_or_default().plain(about)));
        blocks.push(Block::Box {
            heading: format!("Come back at once, or call {}, if", self.number()).into(),
            lines: lines(&self.return_list),
        });
        let mut part = |heading: &'static str, block: Block<'a>| {
            blocks.push(Block::Heading(Level::Two, heading.into()));
            blocks.push(block);
        };
        if !self.against && !self.found.is_empty() {
            part("What we found", Block::List(lines(&self.found)));
        }
        match self.offers.is_empty() {
            true => part("For the pain", Block::Paragraph(ASK.into())),
            false => part("For the pain", Block::List(lines(&self.offers))),
        }
        if !self.advice.is_empty() {
            part("What you can do", Block::List(lines(&self.advice)));
        }
        if !self.follow_up.is_empty() {
            part("Whom to see", Block::List(lines(&self.follow_up)));
        }
        let mut later = Text::default();
        if self.home.is_some() {
            later = later.plain(SCAN).plain(" ").plain(NO_PHONE);
        }
        if let Some(telephone) = self.telephone {
            later = later.plain(" Questions? Call us: ").bold(telephone);
        }
        match self.home.as_deref().and_then(qr::squares) {
            Some((side, dark)) => {
                part("How it goes", Block::Squares { side, dark, text: later });
                blocks.push(Block::Note(self.home.clone().unwrap_or_default().into()));
            }
            None if self.telephone.is_some() => part("How it goes", Block::Paragraph(later)),
            None => {}
        }
        cauda_paper::pdf(&Paper {
            title: TITLE,
            language: Language::English,
            author: self.department,
            created_seconds,
            page,
            size: if self.large { Size::Large } else { Size::Dense },
            blocks,
            footer: Some(&self.edition),
        })
    }

    fn main(&self) -> Markup {
        html! {
            @if self.demo { p.panel.warn { b { "DEMO: an invented patient." } } }
            @if self.is_draft {
                p.panel.warn role="status" { b { "Not signed yet." } " Ask your nurse before you go." }
            }
            header.sheet-head {
                h1 { (TITLE) }
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
                @if self.offers.is_empty() { p { (ASK) } }
                @else { (list(&self.offers)) }
            }
            @if !self.advice.is_empty() { section { h2 { "What you can do" } (list(&self.advice)) } }
            @if !self.follow_up.is_empty() {
                section {
                    h2 { "Whom to see" }
                    (list(&self.follow_up))
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

fn lines<'a>(lines: &[&'a str]) -> Vec<Text<'a>> {
    lines.iter().map(|line| Text::from(*line)).collect()
}
