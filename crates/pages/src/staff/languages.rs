//! Languages: which page patients can have in which, and what somebody still has to check.

use cauda_words::{Count, Entry, Language, Page, State, hash};
use maud::{Markup, html};

/// A page in a language.
pub struct LanguageRow {
    /// Its language.
    pub language: Language,
    /// The page.
    pub page: Page,
    /// Patients can have it.
    pub is_offered: bool,
    /// Somebody has checked it.
    pub is_checked: bool,
    /// How far its texts are.
    pub count: Count,
}

/// What is left of one page to check, with all its texts.
pub struct ToCheck<'a> {
    /// Its language.
    pub language: Language,
    /// The page.
    pub page: Page,
    /// Texts that could do harm and that nobody checked, or that do not fit the English.
    pub texts: Vec<Entry>,
    /// The day, for the lines to sign with.
    pub today: &'a str,
}

/// Where the page stands.
const HERE: &str = "/languages";

/// The page: all languages, and of one page what is to be checked.
pub fn page(rows: &[LanguageRow], void: &[String], open: Option<&ToCheck>) -> Markup {
    html! {
        h1 { "Languages of the patients' pages" }
        p { "A page is offered in a language once somebody has checked every text on it that could do harm. "
            "English is the language of the guideline and is always offered." }
        @if !void.is_empty() {
            section.panel.warn role="status" {
                h2 { "These signatures count for nothing" }
                p { "The text is another one than the one that was signed, or there is none. Read it again." }
                ul { @for id in void { li { code { (id) } } } }
            }
        }
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                @for title in ["Page", "Offered", "Checked", "Draft", "Outdated", "Missing", "Look"] {
                    th role="columnheader" scope="col" { (title) }
                }
            } }
            tbody role="rowgroup" { @for row in rows { (one(row)) } }
        }
        @if let Some(open) = open { (to_check(open)) }
        p.links { a href="/accounts" { "Accounts" } }
    }
}

fn one(row: &LanguageRow) -> Markup {
    let offered = match (row.is_offered, row.is_checked) {
        (true, true) => "yes",
        (true, false) => "only in this demonstration",
        _ => "no",
    };
    let name = format!("{}, {}", row.language.name(), row.page.words().to_lowercase());
    html! {
        tr role="row" {
            th role="rowheader" scope="row" data-label="Page" { (name) }
            td role="cell" data-label="Offered" { (offered) }
            td role="cell" data-label="Checked" { (row.count.reviewed) }
            td role="cell" data-label="Draft" { (row.count.draft) }
            td role="cell" data-label="Outdated" { (row.count.outdated) }
            td role="cell" data-label="Missing" { (row.count.missing) }
            td role="cell" data-label="Look" { @if row.language != Language::English {
                a href=(address(row.language, row.page)) { "What is to be checked" span.unseen { ": " (name) } }
            } }
        }
    }
}

fn address(language: Language, page: Page) -> String {
    format!("{HERE}?language={}&page={}#check", language.code(), page.id())
}

fn to_check(open: &ToCheck) -> Markup {
    let lang = open.language.code();
    html! {
        section.panel id="check" {
            h2 { (open.language.name()) ", " (open.page.words().to_lowercase()) }
            @if open.texts.is_empty() { p { "Everything that could do harm is checked." } }
            @else {
                p { "Whoever checks reads each line beside the English, as a patient would. "
                    "Then the lines below go into the file of " code { "--words" } ", with their name in each; "
                    "a line without a name is refused." }
                table.list role="table" {
                    thead role="rowgroup" { tr role="row" {
                        @for title in ["Text", "English", open.language.name(), "State"] {
                            th role="columnheader" scope="col" { (title) }
                        }
                    } }
                    tbody role="rowgroup" { @for text in &open.texts {
                        tr role="row" {
                            th role="rowheader" scope="row" data-label="Text" { code { (text.id) } }
                            td role="cell" data-label="English" { (text.english) }
                            td role="cell" data-label=(open.language.name()) lang=(lang) { (text.text) }
                            td role="cell" data-label="State" { (state(text.state)) }
                        }
                    } }
                }
                h3 { "Lines to sign with" }
                pre.note id="lines" tabindex="0" { @for text in &open.texts { (lines(lang, text, open.today)) } }
                p.actions { button.button.secondary type="button" data-copy="#lines" { "Copy the lines" } }
            }
        }
    }
}

fn state(state: Option<State>) -> &'static str {
    match state {
        None => "missing: to be translated",
        Some(State::Outdated) => "outdated: to be translated anew",
        Some(State::Draft) => "draft",
        Some(State::Translated) => "translated, not checked",
        Some(State::Reviewed) => "checked",
    }
}

/// What goes into the file of signatures. Nothing for a text that no signature could mend.
fn lines(lang: &str, text: &Entry, today: &str) -> String {
    if !matches!(text.state, Some(State::Draft | State::Translated)) {
        return String::new();
    }
    let hash = hash(&text.english, &text.text);
    let id = &text.id;
    format!("[{lang}.\"{id}\"]\nsha256 = \"{hash}\"\nreviewer = \"\"\ndate = \"{today}\"\n")
}
