//! A patient leaves who was not sent.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_pages::staff::arrival::{capacity_id, leaving};
use cauda_pathway::command::Action;
use cauda_pathway::event::{Capacity, Leaving};
use cauda_pathway::identity::{ActorId, Text};

use super::decision::needs;
use super::{InVisit, act, colleagues, look_twice};
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let open = of.entry.visit.class().is_open();
    let main = leaving(of.id.as_str(), of.sending(&asked), open, &colleagues(&app).await);
    let visit = Some((&*of.entry, None));
    app.show(&asked, &Shown { title: "The patient leaves", visit, ..Shown::default() }, &main)
}

/// Somebody tried to reach the patient.
pub async fn contact(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let said = asked.form.get("reached");
    let words = asked.form.text("words");
    // Who is coming in is awaited: the call stays open until then.
    let coming = Text::new("is coming in").ok().filter(|_| said == Some("coming"));
    let action = Action::MakeContact {
        reached: matches!(said, Some("reached" | "settled" | "coming")),
        settled: said == Some("settled"),
        words: words.or(coming),
    };
    match said {
        Some(_) => {
            let next =
                if asked.form.get("next") == Some("at-home") { "at-home" } else { "decision" };
            act(&app, &asked, &of, action, &of.path(next)).await
        }
        None => needs(&app, &asked, &of, "Say whether the patient was reached."),
    }
}

/// The patient must come back, or whoever has the patient must be told.
pub async fn recall(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    match asked.form.text("words") {
        Some(reason) => {
            let action = Action::OpenRecall { reason };
            act(&app, &asked, &of, action, &of.path("decision")).await
        }
        None => needs(&app, &asked, &of, "Write why the patient must come back."),
    }
}

/// Notes it.
pub async fn save(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    if let Some(page) = look_twice(&app, &asked, &of).await {
        return page;
    }
    let form = &asked.form;
    let said = form.get("capacity").unwrap_or_default();
    let mut capacities = Capacity::ALL.iter().copied();
    let capacity = capacities.find(|capacity| capacity_id(*capacity) == said);
    let leaving = Leaving {
        capacity: capacity.unwrap_or(Capacity::NotAssessed),
        explained: form.text("words"),
        card_given: form.get("card").is_some(),
        call_back: form.get("owner").and_then(|id| ActorId::new(id).ok()),
    };
    let action = match form.get("how") {
        Some("before-seen") => Action::LeaveBeforeSeen { leaving },
        Some("against-advice") => Action::LeaveAgainstAdvice { leaving },
        Some("gone") => Action::Abscond { leaving },
        Some("died") => Action::RecordDeath,
        _ => return needs(&app, &asked, &of, "Say how the patient left."),
    };
    act(&app, &asked, &of, action, &of.path("decision")).await
}
