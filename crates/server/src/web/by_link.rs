//! A request by a link of a patient: the visit it opens, in which language, and the frame of the
//! page that answers.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use cauda_pages::patient::{About, PatientFrame, home};
use cauda_pathway::identity::VisitId;
use cauda_words::{Page, Says};
use maud::Markup;

use super::App;
use super::forms::Form;
use super::guard::{form, is_foreign};
use super::reply::{nothing_here, page};
use super::sign_in::peer;
use crate::audit::Seen;
use crate::department::{ActError, Entry};
use crate::languages::Spoken;
use crate::links::Purpose;

/// Most merges and returns that a link is followed through.
const MERGES_MAX: usize = 4;

/// Who asks, read before anything is waited for.
pub(super) struct Asking {
    peer: String,
    method: String,
    route: String,
    writes: bool,
    pub(super) fragment: bool,
    foreign: bool,
    spoken: Spoken,
}

impl Asking {
    pub(super) fn of(app: &App, request: &Request, purpose: Purpose) -> Asking {
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
pub(super) struct ByLink {
    pub(super) id: VisitId,
    pub(super) entry: Arc<Entry>,
    pub(super) revoked: u32,
    /// Its address.
    pub(super) to: String,
    pub(super) spoken: Spoken,
}

/// The visit of a link, or the page that says nothing but that it does not work.
pub(super) async fn by_link(
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
pub(super) async fn sent(
    app: &App,
    token: &str,
    request: Request,
) -> Result<(ByLink, Form), Response> {
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

    pub(super) fn says(&self, spoken: &Spoken) -> Says<'_> {
        self.languages.says(self.department.guideline(), spoken.language)
    }

    pub(super) fn own_frame<'a>(
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
    pub(super) fn own(
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
}
