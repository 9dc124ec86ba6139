//! What a clinician at the order screen has to see, through the real server: what the chart says
//! beside the guideline, values as they were measured, radiation, and the groups that one
//! signature answers in the app the card opens.

use cauda_guideline::facts::Kind;
use serde_json::{Value, json};

use crate::browser::Page;
use crate::ehr::{Hospital, LUMBAR, adult, body, draft};
use crate::ehr_app::{Frame, launched};

const IMAGING: &str = "/cds-services/back-pain-imaging";
const XRAY: &str = "24972-2";
const ICD: &str = "http://hl7.org/fhir/sid/icd-10-cm";

fn bundle(resources: Vec<Value>) -> Value {
    let entries: Vec<Value> = resources.into_iter().map(|one| json!({ "resource": one })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries })
}

fn condition(id: &str, patient: &str, code: &str, display: &str) -> Value {
    json!({
        "resourceType": "Condition", "id": id, "recordedDate": "2026-11-25",
        "subject": {"reference": format!("Patient/{patient}")},
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active",
        }]},
        "code": {"coding": [{"system": ICD, "code": code, "display": display}]},
    })
}

/// The one card of a call.
fn card(hospital: &Hospital, patient: &str, order: &str, prefetch: Value) -> Value {
    let call = body("order-sign", patient, &[draft("d1", patient, order)], prefetch);
    let answer = hospital.post(IMAGING, &call);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["cards"].as_array().unwrap().len(), 1, "{}", answer.text);
    answer.body["cards"][0].clone()
}

fn text<'a>(card: &'a Value, field: &str) -> &'a str {
    card[field].as_str().unwrap()
}

#[test]
fn a_diagnosis_that_no_row_knows_is_named_on_the_card() {
    let hospital = Hospital::open();
    let conditions = bundle(vec![
        condition("c1", "strain", "G82.20", "Paraplegia, unspecified"),
        condition("c2", "strain", "R20.0", "Anesthesia of skin"),
        condition("c3", "strain", "K21.9", "Gastro-esophageal reflux disease"),
    ]);
    let prefetch = json!({ "patient": adult("strain"), "conditions": conditions });
    let card = card(&hospital, "strain", LUMBAR, prefetch);
    let detail = text(&card, "detail");
    let part = detail.split("**In the chart, and not taken into account**").nth(1).unwrap();
    let part = part.split("**").next().unwrap();
    let places = ["Paraplegia", "Anesthesia", "Gastro-"].map(|name| part.find(name).unwrap());
    assert!(places.is_sorted(), "{part}");
}

#[test]
fn a_foot_that_drops_is_acted_on_and_an_old_one_is_told_by_its_name() {
    let hospital = Hospital::open();
    let with = |recorded: &str| {
        let mut foot = condition("c1", "strain", "M21.371", "Foot drop, right foot");
        foot["recordedDate"] = json!(recorded);
        let prefetch = json!({ "patient": adult("strain"), "conditions": bundle(vec![foot]) });
        card(&hospital, "strain", XRAY, prefetch)
    };
    let old = with("2019-03-01");
    assert!(text(&old, "detail").contains("Foot drop, right foot (Condition/c1): too long ago"));
    let new = with("2026-11-25");
    assert!(text(&new, "detail").contains("Weak right leg, told or seen: new"), "{new}");
    assert!(text(&new, "detail").contains("Call: Spine clinic"), "{new}");
}

#[test]
fn a_measured_fever_is_shown_in_degrees_as_it_was_measured() {
    let hospital = Hospital::open();
    let answer = hospital.fire("order-sign", "infection", vec![draft("d1", "infection", LUMBAR)]);
    let detail = &answer.cards[0].detail.clone().unwrap_or_default();
    assert!(detail.contains("Temperature: 38.9 °C"), "{detail}");
    assert!(detail.contains("only the dangerous side counts"), "{detail}");
    for sign in ["≥", ">=", "Cel", "or more"] {
        assert!(!detail.contains(sign), "{sign}: {detail}");
    }
    let (_, page) = Frame::window().open(&hospital, &launched(&hospital, "infection", None));
    assert!(page.text.contains("38.9 °C, only its dangerous side counts"), "{}", page.text);
}

#[test]
fn radiation_is_spoken_of_only_to_whom_a_pregnancy_is_possible() {
    let hospital = Hospital::open();
    let says = |gender: &str, birth: &str| {
        let mut patient = adult("strain");
        patient["birthDate"] = json!(birth);
        patient["gender"] = json!(gender);
        let card = card(&hospital, "strain", XRAY, json!({ "patient": patient }));
        text(&card, "detail").contains("use radiation")
    };
    assert!(says("female", "1992-02-01"));
    assert!(says("unknown", "1992-02-01"), "a sex that nobody recorded rules nothing out");
    assert!(!says("male", "1992-02-01"));
    assert!(!says("female", "1950-02-01"));
    let pregnant = condition("c1", "strain", "Z33.1", "Pregnant state, incidental");
    let prefetch = json!({ "patient": adult("strain"), "conditions": bundle(vec![pregnant]) });
    let card = card(&hospital, "strain", XRAY, prefetch);
    assert!(text(&card, "detail").contains("is or may be pregnant"), "{card}");
}

#[test]
fn known_cancer_alone_claims_no_new_pain() {
    let hospital = Hospital::open();
    let cancer = condition("c1", "strain", "C50.911", "Malignant neoplasm of right female breast");
    let prefetch = json!({ "patient": adult("strain"), "conditions": bundle(vec![cancer]) });
    let card = card(&hospital, "strain", XRAY, prefetch);
    let line = text(&card, "summary");
    assert!(line.contains("Suspected: spinal metastasis"), "{line}");
    assert!(!line.contains("with new") && line.chars().count() < 140, "{line}");
    let (_, page) = Frame::window().open(&hospital, &launched(&hospital, "cancer", None));
    assert!(page.text.contains("Suspected: spinal metastasis"), "{}", page.text);
    assert!(!page.text.contains("Known cancer with"), "{}", page.text);
}

