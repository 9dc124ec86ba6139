//! Reading and searching, and who may.

use serde_json::Value;

use crate::client::{get, send};
use crate::office::Office;

const ALL: &str = "system/*.cruds";

fn ids(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|one| one["resource"]["id"].as_str().unwrap().to_owned()).collect()
}

async fn found(office: &Office, path: &str) -> Vec<String> {
    let reply = office.fhir(ALL, "GET", path, "").await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    let bundle = reply.json();
    assert_eq!(bundle["type"], "searchset");
    ids(&bundle)
}

#[tokio::test]
async fn the_parameters_of_prefetch_templates_work() {
    let office = Office::open().await;
    for (path, expected) in [
        ("/Patient?_id=infection", vec!["infection"]),
        ("/Patient?birthdate=lt1950-01-01", vec!["fall"]),
        ("/Observation?patient=infection&code=8310-5", vec!["infection-value-0"]),
        (
            "/Observation?patient=Patient/infection&code=http://loinc.org|8310-5,\
             http://loinc.org|1988-5\
             &_sort=-date",
            vec!["infection-value-0", "infection-value-3"],
        ),
        (
            "/Observation?subject=Patient/infection&category=laboratory&_sort=date&_count=1",
            vec!["infection-value-3"],
        ),
        ("/Observation?patient=infection&code=http://snomed.info/sct|8310-5", vec![]),
        ("/Condition?patient=cancer&clinical-status=active&code=C50.919", vec!["cancer-problem-1"]),
        ("/Condition?patient=cancer&code:not=C50.919", vec!["cancer-problem-0"]),
        ("/Condition?encounter=Encounter/fall-visit&code=M81.0", vec!["fall-problem-2"]),
        ("/MedicationStatement?patient=fall&status=active", vec![]),
        (
            "/MedicationRequest?patient=fall&status=active&_sort=-authoredon",
            vec!["fall-medicine-0"],
        ),
        ("/ServiceRequest?patient=already-right&status=active", vec!["already-right-ordered"]),
        (
            "/Observation?patient=infection&date=ge2026-11-26T08:40:00Z&date=le2026-11-26T09:15:00Z",
            vec!["infection-value-0", "infection-value-1", "infection-value-2"],
        ),
        ("/Observation?patient=infection&date=lt2026-11-26", vec![]),
        ("/Encounter?patient=child&status=in-progress&class=EMER", vec!["child-visit"]),
    ] {
        assert_eq!(found(&office, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let office = Office::open().await;
    for path in [
        "/Observation?patient=infection&colour=red",
        "/Observation?patient=infection&code:in=http://example.org/set",
        "/Observation?date=yesterday",
        "/Observation?_sort=-colour",
        "/Observation?_count=many",
        "/Observation?code=",
    ] {
        let reply = office.fhir(ALL, "GET", path, "").await;
        assert_eq!(reply.status, 400, "{path}");
        assert_eq!(reply.json()["resourceType"], "OperationOutcome");
    }
}

#[tokio::test]
async fn a_search_can_be_posted_and_read_page_by_page() {
    let office = Office::open().await;
    let whole = found(&office, "/Observation?patient=infection&_sort=-date").await;
    assert_eq!(whole.len(), 5);
    let body = "patient=infection&_sort=-date&_count=2";
    let first = office.fhir(ALL, "POST", "/Observation/_search", body).await.json();
    assert_eq!(first["total"], 5);
    let mut pages = vec![ids(&first)];
    let mut page = first;
    while let Some(next) =
        page["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next")
    {
        let url = next["url"].as_str().unwrap();
        let path = url.strip_prefix(&office.at("/fhir")).unwrap().to_owned();
        page = office.fhir(ALL, "GET", &path, "").await.json();
        pages.push(ids(&page));
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(pages.concat(), whole);
}

#[tokio::test]
async fn nothing_is_read_without_a_good_token() {
    let office = Office::open().await;
    let path = office.at("/fhir/Patient/strain");
    let without = get(&path).await;
    assert_eq!((without.status, without.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(without.json()["issue"][0]["code"], "login");
    let wrong = send("GET", &path, &[("Authorization", "Bearer x")], "").await;
    assert_eq!(wrong.status, 401);
    let token = office.ehr.access_token(ALL, None).unwrap();
    let bearer = format!("Bearer {token}");
    assert_eq!(send("GET", &path, &[("Authorization", &bearer)], "").await.status, 200);
    office.pass(300);
    assert_eq!(send("GET", &path, &[("Authorization", &bearer)], "").await.status, 401);
    assert_eq!(get(&office.at("/fhir/metadata")).await.json()["fhirVersion"], "4.0.1");
}

#[tokio::test]
async fn a_scope_is_a_limit() {
    let office = Office::open().await;
    let one = Some("infection");
    for (scope, method, path, status) in [
        ("patient/Observation.rs", "GET", "/Observation/infection-value-0", 200),
        ("patient/Observation.rs", "GET", "/Observation/fall-value-0", 403),
        ("patient/Observation.rs", "GET", "/Observation?patient=fall", 403),
        ("patient/Observation.r", "GET", "/Observation?patient=infection", 403),
        ("patient/Observation.s", "GET", "/Observation/infection-value-0", 403),
        ("patient/Condition.rs", "GET", "/Observation?patient=infection", 403),
        ("patient/Observation.read", "GET", "/Observation/infection-value-0", 403),
        ("patient/Observation.sr", "GET", "/Observation/infection-value-0", 403),
        ("patient/*.rs", "GET", "/Practitioner/dr-lind", 200),
        ("patient/*.rs", "GET", "/Patient/fall", 403),
        ("patient/*.rs", "DELETE", "/Observation/infection-value-0", 403),
        ("user/*.rs", "GET", "/Patient/fall", 200),
        ("patient/*.rs", "GET", "/Patient/nobody", 404),
        ("patient/*.rs", "GET", "/Colour/1", 404),
    ] {
        let reply = office.fhir_of(scope, one, method, path, "").await;
        assert_eq!(reply.status, status, "{scope} {method} {path}");
    }
    let all = office.fhir_of("patient/*.rs", one, "GET", "/Observation", "").await.json();
    assert!(ids(&all).iter().all(|id| id.starts_with("infection")), "{all}");
    let without = office.fhir("patient/*.rs", "GET", "/Observation", "").await;
    assert_eq!(without.status, 403);
}

#[tokio::test]
async fn faults_can_be_made() {
    let office = Office::open().await;
    office.ehr.faults(|faults| faults.fhir_status = Some(500));
    let reply = office.fhir(ALL, "GET", "/Patient/strain", "").await;
    assert_eq!((reply.status, &reply.json()["resourceType"]), (500, &"OperationOutcome".into()));
    office.ehr.faults(|faults| {
        faults.fhir_status = None;
        faults.truncated = true;
    });
    let reply = office.fhir(ALL, "GET", "/Patient/strain", "").await;
    assert!(serde_json::from_str::<Value>(&reply.body).is_err());
    let gate = cauda_ehr_stand_in::Gate::default();
    office.ehr.faults(|faults| {
        faults.truncated = false;
        faults.page_size = Some(1);
        faults.fhir_gate = Some(gate.clone());
    });
    let opening = async {
        gate.came(1).await;
        gate.open();
    };
    let asking = office.fhir(ALL, "GET", "/Observation?patient=infection", "");
    let (reply, ()) = tokio::join!(asking, opening);
    let bundle = reply.json();
    assert_eq!(ids(&bundle).len(), 1);
    assert!(bundle["link"].as_array().unwrap().iter().any(|link| link["relation"] == "next"));
}
