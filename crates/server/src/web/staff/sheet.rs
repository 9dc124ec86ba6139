//! The sheet a patient takes home.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::decision::{AdviceState, Advised};
use cauda_pages::patient::{PageSize, Sheet};
use cauda_pages::staff::Calendar;
use cauda_pathway::table::{EventKind, Phase};

use super::InVisit;
use crate::access::Act;
use crate::links::Purpose;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply;

/// The page, in two sizes; of a patient who has gone as it was at that moment.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    reply::page(StatusCode::OK, with_sheet(&app, &asked, &of, |sheet, _| sheet.page()))
}

/// The same as PDF, on A4 or on US letter paper.
pub async fn pdf(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let page = match asked.form.get("paper") {
        Some("letter") => PageSize::Letter,
        _ => PageSize::A4,
    };
    match with_sheet(&app, &asked, &of, |sheet, moment| sheet.pdf(page, moment)) {
        Ok(bytes) => reply::pdf("going-home.pdf", bytes),
        Err(error) => {
            tracing::error!(visit = %of.id, %error, "a sheet could not be printed");
            let text = "The sheet could not be made as PDF. Print the page instead.";
            let path = of.path("sheet");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            app.say(&asked, status, "No PDF", text, Some((&path, "To the sheet")))
        }
    }
}

fn with_sheet<T>(app: &App, asked: &Asked, of: &InVisit, make: impl FnOnce(&Sheet, i64) -> T) -> T {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let gone = visit.phase == Phase::Discharged;
    let moment = of.on_paper(app);
    let decision = cauda_pathway::explained(visit, guideline, moment, None);
    let given = |advised: &&Advised| advised.state == AdviceState::Given;
    let lines = |pages: &[Advised], keys: &[&str]| -> Vec<(String, String, Option<String>)> {
        let lines = pages.iter().filter(given).flat_map(|advised| &advised.says);
        let lines = lines.filter(|line| keys.contains(&line.key.as_str()));
        let mut all: Vec<(String, String, Option<String>)> = Vec::new();
        for line in lines {
            let (id, words) = (line.spoken.id.clone(), line.spoken.patient.clone());
            if all.iter().all(|(known, _, _)| *known != id) {
                all.push((id, words, line.within.clone()));
            }
        }
        all
    };
    let of_scans = |id: &str| {
        guideline.vocabulary.get("action", id).is_some_and(|phrase| phrase.instead_of_scan)
    };
    // What belongs to an offer that was not made is not said either.
    let is_offered = |advised: &&Advised| {
        let mut offers = advised.says.iter().filter(|line| line.key == "offer").peekable();
        offers.peek().is_none() || offers.any(|line| visit.offers.contains(&line.spoken.id))
    };
    let treatment: Vec<Advised> = decision.treatment.iter().filter(is_offered).cloned().collect();
    let advised = lines(&treatment, &["advise"]);
    let after = lines(&decision.follow_up, &["advise"]);
    let referred = lines(&decision.follow_up, &["refer"]);
    let mut found: Vec<&str> =
        decision.no_imaging_because.iter().map(|spoken| spoken.patient.as_str()).collect();
    let about_scans = after.iter().filter(|(id, _, _)| of_scans(id));
    found.extend(about_scans.map(|(_, words, _)| words.as_str()).take(SCANS_MAX));
    let rest = after.iter().filter(|(id, _, _)| !of_scans(id));
    let advice = advised.iter().chain(rest).map(|(_, words, _)| words.as_str());
    let returns = guideline.vocabulary.lists().filter(|(list, _)| *list == "return");
    let returns = returns.flat_map(|(_, entries)| entries);
    let offers = visit.offers.iter().filter_map(|id| guideline.vocabulary.get("offer", id));
    let sheet = Sheet {
        department: &app.config.department,
        emergency_number: app.config.emergency_number.as_deref(),
        demo: app.config.demo,
        name: of.entry.patient.as_deref().map(|patient| patient.person.name.as_str()),
        day: of.calendar.day(moment),
        is_draft: !gone,
        against: visit.overrides.iter().any(|less| less.kind == EventKind::Discharged),
        return_list: returns.map(|(_, _, phrase)| phrase.patient.as_str()).collect(),
        found,
        offers: offers.map(|phrase| phrase.patient.as_str()).collect(),
        advice: advice.collect(),
        follow_up: referred.iter().map(|(_, words, _)| words.as_str()).collect(),
        telephone: app.config.telephone.as_deref(),
        home: app
            .link(visit, Purpose::Home)
            .filter(|_| asked.session.account.role.may(Act::FollowUp)),
        large: asked.form.get("large").is_some(),
        edition: match guideline.status.contains("not a certified medical device") {
            true => format!("{} {}, {}.", guideline.title, guideline.version, guideline.status),
            false => format!(
                "{} {}, {}. Not a certified medical device.",
                guideline.title, guideline.version, guideline.status
            ),
        },
        back: of.path("decision"),
    };
    make(&sheet, moment)
}

/// Most lines about scans: the sheet is one page.
const SCANS_MAX: usize = 2;
