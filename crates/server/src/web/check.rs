//! The self-check for patients: no account, nothing kept. The answers travel from page to page.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use cauda_pages::patient::{About, PatientFrame, check};
use cauda_patient::vignette::{self, Figures};
use cauda_patient::{Answers, Topic, code, outcome};
use cauda_words::Says;
use maud::Markup;

use super::App;
use super::forms::Form;
use super::guard::{form, is_foreign};
use super::reply::{nothing_here, page};
use super::sign_in::peer;

/// The first page.
pub async fn start(State(app): State<App>) -> Response {
    match app.config.self_check {
        true => app.show_patient(StatusCode::OK, "Back pain check", check::start),
        false => off(&app).await,
    }
}

/// What it is, and how well it does.
pub async fn about(State(app): State<App>) -> Response {
    if !app.config.self_check {
        return off(&app).await;
    }
    let guideline = app.department.guideline();
    let figures = app.self_check_figures.get_or_init(|| {
        let vignettes = vignette::shipped().ok()?;
        vignette::figures(guideline, &vignettes, app.clock.now()).ok()
    });
    let figures: Option<Figures> = figures.clone();
    app.show_patient(StatusCode::OK, "About the check", |frame| {
        check::about(frame, figures.as_ref())
    })
}

/// A page was finished, or the one before is wanted again.
pub async fn step(State(app): State<App>, request: Request) -> Response {
    if !app.config.self_check {
        return off(&app).await;
    }
    let (peer, foreign) = (peer(&app, &request), is_foreign(request.headers()));
    // Read to its end first, so that the answer arrives.
    let (_, form) = form(request).await;
    if !app.limits.check.takes(&peer, app.clock.now()) {
        return app.show_patient(StatusCode::TOO_MANY_REQUESTS, "Many people ask", check::busy);
    }
    // Another site must not show an outcome in the name of this department.
    let form = form.filter(|_| !foreign).unwrap_or_default();
    let guideline = app.department.guideline();
    let edition = code::edition(guideline).to_string();
    let is_begun = form.of("t.").next().is_some() || form.of("f.").next().is_some();
    if is_begun && form.get("edition") != Some(edition.as_str()) {
        return app.show_patient(StatusCode::CONFLICT, "Start again", check::changed);
    }
    let fields = with_units(&form);
    let read = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (mut answers, faults) = Answers::read(guideline, read);
    if let Some(topic) = form.get("back").and_then(topic_of) {
        return app.topic(topic, &answers, &BTreeMap::new(), StatusCode::OK);
    }
    // A page with an answer that cannot be read is not finished.
    let faulty = Topic::ALL.into_iter().find(|topic| {
        let facts = topic.facts(guideline);
        facts.iter().any(|fact| faults.contains_key(&guideline.facts[*fact].id))
    });
    if faulty.is_none() && !faults.is_empty() {
        return app.show_patient(StatusCode::CONFLICT, "Start again", check::changed);
    }
    if let Some(topic) = faulty {
        answers.reopen(topic);
        return app.topic(topic, &answers, &faults, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let now = app.department.now();
    match (outcome(guideline, &answers, now), answers.next()) {
        (Some(outcome), _) => {
            let code = code::write(guideline, &answers, now);
            app.show_patient(StatusCode::OK, "Where to go", |frame| {
                check::result(frame, &outcome, &answers, &code)
            })
        }
        (None, next) => {
            let topic = next.unwrap_or(Topic::You);
            app.topic(topic, &answers, &BTreeMap::new(), StatusCode::OK)
        }
    }
}

fn topic_of(id: &str) -> Option<Topic> {
    Topic::ALL.into_iter().find(|topic| topic.id() == id)
}

/// Numbers with the unit that was chosen beside them.
fn with_units(form: &Form) -> Vec<(String, String)> {
    let unit_of = |name: &str| form.get(&format!("u.{}", name.strip_prefix("f.")?));
    let fields = form.fields().iter().map(|(name, value)| {
        let has_letters = value.chars().any(char::is_alphabetic);
        match unit_of(name).filter(|_| !has_letters && !value.trim().is_empty()) {
            Some(unit) => (name.clone(), format!("{} {unit}", value.trim())),
            None => (name.clone(), value.clone()),
        }
    });
    fields.collect()
}

async fn off(app: &App) -> Response {
    nothing_here(State(app.clone()), Uri::default()).await
}

impl App {
    fn show_patient(
        &self,
        status: StatusCode,
        title: &str,
        main: impl FnOnce(&PatientFrame) -> Markup,
    ) -> Response {
        let frame = PatientFrame {
            title,
            department: &self.config.department,
            emergency_number: self.config.emergency_number.as_deref(),
            demo: self.config.demo,
            says: Says::english(self.department.guideline()),
            languages: &[],
            here: None,
            query: "",
            about: About::Check,
        };
        let main = main(&frame);
        page(status, frame.page(&main))
    }

    fn topic(
        &self,
        topic: Topic,
        answers: &Answers,
        faults: &BTreeMap<String, String>,
        status: StatusCode,
    ) -> Response {
        let guideline = self.department.guideline();
        let main = check::topic(guideline, topic, answers, faults);
        self.show_patient(status, topic.question(), |_| main)
    }
}
