//! The pages of a patient who has a link: what happens in the department, and how it goes at home.
//!
//! A link is the only key. It opens the visit it was made for, tells nothing of it that nobody
//! released, and writes nothing but the patient's own answers.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Kind, Role};
use cauda_guideline::visit::read_value;
use cauda_pages::patient::home::{self, Then, id};
use cauda_pages::patient::{PatientFrame, waiting};
use cauda_pathway::check_in::{Course, Daily, Round, Signs, Stop, Told, Tried, Work};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole};
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;
use cauda_patient::UNSURE;

use super::App;
use super::by_link::{Asking, ByLink, by_link, sent};
use super::forms::Form;
use super::live;
use super::reply::page;
use crate::department::ActError;
use crate::ids;
use crate::links::Purpose;

const DAY: i64 = 86_400;
/// How long after a sign its details are taken, in seconds.
const DETAILS_SECONDS: i64 = 3_600;
/// Most lines of the return list that are taken from a form.
const LINES_MAX: usize = 16;

/// The waiting page.
pub async fn waits(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request, Purpose::Waiting);
    let of = match by_link(&app, &token, Purpose::Waiting, &asking).await {
        Ok(of) => of,
        Err(page) => return page,
    };
    let live = format!("{}/live", of.to);
    let live = Some(live.as_str()).filter(|_| of.entry.visit.phase.is_live());
    let title = app.says(&of.spoken).say("waiting-heading");
    let frame = PatientFrame { here: Some(&of.to), ..app.own_frame(&of.spoken, &title, live) };
    let main = waiting::page(&frame, &of.entry.visit);
    match asking.fragment {
        true => page(StatusCode::OK, main.into_string()),
        false => page(StatusCode::OK, frame.page(&main)),
    }
}

/// Tells the waiting page that its own visit changed, and nothing else.
pub async fn live(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request, Purpose::Waiting);
    match by_link(&app, &token, Purpose::Waiting, &asking).await {
        Ok(of) => live::of_own_visit(app, of.id, of.revoked),
        Err(page) => page,
    }
}

/// The questions.
pub async fn asks(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request, Purpose::Home);
    match by_link(&app, &token, Purpose::Home, &asking).await {
        Ok(of) => app.ask(&of, &[], StatusCode::OK),
        Err(page) => page,
    }
}

