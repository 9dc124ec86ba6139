//! A visit that was registered twice.

use maud::{Markup, html};

use super::frame::{Calendar, Sending, time};

/// Another visit it may be.
pub struct Other {
    /// Its id.
    pub id: String,
    /// Name of its patient; nothing once erased.
    pub name: Option<String>,
    /// Birth, in words.
    pub born: Option<String>,
    /// When the patient came.
    pub at: i64,
    /// Where it stands.
    pub phase: &'static str,
}

/// What the page is made of.
pub struct MergePage<'a> {
    /// Address of the visit.
    pub here: String,
    /// The number that was looked for.
    pub number: &'a str,
    /// Visits it may belong to.
    pub others: &'a [Other],
    /// The visit it belongs to already.
    pub merged_into: Option<&'a str>,
    /// Hidden fields.
    pub sending: Sending<'a>,
    /// Local time.
    pub calendar: &'a dyn Calendar,
}

/// The page.
pub fn page(page: &MergePage) -> Markup {
    html! {
        h1 { "The same visit, registered twice" }
        @if let Some(into) = page.merged_into { (undo(page, into)) } @else { (merge(page)) }
    }
}

fn merge(page: &MergePage) -> Markup {
    html! {
        p.hint { "Danger signs, what belongs to the episode, check-ins and calls go along to the other visit. Orders and results stay with their owners here. It can be undone." }
        form.panel method="get" action={ (page.here) "/merge" } {
            div.field { label for="number" { "Or look for another number in this hospital" }
                input id="number" name="number" maxlength="120" value=(page.number); }
            p.actions { button.button.secondary { "Look" } }
        }
        @if page.others.is_empty() { p.empty { "No other visit was found." } }
        @else {
            form.panel method="post" action={ (page.here) "/merge" } {
                (page.sending.fields())
                fieldset.choice3 { legend { "This visit belongs to" } div.options {
                    @for other in page.others {
                        label { input type="radio" name="into" value=(other.id) required;
                            " " (other.name.as_deref().unwrap_or("Name erased"))
                            @if let Some(born) = &other.born { ", born " (born) }
                            ", came " (time(page.calendar, other.at)) ", " (other.phase) }
                    }
                } }
                label.check { input type="checkbox" name="compared" value="yes" required; " I compared name and birth: it is the same person" }
                p.actions { button.button { "Make them one visit" } }
            }
        }
    }
}

fn undo(page: &MergePage, into: &str) -> Markup {
    html! {
        p.panel { "This visit is part of " a href={ "/visit/" (into) "/decision" } { "another one" } "." }
        form.panel method="post" action={ (page.here) "/unmerge" } {
            (page.sending.also("undo"))
            div.field { label for="words" { "Why was the merge wrong?" } input id="words" name="words" maxlength="500" required; }
            p.actions { button.button { "Undo it" } }
        }
    }
}
