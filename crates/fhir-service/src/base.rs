//! The addresses of what is our own: forms, plans, codes, identifiers. They begin with an address
//! that the site owns, so that nobody else's name is used.

use cauda_guideline::Guideline;

use crate::ServiceError;

/// Longest base address.
const BYTES_MAX: usize = 200;

/// An address that the site owns, `https://cauda.hospital.example/fhir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(String);

impl Base {
    /// Checks it; a `/` at its end goes.
    ///
    /// # Errors
    /// [`ServiceError::Base`].
    pub fn new(url: &str) -> Result<Base, ServiceError> {
        let url = url.trim_end_matches('/');
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = |sign: u8| sign.is_ascii_graphic() && !b"?#|\"<>\\^`{}".contains(&sign);
        let is_plain = url.len() <= BYTES_MAX && url.bytes().all(plain);
        match rest {
            Some(rest) if is_plain && !rest.is_empty() => Ok(Base(url.to_owned())),
            _ => Err(ServiceError::Base),
        }
    }

    /// The address itself.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Of the guideline as a `PlanDefinition`, with its version: `…/PlanDefinition/back-pain|0.1.0+…`.
    pub fn plan(&self, guideline: &Guideline) -> String {
        let Base(base) = self;
        format!("{base}/PlanDefinition/{}|{}", id_of(guideline), version(guideline))
    }

    /// Code system whose codes are the ids of the guideline's facts.
    pub fn findings(&self) -> String {
        self.under("CodeSystem/findings")
    }

    /// Code system of the answers.
    pub fn answers(&self) -> String {
        self.under("CodeSystem/answers")
    }

    /// Code system whose codes are the ids of what can be scanned here.
    pub fn orders(&self) -> String {
        self.under("CodeSystem/orders")
    }

    /// The address of an order that an EHR placed.
    pub fn order(&self, id: &str) -> String {
        self.under(&format!("ServiceRequest/{id}"))
    }

    /// System of the identifiers that keep a resource from being written twice.
    pub fn identifiers(&self) -> String {
        self.under("identifier")
    }

    /// Extension of an answer: where it came from and how old it is.
    pub fn answer_source(&self) -> String {
        self.under("StructureDefinition/answer-source")
    }

    /// `path` under the base.
    pub(crate) fn under(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }
}

/// The guideline's id as an id of FHIR, which knows no `_`.
pub(crate) fn id_of(guideline: &Guideline) -> String {
    guideline.id.replace('_', "-")
}

/// The guideline's version and the hash of its bytes: a form or an answer of other bytes is
/// another one.
pub fn version(guideline: &Guideline) -> String {
    format!("{}+{}", guideline.version, guideline.sha256)
}
