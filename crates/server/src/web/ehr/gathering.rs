//! What is known of the patient of a call: what was sent along, and what is missing of it from the
//! EHR's FHIR server, through the one gate, until the answer has to go out.

use std::collections::BTreeMap;

use cauda_cds_hooks::{HookRequest, MissingData};
use cauda_chart::{Call, Chart, read_about};
use cauda_ehr::{FhirClient, Question, Secret};
use cauda_fhir::Supplied;
use cauda_guideline::Guideline;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::ehr::Inside;

/// Pages of a search that are waited for.
const PAGES_MAX: usize = 2;

/// What came of a call and of the questions it gave leave for.
pub struct Gathered {
    /// The chart.
    pub chart: Chart,
    /// The encounter, for its reason and its service.
    pub encounter: Option<Value>,
    /// Orders that were placed before, where they had to be fetched.
    pub placed: Option<Value>,
    /// The patient was neither sent along, nor could be had (R54).
    pub nobody: bool,
    /// What is missing.
    pub missing: Vec<MissingData>,
}

/// Gathers it. Whatever does not come in time is unknown.
pub async fn gather(
    inside: &Inside,
    guideline: &Guideline,
    request: &mut HookRequest<'_>,
    tenant: &str,
    now: i64,
    deadline: Instant,
) -> Gathered {
    let missing = request.missing(&inside.listed.observations);
    let client = client(inside, request, tenant, deadline);
    let fetched = match &client {
        Some(client) => fetch(client, &missing, deadline).await,
        None => BTreeMap::new(),
    };
    let sent = request.all_supplied();
    let supplied: Vec<(&str, Supplied)> = sent
        .into_iter()
        .map(|(key, sent)| (key, fetched.get(key).map_or(sent, |value| Supplied::of(Some(value)))))
        .collect();
    let call = Call {
        patient: Some(request.context.patient),
        encounter: request.context.encounter,
        base: Some(inside.base.url()),
        now,
    };
    let chart = read_about(&inside.table, guideline, &call, &supplied);
    let of_key = |wanted: &str| supplied.iter().find(|(key, _)| *key == wanted);
    let encounter = of_key("encounter").and_then(|(_, supplied)| match supplied {
        Supplied::Found(found) => {
            let patient = request.context.patient;
            let own = found.all().into_iter().find(|one| {
                let of = one.reference("subject");
                one.kind() == "Encounter"
                    && one.id() == request.context.encounter
                    && of.is_none_or(|of| of.kind != "Patient" || of.id == patient)
            });
            own.map(|one| one.json().clone())
        }
        _ => None,
    });
    let patient = of_key("patient").map(|(_, supplied)| supplied);
    let unasked = patient.is_none_or(|one| matches!(one, Supplied::Absent)) && client.is_none();
    let in_vain = fetched.contains_key("patient")
        && patient.is_none_or(|one| !matches!(one, Supplied::Found(_)));
    let placed = fetched.get("orders").cloned();
    Gathered { nobody: unasked || in_vain, placed, chart, encounter, missing }
}

/// The way to the FHIR server of the call, if the call gives leave and names the registered one.
fn client(
    inside: &Inside,
    request: &mut HookRequest<'_>,
    tenant: &str,
    deadline: Instant,
) -> Option<FhirClient> {
    let claimed = request.fhir_server?;
    let authorization = request.take_authorization()?;
    // A token for another patient would bring another patient's chart.
    let other = |patient: &String| {
        patient.strip_prefix("Patient/").unwrap_or(patient) != request.context.patient
    };
    if authorization.patient.as_ref().is_some_and(other) {
        tracing::warn!(tenant, "the token of a call is for another patient, and was not used");
        return None;
    }
    let token = Secret::read(authorization.token.reveal())?;
    match inside.gate.fhir(tenant, claimed, Some(&token), deadline) {
        Ok(client) => Some(client.pages(PAGES_MAX)),
        Err(why) => {
            tracing::warn!(tenant, %why, "nothing was fetched for a call");
            None
        }
    }
}

/// Asks for all that is missing at once. What fails stands as failed, which is not "none".
async fn fetch(
    client: &FhirClient,
    missing: &[MissingData],
    deadline: Instant,
) -> BTreeMap<&'static str, Value> {
    let mut asking = JoinSet::new();
    for data in missing {
        let question = data.query.as_deref().and_then(Question::read);
        let (Some(question), client, key) = (question, client.clone(), data.key) else { continue };
        asking.spawn(async move { (key, client.ask(&question).await) });
    }
    let mut found = BTreeMap::new();
    while let Ok(Some(done)) = timeout_at(deadline, asking.join_next()).await {
        let Ok((key, answer)) = done else { continue };
        let value = match answer {
            Ok(answer) => answer.resource,
            Err(why) => {
                tracing::info!(key, %why, "an EHR did not answer");
                Value::Bool(false)
            }
        };
        found.insert(key, value);
    }
    // What was asked for and did not come in time has failed too.
    for data in missing.iter().filter(|data| data.query.is_some()) {
        found.entry(data.key).or_insert(Value::Bool(false));
    }
    found
}
