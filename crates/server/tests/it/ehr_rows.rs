//! Rows of the CDS Hooks requirements that are of HTTP and of trust, each by its number, where no
//! other test shows them.

use std::path::Path;
use std::sync::Arc;

use cauda_ehr_stand_in::{PrefetchFault, Signer};
use cauda_jose::{SigningKey, key_set};
use cauda_server::clock::Clock;
use cauda_server::ehr::EhrConfig;
use cauda_server::{Config, Server, ServerError};
use serde_json::{Value, json};

use crate::ehr::{Hospital, LUMBAR, Reply, adult, body, draft};
use crate::house::{House, MORNING, guideline};

const IMAGING: &str = "/cds-services/back-pain-imaging";
/// The body of a call that is refused: the token comes first, and nothing behind it is read. A
/// longer one could still be on its way when the server hangs up.
const NOT_READ: &str = "";
const FEEDBACK: &str = "/cds-services/back-pain-imaging/feedback";

fn order_sign(prefetch: Value) -> Value {
    body("order-sign", "strain", &[draft("d1", "strain", LUMBAR)], prefetch)
}

fn good() -> Value {
    order_sign(json!({ "patient": adult("strain") }))
}

fn is_json(answer: &Reply) -> bool {
    let kind = answer.header("content-type").unwrap_or_default();
    kind.starts_with("application/json") && answer.body.is_object()
}

/// Answers of every status a service has for a caller it believes. After the last the server
/// hangs up, so nothing is asked behind it.
fn answers(hospital: &Hospital) -> Vec<(u16, Reply)> {
    let large = format!("\"{}\"", "x".repeat(3 * 1024 * 1024));
    vec![
        (200, hospital.post(IMAGING, &good())),
        (400, hospital.post(IMAGING, &json!({ "hook": "order-sign" }))),
        (400, hospital.post(FEEDBACK, &json!({ "feedback": 1 }))),
        (404, hospital.post("/cds-services/unknown", &good())),
        (412, hospital.post(IMAGING, &order_sign(json!({})))),
        (413, hospital.post_text(IMAGING, &large, &hospital.token(IMAGING), &[])),
    ]
}

#[test]
fn r001_all_that_is_sent_and_taken_is_json() {
    let hospital = Hospital::open();
    let token = format!("Bearer {}", hospital.token("/cds-services"));
    let listed = hospital.get("/cds-services", &[("authorization", &token)]);
    assert!(is_json(&listed), "{}", listed.text);
    let form = hospital.post_text(IMAGING, "hook=order-sign", &hospital.token(IMAGING), &[]);
    assert_eq!(form.status, 400);
    for (_, answer) in answers(&hospital) {
        assert!(is_json(&answer), "{} {}", answer.status, answer.text);
    }
}

#[test]
fn r014_r076_other_statuses_say_in_an_operation_outcome_what_to_mend() {
    let hospital = Hospital::open();
    let nobody = hospital.get("/cds-services", &[]);
    assert_eq!((nobody.status, nobody.text.as_str()), (401, ""));
    for (status, answer) in answers(&hospital) {
        assert_eq!(answer.status, status, "{}", answer.text);
        if status != 200 {
            assert_eq!(answer.body["resourceType"], "OperationOutcome", "{}", answer.text);
            assert!(answer.body["issue"][0]["details"]["text"].is_string(), "{}", answer.text);
        }
    }
}

/// A registered EHR elsewhere, as a department's settings have it.
fn elsewhere(url: &str, keys: &Path) -> EhrConfig {
    let registered = json!({
        "name": "Elsewhere", "tenant": "elsewhere", "fhir_base": "https://ehr.example.org/fhir",
        "issuers": ["https://ehr.example.org"], "keys": keys,
    });
    EhrConfig {
        url: url.to_string(),
        registered: vec![serde_json::from_value(registered).unwrap()],
        ..EhrConfig::default()
    }
}

