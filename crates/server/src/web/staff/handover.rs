//! Handover, referral, transfer.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use cauda_pages::staff::Tab;
use cauda_pages::staff::handover::{HandoverPage, page};
use cauda_pages::staff::verdict::Level;
use cauda_pathway::command::Action;
use cauda_pathway::identity::ActorId;
use cauda_pathway::views::handover;

use super::decision::needs;
use super::{InVisit, act, colleagues};
use crate::access::Act;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let guideline = app.department.guideline();
    let Some(summary) = handover(&of.entry.visit, guideline, app.department.now()) else {
        return to("/waiting");
    };
    let colleagues = colleagues(&app).await;
    let responsible = summary.responsible.as_ref().map(|actor| actor.id.to_string());
    let named = colleagues.iter().find(|(id, _)| Some(id) == responsible.as_ref());
    let main = page(&HandoverPage {
        guideline,
        handover: &summary,
        level: Level::of(&of.entry.visit),
        colleagues: &colleagues,
        responsible: named.map(|(_, name)| name.as_str()),
        sending: of.sending(&asked),
        hands_over: asked.session.account.role.may(Act::HandOver),
        phase: of.entry.visit.phase,
        calendar: &of.calendar,
    });
    let visit = Some((&*of.entry, Some(Tab::Handover)));
    app.show(&asked, &Shown { title: "Handover", visit, ..Shown::default() }, &main)
}

/// To another person.
pub async fn hand_over(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let wanted = asked.form.get("to").and_then(|id| ActorId::new(id).ok());
    let account = match wanted {
        Some(id) => app.accounts.get(&id).await.ok().flatten(),
        None => None,
    };
    let Some(taker) = account.and_then(|account| account.actor()) else {
        return needs(&app, &asked, &of, "Name the person who takes the patient.");
    };
    let action = Action::HandOver { to: taker, note: asked.form.text("words") };
    act(&app, &asked, &of, action, &of.path("handover")).await
}

/// A team is asked.
pub async fn refer(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    match asked.form.text("words") {
        Some(team) => {
            act(&app, &asked, &of, Action::Refer { to: team }, &of.path("handover")).await
        }
        None => needs(&app, &asked, &of, "Say which team was asked."),
    }
}

/// It answers.
pub async fn answer(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, referral)): Path<(String, u32)>,
    of: InVisit,
) -> Response {
    match asked.form.text("words") {
        Some(words) => {
            let action = Action::AnswerReferral { referral, words };
            act(&app, &asked, &of, action, &of.path("handover")).await
        }
        None => needs(&app, &asked, &of, "Write what the team answered."),
    }
}

/// A step of a transfer.
pub async fn transfer(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, what)): Path<(String, String)>,
    of: InVisit,
) -> Response {
    let words = asked.form.text("words");
    let action = match (what.as_str(), words) {
        ("depart", plan) => Action::Depart { plan },
        ("back", _) => Action::TurnBack,
        ("ask", Some(site)) => Action::RequestTransfer { site, telephone: None },
        ("accepted", Some(accepted_by)) => Action::AcceptTransfer { accepted_by },
        ("arrived", Some(by)) => Action::ConfirmArrival { by },
        _ => return needs(&app, &asked, &of, "Write who or where."),
    };
    act(&app, &asked, &of, action, &of.path("handover")).await
}
