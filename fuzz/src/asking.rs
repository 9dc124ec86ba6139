//! Any bytes as what an EHR's FHIR server answers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cauda_ehr::{Gate, Mode, Parts, Registry, Settings};
use cauda_fhir::{Resource, Supplied};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::NOW;
use crate::line::{Line, wait};

/// A read gives the resource that was asked for, and a search a Bundle that says whether it is all;
/// everything else has failed, and never counts as none.
pub fn asking(data: &[u8]) -> bool {
    let line = Line::begun();
    line.says(&[("/fhir/Patient/p1", 200, data), ("/fhir/Observation", 200, data)]);
    let gate = gate(&line.origin);
    let base = format!("{}/fhir", line.origin);
    wait(async {
        let client = || {
            let deadline = Instant::now() + Duration::from_secs(5);
            gate.fhir("ehr", &base, None, deadline).expect("the registered server").pages(2)
        };
        let read = client().read("Patient", "p1").await;
        if let Ok(patient) = &read {
            assert_eq!(patient["resourceType"], "Patient");
            assert_eq!(patient["id"].as_str().map(str::trim), Some("p1"));
        }
        let found = client().search("Observation", &[("patient", "p1")]).await;
        if let Ok(found) = &found {
            let bundle = Resource::of(&found.resource).expect("a Bundle");
            assert_eq!(bundle.kind(), "Bundle");
            assert_eq!(found.missing.is_some(), bundle.next_page().is_some());
            assert!(matches!(Supplied::of(Some(&found.resource)), Supplied::Found(_)));
            let sent: Value = serde_json::from_slice(data).unwrap_or_default();
            let total = sent["total"].as_u64().unwrap_or(0);
            let entries = bundle.list("entry").len() as u64;
            assert!(found.missing.is_some() || total <= entries, "{total} and {entries}");
            assert!(format!("{found:?}").len() < 300);
        }
        read.is_ok() || found.is_ok()
    })
}

fn gate(origin: &str) -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let settings: Settings = serde_json::from_value(json!({
            "name": "EHR", "tenant": "ehr", "fhir_base": format!("{origin}/fhir"),
            "issuers": ["https://ehr.example.org"], "jku": format!("{origin}/keys"),
            "private_addresses": true,
        }))
        .expect("settings");
        let parts = Parts::new(Arc::new(|| NOW));
        Gate::of(&Registry::open(&[settings], Mode::Production, parts).expect("it opens"))
    })
}
