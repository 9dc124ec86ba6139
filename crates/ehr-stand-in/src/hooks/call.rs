//! A hook fires: every service that listens to it is called, and nobody waits longer than the
//! patience of this EHR (CDS Hooks 2.0, "Calling a CDS Service").

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::StandInError;
use crate::ehr::Ehr;
use crate::fhir::answer::address;
use crate::hooks::ask::{self, Missing};
use crate::hooks::card::{self, Card};
use crate::hooks::discovery::{self, Service};
use crate::hooks::prefetch;
use crate::random;
use crate::samples::PRACTITIONER;
use crate::smart::grants::TOKEN_SECONDS;
use crate::smart::scope::Access;

/// Most services that one hook calls.
const CALLS_MAX: usize = 8;

/// What happened in the EHR.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Happening {
    /// `order-select`
    pub hook: String,
    /// The id of the patient.
    pub patient: String,
    /// The id of the visit.
    pub encounter: Option<String>,
    /// The orders that are not signed.
    pub drafts: Vec<Value>,
    /// Which of them were just chosen, `ServiceRequest/order-1`; all of them if empty.
    pub selections: Vec<String>,
}

/// What a service said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// The id of the service.
    pub service: String,
    /// HTTP status; `None` when there was no answer in time.
    pub status: Option<u16>,
    /// The body, if it is JSON.
    pub body: Option<Value>,
    /// Its cards.
    pub cards: Vec<Card>,
    /// What it wants changed without asking, by CDS Hooks and by the extension of Argonaut PAMA.
    pub system_actions: Vec<Value>,
    /// In what the answer breaks the standard.
    pub complaints: Vec<String>,
    /// Why there is no advice, in a few words.
    pub missing: Option<String>,
}

/// Calls every service of a hook.
pub(crate) async fn fire(ehr: &Ehr, happening: &Happening) -> Result<Vec<Answered>, String> {
    let until = Instant::now() + ehr.patience;
    let services = discovery::services(ehr, until).await.map_err(|missing| match missing {
        Missing::Late => "no advice in time".to_owned(),
        Missing::Fault(text) => format!("no advice: {text}"),
    })?;
    let mut answers = Vec::new();
    let these = services.iter().filter(|one| one.hook == happening.hook).take(CALLS_MAX);
    for service in these {
        answers.push(call(ehr, service, happening, until).await);
    }
    Ok(answers)
}

async fn call(ehr: &Ehr, service: &Service, happening: &Happening, until: Instant) -> Answered {
    let mut answered = Answered { service: service.id.clone(), ..Answered::default() };
    let body = match request(ehr, service, happening) {
        Ok(body) => body,
        Err(error) => return Answered { missing: Some(error.to_string()), ..answered },
    };
    let url = format!("{}/cds-services/{}", ehr.service, service.id);
    let mut asked = ask::ask(ehr, &url, Some(&body), until).await;
    match &asked.answer {
        Err(Missing::Late) => answered.missing = Some("no advice in time".to_owned()),
        Err(missing) => answered.missing = Some(format!("no advice: {}", missing.text())),
        Ok((status, bytes)) => {
            answered.status = Some(*status);
            answered.body = cauda_fhir::read(bytes).ok();
            answered.read(asked.says_json);
        }
    }
    asked.exchange.notes.extend(answered.complaints.iter().cloned());
    ehr.traffic().add(asked.exchange);
    answered
}

impl Answered {
    fn read(&mut self, says_json: bool) {
        if self.status != Some(200) {
            let said = self.body.as_ref().and_then(card::said_in_outcome);
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            let status = self.status.unwrap_or_default();
            self.missing = Some(format!("no advice: the service answered {status}{said}"));
            return;
        }
        if !says_json {
            self.complaints.push("the Content-Type is not application/json".to_owned());
        }
        let Some(body) = &self.body else {
            self.missing = Some("no advice: the answer is no JSON".to_owned());
            return;
        };
        let read = card::read(body);
        (self.cards, self.system_actions) = (read.cards, read.system_actions);
        self.complaints.extend(read.complaints);
    }
}

fn request(ehr: &Ehr, service: &Service, happening: &Happening) -> Result<Value, StandInError> {
    let context = context(ehr, happening);
    let mut body = json!({
        "hook": happening.hook,
        "hookInstance": random::uuid()?,
        "context": context,
    });
    if !ehr.faults().no_access {
        let now = ehr.now();
        let (client, scope) = (&ehr.hook_client_id, &ehr.hook_scopes);
        let until = now + TOKEN_SECONDS;
        let access = Access::new(scope, Some(&happening.patient), until);
        body["fhirServer"] = ehr.fhir_base().into();
        body["fhirAuthorization"] = json!({
            "access_token": ehr.grants().token(access, now)?,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": scope,
            "subject": client,
            "patient": happening.patient,
        });
    }
    let data = prefetch::all(ehr, service, &context);
    if !data.is_empty() {
        body["prefetch"] = Value::Object(data);
    }
    Ok(body)
}

/// The context of a hook, as its page in the standard's library says.
fn context(ehr: &Ehr, happening: &Happening) -> Value {
    let mut context = Map::new();
    context.insert("userId".to_owned(), format!("Practitioner/{PRACTITIONER}").into());
    context.insert("patientId".to_owned(), happening.patient.as_str().into());
    if let Some(encounter) = &happening.encounter {
        context.insert("encounterId".to_owned(), encounter.as_str().into());
    }
    if matches!(happening.hook.as_str(), "order-select" | "order-sign") {
        context.insert("draftOrders".to_owned(), drafts(ehr, &happening.drafts));
    }
    if happening.hook == "order-select" {
        let all = || happening.drafts.iter().filter_map(address).collect();
        let chosen = &happening.selections;
        let chosen = if chosen.is_empty() { all() } else { chosen.clone() };
        context.insert("selections".to_owned(), chosen.into());
    }
    Value::Object(context)
}

fn drafts(ehr: &Ehr, drafts: &[Value]) -> Value {
    let faulty = ehr.faults().empty_coding;
    let entry = |draft: &Value| {
        let mut draft = draft.clone();
        if faulty {
            draft["code"] = json!({"coding": [{}]});
            draft["reasonCode"] = json!([]);
        }
        json!({"resource": draft})
    };
    let entries: Vec<Value> = drafts.iter().map(entry).collect();
    let mut bundle = json!({"resourceType": "Bundle", "entry": entries});
    if !faulty {
        bundle["type"] = "collection".into();
    }
    bundle
}
