//! The letter to the next clinician.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Calendar;
use cauda_pages::staff::findings::Asking;
use cauda_pages::staff::letter::Letter;
use cauda_pathway::views::handover;
use cauda_pathway::{explained, known};

use super::{InVisit, Questions};
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{self, to};

/// The page; of a patient who has gone, or is on the way, as it was at that moment.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let moment = of.on_paper(&app);
    let Some(handover) = handover(visit, guideline, moment) else { return to("/waiting") };
    let decision = explained(visit, guideline, moment, Some(Stage::Examination));
    let questions = Questions {
        known: known(visit, guideline, moment),
        ..Questions::new(&app, &of, &decision)
    };
    let account = &asked.session.account;
    let calendar = app.local_time.at(moment);
    let letter = Letter {
        asking: Asking { calendar: &calendar, ..questions.asking(&app, &of) },
        handover: &handover,
        decision: &decision,
        patient: of.entry.patient.as_deref(),
        department: &app.config.department,
        by: (&account.name, account.role.words()),
        made: format!("{} {}", calendar.day(moment), calendar.time(moment)),
        back: of.path("handover"),
        demo: app.config.demo,
    };
    reply::page(StatusCode::OK, letter.page())
}
