//! The pages of a patient who has a link: what happens in the department, and how it goes at home.
//!
//! A link is the only key. It opens the visit it was made for, tells nothing of it that nobody
//! released, and writes nothing but the patient's own answers.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use cauda_guideline::facts::Role;
use cauda_guideline::visit::read_value;
use cauda_pages::patient::home::{self, Then, id};
use cauda_pages::patient::{About, PatientFrame, waiting};
use cauda_pathway::check_in::{Course, Daily, Signs, Stop, Told, Tried, Work};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole, VisitId};
use cauda_pathway::visit::Visit;
use maud::Markup;

use super::App;
use super::forms::Form;
use super::guard::{form, is_foreign};
use super::live;
use super::reply::{nothing_here, page};
use super::sign_in::peer;
use crate::audit::Seen;
use crate::department::{ActError, Entry};
use crate::ids;
use crate::links::Purpose;

/// Most merges that a link is followed through.
const MERGES_MAX: usize = 4;
/// Most lines of the return list that are taken from a form.
const LINES_MAX: usize = 16;

/// Who asks, read before anything is waited for.
struct Asking {
    peer: String,
    method: String,
    fragment: bool,
    foreign: bool,
}

impl Asking {
    fn of(app: &App, request: &Request) -> Asking {
        Asking {
            peer: peer(app, request),
            method: request.method().to_string(),
            fragment: request.headers().contains_key("cauda-fragment"),
            foreign: is_foreign(request.headers()),
        }
    }
}

/// A request by a link.
struct ByLink {
    id: VisitId,
    entry: Arc<Entry>,
    /// Its address.
    to: String,
}

/// The waiting page.
pub async fn waits(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request);
    let of = match by_link(&app, &token, Purpose::Waiting, &asking).await {
        Ok(of) => of,
        Err(page) => return page,
    };
    let live = format!("{}/live", of.to);
    let live = Some(live.as_str()).filter(|_| of.entry.visit.phase.is_live());
    let frame = app.own_frame("Your visit", live);
    let main = waiting::page(&frame, &of.entry.visit);
    match asking.fragment {
        true => page(StatusCode::OK, main.into_string()),
        false => page(StatusCode::OK, frame.page(&main)),
    }
}

/// Tells the waiting page that its own visit changed, and nothing else.
pub async fn live(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request);
    match by_link(&app, &token, Purpose::Waiting, &asking).await {
        Ok(of) => live::of_own_visit(app, of.id.to_string()),
        Err(page) => page,
    }
}

/// The questions.
pub async fn asks(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let asking = Asking::of(&app, &request);
    match by_link(&app, &token, Purpose::Home, &asking).await {
        Ok(of) => app.ask(&of, &[], StatusCode::OK),
        Err(page) => page,
    }
}

