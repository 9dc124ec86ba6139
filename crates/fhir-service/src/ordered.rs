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
/// Most bytes of a code.
const CODE_BYTES_MAX: usize = 200;
/// Most codes, reasons and notes.
const LISTED_MAX: usize = 16;
/// What stands between reasons that are kept as one text.
pub const BETWEEN: &str = "; ";
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

/// When something is wanted, or was written, as closely as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A second since 1970 UTC.
    Second(i64),
    /// A day where the patient is, `2026-12-10`.
    Day(String),
}

/// A code of what is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Its system, where there is one.
    pub system: Option<String>,
    /// The code.
    pub code: String,
    /// As people read it.
    pub display: Option<String>,
}

impl Coded {
    /// Its words, or the code where there are none.
    pub fn words(&self) -> &str {
        self.display.as_deref().unwrap_or(&self.code)
    }
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
    /// What is ordered.
    pub codes: Vec<Coded>,
    /// The words beside the codes, where they are not those of a code.
    pub ordered_as: Option<String>,
    /// The patient's number of the hospital.
    pub number: String,
    /// The patient's name, `Meier, Ada`.
    pub name: Option<String>,
    /// Day of birth, whole, `1981-03-04`.
    pub born: Option<String>,
    /// Sex.
    pub gender: Option<Gender>,
    /// Why, and whatever else has to be read by people.
    pub reasons: Vec<String>,
    /// Not before when, and as it was written.
    pub start: Option<(When, String)>,
    /// When it was written.
    pub authored: Option<When>,
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
    let (codes, ordered_as) = reading.codes();
    let (number, patient) = reading.subject(numbers);
    let (start, end) = reading.occurrence();
    let authored = reading.when("authoredOn", resource.field("authoredOn"));
    let authored = authored.map(|(when, _)| when);
    let mut reasons = reading.reasons();
    reasons.extend(end);
    let requester = reading.requester();
    let (name, born, gender) = patient;
    match (identifier, wish, number, reading.faults.is_empty()) {
        (Some(identifier), Some(wish), Some(number), true) => Ok(Ordered {
            identifier,
            wish,
            urgency,
            codes,
            ordered_as,
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

    /// No more than is looked at.
    fn few(&mut self, count: usize, path: &str) {
        if count > LISTED_MAX {
            self.fault("too-long", "these are more than 16; write them into fewer", path);
        }
    }

    /// A text of this element that is not too long.
    fn fits(&mut self, text: &str, path: &str) -> Option<String> {
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
        let empty: Vec<&str> =
            READ.into_iter().filter(|name| fields.get(*name).is_some_and(Value::is_null)).collect();
        for name in empty {
            self.fault("value", "null says nothing; write it, or leave it out", name);
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

    /// The codes, and the words beside them that none of the codes says.
    fn codes(&mut self) -> (Vec<Coded>, Option<String>) {
        let concept = self.resource.field("code");
        let codings = concept.and_then(|code| code.get("coding")).and_then(Value::as_array);
        let codings = codings.map(Vec::as_slice).unwrap_or_default();
        self.few(codings.len(), "code");
        let mut codes = Vec::new();
        for coding in codings.iter().take(LISTED_MAX) {
            let text = |field: &str| {
                let text = coding.get(field).and_then(Value::as_str).map(str::trim);
                text.filter(|text| !text.is_empty())
            };
            let Some(code) = text("code") else { continue };
            if code.len() > CODE_BYTES_MAX {
                self.fault("too-long", "this code is longer than 200 bytes", "code");
            }
            let display = text("display").and_then(|text| self.fits(text, "code"));
            let system = text("system").and_then(|text| self.fits(text, "code"));
            codes.push(Coded { system, code: code.to_string(), display });
        }
        if codes.is_empty() {
            self.fault("required", "what is ordered is missing: a coding with a code", "code");
        }
        let text = concept.and_then(|code| code.get("text")).and_then(Value::as_str);
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let text = text.filter(|text| {
            !codes.iter().any(|one| same_words(one.words(), text) || same_words(&one.code, text))
        });
        let ordered_as = text.and_then(|text| self.fits(text, "code.text"));
        (codes, ordered_as)
    }

    /// The number, by the identifier of the subject or of the patient who is contained.
    fn subject(&mut self, numbers: &str) -> (Option<String>, Known) {
        let subject = self.resource.field("subject");
        let contained = self.contained(subject, "Patient");
        let of = |value: &'a Value| -> Vec<&'a Value> {
            match value.get("identifier") {
                Some(Value::Array(all)) => all.iter().collect(),
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
        let inside = subject.and_then(|one| one.get("reference")).and_then(Value::as_str);
        if inside.is_some_and(|one| one.starts_with('#')) && contained.is_none() {
            let why = "no Patient of that id is contained; send it along, or refer to none";
            self.fault("not-found", why, "subject.reference");
        }
        (number, self.person(subject, contained))
    }

    /// Name, birth and sex. What is said of them and cannot be read is not left out: what the
    /// department knows would stand in its place.
    fn person(&mut self, subject: Option<&'a Value>, contained: Option<&'a Value>) -> Known {
        let display = subject.and_then(|subject| subject.get("display")).and_then(Value::as_str);
        let display = display.map(str::trim).filter(|name| !name.is_empty());
        let name = contained.and_then(name_of).or(display.map(str::to_string));
        if name.is_none() && contained.is_some_and(|one| one.get("name").is_some()) {
            let why = "this name cannot be read; write family and given, or text";
            self.fault("value", why, "contained.name");
        }
        let name = name.and_then(|name| self.fits(&name, "subject.display"));
        let said = |field: &str| contained.and_then(|one| one.get(field));
        let gender = match said("gender").map(Value::as_str) {
            None => None,
            Some(Some("male")) => Some(Gender::Male),
            Some(Some("female")) => Some(Gender::Female),
            Some(Some("other")) => Some(Gender::Other),
            Some(Some("unknown")) => Some(Gender::Unknown),
            Some(_) => {
                let why = "write male, female, other or unknown, or leave it out";
                self.fault("value", why, "contained.gender");
                None
            }
        };
        let born = match said("birthDate").map(|born| born.as_str().filter(|text| is_day(text))) {
            None => None,
            Some(Some(born)) => Some(born.to_string()),
            Some(None) => {
                let why = "write the whole date, year-month-day, or leave it out";
                self.fault("value", why, "contained.birthDate");
                None
            }
        };
        (name, born, gender)
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

    /// A second or a day, and as it was written. A month is too little to plan by.
    fn when(&mut self, path: &str, value: Option<&'a Value>) -> Option<(When, String)> {
        let text = value?.as_str().map(str::trim).unwrap_or_default();
        let when = match Moment::read(text) {
            Some(moment) if moment.is_exact() => Some(When::Second(moment.earliest)),
            Some(_) if is_day(text) => Some(When::Day(text.to_string())),
            _ => None,
        };
        if when.is_none() {
            let why = "write a date with its day, 2026-12-10, or a time with its zone, \
                       2026-12-10T09:00:00Z";
            self.fault("value", why, path);
        }
        when.map(|when| (when, text.to_string()))
    }

    /// From when on, and the words that say until when.
    fn occurrence(&mut self) -> (Option<(When, String)>, Option<String>) {
        let at = self.resource.field("occurrenceDateTime");
        let Some(period) = self.resource.field("occurrencePeriod") else {
            return (self.when("occurrenceDateTime", at), None);
        };
        if at.is_some() {
            self.fault("structure", "it says twice when", "occurrencePeriod");
            return (None, None);
        }
        if period.get("start").is_none() {
            self.fault("value", "this needs a start", "occurrencePeriod.start");
        }
        let start = self.when("occurrencePeriod.start", period.get("start"));
        let end = self.when("occurrencePeriod.end", period.get("end"));
        (start, end.map(|(_, text)| format!("wanted until {text}")))
    }

    fn reasons(&mut self) -> Vec<String> {
        let (reasons, notes) = (self.resource.list("reasonCode"), self.resource.list("note"));
        self.few(reasons.len(), "reasonCode");
        self.few(notes.len(), "note");
        let mut words = Vec::new();
        for one in reasons.into_iter().take(LISTED_MAX) {
            let said = words_of(one);
            if said.is_empty() {
                self.fault("value", "this reason has no words and no code", "reasonCode");
            }
            for text in said {
                words.extend(self.fits(text, "reasonCode"));
            }
        }
        for note in notes.into_iter().take(LISTED_MAX) {
            let text = note.get("text").and_then(Value::as_str).map(str::trim);
            match text.filter(|text| !text.is_empty()) {
                Some(text) => words.extend(self.fits(text, "note")),
                None => self.fault("value", "this note has no text", "note"),
            }
        }
        words
    }

    fn requester(&mut self) -> Option<String> {
        let requester = self.resource.field("requester")?;
        let contained = self.contained(Some(requester), "Practitioner").and_then(name_of);
        let text = |at: &str| {
            let text = requester.pointer(at).and_then(Value::as_str).map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_string)
        };
        let elsewhere = text("/reference").filter(|reference| !reference.starts_with('#'));
        let said = contained.or(text("/display")).or(elsewhere).or(text("/identifier/value"));
        match said {
            Some(said) => self.fits(&said, "requester"),
            None => {
                let why = "nobody can read who this is; write display, or contain a Practitioner \
                           with a name";
                self.fault("value", why, "requester");
                None
            }
        }
    }
}

/// All that a concept says: its text, and of each code the words, or the code where there are none,
/// unless they were said.
fn words_of(concept: &Value) -> Vec<&str> {
    let plain = |value: Option<&'_ Value>| -> Option<String> {
        let text = value.and_then(Value::as_str).map(str::trim)?;
        Some(text.to_lowercase()).filter(|text| !text.is_empty())
    };
    let codings = concept.get("coding").and_then(Value::as_array).into_iter().flatten();
    let of_codes = codings.map(|coding| {
        let display = coding.get("display");
        if plain(display).is_some() { display } else { coding.get("code") }
    });
    let (mut said, mut words): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for value in [concept.get("text")].into_iter().chain(of_codes) {
        let (Some(known), Some(text)) = (plain(value), value.and_then(Value::as_str)) else {
            continue;
        };
        if !said.iter().any(|one| one.contains(&known)) {
            said.push(known);
            words.push(text.trim());
        }
    }
    words
}

/// Whether a text names a whole day.
fn is_day(text: &str) -> bool {
    text.len() == 10 && Moment::read(text).is_some()
}

fn same_words(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// `Meier, Ada` of a person's first name that is not an old one.
fn name_of(person: &Value) -> Option<String> {
    let names = person.get("name")?.as_array()?;
    let usual = |one: &&Value| one.get("use").and_then(Value::as_str) != Some("old");
    let name = names.iter().take(LISTED_MAX).find(usual)?;
    let text = |field: &str| name.get(field).and_then(Value::as_str).map(str::trim);
    let given = name.get("given").and_then(Value::as_array).into_iter().flatten();
    let given: Vec<&str> = given.filter_map(Value::as_str).collect();
    let whole = match (text("family"), text("text"), given.is_empty()) {
        (Some(family), _, false) => format!("{family}, {}", given.join(" ")),
        (Some(family), _, true) => family.to_string(),
        (None, Some(text), _) => text.to_string(),
        (None, None, _) => given.join(" "),
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
    /// The code it was ordered by, if it is known.
    pub code: Option<&'a str>,
    /// The system of that code, if it has one.
    pub code_system: Option<&'a str>,
    /// What is scanned.
    pub scanned: &'a str,
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
    let mut code = json!({ "text": order.scanned });
    if let Some(known) = order.code {
        code["coding"] = match order.code_system {
            Some(system) => json!([{ "system": system, "code": known }]),
            None => json!([{ "code": known }]),
        };
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
        let parts = parts_of(why);
        resource["reasonCode"] = parts.iter().map(|part| json!({ "text": part })).collect();
    }
    if let Some(note) = &order.note {
        resource["note"] = json!([{ "text": note }]);
    }
    resource
}

/// A text in parts that can be sent back as they are, and come to the same when they are joined
/// again by [`BETWEEN`].
fn parts_of(why: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for piece in why.split(BETWEEN) {
        let fits = |last: &&mut String| {
            last.chars().count() + BETWEEN.len() + piece.chars().count() <= TEXT_CHARACTERS_MAX
        };
        match parts.last_mut().filter(fits) {
            Some(last) => {
                last.push_str(BETWEEN);
                last.push_str(piece);
            }
            None => parts.push(piece.to_string()),
        }
    }
    parts
}
