//! Sheets of paper for when nothing else works.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Calendar;
use cauda_pages::staff::downtime::Downtime;

use super::{InVisit, Questions};
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply;

/// A blank one.
pub async fn blank(State(app): State<App>, Extension(_): Extension<Asked>) -> Response {
    let calendar = app.local_time.now(&app.clock);
    let sheet = Downtime {
        guideline: app.department.guideline(),
        department: &app.config.department,
        of: None,
        made: made(&calendar),
        back: "/waiting".to_string(),
        demo: app.config.demo,
    };
    reply::page(StatusCode::OK, sheet.page())
}

/// One with what is on record of a patient.
pub async fn filled(
    State(app): State<App>,
    Extension(_): Extension<Asked>,
    of: InVisit,
) -> Response {
    let decision = of.decision(&app, Some(Stage::Examination));
    let questions = Questions::new(&app, &of, &decision);
    let sheet = Downtime {
        guideline: app.department.guideline(),
        department: &app.config.department,
        of: Some((of.entry.patient.as_deref(), questions.asking(&app, &of))),
        made: made(&of.calendar),
        back: of.path("decision"),
        demo: app.config.demo,
    };
    reply::page(StatusCode::OK, sheet.page())
}

fn made(calendar: &crate::web::calendar::Now) -> String {
    format!("{} {}", calendar.day(calendar.now()), calendar.time(calendar.now()))
}
