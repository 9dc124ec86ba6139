//! The pages over HTTP.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::http::{Response, StatusCode, Uri};
use maud::html;

use crate::ehr::{Ehr, registration};
use crate::imaging;
use crate::orders;
use crate::screen::{app, chart, frame, order, patients, traffic};

/// Most pairs of a form.
const PAIRS_MAX: usize = 20;

/// `GET /`
pub(crate) async fn list(State(ehr): State<Ehr>) -> Response<Body> {
    frame::page("Patients", &patients::page(&ehr))
}

/// `GET /patients/{id}`
pub(crate) async fn patient(State(ehr): State<Ehr>, Path(id): Path<String>) -> Response<Body> {
    let patient = ehr.store().get("Patient", &id).cloned();
    match patient {
        Ok(patient) => frame::page(&patients::name(&patient), &chart::page(&ehr, &patient)),
        Err(_) => frame::not_found(),
    }
}

/// `POST /patients/{id}/orders`
pub(crate) async fn choose(
    State(ehr): State<Ehr>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let form = Form::read(&body);
    let Some(choice) = imaging::choice(form.text("choice")) else {
        return frame::refused(StatusCode::BAD_REQUEST, "Choose an examination");
    };
    let reason = imaging::reason(form.text("reason"));
    to_order(orders::choose(&ehr, &id, choice, reason).await)
}

/// `POST /patients/{id}/hooks`
pub(crate) async fn hook(
    State(ehr): State<Ehr>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let form = Form::read(&body);
    let hook = form.text("hook");
    match chart::HOOKS.iter().any(|(one, _)| *one == hook) {
        true => to_order(orders::without_order(&ehr, &id, hook).await),
        false => frame::not_found(),
    }
}

/// `GET /orders/{number}`
pub(crate) async fn order(State(ehr): State<Ehr>, Path(number): Path<u64>) -> Response<Body> {
    let screen = ehr.orders().get(number);
    match screen {
        Some(screen) => frame::page("Order", &order::page(&ehr, number, &screen)),
        None => frame::not_found(),
    }
}

/// `POST /orders/{number}/accept`
pub(crate) async fn accept(
    State(ehr): State<Ehr>,
    Path(number): Path<u64>,
    body: Bytes,
) -> Response<Body> {
    let form = Form::read(&body);
    let (Some(card), Some(at)) = (form.number("card"), form.number("suggestion")) else {
        return frame::not_found();
    };
    let done = orders::accept(&ehr, number, card, at).await;
    to_order(done.map(|()| number))
}

/// `POST /orders/{number}/override`
pub(crate) async fn set_aside(
    State(ehr): State<Ehr>,
    Path(number): Path<u64>,
    body: Bytes,
) -> Response<Body> {
    let form = Form::read(&body);
    let Some(card) = form.number("card") else { return frame::not_found() };
    let (reason, comment) = (form.text("reason"), form.text("comment"));
    let done = orders::set_aside(&ehr, number, card, reason, comment).await;
    to_order(done.map(|()| number))
}

/// `POST /orders/{number}/sign`
pub(crate) async fn sign(State(ehr): State<Ehr>, Path(number): Path<u64>) -> Response<Body> {
    let done = orders::sign(&ehr, number).await;
    to_order(done.map(|()| number))
}

/// `GET /orders/{number}/app?card=…&link=…`
pub(crate) async fn card_app(
    State(ehr): State<Ehr>,
    Path(number): Path<u64>,
    uri: Uri,
) -> Response<Body> {
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let screen = ehr.orders().get(number);
    let found = screen.and_then(|screen| {
        let (card, at) = (query.number("card")?, query.number("link")?);
        let shown = screen.cards.iter().find(|shown| shown.key == card)?;
        let link = shown.card.links.get(at).filter(|link| link.smart)?;
        Some((screen.patient.clone(), link.clone()))
    });
    let Some((patient, link)) = found else { return frame::not_found() };
    app::open(&ehr, &patient, &link.url, link.app_context, &format!("/orders/{number}"))
}

/// `GET /app?patient=…&url=…`
pub(crate) async fn patient_app(State(ehr): State<Ehr>, uri: Uri) -> Response<Body> {
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let patient = query.text("patient");
    app::open(&ehr, patient, query.text("url"), None, &format!("/patients/{patient}"))
}

/// `GET /traffic`
pub(crate) async fn seen(State(ehr): State<Ehr>) -> Response<Body> {
    frame::page("Traffic", &traffic::page(&ehr))
}

/// `GET /about`
pub(crate) async fn about(State(ehr): State<Ehr>) -> Response<Body> {
    let known = registration(&ehr.base);
    let rows = [
        ("Issuer of the token on each hook", &known.hook_issuer),
        ("Its key set (jku)", &known.hook_jwks_url),
        ("FHIR server", &known.fhir_base),
        ("Issuer of ID tokens", &known.openid_issuer),
        ("Token endpoint", &known.token_url),
        ("System of patient numbers", &known.patient_number_system),
        ("System of visit numbers", &known.visit_number_system),
        ("CDS service", &ehr.service),
    ];
    let body = html! {
        h1 { "About" }
        p { "This is no EHR. It stands in for one, so that Cauda can be tried and tested: a FHIR "
            "R4 server, a SMART authorization server and a CDS Hooks client, all in memory and on "
            "this machine alone. Its patients are invented." }
        dl { @for (name, value) in rows { dt { (name) } dd { code { (value) } } } }
    };
    frame::page("About", &body)
}

/// `GET /style.css`
pub(crate) async fn style() -> Response<Body> {
    let mut response = Response::new(Body::from(frame::STYLE));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Any other address.
pub(crate) async fn nothing() -> Response<Body> {
    frame::not_found()
}

fn to_order(number: Option<u64>) -> Response<Body> {
    number.map_or_else(frame::not_found, |number| frame::away(&format!("/orders/{number}")))
}

/// A form or a query.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(text: &[u8]) -> Form {
        Form(form_urlencoded::parse(text).into_owned().take(PAIRS_MAX).collect())
    }

    fn text(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(of, _)| of == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.text(name).parse().ok()
    }
}
