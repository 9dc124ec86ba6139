//! What stands around every page, and what a browser may do with it.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use maud::{DOCTYPE, Markup, html};

use crate::ehr::Ehr;
use crate::samples::PRACTITIONER_NAME;

/// What every page says of itself.
pub(crate) const LABEL: &str = "Stand-in EHR: for trying, with invented patients";
/// Nothing from elsewhere, no script, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("../../assets/style.css");

/// A page.
pub(crate) fn page(title: &str, body: &Markup) -> Response<Body> {
    with_policy(title, body, POLICY)
}

/// A page with a frame for these origins.
pub(crate) fn page_with_app(title: &str, body: &Markup, origin: &str) -> Response<Body> {
    with_policy(title, body, &format!("{POLICY}; frame-src 'self' {origin}"))
}

fn with_policy(title: &str, body: &Markup, policy: &str) -> Response<Body> {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (LABEL) }
                link rel="stylesheet" href="/style.css";
            }
            body {
                a.skip href="#main" { "Go to the content" }
                header {
                    p.label { (LABEL) }
                    div.bar {
                        a.name href="/" { "Meadow Hospital" }
                        nav aria-label="Main" {
                            a href="/" { "Patients" }
                            a href="/traffic" { "Traffic" }
                            a href="/about" { "About" }
                        }
                        span.who { (PRACTITIONER_NAME) }
                    }
                }
                main #main { (body) }
            }
        }
    };
    let mut response = Response::new(Body::from(document.into_string()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // With less than this a browser hides the origin of our own forms from us.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static(POLICY));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// A page that says why something is not done.
pub(crate) fn refused(status: StatusCode, why: &str) -> Response<Body> {
    let body = html! {
        h1 { "Not done" }
        p { (why) "." }
        p { a href="/" { "Patients" } }
    };
    let mut response = page("Not done", &body);
    *response.status_mut() = status;
    response
}

/// Nothing is under this address.
pub(crate) fn not_found() -> Response<Body> {
    refused(StatusCode::NOT_FOUND, "There is nothing under this address")
}

/// To another page.
pub(crate) fn away(url: &str) -> Response<Body> {
    let Ok(place) = HeaderValue::from_str(url) else {
        return refused(StatusCode::BAD_REQUEST, "The address cannot be used");
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, place);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The origin of the CDS service, which may open in a frame.
pub(crate) fn service_origin(ehr: &Ehr) -> String {
    let url = &ehr.service;
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    url[..end].to_owned()
}
