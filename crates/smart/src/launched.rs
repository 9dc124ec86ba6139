//! What an EHR opened: whose chart, which visit, for whom, and what may be read of it. SMART App
//! Launch 2.2, "Scopes and Launch Context".

use std::fmt;

use serde_json::Value;

use crate::address::Address;
use crate::exchange::Tokens;
use crate::id_token::Person;
use crate::scopes::Granted;
use crate::settings::Checked;
use crate::{Mismatch, Part, Secret, SmartError};

/// Most bytes of the context that a link carries.
const APP_CONTEXT_BYTES_MAX: usize = 8_192;
/// Most further resources in context.
const FHIR_CONTEXT_MAX: usize = 64;
/// Most bytes of a role.
const ROLE_BYTES_MAX: usize = 512;
/// Most characters of a logical id, FHIR R4 2.24.0.1.
const ID_CHARACTERS_MAX: usize = 64;
/// Kinds of resources that a user may be.
const USERS: [&str; 5] = ["Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Person"];

/// A launch that came to its end.
pub struct Launched {
    /// The hospital, as the settings name it.
    pub tenant: String,
    /// Its FHIR base address, as the settings write it: the only one that the token is for.
    pub iss: String,
    /// The logical id of the patient whose chart is open.
    pub patient: String,
    /// That of the encounter. `None`: the EHR did not say it.
    pub encounter: Option<String>,
    /// The user as a resource of this EHR. `None`: the EHR did not say it, or named one elsewhere.
    pub user: Option<FhirUser>,
    /// The user's name at the EHR's issuer, never given to anybody else there, as the verified ID
    /// token says. `None`: `openid` was not granted, so nobody knows who it is.
    pub subject: Option<String>,
    /// What may be read and written.
    pub granted: Granted,
    /// For the header `Authorization: Bearer` of requests below `iss`, and for no other host.
    pub access_token: Secret,
    /// The second at which the token ends.
    pub expires_at: i64,
    /// The patient's banner must be shown, because the EHR does not show it: also where it does
    /// not say.
    pub need_patient_banner: bool,
    /// What the link carried that was opened: anybody may have written it.
    pub app_context: Option<String>,
    /// Further resources in context.
    pub fhir_context: Vec<FhirContext>,
    /// The EHR opened us; else the user chose the patient on the way.
    pub opened_by_ehr: bool,
}

/// The user as a resource of the EHR.
#[derive(Clone, PartialEq, Eq)]
pub struct FhirUser {
    /// `Practitioner`, `PractitionerRole`, `Patient`, `RelatedPerson` or `Person`.
    pub kind: &'static str,
    /// Its logical id.
    pub id: String,
}

/// A further resource in context, on this EHR. Those that the EHR names by an address, an
/// identifier or a canonical are left out, for no address of another is followed.
#[derive(Clone, PartialEq, Eq)]
pub struct FhirContext {
    /// A relative reference such as `ImagingStudy/123`.
    pub reference: String,
    /// Why it is there, an address or a code of SMART. `None`: `launch`.
    pub role: Option<String>,
}

impl Launched {
    pub(crate) fn new(
        settings: &Checked,
        opened: bool,
        tokens: Tokens,
        granted: Granted,
        person: Option<Person>,
    ) -> Result<Launched, SmartError> {
        let answer = tokens.answer;
        let patient = id(answer.patient, "its patient is no logical id")?;
        let app_context = match answer.app_context {
            Some(Value::String(text)) if text.len() <= APP_CONTEXT_BYTES_MAX => Some(text),
            Some(_) => return Err(wrong("its appContext is no text of at most 8192 bytes")),
            None => None,
        };
        let (subject, user) = person.map_or((None, None), |one| (Some(one.subject), one.user));
        Ok(Launched {
            tenant: settings.tenant.clone(),
            iss: settings.iss.url.clone(),
            patient: patient.ok_or(SmartError::NoPatient)?,
            encounter: id(answer.encounter, "its encounter is no logical id")?,
            user,
            subject,
            granted,
            access_token: tokens.access,
            expires_at: tokens.expires_at,
            need_patient_banner: answer.need_patient_banner != Some(Value::Bool(false)),
            app_context,
            fhir_context: fhir_context(answer.fhir_context)?,
            opened_by_ehr: opened,
        })
    }

