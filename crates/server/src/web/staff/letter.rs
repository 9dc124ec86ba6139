//! The letter to the next clinician.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Calendar;
use cauda_pages::staff::letter::Letter;
use cauda_pathway::views::handover;

use super::{InVisit, Questions};
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{self, to};

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let Some(handover) = handover(visit, guideline, app.department.now()) else {
        return to("/waiting");
    };
    let decision = of.decision(&app, Some(Stage::Examination));
    let questions = Questions::new(&app, &of, &decision);
    let account = &asked.session.account;
    let now = of.calendar.now();
    let letter = Letter {
        asking: questions.asking(&app, &of),
        handover: &handover,
        decision: &decision,
        patient: of.entry.patient.as_deref(),
        department: &app.config.department,
        by: (&account.name, account.role.words()),
        made: format!("{} {}", of.calendar.day(now), of.calendar.time(now)),
        back: of.path("handover"),
        demo: app.config.demo,
    };
    reply::page(StatusCode::OK, letter.page())
}
