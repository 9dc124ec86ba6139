//! In front of every page: who is it, may they, is the form theirs, and a note in the audit.

use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use cauda_pages::staff::{message, sign_in};
use cauda_pathway::identity::{Actor, CommandId, VisitId};

use super::App;
use super::forms::{BODY_BYTES_MAX, Form};
use super::reply;
use super::sign_in::way_back;
use crate::access::Act;
use crate::audit::Seen;
use crate::ids;
use crate::sessions::{Session, Standing};

/// A request that was let in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// By whom.
    pub session: Session,
    /// The form it sends, or its query.
    pub form: Form,
    /// Only what stands inside the page is wanted.
    pub fragment: bool,
    /// Where it was sent to.
    pub path: String,
    /// It sends a form.
    pub writes: bool,
}

impl Asked {
    /// Who acts; `None` for who works with no patient, whom no route of a visit lets in.
    pub fn actor(&self) -> Option<Actor> {
        self.session.account.actor()
    }

    /// The command of the form: the same for the same form with the same answers. Whoever changes
    /// an answer and sends it again gives another command, so that no answer is swallowed.
    pub fn command(&self) -> CommandId {
        let mut said: Vec<String> = self
            .form
            .of("")
            .filter(|(name, _)| !ANEW.contains(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        said.sort();
        self.command_of(&format!("{} {}", self.path, said.join("&")))
    }

    /// The command of the form, whatever it says: for what happens once, as an arrival.
    pub fn command_once(&self) -> CommandId {
        self.command_of("")
    }

    fn command_of(&self, said: &str) -> CommandId {
        let sent = self.form.get("command");
        // Of nobody else: who sends another's id must not learn that it was known.
        let own = sent.and_then(|id| {
            let account = self.session.account.id.as_str();
            let short = ids::kept(&format!("{account} {id} {said}"));
            CommandId::new(short.get(..40)?).ok()
        });
        own.or_else(|| CommandId::new(ids::new_id()).ok()).unwrap_or(CommandId::of_number(0))
    }

    /// How many events of the visit had been seen when the form was made.
    pub fn seen(&self) -> Option<usize> {
        self.form.get("seen")?.parse().ok()
    }
}

/// Fields that a form has anew each time it is shown.
const ANEW: [&str; 4] = ["csrf", "seen", "looked", "identity"];

/// How long a form may take to arrive, in seconds.
const BODY_SECONDS: u64 = 30;

/// The name of the cookie: one that only travels encrypted, where that is so.
pub fn cookie_name(app: &App) -> &'static str {
    if app.config.is_encrypted() { "__Host-cauda" } else { "cauda" }
}

/// The cookie that signs in, or, without a secret, out.
pub fn cookie(app: &App, secret: Option<&str>) -> HeaderValue {
    let secure = if app.config.is_encrypted() { "; Secure" } else { "" };
    let (value, age) = match secret {
        Some(secret) => (secret, ""),
        None => ("", "; Max-Age=0"),
    };
    let name = cookie_name(app);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The secret in the cookie.
pub fn secret(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(app);
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
}

/// Whether another site's page sent it.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// The form of a request; nothing if it is too large.
pub async fn form(request: Request) -> (axum::http::request::Parts, Option<Form>) {
    let (parts, body) = request.into_parts();
    if parts.method != Method::POST {
        let query = parts.uri.query().unwrap_or_default();
        let form = Form::read(query.as_bytes());
        return (parts, Some(form));
    }
    let limit = Duration::from_secs(BODY_SECONDS);
    let bytes = tokio::time::timeout(limit, to_bytes(body, BODY_BYTES_MAX)).await;
    (parts, bytes.ok().and_then(Result::ok).map(|bytes| Form::read(&bytes)))
}

/// Lets a request in that somebody makes who may.
pub async fn let_in(app: App, act: Act, request: Request, next: Next) -> Response {
    let (mut parts, form) = form(request).await;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_string();
    let Some(form) = form else {
        let text = "The form is larger than 256 KB. Send it in parts.";
        return app.say_outside(StatusCode::PAYLOAD_TOO_LARGE, "Too large", text);
    };
    let writes = parts.method == Method::POST;
    if writes && is_foreign(&parts.headers) {
        let text = "This was sent by a page of another site, and nothing was done.";
        return app.say_outside(StatusCode::FORBIDDEN, "Not from here", text);
    }
    // Ids are plain, so one that is written otherwise only hides from the audit.
    if parts.uri.path().contains('%') && parts.uri.path().starts_with("/visit/") {
        return app.say_outside(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "Nothing was changed.",
        );
    }
    let secret = secret(&app, &parts.headers).unwrap_or_default();
    let session = match app.sessions.standing(&secret).await {
        Standing::SignedIn(session) => session,
        Standing::Locked(_) if parts.headers.contains_key("cauda-fragment") => {
            return reply::to("/locked");
        }
        Standing::Locked(session) => {
            return locked(&app, &session, &path, writes.then_some(&form), false);
        }
        Standing::Nobody => return outside(&app, &parts.headers, &path, writes.then_some(&form)),
    };
    let fragment = parts.headers.get("cauda-fragment").is_some();
    let asked = Asked { session, form, fragment, path, writes };
    if writes && asked.form.get("csrf") != Some(asked.session.csrf.as_str()) {
        return send_again(&app, &asked);
    }
    if !asked.session.account.role.may(act) {
        let text = format!("This is not for the role of {}.", asked.session.account.role.words());
        return app.say(
            &asked,
            StatusCode::FORBIDDEN,
            "Not for your role",
            &text,
            Some(("/", "To the first page")),
        );
    }
    // A write is never stopped: it may be the one that calls for help.
    if !writes && !app.limits.pages.takes(&asked.session.kept, app.clock.now()) {
        let text = "Too many pages at once. Wait a moment.";
        return app.say(&asked, StatusCode::TOO_MANY_REQUESTS, "Slower", text, None);
    }
    note(&app, &asked, act, &parts);
    parts.extensions.insert(asked);
    next.run(Request::from_parts(parts, Body::empty())).await
}

fn note(app: &App, asked: &Asked, act: Act, parts: &axum::http::request::Parts) {
    let route = parts.extensions.get::<MatchedPath>();
    let route = route.map_or("", |route| route.as_str()).to_string();
    let visit = parts.uri.path().strip_prefix("/visit/");
    app.audit.note(Seen {
        at: app.clock.now(),
        actor: asked.session.account.id.to_string(),
        role: asked.session.account.role.words(),
        act: act.words(),
        method: parts.method.to_string(),
        route,
        visit: visit
            .and_then(|rest| rest.split('/').next())
            .and_then(|id| VisitId::new(id).ok())
            .map(String::from),
    });
}

/// The password again; a form that was being sent is kept in the page.
pub fn locked(
    app: &App,
    session: &Session,
    path: &str,
    form: Option<&Form>,
    failed: bool,
) -> Response {
    let kept = form.map(Form::kept).unwrap_or_default();
    let main = sign_in::unlock(&session.account.name, path, &kept, failed, way_back(app, session));
    app.show_outside(StatusCode::OK, "Still you?", &main)
}

fn outside(app: &App, headers: &HeaderMap, path: &str, form: Option<&Form>) -> Response {
    if let Some(form) = form {
        let text = "Nobody is signed in here any more, so nothing was saved. What you entered stands in \
                    this page: sign in in another window, then send it again here.";
        let title = "Not signed in";
        let back = ("/sign-in", "To the sign-in");
        let main = message::again(title, text, path, &form.kept(), "Send it again", back);
        return app.show_outside(StatusCode::UNAUTHORIZED, title, &main);
    }
    let html = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if !html.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*")) {
        return app.say_outside(StatusCode::UNAUTHORIZED, "Not signed in", "Sign in first.");
    }
    let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    reply::to(&format!("/sign-in?next={next}"))
}

/// The form is of an earlier session of the same person: what was entered is offered again.
fn send_again(app: &App, asked: &Asked) -> Response {
    let mut fields = asked.form.kept();
    fields.push(("csrf".to_string(), asked.session.csrf.clone()));
    let text = "The page you sent is older than your sign-in, so nothing was saved yet. \
                Look at what you entered and send it again.";
    let title = "Send it again";
    let main =
        message::again(title, text, &asked.path, &fields, "Send it again", ("/", "Give it up"));
    let shown =
        reply::Shown { title, status: Some(StatusCode::CONFLICT), ..reply::Shown::default() };
    app.show(asked, &shown, &main)
}

/// Around everything: what browsers may do with a page, how long it took, how many there were.
pub async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_string());
    let is_asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let framed = response.extensions_mut().remove::<Framed>();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(Framed(by)) = framed {
        headers.remove("x-frame-options");
        headers.insert("content-security-policy", by);
    }
    if app.config.is_encrypted() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert("strict-transport-security", year);
    }
    if !is_asset {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let route = route.unwrap_or_else(|| "other".to_string());
    let status = response.status().as_u16();
    app.metrics.answered(&method, &route, status, began.elapsed());
    // The route with its places in braces: no query, no number of anybody.
    tracing::info!(method = %method, route, status, ms = began.elapsed().as_millis() as u64);
    response
}

/// What browsers are told of a page that registered EHRs may show inside a page of theirs: its
/// content security policy.
#[derive(Clone, Debug)]
pub struct Framed(HeaderValue);

impl Framed {
    /// Of these origins, each with scheme, host and port alone; by nobody, if there is none.
    pub fn by<'o>(origins: impl Iterator<Item = &'o str>) -> Framed {
        let origins: Vec<&str> = origins.collect();
        let ancestors = match origins.is_empty() {
            true => "'none'".to_string(),
            false => origins.join(" "),
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        );
        Framed(HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(POLICY)))
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; \
                      connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
];
