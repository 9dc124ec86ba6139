//! The FHIR server over HTTP (FHIR R4, "RESTful API"; SMART App Launch 2 for who may what).

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MATCH,
    LOCATION, WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, Method, Response, StatusCode, Uri};
use serde_json::Value;

use crate::ehr::Ehr;
use crate::fhir::answer::{Answer, Refusal};
use crate::fhir::search::Search;
use crate::fhir::transaction::{self, Doing};
use crate::fhir::{answer, bundle, capability, valid};
use crate::smart::scope::{Access, Letter, Reach};
use crate::smart::well_known;
use crate::time;
use crate::traffic::{Exchange, shown, shown_form};

const FHIR_JSON: &str = "application/fhir+json";
const FORM: &str = "application/x-www-form-urlencoded";
/// The one document here that is no resource.
const SMART_CONFIGURATION: &str = "/fhir/.well-known/smart-configuration";
const IF_NONE_EXIST: &str = "if-none-exist";

/// Everything below `/fhir`.
pub(crate) async fn fhir(
    State(ehr): State<Ehr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let asked = Asked { method: &method, uri: &uri, headers: &headers, body: &body };
    let faults = ehr.faults().clone();
    if let Some(gate) = &faults.fhir_gate {
        gate.pass().await;
    }
    let answer = match faults.fhir_status {
        Some(status) => Refusal::new(status, "exception", "a fault was asked for").into(),
        None => asked.answer(&ehr),
    };
    note(&ehr, &asked, &answer);
    let mut response = respond(&ehr, answer, faults.truncated);
    if uri.path() == SMART_CONFIGURATION {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}

struct Asked<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Asked<'_> {
    fn answer(&self, ehr: &Ehr) -> Answer {
        self.tried(ehr).unwrap_or_else(Answer::from)
    }

    fn tried(&self, ehr: &Ehr) -> Result<Answer, Refusal> {
        let path = self.uri.path().strip_prefix("/fhir").unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').collect();
        let plain = |body: Value| Ok(Answer { version: None, ..Answer::ok(body) });
        match (self.method.as_str(), parts.as_slice()) {
            ("GET", ["metadata"]) => {
                let (base, auth) = (ehr.fhir_base(), ehr.auth_base());
                return plain(capability::statement(&base, &auth, &time::instant(ehr.now())));
            }
            ("GET", [".well-known", "smart-configuration"]) => {
                return plain(well_known::smart(ehr));
            }
            _ => {}
        }
        self.reads_json()?;
        let access = self.access(ehr)?;
        let base = ehr.fhir_base();
        let doing = Doing { access: &access, now: ehr.now(), base: &base };
        match (self.method.as_str(), parts.as_slice()) {
            ("POST", [""]) => {
                let bundle = self.resource()?;
                if bundle.get("resourceType").and_then(Value::as_str) != Some("Bundle") {
                    return Err(Refusal::new(
                        400,
                        "invalid",
                        "only a Bundle is posted to the base",
                    ));
                }
                transaction::run(&mut ehr.store(), &bundle, &doing).and_then(plain)
            }
            ("GET", [kind]) => self.search(ehr, known(kind)?, &access),
            ("POST", [kind, "_search"]) => self.search(ehr, known(kind)?, &access),
            ("POST", [kind]) => self.create(ehr, known(kind)?, &doing),
            ("GET", [kind, id]) => {
                let (kind, store) = (known(kind)?, ehr.store());
                // Without the scope for a type nobody learns which ids it has.
                access.reach(Letter::Read, kind)?;
                let resource = store.get(kind, id)?;
                access.check(Letter::Read, resource, &store)?;
                Ok(Answer::ok(resource.clone()))
            }
            ("GET", [kind, id, "_history", wanted]) => {
                let (kind, store) = (known(kind)?, ehr.store());
                access.reach(Letter::Read, kind)?;
                let resource = store.get(kind, id)?;
                access.check(Letter::Read, resource, &store)?;
                match answer::version(resource).as_deref() == Some(*wanted) {
                    true => Ok(Answer::ok(resource.clone())),
                    false => Err(Refusal::new(404, "not-found", "only the last version is kept")),
                }
            }
            ("PUT", [kind, id]) if valid::is_id(id) => self.update(ehr, (known(kind)?, id), &doing),
            ("DELETE", [kind, id]) => {
                transaction::delete(&mut ehr.store(), known(kind)?, id, &access)
            }
            _ => Err(Refusal::new(404, "not-supported", "nothing is done under this address")),
        }
    }

    /// The access of the token that came with the request.
    fn access(&self, ehr: &Ehr) -> Result<Access, Refusal> {
        let header = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let access = token.and_then(|(_, token)| ehr.grants().access(token, ehr.now()));
        access.ok_or_else(|| Refusal::new(401, "login", "a valid access token is needed"))
    }

    fn reads_json(&self) -> Result<(), Refusal> {
        let accept = self.headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        let fits = accept.is_none_or(|accept| {
            accept.split(',').any(|one| {
                let one = one.split(';').next().unwrap_or_default().trim();
                [FHIR_JSON, "application/json", "application/*", "*/*"].contains(&one)
            })
        });
        match fits {
            true => Ok(()),
            false => Err(Refusal::new(406, "not-supported", "this server speaks JSON alone")),
        }
    }

    fn sends(&self, kinds: &[&str]) -> Result<(), Refusal> {
        let said = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let said = said.and_then(|said| said.split(';').next()).unwrap_or_default().trim();
        match kinds.contains(&said) {
            true => Ok(()),
            false => Err(Refusal::new(415, "not-supported", "the Content-Type is not right")),
        }
    }

    fn resource(&self) -> Result<Value, Refusal> {
        self.sends(&[FHIR_JSON, "application/json"])?;
        let invalid = |error| Refusal::new(400, "structure", format!("the body: {error}"));
        cauda_fhir::read(self.body).map_err(invalid)
    }

    fn search(&self, ehr: &Ehr, kind: &str, access: &Access) -> Result<Answer, Refusal> {
        let query = self.uri.query().unwrap_or_default();
        let mut pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if self.method == Method::POST {
            self.sends(&[FORM])?;
            pairs.extend(form_urlencoded::parse(self.body).into_owned());
        }
        let reach = access.reach(Letter::Search, kind)?;
        let search = Search::read(kind, &pairs)?;
        let store = ehr.store();
        let mut found = search.run(&store, &ehr.fhir_base());
        if let Reach::Only(patient) = reach {
            if search.patients().iter().any(|asked| *asked != patient) {
                let text = "this token is for one patient, and the search for another";
                return Err(Refusal::new(403, "forbidden", text));
            }
            found.retain(|one| access.check(Letter::Search, one, &store).is_ok());
        }
        let limit = ehr.faults().page_size;
        Ok(Answer::ok(bundle::page(&search, &found, &ehr.fhir_base(), limit)))
    }

    fn create(&self, ehr: &Ehr, kind: &str, doing: &Doing) -> Result<Answer, Refusal> {
        let resource = self.resource()?;
        doing.access.reach(Letter::Create, kind)?;
        let mut store = ehr.store();
        let query = self.headers.get(IF_NONE_EXIST).map(|value| value.to_str());
        if let Some(query) = query {
            let query = query.map_err(|_| Refusal::new(400, "invalid", "If-None-Exist is no text"));
            let found = transaction::if_none_exist(&store, kind, query?, doing.base)?;
            if let Some(found) = found.and_then(|place| store.at(&place).cloned()) {
                doing.access.check(Letter::Create, &found, &store)?;
                return Ok(Answer::ok(found));
            }
        }
        alone(&mut store, doing, Letter::Create, |copy| {
            let id = copy.new_id();
            transaction::create(copy, resource, kind, &id, doing)
        })
    }

    fn update(&self, ehr: &Ehr, place: (&str, &str), doing: &Doing) -> Result<Answer, Refusal> {
        let resource = self.resource()?;
        let if_match = self.headers.get(IF_MATCH).and_then(|value| value.to_str().ok());
        alone(&mut ehr.store(), doing, Letter::Update, |copy| {
            transaction::update(copy, resource, place, if_match, doing)
        })
    }
}

