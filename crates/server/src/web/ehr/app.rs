//! The app in an EHR: the answer so far, the questions that are left, and the way into the chart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use cauda_cds_hooks::radiation;
use cauda_fhir_service::{About, decided_visit_bundle};
use cauda_guideline::decision::Decision;
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Reason, Said};
use cauda_guideline::units::value_words;
use cauda_pages::ehr::EhrFrame;
use cauda_pages::ehr::app::{self, Used, WriteBack};
use cauda_pages::staff::findings::Asking;
use cauda_pathway::command::{Action, Found, SignedGroup};
use cauda_pathway::identity::{Actor, CommandId, StaffRole};
use cauda_pathway::visit::Signature;
use tokio::time::{Duration, Instant};

use super::calling;
use super::launch::framed_by;
use crate::ehr::Inside;
use crate::ehr::app_sessions::AppSession;
use crate::ehr::consult::{self, Consult, Event, Place, Told};
use crate::ehr::recent;
use crate::ehr::situation::{self, Situation};
use crate::ehr::telling;
use crate::ids;
use crate::web::App;
use crate::web::forms::{self, Form};
use crate::web::guard::{form, is_foreign};
use crate::web::reply::{page, to};

/// How long the EHR may take to keep a decision, in seconds.
const WRITE_SECONDS: u64 = 10;

/// An open app, with what is known of its patient.
struct Open {
    inside: Arc<Inside>,
    session: Arc<AppSession>,
    consult: Consult,
    known: Situation,
    here: String,
}

type Faults = BTreeMap<String, String>;

async fn open(app: &App, secret: &str) -> Result<Open, Response> {
    let inside = calling::inside(app).map_err(|answer| *answer)?;
    let gone = || {
        let text = "This was open too long, or the server was started anew. Open it again from \
                    the chart; everything that was saved is still there.";
        app.in_ehr(&inside, StatusCode::GONE, "Open it again", text)
    };
    let session = inside.sessions.find(secret, app.clock.now()).ok_or_else(gone)?;
    let away = |error: crate::ServerError| {
        tracing::error!(%error, "the app in an EHR has no record");
        let text = "The record cannot be reached. Nothing is lost; try again in a moment.";
        app.in_ehr(&inside, StatusCode::SERVICE_UNAVAILABLE, "Not now", text)
    };
    let now = app.clock.now();
    let place = Place {
        tenant: &session.tenant,
        patient: &session.patient,
        encounter: session.encounter.as_deref(),
        day: &recent::day(now),
    };
    let record = app.department.record();
    let read = recent::read(record, &inside.handles, &place, &session.handle, now);
    let consult = read.await.map_err(away)?.all().clone();
    let tenant = inside.registry.tenant(&session.tenant);
    let has_own = tenant.is_some_and(|tenant| inside.has_own_numbers(tenant.settings()));
    let number = consult.number().filter(|_| has_own);
    let own = situation::own_visit(&app.department, number).await.map_err(away)?;
    let known =
        Situation::new(own, consult.chart().iter().chain(consult.said()), consult.signatures());
    let here = format!("/ehr/app/{secret}");
    Ok(Open { inside, session, consult, known, here })
}

/// The page.
pub async fn show(
    State(app): State<App>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let form = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let notice = match form.get("done") {
        Some("answers") => Some("Saved."),
        Some("written") => Some("The decision stands in the chart now."),
        Some("nothing") => Some("Nothing was answered, so nothing changed."),
        _ => None,
    };
    let role = if form.get("as") == Some("physician") { Role::Physician } else { Role::Nurse };
    match open(&app, &secret).await {
        Ok(mut open) => shown(&app, &mut open, role, notice, None),
        Err(answer) => answer,
    }
}

fn shown(
    app: &App,
    open: &mut Open,
    role: Role,
    notice: Option<&str>,
    refused: Option<(&Form, Faults)>,
) -> Response {
    let guideline = app.department.guideline();
    let now = app.clock.now();
    let (mut decision, _) = open.known.decide(guideline, now);
    if open.consult.cut || !open.session.blocks.is_empty() {
        // What a clinician must see first is not covered by what was asked.
        decision.decided = false;
        decision.clinician_review = true;
    }
    let known =
        cauda_pathway::known(&open.known.visit, guideline, now.max(open.known.visit.latest));
    let (gender, years) = (open.session.gender.as_deref(), open.session.years);
    let pregnancy = telling::pregnancy(guideline, &known, gender, years);
    let (entered, faults) = match &refused {
        Some((form, faults)) => (form.entered(), faults.clone()),
        None => (BTreeMap::new(), Faults::new()),
    };
    let index = |missing: &cauda_guideline::decision::Missing| guideline.fact(&missing.fact);
    let matters: BTreeSet<_> = decision.missing.iter().filter_map(index).collect();
    let withheld: BTreeSet<_> =
        decision.withheld.iter().filter_map(|fact| guideline.fact(fact)).collect();
    let calendar = app.local_time.now(&app.clock);
    let asking = Asking {
        guideline,
        visit: &open.known.visit,
        known: &known,
        role,
        entered: &entered,
        faults: &faults,
        matters: &matters,
        told: &BTreeMap::new(),
        withheld: &withheld,
        anchors: true,
        calendar: &calendar,
    };
    let blocked = decision.clinician_review || !open.session.blocks.is_empty();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = EhrFrame {
        title: "Back pain",
        department: &app.config.department,
        patient: open.session.banner.as_deref(),
        demo: app.config.demo,
    };
    let main = app::page(&app::App {
        decision: &decision,
        asking,
        here: &open.here,
        command: &ids::new_id(),
        notice,
        used: &used(app, &open.consult),
        ignored: open.session.ignored,
        unlisted: &open.session.unlisted,
        radiation: radiation(&decision, None, pregnancy).as_deref(),
        blocks: &open.session.blocks,
        write_back: write_back(open, &decision, now, blocked),
        in_department: open.known.own.is_some(),
    });
    let mut answer = page(status, frame.page(&main));
    answer.extensions_mut().insert(framed_by(&open.inside, &open.session.tenant));
    answer
}

