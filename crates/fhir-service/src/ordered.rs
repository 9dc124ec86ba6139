//! An imaging order that an EHR places: a `ServiceRequest` of FHIR R4 read by a closed mapping, and
//! the same as it stands here. What changes the meaning of an order and is not read refuses it, with
//! the place: an order is never taken as less, or as another, than it says.

use cauda_fhir::{Moment, Resource};
use serde_json::{Value, json};

use crate::outcome::Issue;

/// Elements that are read.
const READ: [&str; 15] = [
    "resourceType",
    "id",
    "contained",
    "identifier",
    "status",
    "intent",
    "priority",
    "doNotPerform",
    "code",
    "subject",
    "occurrenceDateTime",
    "occurrencePeriod",
    "authoredOn",
    "requester",
    "reasonCode",
];
/// Elements that may be there and change nothing of what is scanned, of whom, and when.
const PASSED: [&str; 17] = [
    "meta",
    "language",
    "text",
    "extension",
    "note",
    "category",
    "encounter",
    "performer",
    "performerType",
    "locationCode",
    "locationReference",
    "insurance",
    "supportingInfo",
    "relevantHistory",
    "instantiatesCanonical",
    "instantiatesUri",
    "requisition",
];
/// Intents that are orders.
const ORDERS: [&str; 5] =
    ["order", "original-order", "reflex-order", "filler-order", "instance-order"];
/// System of kinds of identifiers (HL7 table 0203), and the placer's.
const KINDS: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
const PLACER: &str = "PLAC";
/// Most bytes of system and value of an identifier together.
const IDENTIFIER_BYTES_MAX: usize = 120;
/// Most characters of any other text.
const TEXT_CHARACTERS_MAX: usize = 500;
/// Most codes, reasons and notes.
const LISTED_MAX: usize = 16;
/// Most faults that are told of elements.
const UNREAD_MAX: usize = 20;

/// What is wanted of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `active`
    Active,
    /// `on-hold`
    Held,
    /// `revoked`
    Revoked,
    /// `entered-in-error`
    Mistaken,
}

/// How urgent, `http://hl7.org/fhir/request-priority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// `routine`
    Routine,
    /// `urgent`
    Urgent,
    /// `asap`
    Asap,
    /// `stat`
    Stat,
}

/// Sex, `http://hl7.org/fhir/administrative-gender`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// `male`
    Male,
    /// `female`
    Female,
    /// `other`
    Other,
    /// `unknown`
    Unknown,
}

/// An order as it was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The placer's number: its system and its value.
    pub identifier: (String, String),
    /// What is wanted.
    pub wish: Wish,
    /// How urgent, if it says so.
    pub urgency: Option<Urgency>,
    /// What is ordered: systems, where there are any, and codes.
    pub codes: Vec<(Option<String>, String)>,
    /// The patient's number of the hospital.
    pub number: String,
    /// The patient's name, `Meier, Ada`.
    pub name: Option<String>,
    /// Day of birth, `1981-03-04`.
    pub born: Option<String>,
    /// Sex.
    pub gender: Option<Gender>,
    /// Why.
    pub reasons: Vec<String>,
    /// Not before when, in seconds since 1970 UTC.
    pub start: Option<i64>,
    /// When it was written.
    pub authored: Option<i64>,
    /// Who orders.
    pub requester: Option<String>,
}

impl std::fmt::Debug for Ordered {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Ordered { … }")
    }
}

/// Reads an order. `numbers` is the system of the hospital's patient numbers.
///
/// # Errors
/// All that keeps it from being taken, each with its place and nothing of what was written there.
pub fn ordered(body: &Value, numbers: &str) -> Result<Ordered, Vec<Issue>> {
    let Some(resource) = Resource::of(body).filter(|one| one.kind() == "ServiceRequest") else {
        return Err(vec![Issue::error("structure", "send a ServiceRequest", "ServiceRequest")]);
    };
    let mut reading = Reading { resource, faults: Vec::new() };
    reading.unread();
    let identifier = reading.identifier();
    let wish = reading.status();
    reading.intent();
    let urgency = reading.priority();
    let codes = reading.codes();
    let (number, patient) = reading.subject(numbers);
    let start = reading.start();
    let authored = reading.moment("authoredOn");
    let reasons = reading.reasons();
    let requester = reading.requester();
    let (name, born, gender) = patient;
    match (identifier, wish, number, reading.faults.is_empty()) {
        (Some(identifier), Some(wish), Some(number), true) => Ok(Ordered {
            identifier,
            wish,
            urgency,
            codes,
            number,
            name,
            born,
            gender,
            reasons,
            start,
            authored,
            requester,
        }),
        _ => Err(reading.faults),
    }
}

