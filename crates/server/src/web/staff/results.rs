//! Orders on their way, reports, tests.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::decide::State as ConcernState;
use cauda_guideline::facts::Stage;
use cauda_pages::staff::Tab;
use cauda_pages::staff::results::{Results, Table, limited_id, page, state_id};
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::{LimitedImages, ReportState};
use cauda_queue::plan;
use cauda_scans::{Action as ScanAction, Catalogue, Scan, UNPLACED, id_of, of_visit};

use super::decision::needs;
use super::{InVisit, Questions, act};
use crate::access::{AccountRole, Act};
use crate::web::App;
use crate::web::forms;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

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
        tables: &tables(app, of),
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
        "not-cleared" if words.is_none() => {
            return needs(&app, &asked, &of, "Write what was found, so that others can decide.");
        }
        "not-cleared" => Action::ScreenForScanner { order, cleared: false, words },
        "start" => return started(&app, &asked, &of, order).await,
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

/// The scan begins. What stands in the way is the same as on the board, and so is what is done: on
/// a scanner that is known the board begins it and tells the visit.
async fn started(app: &App, asked: &Asked, of: &InVisit, order: u32) -> Response {
    let scan = scan_of(app, of, order);
    let despite = asked.form.text("despite");
    let open = scan.as_ref().filter(|scan| !scan.is_unplaced()).and_then(Scan::in_the_way_words);
    if let Some(open) = open.filter(|_| despite.is_none()) {
        let text = format!(
            "Not begun: {open}. If the patient lies in the scanner all the same, write why on the \
             page of results; it is recorded and shown."
        );
        return needs(app, asked, of, &text);
    }
    let scanner = asked.form.get("scanner").filter(|id| !id.is_empty() && *id != UNPLACED);
    if let (Some(list), Some(scan), Some(scanner)) = (&app.scans, &scan, scanner) {
        if !list.config().scanners.iter().any(|one| one.id == scanner) {
            return needs(app, asked, of, "Choose a scanner of the list.");
        }
        let (scanner, began) = (scanner.to_string(), app.department.now());
        let action = ScanAction::Start { scanner, began, performed: None, despite };
        return match list.act(&of.actor, &scan.id, &asked.command(), action).await {
            Ok(()) => {
                app.sessions.be_sure(&asked.session.kept, of.id.as_str());
                to(&of.path("results"))
            }
            Err(error) => needs(app, asked, of, &super::mri::said(&error)),
        };
    }
    let despite = despite.filter(|_| scan.is_some_and(|scan| scan.in_the_way().is_some()));
    act(app, asked, of, Action::StartScan { order, despite }, &of.path("results")).await
}

/// An order of the visit as the board has it; where there is no board, as the visit alone says.
fn scan_of(app: &App, of: &InVisit, order: u32) -> Option<Scan> {
    let id = id_of(of.id.as_str(), order);
    if let Some(list) = &app.scans {
        return list.find(&id);
    }
    let guideline = app.department.guideline();
    let catalogue = Catalogue::new(guideline, Vec::new());
    let (mut scan, patient) = (Scan::new(&id), of.entry.patient.as_deref());
    let now = app.department.now();
    of_visit(&mut scan, &of.entry.visit, order, patient, guideline, &catalogue, now)?;
    Some(scan)
}

/// What the page knows of each order that is for an MRI scanner and not over.
fn tables(app: &App, of: &InVisit) -> Vec<Table> {
    let visit = &of.entry.visit;
    let waits = |order: &cauda_pathway::visit::Order| order.ended.is_none();
    let numbers: Vec<u32> = visit
        .pending
        .iter()
        .filter(|one| !one.acknowledged && !one.cancelled && one.order.as_ref().is_some_and(waits))
        .map(|one| one.number)
        .collect();
    if numbers.is_empty() {
        return Vec::new();
    }
    let planned = app.scans.as_ref().map(|list| plan(&list.queue()).entries).unwrap_or_default();
    let scanners = app.scans.as_ref().map(|list| list.config().scanners.as_slice());
    let scanners =
        scanners.unwrap_or_default().iter().map(|one| (one.id.clone(), one.name.clone()));
    let scanners: Vec<(String, String)> = scanners.collect();
    let table = |order: u32| {
        let scan = scan_of(app, of, order)?;
        let entry = planned.iter().find(|one| one.id.as_str() == scan.id);
        let planned = entry.and_then(|one| one.scanner.as_ref()).map(|on| on.as_str().to_string());
        Some(Table {
            order,
            scanners: scanners.clone(),
            planned,
            in_the_way: scan.in_the_way_words().filter(|_| scan.on_table().is_none()),
            unplaced: scan.is_unplaced() && !scanners.is_empty(),
        })
    };
    numbers.into_iter().filter_map(table).collect()
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
