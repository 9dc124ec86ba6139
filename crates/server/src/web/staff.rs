//! Handlers of the staff pages: read, decide, record, reply.

pub mod arrival;
pub mod at_home;
pub mod decision;
pub mod downtime;
pub mod examination;
pub mod follow_up;
pub mod for_patient;
pub mod glass;
pub mod handover;
pub mod leaving;
pub mod letter;
pub mod merge;
pub mod messages;
pub mod mri;
pub mod results;
pub mod sheet;
pub mod tasks;
pub mod timeline;
pub mod triage;
pub mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use cauda_guideline::ask::is_withheld;
use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::{FactIndex, Stage};
use cauda_guideline::resolve::Findings;
use cauda_pages::staff::findings::Asking;
use cauda_pages::staff::{Sending, message};
use cauda_pathway::command::Action;
use cauda_pathway::event::What;
use cauda_pathway::identity::{Actor, CommandId, StaffRole, VisitId};
use cauda_pathway::table::Phase;

use super::App;
use super::calendar::Now;
use super::forms::{self, Form};
use super::guard::Asked;
use super::reply::{Shown, to};
use crate::access::AccountRole;
use crate::department::{ActError, Entry};
use crate::ids;

/// A visit that a request is about, and everything its pages show of it.
pub struct InVisit {
    /// The visit.
    pub entry: Arc<Entry>,
    /// Its id.
    pub id: VisitId,
    /// Who acts.
    pub actor: Actor,
    /// Local time.
    pub calendar: Now,
    /// Id of the command of the page's forms.
    command: String,
}

impl InVisit {
    /// The visit of a request, which is from now on the one this person looks at.
    async fn of(app: &App, asked: &Asked, id: &str) -> Result<InVisit, Box<Response>> {
        let nothing = || {
            let back = Some(("/waiting", "To the waiting list"));
            Box::new(app.say(
                asked,
                StatusCode::NOT_FOUND,
                "There is no such visit",
                "Choose one from the list.",
                back,
            ))
        };
        let id = VisitId::new(id).map_err(|_| nothing())?;
        let actor = asked.actor().ok_or_else(nothing)?;
        let entry = match app.department.entry(&id).await {
            Ok(entry) => entry,
            Err(ActError::NoSuchVisit) => return Err(nothing()),
            Err(error) => return Err(Box::new(away(app, asked, &error))),
        };
        if glass::is_closed(app, asked, &id, &entry) {
            return Err(Box::new(glass::question(app, asked, &id, false)));
        }
        app.sessions.look_at(&asked.session.kept, id.as_str());
        Ok(InVisit::with(app, entry, id, actor))
    }

    fn with(app: &App, entry: Arc<Entry>, id: VisitId, actor: Actor) -> InVisit {
        let calendar = app.local_time.now(&app.clock);
        InVisit { entry, id, actor, calendar, command: ids::new_id() }
    }

    /// The visit's path.
    pub fn path(&self, page: &str) -> String {
        format!("/visit/{}/{page}", self.id)
    }

    /// When what a form holds was found: now, or the last time the clock showed what is written.
    ///
    /// # Errors
    /// The fault of the field, when it is no time of day.
    pub fn found_at(&self, app: &App, form: &Form) -> Result<i64, BTreeMap<String, String>> {
        let now = app.department.now();
        let Some(text) = form.get("at") else { return Ok(now) };
        app.local_time.last(text, now).ok_or_else(|| {
            let fault = "write hours and minutes of the last 24 hours, 09:15";
            BTreeMap::from([("main".to_string(), fault.to_string())])
        })
    }

    /// Hidden fields of its forms.
    pub fn sending<'a>(&'a self, asked: &'a Asked) -> Sending<'a> {
        let seen = self.entry.visit.events;
        Sending { csrf: &asked.session.csrf, command: &self.command, seen }
    }

    /// What is known now.
    pub fn known(&self, app: &App) -> Findings {
        cauda_pathway::known(&self.entry.visit, app.department.guideline(), self.now(app))
    }

    /// The answer now, explained.
    pub fn decision(&self, app: &App, stage: Option<Stage>) -> Decision {
        let guideline = app.department.guideline();
        cauda_pathway::explained(&self.entry.visit, guideline, self.now(app), stage)
    }

    fn now(&self, app: &App) -> i64 {
        app.department.now().max(self.entry.visit.latest)
    }

    /// The moment paper that goes along speaks of: now, or when the patient left.
    fn on_paper(&self, app: &App) -> i64 {
        let visit = &self.entry.visit;
        match visit.phase.is_end() || visit.phase == Phase::InTransfer {
            true => visit.phase_since,
            false => self.now(app),
        }
    }
}

/// The visit of the address, or the page that says why not. The guard has let the request in.
impl FromRequestParts<App> for InVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InVisit, Response> {
        let Some(asked) = parts.extensions.get::<Asked>().cloned() else {
            return Err(StatusCode::UNAUTHORIZED.into_response());
        };
        let named = RawPathParams::from_request_parts(parts, app).await;
        let named = named.map_err(IntoResponse::into_response)?;
        let id = named.iter().find(|(name, _)| *name == "id").map_or("", |(_, id)| id);
        InVisit::of(app, &asked, id).await.map_err(|page| *page)
    }
}

