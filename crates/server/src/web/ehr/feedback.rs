//! `POST /cds-services/{id}/feedback`: what became of cards. Added and never changed: an item that
//! comes twice counts once, and a change of mind is an item of its own.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cauda_cds_hooks::{FeedbackItem, Outcome, Service, read_feedback};

use super::calling::{self, Call};
use crate::ehr::Inside;
use crate::ehr::consult::{self, Event, Feedback, Place};
use crate::web::App;

/// A report of what became of cards.
pub async fn feedback(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let asked = request.headers().clone();
    let answer = match calling::call(&app, &inside, request).await {
        Ok((call, _)) => told(&app, &inside, &id, &call).await.unwrap_or_else(|answer| answer),
        Err(answer) => return answer,
    };
    calling::with_cors(&inside, &asked, answer)
}

async fn told(app: &App, inside: &Inside, id: &str, call: &Call) -> Result<Response, Response> {
    if Service::of_id(id).is_none() {
        return Err(calling::outcome(
            StatusCode::NOT_FOUND,
            "not-found",
            "there is no such service",
        ));
    }
    let body = calling::json(&call.body).map_err(|answer| *answer)?;
    let items = read_feedback(&body).map_err(|error| {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
        calling::answer(status, &error.outcome())
    })?;
    for item in items {
        keep(app, inside, &call.caller.tenant, item).await?;
    }
    Ok(StatusCode::OK.into_response())
}

async fn keep(
    app: &App,
    inside: &Inside,
    tenant: &str,
    item: FeedbackItem,
) -> Result<(), Response> {
    let unsaved = |error: crate::ServerError| {
        tracing::error!(%error, "feedback was not recorded");
        let text = "it could not be saved; send it again";
        calling::outcome(StatusCode::SERVICE_UNAVAILABLE, "transient", text)
    };
    let record = app.department.record();
    let known = match consult::of_card(record, &item.card).await.map_err(unsaved)? {
        Some(handle) => {
            let consult = consult::read(record, &handle).await.map_err(unsaved)?;
            let count = consult.feedback.iter().filter(|one| one.card == item.card).count();
            if count >= consult::FEEDBACK_MAX {
                return Ok(());
            }
            let own = consult.about().is_some_and(|(of, ..)| of == tenant);
            own.then_some(handle)
        }
        None => None,
    };
    let mut item = item;
    if known.is_none() {
        // Of no patient that we know, so nothing that may speak of one is kept.
        if let Outcome::Overridden(Some(reason)) = &mut item.outcome {
            reason.comment = None;
        }
    }
    // A card that this record does not know of this EHR, of a server that is gone, say.
    let handle = known.unwrap_or_else(|| {
        let place = Place { tenant, patient: "", encounter: Some("cards nobody knows"), day: "" };
        inside.handles.give(&place)
    });
    let at = app.clock.now();
    let command = format!("card-{}-{}", tenant, item.key());
    let events = [Event::Feedback(said(item, at))];
    consult::write(record, &handle, command, app.clock.micros(), &events).await.map_err(unsaved)?;
    Ok(())
}

fn said(item: FeedbackItem, at: i64) -> Feedback {
    let FeedbackItem { card, outcome, at: happened, .. } = item;
    let (outcome, accepted, given) = match outcome {
        Outcome::Accepted(suggestions) => ("accepted", suggestions, None),
        Outcome::Overridden(reason) => ("overridden", Vec::new(), reason),
    };
    let (reason, comment) = match given {
        Some(given) => (given.reason.map(|coding| (coding.system, coding.code)), given.comment),
        None => (None, None),
    };
    Feedback { at, card, outcome: outcome.to_string(), accepted, reason, comment, happened }
}
