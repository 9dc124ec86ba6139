//! `Questionnaire/$populate` (SDC): what the record holds already is filled in, with its source.
//!
//! INVARIANT: what the record does not hold stays without an answer; an empty search is not "no".
//! INVARIANT: an answer that is there is never replaced.
//! INVARIANT: what is filled in keeps the time at which it was true.

use cauda_fhir::Resource;
use cauda_guideline::facts::{Fact, Keep, Kind};
use cauda_guideline::resolve::Said;
use cauda_guideline::visit::read_value;
use cauda_guideline::{Guideline, time};
use serde_json::{Value, json};

use crate::about::reference;
use crate::answer::{Given, given};
use crate::answered::response_of;
use crate::form::{group_link, unknown_link};
use crate::{About, Form, Issue, ServiceError, operation_outcome};

/// Most findings that are looked at.
const FOUND_MAX: usize = 2_000;

/// A finding that the record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The fact.
    pub fact: &'a str,
    /// Its value as `guideline::visit::read_value` takes it.
    pub value: &'a str,
    /// When it was true, in seconds since 1970 UTC.
    pub at: i64,
    /// The resource it was read from, `Observation/5`.
    pub source: &'a str,
}

/// A filled-in form.
#[derive(Clone, Debug, PartialEq)]
pub struct Populated {
    /// The `QuestionnaireResponse`, in progress.
    pub response: Value,
    /// An `OperationOutcome`: what was left out, and why.
    pub issues: Value,
}

/// Fills in what was found; into `existing`, where there is one.
///
/// # Errors
/// [`ServiceError::NoResponse`] and [`ServiceError::OtherSubject`] of the existing one.
pub fn populate(
    about: &About,
    guideline: &Guideline,
    form: &Form,
    found: &[Found],
    existing: Option<&Value>,
) -> Result<Populated, ServiceError> {
    let mut response = match existing {
        Some(response) => {
            let resource = response_of(response)?;
            same_subject(about, &resource)?;
            response.clone()
        }
        None => begin(about, &form.canonical(about.base(), guideline), "in-progress"),
    };
    let mut issues = Vec::new();
    if found.len() > FOUND_MAX {
        let text = format!("more than {FOUND_MAX} findings; nothing was filled in");
        let issues = operation_outcome(&[Issue::warning("too-costly", text)]);
        return Ok(Populated { response, issues });
    }
    for (_, fact) in guideline.entered_facts() {
        let of: Vec<&Found> = found.iter().filter(|found| found.fact == fact.id).collect();
        if of.is_empty() {
            continue;
        }
        if !form.asks(fact) {
            issues.push(Issue::note(format!("`{}` is not asked in this form", fact.id)));
        } else if is_answered(&response, fact, 0) {
            issues.push(Issue::note(format!("`{}` has an answer, which stays", fact.id)));
        } else {
            match choose(about, fact, &of) {
                Ok(found) => put(about, fact, found, &mut response, &mut issues),
                Err(why) => issues.push(Issue::warning("incomplete", why)),
            }
        }
    }
    let unknown = found.iter().filter(|found| {
        let index = guideline.fact(found.fact);
        index.is_none_or(|index| guideline.facts[index].is_computed())
    });
    for _ in unknown {
        issues.push(Issue::warning("not-supported", "something found is no fact that is entered"));
    }
    Ok(Populated { response, issues: operation_outcome(&issues) })
}

/// A response without an answer.
pub(crate) fn begin(about: &About, questionnaire: &str, status: &str) -> Value {
    let mut response = json!({
        "resourceType": "QuestionnaireResponse",
        "questionnaire": questionnaire,
        "status": status,
        "authored": about.moment(),
    });
    about.put(&mut response);
    let kinds = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"];
    about.put_author(&mut response, "author", &kinds);
    response
}

/// Whether the response is about the patient that was asked for; one about nobody is not.
pub(crate) fn same_subject(about: &About, response: &Resource) -> Result<(), ServiceError> {
    // Letter by letter: the same id at another server is another patient.
    let asked = about.subject().split("/_history/").next();
    let subject = response.field("subject").and_then(|one| one.get("reference")?.as_str());
    match subject.and_then(|subject| subject.split("/_history/").next()) {
        Some(subject) if Some(subject) == asked => Ok(()),
        _ => Err(ServiceError::OtherSubject),
    }
}

