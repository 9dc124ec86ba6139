//! HL7 messages that were refused: what they are, why, and what is done about them.

use maud::{Markup, html};

use super::super::frame::{Calendar, Sending, time};

/// A message that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterLine {
    /// Its id.
    pub id: String,
    /// When it came last.
    pub at: i64,
    /// How often it came.
    pub times: usize,
    /// Who sent it; nothing if it does not say.
    pub sender: String,
    /// `ORM^O01`; nothing if it does not say.
    pub kind: String,
    /// Where in the message, `ORC[1]-2`.
    pub place: Option<String>,
    /// Why it was refused.
    pub why: String,
    /// Its sender was asked to send it again.
    pub comes_again: bool,
    /// Of a message of ours, to whom it was sent.
    pub to: Option<String>,
}

/// The page of one.
pub struct LetterPage<'a> {
    /// Which.
    pub line: LetterLine,
    /// From which address it came.
    pub peer: String,
    /// Its control id.
    pub control_id: String,
    /// The kind of error, `204 Unknown key identifier`.
    pub code: String,
    /// Its segments as text.
    pub segments: Vec<String>,
    /// Bytes it has, and bytes that were kept.
    pub bytes: (usize, usize),
    /// When it was closed, by whom and why.
    pub closed: Option<(i64, String, String)>,
    /// What was refused just now.
    pub refused: Option<String>,
    /// Hidden fields of its forms.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

fn said(text: &str) -> &str {
    if text.is_empty() { "not said" } else { text }
}

/// The list of those that nobody has closed, the newest first; how many more there are, and the
/// senders of which no more are kept whole.
pub fn letters(
    lines: &[LetterLine],
    more: usize,
    full: &[String],
    calendar: &dyn Calendar,
) -> Markup {
    html! {
        p { a href="/mri" { "To the board" } }
        h1 { "Messages that were refused " small { (lines.len() + more) } }
        p.hint { "Each may be an order, a cancellation or a report that the board does not show, or one of ours that another system does not know. Look at it, mend what is wrong at its sender or here, and try it again, or close it with a reason." }
        @for sender in full {
            p.error role="alert" { "So much of " b { (said(sender)) } " lies open that no more is kept whole. Close what is done with, and have the rest sent again." }
        }
        @if more > 0 { p.hint { "These are the newest " (lines.len()) "; " (more) " more are older." } }
        @if lines.is_empty() { p.empty { "None. Every HL7 message that came was taken, and every one of ours that was answered." } }
        @else {
            table.list role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for title in ["When", "From", "What", "Why it was refused"] {
                        th role="columnheader" scope="col" { (title) } }
                } }
                tbody role="rowgroup" { @for line in lines {
                    tr role="row" {
                        td role="cell" data-label="When" { (time(calendar, line.at)) @if line.times > 1 { " " small { (line.times) " times" } } }
                        td role="cell" data-label="From" { (said(&line.sender)) @if let Some(to) = &line.to { " to " b { (to) } } }
                        td role="cell" data-label="What" { a href={ "/mri/messages/" (line.id) } { (said(&line.kind)) } }
                        td role="cell" data-label="Why it was refused" { (line.why) @if let Some(place) = &line.place { " " small { (place) } }
                            @if line.comes_again { " " small { "Its sender was asked to send it again." } } }
                    }
                } }
            }
        }
    }
}

/// One of them.
pub fn letter(page: &LetterPage) -> Markup {
    let here = format!("/mri/messages/{}", page.line.id);
    html! {
        p { a href="/mri/messages" { "To the messages" } }
        h1 { "A message that was refused" }
        @if let Some(refused) = &page.refused { p.error role="alert" { (refused) } }
        dl.panel.facts {
            dt { "Why" } dd { (page.line.why) @if let Some(place) = &page.line.place { ", at " (place) } ". " small { (page.code) } }
            dt { "What" } dd { (said(&page.line.kind)) }
            @match &page.line.to {
                Some(to) => { dt { "To" } dd { (to) " at " (page.peer) } }
                None => { dt { "From" } dd { (said(&page.line.sender)) " at " (page.peer) } }
            }
            dt { "When" } dd { (time(page.calendar, page.line.at)) @if page.line.times > 1 { ", " (page.line.times) " times" } }
            dt { "Control id" } dd { (said(&page.control_id)) }
            @if page.line.to.is_none() { dt { "Its sender was told" } dd { @if page.line.comes_again { "to send it again later" } @else { "that it will never do as it is" } } }
        }
        @if let Some((at, by, why)) = &page.closed { p.panel { "Closed " (time(page.calendar, *at)) " by " (by) ": " (why) "." } }
        @else {
            section.panel { h2 { "What is done about it" }
                form method="post" action={ (here) "/again" } { (page.sending.also("again"))
                    p { button.button { "Try it again" } }
                    @if page.line.to.is_some() { p.hint { "It is sent again as it is, where it is the last about its order; else the order is told as it is now." } }
                    @else { p.hint { "It is read and done as if it came now. What was done of it already is not done twice." } }
                }
                form method="post" action={ (here) "/close" } { (page.sending.also("close"))
                    div.field { label for="close-words" { "Why nothing more is to be done" } input id="close-words" name="words" maxlength="500" autocomplete="off"; }
                    p { button.button.secondary { "Close it" } }
                }
            }
        }
        section.panel { h2 { "The message" }
            p.hint { (page.bytes.0) " bytes" @if page.bytes.1 < page.bytes.0 { ", of which " (page.bytes.1) " were kept" } "." }
            @if page.segments.is_empty() { p.empty { "It was too large, or empty." } }
            @else { ol.segments { @for segment in &page.segments { li { code { (segment) } } } } }
        }
    }
}
