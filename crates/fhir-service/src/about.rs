//! Whom an answer is about, who asked, and when.

use cauda_fhir::Reference;
use cauda_guideline::time;
use serde_json::{Value, json};

use crate::{Base, ServiceError};

/// Whom and what the resources are about. All references were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    base: &'a Base,
    subject: &'a str,
    encounter: Option<&'a str>,
    author: Option<&'a str>,
    at: i64,
}

impl<'a> About<'a> {
    /// About `subject`, `Patient/123`, at a second since 1970 UTC. The same moment gives the same
    /// bytes, so for a decision take its `as_of`.
    ///
    /// # Errors
    /// [`ServiceError::Reference`] for a subject that is no Patient.
    pub fn new(base: &'a Base, subject: &'a str, at: i64) -> Result<About<'a>, ServiceError> {
        check(subject, &["Patient"], "subject", "Patient/123")?;
        Ok(About { base, subject, encounter: None, author: None, at })
    }

    /// During that encounter, `Encounter/7`.
    ///
    /// # Errors
    /// [`ServiceError::Reference`].
    pub fn during(self, encounter: &'a str) -> Result<About<'a>, ServiceError> {
        check(encounter, &["Encounter"], "encounter", "Encounter/7")?;
        Ok(About { encounter: Some(encounter), ..self })
    }

    /// Asked for by that person, `Practitioner/9`.
    ///
    /// # Errors
    /// [`ServiceError::Reference`].
    pub fn by(self, author: &'a str) -> Result<About<'a>, ServiceError> {
        let people = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson"];
        check(author, &people, "author", "Practitioner/9")?;
        Ok(About { author: Some(author), ..self })
    }

    /// The addresses of what is our own.
    pub fn base(&self) -> &'a Base {
        self.base
    }

    /// The patient.
    pub fn subject(&self) -> &'a str {
        self.subject
    }

    /// The encounter.
    pub fn encounter(&self) -> Option<&'a str> {
        self.encounter
    }

    /// Who asked.
    pub fn author(&self) -> Option<&'a str> {
        self.author
    }

    /// The moment, in seconds since 1970 UTC.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// The moment as FHIR writes it.
    pub(crate) fn moment(&self) -> String {
        time::write(self.at)
    }

    /// Puts subject and encounter into a resource.
    pub(crate) fn put(&self, resource: &mut Value) {
        resource["subject"] = reference(self.subject);
        if let Some(encounter) = self.encounter {
            resource["encounter"] = reference(encounter);
        }
    }

    /// Puts the author under that name, where there is one of a type that may stand there.
    pub(crate) fn put_author(&self, resource: &mut Value, field: &str, kinds: &[&str]) {
        let author = self.author.and_then(|author| Some((author, Reference::parse(author)?)));
        if let Some((author, parsed)) = author
            && kinds.contains(&parsed.kind)
        {
            resource[field] = reference(author);
        }
    }
}

/// A reference to `to`.
pub(crate) fn reference(to: &str) -> Value {
    json!({ "reference": to })
}

/// Whether `to` is a reference to one of `kinds`.
pub(crate) fn check(
    to: &str,
    kinds: &[&str],
    field: &'static str,
    example: &'static str,
) -> Result<(), ServiceError> {
    let whole = to.bytes().all(|sign| sign.is_ascii_graphic()) && to.len() <= REFERENCE_BYTES_MAX;
    match Reference::parse(to) {
        Some(parsed) if whole && kinds.contains(&parsed.kind) => Ok(()),
        _ => Err(ServiceError::Reference { field, example }),
    }
}

/// Longest reference.
const REFERENCE_BYTES_MAX: usize = 500;
