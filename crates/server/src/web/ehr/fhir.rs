//! What is answered as a FHIR R4 server: our forms, the next question, answers as Observations,
//! and the guideline applied to a patient whose data the call brings. Nothing is kept of a call.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_chart::{Call as ChartCall, Chart, read_about};
use cauda_fhir::{Resource, Supplied};
use cauda_fhir_service::{
    About, Asking, Form, Found, Readable, ServiceError, apply as plan, capability_statement,
    extract as extracted, guidance_response, next_question as next, populate as populated,
    questionnaire as form_of,
};
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::resolve;
use serde_json::{Value, json};

use super::calling::{self, Call, with_cors};
use super::whose::At;
use crate::ehr::Inside;
use crate::web::App;
use crate::web::forms::Form as Query;

/// How a client is let in.
const SECURITY: &str = "A signed JSON Web Token of a registered EHR (ES384 or RS384), as CDS Hooks \
                        describes it; aud is the exact address that is called.";
/// Most parameters of an operation.
const PARAMETERS_MAX: usize = 200;

type Said = Result<Value, Refusal>;

/// What is wrong with a call.
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    text: String,
}

/// A call that is understood and cannot be answered.
pub fn refuse(code: &'static str, text: &str) -> Refusal {
    Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, code, text: text.to_string() }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Refusal {
        refuse("invalid", &error.to_string())
    }
}

/// Lets a call in, and answers it as FHIR.
async fn answered(
    app: &App,
    request: Request,
    answer: impl AsyncFnOnce(&At<'_>, &Call, &Query) -> Said,
) -> Response {
    let inside = match calling::inside(app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let asked: HeaderMap = request.headers().clone();
    let query = Query::read(request.uri().query().unwrap_or_default().as_bytes());
    let call = match calling::call(app, &inside, request).await {
        Ok((call, _)) => call,
        Err(answer) => return answer,
    };
    let said = match inside.registry.tenant(&call.caller.tenant) {
        Some(tenant) => answer(&At { inside: &inside, tenant }, &call, &query).await,
        None => Err(refuse("not-found", "no EHR is registered here")),
    };
    let (status, body) = match said {
        Ok(body) => (StatusCode::OK, body),
        Err(Refusal { status, code, text }) => {
            (status, cauda_cds_hooks::operation_outcome(code, &text, &[]))
        }
    };
    let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    let answer = (status, [(header::CONTENT_TYPE, kind)], body.to_string()).into_response();
    with_cors(&inside, &asked, answer)
}

/// `GET /fhir/metadata`: what is served. It is about nobody, so everybody may read it.
pub async fn metadata(State(app): State<App>) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let readable = Readable {
        types: &["Questionnaire"],
        operations: &["populate", "next-question", "extract", "apply"],
        security: SECURITY,
        smart: false,
        orders: app.scans.is_some()
            && inside.registry.tenants().any(|tenant| tenant.settings().orders),
    };
    let guideline = app.department.guideline();
    let statement = capability_statement(&inside.base, guideline, app.clock.now(), &readable);
    crate::web::reply::fhir(&statement)
}

/// `GET /fhir/Questionnaire?url=…`
pub async fn questionnaires(State(app): State<App>, request: Request) -> Response {
    answered(&app, request, async |inside, _, query| {
        let guideline = app.department.guideline();
        let wanted = query.get("url");
        let forms = Form::all().into_iter().filter(|form| {
            wanted.is_none_or(|url| {
                Form::of_canonical(&inside.base, guideline, url).as_ref() == Some(form)
            })
        });
        let entries: Vec<Value> = forms
            .map(|form| {
                json!({
                    "fullUrl": form.url(&inside.base, guideline),
                    "resource": form_of(&inside.base, guideline, &form),
                    "search": { "mode": "match" },
                })
            })
            .collect();
        let mut bundle =
            json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len() });
        if !entries.is_empty() {
            bundle["entry"] = entries.into();
        }
        Ok(bundle)
    })
    .await
}

/// `GET /fhir/Questionnaire/{id}`
pub async fn questionnaire(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    answered(&app, request, async |inside, _, _| {
        let guideline = app.department.guideline();
        let form = Form::all().into_iter().find(|form| form.id(guideline) == id);
        let form = form.ok_or(Refusal {
            status: StatusCode::NOT_FOUND,
            code: "not-found",
            text: "there is no such form; /fhir/Questionnaire lists them".to_string(),
        })?;
        Ok(form_of(&inside.base, guideline, &form))
    })
    .await
}

