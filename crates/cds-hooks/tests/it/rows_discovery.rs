//! Rows of the requirements on discovery and on what is sent along. HTTP is the server's.

use cauda_cds_hooks::{
    Hook, HookRequest, IMAGING, Settings, VISIT, discovery, precondition_failed,
};
use cauda_fhir::Supplied;
use serde_json::json;

use crate::discovery::{is_in_the_grammar, services, tokens};
use crate::musts;
use crate::world::{call, codes, guideline, lumbar_mri};

fn templates_of_all() -> Vec<(String, String)> {
    let services = services();
    let prefetch = services.iter().flat_map(|one| one["prefetch"].as_object().unwrap());
    prefetch.map(|(key, query)| (key.clone(), query.as_str().unwrap().to_string())).collect()
}

#[test]
fn r003_discovery_has_nothing_null_or_empty() {
    musts::nothing_empty(&discovery(&Settings::of(guideline())), false);
    let bare = Settings {
        usage_requirements: " ".into(),
        version: String::new(),
        ..Settings::of(guideline())
    };
    let all = discovery(&bare);
    musts::nothing_empty(&all, false);
    assert!(all["services"][0].get("usageRequirements").is_none());
}

#[test]
fn r006_discovery_is_an_object_with_a_list() {
    let all = discovery(&Settings::of(guideline()));
    assert_eq!(all.as_object().unwrap().len(), 1);
    assert!(all["services"].is_array());
}

#[test]
fn r007_each_service_names_its_hook() {
    for service in services() {
        assert!(Hook::of_name(musts::text(&service["hook"])).is_some());
    }
}

#[test]
fn r008_each_service_has_a_title() {
    services().iter().for_each(|service| {
        musts::text(&service["title"]);
    });
}

#[test]
fn r009_each_service_has_a_description() {
    services().iter().for_each(|service| {
        musts::text(&service["description"]);
    });
}

#[test]
fn r010_each_service_has_an_id_for_its_address() {
    for service in services() {
        let id = musts::text(&service["id"]);
        assert!([IMAGING, VISIT].contains(&id));
        assert!(id.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'-'));
    }
}

#[test]
fn r011_prefetch_is_an_object_of_queries() {
    assert!(templates_of_all().iter().all(|(key, query)| !key.is_empty() && !query.is_empty()));
}

#[test]
fn r012_usage_requirements_are_words() {
    services().iter().for_each(|service| {
        musts::text(&service["usageRequirements"]);
    });
}

#[test]
fn r028_resources_are_taken_from_the_prefetch() {
    let mut body = call(Hook::OrderSign, &[lumbar_mri()]);
    body["prefetch"] = json!({ "patient": { "resourceType": "Patient", "id": "p1" } });
    let request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    assert!(matches!(request.supplied("patient"), Supplied::Found(_)));
}

#[test]
fn r029_templates_are_listed_in_discovery() {
    assert!(services().iter().all(|service| service["prefetch"].is_object()));
}

#[test]
fn r034_what_did_not_come_can_be_fetched() {
    let mut body = call(Hook::OrderSign, &[lumbar_mri()]);
    body["fhirServer"] = "https://ehr.example/fhir".into();
    body["fhirAuthorization"] = json!({ "access_token": "t", "token_type": "Bearer" });
    let request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    let missing = request.missing(&["8310-5".into()]);
    assert_eq!(missing.len(), 10);
    assert_eq!(missing[0].query.as_deref(), Some("Patient/p1"));
    assert_eq!(missing[1].query.as_deref(), Some("Encounter/e1"));
    let observations = "Observation?patient=p1&code=8310-5&_sort=-date&_count=100";
    assert_eq!(missing[3].query.as_deref(), Some(observations));
}

#[test]
fn r035_r059_templates_name_fields_of_the_context() {
    for (_, template) in templates_of_all() {
        for token in tokens(&template) {
            assert!(token.starts_with("context."), "{token}");
        }
    }
}

#[test]
fn r036_each_template_has_a_key() {
    assert!(
        templates_of_all().iter().all(|(key, _)| key.bytes().all(|sign| sign.is_ascii_lowercase()))
    );
}

