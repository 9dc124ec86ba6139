//! A `QuestionnaireResponse` as findings for the engine.
//!
//! INVARIANT: only an answer that the question offers becomes a finding. Anything else is told as
//! an issue and the fact stays unknown; an empty answer is unknown without an issue.
//! INVARIANT: no answer is newer than the response, and one that was filled in from a record keeps
//! the age it had there.

use cauda_fhir::{Comparator, Moment, Quantity, Resource};
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Danger, Fact, Kind, Role};
use cauda_guideline::resolve::{Entries, Entry};
use cauda_guideline::visit::read_value;
use serde_json::Value;

use crate::answer::{UCUM, value_of};
use crate::form::fact_of;
use crate::{Base, Issue, ServiceError};

/// Most levels of items inside items.
const DEPTH_MAX: usize = 12;
/// Most items of a response that are read.
const ITEMS_MAX: usize = 2_000;

/// One answer that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The fact.
    pub fact: String,
    /// Its value as `guideline::visit::read_value` takes it.
    pub value: String,
    /// When, in seconds since 1970 UTC.
    pub at: i64,
    /// Where it was filled in from, `Observation/5`; `None` when a person answered.
    pub source: Option<String>,
}

/// What a response says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The answers, in their order.
    pub answered: Vec<Answered>,
    /// Facts that were asked and not answered.
    pub skipped: Vec<String>,
    /// What was not read, and where.
    pub issues: Vec<Issue>,
}

/// Reads the answers of a response.
///
/// # Errors
/// [`ServiceError::NoResponse`], [`ServiceError::NoAuthored`], and [`ServiceError::DoesNotCount`]
/// for one that was entered in error or stopped.
pub fn findings_of_response(
    base: &Base,
    guideline: &Guideline,
    response: &Value,
) -> Result<Read, ServiceError> {
    let resource = response_of(response)?;
    match resource.text("status") {
        Some("in-progress" | "completed" | "amended") => {}
        Some("entered-in-error") => return Err(ServiceError::DoesNotCount("entered-in-error")),
        Some("stopped") => return Err(ServiceError::DoesNotCount("stopped")),
        _ => return Err(ServiceError::DoesNotCount("of no known status")),
    }
    let authored = authored(&resource).ok_or(ServiceError::NoAuthored)?;
    let mut reader = Reader { base, guideline, authored, read: Read::default(), items: 0 };
    reader.items(response, "QuestionnaireResponse", 0);
    reader.contradictions();
    Ok(reader.read)
}

/// The answers as entries of a visit. `by` answered; what came from a record is the EHR's word.
pub fn entries_of(guideline: &Guideline, answered: &[Answered], by: Role) -> Entries {
    let mut entries = Entries::default();
    for answer in answered {
        let Some(index) = guideline.fact(&answer.fact) else { continue };
        let Ok(said) = read_value(&guideline.facts[index], &answer.value) else { continue };
        let by = if answer.source.is_some() { Role::Ehr } else { by };
        entries.add(index, Entry { said, at: Some(answer.at), by, entered_in_error: false });
    }
    entries
}

/// A value as a response.
pub(crate) fn response_of(response: &Value) -> Result<Resource<'_>, ServiceError> {
    let resource = Resource::of(response).ok_or(ServiceError::NoResponse)?;
    match resource.kind() {
        "QuestionnaireResponse" => Ok(resource),
        _ => Err(ServiceError::NoResponse),
    }
}

/// When the answers were gathered; only a whole instant says how old they are.
pub(crate) fn authored(resource: &Resource<'_>) -> Option<i64> {
    resource.moment("authored").filter(Moment::is_exact).map(|moment| moment.earliest)
}

struct Reader<'a> {
    base: &'a Base,
    guideline: &'a Guideline,
    authored: i64,
    read: Read,
    items: usize,
}

