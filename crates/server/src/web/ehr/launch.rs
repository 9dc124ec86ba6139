//! The app is opened from an EHR (SMART App Launch 2.2): off to the EHR, and back with its leave.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cauda_cds_hooks::templates;
use cauda_chart::{Call, Chart, read_about};
use cauda_ehr::{FhirClient, Question, Secret};
use cauda_fhir::Supplied;
use cauda_pages::ehr::EhrFrame;
use cauda_smart::{FhirUser, Launched, Shown, Tie};
use ring::rand::SystemRandom;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, timeout_at};

use super::calling;
use super::service::{brought, number, years};
use crate::ehr::Inside;
use crate::ehr::app_sessions::AppSession;
use crate::ehr::consult::{self, Event, Handle, Opened, Place};
use crate::ehr::recent;
use crate::ids;
use crate::web::App;
use crate::web::forms::Form;
use crate::web::guard::Framed;
use crate::web::reply::{page, to};
use crate::web::sign_in::peer;

/// How long the chart is waited for when the app is opened, in seconds.
const CHART_SECONDS: u64 = 5;
/// What a launch may hold in its address, in bytes.
const QUERY_BYTES_MAX: usize = 16_384;

/// `launch_uri`: an EHR opened us with `iss` and `launch`; or somebody comes with `iss` alone, to
/// choose a patient there.
pub async fn launch(State(app): State<App>, request: Request) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let query = request.uri().query().unwrap_or_default();
    let form = Form::read(query.as_bytes());
    let (Some(iss), true) = (form.get("iss"), query.len() <= QUERY_BYTES_MAX) else {
        return app.in_ehr(&inside, StatusCode::BAD_REQUEST, "Not opened from an EHR", NO_ISS);
    };
    if !app.limits.broken_calls.takes(&peer(&app, &request), app.clock.now()) {
        let text = "Too many launches at once. Wait a moment and open it again.";
        return app.in_ehr(&inside, StatusCode::TOO_MANY_REQUESTS, "Slower", text);
    }
    let tie = if is_frame(request.headers()) { Tie::Frame } else { Tie::Handle };
    let random = SystemRandom::new();
    let begun = inside.launches.begin(iss, form.get("launch"), tie, &random, app.clock.now()).await;
    let begun = match begun {
        Ok(begun) => begun,
        Err(why) => {
            tracing::warn!(%why, "a launch did not begin");
            return app.in_ehr(
                &inside,
                StatusCode::BAD_GATEWAY,
                "It cannot be opened",
                &said(&why),
            );
        }
    };
    let mut answer = to(&begun.redirect_to);
    if let Some(handle) = &begun.handle {
        let cookie = cookie(&app, begun.state.reveal(), handle.reveal(), 600);
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer.extensions_mut().insert(framed(&inside));
    answer
}

const NO_ISS: &str = "This address is opened by an EHR, which says in it which one it is.";

/// `redirect_uri`: the EHR sends the browser back.
pub async fn back(State(app): State<App>, request: Request) -> Response {
    let inside = match calling::inside(&app) {
        Ok(inside) => inside,
        Err(answer) => return *answer,
    };
    let query = request.uri().query().unwrap_or_default().to_string();
    let state = Form::read(query.as_bytes()).get("state").unwrap_or_default().to_string();
    let name = cookie_name(&app, &state);
    let handle = cookie_value(request.headers(), &name);
    let shown = match &handle {
        Some(handle) => Shown::Handle(handle),
        None if is_frame(request.headers()) => Shown::Frame,
        None => Shown::Handle(""),
    };
    let (random, now) = (SystemRandom::new(), app.clock.now());
    let launched = match inside.launches.finish(&query, shown, &random, now).await {
        Ok(launched) => launched,
        Err(why) => {
            tracing::warn!(%why, "a launch did not end well");
            return app.in_ehr(&inside, StatusCode::FORBIDDEN, "It cannot be opened", &said(&why));
        }
    };
    let mut answer = match opened(&app, &inside, &launched).await {
        // No redirection: the page has its own address as its secret.
        Ok(secret) => to(&format!("/ehr/app/{secret}")),
        Err(answer) => answer,
    };
    if handle.is_some() {
        let gone = cookie(&app, &state, "", 0);
        answer.headers_mut().append(header::SET_COOKIE, gone);
    }
    answer.extensions_mut().insert(framed(&inside));
    answer
}

