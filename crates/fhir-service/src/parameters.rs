//! `Parameters` of FHIR R4: what an operation is given and gives back.

use cauda_fhir::{Reference, Resource};
use cauda_guideline::Guideline;
use serde_json::{Value, json};

use crate::{Base, Form};

/// Resources as the answer of an operation, each under its name: `response` and `issues` of
/// `$populate`, `return` and `issues` of `$extract`, `return` of `$next-question`.
pub fn parameters(parts: &[(&str, &Value)]) -> Value {
    let part = |(name, resource): &(&str, &Value)| json!({ "name": name, "resource": resource });
    let parts: Vec<Value> = parts.iter().map(part).collect();
    json!({ "resourceType": "Parameters", "parameter": parts })
}

/// What stands under a name: its resource, or its value. One that stands there twice is none, for
/// nobody can say which one is meant. A resource that was sent bare, without `Parameters`, is what
/// stands under `bare`.
pub fn part<'a>(given: &'a Value, name: &str, bare: Option<&str>) -> Option<&'a Value> {
    let resource = Resource::of(given)?;
    if resource.kind() != "Parameters" {
        return (bare == Some(name)).then_some(given);
    }
    let parts = resource.list("parameter").into_iter();
    let mut named = parts.filter(|part| part["name"] == name);
    let (only, None) = (named.next()?, named.next()) else { return None };
    let mut fields = only.as_object()?.iter();
    let value = fields.find(|(field, _)| *field == "resource" || field.starts_with("value"));
    value.map(|(_, value)| value)
}

/// The patient of `subject`, `Patient/123`.
pub fn subject_of(given: &Value) -> Option<&str> {
    let subject = part(given, "subject", None)?;
    // `$apply` sends it as text, `$populate` as a reference.
    let text = subject.as_str().or_else(|| subject.get("reference")?.as_str())?;
    Reference::parse(text).filter(|subject| subject.kind == "Patient").map(|_| text)
}

/// The form an operation is about, whichever way it says so: `identifier`, `canonical`,
/// `questionnaireRef`, or the `questionnaire` itself, which is known by its address. `None` for one
/// of another guideline or version.
pub fn form_of(base: &Base, guideline: &Guideline, given: &Value) -> Option<Form> {
    let of_canonical = |text: &str| Form::of_canonical(base, guideline, text);
    for name in ["identifier", "canonical", "questionnaireRef", "questionnaire"] {
        let Some(value) = part(given, name, None) else { continue };
        if let Some(text) = value.as_str().or_else(|| value.get("reference")?.as_str()) {
            return of_canonical(text).or_else(|| of_id(guideline, text));
        }
        let resource = Resource::of(value).filter(|it| it.kind() == "Questionnaire")?;
        let (url, version) = (resource.text("url")?, resource.text("version")?);
        return of_canonical(&format!("{url}|{version}"));
    }
    None
}

/// The form of this server with that id, `Questionnaire/back-pain-staff`.
fn of_id(guideline: &Guideline, reference: &str) -> Option<Form> {
    let id = reference.strip_prefix("Questionnaire/")?;
    Form::all().into_iter().find(|form| form.id(guideline) == id)
}
