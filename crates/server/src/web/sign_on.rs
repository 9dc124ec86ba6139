//! Signing in by the hospital's own identity provider: off to it, and back.
//!
//! The way back comes from another site, so the browser sends no cookie of a session with it, and
//! the page that answers is no redirection: the next one is asked for from here again.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use cauda_pages::staff::sign_in as pages;
use cauda_sign_on::{AuthorizationResponse, KEPT_SECONDS, Person, SignOnError};
use ring::rand::SystemRandom;

use super::App;
use super::guard::cookie;
use super::reply::{nothing_here, to};
use super::sign_in::peer;
use crate::access::AccountRole;
use crate::accounts::Account;

/// Off to the provider.
pub async fn begin(State(app): State<App>, request: Request) -> Response {
    let peer = peer(&app, &request);
    let Some(provider) = &app.sign_on else {
        return nothing_here(State(app.clone()), request.uri().clone()).await;
    };
    if !app.limits.passwords.takes(&format!("{peer} sign-on"), app.clock.now()) {
        let text = "Too many tries from here. Wait half a minute.";
        return app.say_outside(StatusCode::TOO_MANY_REQUESTS, "Slower", text);
    }
    match provider.begin(&SystemRandom::new()).await {
        Ok(begun) => {
            let mut response = to(&begun.url);
            response.headers_mut().insert(header::SET_COOKIE, kept(&app, Some(&begun.kept)));
            response
        }
        Err(error) => refused(&app, &error),
    }
}

/// Back from it.
pub async fn back(State(app): State<App>, request: Request) -> Response {
    let (peer, uri) = (peer(&app, &request), request.uri().clone());
    let sealed = sealed(&app, request.headers()).unwrap_or_default();
    // A body is not to be kept over what is waited for.
    drop(request);
    let Some(provider) = &app.sign_on else {
        return nothing_here(State(app.clone()), uri).await;
    };
    let query = uri.query().unwrap_or_default().to_string();
    let person = match AuthorizationResponse::read(&query) {
        Ok(answer) => provider.finish(&sealed, &answer).await,
        Err(error) => Err(error),
    };
    let person = match person {
        Ok(person) => person,
        Err(error) => return refused(&app, &error),
    };
    app.limits.passwords.forgives(&format!("{peer} sign-on"));
    match account(&app, &person).await {
        Ok(Some(account)) => signed_in(&app, account).await,
        Ok(None) => {
            let text = "Your account here was closed, or none of your groups has a role here. Ask the administrator.";
            app.say_outside(StatusCode::FORBIDDEN, "Not signed in", text)
        }
        Err(error) => {
            tracing::error!(%error, "nobody could be signed in by the provider");
            let text = "The record is away; nobody can sign in just now.";
            app.say_outside(StatusCode::SERVICE_UNAVAILABLE, "Not signed in", text)
        }
    }
}

/// The account of a person, made at the first time; its role is what the provider says today.
async fn account(app: &App, person: &Person) -> Result<Option<Account>, crate::ServerError> {
    // Of several roles the one that may do most; who works with patients keeps no accounts.
    let roles = person.roles.iter().filter_map(|id| AccountRole::of_id(id));
    let staff = |role: &AccountRole| matches!(role, AccountRole::Staff(_));
    let roles: Vec<AccountRole> = roles.collect();
    let role = roles.iter().filter(|role| staff(role)).max().or(roles.first()).copied();
    let Some(role) = role else { return Ok(None) };
    app.accounts.signed_on(&person.issuer, &person.subject, &person.name, role).await
}

async fn signed_in(app: &App, account: Account) -> Response {
    match app.sessions.sign_in(account).await {
        Ok(secret) => {
            let main = pages::go_on();
            let mut response = app.show_outside(StatusCode::OK, "Signed in", &main);
            let headers = response.headers_mut();
            headers.append(header::SET_COOKIE, cookie(app, Some(&secret)));
            headers.append(header::SET_COOKIE, kept(app, None));
            // Asked for by the page itself, and so with its cookie.
            headers.insert("refresh", HeaderValue::from_static("0; url=/"));
            response
        }
        Err(_) => {
            let text = "This machine gives no random numbers.";
            app.say_outside(StatusCode::INTERNAL_SERVER_ERROR, "Not signed in", text)
        }
    }
}

/// What the provider or we refused; no error of it holds a token or a name.
fn refused(app: &App, error: &SignOnError) -> Response {
    tracing::warn!(%error, "nobody was signed in by the provider");
    let main = cauda_pages::staff::message::page(
        "Not signed in",
        &format!("Signing in by the hospital account did not work: {error}."),
        Some(("/sign-in", "Try again")),
    );
    app.show_outside(StatusCode::BAD_GATEWAY, "Not signed in", &main)
}

fn name(app: &App) -> &'static str {
    if app.config.is_encrypted() { "__Host-cauda-sign-on" } else { "cauda-sign-on" }
}

/// What is kept while a person is at the provider. Lax, as they come back from another site.
fn kept(app: &App, sealed: Option<&str>) -> HeaderValue {
    let secure = if app.config.is_encrypted() { "; Secure" } else { "" };
    let (value, age) = match sealed {
        Some(sealed) => (sealed, KEPT_SECONDS),
        None => ("", 0),
    };
    let name = name(app);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

fn sealed(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = name(app);
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
}