/// An answer. What cannot be written down is still answered: a sign means calling for help.
pub async fn answers(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let told = told(&form);
    let danger = !told.lines.is_empty();
    if !danger && form.get("signs").is_none() {
        return app.ask(&of, form.fields(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    if of.entry.visit.phase.is_live() && !danger {
        return app.own(StatusCode::OK, "At home", |_| home::still_here());
    }
    let action = Action::AnswerCheckIn { told: told.clone(), found: Found::default() };
    // Who is still here and tells of a sign is answered the same; a nurse hears it in the room.
    let written = match of.entry.visit.phase.is_alive_end() {
        true => app.act_by_link(&of, &form, "answer", action).await,
        false => None,
    };
    if danger {
        let command = ids::new_id();
        return app.own(StatusCode::OK, "Call now", |frame| {
            home::danger(frame, &told, &of.to, &command, written.is_some())
        });
    }
    match written {
        Some(after) => {
            app.own(StatusCode::OK, "Thank you", |frame| home::thanks(frame, then(&after, &told)))
        }
        None => app.own(StatusCode::SERVICE_UNAVAILABLE, "Not saved", |frame| {
            home::away(frame, &of.to, form.fields())
        }),
    }
}

/// What a sign is, for whoever sees the patient next.
pub async fn tells_more(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let guideline = app.department.guideline();
    let at = app.department.now();
    let findings = form.of("f.").filter_map(|(id, value)| {
        let fact = &guideline.facts[guideline.fact(id)?];
        let may = fact.asked_of.contains(&Role::Patient) && read_value(fact, value).is_ok();
        may.then(|| FindingSaid {
            fact: id.to_string(),
            value: value.to_string(),
            said_by: Role::Patient,
            at,
            limited_by_pain: false,
        })
    });
    let findings: Vec<FindingSaid> = findings.collect();
    if !findings.is_empty() && of.entry.visit.phase.is_alive_end() {
        let found = Found { findings, signed: Vec::new() };
        app.act_by_link(&of, &form, "more", Action::Record { found }).await;
    }
    app.own(StatusCode::OK, "Call now", home::noted)
}

/// No more questions.
pub async fn stops(State(app): State<App>, token: Path<String>, request: Request) -> Response {
    let (of, form) = match sent(&app, &token, request).await {
        Ok(sent) => sent,
        Err(page) => return page,
    };
    let (why, wrong) = match form.get("why") {
        Some("wrong") => (Stop::WrongPerson, true),
        Some("asks") => (Stop::PatientAsks, false),
        _ => return app.ask(&of, &[], StatusCode::OK),
    };
    if of.entry.visit.at_home.rounds.is_empty() {
        return app.own(StatusCode::OK, "At home", |_| home::still_here());
    }
    let action = Action::StopCheckIns { why, words: None };
    match app.act_by_link(&of, &form, "stop", action).await {
        Some(_) => app.own(StatusCode::OK, "At home", |frame| home::stopped(frame, wrong)),
        None => app.own(StatusCode::SERVICE_UNAVAILABLE, "Not saved", |frame| {
            home::away(frame, &format!("{}/stop", of.to), form.fields())
        }),
    }
}

/// What a form tells. A value that is none of the form's counts as not answered.
pub fn told(form: &Form) -> Told {
    let all = |name: &str| -> Vec<String> {
        let of_name = form.fields().iter().filter(|(known, _)| known == name);
        of_name.map(|(_, value)| value.clone()).take(LINES_MAX).collect()
    };
    let lines = all("line");
    let tried = all("tried");
    let chosen = Tried::ALL.iter().copied().filter(|known| tried.contains(&id(known)));
    Told {
        signs: match form.get("signs") {
            _ if !lines.is_empty() => Signs::Some,
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

/// What an answer leads to, from what the visit says after it.
fn then(after: &Visit, told: &Told) -> Then {
    let has = |kind: TaskKind| after.open_tasks().any(|task| task.kind == kind);
    match told.signs {
        Signs::Unsure => Then::CallToday,
        _ if told.course == Some(Course::Better) => match after.at_home.stopped {
            Some(Stop::Better) => Then::Better,
            _ => Then::GoOn,
        },
        _ if has(TaskKind::LookAgain) => Then::LookAgain,
        _ if told.course == Some(Course::Worse) => Then::Call,
        _ => Then::GoOn,
    }
}

/// The visit of a link, or the page that says nothing but that it does not work.
async fn by_link(
    app: &App,
    token: &str,
    purpose: Purpose,
    asking: &Asking,
) -> Result<ByLink, Response> {
    if app.config.patient_url.is_none() {
        return Err(nothing_here(State(app.clone()), Uri::default()).await);
    }
    if !app.limits.links.takes(&asking.peer, app.clock.now()) {
        return Err(app.own(StatusCode::TOO_MANY_REQUESTS, "Many people ask", home::busy));
    }
    let broken = || app.own(StatusCode::NOT_FOUND, "This link does not work", home::no_link);
    let link = app.links.read(token, purpose, app.clock.now()).ok_or_else(broken)?;
    let to = format!("{}{token}", purpose.path());
    let mut id = link.visit;
    let mut entry = app.of_link(&id, &to).await?.ok_or_else(broken)?;
    if entry.visit.links_revoked != link.revoked || entry.patient.is_none() {
        return Err(broken());
    }
    // What is told goes on to the visit that this one belongs to; what was released stays here,
    // as a merge can be wrong.
    for _ in 0..MERGES_MAX {
        let Some(into) = entry.visit.merged_into.clone() else { break };
        if purpose == Purpose::Waiting {
            return Err(broken());
        }
        entry = app.of_link(&into, &to).await?.ok_or_else(broken)?;
        id = into;
    }
    app.audit.note(Seen {
        at: app.clock.now(),
        actor: "patient".to_string(),
        role: "patient",
        act: "own link",
        method: asking.method.clone(),
        route: format!("{}{{token}}", purpose.path()),
        visit: Some(id.to_string()),
    });
    Ok(ByLink { id, entry, to })
}

/// A form that came by a link.
async fn sent(app: &App, token: &str, request: Request) -> Result<(ByLink, Form), Response> {
    let asking = Asking::of(app, &request);
    let of = by_link(app, token, Purpose::Home, &asking).await;
    // Read to its end first, so that the answer arrives.
    let (_, form) = form(request).await;
    let of = of?;
    match form.filter(|_| !asking.foreign) {
        Some(form) => Ok((of, form)),
        None => Err(app.ask(&of, &[], StatusCode::UNPROCESSABLE_ENTITY)),
    }
}

impl App {
    /// A visit of a link; nothing where there is none.
    async fn of_link(&self, id: &VisitId, to: &str) -> Result<Option<Arc<Entry>>, Response> {
        match self.department.entry(id).await {
            Ok(entry) => Ok(Some(entry)),
            Err(ActError::NoSuchVisit) => Ok(None),
            Err(error) => {
                tracing::error!(%error, "a page of a patient could not be made");
                let away = |frame: &PatientFrame| home::away(frame, to, &[]);
                Err(self.own(StatusCode::SERVICE_UNAVAILABLE, "Not now", away))
            }
        }
    }

    pub(super) fn own_frame<'a>(
        &'a self,
        title: &'a str,
        live: Option<&'a str>,
    ) -> PatientFrame<'a> {
        PatientFrame {
            title,
            department: &self.config.department,
            emergency_number: self.config.emergency_number.as_deref(),
            demo: self.config.demo,
            guideline: self.department.guideline(),
            about: About::Own { telephone: self.config.telephone.as_deref(), live },
        }
    }

    fn own(
        &self,
        status: StatusCode,
        title: &str,
        main: impl FnOnce(&PatientFrame) -> Markup,
    ) -> Response {
        let frame = self.own_frame(title, None);
        let main = main(&frame);
        page(status, frame.page(&main))
    }

    fn ask(&self, of: &ByLink, entered: &[(String, String)], status: StatusCode) -> Response {
        let visit = &of.entry.visit;
        if !visit.phase.is_alive_end() {
            return self.own(StatusCode::OK, "At home", |_| home::still_here());
        }
        let command = ids::new_id();
        let fault = status != StatusCode::OK;
        self.own(status, "How is your back?", |frame| {
            home::ask(frame, &home::Form { to: &of.to, command: &command, entered, fault })
        })
    }

    /// The visit after it; nothing if it was not written down.
    async fn act_by_link(
        &self,
        of: &ByLink,
        form: &Form,
        what: &str,
        action: Action,
    ) -> Option<Visit> {
        if !self.limits.answers.takes(of.id.as_str(), self.clock.now()) {
            tracing::warn!(visit = %of.id, "more answers by one link than are written down");
            return None;
        }
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
