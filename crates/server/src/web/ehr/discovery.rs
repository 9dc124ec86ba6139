//! `GET /cds-services` (CDS Hooks 2.0, "Discovery"), and our public keys.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_cds_hooks::discovery;

use super::calling;
use crate::web::App;

/// The services that there are.
pub async fn services(State(app): State<App>, request: Request) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let asked = request.headers().clone();
    match calling::call(&app, &inside, request).await {
        Ok(_) => {
            let listed = calling::answer(StatusCode::OK, &discovery(&inside.listed));
            calling::with_cors(&inside, &asked, listed)
        }
        Err(answer) => answer,
    }
}

/// The keys by which our own tokens are checked (RFC 7517).
pub async fn keys(State(app): State<App>) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let kind = HeaderValue::from_static("application/json");
    let mut answer = (StatusCode::OK, inside.keys.json.clone()).into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}
