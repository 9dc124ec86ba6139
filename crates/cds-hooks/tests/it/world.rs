//! Patients, orders and calls for the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cauda_cds_hooks::{
    Codes, Earlier, Hook, HookRequest, IgnoredFact, Launch, Links, Matter, Order, Pregnancy,
    Rating, Response, Situation, UnlistedDiagnosis, UsedFact, answer,
};
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::{Kind, Role};
use cauda_guideline::resolve::{Entries, Entry, Said, resolve};
use cauda_guideline::{Folder, Guideline, load_checked};
use serde_json::{Value, json};

pub const NOW: &str = "2026-11-23T10:00:00Z";
pub const INSTANCE: &str = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea";
pub const BASE: &str = "https://cauda.example/fhir";
pub const CPT: &str = "http://www.ama-assn.org/go/cpt";
pub const LOINC: &str = "http://loinc.org";

pub fn guideline() -> &'static Guideline {
    static SHIPPED: OnceLock<Guideline> = OnceLock::new();
    SHIPPED.get_or_init(|| load_checked(&folder()).unwrap())
}

pub fn codes() -> &'static Codes {
    static SHIPPED: OnceLock<Codes> = OnceLock::new();
    SHIPPED.get_or_init(|| Codes::shipped().unwrap())
}

fn folder() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    Folder { files }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        if Folder::takes(&name) {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Findings as `fact`, `value`.
type Said2<'a> = &'a [(&'a str, &'a str)];

/// Of whom nothing is known but this.
pub fn unknown_but(said: Said2) -> &'static Decision {
    kept(decide(Entries::default(), said))
}

/// Of whom everything is clear but this; `unknown` as a value means that nobody has asked.
pub fn clear_but(said: Said2) -> &'static Decision {
    kept(decide(clear(), said))
}

/// Kept for as long as the tests run, so that a scene can be told in one line.
fn kept(decision: Decision) -> &'static Decision {
    Box::leak(Box::new(decision))
}

pub fn clear() -> Entries {
    let mut entries = Entries::default();
    let clear: Vec<(usize, Said)> = guideline()
        .entered_facts()
        .map(|(index, fact)| match &fact.kind {
            Kind::Named { clear, .. } => (index, Said::Value(*clear)),
            Kind::Quantity(quantity) => (index, Said::Between(quantity.clear, quantity.clear)),
        })
        .collect();
    for (index, said) in clear {
        entries.add(index, entry(said));
    }
    entries
}

pub fn entry(said: Said) -> Entry {
    Entry { said, at: None, by: Role::Physician, entered_in_error: false }
}

fn decide(mut entries: Entries, said: Said2) -> Decision {
    let guideline = guideline();
    let mut findings = serde_json::Map::new();
    for (fact, value) in said {
        let index = guideline.fact(fact).unwrap();
        entries.by_fact.remove(&index);
        if *value != "unknown" {
            findings.insert((*fact).into(), json!([{ "value": value, "by": "physician" }]));
        }
    }
    let visit = json!({ "as_of": NOW, "findings": findings }).to_string();
    let visit = cauda_guideline::visit::read(guideline, &visit).unwrap();
    entries.by_fact.extend(visit.entries.by_fact);
    explain(guideline, &resolve(guideline, &entries, visit.as_of), None)
}

/// An adult of whom all is clear: common pain, no picture.
pub fn strain() -> &'static Decision {
    static KEPT: OnceLock<&Decision> = OnceLock::new();
    KEPT.get_or_init(|| clear_but(&[]))
}

/// New numbness of the saddle in an adult: an MRI now.
pub fn saddle() -> &'static Decision {
    static KEPT: OnceLock<&Decision> = OnceLock::new();
    KEPT.get_or_init(|| clear_but(&[("saddle_numbness", "new")]))
}

/// Only the age is known: undecided.
pub fn only_age() -> &'static Decision {
    static KEPT: OnceLock<&Decision> = OnceLock::new();
    KEPT.get_or_init(|| unknown_but(&[("age", "40 a")]))
}

pub fn request_of(id: &str, system: &str, code: &str, more: Value) -> Value {
    let mut order = json!({
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "code": { "coding": [{ "system": system, "code": code }] },
        "subject": { "reference": "Patient/p1" },
        "reasonCode": [{ "coding": [{ "system": "http://snomed.info/sct", "code": "279039007" }] }],
    });
    for (field, value) in more.as_object().unwrap() {
        order[field] = value.clone();
    }
    order
}

pub fn lumbar_mri() -> Value {
    request_of("mri", CPT, "72148", json!({}))
}

pub fn lumbar_mri_stat() -> Value {
    request_of("mri", LOINC, "30679-5", json!({ "priority": "stat" }))
}

pub fn lumbar_xray() -> Value {
    request_of("xray", LOINC, "24972-2", json!({}))
}

