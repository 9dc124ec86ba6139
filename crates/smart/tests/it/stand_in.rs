//! Launches from the stand-in, which knows the standards and not us; the token opens the chart.

use std::sync::Arc;
use std::time::Duration;

use cauda_ehr_stand_in::{
    Client as Registered, ClientKeys, Config, LaunchContext, PATIENCE, Running, StandIn,
};
use cauda_jose::SigningKey;
use cauda_outbound::http::header::{AUTHORIZATION, LOCATION};
use cauda_outbound::{Bytes, Client, Place, Trust};
use cauda_smart::{Backend, KeySet, Launched, Launches, Part, Settings, Shown, SmartError, Tie};
use ring::rand::SystemRandom;
use serde_json::Value;

use crate::desk::NOON;
use crate::ehr::{BACK, CLIENT, pairs};

const LAUNCH: &str = "https://cauda.example.org/smart/launch";
const BODY_BYTES_MAX: usize = 1_000_000;

struct Room {
    stand_in: Running,
    settings: Settings,
    patient: String,
    _folder: tempfile::TempDir,
}

impl Room {
    async fn new() -> Room {
        let stand_in = StandIn::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let iss = stand_in.registration().fhir_base;
        let mut settings = Settings::new("stand-in", &iss, CLIENT, BACK);
        settings.launch_uri = LAUNCH.to_string();
        settings.private_addresses = true;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, SigningKey::new_es384_pem().unwrap()).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).unwrap();
        settings.key = Some(path);
        let keys = KeySet::read(std::slice::from_ref(&settings)).unwrap();
        let keys: Value = serde_json::from_str(&keys.json).unwrap();
        let client = Registered {
            id: CLIENT.to_string(),
            name: "Cauda".to_string(),
            keys: ClientKeys::Set(keys),
            redirect_uris: vec![BACK.to_string()],
            launch_urls: vec![LAUNCH.to_string()],
            scopes: "launch launch/patient openid fhirUser patient/Patient.r \
                patient/Observation.rs system/Patient.rs"
                .to_string(),
        };
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            cauda_base_url: "http://127.0.0.1:7070".to_string(),
            clients: vec![client],
            hook_client_id: CLIENT.to_string(),
            hook_scopes: "patient/Patient.r".to_string(),
            clock: Arc::new(|| NOON),
            patience: PATIENCE,
            samples: true,
        };
        let stand_in = stand_in.run(config).unwrap();
        let patient = stand_in.stored("Patient")[0]["id"].as_str().unwrap().to_string();
        Room { stand_in, settings, patient, _folder: folder }
    }

    fn launches(&self) -> Launches {
        Launches::open(std::slice::from_ref(&self.settings)).unwrap()
    }

    /// The link of a card is clicked: `iss` and `launch`.
    fn opened(&self) -> (String, String) {
        let context = LaunchContext {
            client_id: CLIENT.to_string(),
            patient: self.patient.clone(),
            encounter: Some(format!("{}-visit", self.patient)),
            app_context: Some("of a card".to_string()),
            need_patient_banner: true,
        };
        let url = self.stand_in.launch(LAUNCH, context).unwrap();
        let query = pairs(url.split_once('?').unwrap().1.as_bytes());
        (query["iss"].clone(), query["launch"].clone())
    }

    async fn finish(
        &self,
        launches: &Launches,
        launch: Option<&str>,
        more: &str,
    ) -> Result<Launched, SmartError> {
        let (iss, random) = (&self.settings.iss, SystemRandom::new());
        let begun = launches.begin(iss, launch, Tie::Handle, &random, NOON).await?;
        let query = followed(&format!("{}{more}", begun.redirect_to)).await;
        let shown = Shown::Handle(begun.handle.as_ref().unwrap().reveal());
        launches.finish(&query, shown, &random, NOON).await
    }
}

fn client() -> Client {
    Client::new(&Trust::Public, Duration::from_secs(10), BODY_BYTES_MAX).unwrap()
}

/// The query of the address to which a browser is sent on from that one.
async fn followed(url: &str) -> String {
    let place = Place::read("url", url).unwrap();
    let answer = client().ask(&place, place.get().body(Bytes::new()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 303);
    let (back, query) = answer.headers()[LOCATION].to_str().unwrap().split_once('?').unwrap();
    assert_eq!(back, BACK);
    query.to_string()
}

/// The status of a question with that token.
async fn asked(url: &str, token: &str) -> u16 {
    let place = Place::read("url", url).unwrap();
    let request = place.get().header(AUTHORIZATION, format!("Bearer {token}"));
    client().ask(&place, request.body(Bytes::new()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn it_opens_us_and_the_token_opens_this_chart_alone() {
    let room = Room::new().await;
    let launches = room.launches();
    launches.check(&room.settings.iss).await.unwrap();
    let (iss, launch) = room.opened();
    assert!(launches.is_registered(&iss));
    let launched = room.finish(&launches, Some(&launch), "").await.unwrap();
    let visit = format!("{}-visit", room.patient);
    assert_eq!(launched.patient, room.patient);
    assert_eq!(launched.matches(&room.patient, Some(&visit)), Ok(()));
    assert_eq!(launched.app_context.as_deref(), Some("of a card"));
    assert!(launched.need_patient_banner);
    assert_eq!(launched.user.as_ref().unwrap().kind, "Practitioner");
    // It gives less than was asked for.
    assert!(launched.granted.may_search("Observation"));
    assert!(!launched.granted.may_search("Condition"));
    let token = launched.access_token.reveal();
    let other = room.stand_in.stored("Patient")[1]["id"].as_str().unwrap().to_string();
    assert_eq!(asked(&format!("{iss}/Patient/{}", room.patient), token).await, 200);
    assert_ne!(asked(&format!("{iss}/Patient/{other}"), token).await, 200);
    assert_ne!(asked(&format!("{iss}/Condition?patient={}", room.patient), token).await, 200);
    // A launch value is good once.
    let error = room.finish(&launches, Some(&launch), "").await.unwrap_err();
    assert!(matches!(error, SmartError::Refused(_)));
}

#[tokio::test]
async fn a_patient_is_picked_on_the_way() {
    let room = Room::new().await;
    let picked = format!("&picked={}", room.patient);
    let launched = room.finish(&room.launches(), None, &picked).await.unwrap();
    assert_eq!(launched.patient, room.patient);
    assert!(!launched.opened_by_ehr && launched.need_patient_banner);
}

#[tokio::test]
async fn a_service_behind_gets_a_token_of_its_own() {
    let room = Room::new().await;
    let backend = Backend::open(&room.settings, "system/Patient.rs").unwrap();
    let token = backend.token(&SystemRandom::new(), NOON).await.unwrap();
    assert!(token.granted.may_search("Patient"));
    let url = format!("{}/Patient/{}", room.settings.iss, room.patient);
    assert_eq!(asked(&url, token.token.reveal()).await, 200);
    room.stand_in.faults(|faults| faults.token_status = Some(503));
    let later = NOON + 3_600;
    let error = backend.token(&SystemRandom::new(), later).await.unwrap_err();
    assert_eq!(error, SmartError::Status { part: Part::Token, status: 503 });
}