#[test]
fn r052_an_operation_outcome_in_the_prefetch_is_a_failure() {
    let mut body = call(Hook::OrderSign, &[lumbar_mri()]);
    body["prefetch"] = json!({
        "conditions": { "resourceType": "OperationOutcome", "issue": [] },
        "allergies": null,
    });
    let request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    assert_eq!(request.supplied("conditions"), Supplied::Failed);
    assert_eq!(request.supplied("allergies"), Supplied::NoneFound);
    assert_eq!(request.supplied("procedures"), Supplied::Absent);
    let missing = request.missing(&[]);
    assert!(missing.iter().any(|data| data.key == "conditions" && data.failed));
    assert!(missing.iter().all(|data| data.key != "allergies"));
}

#[test]
fn r054_a_missing_patient_is_a_failed_precondition() {
    let body = call(Hook::OrderSign, &[lumbar_mri()]);
    let request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    let outcome = precondition_failed(&request.missing(&[])[..1]);
    assert_eq!(outcome["resourceType"], "OperationOutcome");
    assert_eq!(outcome["issue"][0]["severity"], "error");
    assert_eq!(outcome["issue"][0]["code"], "required");
    musts::text(&outcome["issue"][0]["details"]["text"]);
    assert_eq!(outcome["issue"][0]["diagnostics"], "prefetch.patient");
}

#[test]
fn r055_tokens_stand_in_double_braces() {
    for (_, template) in templates_of_all() {
        assert_eq!(template.matches("{{").count(), template.matches("}}").count());
        assert_eq!(template.matches('{').count(), 2 * tokens(&template).len());
    }
}

#[test]
fn r056_tokens_are_paths_into_the_context() {
    for (_, template) in templates_of_all() {
        for token in tokens(&template) {
            assert!(["context.patientId", "context.encounterId"].contains(&token));
        }
    }
}

#[test]
fn r057_tokens_are_primitive_fields_of_the_hook() {
    for service in services() {
        let hook = Hook::of_name(service["hook"].as_str().unwrap()).unwrap();
        let (needed, optional) = hook.context_fields();
        for query in service["prefetch"].as_object().unwrap().values() {
            for token in tokens(query.as_str().unwrap()) {
                let field = token.trim_start_matches("context.");
                assert!(needed.contains(&field) || optional.contains(&field));
            }
        }
    }
}

#[test]
fn r058_queries_keep_to_the_recommended_subset() {
    assert!(templates_of_all().iter().all(|(_, template)| is_in_the_grammar(template)));
}

#[test]
fn r060_without_server_and_token_nothing_may_be_fetched() {
    let body = call(Hook::OrderSign, &[]);
    assert!(!HookRequest::read(&body, IMAGING, codes()).unwrap().may_fetch());
    let mut body = call(Hook::OrderSign, &[]);
    body["fhirServer"] = "https://ehr.example/fhir".into();
    assert!(!HookRequest::read(&body, IMAGING, codes()).unwrap().may_fetch());
    body["fhirAuthorization"] = json!({ "access_token": "t" });
    let mut request = HookRequest::read(&body, IMAGING, codes()).unwrap();
    assert!(request.may_fetch());
    assert_eq!(request.take_authorization().unwrap().token.reveal(), "t");
    assert!(!request.may_fetch());
}

#[test]
fn r211_one_id_for_the_two_hooks_of_an_order() {
    let ids: Vec<(String, String)> = services()
        .iter()
        .map(|one| (one["hook"].as_str().unwrap().into(), one["id"].as_str().unwrap().into()))
        .collect();
    let of = |hook: &str| ids.iter().find(|(name, _)| name == hook).unwrap().1.clone();
    assert_eq!(of("order-select"), of("order-sign"));
    assert_eq!(of("encounter-discharge"), of("patient-view"));
    assert_ne!(of("order-sign"), of("patient-view"));
}

#[test]
fn version_and_hook_version_are_told_to_clients_of_3_0() {
    let services = services();
    assert!(services.iter().all(|one| one["version"] == guideline().version.as_str()));
    assert_eq!(services[0]["hookVersion"], "1.0");
}
