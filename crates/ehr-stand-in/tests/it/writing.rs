//! Creating, changing, deleting, and Bundles.

use serde_json::{Value, json};

use crate::client::send;
use crate::office::Office;

const ALL: &str = "system/*.cruds";

fn task(patient: &str, number: &str) -> Value {
    json!({
        "resourceType": "Task", "status": "requested", "intent": "order",
        "identifier": [{"system": "http://example.org/tasks", "value": number}],
        "for": {"reference": format!("Patient/{patient}")},
    })
}

#[tokio::test]
async fn a_resource_lives_and_dies() {
    let office = Office::open().await;
    let made = office.fhir(ALL, "POST", "/Task", &task("strain", "1").to_string()).await;
    assert_eq!(made.status, 201);
    let mut resource = made.json();
    let id = resource["id"].as_str().unwrap().to_owned();
    assert_eq!(made.location(), office.at(&format!("/fhir/Task/{id}/_history/1")));
    assert_eq!(made.header("etag"), Some("W/\"1\""));
    assert_eq!(office.fhir(ALL, "GET", &format!("/Task/{id}/_history/1"), "").await.status, 200);
    resource["status"] = "completed".into();
    let path = format!("/Task/{id}");
    let changed = office.fhir(ALL, "PUT", &path, &resource.to_string()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, Some("W/\"2\"")));
    assert_eq!(office.fhir(ALL, "GET", &format!("/Task/{id}/_history/1"), "").await.status, 404);
    let other = office.fhir(ALL, "PUT", "/Task/other", &resource.to_string()).await;
    assert_eq!(other.status, 400);
    assert_eq!(office.fhir(ALL, "DELETE", &path, "").await.status, 204);
    let gone = office.fhir(ALL, "GET", &path, "").await;
    assert_eq!((gone.status, &gone.json()["issue"][0]["code"]), (410, &"deleted".into()));
}

#[tokio::test]
async fn a_change_can_be_made_to_depend_on_the_version() {
    let office = Office::open().await;
    let patient = office.fhir(ALL, "GET", "/Patient/strain", "").await.json();
    let token = office.ehr.access_token(ALL, None).unwrap();
    let bearer = format!("Bearer {token}");
    for (version, status) in [("W/\"7\"", 412), ("W/\"1\"", 200), ("W/\"1\"", 412)] {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/fhir+json"),
            ("If-Match", version),
        ];
        let url = office.at("/fhir/Patient/strain");
        let reply = send("PUT", &url, &headers, &patient.to_string()).await;
        assert_eq!(reply.status, status, "{version}");
    }
}

#[tokio::test]
async fn what_is_not_valid_is_refused() {
    let office = Office::open().await;
    let mut without = task("strain", "1");
    without.as_object_mut().unwrap().remove("status");
    let mut empty = task("strain", "1");
    empty["note"] = json!([]);
    let mut null = task("strain", "1");
    null["description"] = Value::Null;
    let mut code = task("strain", "1");
    code["status"] = "begun".into();
    let lost = task("nobody", "1");
    for (resource, status) in
        [(&without, 422), (&empty, 422), (&null, 422), (&code, 422), (&lost, 422)]
    {
        let reply = office.fhir(ALL, "POST", "/Task", &resource.to_string()).await;
        assert_eq!(reply.status, status, "{resource}");
        assert_eq!(reply.json()["resourceType"], "OperationOutcome");
    }
    let twice = "{\"resourceType\":\"Task\",\"status\":\"draft\",\"status\":\"ready\"}";
    assert_eq!(office.fhir(ALL, "POST", "/Task", twice).await.status, 400);
    let other = office.fhir(ALL, "POST", "/Task", "{\"resourceType\":\"Patient\"}").await;
    assert_eq!(other.status, 400);
    assert!(office.ehr.stored("Task").is_empty());
}

