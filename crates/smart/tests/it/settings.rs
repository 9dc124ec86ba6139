//! Settings that cannot be used say so.

use cauda_smart::{KeySet, Launches, SCOPES, Settings, SmartError};

use crate::desk::Desk;

fn check(name: &str, spoil: impl Fn(&mut Settings)) {
    let back = "https://cauda.example.org/smart/back";
    let mut settings = Settings::new("a", "https://ehr.example.org/fhir", "b", back);
    Launches::open(std::slice::from_ref(&settings)).unwrap();
    spoil(&mut settings);
    match Launches::open(&[settings]) {
        Err(SmartError::Setting { name: found, .. }) => assert_eq!(found, name),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn each_is_checked() {
    for iss in [
        "",
        "ehr",
        "http://ehr.example.org/fhir",
        "https://ehr.example.org/fhir?x",
        "https://ehr.example.org/ fhir",
        "https://u:p@ehr.example.org/fhir",
    ] {
        check("iss", |settings| settings.iss = iss.to_string());
    }
    check("tenant", |settings| settings.tenant.clear());
    check("client_id", |settings| settings.client_id = "ä".to_string());
    check("redirect_uri", |settings| settings.redirect_uri = "http://x.example.org".to_string());
    check("launch_uri", |settings| settings.launch_uri = "https://x.example.org/".to_string());
    check("timeout", |settings| settings.timeout = std::time::Duration::from_secs(61));
    for origin in ["https://x.example.org/path", "http://127.0.0.1", "x"] {
        check("origins", |settings| settings.origins = vec![origin.to_string()]);
    }
    for scopes in [
        "",
        "openid",
        "patient/Condition.rs  openid",
        "patient/Condition.sr",
        "patient/Condition",
        "system/Condition.rs",
        "patient/Condition.rs offline_access",
        "patient/Condition.rs online_access",
    ] {
        check("scopes", |settings| settings.scopes = scopes.to_string());
    }
    // The words of a launch may stand there, and are chosen at each one anyway.
    let back = "https://cauda.example.org/smart/back";
    let mut settings = Settings::new("a", "https://ehr.example.org/fhir", "b", back);
    settings.scopes = format!("launch launch/patient {SCOPES}");
    Launches::open(&[settings]).unwrap();
}

#[tokio::test]
async fn a_key_is_private_and_of_a_kind_that_smart_takes() {
    let desk = Desk::new().await;
    let pem = cauda_jose::SigningKey::new_es384_pem().unwrap();
    let p256 = rcgen::KeyPair::generate().unwrap().serialize_pem();
    for (text, mode) in [(pem.as_str(), 0o644), ("canary", 0o600), (&p256, 0o600)] {
        let mut settings = desk.settings();
        settings.key = Some(desk.write("spoilt.pem", text, mode));
        for error in [
            Launches::open(std::slice::from_ref(&settings)).unwrap_err(),
            KeySet::read(&[settings]).unwrap_err(),
        ] {
            let SmartError::File { path, what } = error else { panic!("{error}") };
            assert!(path.ends_with("spoilt.pem"));
            assert!(!what.contains("canary") && !what.contains(&text[text.len() / 2..]));
        }
    }
}

#[test]
fn a_file_says_what_must_be_said() {
    let mut file = serde_json::json!({
        "tenant": "a",
        "iss": "https://ehr.example.org/fhir",
        "client_id": "b",
        "redirect_uri": "https://cauda.example.org/smart/back",
        "launch_uri": "https://cauda.example.org/smart/launch",
    });
    let settings: Settings = serde_json::from_value(file.clone()).unwrap();
    assert_eq!(settings.scopes, SCOPES);
    assert!(!settings.framed && !settings.private_addresses);
    Launches::open(&[settings]).unwrap();
    file["client_secret"] = "x".into();
    assert!(serde_json::from_value::<Settings>(file).is_err());
}
