//! A CDS service as small as one can be, which keeps what it was sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub authorization: String,
    pub body: Value,
}

#[derive(Clone)]
pub struct Service {
    pub origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<Mutex<Answers>>,
}

struct Answers {
    discovery: Value,
    hook: Box<dyn Fn(&Value) -> Value + Send>,
    status: u16,
    silent: bool,
    keys: Value,
}

impl Service {
    pub async fn start() -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answers = Answers {
            discovery: discovery(),
            hook: Box::new(|_| json!({"cards": []})),
            status: 200,
            silent: false,
            keys: json!({"keys": []}),
        };
        let service =
            Service { origin, seen: Arc::default(), answers: Arc::new(Mutex::new(answers)) };
        let app = Router::new().fallback(answer).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        service
    }

    pub fn answers(&self, hook: impl Fn(&Value) -> Value + Send + 'static) {
        self.answers.lock().unwrap().hook = Box::new(hook);
    }

    pub fn status(&self, status: u16) {
        self.answers.lock().unwrap().status = status;
    }

    pub fn falls_silent(&self) {
        self.answers.lock().unwrap().silent = true;
    }

    pub fn discovers(&self, discovery: Value) {
        self.answers.lock().unwrap().discovery = discovery;
    }

    pub fn publishes(&self, keys: Value) {
        self.answers.lock().unwrap().keys = keys;
    }

    pub fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|one| one.path == path).cloned().collect()
    }
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (silent, status, answer) = {
        let said = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answers = service.answers.lock().unwrap();
        let answer = match uri.path() {
            "/cds-services" => answers.discovery.clone(),
            "/keys" => answers.keys.clone(),
            path if path.ends_with("/feedback") => json!({}),
            _ => (answers.hook)(&body),
        };
        let hook = method == Method::POST && !uri.path().ends_with("/feedback");
        service.seen.lock().unwrap().push(Seen {
            method: method.to_string(),
            path: uri.path().to_owned(),
            authorization: said.unwrap_or_default(),
            body,
        });
        (answers.silent && hook, if hook { answers.status } else { 200 }, answer)
    };
    if silent {
        std::future::pending::<()>().await;
    }
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

fn discovery() -> Value {
    let prefetch = json!({
        "patient": "Patient/{{context.patientId}}",
        "visit": "Encounter/{{context.encounterId}}",
        "values": "Observation?patient={{context.patientId}}\
                   &code=http://loinc.org|8310-5,http://loinc.org|1988-5&_sort=-date&_count=10",
        "problems": "Condition?patient={{context.patientId}}&clinical-status=active",
        "who": "Practitioner/{{userPractitionerId}}",
        "never": "Condition?patient={{context.nothing}}",
        "wrong": "Condition?patient={{context.patientId}}&colour=red",
        "nobody": "Patient/{{context.encounterId}}",
    });
    let service = |hook: &str| {
        json!({"hook": hook, "id": "advice", "title": "Advice", "description": "Back pain",
            "prefetch": prefetch})
    };
    json!({"services": [
        service("order-select"), service("order-sign"), service("encounter-discharge"),
    ]})
}

/// A card in which everything is right.
pub fn card(uuid: &str, indicator: &str) -> Value {
    json!({
        "uuid": uuid,
        "summary": "MRI of the whole spine first",
        "indicator": indicator,
        "detail": "Because of **fever** and\n\n- a high value\n- pain at night",
        "source": {"label": "Cauda", "url": "http://127.0.0.1:1/guideline",
            "topic": {"system": "http://127.0.0.1:1/topics", "code": "infection"}},
        "overrideReasons": [
            {"code": "scanned", "system": "http://127.0.0.1:1/reasons",
                "display": "Scanned elsewhere"},
        ],
    })
}