impl Reader<'_> {
    /// The items under `holder`, an item, an answer or the response itself.
    fn items(&mut self, holder: &Value, path: &str, depth: usize) {
        let Some(items) = holder.get("item") else { return };
        let Some(items) = items.as_array() else {
            return self.refuse("structure", "`item` is no list", path);
        };
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}.item[{at}]");
            self.items += 1;
            if self.items > ITEMS_MAX || depth >= DEPTH_MAX {
                return self.refuse("too-long", "more items or levels than are read", &path);
            }
            self.item(item, &path, depth);
        }
    }

    fn item(&mut self, item: &Value, path: &str, depth: usize) {
        self.items(item, path, depth + 1);
        let link = item.get("linkId").and_then(Value::as_str);
        let is_group = link.is_some_and(|link| link.starts_with("group/"));
        let answers = match item.get("answer") {
            None | Some(Value::Null) => &[][..],
            Some(Value::Array(answers)) => answers,
            Some(_) => return self.refuse("structure", "`answer` is no list", path),
        };
        if is_group && answers.is_empty() {
            return;
        }
        let Some((fact, of_unknown)) = link.and_then(|link| fact_of(self.guideline, link)) else {
            return self.refuse("not-found", "the guideline asks no such question", path);
        };
        let mut read = 0;
        for (at, answer) in answers.iter().enumerate() {
            let path = format!("{path}.answer[{at}]");
            self.items(answer, &path, depth + 1);
            read += usize::from(self.answer(fact, of_unknown, answer, &path));
        }
        if read > 1 {
            self.refuse("multiple-matches", "a question has more than one answer", path);
        }
        if answers.is_empty() && !of_unknown {
            self.read.skipped.push(fact.id.clone());
        }
    }

    /// Reads one answer; whether it was one.
    fn answer(&mut self, fact: &Fact, of_unknown: bool, answer: &Value, path: &str) -> bool {
        let is_value = |name: &&String| name.starts_with("value");
        let names: Vec<&String> = match answer.as_object() {
            Some(fields) => fields.keys().filter(is_value).collect(),
            None => Vec::new(),
        };
        if names.is_empty() {
            return false;
        }
        let value = match (names.as_slice(), &fact.kind) {
            ([name], Kind::Quantity(_)) if *name == "valueQuantity" && !of_unknown => {
                Quantity::read(&answer["valueQuantity"]).and_then(|given| quantity(fact, &given))
            }
            ([name], _) if *name == "valueCoding" => {
                value_of(self.base, fact, &answer["valueCoding"])
            }
            _ => None,
        };
        let Some(value) = value.filter(|value| read_value(fact, value).is_ok()) else {
            self.refuse("code-invalid", "the question offers no such answer", path);
            return false;
        };
        let (source, at) = self.source(answer);
        let at = at.unwrap_or(self.authored).min(self.authored);
        self.read.answered.push(Answered { fact: fact.id.clone(), value, at, source });
        true
    }

    /// Where an answer was filled in from, and when it was true there.
    fn source(&self, answer: &Value) -> (Option<String>, Option<i64>) {
        let extensions = answer.get("extension").and_then(Value::as_array);
        let ours = self.base.answer_source();
        let mut extensions = extensions.into_iter().flatten();
        let Some(source) = extensions.find(|extension| extension["url"] == ours.as_str()) else {
            return (None, None);
        };
        let part = |name: &str| {
            let mut parts = source["extension"].as_array().into_iter().flatten();
            parts.find(|part| part["url"] == name)
        };
        let at = part("at").and_then(|part| Moment::read(part["valueDateTime"].as_str()?));
        let reference =
            part("source").and_then(|part| part["valueReference"]["reference"].as_str());
        // Filled in, and nobody can say from where: still not a person's word.
        let reference = reference.map_or("unknown", |reference| reference);
        (Some(reference.to_owned()), at.map(|at| at.earliest))
    }

    /// Of a fact without a direction of danger, two answers would let chance decide.
    fn contradictions(&mut self) {
        let said = self.read.answered.clone();
        let differs = |answer: &Answered| {
            said.iter().any(|other| other.fact == answer.fact && other.value != answer.value)
        };
        let mut refused = Vec::new();
        let guideline = self.guideline;
        self.read.answered.retain(|answer| {
            let fact = guideline.fact(&answer.fact).map(|index| &guideline.facts[index]);
            let either = fact.is_none_or(|fact| fact.danger == Danger::None);
            let kept = !(either && differs(answer));
            if !kept && !refused.contains(&answer.fact) {
                refused.push(answer.fact.clone());
            }
            kept
        });
        for _ in refused {
            let text = "a question has two answers that exclude each other; neither counts";
            self.refuse("conflict", text, "QuestionnaireResponse");
        }
    }

    fn refuse(&mut self, code: &'static str, text: &str, path: &str) {
        self.read.issues.push(Issue::error(code, text, path));
    }
}

/// A quantity as people write it; `None` unless its unit is one of UCUM.
fn quantity(fact: &Fact, given: &Quantity<'_>) -> Option<String> {
    let sign = match given.comparator {
        None => "",
        Some(Comparator::Less) => "<",
        Some(Comparator::AtMost) => "<=",
        Some(Comparator::AtLeast) => ">=",
        Some(Comparator::Greater) => ">",
    };
    let unit = match (given.code, given.system) {
        (Some(code), Some(UCUM)) => code,
        _ => return None,
    };
    let known = fact.quantity()?.accepts.iter().any(|accepted| accepted == unit);
    known.then(|| match unit {
        "1" => format!("{sign}{}", given.number),
        unit => format!("{sign}{} {unit}", given.number),
    })
}
