//! Where the advice comes from: the page every card names, and the same as JSON.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use cauda_pages::ehr::EhrFrame;
use cauda_pages::ehr::source::{Attribute, page as source_page};
use serde_json::json;
use tmp::source_attributes;

use super::calling;
use super::launch::framed;
use crate::web::App;
use crate::web::reply::page;

/// The page. It is about the guideline, and of no patient, so everybody may read it.
pub async fn show(State(app): State<App>) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return answer,
    };
    let guideline = app.department.guideline();
    let attributes: Vec<Attribute> = source_attributes(guideline)
        .into_iter()
        .map(|one| Attribute { number: one.number, name: one.name, value: one.value })
        .collect();
    let frame = EhrFrame {
        title: "Where this advice comes from",
        department: &app.config.department,
        patient: None,
        demo: app.config.demo,
    };
    let mut answer = page(StatusCode::OK, frame.page(&source_page(guideline, &attributes)));
    answer.extensions_mut().insert(framed(&inside));
    answer
}

/// The same as JSON.
pub async fn as_json(State(app): State<App>) -> Response {
    if let Err(answer) = calling::inside(&app) {
        return answer;
    }
    let guideline = app.department.guideline();
    let attributes: Vec<_> = source_attributes(guideline)
        .into_iter()
        .map(|one| json!({ "number": one.number, "name": one.name, "value": one.value }))
        .collect();
    let body = json!({
        "guideline": guideline.id,
        "version": guideline.version,
        "sha256": guideline.sha256,
        "regulation": "45 CFR 170.315(b)(11)(iv)(A)",
        "attributes": attributes,
    });
    calling::answer(StatusCode::OK, &body)
}

mod tmp {
    pub struct A {
        pub number: u8,
        pub name: String,
        pub value: String,
    }
    pub fn source_attributes(_: &cauda_guideline::Guideline) -> Vec<A> {
        (1..=13).map(|number| A { number, name: String::new(), value: String::new() }).collect()
    }
}
