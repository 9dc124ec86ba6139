//! Signing in and out, a first password, the pause.

use std::net::IpAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use cauda_pages::staff::{message, sign_in};
use cauda_pathway::identity::ActorId;

use super::App;
use super::forms::Form;
use super::guard::{cookie, form, is_foreign, secret};
use super::reply::{own_path, to};
use crate::accounts::Account;
use crate::server::Peer;
use crate::sessions::{Session, Standing};

/// The first page: the waiting list, or the accounts for who keeps them.
pub async fn first(State(app): State<App>, request: Request) -> Response {
    let secret = secret(&app, request.headers()).unwrap_or_default();
    match app.sessions.standing(&secret).await {
        Standing::SignedIn(session) if session.account.actor().is_none() => to("/accounts"),
        Standing::SignedIn(_) => to("/waiting"),
        _ => to("/sign-in"),
    }
}

/// The sign-in page.
pub async fn page(State(app): State<App>, request: Request) -> Response {
    let (_, form) = form(request).await;
    let form = form.unwrap_or_default();
    shown(&app, StatusCode::OK, None, form.get("next").unwrap_or("/"))
}

fn shown(app: &App, status: StatusCode, failed: Option<&str>, next: &str) -> Response {
    let next = own_path(next);
    let main = match app.config.demo {
        true => {
            let roles = app.demo.iter();
            let roles: Vec<(String, String, String)> = roles
                .map(|(id, name, role)| (id.clone(), name.clone(), capital(role.words())))
                .collect();
            sign_in::demo(&roles, next, app.config.self_check)
        }
        false => sign_in::page(&app.config.department, failed, next, app.sign_on.is_some()),
    };
    app.show_outside(status, "Sign in", &main)
}

fn capital(words: &str) -> String {
    let mut text = words.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Name and password, or in a demonstration a button.
pub async fn sign_in(State(app): State<App>, request: Request) -> Response {
    let foreign = is_foreign(request.headers());
    let peer = peer(&app, &request);
    let (_, form) = form(request).await;
    let Some(form) = form.filter(|_| !foreign) else {
        return app.say_outside(StatusCode::FORBIDDEN, "Not from here", "Nothing was done.");
    };
    let next = form.get("next").unwrap_or("/");
    match account(&app, &form, &peer).await {
        Ok(account) => signed_in(&app, account, next).await,
        Err((status, failed)) => shown(&app, status, Some(failed), next),
    }
}

/// Where a request comes from: the last address a proxy of ours names, else the other end.
pub fn peer(app: &App, request: &Request) -> String {
    // A proxy may add a line of its own: the last one is its word.
    let lines = request.headers().get_all("x-forwarded-for").iter();
    let named = lines.filter_map(|value| value.to_str().ok()).next_back();
    let named = named.filter(|_| app.config.behind_proxy).and_then(|list| list.rsplit(',').next());
    match (named, request.extensions().get::<ConnectInfo<Peer>>()) {
        (Some(named), _) => match named.trim().parse() {
            Ok(address) => place(address),
            Err(_) => named.trim().chars().take(45).collect(),
        },
        (None, Some(ConnectInfo(Peer(peer)))) => place(peer.ip()),
        (None, None) => String::new(),
    }
}

/// One place: an address, or of IPv6 the network that one customer has.
fn place(address: IpAddr) -> String {
    match address {
        IpAddr::V6(address) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::")
        }
        address => address.to_canonical().to_string(),
    }
}

