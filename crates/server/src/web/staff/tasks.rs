//! My tasks, and doing one.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use cauda_pages::staff::Sending;
use cauda_pages::staff::tasks::{Row, page};
use cauda_pathway::command::Action;
use cauda_pathway::views::my_tasks;

use super::decision::needs;
use super::{InVisit, act};
use crate::access::Act;
use crate::ids;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::{Shown, to};

/// What this person's role holds, or names the person.
pub async fn list(State(app): State<App>, Extension(asked): Extension<Asked>) -> Response {
    let Some(actor) = asked.actor() else { return to("/accounts") };
    let entries = app.department.open_visits();
    let tasks = my_tasks(entries.iter().map(|entry| &entry.visit), &actor, app.department.now());
    let command = ids::new_id();
    let rows = tasks.into_iter().map(|row| {
        let mut of =
            entries.iter().filter(|entry| entry.visit.identity.as_ref() == Some(&row.identity));
        let entry = of.next();
        let seen = entry.map_or(0, |entry| entry.visit.events);
        let sending = Sending { csrf: &asked.session.csrf, command: &command, seen };
        Row { row, patient: entry.and_then(|entry| entry.patient.as_deref()), sending }
    });
    let rows: Vec<Row> = rows.collect();
    let role = asked.session.account.role;
    let calendar = app.local_time.now(&app.clock);
    let main = page(&rows, role.words(), role.may(Act::SeeVisit), &calendar);
    let shown = Shown { title: "My tasks", here: "/tasks", follows_all: true, ..Shown::default() };
    app.show(&asked, &shown, &main)
}

/// A task is done, or goes up before its time.
pub async fn change(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, task, what)): Path<(String, u32, String)>,
    of: InVisit,
) -> Response {
    let words = asked.form.text("words");
    let action = match what.as_str() {
        "up" => Action::EscalateTask { task },
        _ => Action::CompleteTask { task, words },
    };
    if let Action::CompleteTask { task, words: None } = &action {
        let known = of.entry.visit.open_tasks().find(|known| known.number == *task);
        if known.is_some_and(|known| known.kind.needs_words()) {
            return needs(&app, &asked, &of, "Write what was found, in a few words or a number.");
        }
    }
    act(&app, &asked, &of, action, "/tasks").await
}