#[tokio::test]
async fn a_conditional_create_makes_one() {
    let office = Office::open().await;
    let token = office.ehr.access_token(ALL, None).unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/fhir+json"),
        ("If-None-Exist", "identifier=http://example.org/tasks|1"),
    ];
    let body = task("strain", "1").to_string();
    let url = office.at("/fhir/Task");
    let (first, second) =
        (send("POST", &url, &headers, &body).await, send("POST", &url, &headers, &body).await);
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.json()["id"], second.json()["id"]);
    assert_eq!(office.ehr.stored("Task").len(), 1);
}

fn bundle() -> Value {
    let exists = |number: &str| format!("identifier=http://example.org/tasks|{number}");
    let mut second = task("strain", "2");
    second["partOf"] = json!([{"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}]);
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:22222222-2222-4222-8222-222222222222", "resource": second,
            "request": {"method": "POST", "url": "Task", "ifNoneExist": exists("2")}},
        {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111",
            "resource": task("strain", "1"),
            "request": {"method": "POST", "url": "Task", "ifNoneExist": exists("1")}},
    ]})
}

#[tokio::test]
async fn a_transaction_that_is_repeated_changes_nothing() {
    let office = Office::open().await;
    let body = bundle().to_string();
    let first = office.fhir(ALL, "POST", "", &body).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let statuses = |answer: &Value| -> Vec<String> {
        let entries = answer["entry"].as_array().unwrap().iter();
        entries.map(|one| one["response"]["status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(statuses(&first.json()), ["201 Created", "201 Created"]);
    let kept = office.ehr.stored("Task");
    let (part, whole) = match kept[0].get("partOf") {
        Some(_) => (&kept[0], &kept[1]),
        None => (&kept[1], &kept[0]),
    };
    let reference = format!("Task/{}", whole["id"].as_str().unwrap());
    assert_eq!(part["partOf"][0]["reference"], reference);
    let again = office.fhir(ALL, "POST", "", &body).await;
    assert_eq!(statuses(&again.json()), ["200 OK", "200 OK"]);
    assert_eq!(office.ehr.stored("Task"), kept);
}

#[tokio::test]
async fn a_transaction_is_whole_or_nothing() {
    let office = Office::open().await;
    let mut lost = bundle();
    lost["entry"][0]["resource"]["partOf"][0]["reference"] = "Task/nothing".into();
    let mut other = bundle();
    other["entry"][1]["resource"]["for"]["reference"] = "Patient/fall".into();
    let mut wrong = bundle();
    wrong["entry"][1]["request"]["method"] = "PATCH".into();
    for (scope, bundle, status) in [
        (ALL, lost, 422),
        ("patient/Task.cruds", other, 403),
        (ALL, wrong, 400),
        ("patient/Task.rs", bundle(), 403),
    ] {
        let reply = office.fhir_of(scope, Some("strain"), "POST", "", &bundle.to_string()).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert!(office.ehr.stored("Task").is_empty());
    }
    let (scope, body) = ("patient/Task.cruds", bundle().to_string());
    let ours = office.fhir_of(scope, Some("strain"), "POST", "", &body).await;
    assert_eq!(ours.status, 200, "{}", ours.body);
}

#[tokio::test]
async fn a_batch_is_each_by_itself() {
    let office = Office::open().await;
    let body = json!({"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": "Patient/strain"}},
        {"request": {"method": "GET", "url": "Patient/nobody"}},
    ]});
    let answer = office.fhir(ALL, "POST", "", &body.to_string()).await.json();
    assert_eq!(answer["type"], "batch-response");
    assert_eq!(answer["entry"][0]["resource"]["id"], "strain");
    assert_eq!(answer["entry"][1]["response"]["status"], "404");
}

#[tokio::test]
async fn nobody_moves_a_resource_to_another_patient() {
    let office = Office::open().await;
    let made = office.fhir(ALL, "POST", "/Task", &task("fall", "1").to_string()).await.json();
    let path = format!("/Task/{}", made["id"].as_str().unwrap());
    let mut stolen = made.clone();
    stolen["for"]["reference"] = "Patient/strain".into();
    let (scope, one) = ("patient/Task.cruds", Some("strain"));
    let reply = office.fhir_of(scope, one, "PUT", &path, &stolen.to_string()).await;
    assert_eq!(reply.status, 403);
}
