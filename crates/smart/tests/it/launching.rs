//! Launches that come to their end.

use cauda_jose::SigningKey;
use cauda_smart::{Action, Backend, Mismatch, Reach, Shown, SmartError, Tie};
use serde_json::json;

use crate::desk::{Desk, NOON};
use crate::ehr::{ACCESS, DISCOVERY, ENCOUNTER, KEYS, LAUNCH, PATIENT, SUBJECT, TOKEN, pairs};

pub const RSA: &str = include_str!("keys/test_only_rsa.pem");

#[tokio::test]
async fn an_ehr_opens_us_by_every_kind_of_client() {
    let es384 = SigningKey::new_es384_pem().unwrap();
    for pem in [None, Some(es384.as_str()), Some(RSA)] {
        let desk = Desk::new().await;
        let settings = pem.map_or_else(|| desk.settings(), |pem| desk.keyed(pem));
        let launches = desk.open(&settings);
        let launched = desk.launch(&launches).await.unwrap();
        assert_eq!(launched.tenant, "st-elsewhere");
        assert_eq!(launched.iss, desk.ehr.iss());
        assert_eq!(launched.patient, PATIENT);
        assert_eq!(launched.encounter.as_deref(), Some(ENCOUNTER));
        assert_eq!(launched.subject.as_deref(), Some(SUBJECT));
        assert_eq!(launched.user.as_ref().unwrap().reference(), "Practitioner/canary-doctor");
        assert_eq!(launched.access_token.reveal(), ACCESS);
        assert_eq!(launched.expires_at, NOON + 300);
        assert!(launched.is_good(NOON + 299) && !launched.is_good(NOON + 300));
        assert_eq!(launched.app_context.as_deref(), Some("canary-context"));
        assert!(!launched.need_patient_banner && launched.opened_by_ehr);
        assert!(launched.fhir_context.is_empty());
        desk.is_silent((&launched, &launched.granted, &launched.user, &launches));
        assert_eq!(desk.ehr.manner().assertions.len(), usize::from(pem.is_some()));
        assert_eq!(desk.ehr.manner().asked, [DISCOVERY, TOKEN, KEYS]);
    }
}

#[tokio::test]
async fn a_user_opens_us_alone_and_chooses_a_patient() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let iss = desk.ehr.iss();
    let begun = launches.begin(&iss, None, Tie::Handle, &desk.numbers, NOON).await.unwrap();
    let query = desk.ehr.authorize(&begun.redirect_to);
    let launched = desk.finish(&launches, &begun, &query).await.unwrap();
    assert_eq!(launched.patient, PATIENT);
    assert_eq!(launched.encounter, None);
    // The EHR did not say it, so the banner is shown.
    assert!(launched.need_patient_banner && !launched.opened_by_ehr);
}

#[tokio::test]
async fn the_registered_address_is_used_however_the_ehr_writes_it() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let iss = desk.ehr.iss().replace("http:", "HTTP:") + "/";
    let begun = launches.begin(&iss, Some(LAUNCH), Tie::Handle, &desk.numbers, NOON).await.unwrap();
    // The EHR checks that `aud` is its own.
    desk.ehr.authorize(&begun.redirect_to);
}

#[tokio::test]
async fn a_frame_that_keeps_nothing_ends_its_launch() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    let iss = desk.ehr.iss();
    let frame = Tie::Frame;
    let launches = desk.open(&settings);
    let begun = launches.begin(&iss, Some(LAUNCH), frame, &desk.numbers, NOON).await;
    assert_eq!(begun.unwrap_err(), SmartError::Unframed);
    settings.framed = true;
    let launches = desk.open(&settings);
    let alone = launches.begin(&iss, None, frame, &desk.numbers, NOON).await;
    assert_eq!(alone.unwrap_err(), SmartError::Unframed);
    let begun = launches.begin(&iss, Some(LAUNCH), frame, &desk.numbers, NOON).await.unwrap();
    assert!(begun.handle.is_none());
    let query = desk.ehr.authorize(&begun.redirect_to);
    let launched = launches.finish(&query, Shown::Frame, &desk.numbers, NOON).await.unwrap();
    assert_eq!(launched.patient, PATIENT);
    let again = launches.finish(&query, Shown::Frame, &desk.numbers, NOON).await;
    assert_eq!(again.unwrap_err(), SmartError::Unsolicited);
}