/// What a form of questions needs besides the visit.
pub struct Questions {
    known: Findings,
    matters: BTreeSet<FactIndex>,
    withheld: BTreeSet<FactIndex>,
    /// What the patient said at home.
    pub told: BTreeMap<FactIndex, String>,
    /// What was entered and not taken.
    pub entered: BTreeMap<String, String>,
    /// What is wrong with it.
    pub faults: BTreeMap<String, String>,
}

impl Questions {
    /// The questions of a visit, nothing entered.
    pub fn new(app: &App, of: &InVisit, decision: &Decision) -> Questions {
        let guideline = app.department.guideline();
        let matters = decision.missing.iter().filter(|missing| !missing.detail_only);
        let known = of.known(app);
        let patient = known.patient();
        let (_, truths) = decide_with_truths(&guideline.program, &patient);
        let unsafe_now = |fact: &FactIndex| is_withheld(guideline, &patient, &truths, *fact);
        Questions {
            withheld: (0..guideline.facts.len()).filter(unsafe_now).collect(),
            known,
            matters: matters.filter_map(|missing| guideline.fact(&missing.fact)).collect(),
            told: BTreeMap::new(),
            entered: BTreeMap::new(),
            faults: BTreeMap::new(),
        }
    }

    /// With what was entered and not taken.
    pub fn refused(mut self, form: &Form, faults: BTreeMap<String, String>) -> Questions {
        self.entered = form.entered();
        self.faults = faults;
        self
    }

    /// As pages take it.
    pub fn asking<'a>(&'a self, app: &'a App, of: &'a InVisit) -> Asking<'a> {
        Asking {
            guideline: app.department.guideline(),
            visit: &of.entry.visit,
            known: &self.known,
            role: forms::role(of.actor.role),
            entered: &self.entered,
            faults: &self.faults,
            matters: &self.matters,
            told: &self.told,
            withheld: &self.withheld,
            anchors: true,
            calendar: &of.calendar,
        }
    }
}

/// The record is away for a page that needs it.
pub fn away(app: &App, asked: &Asked, error: &ActError) -> Response {
    tracing::error!(%error, "a page could not be made");
    let text = "The record does not answer. Nothing was changed. Open visits can still be read.";
    let back = Some(("/waiting", "To the waiting list"));
    app.say(asked, StatusCode::SERVICE_UNAVAILABLE, "The record is away", text, back)
}

/// Carries out what a form asks for, and goes on to a page; or says why not. What the record did
/// not take is shown with the answer it would lead to, to be printed and sent again.
pub async fn act(app: &App, asked: &Asked, of: &InVisit, action: Action, next: &str) -> Response {
    match app.department.act(&of.actor, &of.id, &asked.command(), action).await {
        Ok(_) => {
            app.sessions.be_sure(&asked.session.kept, of.id.as_str());
            to(next)
        }
        Err(error) => refused(app, asked, of, error),
    }
}

/// Several commands one after the other, each its own by its place.
pub async fn act_all(
    app: &App,
    asked: &Asked,
    of: &InVisit,
    actions: Vec<Action>,
    next: &str,
) -> Response {
    let first = asked.command();
    for (at, action) in actions.into_iter().enumerate() {
        let id = if at == 0 { first.to_string() } else { format!("{first}-{at}") };
        let Ok(command) = CommandId::new(id) else { continue };
        if let Err(error) = app.department.act(&of.actor, &of.id, &command, action).await {
            return refused(app, asked, of, error);
        }
    }
    app.sessions.be_sure(&asked.session.kept, of.id.as_str());
    to(next)
}

/// Why a command was not carried out, as a page.
pub fn refused(app: &App, asked: &Asked, of: &InVisit, error: ActError) -> Response {
    match error {
        ActError::Refused(refusal) => {
            let path = of.path("decision");
            let mut fields = asked.form.kept();
            fields.push(("csrf".to_string(), asked.session.csrf.clone()));
            let back = (path.as_str(), "To the decision");
            let (title, text) = ("Not possible", &refusal.message);
            let main = message::again(title, text, &asked.path, &fields, "Try it again", back);
            let shown = Shown {
                title,
                visit: Some((&of.entry, None)),
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                ..Shown::default()
            };
            app.show(asked, &shown, &main)
        }
        ActError::NotSaved { would_be, error } => not_saved(app, asked, of, *would_be, &error),
        error => away(app, asked, &error),
    }
}