type Known = (Option<String>, Option<String>, Option<Gender>);

struct Reading<'a> {
    resource: Resource<'a>,
    faults: Vec<Issue>,
}

impl<'a> Reading<'a> {
    fn fault(&mut self, code: &'static str, text: &str, path: &str) {
        self.faults.push(Issue::error(code, text, &format!("ServiceRequest.{path}")));
    }

    /// A text of this element that is not too long.
    fn fits(&mut self, text: &'a str, path: &str) -> Option<String> {
        let plain = |sign: char| !sign.is_control() || matches!(sign, '\n' | '\t');
        if text.chars().count() > TEXT_CHARACTERS_MAX || !text.chars().all(plain) {
            let why = "this text is longer than 500 characters, or holds control characters";
            self.fault("too-long", why, path);
            return None;
        }
        Some(text.to_string())
    }

    fn unread(&mut self) {
        let Some(fields) = self.resource.json().as_object() else { return };
        let known = |name: &str| {
            // What stands beside a primitive, such as an extension of it.
            let name = name.strip_prefix('_').unwrap_or(name);
            READ.contains(&name) || PASSED.contains(&name)
        };
        let plain =
            |name: &&String| name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric());
        let unread: Vec<String> = fields
            .keys()
            .filter(|name| !known(name))
            .take(UNREAD_MAX)
            .map(|name| Some(name).filter(plain).cloned().unwrap_or_else(|| "?".to_string()))
            .collect();
        for name in unread {
            let why = "this element may change what is ordered and is not read here; leave it out, \
                       or order by a code that says all of it";
            self.fault("not-supported", why, &name);
        }
        match self.resource.field("doNotPerform") {
            None | Some(Value::Bool(false)) => {}
            _ => self.fault("not-supported", "an order not to scan is no order", "doNotPerform"),
        }
    }

    /// The one of kind PLAC, else the only one.
    fn identifier(&mut self) -> Option<(String, String)> {
        let all = self.resource.list("identifier");
        let placer = |one: &&Value| {
            let codings = one.get("type").and_then(|kind| kind.get("coding"));
            let codings = codings.and_then(Value::as_array).into_iter().flatten();
            codings.into_iter().any(|coding| {
                coding.get("system").and_then(Value::as_str) == Some(KINDS)
                    && coding.get("code").and_then(Value::as_str) == Some(PLACER)
            })
        };
        let mut placers = all.iter().copied().filter(placer);
        let one = match (placers.next(), placers.next(), all.as_slice()) {
            (Some(one), None, _) => one,
            (None, _, [one]) => *one,
            (None, _, []) => {
                self.fault("required", "the number that the placer gave is missing", "identifier");
                return None;
            }
            _ => {
                let why = "it has several numbers; mark the placer's by the type PLAC";
                self.fault("multiple-matches", why, "identifier");
                return None;
            }
        };
        let text = |field: &str| one.get(field).and_then(Value::as_str).map(str::trim);
        let (system, value) = (text("system").unwrap_or(""), text("value").unwrap_or(""));
        let plain = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if !plain(system) || !plain(value) || system.len() + value.len() > IDENTIFIER_BYTES_MAX {
            let why = "the placer's number needs a system and a value, 120 bytes together at most";
            self.fault("value", why, "identifier");
            return None;
        }
        Some((system.to_string(), value.to_string()))
    }

    fn status(&mut self) -> Option<Wish> {
        let wish = match self.resource.text("status") {
            Some("active") => Some(Wish::Active),
            Some("on-hold") => Some(Wish::Held),
            Some("revoked") => Some(Wish::Revoked),
            Some("entered-in-error") => Some(Wish::Mistaken),
            _ => None,
        };
        if wish.is_none() {
            let why = "write active, on-hold, revoked or entered-in-error; a draft is no order, and \
                       that a scan is over, the scanner says";
            self.fault("value", why, "status");
        }
        wish
    }

    fn intent(&mut self) {
        if !self.resource.text("intent").is_some_and(|intent| ORDERS.contains(&intent)) {
            self.fault("value", "only an order is taken; write order", "intent");
        }
    }

    fn priority(&mut self) -> Option<Urgency> {
        match self.resource.field("priority").map(Value::as_str) {
            None => None,
            Some(Some("routine")) => Some(Urgency::Routine),
            Some(Some("urgent")) => Some(Urgency::Urgent),
            Some(Some("asap")) => Some(Urgency::Asap),
            Some(Some("stat")) => Some(Urgency::Stat),
            Some(_) => {
                self.fault("value", "write routine, urgent, asap or stat", "priority");
                None
            }
        }
    }

    fn codes(&mut self) -> Vec<(Option<String>, String)> {
        let concept = self.resource.field("code");
        let codings = concept.and_then(|code| code.get("coding")).and_then(Value::as_array);
        let codings = codings.into_iter().flatten().take(LISTED_MAX);
        let codes: Vec<(Option<String>, String)> = codings
            .filter_map(|coding| {
                let text = |field: &str| coding.get(field).and_then(Value::as_str).map(str::trim);
                let code = text("code").filter(|code| !code.is_empty() && code.len() <= 200)?;
                Some((text("system").map(str::to_string), code.to_string()))
            })
            .collect();
        if codes.is_empty() {
            self.fault("required", "what is ordered is missing: a coding with a code", "code");
        }
        codes
    }

    /// The number, by the identifier of the subject or of the patient who is contained.
    fn subject(&mut self, numbers: &str) -> (Option<String>, Known) {
        let subject = self.resource.field("subject");
        let contained = self.contained(subject, "Patient");
        let of = |value: &'a Value| -> Vec<&'a Value> {
            match value.get("identifier") {
                Some(Value::Array(all)) => all.iter().take(LISTED_MAX).collect(),
                Some(one) => vec![one],
                None => Vec::new(),
            }
        };
        let mut found: Vec<&str> = [subject, contained]
            .into_iter()
            .flatten()
            .flat_map(of)
            .filter(|one| one.get("system").and_then(Value::as_str) == Some(numbers))
            .filter_map(|one| one.get("value").and_then(Value::as_str).map(str::trim))
            .filter(|value| !value.is_empty())
            .collect();
        found.dedup();
        let number = match found.as_slice() {
            [] => {
                let why = "the patient's number is missing: subject.identifier, with the system \
                           that was registered as number_system";
                self.fault("required", why, "subject.identifier");
                None
            }
            [number] => self.fits(number, "subject.identifier"),
            _ => {
                let why = "it names two patients; leave one number";
                self.fault("multiple-matches", why, "subject.identifier");
                None
            }
        };
        let display = subject.and_then(|subject| subject.get("display")).and_then(Value::as_str);
        let name = contained.and_then(name_of).or(display.map(|name| name.trim().to_string()));
        let name = name.filter(|name| !name.is_empty());
        if name.as_ref().is_some_and(|name| name.chars().count() > TEXT_CHARACTERS_MAX) {
            self.fault("too-long", "this name is longer than 500 characters", "subject.display");
        }
        let text = |field: &str| contained?.get(field)?.as_str();
        let gender = match text("gender") {
            Some("male") => Some(Gender::Male),
            Some("female") => Some(Gender::Female),
            Some("other") => Some(Gender::Other),
            Some("unknown") => Some(Gender::Unknown),
            _ => None,
        };
        (number, (name, text("birthDate").map(str::to_string), gender))
    }

    /// What a reference to a contained resource leads to.
    fn contained(&self, reference: Option<&'a Value>, kind: &str) -> Option<&'a Value> {
        let id = reference?.get("reference")?.as_str()?.strip_prefix('#')?;
        let all = self.resource.list("contained");
        all.into_iter().take(LISTED_MAX).find(|one| {
            let text = |field: &str| one.get(field).and_then(Value::as_str);
            text("resourceType") == Some(kind) && text("id") == Some(id)
        })
    }

    fn moment(&mut self, field: &str) -> Option<i64> {
        let value = self.resource.field(field)?;
        let moment = value.as_str().and_then(Moment::read);
        if moment.is_none() {
            self.fault("value", "this is no date of FHIR", field);
        }
        moment.map(|moment| moment.earliest)
    }

    fn start(&mut self) -> Option<i64> {
        let period = self.resource.field("occurrencePeriod");
        match period {
            None => self.moment("occurrenceDateTime"),
            Some(_) if self.resource.field("occurrenceDateTime").is_some() => {
                self.fault("structure", "it says twice when", "occurrencePeriod");
                None
            }
            Some(period) => {
                let start = period.get("start").and_then(Value::as_str).and_then(Moment::read);
                if start.is_none() {
                    self.fault("value", "this needs a start", "occurrencePeriod.start");
                }
                start.map(|start| start.earliest)
            }
        }
    }

    fn reasons(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        for one in self.resource.list("reasonCode").into_iter().take(LISTED_MAX) {
            let coding = one.get("coding").and_then(|all| all.get(0));
            let part = |field: &str| coding?.get(field)?.as_str();
            let text = one.get("text").and_then(Value::as_str);
            if let Some(text) = text.or(part("display")).or(part("code")) {
                words.extend(self.fits(text, "reasonCode"));
            }
        }
        for note in self.resource.list("note").into_iter().take(LISTED_MAX) {
            if let Some(text) = note.get("text").and_then(Value::as_str) {
                words.extend(self.fits(text, "note"));
            }
        }
        words.retain(|text| !text.trim().is_empty());
        words
    }

    fn requester(&mut self) -> Option<String> {
        let requester = self.resource.field("requester")?;
        let contained = self.contained(Some(requester), "Practitioner").and_then(name_of);
        let text = |field: &str| requester.get(field).and_then(Value::as_str);
        match contained {
            Some(name) => Some(name),
            None => {
                let said = text("display").or(text("reference"))?;
                self.fits(said, "requester")
            }
        }
    }
}

