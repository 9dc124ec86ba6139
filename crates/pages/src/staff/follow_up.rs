//! The follow-up list: who is at home, how it goes, and one thing to do for each.

use cauda_pathway::check_in::Course;
use cauda_pathway::patient::Patient;
use cauda_pathway::views::{FollowUpRow, FollowUpStanding as Standing};
use maud::{Markup, html};

use super::frame::{Calendar, left, time};

/// A row with its patient.
pub struct Row<'a> {
    /// The row.
    pub row: FollowUpRow,
    /// The patient; nothing once erased.
    pub patient: Option<&'a Patient>,
    /// Nobody writes to this patient: whoever is asked has to be called.
    pub unwritten: bool,
    /// A scan may be due if somebody looks again and finds nothing new.
    pub scan: bool,
}

/// The page; the rows in their order.
pub fn page(rows: &[Row], sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    let (later, now): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.row.standing == Standing::Later);
    let late = now.iter().filter(|row| row.row.late).count();
    html! {
        h1 { "Follow-up " small { (now.len()) " to do" @if late > 0 { ", " b { (late) " late" } }
            ", " (later.len()) " asked again later" } }
        p.hint { "Patients are asked on day 2, day 14, week 4 and week 6. Who does not answer is called." }
        @if now.is_empty() { p.empty { "Nothing to do: nobody at home waits for a call, an answer or a result." } }
        @else { (table(&now, sees_visits, calendar)) }
        @if !later.is_empty() {
            details.panel { summary { (later.len()) " asked again later" }
                (table(&later, sees_visits, calendar)) }
        }
    }
}

fn table(rows: &[&Row], sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    html! {
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                @for title in ["By", "Patient", "Stands", "Told", "Do"] {
                    th role="columnheader" scope="col" { (title) }
                }
            } }
            tbody role="rowgroup" { @for row in rows { (line(row, sees_visits, calendar)) } }
        }
    }
}

fn line(shown: &Row, sees_visits: bool, calendar: &dyn Calendar) -> Markup {
    let row = &shown.row;
    let visit = &row.identity.visit;
    let name = shown.patient.map_or("Name erased", |patient| patient.person.name.as_str());
    let due = row.task.map(|(.., due)| due).or(row.next.map(|next| next.at));
    html! {
        tr role="row" class=[row.late.then_some("late")] {
            td role="cell" data-label="By" {
                @if let Some(due) = due { (time(calendar, due)) @if row.task.is_some() { " " small { (left(calendar, due)) } } }
            }
            th.name role="rowheader" scope="row" data-label="Patient" {
                @if sees_visits { a href={ "/visit/" (visit) "/at-home" } { (name) } } @else { (name) }
                " " small { "home since " (calendar.day(row.left_at)) }
            }
            td role="cell" data-label="Stands" {
                @if sees_visits {
                    b { (row.standing.words()) }
                    @if shown.unwritten && matches!(row.standing, Standing::Asked | Standing::Silent) { " " small { "no message went out: call" } }
                    @if shown.scan { " " small { "outpatient MRI may be due" } }
                }
                @if let Some((_, kind, holder, _)) = row.task { " " small { (kind.words()) ", " (holder.words()) } }
            }
            td role="cell" data-label="Told" {
                @match row.last.as_ref().filter(|_| sees_visits) {
                    Some(last) => { span { @if last.danger { b { "danger sign" } ", " }
                        @if let Some(course) = last.told.course { (course.words()) ", " }
                        @if let Some(pain) = last.told.pain { "pain " (pain) ", " }
                        (calendar.day(last.at)) } }
                    None => "nothing yet",
                }
            }
            td role="cell" data-label="Do" {
                @if sees_visits {
                    a.button.secondary href={ "/visit/" (visit) (to_do(row, shown.unwritten).1) } {
                        (to_do(row, shown.unwritten).0) span.unseen { ": " (name) } }
                }
            }
        }
    }
}

/// The one thing to do, and where it is done.
fn to_do(row: &FollowUpRow, unwritten: bool) -> (&'static str, &'static str) {
    let course = row.last.as_ref().and_then(|last| last.told.course);
    match row.standing {
        Standing::ToReach => ("Reach the patient", "/decision"),
        Standing::NotSure | Standing::Worse | Standing::Within48Hours => ("Call", "/at-home#call"),
        Standing::Silent => ("Call and ask", "/at-home#call"),
        Standing::NoBetter if course == Some(Course::Better) => ("Look at it", "/at-home"),
        Standing::NoBetter => ("Look again", "/at-home#again"),
        Standing::WrongContact => ("Correct the contact", "/person"),
        Standing::ToBook => ("Book", "/at-home#book"),
        Standing::Result => ("To the result", "/results"),
        Standing::Asked if unwritten => ("Call and ask", "/at-home#call"),
        Standing::Asked | Standing::Later => ("See", "/at-home"),
    }
}