fn not_saved(
    app: &App,
    asked: &Asked,
    of: &InVisit,
    would_be: Entry,
    error: &cauda_store::StoreError,
) -> Response {
    app.metrics.was_not_saved();
    tracing::error!(visit = %of.id, %error, "a command was not saved");
    let unknown = matches!(error, cauda_store::StoreError::OutcomeUnknown(_));
    let what = match (unknown, error) {
        (true, _) => "it is not known whether the record took it.",
        (_, cauda_store::StoreError::Full(_)) => "the disk of the record is full.",
        _ => "the record cannot be reached.",
    };
    let text = format!(
        "{what} Below is the answer with what you entered. Print it, act on it, and send it again; \
         sending it twice does no harm."
    );
    let entry = Arc::new(would_be);
    let shown_of = InVisit::with(app, entry, of.id.clone(), of.actor.clone());
    decision::not_saved(app, asked, &shown_of, text)
}

/// What others did in a visit since this form's page was made, in words. Nothing if it was made
/// of the visit as it is.
pub async fn since(app: &App, asked: &Asked, of: &InVisit) -> Vec<String> {
    let Some(seen) = asked.seen() else { return Vec::new() };
    if seen >= of.entry.visit.events || asked.form.get("looked") == Some(seen.to_string().as_str())
    {
        return Vec::new();
    }
    let Ok(events) = app.department.events(&of.id).await else { return Vec::new() };
    let news = events.iter().skip(seen).filter(|event| {
        event.by.id != of.actor.id
            && match &event.what {
                What::DecisionMade { .. } => true,
                _ => event.by.role != StaffRole::System,
            }
    });
    let words = news.map(|event| {
        let at = cauda_pages::staff::Calendar::clock(&of.calendar, event.at);
        format!("{at} {}: {}", event.by.role.words(), event.what.kind().words())
    });
    words.take(20).collect()
}

/// Before an order, a refusal of one, or a way out: that nothing changed behind the page, and that
/// it is the right patient. The page to answer with, if not.
pub async fn look_twice(app: &App, asked: &Asked, of: &InVisit) -> Option<Response> {
    let news = since(app, asked, of).await;
    if !news.is_empty() {
        return Some(changed(app, asked, of, &news));
    }
    if app.sessions.is_sure(&asked.session.kept, of.id.as_str()) {
        return None;
    }
    let said = asked.form.get("identity").map(|said| is_patient(of, said));
    match said {
        Some(true) => {
            app.sessions.be_sure(&asked.session.kept, of.id.as_str());
            None
        }
        failed => Some(identify(app, asked, of, failed.is_some())),
    }
}

fn changed(app: &App, asked: &Asked, of: &InVisit, news: &[String]) -> Response {
    let mut fields = asked.form.kept();
    fields.retain(|(name, _)| name != "seen" && name != "looked");
    let seen = of.entry.visit.events.to_string();
    fields.push(("seen".to_string(), seen));
    fields.push(("csrf".to_string(), asked.session.csrf.clone()));
    let text = format!(
        "Somebody else wrote about this patient while your page was open, so nothing was done yet: {}. \
         Look at it, then go on if it is still right.",
        news.join("; ")
    );
    let path = of.path("decision");
    let back = (path.as_str(), "Look at the decision first");
    let main =
        message::again("Changed meanwhile", &text, &asked.path, &fields, "It is still right", back);
    let shown = Shown {
        title: "Changed meanwhile",
        visit: Some((&of.entry, None)),
        status: Some(StatusCode::CONFLICT),
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}

fn identify(app: &App, asked: &Asked, of: &InVisit, failed: bool) -> Response {
    let mut fields = asked.form.kept();
    fields.retain(|(name, _)| name != "identity");
    fields.push(("csrf".to_string(), asked.session.csrf.clone()));
    let main = message::identify(&asked.path, &fields, failed, &of.path("decision"));
    let shown = Shown {
        title: "Which patient?",
        visit: Some((&of.entry, None)),
        status: Some(StatusCode::CONFLICT),
        ..Shown::default()
    };
    app.show(asked, &shown, &main)
}

/// Initials and year of birth, as `AL 1984`.
fn is_patient(of: &InVisit, said: &str) -> bool {
    let Some(patient) = &of.entry.patient else { return true };
    let said: String = said.to_uppercase().split(|sign: char| !sign.is_alphanumeric()).collect();
    let name = patient.person.name.as_str().to_uppercase();
    let words = name.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty());
    let mut initials: Vec<char> = words.filter_map(|word| word.chars().next()).collect();
    let mut given: Vec<char> = said.chars().filter(|sign| sign.is_alphabetic()).collect();
    // First and last name, in whichever order they are written.
    initials.sort_unstable();
    given.sort_unstable();
    let year: String = said.chars().filter(char::is_ascii_digit).collect();
    let fits = match patient.person.born {
        Some(born) => year == born.year.to_string(),
        None => true,
    };
    fits && !given.is_empty() && given == initials
}

/// Everybody who could take a patient or follow a result: id, and name with role.
pub async fn colleagues(app: &App) -> Vec<(String, String)> {
    let accounts = app.accounts.all().await.unwrap_or_default();
    let staff = accounts.into_iter().filter(|account| !account.disabled);
    let staff = staff.filter_map(|account| match account.role {
        AccountRole::Staff(role) if role.treats() || role.is_nurse() => {
            Some((account.id.to_string(), format!("{}, {}", account.name, role.words())))
        }
        _ => None,
    });
    staff.collect()
}
