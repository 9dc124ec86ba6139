//! Answers: pages, redirections, errors. No error repeats what a request held.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use cauda_pages::staff::{Frame, InVisit, Tab, Who, message};
use maud::Markup;

use super::App;
use super::ehr::calling;
use super::guard::Asked;
use crate::access::{AccountRole, Act};
use crate::department::Entry;

/// What is special about a page.
#[derive(Clone, Default)]
pub struct Shown<'a> {
    /// Heading of the window.
    pub title: &'a str,
    /// Its link on top.
    pub here: &'a str,
    /// The visit it is about.
    pub visit: Option<(&'a Entry, Option<Tab>)>,
    /// It shows many visits.
    pub follows_all: bool,
    /// What was just done.
    pub notice: Option<String>,
    /// What was not saved.
    pub not_saved: Option<String>,
    /// The status, 200 if nothing is said.
    pub status: Option<StatusCode>,
}

impl App {
    /// A page for somebody who is signed in.
    pub fn show(&self, asked: &Asked, shown: &Shown, main: &Markup) -> Response {
        let calendar = self.local_time.now(&self.clock);
        let account = &asked.session.account;
        let may = |act| account.role.may(act);
        let who = Who {
            name: &account.name,
            role: account.role.words(),
            csrf: &asked.session.csrf,
            sees_visits: may(Act::SeeVisit),
            follows_up: may(Act::FollowUp),
            registers: may(Act::Register),
            reviews: may(Act::Review),
            keeps_accounts: may(Act::ManageAccounts),
            sees_scanner: may(Act::SeeVisit) && self.scans.is_some(),
            is_staff: matches!(account.role, AccountRole::Staff(_)),
        };
        let others = match shown.visit.and_then(|(entry, _)| entry.visit.identity.as_ref()) {
            Some(identity) => self.sessions.others(identity.visit.as_str(), &asked.session.kept),
            None => Vec::new(),
        };
        let frame = Frame {
            title: shown.title,
            department: &self.config.department,
            who: Some(who),
            demo: self.config.demo,
            here: shown.here,
            visit: shown.visit.map(|(entry, tab)| InVisit {
                visit: &entry.visit,
                patient: entry.patient.as_deref(),
                tab,
                others: &others,
            }),
            is_answer: asked.writes,
            follows_all: shown.follows_all,
            idle_seconds: i64::from(self.config.idle_minutes) * 60,
            not_saved: shown.not_saved.as_deref(),
            notice: shown.notice.as_deref(),
            guideline: self.department.guideline(),
            calendar: &calendar,
        };
        let text = match asked.fragment {
            true => frame.main(main).into_string(),
            false => frame.page(main),
        };
        page(shown.status.unwrap_or(StatusCode::OK), text)
    }

    /// A page for somebody who is not.
    pub fn show_outside(&self, status: StatusCode, title: &str, main: &Markup) -> Response {
        let calendar = self.local_time.now(&self.clock);
        let frame = Frame {
            title,
            department: &self.config.department,
            who: None,
            demo: self.config.demo,
            here: "",
            visit: None,
            is_answer: false,
            follows_all: false,
            idle_seconds: 0,
            not_saved: None,
            notice: None,
            guideline: self.department.guideline(),
            calendar: &calendar,
        };
        page(status, frame.page(main))
    }

    /// One sentence, for somebody who is signed in.
    pub fn say(
        &self,
        asked: &Asked,
        status: StatusCode,
        title: &str,
        text: &str,
        back: Option<(&str, &str)>,
    ) -> Response {
        let main = message::page(title, text, back);
        self.show(asked, &Shown { title, status: Some(status), ..Shown::default() }, &main)
    }

    /// One sentence for anybody.
    pub fn say_outside(&self, status: StatusCode, title: &str, text: &str) -> Response {
        let main = message::page(title, text, Some(("/", "To the first page")));
        self.show_outside(status, title, &main)
    }
}

pub fn page(status: StatusCode, text: String) -> Response {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(header::CONTENT_TYPE, html)], text).into_response()
}

/// A FHIR resource.
pub fn fhir(resource: &serde_json::Value) -> Response {
    let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], resource.to_string()).into_response()
}

/// A PDF that the browser shows.
pub fn pdf(name: &str, bytes: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/pdf");
    let shown = HeaderValue::try_from(format!("inline; filename=\"{name}\""));
    let shown = shown.unwrap_or(HeaderValue::from_static("inline"));
    (StatusCode::OK, [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, shown)], bytes)
        .into_response()
}

/// To another page, after a form was taken.
pub fn to(path: &str) -> Response {
    let place = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// A path of our own to go on to, or the first page.
pub fn own_path(next: &str) -> &str {
    let strange = |sign: char| sign == '\\' || sign.is_control();
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains(strange);
    if plain { next } else { "/" }
}

/// There is no such page.
pub async fn nothing_here(State(app): State<App>, _uri: Uri) -> Response {
    app.say_outside(StatusCode::NOT_FOUND, "There is no such page", "Nothing was changed.")
}

/// There is no such address.
pub async fn no_address(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    match calling::is_called(uri.path()) {
        true => calling::nothing(&app, uri.path(), &headers, StatusCode::NOT_FOUND),
        false => nothing_here(State(app), uri).await,
    }
}

/// The page takes another method.
pub async fn not_so(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    match calling::is_called(uri.path()) {
        true => calling::nothing(&app, uri.path(), &headers, status),
        false => status.into_response(),
    }
}
