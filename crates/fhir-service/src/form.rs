//! The facts of the guideline as a `Questionnaire` of FHIR R4, for staff or for the patient.
//!
//! Structured Data Capture 3.0 and 4.0, "Adaptive Forms": the form is marked adaptive, and its
//! whole text can be filled in by a client that knows no `$next-question`.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Carries, Fact, Kind, Role, Stage};
use serde_json::{Value, json};

use crate::answer::{Offered, UCUM, capital, codes, is_asked, reasons, values};
use crate::base::{id_of, version};
use crate::{Base, answer};

/// Extension that marks a form as adaptive (SDC).
const ADAPTIVE: &str =
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive";
/// Extension that offers a unit (FHIR R4).
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";
/// What the second item of a number is called: why it is not known.
const UNKNOWN: &str = "/unknown";

/// Who reads the questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Nurses and physicians: every fact that a person can enter.
    Staff,
    /// The patient: only what patients are asked.
    Patient,
}

/// Which form of a guideline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Who reads it.
    pub audience: Audience,
    /// Only the facts of that stage of the visit; `None` is all of them.
    pub stage: Option<Stage>,
}

impl Form {
    /// Its id, `back-pain-staff-triage`.
    pub fn id(&self, guideline: &Guideline) -> String {
        let audience = match self.audience {
            Audience::Staff => "staff",
            Audience::Patient => "patient",
        };
        let stage = self.stage.map_or("", |stage| match stage {
            Stage::Triage => "-triage",
            Stage::Examination => "-examination",
            Stage::Results => "-results",
            Stage::Discharge => "-discharge",
            Stage::FollowUp => "-follow-up",
        });
        format!("{}-{audience}{stage}", id_of(guideline))
    }

    /// Every form of a guideline.
    pub fn all() -> Vec<Form> {
        let stages = [
            None,
            Some(Stage::Triage),
            Some(Stage::Examination),
            Some(Stage::Results),
            Some(Stage::Discharge),
            Some(Stage::FollowUp),
        ];
        let forms = [Audience::Staff, Audience::Patient]
            .into_iter()
            .flat_map(|audience| stages.map(|stage| Form { audience, stage }));
        forms.collect()
    }

    /// The form with that canonical address, without or with this very version.
    pub fn of_canonical(base: &Base, guideline: &Guideline, canonical: &str) -> Option<Form> {
        let url = match canonical.split_once('|') {
            Some((url, of)) if of == version(guideline) => url,
            Some(_) => return None,
            None => canonical,
        };
        Form::all().into_iter().find(|form| form.url(base, guideline) == url)
    }

    /// Its address without the version.
    pub fn url(&self, base: &Base, guideline: &Guideline) -> String {
        base.under(&format!("Questionnaire/{}", self.id(guideline)))
    }

    /// Its address with the version: the guideline's own and the hash of its bytes.
    pub fn canonical(&self, base: &Base, guideline: &Guideline) -> String {
        format!("{}|{}", self.url(base, guideline), version(guideline))
    }

    /// Whether a fact is asked in it.
    pub fn asks(&self, fact: &Fact) -> bool {
        let stage = self.stage.is_none_or(|stage| fact.asked_at.contains(&stage));
        let reader = self.audience == Audience::Staff || is_asked(fact, Role::Patient);
        !fact.is_computed() && stage && reader
    }

    fn title(&self, guideline: &Guideline) -> String {
        let audience = match self.audience {
            Audience::Staff => "for staff",
            Audience::Patient => "for the patient",
        };
        format!("{}: questions {audience}", guideline.title)
    }
}

/// The whole form: one group for each file of facts, one question for each fact. A fact is its
/// own `linkId`; `…/unknown` beside a number says why there is none.
pub fn questionnaire(base: &Base, guideline: &Guideline, form: &Form) -> Value {
    let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
    for (_, fact) in guideline.entered_facts().filter(|(_, fact)| form.asks(fact)) {
        if groups.iter().all(|(group, _)| *group != fact.group) {
            groups.push((&fact.group, Vec::new()));
        }
        let group = groups.iter_mut().find(|(group, _)| *group == fact.group);
        group.into_iter().for_each(|(_, of)| of.extend(items(base, fact, form.audience)));
    }
    let items = groups.into_iter().map(|(group, items)| {
        json!({
            "linkId": group_link(group),
            "text": capital(&group.replace('_', " ")),
            "type": "group",
            "item": items,
        })
    });
    let mut resource = head(base, guideline, form);
    resource["id"] = json!(form.id(guideline));
    resource["url"] = json!(form.url(base, guideline));
    put_items(&mut resource, items.collect());
    resource
}

/// The form inside a response that grows question by question (`sdc-questionnaire-adapt`).
pub(crate) fn growing(base: &Base, guideline: &Guideline, form: &Form, asked: &[&Fact]) -> Value {
    let mut resource = head(base, guideline, form);
    resource["id"] = json!(GROWING);
    resource["derivedFrom"] = json!([form.canonical(base, guideline)]);
    let items = asked.iter().flat_map(|fact| items(base, fact, form.audience));
    put_items(&mut resource, items.collect());
    resource
}

/// Id of the form inside a response.
pub(crate) const GROWING: &str = "asked";

