//! A Bundle of type `transaction` or `batch` (FHIR R4, "http", transaction rules).
//!
//! A transaction works on a copy of the store, which takes the place of the store when every entry
//! was done; so nothing of one that fails is kept.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::fhir::answer::{Answer, Refusal, address};
use crate::fhir::search::Search;
use crate::fhir::store::Store;
use crate::fhir::valid;
use crate::smart::scope::{Access, Letter};

/// Most entries of a Bundle.
const ENTRIES_MAX: usize = 500;

/// Who does it, when and where.
pub(crate) struct Doing<'a> {
    pub(crate) access: &'a Access,
    pub(crate) now: i64,
    pub(crate) base: &'a str,
}

struct Entry {
    method: String,
    kind: String,
    id: Option<String>,
    full_url: Option<String>,
    if_none_exist: Option<String>,
    if_match: Option<String>,
    resource: Option<Value>,
    /// A resource that was there already, found by `ifNoneExist`.
    found: Option<String>,
}

/// Does a whole Bundle.
pub(crate) fn run(store: &mut Store, bundle: &Value, doing: &Doing) -> Result<Value, Refusal> {
    let kind = bundle.get("type").and_then(Value::as_str);
    let entries = bundle.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.len() > ENTRIES_MAX {
        return Err(Refusal::new(413, "too-costly", "more than 500 entries"));
    }
    let answers = match kind {
        Some("transaction") => transaction(store, entries, doing)?,
        Some("batch") => entries.iter().map(|one| single(store, one, doing)).collect(),
        _ => return Err(invalid("a Bundle sent here is of type transaction or batch")),
    };
    let kind = format!("{}-response", kind.unwrap_or_default());
    let mut bundle = json!({"resourceType": "Bundle", "type": kind});
    if !answers.is_empty() {
        bundle["entry"] = answers.into();
    }
    Ok(bundle)
}

fn single(store: &mut Store, entry: &Value, doing: &Doing) -> Value {
    let done = transaction(store, std::slice::from_ref(entry), doing);
    let done = done.map(|mut all| all.pop().unwrap_or_default());
    done.unwrap_or_else(|refusal| {
        json!({"response": {"status": refusal.status.to_string(), "outcome": refusal.outcome()}})
    })
}

fn transaction(store: &mut Store, entries: &[Value], doing: &Doing) -> Result<Vec<Value>, Refusal> {
    let mut copy = store.clone();
    let place = |at: usize| {
        move |refusal: Refusal| Refusal { text: format!("entry {at}: {}", refusal.text), ..refusal }
    };
    let mut read = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        read.push(Entry::read(entry).map_err(place(at))?);
    }
    let mut names = HashMap::new();
    for (at, entry) in read.iter_mut().enumerate() {
        entry.name(&mut copy, doing, &mut names).map_err(place(at))?;
    }
    let mut answers = vec![Value::Null; read.len()];
    for method in ["DELETE", "POST", "PUT", "GET"] {
        for (at, entry) in read.iter().enumerate().filter(|(_, one)| one.method == method) {
            answers[at] = entry.perform(&mut copy, doing, &names).map_err(place(at))?;
        }
    }
    for (at, entry) in read.iter().enumerate() {
        let kept = entry.id.as_ref().and_then(|id| copy.get(&entry.kind, id).ok());
        let lost = kept.and_then(|kept| copy.dangling(kept, doing.base));
        if let Some(lost) = lost.filter(|_| entry.found.is_none()) {
            return Err(place(at)(Refusal::new(422, "invalid", dangling(&lost))));
        }
        if let Some(kept) = kept.filter(|_| entry.method != "GET" && entry.found.is_none()) {
            doing
                .access
                .check(Letter::of_writing(&entry.method), kept, &copy)
                .map_err(place(at))?;
        }
    }
    *store = copy;
    Ok(answers)
}

/// What is said of a reference that leads nowhere.
pub(crate) fn dangling(reference: &str) -> String {
    format!("the reference {reference:?} leads to nothing here")
}

impl Entry {
    fn read(entry: &Value) -> Result<Entry, Refusal> {
        let text = |path: &str| entry.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let method = text("/request/method").ok_or_else(|| invalid("request.method is missing"))?;
        let url = text("/request/url").ok_or_else(|| invalid("request.url is missing"))?;
        let (kind, id) = match url.split_once('/') {
            Some((kind, id)) => (kind.to_owned(), Some(id.to_owned())),
            None => (url, None),
        };
        let resource = entry.get("resource").cloned();
        let fits = match method.as_str() {
            "POST" => id.is_none() && resource.is_some(),
            "PUT" => id.is_some() && resource.is_some(),
            "DELETE" | "GET" => id.is_some() && resource.is_none(),
            _ => false,
        };
        let known = valid::TYPES.contains(&kind.as_str());
        let named = id.as_deref().is_none_or(valid::is_id);
        if !(fits && known && named) {
            return Err(invalid("its method, its url and its resource do not go together"));
        }
        Ok(Entry {
            method,
            kind,
            id,
            full_url: text("/fullUrl"),
            if_none_exist: text("/request/ifNoneExist"),
            if_match: text("/request/ifMatch"),
            resource,
            found: None,
        })
    }

