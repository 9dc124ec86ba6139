//! The resources, in memory.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::fhir::answer::{Refusal, version};
use crate::fhir::valid;
use crate::time;

/// Most resources, deleted ones included.
const RESOURCES_MAX: usize = 20_000;

/// Everything that is kept. A clone is a whole copy, which a transaction works on.
#[derive(Clone, Default)]
pub(crate) struct Store {
    /// By type and id; `None` was deleted.
    kept: BTreeMap<(String, String), Option<Value>>,
    /// The number of the last id given out.
    last: u64,
}

impl Store {
    /// A resource.
    pub(crate) fn get(&self, kind: &str, id: &str) -> Result<&Value, Refusal> {
        match self.kept.get(&(kind.to_owned(), id.to_owned())) {
            Some(Some(resource)) => Ok(resource),
            Some(None) => Err(Refusal::new(410, "deleted", format!("{kind} was deleted"))),
            None => Err(Refusal::new(404, "not-found", format!("no {kind} has this id"))),
        }
    }

    /// The resource that a reference such as `Patient/1` leads to.
    pub(crate) fn at(&self, reference: &str) -> Option<&Value> {
        let (kind, id) = reference.split_once('/')?;
        self.get(kind, id).ok()
    }

    /// All of a type, by id.
    pub(crate) fn all<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let from = (kind.to_owned(), String::new());
        let kind = kind.to_owned();
        let these = self.kept.range(from..).take_while(move |((of, _), _)| *of == kind);
        these.filter_map(|(_, resource)| resource.as_ref())
    }

    /// An id that nothing has.
    pub(crate) fn new_id(&mut self) -> String {
        self.last += 1;
        format!("s{}", self.last)
    }

    /// Keeps a resource under its id, which it must have; a version comes after the one before.
    /// Whether it is new comes back with it.
    pub(crate) fn put(&mut self, mut resource: Value, now: i64) -> Result<(Value, bool), Refusal> {
        let invalid = |text: String| Refusal::new(422, "invalid", text);
        valid::check(&resource).map_err(invalid)?;
        let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(kind), Some(id)) = (text("resourceType"), text("id")) else {
            return Err(invalid("it has no id".to_owned()));
        };
        let place = (kind, id);
        let before = self.kept.get(&place).and_then(Option::as_ref);
        let new = before.is_none();
        let number = before.and_then(version).and_then(|number| number.parse::<u64>().ok());
        if !self.kept.contains_key(&place) && self.kept.len() >= RESOURCES_MAX {
            return Err(Refusal::new(507, "too-costly", "the stand-in is full; start it anew"));
        }
        let version = number.unwrap_or(0) + 1;
        if !resource.get("meta").is_some_and(Value::is_object) {
            resource["meta"] = json!({});
        }
        resource["meta"]["versionId"] = json!(version.to_string());
        resource["meta"]["lastUpdated"] = json!(time::instant(now));
        self.kept.insert(place, Some(resource.clone()));
        Ok((resource, new))
    }

    /// Deletes a resource; deleting twice is no fault.
    pub(crate) fn delete(&mut self, kind: &str, id: &str) {
        if let Some(kept) = self.kept.get_mut(&(kind.to_owned(), id.to_owned())) {
            *kept = None;
        }
    }

    /// The first reference of a resource that leads nowhere in this server.
    pub(crate) fn dangling(&self, resource: &Value, base: &str) -> Option<String> {
        let mut first = None;
        let mut copy = resource.clone();
        valid::references(&mut copy, &mut |text| {
            let own = text.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
            let local = own.unwrap_or(text);
            let elsewhere = own.is_none() && (text.starts_with('#') || text.contains("://"));
            let local = local.split("/_history/").next().unwrap_or_default();
            if !elsewhere && self.at(local).is_none() {
                first.get_or_insert_with(|| text.chars().take(100).collect::<String>());
            }
        });
        first
    }

    /// Whether a resource is of a patient: it is the patient, is about them, or, as a
    /// `Provenance` and an `AuditEvent`, is about such a resource.
    pub(crate) fn is_of(&self, resource: &Value, patient: &str) -> bool {
        let wanted = format!("Patient/{patient}");
        let named = |value: &Value, name: &str| {
            let text = value.get(name).and_then(|one| one.get("reference"));
            text.and_then(Value::as_str).map(str::to_owned)
        };
        let list = |name: &str| resource.get(name).and_then(Value::as_array).into_iter().flatten();
        match resource.get("resourceType").and_then(Value::as_str) {
            Some("Patient") => resource.get("id").and_then(Value::as_str) == Some(patient),
            Some("Provenance") => {
                let targets = list("target").filter_map(|one| one.get("reference")?.as_str());
                self.all_of(targets.map(str::to_owned).collect(), patient)
            }
            Some("AuditEvent") => {
                self.all_of(list("entity").filter_map(|one| named(one, "what")).collect(), patient)
            }
            _ => ["subject", "patient", "for"]
                .iter()
                .any(|name| named(resource, name).as_deref() == Some(&wanted)),
        }
    }

    fn all_of(&self, references: Vec<String>, patient: &str) -> bool {
        let direct = |resource: &Value| {
            let kind = resource.get("resourceType").and_then(Value::as_str);
            !matches!(kind, Some("Provenance" | "AuditEvent")) && self.is_of(resource, patient)
        };
        !references.is_empty()
            && references.iter().all(|one| {
                let one = one.split("/_history/").next().unwrap_or_default();
                self.at(one).is_some_and(direct)
            })
    }
}
