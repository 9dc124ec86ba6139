//! `ServiceRequest` of FHIR R4: an EHR that may order puts its orders on the board.

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_fhir_service::{Issue, operation_outcome};
use serde_json::Value;

use super::calling::{self, with_cors};
use crate::ehr::orders::{Declined, Orders, Placement};
use crate::web::App;

/// Header of a conditional create, and what it may ask by.
const IF_NONE_EXIST: &str = "if-none-exist";
const BY_IDENTIFIER: &str = "identifier=";

/// What is wanted.
enum Wanted {
    Place,
    Change(String),
    Show(String),
}

/// `POST /fhir/ServiceRequest`
pub async fn place(State(app): State<App>, request: Request) -> Response {
    answered(&app, request, Wanted::Place).await
}

/// `PUT /fhir/ServiceRequest/{id}`
pub async fn change(State(app): State<App>, Path(id): Path<String>, request: Request) -> Response {
    answered(&app, request, Wanted::Change(id)).await
}

/// `GET /fhir/ServiceRequest/{id}`
pub async fn show(State(app): State<App>, Path(id): Path<String>, request: Request) -> Response {
    answered(&app, request, Wanted::Show(id)).await
}

async fn answered(app: &App, request: Request, wanted: Wanted) -> Response {
    let inside = match calling::inside(app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let asked: HeaderMap = request.headers().clone();
    let (call, parts) = match calling::call(app, &inside, request).await {
        Ok(call) => call,
        Err(answer) => return answer,
    };
    let tenant = inside.registry.tenant(&call.caller.tenant).map(|tenant| tenant.settings());
    let answer = match (tenant.filter(|tenant| tenant.orders), app.scans.as_deref()) {
        (None, _) => {
            let text = "this EHR may not order here: orders = true in its [[ehr.registered]]";
            said(StatusCode::FORBIDDEN, "forbidden", text)
        }
        (_, None) => said(StatusCode::NOT_FOUND, "not-supported", "this department has no scanner"),
        (Some(tenant), Some(list)) => {
            let own = inside.base.orders();
            let own_numbers = inside.has_own_numbers(tenant);
            let (local_time, own) = (&app.local_time, own.as_str());
            let orders = Orders { list, tenant, own_numbers, own, local_time, call: &call.token };
            let done = done(&orders, &wanted, &call.body, &parts).await;
            match done {
                Ok(placement) => shown(&inside.base.order(&placement.id), &wanted, &placement),
                Err(answer) => *answer,
            }
        }
    };
    with_cors(&inside, &asked, answer)
}

async fn done(
    orders: &Orders<'_>,
    wanted: &Wanted,
    body: &[u8],
    parts: &Parts,
) -> Result<Placement, Box<Response>> {
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str());
    let unread = |text: &str| Box::new(said(StatusCode::BAD_REQUEST, "structure", text));
    let json = || calling::json(body);
    let placed = match wanted {
        Wanted::Show(id) => orders.show(id).await,
        Wanted::Place => {
            let body = json()?;
            let condition = match header(IF_NONE_EXIST) {
                None => None,
                Some(text) => Some(text.map_err(|_| unread("If-None-Exist cannot be read"))?),
            };
            if let Some(condition) = condition {
                is_of(&body, condition).map_err(|text| unread(&text))?;
            }
            orders.place(&body, condition.is_some()).await
        }
        Wanted::Change(id) => {
            let body = json()?;
            let version = match header("if-match") {
                None | Some(Ok("*")) => None,
                Some(text) => {
                    let tag = text.ok().and_then(|text| {
                        let text = text.strip_prefix("W/").unwrap_or(text);
                        text.trim_matches('"').parse::<usize>().ok()
                    });
                    Some(tag.ok_or_else(|| unread("If-Match is no version of ours: W/\"3\""))?)
                }
            };
            orders.change(id, &body, version).await
        }
    };
    placed.map_err(|declined| Box::new(declined_as(declined)))
}

/// Whether a conditional create asks by the number of the very order that it sends.
fn is_of(body: &Value, condition: &str) -> Result<(), String> {
    let query = condition.trim().trim_start_matches('?');
    let wanted = query.strip_prefix(BY_IDENTIFIER).filter(|rest| !rest.contains('&'));
    let wanted =
        wanted.ok_or("If-None-Exist is taken by identifier alone: identifier=system|value")?;
    let decoded = form_urlencoded::parse(query.as_bytes()).next();
    let decoded = decoded.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let all = body.get("identifier").and_then(Value::as_array).into_iter().flatten();
    let known = all.into_iter().any(|one| {
        let text = |field: &str| one.get(field).and_then(Value::as_str).unwrap_or_default();
        let whole = format!("{}|{}", text("system"), text("value"));
        whole == decoded || whole == wanted
    });
    match known {
        true => Ok(()),
        false => Err("If-None-Exist asks by another number than the order has".to_string()),
    }
}

fn shown(address: &str, wanted: &Wanted, placement: &Placement) -> Response {
    let status = match (wanted, placement.new) {
        (Wanted::Place, true) => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    let mut answer = as_fhir(status, &placement.resource);
    let headers = answer.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(format!("W/\"{}\"", placement.version)) {
        headers.insert(header::ETAG, tag);
    }
    if let (Wanted::Place, Ok(address)) = (wanted, HeaderValue::try_from(address)) {
        headers.insert(header::LOCATION, address);
    }
    answer
}

fn declined_as(declined: Declined) -> Response {
    match declined {
        Declined::NoSuch => {
            let text = "there is no order of this id that this EHR placed";
            said(StatusCode::NOT_FOUND, "not-found", text)
        }
        Declined::Unmapped(issues) => {
            as_fhir(StatusCode::UNPROCESSABLE_ENTITY, &operation_outcome(&issues))
        }
        Declined::Conflict(text) => said(StatusCode::CONFLICT, "conflict", &text),
        Declined::Changed => {
            let text = "the order was changed meanwhile; read it, and send the change of that";
            said(StatusCode::PRECONDITION_FAILED, "conflict", text)
        }
        Declined::Failed(error) => {
            tracing::error!(%error, "an order of an EHR was not kept");
            let text = "the record cannot be reached, so nothing was done; send it again";
            said(StatusCode::SERVICE_UNAVAILABLE, "transient", text)
        }
    }
}

fn said(status: StatusCode, code: &'static str, text: &str) -> Response {
    as_fhir(status, &operation_outcome(&[Issue::error(code, text, "ServiceRequest")]))
}

fn as_fhir(status: StatusCode, resource: &Value) -> Response {
    let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, kind)], resource.to_string()).into_response()
}
