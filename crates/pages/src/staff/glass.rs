//! Looking at a patient whose visit is over: why, and the list of those who did.

use maud::{Markup, html};

use super::frame::{Calendar, Sending, time};

/// The question before an old visit opens.
pub fn ask(
    here: &str,
    next: &str,
    reasons: &[(&str, &str)],
    failed: bool,
    sending: Sending,
) -> Markup {
    html! {
        section.panel {
            h1 { "This visit is over" }
            p { "Nothing is open in it, and the patient is not here. Say why you look; the department reviews it." }
            @if failed { p.error role="alert" { "Choose a reason; another reason needs your words." } }
            form method="post" action={ (here) "/open" } {
                (sending.fields())
                input type="hidden" name="next" value=(next);
                fieldset.choice3 { legend { "Why" } div.options {
                    @for (id, words) in reasons {
                        label { input type="radio" name="reason" value=(id) required; " " (words) }
                    }
                } }
                div.field { label for="glass-words" { "In your words" } p.hint { "Needed for another reason. Do not write about the patient." }
                    input id="glass-words" name="words" maxlength="300"; }
                p.actions { button.button { "Open it" } " " a href="/waiting" { "Back" } }
            }
        }
    }
}

/// A look that nobody has reviewed.
pub struct Row {
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// Who: name and role.
    pub who: String,
    /// Why.
    pub why: String,
    /// The visit, for who may see it.
    pub visit: Option<String>,
    /// Own looks are reviewed by another.
    pub is_own: bool,
    /// Hidden fields.
    pub command: String,
}

/// The list.
pub fn list(rows: &[Row], csrf: &str, calendar: &dyn Calendar) -> Markup {
    html! {
        h1 { "Looked at after the visit " small { (rows.len()) " to review" } }
        p.hint { "Who opened a visit that was over, and why. Ask them if it is not clear; then mark it." }
        @if rows.is_empty() { p.empty { "Nothing to review." } }
        @else {
            table.list role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for title in ["When", "Who", "Why", "Visit", "Do"] { th role="columnheader" scope="col" { (title) } }
                } }
                tbody role="rowgroup" { @for row in rows {
                    tr role="row" {
                        td role="cell" data-label="When" { (time(calendar, row.at)) }
                        th.name role="rowheader" scope="row" data-label="Who" { (row.who) }
                        td role="cell" data-label="Why" { (row.why) }
                        td role="cell" data-label="Visit" { @match &row.visit {
                            Some(visit) => a href={ "/visit/" (visit) "/timeline" } { "Timeline" span.unseen { " of the visit looked at " (time(calendar, row.at)) } },
                            None => "not yours to see",
                        } }
                        td role="cell" data-label="Do" {
                            @if row.is_own { "another reviews your own" }
                            @else { form method="post" action={ "/reviews/" (row.id) } {
                                input type="hidden" name="csrf" value=(csrf);
                                input type="hidden" name="command" value=(row.command);
                                button.button.secondary { "Reviewed" span.unseen { ": " (row.who) } }
                            } }
                        }
                    }
                } }
            }
        }
    }
}