async fn account(
    app: &App,
    form: &Form,
    peer: &str,
) -> Result<Account, (StatusCode, &'static str)> {
    let away =
        (StatusCode::SERVICE_UNAVAILABLE, "The record is away; nobody can sign in just now.");
    if app.config.demo {
        let wanted =
            form.get("account").filter(|id| app.demo.iter().any(|(known, ..)| known == id));
        let id = wanted.and_then(|id| ActorId::new(id).ok());
        let id = id.ok_or((StatusCode::BAD_REQUEST, "Choose one of the roles."))?;
        return app.accounts.get(&id).await.ok().flatten().ok_or(away);
    }
    let (name, password) = (form.get("name").unwrap_or(""), form.get("password").unwrap_or(""));
    // By who asks as well as for whom: a stranger locks nobody out.
    let key = format!("{peer} {}", name.to_lowercase());
    if !app.limits.passwords.takes(&key, app.clock.now()) {
        return Err((
            StatusCode::TOO_MANY_REQUESTS,
            "Too many tries for this name. Wait half a minute.",
        ));
    }
    let account = app.accounts.named(name).await.map_err(|_| away)?;
    let busy =
        (StatusCode::SERVICE_UNAVAILABLE, "Too many sign in at once. Try again in a moment.");
    let right = app.accounts.opens(account.as_ref(), password).await.ok_or(busy)?;
    match account.filter(|_| right) {
        Some(account) => {
            app.limits.passwords.forgives(&key);
            Ok(account)
        }
        None => Err((StatusCode::UNAUTHORIZED, "Name or password is wrong.")),
    }
}

async fn signed_in(app: &App, account: Account, next: &str) -> Response {
    match app.sessions.sign_in(account).await {
        Ok(secret) => with_cookie(app, to(own_path(next)), Some(&secret)),
        Err(_) => app.say_outside(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Not signed in",
            "This machine gives no random numbers.",
        ),
    }
}

fn with_cookie(app: &App, mut response: Response, secret: Option<&str>) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie(app, secret));
    if secret.is_none() {
        let data = HeaderValue::from_static("\"cache\", \"storage\"");
        response.headers_mut().insert("clear-site-data", data);
    }
    response
}

/// Out, here and everywhere.
pub async fn sign_out(State(app): State<App>, request: Request) -> Response {
    if is_foreign(request.headers()) {
        return app.say_outside(StatusCode::FORBIDDEN, "Not from here", "Nothing was done.");
    }
    if let Some((session, _)) = own(&app, request).await {
        app.sessions.sign_out(&session).await;
    }
    with_cookie(&app, to("/sign-in"), None)
}

/// Another person takes the place of one who paused; no form is sent for them.
pub async fn sign_in_anew(State(app): State<App>, request: Request) -> Response {
    if is_foreign(request.headers()) {
        return app.say_outside(StatusCode::FORBIDDEN, "Not from here", "Nothing was done.");
    }
    let secret = secret(&app, request.headers()).unwrap_or_default();
    if let Standing::Locked(session) = app.sessions.standing(&secret).await {
        app.sessions.sign_out(&session).await;
    }
    with_cookie(&app, to("/sign-in"), None)
}

/// Locks this session now; what stood in a form of the page is kept, to be sent afterwards.
pub async fn lock(State(app): State<App>, request: Request) -> Response {
    let foreign = is_foreign(request.headers());
    let secret = secret(&app, request.headers()).unwrap_or_default();
    let (_, form) = form(request).await;
    // A form of an older page locks as well: locking harms nobody, and loses nothing.
    let (Some(form), Standing::SignedIn(session) | Standing::Locked(session)) =
        (form.filter(|_| !foreign), app.sessions.standing(&secret).await)
    else {
        return to("/sign-in");
    };
    app.sessions.lock(&session.kept);
    let kept: Vec<(String, String)> =
        form.of("kept.").map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let next = own_path(form.get("next").unwrap_or("/waiting"));
    let main = sign_in::unlock(&session.account.name, next, &kept, false, way_back(&app, &session));
    app.show_outside(StatusCode::OK, "Still you?", &main)
}

/// Where a page goes that notices that it is locked.
pub async fn locked_page(State(app): State<App>, request: Request) -> Response {
    let secret = secret(&app, request.headers()).unwrap_or_default();
    match app.sessions.standing(&secret).await {
        Standing::Locked(session) => {
            let main = sign_in::unlock(
                &session.account.name,
                "/waiting",
                &[],
                false,
                way_back(&app, &session),
            );
            app.show_outside(StatusCode::OK, "Still you?", &main)
        }
        Standing::SignedIn(_) => to("/waiting"),
        Standing::Nobody => to("/sign-in"),
    }
}

/// How somebody comes back after a pause.
pub fn way_back(app: &App, session: &Session) -> sign_in::WayBack {
    match session.account.has_password() {
        _ if app.config.demo => sign_in::WayBack::Button,
        true => sign_in::WayBack::Password,
        false => sign_in::WayBack::Provider,
    }
}