fn used(app: &App, consult: &Consult) -> Vec<Used> {
    let guideline = app.department.guideline();
    let calendar = app.local_time.now(&app.clock);
    let chart = consult.chart();
    let used = chart.iter().filter_map(|said| {
        let fact = &guideline.facts[guideline.fact(&said.fact)?];
        let from = cauda_pages::staff::Calendar::clock(&calendar, said.at);
        let limit = said.value.strip_prefix(">=").or(said.value.strip_prefix("<="));
        let words = value_words(limit.unwrap_or(&said.value));
        // A number of the EHR that somebody else has to settle reassures nobody.
        let settles = fact.asked_of.is_empty() || fact.asked_of.contains(&Role::Ehr);
        let value = match fact.quantity().is_some() && (limit.is_some() || !settles) {
            true => format!("{words}, only its dangerous side counts"),
            false => words,
        };
        Some(Used { name: fact.staff.clone(), value, from })
    });
    used.collect()
}

fn write_back(open: &Open, decision: &Decision, now: i64, blocked: bool) -> WriteBack {
    let session = &open.session;
    let granted = session.may_write && session.token.is_some();
    match (granted, decision.decided && !blocked) {
        _ if open.consult.written.contains(&decision.facts_sha256) => WriteBack::Done,
        (false, _) => WriteBack::NotGranted,
        _ if now >= session.token_until => WriteBack::Over,
        (_, false) => WriteBack::NotDecided,
        (true, true) => WriteBack::Possible,
    }
}

/// Answers.
pub async fn answers(
    State(app): State<App>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let foreign = is_foreign(request.headers());
    let (_, form) = form(request).await;
    let mut open = match open(&app, &secret).await {
        Ok(open) => open,
        Err(answer) => return answer,
    };
    let Some(form) = form.filter(|_| !foreign) else {
        let text = "What was sent is too large, or came from another page. Nothing was saved.";
        return app.in_ehr(&open.inside, StatusCode::BAD_REQUEST, "Not saved", text);
    };
    let role = match form.get("as") {
        Some("physician") => Role::Physician,
        _ => Role::Nurse,
    };
    let now = app.clock.now();
    let found = match forms::found(app.department.guideline(), &form, role, now) {
        Ok(found) => found,
        Err(faults) => return shown(&app, &mut open, role, None, Some((&form, faults))),
    };
    if found.findings.is_empty() && found.signed.is_empty() {
        return to(&format!("{}?done=nothing&as={}", open.here, role.id()));
    }
    match save(&app, &open, role, &form, found, now).await {
        Ok(()) => to(&format!("{}?done=answers&as={}", open.here, role.id())),
        Err(text) => {
            let faults = Faults::from([(String::new(), text)]);
            shown(&app, &mut open, role, None, Some((&form, faults)))
        }
    }
}

/// In the department's own visit where there is one, else in the consultation.
async fn save(
    app: &App,
    open: &Open,
    role: Role,
    form: &Form,
    found: Found,
    now: i64,
) -> Result<(), String> {
    let session = &open.session;
    let sent = form.get("command").unwrap_or_default();
    let answers = form.of("f.").chain(form.of("a."));
    let said: Vec<String> = answers.map(|(name, value)| format!("{name}={value}")).collect();
    let short = ids::kept(&format!("{} {sent} {}", session.handle.as_str(), said.join("&")));
    let short = short.get(..40).unwrap_or_default().to_string();
    let away = "The record cannot be reached, so nothing was saved yet. What you entered stands \
                here: send it again.";
    if let Some((id, _)) = &open.known.own {
        let by = actor(session, role).ok_or(away)?;
        let command = CommandId::new(short).map_err(|_| away.to_string())?;
        let done = app.department.act(&by, id, &command, Action::Record { found }).await;
        return match done {
            Ok(_) => Ok(()),
            Err(crate::department::ActError::Refused(refusal)) => Err(refusal.to_string()),
            Err(_) => Err(away.to_string()),
        };
    }
    if !is_reliable(app, open, &found) {
        return Err("a group cannot be signed while the history is not reliable; ask each again \
                    with an interpreter or when the patient is clear"
            .to_string());
    }
    let told = Told {
        at: now,
        user: session.user.clone(),
        as_role: role,
        findings: found.findings,
        signed: found.signed.into_iter().map(|group| group.attestation).collect(),
    };
    let record = app.department.record();
    let command = format!("told-{short}");
    let events = [Event::Told(told)];
    let written = consult::write(record, &session.handle, command, app.clock.micros(), &events);
    written.await.map(drop).map_err(|error| {
        tracing::error!(%error, "answers in an EHR were not saved");
        away.to_string()
    })
}

