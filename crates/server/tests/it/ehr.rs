//! A department and an EHR beside it: the stand-in, which was written against the standards and
//! not against this server.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use cauda_ehr_stand_in::{
    Answered, Client, ClientKeys, Config as Office, Faults, Happening, PATIENCE, Running, Signer,
    StandIn,
};
use cauda_server::Config;
use cauda_server::clock::Clock;
use cauda_server::ehr::EhrConfig;
use cauda_store::Options;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use ureq::Agent;

use crate::house::{House, MORNING};

/// What the app is granted.
pub const SCOPES: &str = "openid fhirUser patient/Patient.r patient/Encounter.r \
    patient/Condition.rs patient/Observation.crus patient/MedicationRequest.rs \
    patient/AllergyIntolerance.rs patient/Procedure.rs patient/ServiceRequest.crus \
    patient/DiagnosticReport.rs patient/CarePlan.crus patient/Task.crus patient/Provenance.crus \
    patient/GuidanceResponse.crus";

/// MR of the lumbar spine without contrast, as an order screen drafts it.
pub const LUMBAR: &str = "30679-5";

pub struct Hospital {
    pub house: House,
    pub ehr: Running,
    /// Its runtime, which outlives both.
    pub runtime: &'static Runtime,
    agent: Agent,
    _folder: TempDir,
}

/// An answer of the department.
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub text: String,
    pub headers: Vec<(String, String)>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Tokens of one key; made once, as a runtime is not cheap.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
});

impl Hospital {
    pub fn open() -> Hospital {
        Hospital::with(|_| {})
    }

    /// With other settings of the EHR.
    pub fn with(change: impl FnOnce(&mut EhrConfig)) -> Hospital {
        Hospital::on(change, Config { demo: true, ..House::config() })
    }