/// Writes one resource on a copy, and keeps the copy if its references lead somewhere and the
/// token may.
fn alone(
    store: &mut crate::fhir::store::Store,
    doing: &Doing,
    letter: Letter,
    write: impl FnOnce(&mut crate::fhir::store::Store) -> Result<Answer, Refusal>,
) -> Result<Answer, Refusal> {
    let mut copy = store.clone();
    let answer = write(&mut copy)?;
    if let Some(resource) = &answer.body {
        if let Some(lost) = copy.dangling(resource, doing.base) {
            return Err(Refusal::new(422, "invalid", transaction::dangling(&lost)));
        }
        doing.access.check(letter, resource, &copy)?;
    }
    *store = copy;
    Ok(answer)
}

fn known(kind: &str) -> Result<&str, Refusal> {
    match valid::TYPES.contains(&kind) {
        true => Ok(kind),
        false => Err(Refusal::new(404, "not-supported", "this type is not kept here")),
    }
}

fn note(ehr: &Ehr, asked: &Asked, answer: &Answer) {
    let form: Vec<(String, String)>;
    let request = match asked.sends(&[FORM]) {
        Ok(()) => {
            form = form_urlencoded::parse(asked.body).into_owned().take(50).collect();
            shown_form(&form)
        }
        Err(_) => shown(asked.body),
    };
    let body = answer.body.as_ref().map(|body| body.to_string()).unwrap_or_default();
    ehr.traffic().add(Exchange {
        at: time::instant(ehr.now()),
        method: asked.method.to_string(),
        url: asked.uri.to_string(),
        status: Some(answer.status),
        request,
        response: shown(body.as_bytes()),
        ..Exchange::default()
    });
}

fn respond(ehr: &Ehr, answer: Answer, truncated: bool) -> Response<Body> {
    let mut body = answer.body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    if truncated {
        body.truncate(body.len() / 2);
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    set(CONTENT_TYPE, "application/fhir+json; charset=utf-8");
    set(CACHE_CONTROL, "no-store");
    if answer.status == 401 {
        set(WWW_AUTHENTICATE, "Bearer");
    }
    if let Some(version) = &answer.version {
        set(ETAG, &format!("W/\"{version}\""));
    }
    if let Some(place) = &answer.location {
        set(LOCATION, &format!("{}/{place}", ehr.fhir_base()));
    }
    response
}