    /// Whether the link that opened us was made for this chart: for this patient and, where it
    /// names an encounter, for this one. Both are logical ids, or relative references. An EHR that
    /// does not say which encounter is open cannot open a link of one.
    ///
    /// # Errors
    /// How they differ.
    pub fn matches(&self, patient: &str, encounter: Option<&str>) -> Result<(), Mismatch> {
        if patient.strip_prefix("Patient/").unwrap_or(patient) != self.patient {
            return Err(Mismatch::Patient);
        }
        let Some(encounter) = encounter else { return Ok(()) };
        let encounter = encounter.strip_prefix("Encounter/").unwrap_or(encounter);
        match self.encounter.as_deref() {
            Some(own) if own == encounter => Ok(()),
            Some(_) => Err(Mismatch::Encounter),
            None => Err(Mismatch::EncounterUnknown),
        }
    }

    /// Whether the token is good at that second.
    pub fn is_good(&self, now: i64) -> bool {
        now < self.expires_at
    }
}

impl FhirUser {
    /// A relative reference, or an address below that base.
    pub(crate) fn read(text: &str, iss: &Address) -> Option<FhirUser> {
        let relative = match text.contains("://") {
            false => text,
            true => {
                let (base, id) = text.rsplit_once('/')?;
                let (base, kind) = base.rsplit_once('/')?;
                let base = Address::read("fhirUser", base).ok()?;
                base.same_base(iss).then(|| &text[text.len() - kind.len() - id.len() - 1..])?
            }
        };
        let (kind, id) = relative.split_once('/')?;
        let kind = USERS.into_iter().find(|one| *one == kind)?;
        is_id(id).then(|| FhirUser { kind, id: id.to_string() })
    }

    /// It as a relative reference.
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
}

fn wrong(what: &'static str) -> SmartError {
    SmartError::Document { part: Part::Token, what }
}

/// What is there and is no id is an error: it must not look as if nothing were there.
fn id(value: Option<Value>, what: &'static str) -> Result<Option<String>, SmartError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) if is_id(&text) => Ok(Some(text)),
        Some(_) => Err(wrong(what)),
    }
}

/// FHIR R4 2.24.0.1; of dots alone it would be a step up in a path.
fn is_id(text: &str) -> bool {
    let signs = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    signs && (1..=ID_CHARACTERS_MAX).contains(&text.len()) && text.bytes().any(|byte| byte != b'.')
}

fn fhir_context(value: Option<Value>) -> Result<Vec<FhirContext>, SmartError> {
    let all = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(all)) if all.len() <= FHIR_CONTEXT_MAX => all,
        Some(_) => return Err(wrong("its fhirContext is no list of at most 64 resources")),
    };
    let read = |one: &Value| {
        let text = |name: &str| one.get(name).and_then(Value::as_str);
        let reference = text("reference")?;
        let (kind, id) = reference.split_once('/')?;
        let letters = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic());
        let role = text("role").filter(|role| role.len() <= ROLE_BYTES_MAX);
        (letters && is_id(id)).then(|| FhirContext {
            reference: reference.to_string(),
            role: role.map(str::to_string),
        })
    };
    Ok(all.iter().filter_map(read).collect())
}

/// Patient, user and token are nobody's business.
impl fmt::Debug for Launched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "launch of {}", self.tenant)
    }
}

impl fmt::Debug for FhirUser {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind)
    }
}

impl fmt::Debug for FhirContext {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("resource in context")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let iss = Address::read("iss", "https://ehr.example.org/fhir").unwrap();
        let found = FhirUser::read(text, &iss).map(|user| user.reference());
        assert_eq!(found.as_deref(), expect, "{text}");
    }

    #[test]
    fn a_user_is_a_resource_of_this_ehr() {
        check("Practitioner/12", Some("Practitioner/12"));
        check(
            "https://ehr.example.org/fhir/PractitionerRole/a.b-1",
            Some("PractitionerRole/a.b-1"),
        );
        check("https://EHR.example.org:443/fhir/Patient/1", Some("Patient/1"));
        for text in [
            "https://evil.example.org/fhir/Practitioner/12",
            "https://ehr.example.org/other/Practitioner/12",
            "https://ehr.example.org/fhir/Practitioner/12/_history/1",
            "https://ehr.example.org/fhir/Practitioner",
            "Organization/1",
            "Practitioner/..",
            "Practitioner/",
            "Practitioner",
            "Practitioner/1/2",
            "",
        ] {
            check(text, None);
        }
    }
}
