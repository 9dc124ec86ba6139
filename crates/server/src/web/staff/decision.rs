//! The decision and what follows it: order, decline, take on, send home, admit, keep.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::facts::Stage;
use cauda_guideline::vocabulary::Tier;
use cauda_pages::staff::Tab;
use cauda_pages::staff::decision::{DecisionPage, page};
use cauda_pages::staff::message;
use cauda_pathway::command::Action;
use cauda_pathway::identity::{ActorId, Text};
use maud::html;

use super::{InVisit, act, act_all, colleagues, look_twice};
use crate::access::Act;
use crate::web::App;
use crate::web::guard::Asked;
use crate::web::note;
use crate::web::reply::Shown;

/// The page.
pub async fn show(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    of: InVisit,
) -> Response {
    let colleagues = colleagues(&app).await;
    let main = main(&app, &asked, &of, &colleagues);
    let visit = Some((&*of.entry, Some(Tab::Decision)));
    app.show(&asked, &Shown { title: "Decision", visit, ..Shown::default() }, &main)
}

fn main(app: &App, asked: &Asked, of: &InVisit, colleagues: &[(String, String)]) -> maud::Markup {
    let guideline = app.department.guideline();
    let visit = &of.entry.visit;
    let stage = if visit.phase.is_seen() { Stage::Examination } else { Stage::Triage };
    let decision = of.decision(app, Some(stage));
    let patient = of.entry.patient.as_deref();
    let note = note::text(guideline, visit, patient, &decision, &of.calendar);
    page(&DecisionPage {
        guideline,
        visit,
        decision: &decision,
        age: patient.and_then(|patient| patient.age_on(app.department.now())),
        sending: of.sending(asked),
        decides: asked.session.account.role.may(Act::Decide),
        calls: asked.session.account.role.may(Act::HandOver),
        note: &note,
        colleagues,
        calendar: &of.calendar,
    })
}

/// The answer that what was entered would lead to, while the record does not take it.
pub fn not_saved(app: &App, asked: &Asked, of: &InVisit, text: String) -> Response {
    let mut fields = asked.form.kept();
    fields.push(("csrf".to_string(), asked.session.csrf.clone()));
    let path = of.path("decision");
    let back = (path.as_str(), "See what is saved");
    let again = message::again(
        "Not saved",
        "What you entered stands in this page and nowhere else. Do not close it.",
        &asked.path,
        &fields,
        "Try to save it again",
        back,
    );
    let main = html! { (again) (main(app, asked, of, &[])) };
    let shown = Shown {
        title: "NOT SAVED",
        visit: Some((&of.entry, None)),
        not_saved: Some(text),
        status: Some(StatusCode::SERVICE_UNAVAILABLE),
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}

/// What a form of the decision page asks for.
pub async fn decide(
    State(app): State<App>,
    Extension(asked): Extension<Asked>,
    Path((_, what)): Path<(String, String)>,
    of: InVisit,
) -> Response {
    if what != "take-on"
        && let Some(page) = look_twice(&app, &asked, &of).await
    {
        return page;
    }
    let form = &asked.form;
    let image = form.get("image").unwrap_or_default().to_string();
    let owner = form.get("owner").and_then(|id| ActorId::new(id).ok());
    let next = of.path("decision");
    let less = form.less();
    let action = match what.as_str() {
        "take-on" => Action::TakeOn,
        "order" => {
            let tier = form.get("tier").and_then(Tier::of_id);
            let free = match form.get("free") {
                None => None,
                Some(text) => match app.local_time.next(text, app.department.now()) {
                    Some(free) => Some(free),
                    None => {
                        let text = "Write when the scanner opens as hours and minutes, 08:00.";
                        return needs(&app, &asked, &of, text);
                    }
                },
            };
            Action::OrderImaging { image, tier, less, earliest_start: free }
        }
        "decline" => match less {
            Some(less) => Action::DeclineImaging { image, less },
            None => return needs_reason(&app, &asked, &of),
        },
        "admit" => match form.text("ward") {
            Some(ward) => Action::Admit { ward, pending_owner: owner },
            None => return needs(&app, &asked, &of, "Name the ward."),
        },
        "observe" => {
            let minutes = form.get("minutes").and_then(|minutes| minutes.parse().ok());
            let minutes: i64 = minutes.unwrap_or(120);
            Action::Observe { again_at: app.department.now() + minutes.clamp(5, 720) * 60 }
        }
        "discharge" => return discharge(&app, &asked, &of, owner).await,
        _ => return crate::web::reply::nothing_here(State(app), axum::http::Uri::default()).await,
    };
    act(&app, &asked, &of, action, &next).await
}

async fn discharge(app: &App, asked: &Asked, of: &InVisit, owner: Option<ActorId>) -> Response {
    let form = &asked.form;
    let leave = Action::Discharge {
        less: form.less(),
        card_given: form.get("card").is_some(),
        pending_owner: owner,
    };
    let mut actions = Vec::new();
    // A plan is signed for who goes home by the guideline; who goes all the same has the reason.
    if let Some(plan) =
        form.get("plan").filter(|_| form.less().is_none()).and_then(|plan| Text::new(plan).ok())
    {
        let offers: Vec<String> = form.of("offer.").map(|(id, _)| id.to_string()).collect();
        let taught_back = form.get("taught").is_some();
        let known = &of.entry.visit;
        let same = known.plan.as_ref() == Some(&plan)
            && (&known.offers, known.taught_back) == (&offers, taught_back);
        if !same {
            actions.push(Action::SignPlan { plan, offers, taught_back });
        }
    }
    actions.push(leave);
    act_all(app, asked, of, actions, &of.path("decision")).await
}

fn needs_reason(app: &App, asked: &Asked, of: &InVisit) -> Response {
    needs(
        app,
        asked,
        of,
        "Doing less than the guideline says needs a reason, in code and in your words.",
    )
}

/// One thing is missing.
pub fn needs(app: &App, asked: &Asked, of: &InVisit, text: &str) -> Response {
    let path = of.path("decision");
    let main = message::page("One thing is missing", text, Some((&path, "Back")));
    let shown = Shown {
        title: "One thing is missing",
        visit: Some((&of.entry, None)),
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}
