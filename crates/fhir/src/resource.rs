//! One resource, looked at and never trusted: what is missing or of another shape is `None`.

use serde_json::Value;

use crate::{Moment, Quantity};

/// Most entries of a Bundle, and of any list, that are looked at.
pub const ENTRIES_MAX: usize = 2_000;

/// A resource: an object with a `resourceType`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resource<'a>(&'a Value);

/// A code of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding<'a> {
    /// `http://loinc.org`
    pub system: &'a str,
    /// `8310-5`
    pub code: &'a str,
    /// As people read it.
    pub display: Option<&'a str>,
}

/// A reference to a resource, `Patient/123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Its type, `Patient`; of an absolute address the last but one part.
    pub kind: &'a str,
    /// Its id.
    pub id: &'a str,
}

impl<'a> Resource<'a> {
    /// A value as a resource.
    pub fn of(value: &'a Value) -> Option<Resource<'a>> {
        text(value, "resourceType").map(|_| Resource(value))
    }

    /// Its type, `Observation`.
    pub fn kind(&self) -> &'a str {
        text(self.0, "resourceType").unwrap_or_default()
    }

    /// The JSON it is.
    pub fn json(&self) -> &'a Value {
        self.0
    }

    /// Its id.
    pub fn id(&self) -> Option<&'a str> {
        self.text("id")
    }

    /// A text that is not empty.
    pub fn text(&self, field: &str) -> Option<&'a str> {
        text(self.0, field)
    }

    /// A value that is neither missing nor `null`.
    pub fn field(&self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    /// A list; one thing that stands alone counts as a list of it.
    pub fn list(&self, field: &str) -> Vec<&'a Value> {
        match self.field(field) {
            Some(Value::Array(list)) => list.iter().take(ENTRIES_MAX).collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        }
    }

    /// All complete codings of a `CodeableConcept`, or of a list of them.
    pub fn codings(&self, field: &str) -> Vec<Coding<'a>> {
        self.list(field).into_iter().flat_map(codings).collect()
    }

    /// The codes of one system, of a `CodeableConcept` or of a list of them.
    pub fn codes(&self, field: &str, system: &str) -> Vec<&'a str> {
        let codings = self.codings(field).into_iter();
        codings.filter(|coding| coding.system == system).map(|coding| coding.code).collect()
    }

    /// A date, to its day or second.
    pub fn moment(&self, field: &str) -> Option<Moment> {
        self.text(field).and_then(Moment::read)
    }

    /// A quantity.
    pub fn quantity(&self, field: &str) -> Option<Quantity<'a>> {
        self.field(field).and_then(Quantity::read)
    }

    /// A reference.
    pub fn reference(&self, field: &str) -> Option<Reference<'a>> {
        self.field(field).and_then(Reference::read)
    }

    /// The resources it holds: those of a Bundle, itself of any other. Entries of a search that
    /// were not matched or included, such as an `OperationOutcome`, are left out.
    pub fn all(&self) -> Vec<Resource<'a>> {
        if self.kind() != "Bundle" {
            return vec![*self];
        }
        let entries = self.list("entry").into_iter();
        let resources = entries.filter_map(|entry| entry.get("resource").and_then(Resource::of));
        resources.filter(|resource| resource.kind() != "OperationOutcome").collect()
    }

    /// Whether a Bundle says that there is a further page.
    pub fn next_page(&self) -> Option<&'a str> {
        let mut links = self.list("link").into_iter();
        let next = links.find(|link| text(link, "relation") == Some("next"))?;
        text(next, "url")
    }
}

impl<'a> Reference<'a> {
    /// Reads a `Reference`; `None` for one to a contained resource or by identifier alone.
    pub fn read(value: &'a Value) -> Option<Reference<'a>> {
        Reference::parse(text(value, "reference")?)
    }

    /// Reads `Patient/123`, `https://…/Patient/123` or `Patient/123/_history/2`.
    pub fn parse(text: &'a str) -> Option<Reference<'a>> {
        let text = text.split("/_history/").next()?;
        let mut parts = text.rsplitn(3, '/');
        let (id, kind) = (parts.next()?, parts.next()?);
        let is_kind = kind.starts_with(|sign: char| sign.is_ascii_uppercase())
            && kind.bytes().all(|sign| sign.is_ascii_alphabetic());
        (is_kind && is_id(id)).then_some(Reference { kind, id })
    }
}

/// Whether a text is an id of FHIR: 1 to 64 letters, digits, `-` and `.`.
fn is_id(text: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

fn codings(concept: &Value) -> Vec<Coding<'_>> {
    let list = match concept.get("coding") {
        Some(Value::Array(list)) => list.iter().take(ENTRIES_MAX).collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let coding = |value| {
        let (system, code) = (text(value, "system")?, text(value, "code")?);
        Some(Coding { system, code, display: text(value, "display") })
    };
    list.into_iter().filter_map(coding).collect()
}

/// A text that is not empty.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}