/// The app for a chart; what stands in its address.
async fn opened(app: &App, inside: &Inside, launched: &Launched) -> Result<String, Response> {
    let now = app.clock.now();
    let wrong =
        |text: &str| app.in_ehr(inside, StatusCode::FORBIDDEN, "Another chart is open", text);
    let place = Place {
        tenant: &launched.tenant,
        patient: &launched.patient,
        encounter: launched.encounter.as_deref(),
        day: &recent::day(now),
    };
    let handle = match launched.app_context.as_deref() {
        Some(context) => of_card(app, inside, launched, context).await.map_err(wrong)?,
        None => inside.handles.give(&place),
    };
    let chart = chart(app, inside, launched).await;
    let Some(tenant) = inside.registry.tenant(&launched.tenant) else {
        return Err(wrong("The EHR that opened this is not registered for calls."));
    };
    let number = number(&chart, tenant, inside);
    // Answers count as a nurse's or a physician's: a patient at a portal is neither.
    let staff = |user: &FhirUser| matches!(user.kind, "Practitioner" | "PractitionerRole");
    if launched.user.as_ref().is_some_and(|user| !staff(user)) {
        return Err(wrong(
            "Cauda opens here for clinicians only; this sign-in is not one of theirs.",
        ));
    }
    let user = launched.user.as_ref().map(|user| user.reference());
    let user = user.unwrap_or_else(|| "somebody of the EHR".to_string());
    let unsaved = |error: crate::ServerError| {
        tracing::error!(%error, "the app was not opened");
        let text = "The record cannot be reached, so nothing could be opened. Try again.";
        app.in_ehr(inside, StatusCode::SERVICE_UNAVAILABLE, "Not now", text)
    };
    let record = app.department.record();
    let known = recent::read(record, &inside.handles, &place, &handle, now).await;
    let known = known.map_err(unsaved)?;
    let brought = brought(&chart);
    let mut events = vec![Event::Opened(Opened {
        at: now,
        tenant: launched.tenant.clone(),
        patient: launched.patient.clone(),
        number: number.map(str::to_string),
        encounter: launched.encounter.clone(),
        user: user.clone(),
    })];
    let sha256 = consult::hash(&brought.findings);
    events.extend(consult::chart_events(&known.own, known.all(), &sha256, &brought));
    let command = format!("open-{}", ids::new_id());
    let written = consult::write(record, &handle, command, app.clock.micros(), &events).await;
    written.map_err(unsaved)?;
    let may_write =
        ["ServiceRequest", "CarePlan"].iter().all(|kind| launched.granted.may_write(kind));
    let session = AppSession {
        handle,
        tenant: launched.tenant.clone(),
        patient: launched.patient.clone(),
        encounter: launched.encounter.clone(),
        user,
        banner: launched.need_patient_banner.then(|| banner(&chart)).flatten(),
        ignored: (chart.ignored.len() + chart.unknown.values().sum::<usize>())
            .saturating_sub(chart.unlisted.len()),
        unlisted: chart.unlisted.iter().map(|one| one.label.clone()).collect(),
        gender: chart.patient.as_ref().and_then(|patient| patient.gender.clone()),
        years: years(&chart),
        blocks: chart.blocks.iter().map(|block| block.words().to_string()).collect(),
        token: Secret::read(launched.access_token.reveal()),
        token_until: launched.expires_at,
        may_write,
        since: now,
    };
    inside.sessions.open(session).map_err(unsaved)
}

/// The consultation of a card, if the card was made for the chart that is open.
async fn of_card(
    app: &App,
    inside: &Inside,
    launched: &Launched,
    context: &str,
) -> Result<Handle, &'static str> {
    let unknown =
        "The card that opened this is not known here any more. Open Cauda from the chart.";
    let handle = Handle::read(context).ok_or(unknown)?;
    let consult = consult::read(app.department.record(), &handle).await.map_err(|_| unknown)?;
    let (tenant, patient, encounter) = consult.about().ok_or(unknown)?;
    let other = "The card was made for another patient or visit than the chart that is open. \
                 Close this and open the card in its own chart.";
    if inside.registry.tenant(tenant).is_none() || tenant != launched.tenant {
        return Err(other);
    }
    launched.matches(patient, encounter).map_err(|why| {
        tracing::warn!(%why, "a card was opened in another chart");
        other
    })?;
    Ok(handle)
}

