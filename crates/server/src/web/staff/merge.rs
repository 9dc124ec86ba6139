//! A visit that was registered twice becomes one, and a merge that was wrong is undone.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_pages::staff::merge::{MergePage, Other, page};
use cauda_pathway::command::Action;
use cauda_pathway::identity::VisitId;

use super::decision::needs;
use super::{InVisit, act, look_twice, refused};
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// Visits that are offered.
const OFFERED_MAX: usize = 20;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let number = asked.form.get("number").unwrap_or_default();
    let found = match number.is_empty() {
        true => of.entry.visit.identity.as_ref().map(|identity| identity.patient.clone()),
        false => {
            let found = app.department.patient_of_number(number).await;
            found.ok().flatten().map(|patient| patient.id)
        }
    };
    let visits = match &found {
        Some(patient) => app.department.visits_of(patient).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut others = Vec::new();
    for id in visits.iter().rev().filter(|id| **id != of.id).take(OFFERED_MAX) {
        let Ok(entry) = app.department.entry(id).await else { continue };
        if entry.visit.merged_into.is_some() {
            continue;
        }
        others.push(Other {
            id: id.to_string(),
            name: entry.patient.as_ref().map(|p| p.person.name.as_str().to_string()),
            born: entry.patient.as_ref().and_then(|p| p.person.born).map(|born| born.words()),
            at: entry.visit.arrived_at.unwrap_or(entry.visit.latest),
            phase: entry.visit.phase.words(),
        });
    }
    let main = page(&MergePage {
        here: format!("/visit/{}", of.id),
        number,
        others: &others,
        merged_into: of.entry.visit.merged_into.as_ref().map(VisitId::as_str),
        sending: of.sending(&asked),
        calendar: &of.calendar,
    });
    let visit = Some((&*of.entry, None));
    app.show(&asked, &Shown { title: "The same visit", visit, ..Shown::default() }, &main)
}

/// Both are one.
pub async fn merge(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    if let Some(page) = look_twice(&app, &asked, &of).await {
        return page;
    }
    let form = &asked.form;
    let into = form.get("into").and_then(|id| VisitId::new(id).ok());
    let Some(into) = into.filter(|_| form.get("compared").is_some()) else {
        return needs(&app, &asked, &of, "Choose the visit, and compare name and birth first.");
    };
    match app.department.merge(&of.actor, &asked.command(), &of.id, &into).await {
        Ok(()) => to(&format!("/visit/{into}/decision")),
        Err(error) => refused(&app, &asked, &of, error),
    }
}

/// It was wrong: somebody looks at this patient again.
pub async fn undo(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    match asked.form.text("words") {
        Some(reason) => {
            let action = Action::UndoMerge { reason };
            act(&app, &asked, &of, action, &of.path("decision")).await
        }
        None => needs(&app, &asked, &of, "Write why the merge was wrong."),
    }
}