/// Whether what is signed would count: with a history that is not reliable no answer of a group
/// does (CR7), so nobody signs it, as in the department's own visits.
fn is_reliable(app: &App, open: &Open, found: &Found) -> bool {
    let guideline = app.department.guideline();
    let said = open.consult.chart();
    let said = said.iter().chain(open.consult.said()).chain(&found.findings);
    let Some(by) = consult::staff_id(&open.session.user) else { return false };
    let signature = |group: &SignedGroup| Signature {
        attestation: group.attestation.clone(),
        said_by: group.said_by,
        at: group.at,
        signed: by.clone(),
        withdrawn: false,
    };
    let visit = Situation::new(None, said, found.signed.iter().map(signature)).visit;
    let known = cauda_pathway::known(&visit, guideline, app.clock.now().max(visit.latest));
    let signed = guideline
        .attestations
        .iter()
        .filter(|group| found.signed.iter().any(|signed| signed.attestation == group.id));
    let doubted = Said::Unknown(Reason::Unreliable);
    !signed.flat_map(|group| &group.covers).any(|fact| known.by_fact[*fact].said == doubted)
}

/// Who answers, as the record of a visit has it: the EHR's user, by its own name for them.
fn actor(session: &AppSession, role: Role) -> Option<Actor> {
    let id = consult::staff_id(&format!("{}.{}", session.tenant, session.user))?;
    let role = match role {
        Role::Physician => StaffRole::Physician,
        _ => StaffRole::BedsideNurse,
    };
    Some(Actor { id, role })
}

/// The decision into the chart, once it is one.
pub async fn writes_back(
    State(app): State<App>,
    Path(secret): Path<String>,
    request: Request,
) -> Response {
    let foreign = is_foreign(request.headers());
    let mut open = match open(&app, &secret).await {
        Ok(open) => open,
        Err(answer) => return answer,
    };
    let (guideline, now) = (app.department.guideline(), app.clock.now());
    let (decision, answered) = open.known.decide(guideline, now);
    let blocked = decision.clinician_review || !open.session.blocks.is_empty();
    let state = write_back(&open, &decision, now, blocked);
    if foreign || state != WriteBack::Possible {
        return to(&open.here);
    }
    let said = |text: &str| app.in_ehr(&open.inside, StatusCode::BAD_GATEWAY, "Not written", text);
    let session = &open.session;
    let findings = cauda_pathway::known(&open.known.visit, guideline, answered.as_of);
    let (subject, encounter) = (
        format!("Patient/{}", session.patient),
        session.encounter.as_ref().map(|e| format!("Encounter/{e}")),
    );
    let about = About::new(&open.inside.base, &subject, answered.as_of).and_then(|about| {
        let about = match &encounter {
            Some(encounter) => about.during(encounter)?,
            None => about,
        };
        match session.user.contains('/') {
            true => about.by(&session.user),
            false => Ok(about),
        }
    });
    let Ok(about) = about else { return said("The chart has no proper id. Nothing was written.") };
    let bundle =
        decided_visit_bundle(&about, guideline, &decision, &findings, session.handle.as_str());
    let tenant = open.inside.registry.tenant(&session.tenant);
    let base = tenant.map(|tenant| tenant.fhir_base().to_string()).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(WRITE_SECONDS);
    let client = open.inside.gate.fhir(&session.tenant, &base, session.token.as_ref(), deadline);
    let sent = match client {
        Ok(client) => client.transaction(&bundle).await.map_err(|why| why.to_string()),
        Err(why) => Err(why.to_string()),
    };
    if let Err(why) = sent {
        tracing::warn!(why, "a decision was not written into a chart");
        return said("The EHR did not take it. Nothing was written, and it can be tried again.");
    }
    let event = Event::WrittenBack {
        at: now,
        user: session.user.clone(),
        facts_sha256: decision.facts_sha256.clone(),
    };
    let command = format!("written-{}", ids::new_id());
    let record = app.department.record();
    let noted =
        consult::write(record, &session.handle, command, app.clock.micros(), &[event]).await;
    if let Err(error) = noted {
        // Writing it again changes nothing in the chart, so not knowing does no harm.
        tracing::error!(%error, "that a decision was written was not recorded");
    }
    to(&format!("{}?done=written", open.here))
}
