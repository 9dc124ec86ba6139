//! The examination.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Tab;
use cauda_pages::staff::examination::{Examination, page};
use cauda_pathway::command::{Action, Found};

use super::{InVisit, Questions, refused};
use crate::access::Act;
use crate::department::ActError;
use crate::web::App;
use crate::web::forms;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    shown(&app, &asked, &of, None)
}

type Faults = std::collections::BTreeMap<String, String>;

fn shown(app: &App, asked: &Asked, of: &InVisit, faults: Option<Faults>) -> Response {
    let decision = of.decision(app, Some(Stage::Examination));
    let mut questions = Questions::new(app, of, &decision);
    let status = faults.as_ref().map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    if let Some(faults) = faults {
        questions = questions.refused(&asked.form, faults);
    }
    let examines = asked.session.account.role.may(Act::Examine);
    let asking = questions.asking(app, of);
    let sending = of.sending(asked);
    let main = page(&Examination { asking, decision: &decision, sending, examines });
    let visit = Some((&*of.entry, Some(Tab::Examination)));
    app.show(asked, &Shown { title: "Examination", visit, status, ..Shown::default() }, &main)
}

/// Saves it. A physician's counts as an examination and takes the patient on; a nurse's findings
/// are findings.
pub async fn save(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let guideline = app.department.guideline();
    let found = of.found_at(&app, &asked.form);
    let found =
        found.and_then(|at| forms::found(guideline, &asked.form, forms::role(of.actor.role), at));
    let found = match found {
        Ok(found) => found,
        Err(faults) => return shown(&app, &asked, &of, Some(faults)),
    };
    let examines = asked.session.account.role.may(Act::Examine);
    let action = action(&of, found, examines);
    match app.department.act(&of.actor, &of.id, &asked.command(), action).await {
        Ok(_) => {
            app.sessions.be_sure(&asked.session.kept, of.id.as_str());
            to(&of.path("decision"))
        }
        Err(ActError::Refused(refusal)) => {
            let faults = Faults::from([("main".to_string(), refusal.message)]);
            shown(&app, &asked, &of, Some(faults))
        }
        Err(error) => refused(&app, &asked, &of, error),
    }
}

fn action(of: &InVisit, found: Found, examines: bool) -> Action {
    // Who was sent home or admitted is not examined again in this visit, but told of.
    match examines && of.entry.visit.phase.is_live() {
        true => Action::Examine { found },
        false => Action::Record { found },
    }
}
