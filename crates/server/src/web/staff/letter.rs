//! The letter to the next clinician.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_guideline::time;
use cauda_pages::patient::PageSize;
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
    let page = with_letter(&app, &asked, &of, |letter, _| letter.page());
    page.map_or_else(|| to("/waiting"), |page| reply::page(StatusCode::OK, page))
}

/// The same as PDF.
pub async fn pdf(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let page = match asked.form.get("paper") {
        Some("letter") => PageSize::Letter,
        _ => PageSize::A4,
    };
    match with_letter(&app, &asked, &of, |letter, moment| letter.pdf(page, moment)) {
        Some(Ok(bytes)) => reply::pdf("letter.pdf", bytes),
        Some(Err(error)) => {
            tracing::error!(visit = %of.id, %error, "a letter could not be printed");
            let text = "The letter could not be made as PDF. Print the page instead.";
            let path = of.path("letter");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            app.say(&asked, status, "No PDF", text, Some((&path, "To the letter")))
        }
        None => to("/waiting"),
    }
}

/// The same as a FHIR R4 document.
pub async fn fhir(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let made = with_letter(&app, &asked, &of, |letter, moment| letter.fhir(&time::write(moment)));
    match made {
        Some(bundle) => reply::fhir(&bundle),
        None => to("/waiting"),
    }
}

fn with_letter<T>(
    app: &App,
    asked: &Asked,
    of: &InVisit,
    make: impl FnOnce(&Letter, i64) -> T,
) -> Option<T> {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let moment = of.on_paper(app);
    let handover = handover(visit, guideline, moment)?;
    let decision = explained(visit, guideline, moment, Some(Stage::Examination));
    let questions =
        Questions { known: known(visit, guideline, moment), ..Questions::new(app, of, &decision) };
    let account = &asked.session.account;
    let calendar = app.local_time.at(moment);
    let letter = Letter {
        asking: Asking { calendar: &calendar, ..questions.asking(app, of) },
        handover: &handover,
        decision: &decision,
        patient: of.entry.patient.as_deref(),
        department: &app.config.department,
        by: (&account.name, account.role.words()),
        made: format!("{} {}", calendar.day(moment), calendar.time(moment)),
        back: of.path("handover"),
        demo: app.config.demo,
    };
    Some(make(&letter, moment))
}