/// `Meier, Ada` of a person's first name that is not an old one.
fn name_of(person: &Value) -> Option<String> {
    let names = person.get("name")?.as_array()?;
    let usual = |one: &&Value| one.get("use").and_then(Value::as_str) != Some("old");
    let name = names.iter().take(LISTED_MAX).find(usual)?;
    let text = |field: &str| name.get(field).and_then(Value::as_str).map(str::trim);
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten();
    let given: Vec<&str> = given.filter_map(Value::as_str).take(LISTED_MAX).collect();
    let whole = match (text("family"), given.is_empty()) {
        (Some(family), false) => format!("{family}, {}", given.join(" ")),
        (Some(family), true) => family.to_string(),
        (None, _) => text("text")?.to_string(),
    };
    Some(whole).filter(|name| !name.is_empty())
}

/// An order as it stands here.
#[derive(Clone)]
pub struct Standing<'a> {
    /// Its id here.
    pub id: &'a str,
    /// How often it was changed.
    pub version: usize,
    /// The placer's number: its system and its value.
    pub identifier: (&'a str, &'a str),
    /// `active`, `on-hold`, `completed`, `revoked`.
    pub status: &'static str,
    /// `routine` to `stat`.
    pub priority: &'static str,
    /// The code it was ordered by, if it is known, and what is scanned.
    pub code: (Option<&'a str>, &'a str),
    /// System and value of the patient's number.
    pub number: (&'a str, &'a str),
    /// The patient's name.
    pub name: Option<&'a str>,
    /// When it was ordered, in seconds since 1970 UTC.
    pub authored: i64,
    /// Not before when.
    pub start: Option<i64>,
    /// Who ordered.
    pub requester: &'a str,
    /// Why.
    pub why: Option<&'a str>,
    /// What people read beside its status.
    pub note: Option<String>,
}

/// The same as a resource.
pub fn standing_order(order: &Standing<'_>) -> Value {
    let time = cauda_guideline::time::write;
    let mut code = json!({ "text": order.code.1 });
    if let Some(known) = order.code.0 {
        code["coding"] = json!([{ "code": known }]);
    }
    let mut resource = json!({
        "resourceType": "ServiceRequest",
        "id": order.id,
        "meta": { "versionId": order.version.to_string() },
        "identifier": [{
            "type": { "coding": [{ "system": KINDS, "code": PLACER }] },
            "system": order.identifier.0,
            "value": order.identifier.1,
        }],
        "status": order.status,
        "intent": "order",
        "priority": order.priority,
        "code": code,
        "subject": { "identifier": { "system": order.number.0, "value": order.number.1 } },
        "authoredOn": time(order.authored),
        "requester": { "display": order.requester },
    });
    if let Some(name) = order.name {
        resource["subject"]["display"] = json!(name);
    }
    if let Some(start) = order.start {
        resource["occurrenceDateTime"] = json!(time(start));
    }
    if let Some(why) = order.why {
        resource["reasonCode"] = json!([{ "text": why }]);
    }
    if let Some(note) = &order.note {
        resource["note"] = json!([{ "text": note }]);
    }
    resource
}