#[tokio::test]
async fn fewer_scopes_permit_less() {
    let desk = Desk::new().await;
    let mut settings = desk.settings();
    settings.scopes += " patient/CarePlan.cu";
    let launches = desk.open(&settings);
    let launched = desk.launch(&launches).await.unwrap();
    let granted = &launched.granted;
    assert!(granted.may_read("Observation") && granted.may_search("Condition"));
    assert!(granted.may_write("CarePlan") && !granted.may_read("CarePlan"));
    assert!(granted.has("fhirUser") && !granted.may_read("Coverage"));
    let scope = "launch patient/Condition.r patient/Observation.rs?category=laboratory \
        patient/Coverage.rs";
    desk.ehr.manner().tokens = Box::new(move |tokens| tokens["scope"] = json!(scope));
    let launched = desk.launch(&launches).await.unwrap();
    let granted = &launched.granted;
    // Some can be found, so an empty answer says nothing.
    assert_eq!(granted.reach(Action::Search, "Observation"), Reach::Part);
    assert!(!granted.may_search("Observation"));
    assert!(granted.may_read("Condition") && !granted.may_search("Condition"));
    assert!(!granted.may_write("ServiceRequest") && !granted.has("openid"));
    // Not asked for, so not had.
    assert!(!granted.may_read("Coverage"));
    // Without `openid` an ID token is none, and nobody knows who it is.
    assert_eq!((launched.subject, launched.user), (None, None));
}

#[tokio::test]
async fn a_link_opens_its_own_chart_only() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let launched = desk.launch(&launches).await.unwrap();
    let encounter = format!("Encounter/{ENCOUNTER}");
    for (patient, encounter, expect) in [
        (PATIENT, None, Ok(())),
        (PATIENT, Some(ENCOUNTER), Ok(())),
        (&*format!("Patient/{PATIENT}"), Some(&*encounter), Ok(())),
        ("another", Some(ENCOUNTER), Err(Mismatch::Patient)),
        ("", None, Err(Mismatch::Patient)),
        (PATIENT, Some("another"), Err(Mismatch::Encounter)),
    ] {
        assert_eq!(launched.matches(patient, encounter), expect);
    }
    desk.ehr.manner().tokens = Box::new(|tokens| tokens["encounter"] = json!(null));
    let launched = desk.launch(&launches).await.unwrap();
    assert_eq!(launched.matches(PATIENT, Some(ENCOUNTER)), Err(Mismatch::EncounterUnknown));
    desk.is_silent(SmartError::from(Mismatch::Patient).to_string());
}

#[tokio::test]
async fn resources_of_this_ehr_are_in_context_and_no_address_is() {
    let desk = Desk::new().await;
    desk.ehr.manner().tokens = Box::new(|tokens| {
        tokens["fhirContext"] = json!([
            {"reference": "ImagingStudy/1", "role": "launch"},
            {"reference": "https://elsewhere.example.org/ImagingStudy/2"},
            {"reference": "ImagingStudy/../3"},
            {"canonical": "http://example.org/Questionnaire/4"},
            "odd",
        ]);
    });
    let launched = desk.launch(&desk.launches()).await.unwrap();
    let [one] = &launched.fhir_context[..] else { panic!("more than one") };
    assert_eq!((one.reference.as_str(), one.role.as_deref()), ("ImagingStudy/1", Some("launch")));
}

#[tokio::test]
async fn what_a_launch_asks_for_is_fresh_each_time() {
    let desk = Desk::new().await;
    let launches = desk.launches();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let begun = desk.begin(&launches).await.unwrap();
        let (_, query) = begun.redirect_to.split_once('?').unwrap();
        let asked = pairs(query.as_bytes());
        assert_eq!(asked["state"], begun.state.reveal());
        let handle = begun.handle.as_ref().unwrap().reveal().to_string();
        for secret in [&asked["state"], &asked["nonce"], &asked["code_challenge"], &handle] {
            assert!(seen.insert(secret.clone()));
        }
        desk.is_silent((&begun, &begun.state, &begun.handle, begun.state.to_string()));
    }
    assert_eq!(desk.ehr.manner().times(DISCOVERY), 1);
    desk.pass(3_600);
    desk.begin(&launches).await.unwrap();
    assert_eq!(desk.ehr.manner().times(DISCOVERY), 2);
}

#[tokio::test]
async fn an_assertion_is_for_one_request() {
    let desk = Desk::new().await;
    let settings = desk.keyed_es384();
    let launches = desk.open(&settings);
    for _ in 0..3 {
        desk.launch(&launches).await.unwrap();
    }
    let backend = Backend::open(&settings, "system/Observation.rs").unwrap();
    backend.token(&desk.numbers, NOON).await.unwrap();
    // The EHR refuses a `jti` that it has seen.
    assert_eq!(desk.ehr.manner().assertions.len(), 4);
}

#[tokio::test]
async fn a_key_that_the_ehr_does_not_know_is_refused() {
    let desk = Desk::new().await;
    let settings = desk.keyed_es384();
    let other = SigningKey::generate_es384().unwrap();
    let keys = json!({"keys": [other.public_jwk()]}).to_string();
    desk.ehr.manner().client_keys = Some(keys);
    let error = desk.launch(&desk.open(&settings)).await.unwrap_err();
    assert_eq!(error, SmartError::ClientRefused);
    desk.is_silent((error.to_string(), &error));
}
