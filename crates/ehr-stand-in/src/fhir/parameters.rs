//! Which search parameters a type has, and what they look at (FHIR R4, the list of each type).

/// How a parameter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Token,
    Reference,
    Date,
    Uri,
    Text,
}

/// A parameter of a type: its way, and the elements, of which any may match.
pub(crate) type Parameter = (&'static str, Way, &'static [&'static str]);

use Way::{Date, Reference, Text, Token, Uri};

/// Parameters that every type has.
const COMMON: [Parameter; 4] = [
    ("_id", Token, &["id"]),
    ("_lastUpdated", Date, &["meta.lastUpdated"]),
    ("_tag", Token, &["meta.tag"]),
    ("identifier", Token, &["identifier"]),
];

/// Parameters of types that are about a patient.
const OF_PATIENT: [Parameter; 3] = [
    ("patient", Reference, &["subject", "patient"]),
    ("subject", Reference, &["subject"]),
    ("encounter", Reference, &["encounter", "context"]),
];

/// Parameters that mean the same wherever they are.
const CODED: [Parameter; 3] = [
    ("status", Token, &["status"]),
    ("category", Token, &["category"]),
    ("code", Token, &["code", "medicationCodeableConcept"]),
];

const REQUEST: [Parameter; 7] = [
    ("intent", Token, &["intent"]),
    ("priority", Token, &["priority"]),
    ("authored", Date, &["authoredOn"]),
    ("authoredon", Date, &["authoredOn"]),
    ("requester", Reference, &["requester"]),
    ("based-on", Reference, &["basedOn"]),
    ("performer", Reference, &["performer"]),
];

const CONDITION: [Parameter; 4] = [
    ("clinical-status", Token, &["clinicalStatus"]),
    ("verification-status", Token, &["verificationStatus"]),
    ("onset-date", Date, &["onsetDateTime", "onsetPeriod"]),
    ("recorded-date", Date, &["recordedDate"]),
];

const OBSERVATION: [Parameter; 4] = [
    ("date", Date, &["effectiveDateTime", "effectiveInstant", "effectivePeriod"]),
    ("value-concept", Token, &["valueCodeableConcept"]),
    ("performer", Reference, &["performer"]),
    ("derived-from", Reference, &["derivedFrom"]),
];

const PATIENT: [Parameter; 6] = [
    ("active", Token, &["active"]),
    ("birthdate", Date, &["birthDate"]),
    ("gender", Token, &["gender"]),
    ("family", Text, &["name.family"]),
    ("given", Text, &["name.given"]),
    ("name", Text, &["name.family", "name.given", "name.text"]),
];

const TASK: [Parameter; 6] = [
    ("patient", Reference, &["for"]),
    ("subject", Reference, &["for"]),
    ("focus", Reference, &["focus"]),
    ("owner", Reference, &["owner"]),
    ("authored-on", Date, &["authoredOn"]),
    ("intent", Token, &["intent"]),
];

const ARTIFACT: [Parameter; 3] =
    [("url", Uri, &["url"]), ("version", Token, &["version"]), ("name", Text, &["name"])];

/// Parameters of one type alone.
const SPECIAL: [(&str, &[Parameter]); 22] = [
    ("ActivityDefinition", &ARTIFACT),
    ("AllergyIntolerance", &CONDITION),
    ("AuditEvent", &[("date", Date, &["recorded"]), ("entity", Reference, &["entity.what"])]),
    ("CarePlan", &[("date", Date, &["period"]), ("intent", Token, &["intent"])]),
    ("Condition", &CONDITION),
    ("DiagnosticReport", &[("date", Date, &["effectiveDateTime", "effectivePeriod"])]),
    ("Encounter", &[("date", Date, &["period"]), ("class", Token, &["class"])]),
    ("ImagingStudy", &[("started", Date, &["started"]), ("modality", Token, &["modality"])]),
    ("Library", &ARTIFACT),
    ("MedicationAdministration", &[("effective-time", Date, &["effectiveDateTime"])]),
    ("MedicationRequest", &REQUEST),
    ("MedicationStatement", &[("effective", Date, &["effectiveDateTime", "effectivePeriod"])]),
    ("Observation", &OBSERVATION),
    ("Patient", &PATIENT),
    ("PlanDefinition", &ARTIFACT),
    ("Practitioner", &PATIENT),
    ("Procedure", &[("date", Date, &["performedDateTime", "performedPeriod"])]),
    (
        "Provenance",
        &[
            ("target", Reference, &["target"]),
            ("patient", Reference, &["target"]),
            ("recorded", Date, &["recorded"]),
        ],
    ),
    ("Questionnaire", &ARTIFACT),
    (
        "QuestionnaireResponse",
        &[("questionnaire", Uri, &["questionnaire"]), ("authored", Date, &["authored"])],
    ),
    ("ServiceRequest", &REQUEST),
    ("Task", &TASK),
];

/// The parameter of that name of a type.
pub(crate) fn find(kind: &str, name: &str) -> Option<Parameter> {
    all(kind).into_iter().find(|(of, _, _)| *of == name)
}

/// All parameters of a type; a special one comes before a common one of the same name.
pub(crate) fn all(kind: &str) -> Vec<Parameter> {
    let special = SPECIAL.iter().find(|(of, _)| *of == kind).map_or(&[][..], |(_, all)| all);
    let about = !matches!(kind, "Patient" | "Practitioner" | "Organization" | "Location");
    let mut found = special.to_vec();
    let more = COMMON.iter().chain(OF_PATIENT.iter().filter(|_| about)).chain(&CODED);
    for one in more {
        if !found.iter().any(|(name, _, _)| *name == one.0) {
            found.push(*one);
        }
    }
    found
}

/// What `_sort=date` looks at: the first date of a type that is not of its keeping.
pub(crate) fn sort_by(kind: &str, name: &str) -> Option<&'static [&'static str]> {
    let (_, way, paths) = find(kind, name)?;
    (way == Date).then_some(paths)
}
