//! My tasks: what a role or a person holds, the latest first.

use cauda_pathway::patient::Patient;
use cauda_pathway::views::TaskRow;
use maud::{Markup, html};

use super::frame::{Calendar, Sending, left, time};

/// A row with its patient.
pub struct Row<'a> {
    /// The task.
    pub row: TaskRow,
    /// The patient; nothing once erased.
    pub patient: Option<&'a Patient>,
    /// Hidden fields of its forms.
    pub sending: Sending<'a>,
}

/// The page.
pub fn page(rows: &[Row], role: &str, sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    html! {
        h1 { "My tasks " small { (rows.len()) " open, for " (role) } }
        @if rows.is_empty() { p.empty { "Nothing is waiting for you." } }
        @else {
            table.list role="table" {
                thead role="rowgroup" { tr role="row" {
                    @for title in ["By", "Task", "Patient", ""] { th role="columnheader" scope="col" {
                        @if title.is_empty() { span.unseen { "Do" } } @else { (title) } } }
                } }
                tbody role="rowgroup" { @for row in rows { (line(row, sees_visits, calendar)) } }
            }
        }
    }
}

fn line(shown: &Row, sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    let row = &shown.row;
    let visit = &row.identity.visit;
    let name = shown.patient.map_or("Name erased", |patient| patient.person.name.as_str());
    let here = format!("/visit/{visit}/task/{}", row.task);
    html! {
        tr role="row" class=[row.late.then_some("late")] {
            td role="cell" data-label="By" { (time(calendar, row.due)) " " small { (left(calendar, row.due)) } }
            td role="cell" data-label="Task" { b { (row.kind.words()) }
                @if row.escalated { " " small { "came to you because nobody answered" } }
                @if row.mine { " " small { "yours by name" } } }
            th.name role="rowheader" scope="row" data-label="Patient" {
                @if sees_visits { a href={ "/visit/" (visit) "/" (page_of(row)) } { (name) } } @else { (name) }
                " " small { (row.tier.id()) }
            }
            td role="cell" data-label="Do" {
                div.actions {
                @if row.kind.is_done_by_doing() {
                    @if sees_visits { a.button.secondary href={ "/visit/" (visit) "/" (page_of(row)) } {
                        "Go" span.unseen { ": " (row.kind.words()) ", " (name) } } }
                } @else {
                    form method="post" action={ (here) "/done" } { (shown.sending.also(&format!("d{}-{}", row.task, visit)))
                        @if row.kind.needs_words() {
                            input name="words" maxlength="200" required placeholder="What was found"
                                aria-label={ "What was found: " (row.kind.words()) ", " (name) };
                            " "
                        }
                        button.button.secondary { "Done" span.unseen { ": " (row.kind.words()) ", " (name) } } }
                }
                form method="post" action={ (here) "/up" } { (shown.sending.also(&format!("u{}-{}", row.task, visit)))
                    button.button.quiet { "Send up" span.unseen { ": " (row.kind.words()) ", " (name) } } }
                }
            }
        }
    }
}

/// Where the task is done.
fn page_of(row: &TaskRow) -> &'static str {
    use cauda_pathway::clocks::TaskKind;
    match row.kind {
        TaskKind::Triage | TaskKind::RepeatQuestions => "triage",
        TaskKind::BladderScan
        | TaskKind::RepeatExamination
        | TaskKind::Reexamine
        | TaskKind::WatchConcern
        | TaskKind::ScorePainAgain => "examination",
        TaskKind::Scan
        | TaskKind::Report
        | TaskKind::AcknowledgeResult
        | TaskKind::AcknowledgeDanger
        | TaskKind::FollowTest
        | TaskKind::SafetyScreen
        | TaskKind::ReadLimited
        | TaskKind::AnswerNotSafe => "results",
        TaskKind::AnswerReferral => "handover",
        TaskKind::CheckIn
        | TaskKind::CallAboutSigns
        | TaskKind::CallAtHome
        | TaskKind::LookAgain
        | TaskKind::BookAppointment => "at-home",
        TaskKind::CorrectContact => "person",
        _ => "decision",
    }
}
