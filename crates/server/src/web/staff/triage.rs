//! Triage: what a nurse asks, and the acuity.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_pages::patient::check::told as told_at_home;
use cauda_pages::staff::Tab;
use cauda_pages::staff::triage::{Triage, page};
use cauda_pathway::command::Action;
use cauda_patient::{Answers, code};

use super::{InVisit, Questions, act, refused};
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
    shown(&app, &asked, &of, None, None)
}

/// What the patient answered at home, beside each question. It is the nurse who answers.
pub async fn told(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let Some(code) = asked.form.get("code") else {
        // Enter in another field, perhaps: what was typed stays, and nothing is saved.
        return shown(&app, &asked, &of, None, Some(&Answers::default()));
    };
    match code::read(app.department.guideline(), code, app.department.now()) {
        Ok(answers) => shown(&app, &asked, &of, None, Some(&answers)),
        Err(why) => {
            let faults = Faults::from([("code".to_string(), why.words().to_string())]);
            shown(&app, &asked, &of, Some(faults), None)
        }
    }
}

type Faults = std::collections::BTreeMap<String, String>;

fn shown(
    app: &App,
    asked: &Asked,
    of: &InVisit,
    faults: Option<Faults>,
    at_home: Option<&Answers>,
) -> Response {
    let decision = of.decision(app, Some(Stage::Triage));
    let mut questions = Questions::new(app, of, &decision);
    let status = faults.as_ref().map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    if let Some(faults) = faults {
        questions = questions.refused(&asked.form, faults);
    }
    if let Some(answers) = at_home {
        questions.told = told_at_home(app.department.guideline(), answers);
        questions.entered = asked.form.entered();
    }
    let asking = questions.asking(app, of);
    let sending = of.sending(asked);
    let main =
        page(&Triage { asking, decision: &decision, sending, takes_codes: app.config.self_check });
    let visit = Some((&*of.entry, Some(Tab::Triage)));
    app.show(asked, &Shown { title: "Triage", visit, status, ..Shown::default() }, &main)
}

/// Saves it. A danger sign leads to the page that says what happens now.
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
        Err(faults) => return shown(&app, &asked, &of, Some(faults), None),
    };
    let acuity = asked.form.get("acuity").and_then(|acuity| acuity.parse().ok());
    let action = match acuity {
        Some(acuity) => Action::Triage { acuity, found },
        None => Action::Record { found },
    };
    match app.department.act(&of.actor, &of.id, &asked.command(), action).await {
        Ok(_) => {
            app.sessions.be_sure(&asked.session.kept, of.id.as_str());
            to(&of.path("decision"))
        }
        Err(ActError::Refused(refusal)) => {
            let faults = Faults::from([("main".to_string(), refusal.message)]);
            shown(&app, &asked, &of, Some(faults), None)
        }
        Err(error) => refused(&app, &asked, &of, error),
    }
}

/// Another acuity.
pub async fn acuity(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let to = asked.form.get("to").and_then(|to| to.parse().ok()).unwrap_or(0);
    let action = Action::ChangeAcuity { to, reason: asked.form.text("words") };
    act(&app, &asked, &of, action, &of.path("triage")).await
}
