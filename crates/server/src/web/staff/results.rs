//! Orders on their way, reports, tests.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::decide::State as ConcernState;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Tab;
use cauda_pages::staff::results::{Results, limited_id, page, state_id};
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::{LimitedImages, ReportState};

use super::decision::needs;
use super::{InVisit, Questions, act};
use crate::access::{AccountRole, Act};
use crate::web::App;
use crate::web::forms;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

type Faults = std::collections::BTreeMap<String, String>;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    shown(&app, &asked, &of, None)
}

fn shown(app: &App, asked: &Asked, of: &InVisit, faults: Option<Faults>) -> Response {
    let decision = of.decision(app, Some(Stage::Results));
    let mut questions = Questions::new(app, of, &decision);
    let status = faults.as_ref().map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    if let Some(faults) = faults {
        questions = questions.refused(&asked.form, faults);
    }
    let role = asked.session.account.role;
    let raised = decision.concerns.iter().filter(|c| c.state == ConcernState::Raised);
    let raised: Vec<String> = raised.map(|concern| concern.concern.clone()).collect();
    let main = page(&Results {
        asking: questions.asking(app, of),
        raised: &raised,
        sending: of.sending(asked),
        scans: role.may(Act::Scan),
        reports: matches!(role, AccountRole::Staff(role) if role.is_physician()),
        acknowledges: role.may(Act::Acknowledge),
        clinical: role.may(Act::Triage),
    });
    let visit = Some((&*of.entry, Some(Tab::Results)));
    app.show(asked, &Shown { title: "Results", visit, status, ..Shown::default() }, &main)
}

/// Values of the laboratory and of tests at the bedside.
pub async fn save(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    match found(&app, &asked, &of) {
        Ok(found) => act(&app, &asked, &of, Action::Record { found }, &of.path("decision")).await,
        Err(faults) => shown(&app, &asked, &of, Some(faults)),
    }
}

fn found(app: &App, asked: &Asked, of: &InVisit) -> Result<Found, Faults> {
    let (guideline, now) = (app.department.guideline(), app.department.now());
    forms::found(guideline, &asked.form, forms::role(of.actor.role), now)
}

/// A test whose result comes later was sent.
pub async fn test(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    match asked.form.text("words") {
        Some(name) => act(&app, &asked, &of, Action::OrderTest { name }, &of.path("results")).await,
        None => needs(&app, &asked, &of, "Say which test was sent."),
    }
}

/// The next step of a scan, as radiographers, coordinators and nurses take it.
pub async fn scan(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, number, what)): Path<(String, u32, String)>,
    of: InVisit,
) -> Response {
    let words = asked.form.text("words");
    let order = number;
    let action = match what.as_str() {
        "cleared" => Action::ScreenForScanner { order, cleared: true, words },
        "not-cleared" => Action::ScreenForScanner { order, cleared: false, words },
        "start" => Action::StartScan { order },
        "end" => Action::EndScan { order, complete: true },
        "stopped" => Action::EndScan { order, complete: false },
        "limited" => match limited(&asked.form) {
            Some(shows) => Action::ReadLimited { order, shows, words },
            None => return needs(&app, &asked, &of, "Choose what the limited pictures show."),
        },
        "report" | "test" => return reported(&app, &asked, &of, number, what == "report").await,
        _ => return needs(&app, &asked, &of, "Choose a step of the list."),
    };
    act(&app, &asked, &of, action, &of.path("results")).await
}

/// What the limited pictures show, as a form says it.
pub(super) fn limited(form: &forms::Form) -> Option<LimitedImages> {
    let said = form.get("shows")?;
    LimitedImages::ALL.iter().copied().find(|shows| limited_id(*shows) == said)
}

async fn reported(app: &App, asked: &Asked, of: &InVisit, number: u32, is_scan: bool) -> Response {
    let Some(words) = asked.form.text("words") else {
        return needs(app, asked, of, "Write what it says.");
    };
    let emergency = asked.form.get("emergency").is_some();
    let found = match found(app, asked, of) {
        Ok(found) => found,
        Err(faults) => return shown(app, asked, of, Some(faults)),
    };
    let action = if is_scan {
        let id = asked.form.get("state").unwrap_or_default();
        let state = ReportState::ALL.iter().copied().find(|state| state_id(*state) == id);
        let state = state.unwrap_or(ReportState::Preliminary);
        Action::ReceiveReport { order: number, state, emergency, words, found }
    } else {
        Action::ReceiveTestResult { result: number, emergency, words, found }
    };
    act(app, asked, of, action, &of.path("results")).await
}

/// What a physician does with a result or an order.
pub async fn acknowledge(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, number, what)): Path<(String, u32, String)>,
    of: InVisit,
) -> Response {
    let action = match what.as_str() {
        "cancel" => match asked.form.less() {
            Some(less) => Action::CancelOrder { order: number, less },
            None => return needs(&app, &asked, &of, "Choose a reason and write a few words."),
        },
        "wait" => match asked.form.text("words") {
            Some(reason) => Action::AcceptWait { order: number, reason },
            None => return needs(&app, &asked, &of, "Write why the wait is acceptable."),
        },
        _ => match found(&app, &asked, &of) {
            Ok(found) => Action::AcknowledgeResult { result: number, found },
            Err(faults) => return shown(&app, &asked, &of, Some(faults)),
        },
    };
    act(&app, &asked, &of, action, &of.path("decision")).await
}