/// The app as it is open in a frame.
struct Opened {
    hospital: Hospital,
    frame: Frame,
    here: String,
}

impl Opened {
    fn strain() -> (Opened, Page) {
        let hospital = Hospital::open();
        let answer = hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)]);
        let card = &answer.cards[0];
        assert!(card.summary.contains("8 groups to sign"), "{}", card.summary);
        let handle = card.links.iter().find_map(|link| link.app_context.clone());
        let mut frame = Frame::new();
        let (here, page) = frame.open(&hospital, &launched(&hospital, "strain", handle));
        (Opened { hospital, frame, here }, page)
    }

    fn post(&self, fields: &[(&str, &str)]) -> Page {
        let at = format!("{}{}/answers", self.hospital.house.address(), self.here);
        self.frame.post(&at, fields)
    }

    fn page(&mut self) -> Page {
        let at = format!("{}{}", self.hospital.house.address(), self.here);
        self.frame.get(&at)
    }

    fn next(&self) -> cauda_ehr_stand_in::Answered {
        self.hospital.fire("order-sign", "strain", vec![draft("d1", "strain", LUMBAR)])
    }
}

fn groups() -> Vec<String> {
    let file = include_str!("../../../../guidelines/back_pain/attestations.toml");
    let ids = file.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    ids.map(|id| format!("a.{id}")).collect()
}

#[test]
fn the_app_takes_the_groups_that_the_card_names() {
    let (mut opened, page) = Opened::strain();
    assert!(page.text.len() < 120_000, "{}", page.text.len());
    let groups = groups();
    assert_eq!(groups.len(), 8);
    for group in &groups {
        assert!(page.text.contains(&format!("name=\"{group}\"")), "{group}");
    }
    // A nurse signs what is a nurse's; the examination of the legs is not.
    let refused = opened.post(&[("as", "nurse"), ("command", "c1"), ("a.legs_examined", "signed")]);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("a physician signs this"), "{}", refused.text);
    let told = |hospital: &Hospital| {
        let told = hospital.recorded().into_iter().filter(|(kind, _)| kind == "consult_told");
        told.map(|(_, told)| told["signed"].as_array().map_or(0, Vec::len)).collect::<Vec<_>>()
    };
    assert!(told(&opened.hospital).is_empty());
    let mut fields: Vec<(&str, &str)> = vec![("as", "physician"), ("command", "c2")];
    fields.extend(groups.iter().map(|group| (group.as_str(), "signed")));
    let saved = opened.post(&fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(opened.post(&fields).status, 303, "sent twice it counts once");
    assert_eq!(told(&opened.hospital), [8]);
    let after = opened.page();
    assert!(!after.text.contains("Signed as a group"), "{}", after.text);
    let line = &opened.next().cards[0].summary.clone();
    assert!(line.starts_with("Cannot decide yet") && !line.contains("groups"), "{line}");
}

#[test]
fn twelve_actions_and_fewer_questions_lead_to_an_answer() {
    let (mut opened, _) = Opened::strain();
    let groups = groups();
    let mut fields: Vec<(String, String)> =
        vec![("as".into(), "physician".into()), ("command".into(), "c1".into())];
    fields.extend(groups.into_iter().map(|group| (group, "signed".into())));
    let mut rounds = 0;
    loop {
        let sent: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(opened.post(&sent).status, 303);
        let page = opened.page();
        rounds += 1;
        let open = page.text.split("name=\"f.").skip(1).map(|rest| rest.split('"').next().unwrap());
        let mut open: Vec<String> = open.map(str::to_string).collect();
        open.dedup();
        if open.is_empty() || rounds > 4 {
            break;
        }
        fields = vec![("as".into(), "physician".into()), ("command".into(), format!("r{rounds}"))];
        let guideline = opened.hospital.house.server().department.guideline();
        for id in open {
            let fact = &guideline.facts[guideline.fact(&id).unwrap()];
            let clear = match &fact.kind {
                Kind::Named { values, clear, .. } => values[*clear].clone(),
                Kind::Quantity(quantity) => quantity.text(quantity.clear),
            };
            fields.push((format!("f.{id}"), clear));
        }
    }
    assert!(rounds <= 3, "{rounds} rounds");
    let answer = opened.next();
    let line = answer.cards.first().map(|card| card.summary.clone()).unwrap_or_default();
    assert!(line.starts_with("No picture of the spine is recommended"), "{line}");
}

#[test]
fn a_signature_takes_no_danger_back() {
    let (mut opened, _) = Opened::strain();
    let fields = [
        ("as", "nurse"),
        ("command", "c1"),
        ("f.saddle_numbness", "new"),
        ("a.saddle_as_before", "signed"),
    ];
    assert_eq!(opened.post(&fields).status, 303);
    assert!(opened.page().text.contains("Emergency"));
    assert_eq!(opened.next().cards[0].indicator, "critical");
}

#[test]
fn nobody_signs_a_group_for_a_history_that_is_not_reliable() {
    let (opened, _) = Opened::strain();
    let fields = [
        ("as", "nurse"),
        ("command", "c1"),
        ("f.history_reliability", "language"),
        ("a.saddle_as_before", "signed"),
    ];
    let refused = opened.post(&fields);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("while the history is not reliable"), "{}", refused.text);
    assert!(opened.hospital.recorded().iter().all(|(kind, _)| kind != "consult_told"));
}
