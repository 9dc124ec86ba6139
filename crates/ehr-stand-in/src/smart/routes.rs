//! The authorization server over HTTP.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, PRAGMA};
use axum::http::{Response, StatusCode, Uri};
use serde_json::{Value, json};

use crate::ehr::Ehr;
use crate::screen::{frame, pick};
use crate::smart::authorize::{self, Outcome};
use crate::smart::token::{self, Failed};
use crate::smart::well_known;
use crate::time;
use crate::traffic::{Exchange, shown, shown_form};

/// Most pairs of a form or a query.
const PAIRS_MAX: usize = 50;

/// `GET /auth/authorize`
pub(crate) async fn authorize(State(ehr): State<Ehr>, uri: Uri) -> Response<Body> {
    let pairs = pairs(uri.query().unwrap_or_default().as_bytes());
    let outcome = authorize::decide(&ehr, &pairs);
    let (status, note) = match &outcome {
        Outcome::Back(_) => (303, "the browser goes back to the app".to_owned()),
        Outcome::Pick => (200, "a patient is to be picked".to_owned()),
        Outcome::Refused(why) => (400, (*why).to_owned()),
    };
    ehr.traffic().add(Exchange {
        at: time::instant(ehr.now()),
        method: "GET".to_owned(),
        url: "/auth/authorize".to_owned(),
        status: Some(status),
        request: shown_form(&pairs),
        notes: vec![note],
        ..Exchange::default()
    });
    match outcome {
        Outcome::Back(url) => frame::away(&url),
        Outcome::Pick => pick::page(&ehr, &pairs),
        Outcome::Refused(why) => frame::refused(StatusCode::BAD_REQUEST, why),
    }
}

/// `POST /auth/token`
pub(crate) async fn token(
    State(ehr): State<Ehr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let pairs = pairs(&body);
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fault = ehr.faults().token_status;
    let result = match fault {
        Some(status) => {
            Err(Failed { status, error: "server_error", text: "a fault was asked for" })
        }
        None if !said.starts_with("application/x-www-form-urlencoded") => {
            Err(Failed::request("invalid_request", "the Content-Type is not that of a form"))
        }
        None => token::answer(&ehr, &pairs).await,
    };
    let (status, document) = match result {
        Ok(document) => (200, document),
        Err(Failed { status, error, text }) => {
            (status, json!({"error": error, "error_description": text}))
        }
    };
    ehr.traffic().add(Exchange {
        at: time::instant(ehr.now()),
        method: "POST".to_owned(),
        url: "/auth/token".to_owned(),
        status: Some(status),
        request: shown_form(&pairs),
        response: shown(document.to_string().as_bytes()),
        ..Exchange::default()
    });
    let mut response = json_response(&document, "no-store");
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /auth/jwks.json`: the keys of ID tokens.
pub(crate) async fn openid_keys(State(ehr): State<Ehr>) -> Response<Body> {
    json_response(&cauda_jose::key_set([&ehr.openid_key]), "public, max-age=60")
}

/// `GET /auth/.well-known/openid-configuration`
pub(crate) async fn openid(State(ehr): State<Ehr>) -> Response<Body> {
    json_response(&well_known::openid(&ehr), "public, max-age=60")
}

/// `GET /cds-client/jwks.json`: the keys of the tokens on hooks.
pub(crate) async fn hook_keys(State(ehr): State<Ehr>) -> Response<Body> {
    json_response(&cauda_jose::key_set([&ehr.hook_key]), "public, max-age=60")
}

fn json_response(document: &Value, cache: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(document.to_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().take(PAIRS_MAX).collect()
}
