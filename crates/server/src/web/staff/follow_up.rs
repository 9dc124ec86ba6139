//! The follow-up list.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_pages::staff::follow_up::{Row, page};
use cauda_pathway::messaging::Sending;
use cauda_pathway::views::{FollowUpStanding, follow_up_row, prospect, suggests_scan};

use crate::access::Act;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

/// Everybody at home of whom something is open, the most pressing first.
pub async fn list(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let guideline = app.department.guideline();
    let now = app.department.now();
    let ways = &app.config.messages;
    let writes = ways.smtp.is_some() || ways.webhook.is_some();
    let entries = app.department.open_visits();
    let rows = entries.iter().filter_map(|entry| {
        let row = follow_up_row(&entry.visit, now)?;
        // Working it out takes half a millisecond, so only where it is asked for.
        let scan = row.standing == FollowUpStanding::NoBetter
            && suggests_scan(&prospect(&entry.visit, guideline, now));
        let patient = entry.patient.as_deref();
        let sent = entry.visit.at_home.messages.iter().any(|m| m.sending != Sending::GivenUp);
        let may = patient.is_some_and(|patient| patient.person.write_to.is_some());
        let unwritten = !(writes && may || sent);
        Some(Row { row, patient, scan, unwritten })
    });
    let mut rows: Vec<Row> = rows.collect();
    rows.sort_by_key(|row| {
        let due = row.row.task.map(|(.., due)| due).or(row.row.next.map(|next| next.at));
        (row.row.standing, !row.row.late, due, row.row.identity.visit.clone())
    });
    let calendar = app.local_time.now(&app.clock);
    let main = page(&rows, asked.session.account.role.may(Act::FollowUp), &calendar);
    let shown =
        Shown { title: "Follow-up", here: "/follow-up", follows_all: true, ..Shown::default() };
    app.show(&asked, &shown, &main)
}
