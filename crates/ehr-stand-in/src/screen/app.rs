//! A SMART app beside the chart: an EHR launch in a narrow frame (SMART App Launch 2, "EHR
//! Launch"; CDS Hooks 2.0, "Link").

use axum::body::Body;
use axum::http::{Response, StatusCode};
use maud::html;

use crate::ehr::Ehr;
use crate::samples;
use crate::screen::{frame, patients};
use crate::smart::grants::LaunchContext;

/// The width of the frame, in pixels.
const WIDTH: &str = "400";
const HEIGHT: &str = "760";

/// Opens the app that is registered under that address.
pub(crate) fn open(
    ehr: &Ehr,
    patient: &str,
    url: &str,
    app_context: Option<String>,
    back: &str,
) -> Response<Body> {
    let registered = |url: &str| {
        ehr.clients.iter().find(|client| client.launch_urls.iter().any(|one| one == url))
    };
    let Some(client) = registered(url) else {
        return frame::refused(StatusCode::BAD_REQUEST, "No app is registered under this address");
    };
    let (chart, encounter) = {
        let store = ehr.store();
        let chart = store.get("Patient", patient).cloned();
        (chart, samples::open_visit(&store, patient))
    };
    let Ok(chart) = chart else { return frame::not_found() };
    let context = LaunchContext {
        client_id: client.id.clone(),
        patient: patient.to_owned(),
        encounter,
        app_context,
        // The page around the frame says whose it is.
        need_patient_banner: false,
    };
    let Ok(launch) = ehr.grants().launch(context, ehr.now()) else {
        return frame::refused(StatusCode::SERVICE_UNAVAILABLE, "There are too many launches");
    };
    let address = address(ehr, url, &launch);
    let body = html! {
        (patients::banner(ehr, &chart))
        h1 { (client.name) }
        p { a href=(back) { "Back" } }
        iframe.app title=(client.name) src=(address) width=(WIDTH) height=(HEIGHT) {}
    };
    frame::page_with_app(&client.name, &body, &frame::service_origin(ehr))
}

/// The address at which an app is launched.
pub(crate) fn address(ehr: &Ehr, url: &str, launch: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("iss", &ehr.fhir_base()).append_pair("launch", launch);
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}{}", query.finish())
}
