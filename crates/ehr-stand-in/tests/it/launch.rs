//! SMART App Launch: from the launch to the token, and every step that is refused.

use cauda_jose::{Keys, Token};

use crate::client::{Reply, get, query, send};
use crate::office::{NOW, Office, STATE, VERIFIER};

const SCOPE: &str = "launch openid fhirUser patient/Condition.rs patient/Observation.cruds";

/// The code of an honest authorization.
async fn code(office: &Office) -> String {
    let launch = office.launch("infection", Some("handle-1"));
    let reply = office.authorize(&office.asks(Some(&launch), SCOPE)).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let back = reply.location();
    assert!(back.starts_with(&format!("{}/back?x=1&", office.service.origin)), "{back}");
    assert_eq!(query(back, "state").as_deref(), Some(STATE));
    query(back, "code").unwrap()
}

async fn redeem(office: &Office, code: &str, verifier: &str) -> Reply {
    let uri = format!("{}/back?x=1", office.service.origin);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", uri.as_str()),
        ("code_verifier", verifier),
    ];
    office.token(&office.assertion(|_| {}), &pairs).await
}

#[tokio::test]
async fn the_configuration_says_what_is_there() {
    let office = Office::open().await;
    let reply = get(&office.at("/fhir/.well-known/smart-configuration")).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let smart = reply.json();
    assert_eq!(smart["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(smart["token_endpoint"], office.ehr.registration().token_url);
    let issuer = smart["issuer"].as_str().unwrap();
    let openid = get(&format!("{issuer}/.well-known/openid-configuration")).await.json();
    assert_eq!(openid["issuer"], smart["issuer"]);
    assert_eq!(get(openid["jwks_uri"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_launch_becomes_a_token_for_its_patient() {
    let office = Office::open().await;
    let code = code(&office).await;
    let reply = redeem(&office, &code, VERIFIER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let token = reply.json();
    assert_eq!(token["patient"], "infection");
    assert_eq!(token["encounter"], "infection-visit");
    assert_eq!(token["appContext"], "handle-1");
    assert_eq!(token["need_patient_banner"], true);
    // Only reading is registered, so no more is granted than was registered.
    let scope = "launch openid fhirUser patient/Condition.rs patient/Observation.rs";
    assert_eq!(token["scope"], scope);
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    for (path, status) in
        [("/fhir/Condition?patient=infection", 200), ("/fhir/Condition?patient=fall", 403)]
    {
        let reply = send("GET", &office.at(path), &[("Authorization", &bearer)], "").await;
        assert_eq!(reply.status, status, "{path}");
    }
    let set = get(&office.at("/auth/jwks.json")).await.body;
    let id = token["id_token"].as_str().unwrap();
    let claims = Token::read(id).unwrap().verify(&Keys::read(set.as_bytes()).unwrap()).unwrap();
    assert_eq!(claims["iss"], office.ehr.registration().openid_issuer);
    assert_eq!((&claims["aud"], &claims["nonce"]), (&"app".into(), &"a-nonce".into()));
    assert_eq!(claims["exp"], NOW + 300);
    assert_eq!(claims["fhirUser"], office.at("/fhir/Practitioner/dr-lind"));
}

#[tokio::test]
async fn a_wrong_verifier_gets_nothing_and_ends_the_code() {
    let office = Office::open().await;
    let code = code(&office).await;
    let wrong = "x".repeat(43);
    let reply = redeem(&office, &code, &wrong).await;
    assert_eq!((reply.status, &reply.json()["error"]), (400, &"invalid_grant".into()));
    assert_eq!(redeem(&office, &code, VERIFIER).await.status, 400);
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_its_token() {
    let office = Office::open().await;
    let code = code(&office).await;
    let token = redeem(&office, &code, VERIFIER).await.json();
    assert_eq!(redeem(&office, &code, VERIFIER).await.status, 400);
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let url = office.at("/fhir/Condition?patient=infection");
    assert_eq!(send("GET", &url, &[("Authorization", &bearer)], "").await.status, 401);
}

#[tokio::test]
async fn a_code_grows_old() {
    let office = Office::open().await;
    let code = code(&office).await;
    office.pass(60);
    assert_eq!(redeem(&office, &code, VERIFIER).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn an_authorization_with_a_fault_goes_back_with_it() {
    let office = Office::open().await;
    for (name, value, error) in [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("aud", Some("http://127.0.0.1:1/fhir"), "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("state", Some("short"), "invalid_request"),
        ("launch", Some("unknown"), "invalid_request"),
        ("scope", Some("openid patient/*.rs"), "invalid_scope"),
    ] {
        let launch = office.launch("infection", None);
        let mut asks = office.asks(Some(&launch), SCOPE);
        asks.retain(|(of, _)| of != name);
        asks.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        let reply = office.authorize(&asks).await;
        assert_eq!(reply.status, 303, "{name}");
        assert_eq!(query(reply.location(), "error").as_deref(), Some(error), "{name}");
        assert_eq!(query(reply.location(), "code"), None);
    }
}

#[tokio::test]
async fn an_unknown_address_is_never_gone_to() {
    let office = Office::open().await;
    let near = format!("{}/back", office.service.origin);
    for (name, value) in [("redirect_uri", near.as_str()), ("client_id", "other")] {
        let mut asks = office.asks(None, SCOPE);
        asks.retain(|(of, _)| of != name);
        asks.push((name.to_owned(), value.to_owned()));
        let reply = office.authorize(&asks).await;
        assert_eq!((reply.status, reply.header("location")), (400, None), "{name}");
    }
}

#[tokio::test]
async fn a_launch_is_good_once_and_not_for_long() {
    let office = Office::open().await;
    let launch = office.launch("infection", None);
    let asks = office.asks(Some(&launch), SCOPE);
    assert!(query(office.authorize(&asks).await.location(), "code").is_some());
    assert!(query(office.authorize(&asks).await.location(), "error").is_some());
    let old = office.launch("infection", None);
    office.pass(300);
    let reply = office.authorize(&office.asks(Some(&old), SCOPE)).await;
    assert_eq!(query(reply.location(), "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn an_app_that_starts_by_itself_asks_for_whom() {
    let office = Office::open().await;
    let scope = "launch/patient openid patient/Condition.rs";
    let mut asks = office.asks(None, scope);
    let page = office.authorize(&asks).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("picked=fall"));
    asks.push(("picked".to_owned(), "fall".to_owned()));
    let reply = office.authorize(&asks).await;
    let code = query(reply.location(), "code").unwrap();
    let token = redeem(&office, &code, VERIFIER).await.json();
    assert_eq!((&token["patient"], &token["encounter"]), (&"fall".into(), &"fall-visit".into()));
}
