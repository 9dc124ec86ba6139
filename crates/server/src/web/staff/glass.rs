//! Opening a visit that is over, and reviewing who did.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_pages::staff::Sending;
use cauda_pages::staff::glass::{Row, ask, list};
use cauda_pathway::identity::{ActorId, VisitId};

use crate::access::Act;
use crate::department::Entry;
use crate::glass::{self, FREE_SECONDS, HOLDS_SECONDS, REASONS};
use crate::ids;
use crate::streams::is_open;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, own_path, to};

/// Whether a reason is needed to look at a visit: it is over for a day, nothing is open in it, and
/// the patient is not here now.
pub fn is_closed(app: &App, asked: &Asked, id: &VisitId, entry: &Entry) -> bool {
    let visit = &entry.visit;
    let now = app.department.now();
    let is_over = !is_open(visit) && now - visit.latest > FREE_SECONDS;
    if !is_over || app.sessions.has_reason(&asked.session.kept, id.as_str(), HOLDS_SECONDS) {
        return false;
    }
    let patient = visit.identity.as_ref().map(|identity| &identity.patient);
    let mut here = app.department.open_visits().into_iter().filter(|e| e.visit.phase.is_live());
    !here.any(|e| e.visit.identity.as_ref().map(|identity| &identity.patient) == patient)
}

/// The question.
pub fn question(app: &App, asked: &Asked, id: &VisitId, failed: bool) -> Response {
    let command = ids::new_id();
    let sending = Sending { csrf: &asked.session.csrf, command: &command, seen: 0 };
    let next = match asked.writes {
        true => asked.form.get("next").map_or("/waiting", own_path).to_string(),
        false => asked.path.clone(),
    };
    let main = ask(&format!("/visit/{id}"), &next, &REASONS, failed, sending);
    let status = if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::FORBIDDEN };
    app.show(
        asked,
        &Shown { title: "Why do you look?", status: Some(status), ..Shown::default() },
        &main,
    )
}

/// A reason is given, and the visit opens.
pub async fn open(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    let (Ok(id), Some(actor)) = (VisitId::new(id), asked.actor()) else { return to("/waiting") };
    let form = &asked.form;
    let reason = REASONS.iter().find(|(known, _)| form.get("reason") == Some(known));
    let words = form.text("words").map(String::from);
    let Some((_, reason)) = reason.filter(|(id, _)| *id != "other" || words.is_some()) else {
        return question(&app, &asked, &id, true);
    };
    let record = app.department.record();
    match glass::broken(record, &actor, &id, reason, words, app.clock.micros()).await {
        Ok(()) => {
            app.sessions.give_reason(&asked.session.kept, id.as_str());
            let next = form.get("next").map_or("/waiting", own_path);
            let here = format!("/visit/{id}/");
            to(if next.starts_with(&here) { next } else { "/waiting" })
        }
        Err(error) => {
            tracing::error!(%error, "a reason could not be noted");
            let text =
                "The record does not answer, so the reason cannot be kept. Try again in a moment.";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            app.say(
                &asked,
                status,
                "The record is away",
                text,
                Some(("/waiting", "To the waiting list")),
            )
        }
    }
}

/// Who looked.
pub async fn reviews(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let looks = glass::open(app.department.record()).await.unwrap_or_default();
    let sees = asked.session.account.role.may(Act::SeeVisit);
    let mut rows = Vec::new();
    for look in looks {
        let account = match ActorId::new(look.actor.clone()) {
            Ok(id) => app.accounts.get(&id).await.ok().flatten(),
            Err(_) => None,
        };
        let name = account.map_or_else(|| look.actor.clone(), |account| account.name);
        let words = look.words.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
        rows.push(Row {
            at: look.at,
            who: format!("{name}, {}", look.role),
            why: format!("{}{words}", look.reason),
            visit: sees.then_some(look.visit),
            is_own: look.actor == asked.session.account.id.as_str(),
            command: ids::new_id(),
            id: look.id,
        });
    }
    let calendar = app.local_time.now(&app.clock);
    let main = list(&rows, &asked.session.csrf, &calendar);
    app.show(&asked, &Shown { title: "To review", here: "/reviews", ..Shown::default() }, &main)
}

/// One is reviewed.
pub async fn reviewed(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path(id): Path<String>,
) -> Response {
    let record = app.department.record();
    let looks = glass::open(record).await.unwrap_or_default();
    let own = asked.session.account.id.as_str();
    if let Some(look) = looks.into_iter().find(|look| look.id == id && look.actor != own)
        && let Err(error) = glass::reviewed(record, &look, own, app.clock.micros()).await
    {
        tracing::error!(%error, "a review could not be noted");
    }
    to("/reviews")
}