    pub fn on(change: impl FnOnce(&mut EhrConfig), config: Config) -> Hospital {
        let folder = tempfile::tempdir().unwrap();
        let runtime: &'static Runtime = &RUNTIME;
        let stand_in = runtime.block_on(StandIn::bind("127.0.0.1:0".parse().unwrap())).unwrap();
        let known = stand_in.registration();
        let key: PathBuf = folder.path().join("app.key");
        std::fs::write(&key, cauda_jose::SigningKey::new_es384_pem().unwrap()).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let registered = json!({
            "name": "Stand-in", "tenant": "stand-in", "fhir_base": known.fhir_base,
            "issuers": [known.hook_issuer], "jku": known.hook_jwks_url,
            "origins": [known.hook_issuer], "number_system": known.patient_number_system,
            "rating": true, "private_addresses": true,
        });
        let mut smart =
            cauda_smart::Settings::new("stand-in", &known.fhir_base, "cauda", "filled in later");
        smart.key = Some(key);
        smart.scopes = SCOPES.to_string();
        smart.framed = true;
        smart.private_addresses = true;
        let mut ehr = EhrConfig {
            registered: vec![serde_json::from_value(registered).unwrap()],
            smart: vec![smart],
            ..EhrConfig::default()
        };
        change(&mut ehr);
        let house = House::with(Config { ehr: Some(ehr), ..config });
        let clock = house.clock.clone();
        let at = house.address();
        let client = Client {
            id: "cauda".to_string(),
            name: "Cauda".to_string(),
            keys: ClientKeys::Url(format!("{at}/.well-known/jwks.json")),
            redirect_uris: vec![format!("{at}/ehr/back")],
            launch_urls: vec![format!("{at}/ehr/launch")],
            scopes: format!("launch launch/patient {SCOPES}"),
        };
        let office = Office {
            listen: "127.0.0.1:0".parse().unwrap(),
            cauda_base_url: at,
            clients: vec![client],
            hook_client_id: "cauda".to_string(),
            hook_scopes: "patient/*.rs".to_string(),
            clock: Arc::new(move || clock.now()),
            patience: PATIENCE,
            samples: true,
        };
        let running = async { stand_in.run(office).unwrap() };
        let ehr = runtime.block_on(running);
        let agent = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Hospital { house, ehr, runtime, agent: agent.into(), _folder: folder }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.house.address())
    }

    /// A hook as the order screen fires it, for the first draft.
    pub fn fire(&self, hook: &str, patient: &str, drafts: Vec<Value>) -> Answered {
        let selections = drafts
            .iter()
            .map(|draft| format!("ServiceRequest/{}", draft["id"].as_str().unwrap()))
            .collect();
        let happening = Happening {
            hook: hook.to_string(),
            patient: patient.to_string(),
            encounter: Some(format!("{patient}-visit")),
            drafts,
            selections,
        };
        let mut answers = self.runtime.block_on(self.ehr.call(&happening)).unwrap();
        assert_eq!(answers.len(), 1, "one service answers {hook}");
        answers.remove(0)
    }

    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        self.ehr.faults(change);
    }

    /// A token for that path.
    pub fn token(&self, path: &str) -> String {
        self.ehr.jwt(&self.at(path), Signer::Ours, None, |_| {}).unwrap()
    }

    /// A call with a token of its own.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, &body.to_string(), &self.token(path), &[])
    }

    pub fn post_text(
        &self,
        path: &str,
        body: &str,
        token: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = self
            .agent
            .post(self.at(path))
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.send(body).unwrap())
    }

    /// A call of any method with a token.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        token: &str,
        headers: &[(&str, &str)],
    ) -> Reply {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        match method {
            "GET" => self.get(path, &all),
            "POST" => self.post_text(path, body, token, headers),
            _ => {
                let mut request = self.agent.put(self.at(path));
                request = request.header("content-type", "application/fhir+json");
                for (name, value) in all {
                    request = request.header(name, value);
                }
                reply(request.send(body).unwrap())
            }
        }
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.agent.get(self.at(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.call().unwrap())
    }

    pub fn options(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.agent.options(self.at(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        reply(request.call().unwrap())
    }

    /// The events of all consultations, as the record has them.
    pub fn recorded(&self) -> Vec<(String, Value)> {
        let of = self.rows().into_iter();
        of.map(|row| (row.kind, serde_json::from_str(&row.body.unwrap()).unwrap())).collect()
    }

    /// Consultations, by their streams.
    pub fn consultations(&self) -> std::collections::BTreeSet<String> {
        self.rows().into_iter().map(|row| row.stream).collect()
    }

    fn rows(&self) -> Vec<cauda_store::Event> {
        let record = self.house.server().department.record().clone();
        let rows = self.house.runtime.block_on(async {
            let (mut rows, mut from) = (Vec::new(), 0);
            loop {
                let page = record.log(from, 500).await.unwrap();
                let Some(last) = page.last() else { return rows };
                from = last.position + 1;
                rows.extend(page);
            }
        });
        rows.into_iter().filter(|row| row.stream.starts_with("consult/")).collect()
    }
}

fn reply(mut answer: ureq::http::Response<ureq::Body>) -> Reply {
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_string()))
        .collect();
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, body, text, headers }
}

/// A draft order.
pub fn draft(id: &str, patient: &str, code: &str) -> Value {
    json!({
        "resourceType": "ServiceRequest", "id": id, "status": "draft", "intent": "order",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "reasonCode": [{"coding": [{
            "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50",
        }]}],
    })
}

/// The body of a call without any access to the EHR.
pub fn body(hook: &str, patient: &str, drafts: &[Value], prefetch: Value) -> Value {
    let entries: Vec<Value> = drafts.iter().map(|one| json!({ "resource": one })).collect();
    let selections: Vec<String> = drafts
        .iter()
        .map(|one| format!("ServiceRequest/{}", one["id"].as_str().unwrap_or_default()))
        .collect();
    json!({
        "hook": hook, "hookInstance": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "context": {
            "userId": "Practitioner/dr-lind", "patientId": patient,
            "encounterId": format!("{patient}-visit"), "selections": selections,
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": entries},
        },
        "prefetch": prefetch,
    })
}

/// An adult.
pub fn adult(id: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "birthDate": "1980-02-01"})
}

#[test]
fn the_record_is_empty_until_an_ehr_asks() {
    let hospital = Hospital::open();
    assert!(hospital.recorded().is_empty());
    assert_eq!(hospital.house.clock.now(), MORNING);
    let _: &Clock = &hospital.house.clock;
    let _: &Options = &hospital.house.options;
}
