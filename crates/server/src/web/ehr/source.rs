//! Where the advice comes from: the page every card names, and the same as JSON.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use cauda_pages::ehr::EhrFrame;
use cauda_pages::ehr::source::page as source_page;
use cauda_pages::source_attributes_json;

use super::calling;
use super::launch::framed;
use crate::web::App;
use crate::web::reply::page;

/// The page. It is about the guideline, and of no patient, so everybody may read it.
pub async fn show(State(app): State<App>) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let guideline = app.department.guideline();
    let frame = EhrFrame {
        title: "Where this advice comes from",
        department: &app.config.department,
        patient: None,
        demo: app.config.demo,
    };
    let mut answer = page(StatusCode::OK, frame.page(&source_page(guideline)));
    answer.extensions_mut().insert(framed(&inside));
    answer
}

/// The same as JSON.
pub async fn as_json(State(app): State<App>) -> Response {
    if let Err(answer) = calling::inside(&app) {
        return *answer;
    }
    let body = source_attributes_json(app.department.guideline());
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}
