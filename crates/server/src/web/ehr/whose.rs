//! Whose a FHIR operation is: the patient that its subject names, at the EHR that calls.

use cauda_ehr::Tenant;
use cauda_fhir::Reference;
use serde_json::{Value, json};

use super::fhir::{Refusal, refuse};
use crate::ehr::Inside;

/// What a call is answered with, and whose patients it speaks of.
pub struct At<'a> {
    /// What the server holds for EHRs.
    pub inside: &'a Inside,
    /// Who calls.
    pub tenant: &'a Tenant,
}

impl std::ops::Deref for At<'_> {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        self.inside
    }
}

impl At<'_> {
    /// The patient that a reference names, `Patient/123`: at the EHR that calls, or below its
    /// registered base. The same id at another server is another patient.
    ///
    /// # Errors
    /// 422, with what to send.
    pub fn patient(&self, named: &str) -> Result<String, Refusal> {
        let missing = "subject is missing; send one reference such as Patient/123";
        let patient = Reference::parse(named).filter(|one| one.kind == "Patient");
        let patient = patient.ok_or_else(|| refuse("required", missing))?;
        let own = format!("Patient/{}", patient.id);
        let plain = named.split("/_history/").next().unwrap_or(named);
        let base = plain.strip_suffix(&own).and_then(|rest| rest.strip_suffix('/'));
        if plain != own && !base.is_some_and(|base| self.tenant.is_at(base)) {
            let text = "subject is of another server than the registered fhir_base; send \
                        Patient/123, or that base in front of it";
            return Err(refuse("not-found", text));
        }
        Ok(own)
    }

    /// Whom answers are about, and the answers with that patient as we write it.
    ///
    /// # Errors
    /// 422, with what to send.
    pub fn about_whom(&self, response: &Value) -> Result<(String, Value), Refusal> {
        let subject = response.pointer("/subject/reference").and_then(Value::as_str);
        let missing = "the questionnaire-response says no subject; set it to the patient";
        let subject = self.patient(subject.ok_or_else(|| refuse("required", missing))?)?;
        let mut response = response.clone();
        response["subject"]["reference"] = json!(subject);
        Ok((subject, response))
    }
}