fn start(config: Config) -> Result<(), ServerError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("record.sqlite");
    let options = cauda_store::Options::new(file.to_str().unwrap(), folder.path().join("key"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let clock = Clock::at(MORNING);
    let starting = Server::start(config, &options, guideline(), Arc::new(|| None), clock);
    runtime.block_on(starting).map(|server| runtime.block_on(server.stop()))
}

#[test]
fn r002_r168_services_are_reached_encrypted_or_the_server_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let key = SigningKey::generate_es384().unwrap();
    std::fs::write(&keys, key_set([&key]).to_string()).unwrap();
    let at = |url: &str| Config { ehr: Some(elsewhere(url, &keys)), ..House::config() };
    assert!(start(at("https://ed.example.org")).is_ok());
    // The address in `aud` is where EHRs send charts to.
    let clear = start(at("http://ed.example.org"));
    assert!(matches!(clear, Err(ServerError::OwnUrl { name: "ehr.url", .. })), "{clear:?}");
    // Others reach this machine only encrypted, by itself or by a proxy in front.
    let open = Config { listen: "0.0.0.0:443".parse().unwrap(), ..at("https://ed.example.org") };
    assert!(matches!(open.check(), Err(ServerError::Public(_))));
    assert!(matches!(start(open.clone()), Err(ServerError::Public(_))));
    assert!(Config { behind_proxy: true, ..open }.check().is_ok());
}

#[test]
fn r061_no_question_goes_to_the_ehr_without_the_token_of_the_call() {
    let hospital = Hospital::open();
    hospital.faults(|faults| {
        faults.prefetch.insert("*".to_string(), PrefetchFault::Absent);
    });
    hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    let asked: Vec<_> = hospital
        .ehr
        .traffic()
        .into_iter()
        .filter(|one| !one.asked_by_us && one.url.starts_with("/fhir"))
        .collect();
    // The stand-in answers 401 to whoever brings no good token.
    assert!(asked.len() > 5, "{}", asked.len());
    assert!(asked.iter().all(|one| one.status == Some(200)), "{asked:?}");
}

#[test]
fn r177_nothing_of_a_patient_is_answered_without_a_token() {
    let hospital = Hospital::open();
    for path in ["/cds-services", "/fhir/Questionnaire", "/fhir/Questionnaire/x"] {
        assert_eq!(hospital.get(path, &[]).status, 401, "{path}");
    }
    for path in [
        IMAGING,
        FEEDBACK,
        "/cds-services/back-pain",
        "/cds-services/back-pain/feedback",
        "/cds-services/unknown",
        "/fhir/Questionnaire/$populate",
        "/fhir/Questionnaire/$next-question",
        "/fhir/QuestionnaireResponse/$extract",
        "/fhir/PlanDefinition/$apply",
        "/fhir/PlanDefinition/x/$apply",
    ] {
        let answer = hospital.post_text(path, NOT_READ, "", &[]);
        assert_eq!((answer.status, answer.text.as_str()), (401, ""), "{path}");
    }
    assert!(hospital.recorded().is_empty());
}

#[test]
fn r199_keys_that_were_handed_over_in_a_file_need_no_jku() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, key) = (folder.path().join("keys.json"), SigningKey::generate_es384().unwrap());
    std::fs::write(&keys, key_set([&key]).to_string()).unwrap();
    let hospital = Hospital::with(|config| {
        config.registered[0].jku = None;
        config.registered[0].keys = Some(keys);
    });
    let claims = |jti: &str| {
        json!({
            "iss": hospital.ehr.registration().hook_issuer, "aud": hospital.at(IMAGING),
            "iat": MORNING, "exp": MORNING + 60, "jti": jti,
        })
    };
    let call = good().to_string();
    let own = key.sign(&claims("a"), &[]).unwrap();
    let answer = hospital.post_text(IMAGING, &call, &own, &[]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    // What is published elsewhere counts no more, and may not even be named.
    let named = hospital.ehr.registration().hook_jwks_url;
    let other = key.sign(&claims("b"), &[("jku", &named)]).unwrap();
    assert_eq!(hospital.post_text(IMAGING, NOT_READ, &other, &[]).status, 401);
    let stranger = SigningKey::generate_es384().unwrap().sign(&claims("c"), &[]).unwrap();
    assert_eq!(hospital.post_text(IMAGING, NOT_READ, &stranger, &[]).status, 401);
}

#[test]
fn r201_r203_a_token_without_signature_or_of_a_shared_secret_is_refused() {
    let hospital = Hospital::open();
    let call = good().to_string();
    let of = |signer| hospital.ehr.jwt(&hospital.at(IMAGING), signer, None, |_| {}).unwrap();
    // All three name the same key and say the same.
    for forged in [of(Signer::Nobody), of(Signer::Hmac)] {
        assert_eq!(hospital.post_text(IMAGING, NOT_READ, &forged, &[]).status, 401);
    }
    assert_eq!(hospital.post_text(IMAGING, &call, &of(Signer::Ours), &[]).status, 200);
}