/// An answer. A sign is answered by "call now" whether or not it can be written down.
pub async fn answers(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let told = told(app.department.guideline(), &form);
    let visit = &of.entry.visit;
    if told.signs == Signs::Some {
        let is_known = match is_recalled(visit) {
            // Somebody is on the way to this patient already; once is enough.
            true => true,
            false => app.answer(&of, &form, &told).await.is_some(),
        };
        let command = ids::new_id();
        return app.own(&of.spoken, StatusCode::OK, "title-call-now", |frame| {
            home::danger(frame, &told, &of.to, &command, is_known)
        });
    }
    if !visit.phase.is_alive_end() {
        return app.ask(&of, &[], StatusCode::OK);
    }
    if form.get("signs").is_none() {
        return app.ask(&of, form.fields(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let is_counted = app.limits.answers.takes(of.id.as_str(), app.clock.now());
    let after = if is_counted { app.answer(&of, &form, &told).await } else { None };
    // Who is called today already is called, whatever else is sent.
    let called = has(visit, TaskKind::CallAboutSigns) && told.signs == Signs::Unsure;
    let (then, again) = match &after {
        Some(after) => (then(after, &told), after.at_home.next().is_some()),
        None if called => (Then::CallToday, true),
        None => {
            return app.own(
                &of.spoken,
                StatusCode::SERVICE_UNAVAILABLE,
                "title-not-saved",
                |frame| home::away(frame, &of.to, form.fields()),
            );
        }
    };
    let again = again && after.as_ref().is_none_or(|after| after.at_home.stopped.is_none());
    app.own(&of.spoken, StatusCode::OK, "thanks-heading", |frame| home::thanks(frame, then, again))
}

fn has(visit: &Visit, kind: TaskKind) -> bool {
    visit.open_tasks().any(|task| task.kind == kind)
}

/// Whether somebody already has it that this patient must be reached, or heard in the room.
fn is_recalled(visit: &Visit) -> bool {
    let recalls = [
        TaskKind::Recall,
        TaskKind::WelfareCheck,
        TaskKind::TellReceiver,
        TaskKind::AnswerWorsening,
    ];
    recalls.into_iter().any(|kind| has(visit, kind))
}

/// What a sign is, for whoever sees the patient next.
pub async fn tells_more(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let guideline = app.department.guideline();
    let at = app.department.now();
    // Only what belongs to the sign that was just told, and no "no": who holds the link is not
    // known well enough to take a danger back.
    let danger = of.entry.visit.at_home.danger();
    let danger = danger.filter(|danger| at - danger.at <= DETAILS_SECONDS);
    let asked = danger.map(|danger| home::details(guideline, &danger.lines)).unwrap_or_default();
    let findings = form.of("f.").filter_map(|(id, value)| {
        let index = guideline.fact(id).filter(|index| asked.contains(index))?;
        let fact = &guideline.facts[index];
        let is_told = match (&fact.kind, fact.value_index(value)) {
            (Kind::Named { dangerous, .. }, Some(value)) => dangerous[value],
            _ => value == UNSURE,
        };
        (is_told && read_value(fact, value).is_ok()).then(|| FindingSaid {
            fact: id.to_string(),
            value: value.to_string(),
            said_by: Role::Patient,
            at,
            limited_by_pain: false,
        })
    });
    let findings: Vec<FindingSaid> = findings.collect();
    let counted = !findings.is_empty() && app.limits.answers.takes(of.id.as_str(), at);
    let kept = match counted && of.entry.visit.phase.is_alive_end() {
        true => {
            let found = Found { findings, signed: Vec::new() };
            app.act_by_link(&of, &form, "more", Action::Record { found }).await.is_some()
        }
        false => false,
    };
    app.own(&of.spoken, StatusCode::OK, "title-call-now", |frame| home::noted(frame, kept))
}

/// No more questions.
pub async fn stops(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let (action, wrong) = match form.get("why") {
        Some("wrong") => (Action::DisownLink, true),
        Some("asks") => (Action::StopCheckIns { why: Stop::PatientAsks, words: None }, false),
        _ => return app.ask(&of, &[], StatusCode::OK),
    };
    let stops = format!("{} stop", of.id);
    if !of.entry.visit.phase.is_alive_end() || !app.limits.answers.takes(&stops, app.clock.now()) {
        return app.ask(&of, &[], StatusCode::OK);
    }
    match app.act_by_link(&of, &form, "stop", action).await {
        Some(_) => app
            .own(&of.spoken, StatusCode::OK, "title-at-home", |frame| home::stopped(frame, wrong)),
        None => app.own(&of.spoken, StatusCode::SERVICE_UNAVAILABLE, "title-not-saved", |frame| {
            home::away(frame, &format!("{}/stop", of.to), form.fields())
        }),
    }
}

/// What a form tells. A value that is none of the form's counts as not answered; a line that is
/// none of the guideline's is a sign all the same.
pub fn told(guideline: &Guideline, form: &Form) -> Told {
    let all = |name: &str| -> Vec<String> {
        let of_name = form.fields().iter().filter(|(known, _)| known == name);
        of_name.map(|(_, value)| value.clone()).take(LINES_MAX).collect()
    };
    let ticked = all("line");
    let known = |line: &String| guideline.vocabulary.get("return", line).is_some();
    let lines: Vec<String> = ticked.iter().filter(|line| known(line)).cloned().collect();
    let tried = all("tried");
    let chosen = Tried::ALL.iter().copied().filter(|known| tried.contains(&id(known)));
    Told {
        signs: match form.get("signs") {
            _ if !ticked.is_empty() => Signs::Some,
            Some("none") => Signs::None,
            _ => Signs::Unsure,
        },
        lines,
        pain: form.get("pain").and_then(|pain| pain.parse().ok()).filter(|pain| *pain <= 10),
        course: chosen_of(Course::ALL, form.get("course")),
        daily: chosen_of(Daily::ALL, form.get("daily")),
        work: chosen_of(Work::ALL, form.get("work")),
        tried: (!tried.is_empty()).then(|| chosen.collect()),
    }
}

fn chosen_of<T: Copy + serde::Serialize>(all: &[T], said: Option<&str>) -> Option<T> {
    all.iter().copied().find(|known| Some(id(known).as_str()) == said)
}

/// What an answer leads to, from what the visit says after it: each promise has its task.
fn then(after: &Visit, told: &Told) -> Then {
    let is_checked = after.phase == Phase::Discharged && after.is_adult();
    let better = told.course == Some(Course::Better);
    let weeks = after.since_left(after.latest) >= Round::DayFourteen.days() * DAY;
    match () {
        () if has(after, TaskKind::CallAboutSigns) => Then::CallToday,
        () if has(after, TaskKind::CallAtHome) => Then::Call,
        () if has(after, TaskKind::LookAgain) && !better => Then::LookAgain,
        () if !is_checked => Then::NotChecked,
        () if better => Then::Better,
        () if weeks => Then::SeeDoctor,
        () => Then::GoOn,
    }
}

impl App {
    pub(super) fn ask(
        &self,
        of: &ByLink,
        entered: &[(String, String)],
        status: StatusCode,
    ) -> Response {
        let visit = &of.entry.visit;
        if !visit.phase.is_alive_end() {
            let here = visit.phase.is_live();
            return self.own(&of.spoken, StatusCode::OK, "title-at-home", |frame| match here {
                true => home::still_here(frame),
                false => home::closed(frame),
            });
        }
        let command = ids::new_id();
        let fault = status != StatusCode::OK;
        let title = self.says(&of.spoken).say("ask-heading");
        let frame = PatientFrame { here: Some(&of.to), ..self.own_frame(&of.spoken, &title, None) };
        let form = home::Form { to: &of.to, command: &command, entered, fault };
        page(status, frame.page(&home::ask(&frame, &form)))
    }

    /// Writes an answer down.
    async fn answer(&self, of: &ByLink, form: &Form, told: &Told) -> Option<Visit> {
        let action = Action::AnswerCheckIn { told: told.clone(), found: Found::default() };
        self.act_by_link(of, form, "answer", action).await
    }

    /// The visit after it; nothing if it was not written down.
    async fn act_by_link(
        &self,
        of: &ByLink,
        form: &Form,
        what: &str,
        action: Action,
    ) -> Option<Visit> {
        let mut said: Vec<String> =
            form.fields().iter().map(|(name, value)| format!("{name}={value}")).collect();
        said.sort();
        let id = ids::kept(&format!("{} {what} {}", of.id, said.join("&")));
        let command = CommandId::new(id.get(..40)?).ok()?;
        let actor = Actor { id: ActorId::new("patient").ok()?, role: StaffRole::System };
        match self.department.act(&actor, &of.id, &command, action).await {
            Ok(after) => Some(after.visit.clone()),
            Err(ActError::Refused(refusal)) => {
                tracing::warn!(visit = %of.id, why = refusal.why.words(), "an answer was refused");
                None
            }
            Err(error) => {
                tracing::error!(visit = %of.id, %error, "an answer was not saved");
                None
            }
        }
    }
}
