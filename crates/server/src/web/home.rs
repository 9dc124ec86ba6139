//! The pages of a patient who has a link: what happens in the department, and how it goes at home.
//!
//! A link is the only key. It opens the visit it was made for, tells nothing of it that nobody
//! released, and writes nothing but the patient's own answers.

use std::sync::Arc;

use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Kind, Role};
use cauda_guideline::visit::read_value;
use cauda_pages::patient::home::{self, Then, id};
use cauda_pages::patient::{About, PatientFrame, waiting};
use cauda_pathway::check_in::{Course, Daily, Round, Signs, Stop, Told, Tried, Work};
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Found};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole, VisitId};
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;
use cauda_patient::UNSURE;
use cauda_words::{Page, Says};
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
use crate::languages::Spoken;
use crate::links::Purpose;

const DAY: i64 = 86_400;
/// How long after a sign its details are taken, in seconds.
const DETAILS_SECONDS: i64 = 3_600;
/// Most merges and returns that a link is followed through.
const MERGES_MAX: usize = 4;
/// Most lines of the return list that are taken from a form.
const LINES_MAX: usize = 16;

/// Who asks, read before anything is waited for.
struct Asking {
    peer: String,
    method: String,
    route: String,
    writes: bool,
    fragment: bool,
    foreign: bool,
    spoken: Spoken,
}

impl Asking {
    fn of(app: &App, request: &Request, purpose: Purpose) -> Asking {
        let route = request.extensions().get::<MatchedPath>();
        let wants = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let page = match purpose {
            Purpose::Waiting => Page::Waiting,
            Purpose::Home => Page::Home,
        };
        Asking {
            peer: peer(app, request),
            method: request.method().to_string(),
            route: route.map_or_else(String::new, |route| route.as_str().to_string()),
            writes: request.method() == Method::POST,
            fragment: request.headers().contains_key("cauda-fragment"),
            foreign: is_foreign(request.headers()),
            spoken: app.languages.spoken(page, request.uri().query(), wants),
        }
    }
}

/// A request by a link.
struct ByLink {
    id: VisitId,
    entry: Arc<Entry>,
    revoked: u32,
    /// Its address.
    to: String,
    spoken: Spoken,
}

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
    let spoken = &asking.spoken;
    let broken = || {
        let waits = !app.limits.broken_links.takes(&asking.peer, app.clock.now());
        match waits {
            true => app.own(spoken, StatusCode::TOO_MANY_REQUESTS, "title-many", home::busy),
            false => app.own(spoken, StatusCode::NOT_FOUND, "no-link-heading", home::no_link),
        }
    };
    let link = app.links.read(token, purpose, app.clock.now()).ok_or_else(broken)?;
    // Reading is limited by link, so that nobody is kept out by a neighbour; sending never is.
    let key = format!("{} {}", link.visit, purpose.path());
    if !asking.writes && !app.limits.links.takes(&key, app.clock.now()) {
        return Err(app.own(spoken, StatusCode::TOO_MANY_REQUESTS, "title-many", home::busy));
    }
    let to = format!("{}{token}", purpose.path());
    let mut id = link.visit.clone();
    let mut entry = app.of_link(&id, &to, spoken).await?.ok_or_else(broken)?;
    let revoked = entry.visit.links_revoked;
    if revoked != link.revoked || entry.patient.is_none() {
        return Err(broken());
    }
    // What is told goes on to the visit that this one belongs to, or in which the patient came
    // back; what was released stays here, as a merge can be wrong.
    for _ in 0..MERGES_MAX {
        let next = entry.visit.merged_into.as_ref().or(entry.visit.returned_to.as_ref());
        let Some(into) = next.cloned() else { break };
        if purpose == Purpose::Waiting {
            return Err(broken());
        }
        entry = app
            .of_link(&into, &to, spoken)
            .await?
            .filter(|e| e.patient.is_some())
            .ok_or_else(broken)?;
        id = into;
    }
    app.audit.note(Seen {
        at: app.clock.now(),
        actor: "patient".to_string(),
        role: "patient",
        act: "own link",
        method: asking.method.clone(),
        route: asking.route.clone(),
        visit: Some(link.visit.to_string()),
    });
    Ok(ByLink { id, entry, revoked, to, spoken: spoken.clone() })
}

/// A form that came by a link.
async fn sent(app: &App, token: &str, request: Request) -> Result<(ByLink, Form), Response> {
    let asking = Asking::of(app, &request, Purpose::Home);
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
    async fn of_link(
        &self,
        id: &VisitId,
        to: &str,
        spoken: &Spoken,
    ) -> Result<Option<Arc<Entry>>, Response> {
        match self.department.entry(id).await {
            Ok(entry) => Ok(Some(entry)),
            Err(ActError::NoSuchVisit) => Ok(None),
            Err(error) => {
                tracing::error!(%error, "a page of a patient could not be made");
                let away = |frame: &PatientFrame| home::away(frame, to, &[]);
                Err(self.own(spoken, StatusCode::SERVICE_UNAVAILABLE, "title-not-now", away))
            }
        }
    }

    fn says(&self, spoken: &Spoken) -> Says<'_> {
        self.languages.says(self.department.guideline(), spoken.language)
    }

    fn own_frame<'a>(
        &'a self,
        spoken: &'a Spoken,
        title: &'a str,
        live: Option<&'a str>,
    ) -> PatientFrame<'a> {
        PatientFrame {
            title,
            department: &self.config.department,
            emergency_number: self.config.emergency_number.as_deref(),
            demo: self.config.demo,
            says: self.says(spoken),
            languages: self.languages.of(spoken.page),
            here: None,
            query: &spoken.query,
            about: About::Own { telephone: self.config.telephone.as_deref(), live },
        }
    }

    /// A page; `title` is the id of its words.
    fn own(
        &self,
        spoken: &Spoken,
        status: StatusCode,
        title: &str,
        main: impl FnOnce(&PatientFrame) -> Markup,
    ) -> Response {
        let title = self.says(spoken).say(title);
        let frame = self.own_frame(spoken, &title, None);
        let main = main(&frame);
        page(status, frame.page(&main))
    }

    fn ask(&self, of: &ByLink, entered: &[(String, String)], status: StatusCode) -> Response {
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
