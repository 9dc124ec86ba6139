//! Who calls: a registered EHR with a signed token, and a script of a page of its own (CORS).

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_cds_hooks::operation_outcome;
use cauda_ehr::Caller;
use futures_core::Stream as _;
use serde_json::Value;

use crate::ehr::Inside;
use crate::web::App;
use crate::web::sign_in::peer;

/// Most bytes of a call: a chart sent along, with room.
pub const CALL_BYTES_MAX: usize = 2 * 1024 * 1024;
/// So many bytes of a call that is too large are read before it is answered.
const LET_GO_BYTES_MAX: usize = 8 * CALL_BYTES_MAX;
/// How long a call may take to arrive, in seconds.
const ARRIVING_SECONDS: u64 = 10;
/// So much of a call that is not believed is read, in bytes.
const REFUSED_BYTES_MAX: usize = 64 * 1024;
/// And for so long, in seconds.
const REFUSED_SECONDS: u64 = 2;
/// How long a browser may remember what it may send, in seconds.
const PREFLIGHT_SECONDS: &str = "600";

/// A call that is believed.
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// Issuer and number of the token, hashed: the same token twice is one call, also after a new
    /// start, and however the header was written.
    pub token: String,
    /// What was sent.
    pub body: Vec<u8>,
}

/// What the server holds for EHRs, or the answer of one that holds nothing.
/// # Errors
/// The answer.
pub fn inside(app: &App) -> Result<Arc<Inside>, Box<Response>> {
    let none = || outcome(StatusCode::NOT_FOUND, "not-found", "no EHR is registered here");
    app.ehr.clone().ok_or_else(|| Box::new(none()))
}

/// Whether a call is believed, and what it sends. Who is not believed learns no reason.
///
/// # Errors
/// The answer.
pub async fn call(app: &App, inside: &Inside, request: Request) -> Result<(Call, Parts), Response> {
    let from = peer(app, &request);
    let (parts, body) = request.into_parts();
    let refused = || {
        let many = !app.limits.broken_calls.takes(&from, app.clock.now());
        let status = if many { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNAUTHORIZED };
        let mut answer = status.into_response();
        if !many {
            let bearer = HeaderValue::from_static("Bearer");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        answer
    };
    let authorization = parts.headers.get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let address = inside.address(parts.uri.path());
    let caller = match inside.registry.authenticate_now(authorization, &address) {
        Ok(Some(caller)) => Ok(caller),
        Ok(None) => inside.registry.authenticate(authorization, &address).await,
        Err(refused) => Err(refused),
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err(why) => {
            // The address is ours: what `aud` has to be, which nobody behind a proxy sees otherwise.
            tracing::warn!(%why, expected = address, "a call of an EHR was refused");
            // A connection that is closed with bytes unread is reset, and the answer with it.
            let rest = to_bytes(body, REFUSED_BYTES_MAX);
            drop(tokio::time::timeout(Duration::from_secs(REFUSED_SECONDS), rest).await);
            return Err(with_cors(inside, &parts.headers, refused()));
        }
    };
    let token = crate::ids::kept(&format!("{} {}", caller.issuer, caller.jti));
    let body = arriving(body).await.map_err(|answer| with_cors(inside, &parts.headers, answer))?;
    Ok((Call { caller, token, body }, parts))
}

async fn arriving(body: Body) -> Result<Vec<u8>, Response> {
    match tokio::time::timeout(Duration::from_secs(ARRIVING_SECONDS), whole(body)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => {
            let text = "the body is larger than 2 MiB; send fewer resources along";
            Err(outcome(StatusCode::PAYLOAD_TOO_LARGE, "too-long", text))
        }
        Ok(Err(_)) => {
            Err(outcome(StatusCode::BAD_REQUEST, "structure", "the body ended before it was whole"))
        }
        Err(_) => Err(outcome(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive")),
    }
}

/// The body; nothing of one that is too large. Of that the rest is read and let go, so far as it
/// goes on: whoever still writes when a connection is closed never hears why.
async fn whole(body: Body) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut stream = body.into_data_stream();
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(part) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        let part = part?;
        size += part.len();
        match size {
            _ if size <= CALL_BYTES_MAX => bytes.extend_from_slice(&part),
            _ if size <= LET_GO_BYTES_MAX => bytes = Vec::new(),
            _ => break,
        }
    }
    Ok((size <= CALL_BYTES_MAX).then_some(bytes))
}

/// JSON of a call.
///
/// # Errors
/// The answer that says where it ends to be JSON.
pub fn json(body: &[u8]) -> Result<Value, Box<Response>> {
    cauda_fhir::read_within(body, CALL_BYTES_MAX).map_err(|error| {
        Box::new(outcome(StatusCode::BAD_REQUEST, "structure", &error.to_string()))
    })
}

/// An answer in JSON.
pub fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response()
}

/// An answer that says what is wrong, as an `OperationOutcome`.
pub fn outcome(status: StatusCode, code: &str, text: &str) -> Response {
    answer(status, &operation_outcome(code, text, &[]))
}

/// Addresses that programs call, and no browser shows.
const CALLED: [&str; 2] = ["/cds-services", "/fhir"];

/// Whether an address is one that programs call: they are answered in JSON, whatever is wrong.
pub fn is_called(path: &str) -> bool {
    let below = |base: &&str| {
        path.strip_prefix(*base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    CALLED.iter().any(below)
}

/// The answer of such an address where nothing is, or nothing that takes this method.
pub fn nothing(app: &App, path: &str, asked: &HeaderMap, status: StatusCode) -> Response {
    let (code, text) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("not-supported", "this address takes another method"),
        _ if path.starts_with("/fhir") => {
            ("not-found", "there is nothing; /fhir/metadata lists what is")
        }
        _ => ("not-found", "there is no such service; /cds-services lists ours"),
    };
    let mut answer = outcome(status, code, text);
    if path.starts_with("/fhir") {
        let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
        answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    match &app.ehr {
        Some(inside) => with_cors(inside, asked, answer),
        None => answer,
    }
}

/// What a browser asks before a script of a page of an EHR may call.
pub async fn preflight(State(app): State<App>, request: Request) -> Response {
    let inside = match inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    with_cors(&inside, request.headers(), StatusCode::NO_CONTENT.into_response())
}

/// Lets scripts of registered origins read an answer. No cookie counts here, so none is allowed.
pub fn with_cors(inside: &Inside, asked: &HeaderMap, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = asked.get(header::ORIGIN) else { return answer };
    if !origin.to_str().is_ok_and(|origin| inside.registry.allows_origin(origin)) {
        return answer;
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, if-match, if-none-exist",
        ),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag, location"),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
