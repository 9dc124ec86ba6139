//! The timeline, and taking back what was entered in error.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use cauda_pages::staff::Tab;
use cauda_pages::staff::timeline::{ROWS_MAX, Timeline, page};
use cauda_pathway::command::Action;
use cauda_pathway::event::What;
use cauda_pathway::views::timeline;

use super::decision::needs;
use super::{InVisit, act, away};
use crate::access::Act;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::reply::Shown;

/// The page; older rows with `?before=N`.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let events = match app.department.events(&of.id).await {
        Ok(events) => events,
        Err(error) => return away(&app, &asked, &error.into()),
    };
    let mut rows = timeline(&events);
    let with_tasks = asked.form.get("tasks").is_some();
    rows.retain(|row| with_tasks || !is_of_tasks(&row.what));
    let before = asked.form.get("before").and_then(|before| before.parse().ok());
    rows.truncate(before.unwrap_or(usize::MAX));
    rows.reverse();
    let older = (rows.len() > ROWS_MAX).then(|| rows.len() - ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let accounts = app.accounts.all().await.unwrap_or_default();
    let names = |id: &str| {
        let account = accounts.iter().find(|account| account.id.as_str() == id);
        account.map(|account| account.name.clone())
    };
    let main = page(&Timeline {
        guideline: app.department.guideline(),
        visit: &of.entry.visit,
        rows: &rows,
        names: &names,
        with_tasks,
        older,
        withdraws: asked.session.account.role.may(Act::Withdraw),
        sending: of.sending(&asked),
        calendar: &of.calendar,
    });
    let visit = Some((&*of.entry, Some(Tab::Timeline)));
    app.show(&asked, &Shown { title: "Timeline", visit, ..Shown::default() }, &main)
}

fn is_of_tasks(what: &What) -> bool {
    matches!(
        what,
        What::TaskRaised { .. }
            | What::TaskDone { .. }
            | What::TaskClosed { .. }
            | What::TaskOverdue { .. }
            | What::TaskEscalated { .. }
            | What::TaskReassigned { .. }
    )
}

/// Takes findings and signatures back.
pub async fn withdraw(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let Some(reason) = asked.form.text("words") else {
        return needs(&app, &asked, &of, "Write why it was an error.");
    };
    let findings = asked.form.of("n.").filter_map(|(number, _)| number.parse().ok()).collect();
    let attestations = asked.form.of("s.").map(|(id, _)| id.to_string()).collect();
    let action = Action::Withdraw { findings, attestations, reason };
    act(&app, &asked, &of, action, &of.path("decision")).await
}