/// The session of a form that is its own.
async fn own(app: &App, request: Request) -> Option<(Session, Form)> {
    let secret = secret(app, request.headers())?;
    let foreign = is_foreign(request.headers());
    let (_, form) = form(request).await;
    let form = form.filter(|_| !foreign)?;
    match app.sessions.standing(&secret).await {
        Standing::SignedIn(session) | Standing::Locked(session) => {
            (form.get("csrf") == Some(session.csrf.as_str())).then_some((session, form))
        }
        Standing::Nobody => None,
    }
}

/// The password after a pause. What was being sent is offered once more.
pub async fn unlock(State(app): State<App>, request: Request) -> Response {
    let foreign = is_foreign(request.headers());
    let secret = secret(&app, request.headers()).unwrap_or_default();
    let (_, form) = form(request).await;
    let standing = app.sessions.standing(&secret).await;
    // Who came back by the provider, in another window, has a session of their own by now.
    let is_back = matches!(standing, Standing::SignedIn(_));
    let (Some(form), Standing::Locked(session) | Standing::SignedIn(session)) =
        (form.filter(|_| !foreign), standing)
    else {
        return to("/sign-in");
    };
    let next = own_path(form.get("next").unwrap_or("/")).to_string();
    let kept: Vec<(String, String)> =
        form.of("kept.").map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let key = session.kept.clone();
    let right = app.config.demo
        || (is_back && !session.account.has_password())
        || (app.limits.passwords.takes(&key, app.clock.now())
            && app.accounts.unlocks(&session.account, form.get("password").unwrap_or("")).await);
    if !right {
        let main =
            sign_in::unlock(&session.account.name, &next, &kept, true, way_back(&app, &session));
        return app.show_outside(StatusCode::UNAUTHORIZED, "Still you?", &main);
    }
    app.limits.passwords.forgives(&key);
    app.sessions.unlock(&session.kept);
    if kept.is_empty() {
        return to(&next);
    }
    let mut fields = kept;
    fields.push(("csrf".to_string(), session.csrf.clone()));
    let text = "Nothing of it is lost. Send what you had entered before the pause.";
    let main = message::again("You are back", text, &next, &fields, "Send it", ("/", "Give it up"));
    app.show_outside(StatusCode::OK, "You are back", &main)
}

/// The page behind a one-time link.
pub async fn first_password(State(app): State<App>, request: Request) -> Response {
    let (_, form) = form(request).await;
    let form = form.unwrap_or_default();
    let link = form.get("link").unwrap_or("");
    match app.accounts.invited(link).await {
        Ok(Some(account)) => {
            let main = sign_in::set_password(&account.name, link, None);
            app.show_outside(StatusCode::OK, "Choose a password", &main)
        }
        _ => over(&app),
    }
}

fn over(app: &App) -> Response {
    let text = "It was used, or is older than three days. Ask the administrator for a new one.";
    app.say_outside(StatusCode::GONE, "This link is no longer good", text)
}

/// Sets it.
pub async fn set_first_password(State(app): State<App>, request: Request) -> Response {
    let foreign = is_foreign(request.headers());
    let (_, form) = form(request).await;
    let form = form.filter(|_| !foreign).unwrap_or_default();
    let link = form.get("link").unwrap_or("").to_string();
    let Ok(Some(account)) = app.accounts.invited(&link).await else { return over(&app) };
    match app.accounts.set_password(&account, form.get("password").unwrap_or("")).await {
        Ok(true) => {
            // Whoever was signed in with the old one is not any more.
            app.sessions.forget_account(&account.id);
            to("/sign-in")
        }
        Ok(false) => {
            let main = sign_in::set_password(
                &account.name,
                &link,
                Some("At least 10 characters, at most 200."),
            );
            app.show_outside(StatusCode::BAD_REQUEST, "Choose a password", &main)
        }
        Err(_) => app.say_outside(
            StatusCode::SERVICE_UNAVAILABLE,
            "Not saved",
            "The record is away. Try again in a moment.",
        ),
    }
}
