//! For whom an app is to be opened that was started by itself (SMART App Launch 2, "Standalone
//! Launch", `launch/patient`).

use axum::body::Body;
use axum::http::Response;
use maud::html;
use serde_json::Value;

use crate::ehr::Ehr;
use crate::screen::{frame, patients};

/// Most patients that are offered.
const PATIENTS_MAX: usize = 200;

/// The list of patients, each a link that goes on with the same authorization.
pub(crate) fn page(ehr: &Ehr, pairs: &[(String, String)]) -> Response<Body> {
    let go_on = |patient: &Value| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(name, _)| name != "picked"));
        query.append_pair("picked", patients::id(patient));
        format!("/auth/authorize?{}", query.finish())
    };
    let client = pairs.iter().find(|(name, _)| name == "client_id");
    let client = client.and_then(|(_, id)| ehr.client(id)).map(|client| client.name.clone());
    let store = ehr.store();
    let body = html! {
        h1 { "For whom is " (client.unwrap_or_else(|| "the app".to_owned())) " to be opened?" }
        ul.rows {
            @for patient in store.all("Patient").take(PATIENTS_MAX) {
                li { a href=(go_on(patient)) { (patients::name(patient)) } }
            }
        }
    };
    frame::page("Choose a patient", &body)
}
