//! The waiting list.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_guideline::vocabulary::Tier;
use cauda_pages::staff::verdict::Level;
use cauda_pages::staff::waiting::{Row, page};
use cauda_pathway::views::{VerdictSoFar, WaitingRow, waiting_row};

use crate::access::Act;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

/// Everybody who is here: the most urgent first, then what is due first.
pub async fn list(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let guideline = app.department.guideline();
    let now = app.department.now();
    let entries = app.department.open_visits();
    let rows = entries.iter().filter_map(|entry| Some((entry, waiting_row(&entry.visit, now)?)));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(entry, row)| {
        (row.tier < Tier::Urgent && Level::of(&entry.visit) == Level::Home, order(row, now))
    });
    let unasked =
        rows.iter().map(|(entry, row)| app.department.unasked(&row.identity.visit, &entry.visit));
    let unasked: Vec<_> = unasked.collect();
    let shown: Vec<Row> = rows
        .iter()
        .zip(&unasked)
        .map(|((entry, row), unasked)| Row {
            row,
            unasked,
            patient: entry.patient.as_deref(),
            level: Level::of(&entry.visit),
            verdict: verdict(guideline, row),
            unreadable: entry.unreadable.is_some(),
        })
        .collect();
    let role = asked.session.account.role;
    let calendar = app.local_time.now(&app.clock);
    let main = page(&shown, role.may(Act::SeeVisit), role.may(Act::Register), &calendar);
    let shown = Shown { title: "Waiting", here: "/waiting", follows_all: true, ..Shown::default() };
    app.show(&asked, &shown, &main)
}

type Order = (std::cmp::Reverse<Tier>, bool, i64, i64);

fn order(row: &WaitingRow, now: i64) -> Order {
    let pressing = row.tier.max(Tier::Booked);
    let late = row.next_due.is_some_and(|due| due < now);
    (std::cmp::Reverse(pressing), !late, row.next_due.unwrap_or(i64::MAX), row.arrived_at)
}

fn verdict(guideline: &cauda_guideline::Guideline, row: &WaitingRow) -> Option<String> {
    let VerdictSoFar::Decided { disposition: Some(id) } = &row.verdict else { return None };
    guideline.vocabulary.get("disposition", id).map(|phrase| phrase.staff.clone())
}