fn head(base: &Base, guideline: &Guideline, form: &Form) -> Value {
    // A guideline that nobody signed gives no form that claims to be in force.
    let status = if guideline.status.starts_with("draft") { "draft" } else { "active" };
    json!({
        "resourceType": "Questionnaire",
        "extension": [{ "url": ADAPTIVE, "valueUrl": base.url() }],
        "version": version(guideline),
        "name": format!("{}Questions", name(guideline)),
        "title": form.title(guideline),
        "status": status,
        "subjectType": ["Patient"],
        "description": "Each answer is about now: as it is at the moment of the answer. A \
                        question without an answer stays unknown; it never counts as no.",
    })
}

/// The guideline's id as a name without `_`: `BackPain`.
pub(crate) fn name(guideline: &Guideline) -> String {
    guideline.id.split('_').map(capital).collect()
}

fn put_items(resource: &mut Value, items: Vec<Value>) {
    if !items.is_empty() {
        resource["item"] = json!(items);
    }
}

/// `linkId` of a group; no id of a fact has a `/`.
pub(crate) fn group_link(group: &str) -> String {
    format!("group/{group}")
}

/// The fact a `linkId` stands for, and whether it asks why that is not known.
pub(crate) fn fact_of<'a>(guideline: &'a Guideline, link: &str) -> Option<(&'a Fact, bool)> {
    let (id, unknown) = match link.strip_suffix(UNKNOWN) {
        Some(id) => (id, true),
        None => (link, false),
    };
    let (_, fact) = guideline.entered_facts().find(|(_, fact)| fact.id == id)?;
    (!unknown || fact.quantity().is_some()).then_some((fact, unknown))
}

/// `linkId` of the item that says why a fact is not known.
pub(crate) fn unknown_link(fact: &Fact) -> String {
    match fact.quantity() {
        Some(_) => format!("{}{UNKNOWN}", fact.id),
        None => fact.id.clone(),
    }
}

/// The question of a fact; a number has a second one, for why it is not known.
pub(crate) fn items(base: &Base, fact: &Fact, audience: Audience) -> Vec<Value> {
    let option = |offered: Offered| {
        let (code, display) = (offered.code, offered.display);
        json!({ "valueCoding": { "system": base.answers(), "code": code, "display": display } })
    };
    let mut item = json!({
        "linkId": fact.id,
        "code": codes(base, fact),
        "text": text(fact, audience),
        "required": false,
        "repeats": false,
    });
    let unknown = reasons(fact, audience).into_iter();
    match &fact.kind {
        Kind::Named { .. } => {
            let offered = values(fact, audience).into_iter().chain(unknown).map(option);
            item["type"] = json!("choice");
            item["answerOption"] = offered.collect();
            vec![item]
        }
        Kind::Quantity(quantity) => {
            let units = quantity.accepts.iter().map(|unit| {
                let mut coding = json!({ "system": UCUM, "code": unit });
                match cauda_guideline::units::words(unit) {
                    "" => {}
                    words => coding["display"] = json!(words),
                }
                json!({ "url": UNIT_OPTION, "valueCoding": coding })
            });
            item["type"] = json!("quantity");
            item["extension"] = units.collect();
            let why = json!({
                "linkId": unknown_link(fact),
                "text": format!("{} If not known, why", text(fact, audience)),
                "type": "choice",
                "enableWhen": [{
                    "question": fact.id,
                    "operator": "exists",
                    "answerBoolean": false,
                }],
                "required": false,
                "repeats": false,
                "answerOption": unknown.map(option).collect::<Vec<_>>(),
            });
            vec![item, why]
        }
    }
}

/// The question, worded so that it means now.
fn text(fact: &Fact, audience: Audience) -> String {
    match (audience, fact.carries) {
        (Audience::Staff, Carries::Visit) => format!("{} (as it is now)", fact.staff),
        (Audience::Staff, Carries::Episode) => format!("{} (as far as known now)", fact.staff),
        (Audience::Patient, carries) => {
            let end = if fact.patient.contains('?') { "." } else { "?" };
            let now = match carries {
                Carries::Visit => "Say how it is now.",
                Carries::Episode => "Say what you know now.",
            };
            format!("{}{end} {now}", fact.patient)
        }
    }
}

/// The two code systems of our own that forms and answers use.
pub fn code_systems(base: &Base, guideline: &Guideline) -> Vec<Value> {
    let system = |url: String, name: &str, title: &str, concepts: Vec<Value>| {
        json!({
            "resourceType": "CodeSystem",
            "id": name,
            "url": url,
            "version": version(guideline),
            "name": capital(name),
            "title": title,
            "status": if guideline.status.starts_with("draft") { "draft" } else { "active" },
            "caseSensitive": true,
            "content": "complete",
            "count": concepts.len(),
            "concept": concepts,
        })
    };
    let facts: Vec<&Fact> = guideline.entered_facts().map(|(_, fact)| fact).collect();
    let concepts = facts.iter().map(|fact| json!({ "code": fact.id, "display": fact.staff }));
    let mut answers: BTreeMap<String, String> = BTreeMap::new();
    for fact in &facts {
        let offered = answer::values(fact, Audience::Staff).into_iter();
        for offered in offered.chain(answer::reasons(fact, Audience::Staff)) {
            answers.insert(offered.code, offered.display);
        }
    }
    let answers =
        answers.into_iter().map(|(code, display)| json!({ "code": code, "display": display }));
    vec![
        system(
            base.findings(),
            "findings",
            "Facts that the guideline asks about",
            concepts.collect(),
        ),
        system(base.answers(), "answers", "Answers to its questions", answers.collect()),
    ]
}