/// The chart as far as the EHR gave leave to read it.
async fn chart(app: &App, inside: &Inside, launched: &Launched) -> Chart {
    let now = app.clock.now();
    let deadline = Instant::now() + Duration::from_secs(CHART_SECONDS);
    let token = Secret::read(launched.access_token.reveal());
    let client = inside.gate.fhir(&launched.tenant, &launched.iss, token.as_ref(), deadline);
    let mut asking: JoinSet<(&'static str, Value)> = JoinSet::new();
    let asked = templates(&inside.listed.observations);
    if let Ok(client) = client {
        for (key, template) in &asked {
            let question = question(template, launched).filter(|one| may(launched, one));
            let (Some(question), client, key) = (question, client.clone(), *key) else { continue };
            asking.spawn(async move { (key, ask(&client, &question).await) });
        }
    }
    let mut found: Vec<(&str, Value)> = Vec::new();
    while let Ok(Some(done)) = timeout_at(deadline, asking.join_next()).await {
        found.extend(done.ok());
    }
    let supplied: Vec<(&str, Supplied)> = asked
        .iter()
        .map(|(key, _)| {
            let value = found.iter().find(|(known, _)| known == key).map(|(_, value)| value);
            (*key, Supplied::of(value))
        })
        .collect();
    let call = Call {
        patient: Some(&launched.patient),
        encounter: launched.encounter.as_deref(),
        base: Some(inside.base.url()),
        now,
    };
    read_about(&inside.table, app.department.guideline(), &call, &supplied)
}

async fn ask(client: &FhirClient, question: &Question) -> Value {
    match client.ask(question).await {
        Ok(found) => found.resource,
        // Failed, which is not "none".
        Err(_) => Value::Bool(false),
    }
}

fn question(template: &str, launched: &Launched) -> Option<Question> {
    let mut query = template.replace("{{context.patientId}}", &launched.patient);
    if query.contains("{{context.encounterId}}") {
        query = query.replace("{{context.encounterId}}", launched.encounter.as_deref()?);
    }
    Question::read(&query)
}

fn may(launched: &Launched, question: &Question) -> bool {
    match question.id() {
        Some(_) => launched.granted.may_read(question.kind()),
        None => launched.granted.may_search(question.kind()),
    }
}

fn banner(chart: &Chart) -> Option<String> {
    let patient = chart.patient.as_ref()?;
    let number = patient.identifiers.first().map(|(_, number)| number.clone());
    let parts = [patient.name.clone(), patient.birth.clone().map(|b| format!("born {b}")), number];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What a person is told; nothing of what the EHR said.
fn said(why: &cauda_smart::SmartError) -> String {
    format!(
        "{}{}. Open it again from the chart.",
        why.to_string().get(..1).unwrap_or_default().to_uppercase(),
        why.to_string().get(1..).unwrap_or_default()
    )
}

/// Whether the request is one of a frame, as browsers say it.
fn is_frame(headers: &HeaderMap) -> bool {
    let dest = headers.get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    matches!(dest, Some("iframe" | "frame"))
}

/// Who may show the app in a page of theirs.
pub fn framed(inside: &Inside) -> Framed {
    Framed::by(inside.framers.iter().map(String::as_str))
}

/// Only the EHR that opened it may show the app of a patient.
pub fn framed_by(inside: &Inside, tenant: &str) -> Framed {
    let origins = inside.registry.tenant(tenant).map(|tenant| &tenant.settings().origins);
    Framed::by(origins.into_iter().flatten().map(String::as_str))
}

fn cookie_name(app: &App, state: &str) -> String {
    let of = ids::kept(state);
    let of = of.get(..16).unwrap_or_default();
    match app.config.is_encrypted() {
        true => format!("__Secure-cauda-launch-{of}"),
        false => format!("cauda-launch-{of}"),
    }
}

/// Lax, as the EHR's page brings the browser back.
fn cookie(app: &App, state: &str, value: &str, seconds: u32) -> HeaderValue {
    let secure = if app.config.is_encrypted() { "; Secure" } else { "" };
    let name = cookie_name(app, state);
    let text = format!(
        "{name}={value}; Path=/ehr/back; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|text| text.split(';')).filter_map(|one| one.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
}

impl App {
    /// One sentence inside an EHR.
    pub(super) fn in_ehr(
        &self,
        inside: &Inside,
        status: StatusCode,
        heading: &str,
        text: &str,
    ) -> Response {
        let frame = EhrFrame {
            title: heading,
            department: &self.config.department,
            patient: None,
            demo: self.config.demo,
        };
        let mut answer = page(status, frame.says(heading, text)).into_response();
        answer.extensions_mut().insert(framed(inside));
        answer
    }
}