pub fn bundle(orders: &[Value]) -> Value {
    let entries: Vec<Value> = orders.iter().map(|order| json!({ "resource": order })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

pub fn call(hook: Hook, orders: &[Value]) -> Value {
    let references: Vec<String> = orders
        .iter()
        .filter_map(|order| Some(format!("ServiceRequest/{}", order["id"].as_str()?)))
        .collect();
    let mut context =
        json!({ "userId": "Practitioner/u1", "patientId": "p1", "encounterId": "e1" });
    if hook.is_order() {
        context["draftOrders"] = bundle(orders);
    }
    if hook == Hook::OrderSelect {
        context["selections"] = json!(references);
    }
    json!({ "hook": hook.name(), "hookInstance": INSTANCE, "context": context })
}

/// A call that is answered, with all that may be changed of it.
pub struct Scene<'a> {
    pub hook: Hook,
    pub orders: Vec<Value>,
    pub decision: &'a Decision,
    pub matter: Matter,
    pub screened: Option<&'a str>,
    pub by_specialist: bool,
    pub is_child: Option<bool>,
    pub is_deceased: bool,
    pub blocks: Vec<&'a str>,
    pub alarms: Vec<String>,
    pub used: Vec<UsedFact>,
    pub unlisted: Vec<UnlistedDiagnosis>,
    pub pregnancy: Pregnancy,
    pub earlier: Vec<Earlier>,
    pub rating: bool,
    pub icon: Option<&'a str>,
}

impl<'a> Scene<'a> {
    pub fn order(decision: &'a Decision, orders: &[Value]) -> Scene<'a> {
        Scene {
            hook: Hook::OrderSign,
            orders: orders.to_vec(),
            decision,
            matter: Matter::BackPain,
            screened: None,
            by_specialist: false,
            is_child: Some(false),
            is_deceased: false,
            blocks: Vec::new(),
            alarms: Vec::new(),
            used: vec![UsedFact {
                fact: "temperature".into(),
                name: "Temperature".into(),
                value: "36.8 °C".into(),
                counted: None,
                at: Some("2026-11-23T09:40:00Z".into()),
                by: "Observation/o1".into(),
            }],
            unlisted: Vec::new(),
            pregnancy: Pregnancy::No,
            earlier: Vec::new(),
            rating: true,
            icon: None,
        }
    }

    pub fn leave(decision: &'a Decision) -> Scene<'a> {
        Scene { hook: Hook::EncounterDischarge, ..Scene::order(decision, &[]) }
    }

    pub fn response(&self) -> Response {
        let body = call(self.hook, &self.orders);
        let request = HookRequest::read(&body, self.hook.service().id(), codes()).unwrap();
        self.answer(&request.context.orders)
    }

    pub fn answer(&self, orders: &[Order]) -> Response {
        let ignored = [IgnoredFact { what: "Condition/c9".into(), why: "refuted".into() }];
        let mut count = 0;
        let mut new_uuid = || {
            count += 1;
            format!("00000000-0000-4000-8000-{count:012}")
        };
        let situation = Situation {
            hook: self.hook,
            patient: "p1",
            encounter: Some("e1"),
            orders,
            matter: self.matter,
            codes: codes(),
            guideline: guideline(),
            decision: self.decision,
            used: &self.used,
            ignored: &ignored,
            unlisted: &self.unlisted,
            pregnancy: self.pregnancy,
            not_supplied: &["procedures"],
            blocks: &self.blocks,
            alarms: &self.alarms,
            screened: self.screened,
            by_specialist: self.by_specialist,
            is_child: self.is_child,
            is_deceased: self.is_deceased,
            earlier: &self.earlier,
            rating: self.rating.then_some(Rating { consulted: "G-test" }),
            links: Links {
                launch: Some(Launch { url: "https://cauda.example/launch", handle: "h-1" }),
                guideline: "https://cauda.example/guideline/back_pain/",
                icon: self.icon,
            },
            base: BASE,
        };
        answer(&situation, &mut new_uuid)
    }

    pub fn json(&self) -> Value {
        self.response().json()
    }

    /// The one card.
    pub fn card(&self) -> Value {
        let answer = self.json();
        assert_eq!(answer["cards"].as_array().unwrap().len(), 1, "{answer:#}");
        answer["cards"][0].clone()
    }

    pub fn is_silent(&self) -> bool {
        self.response().cards.is_empty()
    }

    pub fn kind(&self) -> Option<cauda_cds_hooks::Kind> {
        self.response().cards.first().map(|card| card.kind)
    }

    pub fn ratings(&self) -> Vec<String> {
        let answer = self.json();
        let actions = answer["systemActions"].as_array().cloned().unwrap_or_default();
        actions.iter().filter_map(rating_of).collect()
    }
}

pub fn rating_of(action: &Value) -> Option<String> {
    let extensions = action["resource"]["extension"].as_array()?;
    let rating = extensions.iter().find(|one| one["url"] == cauda_cds_hooks::RATING)?;
    Some(rating["valueCodeableConcept"]["coding"][0]["code"].as_str()?.to_string())
}

/// Answers of every kind.
pub fn samples() -> &'static [(&'static str, Value)] {
    static SAMPLES: OnceLock<Vec<(&'static str, Value)>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let (strain, saddle, unknown) = (strain(), saddle(), only_age());
        let held =
            clear_but(&[("saddle_numbness", "new"), ("pacemaker_or_defibrillator", "unsafe")]);
        let child = clear_but(&[("age", "12 a")]);
        let stay = clear_but(&[("pain_controlled", "absent")]);
        let scene = Scene::order;
        vec![
            ("not indicated", scene(strain, &[lumbar_mri()]).json()),
            ("danger, low priority", scene(saddle, &[lumbar_mri()]).json()),
            ("danger, X-ray", scene(saddle, &[lumbar_xray()]).json()),
            ("agrees", scene(saddle, &[lumbar_mri_stat()]).json()),
            ("undecided", scene(unknown, &[lumbar_mri()]).json()),
            ("held", scene(held, &[lumbar_mri_stat()]).json()),
            ("child", Scene { is_child: Some(true), ..scene(child, &[lumbar_mri()]) }.json()),
            ("deceased", Scene { is_deceased: true, ..scene(unknown, &[lumbar_mri()]) }.json()),
            ("leaves", Scene::leave(saddle).json()),
            ("leaves undecided", Scene::leave(unknown).json()),
            ("stays", Scene::leave(stay).json()),
        ]
    })
}

/// Every card of the samples.
pub fn cards() -> Vec<&'static Value> {
    samples().iter().flat_map(|(_, answer)| answer["cards"].as_array().unwrap()).collect()
}