/// The one finding that may be filled in. Where people would not agree on it, it is left to them.
fn choose<'a>(about: &About, fact: &Fact, of: &[&'a Found<'a>]) -> Result<&'a Found<'a>, String> {
    let id = &fact.id;
    if of.iter().any(|found| found.at > about.at()) {
        return Err(format!("`{id}` is dated in the future; ask"));
    }
    let newest = of.iter().max_by_key(|found| found.at).ok_or_else(|| format!("`{id}`: none"))?;
    let others = |found: &&&Found| {
        found.value != newest.value && (fact.keep == Keep::Worst || found.at == newest.at)
    };
    if of.iter().any(|found| others(&found)) {
        return Err(format!("`{id}` has several values in the record; ask"));
    }
    let old = fact.fresh_seconds.is_some_and(|fresh| about.at() - newest.at > fresh);
    if old && !is_dangerous(fact, newest.value) {
        return Err(format!("`{id}` was answered too long ago; ask"));
    }
    Ok(newest)
}

/// Whether a named value is a danger sign; of a number nobody says so here.
fn is_dangerous(fact: &Fact, text: &str) -> bool {
    match (&fact.kind, read_value(fact, text)) {
        (Kind::Named { dangerous, .. }, Ok(Said::Value(value))) => {
            dangerous.get(value).copied().unwrap_or(false)
        }
        _ => false,
    }
}

fn put(about: &About, fact: &Fact, found: &Found, response: &mut Value, issues: &mut Vec<Issue>) {
    let (link, mut answer) = match given(about.base(), fact, found.value) {
        Some(Given::Coding(coding)) => (fact.id.clone(), json!({ "valueCoding": coding })),
        Some(Given::Quantity(value)) => (fact.id.clone(), json!({ "valueQuantity": value })),
        Some(Given::Unknown(coding, _)) => (unknown_link(fact), json!({ "valueCoding": coding })),
        None => {
            let text = format!("`{}`: the record holds no value of it; ask", fact.id);
            return issues.push(Issue::warning("value", text));
        }
    };
    answer["extension"] = json!([{
        "url": about.base().answer_source(),
        "extension": [
            { "url": "at", "valueDateTime": time::write(found.at) },
            { "url": "source", "valueReference": reference(found.source) },
        ],
    }]);
    let group = find_or_push(response, &group_link(&fact.group));
    let Some(group) = group else {
        return issues.push(Issue::warning("structure", "the items of the response are no list"));
    };
    match find_or_push(group, &link) {
        Some(item) => item["answer"] = json!([answer]),
        None => issues.push(Issue::warning("structure", "the items of a group are no list")),
    }
}

/// The item of that `linkId` under `holder`, made where there is none.
fn find_or_push<'a>(holder: &'a mut Value, link: &str) -> Option<&'a mut Value> {
    let items =
        holder.as_object_mut()?.entry("item").or_insert_with(|| json!([])).as_array_mut()?;
    let at = match items.iter().position(|item| item["linkId"] == link) {
        Some(at) => at,
        None => {
            items.push(json!({ "linkId": link }));
            items.len() - 1
        }
    };
    items.get_mut(at)
}

/// Most levels of items inside items that are looked at.
const DEPTH_MAX: usize = 12;

/// Whether a fact has an answer anywhere, read or not, or why there is none.
fn is_answered(holder: &Value, fact: &Fact, depth: usize) -> bool {
    let items = holder.get("item").and_then(Value::as_array);
    items.into_iter().flatten().any(|item| {
        let link = item.get("linkId").and_then(Value::as_str);
        let same = link.is_some_and(|link| link == fact.id || link == unknown_link(fact));
        let answers = item.get("answer").and_then(Value::as_array);
        let answered = answers.is_some_and(|answers| !answers.is_empty());
        let deeper = depth < DEPTH_MAX
            && (is_answered(item, fact, depth + 1)
                || answers.into_iter().flatten().any(|one| is_answered(one, fact, depth + 1)));
        (same && answered) || deeper
    })
}
