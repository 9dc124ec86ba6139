//! Prefetch templates become data (CDS Hooks 2.0, "Prefetch Template").

use serde_json::{Map, Value};

use crate::ehr::Ehr;
use crate::faults::PrefetchFault;
use crate::fhir::answer::{Refusal, outcome};
use crate::fhir::search::Search;
use crate::fhir::{bundle, valid};
use crate::hooks::discovery::Service;

/// Most tokens of a template.
const TOKENS_MAX: usize = 20;

/// What a service wants to be told at once. A template that cannot be filled has no key.
pub(crate) fn all(ehr: &Ehr, service: &Service, context: &Value) -> Map<String, Value> {
    let faults = ehr.faults().clone();
    let mut data = Map::new();
    for (key, template) in &service.prefetch {
        let Some(query) = fill(template, context) else { continue };
        let value = match faults.of_prefetch(key) {
            Some(PrefetchFault::Absent) => continue,
            Some(PrefetchFault::Null) => Value::Null,
            Some(PrefetchFault::Outcome) => outcome("exception", "a fault was asked for"),
            None => fetch(ehr, &query, faults.page_size),
        };
        data.insert(key.clone(), value);
    }
    data
}

/// A template with its tokens filled in; `None` where one of them cannot be.
pub(crate) fn fill(template: &str, context: &Value) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    for _ in 0..TOKENS_MAX {
        let Some((before, after)) = rest.split_once("{{") else {
            return Some(filled + rest);
        };
        let (token, after) = after.split_once("}}")?;
        filled.push_str(before);
        filled.push_str(&value(token.trim(), context)?);
        rest = after;
    }
    None
}

/// The value of a token: a primitive of the context, or who the user is.
fn value(token: &str, context: &Value) -> Option<String> {
    let text = match token {
        "userPractitionerId" => user(context, "Practitioner")?,
        "userPractitionerRoleId" => user(context, "PractitionerRole")?,
        "userPatientId" => user(context, "Patient")?,
        "userRelatedPersonId" => user(context, "RelatedPerson")?,
        _ => match context.get(token.strip_prefix("context.")?)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(said) => said.to_string(),
            _ => return None,
        },
    };
    (!text.is_empty()).then_some(text)
}

fn user(context: &Value, kind: &str) -> Option<String> {
    let (of, id) = context.get("userId")?.as_str()?.split_once('/')?;
    (of == kind).then(|| id.to_owned())
}

/// What the FHIR server answers to a query, on one page: `null` when what is named is not there.
fn fetch(ehr: &Ehr, query: &str, page_size: Option<usize>) -> Value {
    let base = ehr.fhir_base();
    let store = ehr.store();
    let (place, parameters) = query.split_once('?').unwrap_or((query, ""));
    if let Some((kind, id)) = place.split_once('/') {
        return store.get(kind, id).cloned().unwrap_or(Value::Null);
    }
    if !valid::TYPES.contains(&place) {
        return Refusal::new(404, "not-supported", "this type is not kept here").outcome();
    }
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
    match Search::read(place, &pairs) {
        Err(refusal) => refusal.outcome(),
        Ok(search) => {
            let found = search.run(&store, &base);
            match page_size {
                Some(_) => bundle::page(&search, &found, &base, page_size),
                None => bundle::whole(&search, &found, &base),
            }
        }
    }
}