    /// Settles which resource it is about, and keeps by which name other entries call it.
    fn name(
        &mut self,
        store: &mut Store,
        doing: &Doing,
        names: &mut HashMap<String, String>,
    ) -> Result<(), Refusal> {
        if self.method == "POST" {
            let query = self.if_none_exist.as_deref();
            let found = query.map(|query| if_none_exist(store, &self.kind, query, doing.base));
            self.found = found.transpose()?.flatten();
            self.id = match &self.found {
                Some(place) => place.split_once('/').map(|(_, id)| id.to_owned()),
                None => Some(store.new_id()),
            };
        }
        if let (Some(url), Some(id)) = (&self.full_url, &self.id) {
            let place = format!("{}/{id}", self.kind);
            if self.method != "GET" && names.insert(url.clone(), place).is_some() {
                return Err(invalid("its fullUrl stands twice"));
            }
        }
        Ok(())
    }

    fn perform(
        &self,
        store: &mut Store,
        doing: &Doing,
        names: &HashMap<String, String>,
    ) -> Result<Value, Refusal> {
        let id = self.id.as_deref().unwrap_or_default();
        let answer = match self.method.as_str() {
            "GET" => {
                let resource = store.get(&self.kind, id)?.clone();
                doing.access.check(Letter::Read, &resource, store)?;
                Answer::ok(resource)
            }
            "DELETE" => delete(store, &self.kind, id, doing.access)?,
            "POST" if self.found.is_some() => Answer::ok(store.get(&self.kind, id)?.clone()),
            method => {
                let mut resource = self.resource.clone().unwrap_or_default();
                valid::references(&mut resource, &mut |text| {
                    if let Some(place) = names.get(text) {
                        text.clone_from(place);
                    }
                });
                match method {
                    "POST" => create(store, resource, &self.kind, id, doing)?,
                    _ => {
                        update(store, resource, (&self.kind, id), self.if_match.as_deref(), doing)?
                    }
                }
            }
        };
        Ok(response(&answer))
    }
}

fn response(answer: &Answer) -> Value {
    let word = match answer.status {
        200 => "200 OK",
        201 => "201 Created",
        _ => "204 No Content",
    };
    let mut response = json!({"status": word});
    let place = answer.body.as_ref().and_then(address);
    let made = answer.location.clone().or(place.filter(|_| answer.status == 200));
    if let Some(place) = made {
        response["location"] = place.into();
    }
    if let Some(version) = &answer.version {
        response["etag"] = format!("W/\"{version}\"").into();
    }
    match &answer.body {
        Some(resource) => json!({"response": response, "resource": resource}),
        None => json!({"response": response}),
    }
}

/// Makes a resource of a new id. References are looked at by the caller.
pub(crate) fn create(
    store: &mut Store,
    mut resource: Value,
    kind: &str,
    id: &str,
    doing: &Doing,
) -> Result<Answer, Refusal> {
    doing.access.reach(Letter::Create, kind)?;
    typed(&resource, kind)?;
    resource["id"] = id.into();
    Ok(Answer::made(store.put(resource, doing.now)?.0))
}

/// Puts a resource under its id, making it if nothing is there.
pub(crate) fn update(
    store: &mut Store,
    resource: Value,
    (kind, id): (&str, &str),
    if_match: Option<&str>,
    doing: &Doing,
) -> Result<Answer, Refusal> {
    doing.access.reach(Letter::Update, kind)?;
    typed(&resource, kind)?;
    if resource.get("id").and_then(Value::as_str) != Some(id) {
        return Err(invalid("the id in the resource is not that of the address"));
    }
    let before = store.get(kind, id).ok().cloned();
    if let Some(before) = &before {
        // Who may not touch the old one may not make it his by changing whose it is.
        doing.access.check(Letter::Update, before, store)?;
    }
    if let Some(wanted) = if_match {
        let version = before.as_ref().and_then(crate::fhir::answer::version).unwrap_or_default();
        if wanted.trim_start_matches("W/").trim_matches('"') != version {
            return Err(Refusal::new(412, "conflict", "If-Match names another version"));
        }
    }
    let (resource, new) = store.put(resource, doing.now)?;
    Ok(if new { Answer::made(resource) } else { Answer::ok(resource) })
}

/// Deletes a resource; one that is not there is deleted already.
pub(crate) fn delete(
    store: &mut Store,
    kind: &str,
    id: &str,
    access: &Access,
) -> Result<Answer, Refusal> {
    access.reach(Letter::Delete, kind)?;
    if let Ok(resource) = store.get(kind, id) {
        access.check(Letter::Delete, resource, store)?;
    }
    store.delete(kind, id);
    Ok(Answer { status: 204, body: None, location: None, version: None })
}

/// The resource that is there already, of a conditional create.
pub(crate) fn if_none_exist(
    store: &Store,
    kind: &str,
    query: &str,
    base: &str,
) -> Result<Option<String>, Refusal> {
    let query = query.rsplit_once('?').map_or(query, |(_, query)| query);
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if pairs.is_empty() {
        return Err(invalid("ifNoneExist names no parameter"));
    }
    let found = Search::read(kind, &pairs)?.run(store, base);
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(address(one)),
        _ => Err(Refusal::new(412, "multiple-matches", "more than one matches ifNoneExist")),
    }
}

fn typed(resource: &Value, kind: &str) -> Result<(), Refusal> {
    match resource.get("resourceType").and_then(Value::as_str) == Some(kind) {
        true => Ok(()),
        false => Err(invalid("the resourceType is not that of the address")),
    }
}

fn invalid(text: &str) -> Refusal {
    Refusal::new(400, "invalid", text)
}
