//! Lines `key: phrase` as tables: what is said to staff and to patients.

use cauda_guideline::page::{Line, Saying};
use cauda_guideline::vocabulary::Phrase;
use maud::{Markup, html};

use super::shell::View;
use super::site::list_of;
use super::words;

/// A closed list of keys, each with the list its phrases are of.
pub type Keys = &'static [(&'static str, &'static str)];

/// A section's lines.
pub fn table(view: View, caption: &str, lines: &[Line], keys: Keys) -> Markup {
    html! {
        table.phrases.stack {
            caption { (caption) }
            thead {
                tr {
                    th scope="col" { "What" }
                    th scope="col" { "For staff" }
                    th scope="col" { "For the patient" }
                }
            }
            @for line in lines { tbody { (rows(view, line, keys)) } }
        }
    }
}

fn rows(view: View, line: &Line, keys: Keys) -> Markup {
    let key = words::key(&line.key.text);
    let list = list_of(line, keys);
    match &line.saying {
        Saying::Within { count, unit, clock } => html! {
            tr {
                th scope="row" { (key) }
                td colspan="2" {
                    (words::deadline(&format!("{} {}", count.text, unit.text)))
                    " of " (clock.words())
                }
            }
        },
        Saying::Phrases(said) => html! {
            @for (at, word) in said.iter().enumerate() {
                tr {
                    @if at == 0 {
                        th scope="rowgroup" rowspan=(said.len()) { (key) }
                    }
                    (phrase(view, list, &word.text))
                }
            }
        },
    }
}

fn phrase(view: View, list: &str, id: &str) -> Markup {
    let known = view.site.guideline.vocabulary.get(list, id);
    if known.is_none() {
        return html! { td colspan="2" { (words::heading(id)) } };
    }
    html! {
        td {
            a href=(view.href(&view.site.phrase_href(list, id))) {
                @if let Some(known) = known { (known.staff) }
            }
            @if let Some(known) = known { (picture(known)) }
        }
        td data-label="For the patient" { @if let Some(known) = known { (known.patient) } }
    }
}

/// What comes with an image, a referral, a word on the scanner.
fn picture(phrase: &Phrase) -> Markup {
    html! {
        @if let Some(region) = &phrase.region {
            span.more {
                "Region: " (region)
                @if let Some(contrast) = &phrase.contrast { ". Contrast: " (contrast) }
                @if let Some(minutes) = phrase.minutes { ". " (self::minutes(minutes)) }
                "."
                @if let Some(protocol) = &phrase.protocol { " Protocol: " (protocol) "." }
                @if let Some(limits) = &phrase.limits { " Limits: " (limits) "." }
            }
        }
        @if let Some(within) = &phrase.within { span.more { "Within " (within) "." } }
        @if phrase.blocks { span.more { strong { "No MRI until this is resolved." } } }
    }
}

/// `20 to 30 minutes`
pub fn minutes([least, most]: [u32; 2]) -> String {
    if least == most { format!("{least} minutes") } else { format!("{least} to {most} minutes") }
}