/// `POST /fhir/Questionnaire/$populate`
pub async fn populate(State(app): State<App>, request: Request) -> Response {
    answered(&app, request, async |inside, call, _| {
        let body = read(&call.body)?;
        let parameters = Parameters::of(&body)?;
        let guideline = app.department.guideline();
        let form = parameters.form(inside, &app)?;
        let subject = inside.patient(parameters.text("subject").unwrap_or_default())?;
        let chart = parameters.chart(inside, &app, &subject);
        let found: Vec<Found> = chart
            .findings
            .iter()
            .map(|one| Found {
                fact: &one.fact,
                value: &one.value,
                at: one.at,
                source: &one.resource,
            })
            .collect();
        let about = About::new(&inside.base, &subject, app.clock.now())?;
        let existing = parameters.resource("questionnaire-response");
        let existing = existing.map(|existing| inside.about_whom(existing)).transpose()?;
        let existing = existing.as_ref().map(|(_, existing)| existing);
        let filled = populated(&about, guideline, &form, &found, existing)?;
        Ok(json!({ "resourceType": "Parameters", "parameter": [
            { "name": "response", "resource": filled.response },
            { "name": "issues", "resource": filled.issues },
        ]}))
    })
    .await
}

/// `POST /fhir/Questionnaire/$next-question`
pub async fn next_question(State(app): State<App>, request: Request) -> Response {
    answered(&app, request, async |inside, call, _| {
        let body = read(&call.body)?;
        let parameters = Parameters::of(&body)?;
        let guideline = app.department.guideline();
        let response = parameters.resource("questionnaire-response");
        let response = response.ok_or_else(|| {
            refuse(
                "required",
                "questionnaire-response is missing; send one with its subject alone to begin",
            )
        })?;
        let (subject, response) = inside.about_whom(response)?;
        let about = About::new(&inside.base, &subject, app.clock.now())?;
        let form = Form { audience: cauda_fhir_service::Audience::Staff, stage: None };
        let known = parameters.chart(inside, &app, &subject).entries(guideline);
        let asking = Asking { form, by: Role::Nurse, known: &known };
        // One that holds no form yet begins.
        let begins = response.get("contained").is_none() && response.get("item").is_none();
        let next = next(&about, guideline, &asking, Some(&response).filter(|_| !begins))?;
        Ok(json!({ "resourceType": "Parameters", "parameter": [
            { "name": "return", "resource": next.response },
        ]}))
    })
    .await
}

/// `GET /fhir/CodeSystem/{id}`: the codes of cards. They speak of no patient, so everybody may read
/// them.
pub async fn code_system(State(app): State<App>, Path(id): Path<String>) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let all = cauda_cds_hooks::code_systems(inside.base.url(), env!("CARGO_PKG_VERSION"));
    match all.into_iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id.as_str())) {
        Some(found) => as_fhir(&found),
        None => calling::nothing(&app, "/fhir", &HeaderMap::new(), StatusCode::NOT_FOUND),
    }
}

/// `POST /fhir/QuestionnaireResponse/$extract`
pub async fn extract(State(app): State<App>, request: Request) -> Response {
    answered(&app, request, async |inside, call, _| {
        let body = read(&call.body)?;
        let parameters = Parameters::of(&body)?;
        let response = parameters.resource("questionnaire-response");
        let response = response.ok_or_else(|| {
            refuse("required", "questionnaire-response is missing; send the answers")
        })?;
        let (subject, response) = inside.about_whom(response)?;
        let about = About::new(&inside.base, &subject, app.clock.now())?;
        let done = extracted(&about, app.department.guideline(), &response)?;
        let mut parameter = Vec::new();
        if let Some(bundle) = done.bundle {
            parameter.push(json!({ "name": "return", "resource": bundle }));
        }
        parameter.push(json!({ "name": "issues", "resource": done.issues }));
        Ok(json!({ "resourceType": "Parameters", "parameter": parameter }))
    })
    .await
}

/// `POST /fhir/PlanDefinition/$apply`: a CarePlan; with `return=GuidanceResponse` that one,
/// which says what is missing while it is not decided.
pub async fn apply(State(app): State<App>, request: Request) -> Response {
    applied(&app, request, None).await
}

/// `POST /fhir/PlanDefinition/{id}/$apply`
pub async fn apply_one(
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    applied(&app, request, Some(id)).await
}

