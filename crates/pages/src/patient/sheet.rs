//! The sheet a patient takes home: when to come back at once, first; then what to do, what to take,
//! whom to see. Sentences of the guideline and no free text.

use std::borrow::Cow;

use cauda_paper::{Block, Level, PageSize, Paper, PaperError, Size, Text};
use cauda_words::{Language, Line, Offered, Says};
use maud::{Markup, html};

use super::frame::{line, unchecked};
use super::qr;
use crate::document::document_in;

/// What the sheet is made of. All texts are for patients.
pub struct Sheet<'a> {
    /// The guideline, and the words of the sheet's language.
    pub says: Says<'a>,
    /// The languages it can be had in.
    pub languages: &'a [Offered],
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
    /// What was found, and why no scan.
    pub found: Vec<Line<'a>>,
    /// What to take or do, as signed.
    pub offers: Vec<Line<'a>>,
    /// Work, activity, and the rest.
    pub advice: Vec<Line<'a>>,
    /// Whom to see; the words say when.
    pub follow_up: Vec<Line<'a>>,
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
    fn say(&self, id: &str) -> Cow<'a, str> {
        self.says.say(id)
    }

    /// How we ask again, and whom to call.
    fn later(&self) -> Markup {
        html! {
            @if self.home.is_some() || self.telephone.is_some() {
                section.later {
                    @if let Some(home) = &self.home { (qr::picture(home)) }
                    div {
                        h2 { (self.say("sheet-later")) }
                        @if self.home.is_some() {
                            p { (self.say("sheet-scan")) }
                            p { (self.say("sheet-no-phone")) }
                        }
                        @if let Some(telephone) = self.telephone {
                            p { (self.say("questions-call")) " " b { (telephone) } }
                        }
                    }
                }
            }
        }
    }

    /// Nobody has checked its language.
    fn is_unchecked(&self) -> bool {
        let mine = self.languages.iter().find(|one| one.language == self.says.language());
        mine.is_some_and(|mine| !mine.is_checked)
    }

    /// What keeps size and language in an address.
    fn query(&self, large: bool, language: Language) -> String {
        let mut parts = Vec::new();
        if large {
            parts.push("large=1".to_string());
        }
        if self.languages.len() > 1 {
            parts.push(format!("lang={}", language.code()));
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// For staff, who print it; in English.
    fn tools(&self) -> Markup {
        let mine = self.says.language();
        let size = self.query(!self.large, mine);
        html! {
            nav.panel.no-print aria-label="For staff" lang=[(!self.says.is_english()).then_some("en")] {
                p.actions {
                    a.button.secondary href=(self.back) { "Back to the patient" }
                    " " button.button type="button" data-print="1" { "Print" }
                    " " a href=(if size.is_empty() { "?" } else { &size }) { (if self.large { "Normal letters" } else { "Large letters" }) }
                    " " a href={ "sheet.pdf" (self.query(self.large, mine)) } { "As PDF" }
                    @for other in self.languages.iter().map(|one| one.language).filter(|one| *one != mine) {
                        " " a href=(self.query(self.large, other)) lang=(other.code()) hreflang=(other.code()) { (other.own_name()) }
                    }
                }
            }
        }
    }

    /// The whole page.
    pub fn page(&self) -> String {
        let size = if self.large { "sheet large" } else { "sheet" };
        let body = html! {
            body.for-patients {
                a.skip href="#main" { (self.say("skip-to-page")) }
                (self.tools())
                @if self.is_unchecked() { (unchecked(&self.says)) }
                main.(size) id="main" tabindex="-1" { (self.main()) }
            }
        };
        document_in(self.says.language(), &self.say("sheet-window"), true, &body)
    }

    /// The same as PDF, for a printer or for the patient's own screen reader. `created_seconds` is
    /// the moment it is made, since 1970 UTC.
    ///
    /// # Errors
    /// As [`cauda_paper::pdf`].
    pub fn pdf(&self, page: PageSize, created_seconds: i64) -> Result<Vec<u8>, PaperError> {
        let title = self.say("sheet-title");
        cauda_paper::pdf(&Paper {
            title: &title,
            language: match self.says.language() {
                Language::English => cauda_paper::Language::English,
                Language::Spanish => cauda_paper::Language::Spanish,
            },
            author: self.department,
            created_seconds,
            page,
            size: if self.large { Size::Large } else { Size::Dense },
            blocks: self.blocks(),
            footer: Some(&self.edition),
        })
    }

    fn blocks(&self) -> Vec<Block<'a>> {
        let mut blocks = Vec::new();
        if self.is_unchecked() {
            for says in [self.says, self.says.in_english()] {
                let text = Text::default().bold(says.say("unchecked")).plain(" ");
                blocks.push(Block::Paragraph(text.plain(says.say("unchecked-ask"))));
            }
        }
        if self.demo {
            blocks.push(Block::Paragraph(Text::default().bold(self.say("sheet-demo"))));
        }
        if self.is_draft {
            let text = Text::default().bold(self.say("sheet-not-signed")).plain(" ");
            blocks.push(Block::Paragraph(text.plain(self.say("sheet-ask-nurse"))));
        }
        blocks.push(Block::Heading(Level::One, self.text("sheet-title")));
        let name = self.name.map(|name| Text::default().bold(name).plain(", "));
        let about = format!("{}. {}.", self.day, self.department);
        blocks.push(Block::Paragraph(name.unwrap_or_default().plain(about)));
        let heading = self.says.calling("sheet-come-back", self.emergency_number);
        blocks.push(Block::Box {
            heading: Text::default().plain(heading),
            lines: lines(&self.says.return_list()),
        });
        let mut part = |heading: &str, block: Block<'a>| {
            blocks.push(Block::Heading(Level::Two, self.text(heading)));
            blocks.push(block);
        };
        if !self.against && !self.found.is_empty() {
            part("sheet-found", Block::List(lines(&self.found)));
        }
        match self.offers.is_empty() {
            true => part("sheet-pain", Block::Paragraph(self.text("sheet-ask"))),
            false => part("sheet-pain", Block::List(lines(&self.offers))),
        }
        if !self.advice.is_empty() {
            part("sheet-do", Block::List(lines(&self.advice)));
        }
        if !self.follow_up.is_empty() {
            part("sheet-see", Block::List(lines(&self.follow_up)));
        }
        let mut later = Text::default();
        if self.home.is_some() {
            later = later.plain(self.say("sheet-scan")).plain(" ");
            later = later.plain(self.say("sheet-no-phone"));
        }
        if let Some(telephone) = self.telephone {
            later = later.plain(" ").plain(self.say("questions-call")).plain(" ").bold(telephone);
        }
        match self.home.as_deref().and_then(qr::squares) {
            Some((side, dark)) => {
                part("sheet-later", Block::Squares { side, dark, text: later });
                blocks.push(Block::Note(self.home.clone().unwrap_or_default().into()));
            }
            None if self.telephone.is_some() => part("sheet-later", Block::Paragraph(later)),
            None => {}
        }
        blocks
    }

    fn text(&self, id: &str) -> Text<'a> {
        Text::default().plain(self.say(id))
    }

    fn main(&self) -> Markup {
        let part = |heading: &str, lines: &[Line]| {
            html! { section { h2 { (self.say(heading)) } (list(lines)) } }
        };
        html! {
            @if self.demo { p.panel.warn { b { (self.say("sheet-demo")) } } }
            @if self.is_draft {
                p.panel.warn role="status" { b { (self.say("sheet-not-signed")) } " " (self.say("sheet-ask-nurse")) }
            }
            header.sheet-head {
                h1 { (self.say("sheet-title")) }
                p { @if let Some(name) = self.name { b { (name) } ", " } (self.day) ". " (self.department) "." }
            }
            section.come-back {
                h2 { (self.says.calling("sheet-come-back", self.emergency_number)) }
                (list(&self.says.return_list()))
            }
            @if !self.against && !self.found.is_empty() { (part("sheet-found", &self.found)) }
            @if self.offers.is_empty() {
                section { h2 { (self.say("sheet-pain")) } p { (self.say("sheet-ask")) } }
            } @else { (part("sheet-pain", &self.offers)) }
            @if !self.advice.is_empty() { (part("sheet-do", &self.advice)) }
            @if !self.follow_up.is_empty() { (part("sheet-see", &self.follow_up)) }
            (self.later())
            p.hint { (self.edition) }
        }
    }
}

fn list(lines: &[Line]) -> Markup {
    html! { ul { @for one in lines { li { (line(one)) } } } }
}

fn lines<'a>(lines: &[Line<'a>]) -> Vec<Text<'a>> {
    lines.iter().map(|line| Text::from(line.text)).collect()
}