async fn applied(app: &App, request: Request, id: Option<String>) -> Response {
    answered(app, request, async |inside, call, query| {
        let guideline = app.department.guideline();
        let canonical = inside.base.plan(guideline);
        let own = canonical.split('|').next().unwrap_or_default();
        let own_id = own.rsplit('/').next().unwrap_or_default();
        let body = read(&call.body)?;
        let parameters = Parameters::of(&body)?;
        let named = parameters.text("planDefinition");
        let named = named.is_none_or(|named| named == own || named == canonical);
        if !named || id.is_some_and(|id| id != own_id) {
            return Err(Refusal {
                status: StatusCode::NOT_FOUND,
                code: "not-found",
                text: format!("there is no such plan; ours is {canonical}"),
            });
        }
        let subject = inside.patient(parameters.text("subject").unwrap_or_default())?;
        let encounter = parameters.text("encounter").map(str::to_string);
        let chart = parameters.chart(inside, app, &subject);
        let now = app.clock.now();
        let decision = decide(app, &chart, now);
        let about = About::new(&inside.base, &subject, now)?;
        let about = match &encounter {
            Some(encounter) => about.during(encounter)?,
            None => about,
        };
        match query.get("return") {
            Some("GuidanceResponse") => Ok(guidance_response(&about, guideline, &decision, None)),
            _ => Ok(plan(&about, guideline, &decision, None)),
        }
    })
    .await
}

/// What a chart comes to. One that must not reassure is left to a clinician.
fn decide(app: &App, chart: &Chart, now: i64) -> Decision {
    let guideline = app.department.guideline();
    let findings = resolve(guideline, &chart.entries(guideline), Some(now));
    let mut decision = explain(guideline, &findings, None);
    if !chart.may_reassure() {
        decision.decided = false;
        let blocks = chart.blocks.iter().map(|block| block.words());
        let look = |why: &str| format!("a clinician has to look first: {why}");
        decision.notes.extend(blocks.map(look));
    }
    decision
}

fn as_fhir(resource: &Value) -> Response {
    let kind = HeaderValue::from_static("application/fhir+json; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], resource.to_string()).into_response()
}

fn read(body: &[u8]) -> Result<Value, Refusal> {
    cauda_fhir::read_within(body, calling::CALL_BYTES_MAX).map_err(|error| Refusal {
        status: StatusCode::BAD_REQUEST,
        code: "structure",
        text: error.to_string(),
    })
}

/// A `Parameters` resource.
struct Parameters<'a>(Vec<&'a Value>);

impl<'a> Parameters<'a> {
    fn of(body: &'a Value) -> Result<Parameters<'a>, Refusal> {
        let resource = Resource::of(body);
        match resource.filter(|one| one.kind() == "Parameters") {
            Some(one) => {
                let all = one.list("parameter");
                if all.len() > PARAMETERS_MAX {
                    let text = "more than 200 parameters; put resources of one kind into a Bundle";
                    return Err(refuse("too-costly", text));
                }
                Ok(Parameters(all))
            }
            None => Err(refuse("structure", "send a Parameters resource")),
        }
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0
            .iter()
            .copied()
            .filter(move |one| one.get("name").and_then(Value::as_str) == Some(name))
    }

    fn resource(&self, name: &str) -> Option<&'a Value> {
        self.all(name).find_map(|one| one.get("resource"))
    }

    /// A text, an address or a reference.
    fn text(&self, name: &str) -> Option<&'a str> {
        self.all(name).find_map(|one| {
            let plain = ["valueString", "valueUri", "valueCanonical", "valueId"];
            let plain = plain.iter().find_map(|kind| one.get(*kind)?.as_str());
            plain.or_else(|| one.get("valueReference")?.get("reference")?.as_str())
        })
    }

    fn form(&self, inside: &Inside, app: &App) -> Result<Form, Refusal> {
        let guideline = app.department.guideline();
        let named = self.text("questionnaire").or_else(|| {
            self.resource("questionnaire").and_then(|one| one.get("url")).and_then(Value::as_str)
        });
        let named = named.ok_or_else(|| {
            refuse("required", "questionnaire is missing; /fhir/Questionnaire lists ours")
        })?;
        Form::of_canonical(&inside.base, guideline, named).ok_or_else(|| {
            refuse(
                "not-found",
                "there is no such form, or not in this version; /fhir/Questionnaire lists ours",
            )
        })
    }

    /// What the call brings of the patient: `data`, and the contents of `context`.
    fn chart(&self, inside: &Inside, app: &App, subject: &str) -> Chart {
        let parts = self.all("context").flat_map(|one| {
            let parts = one.get("part").and_then(Value::as_array);
            parts.into_iter().flatten().filter(|part| part.get("name") == Some(&json!("content")))
        });
        let brought = self.all("data").chain(parts).filter_map(|one| one.get("resource"));
        let supplied: Vec<(&str, Supplied)> =
            brought.map(|resource| ("data", Supplied::of(Some(resource)))).collect();
        let call = ChartCall {
            patient: subject.strip_prefix("Patient/"),
            encounter: None,
            base: Some(inside.base.url()),
            now: app.clock.now(),
        };
        read_about(&inside.table, app.department.guideline(), &call, &supplied)
    }
}
