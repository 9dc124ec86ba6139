//! The letter as it leaves the department: PDF, and a FHIR R4 document, both read from the page.

use cauda_paper::{Language, PageSize, Paper, PaperError, Size};
use cauda_pathway::patient::Sex;
use cauda_pathway::table::Phase;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Letter;
use crate::blocks::{Part, blocks, parts, xhtml};

const TITLE: &str = "Back pain: letter to the next clinician";
const LOINC: &str = "http://loinc.org";
/// LOINC of a letter about a patient who went home; of others the words say what it is.
const DISCHARGE: (&str, &str) = ("18842-5", "Discharge summary");
const ACT_CODES: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const EMERGENCY: (&str, &str) = ("EMER", "emergency");

impl Letter<'_> {
    /// As PDF; `created_seconds` is the moment of the letter since 1970 UTC.
    ///
    /// # Errors
    /// As [`cauda_paper::pdf`].
    pub fn pdf(&self, page: PageSize, created_seconds: i64) -> Result<Vec<u8>, PaperError> {
        cauda_paper::pdf(&Paper {
            title: TITLE,
            language: Language::English,
            author: self.department,
            created_seconds,
            page,
            size: Size::Dense,
            blocks: blocks(parts(&self.main().into_string())),
            footer: Some("Cauda is not a certified medical device; the clinician decides."),
        })
    }

    /// As a FHIR R4 document: a `Bundle` of a `Composition`, the patient, the encounter and the
    /// department. `moment` is RFC 3339. The same letter gives the same ids.
    pub fn fhir(&self, moment: &str) -> Value {
        let visit = self.asking.visit;
        let identity = visit.identity.as_ref();
        let visit_id = identity.map_or("", |identity| identity.visit.as_str());
        let id = |kind: &str| urn(&format!("{visit_id} {kind} {moment}"));
        let (patient, encounter) = (id("Patient"), id("Encounter"));
        let (author, letter) = (id("Organization"), id("Composition"));
        let reference = |to: &str| json!({ "reference": to });
        let is_home = visit.phase == Phase::Discharged;
        let mut kind = json!({ "text": "Letter to the next clinician" });
        if is_home {
            let (code, display) = DISCHARGE;
            kind["coding"] = json!([{ "system": LOINC, "code": code, "display": display }]);
        }
        let composition = json!({
            "resourceType": "Composition",
            "status": "final",
            "type": kind,
            "subject": reference(&patient),
            "encounter": reference(&encounter),
            "date": moment,
            "author": [reference(&author)],
            "title": TITLE,
            "section": self.sections(),
        });
        let entry = |url: &str, resource: Value| json!({ "fullUrl": url, "resource": resource });
        json!({
            "resourceType": "Bundle",
            "identifier": { "system": "urn:ietf:rfc:3986", "value": id("Bundle") },
            "type": "document",
            "timestamp": moment,
            "entry": [
                entry(&letter, composition),
                entry(&patient, self.person()),
                entry(&encounter, self.encounter(&patient)),
                entry(&author, json!({ "resourceType": "Organization", "name": self.department })),
            ],
        })
    }

    /// One section for each heading of the page.
    fn sections(&self) -> Vec<Value> {
        let mut sections: Vec<(String, Vec<Part>)> = vec![("About".to_string(), Vec::new())];
        for part in parts(&self.main().into_string()) {
            match &part {
                Part::Heading(2, words) => sections.push((words.plain(), Vec::new())),
                Part::Heading(..) => {}
                _ => {
                    sections.last_mut().into_iter().for_each(|(_, parts)| parts.push(part.clone()))
                }
            }
        }
        let kept = sections.into_iter().filter(|(_, parts)| !parts.is_empty());
        let section = |(title, parts): (String, Vec<Part>)| json!({ "title": title, "text": { "status": "generated", "div": xhtml(&parts) } });
        kept.map(section).collect()
    }

    fn person(&self) -> Value {
        let mut resource = json!({ "resourceType": "Patient" });
        let Some(person) = self.patient.map(|patient| &patient.person) else { return resource };
        resource["name"] = json!([{ "text": person.name.as_str() }]);
        resource["gender"] = json!(match person.sex {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Other => "other",
            Sex::Unknown => "unknown",
        });
        if let Some(born) = person.born {
            resource["birthDate"] = json!(String::from(born));
        }
        if let Some(number) = &person.number {
            resource["identifier"] = json!([{ "value": number }]);
        }
        resource
    }

    fn encounter(&self, patient: &str) -> Value {
        let visit = self.asking.visit;
        let (code, display) = EMERGENCY;
        let mut period = json!({});
        if let Some(arrived) = visit.arrived_at {
            period["start"] = json!(cauda_guideline::time::write(arrived));
        }
        if visit.phase.is_end() {
            period["end"] = json!(cauda_guideline::time::write(visit.phase_since));
        }
        json!({
            "resourceType": "Encounter",
            "status": if visit.phase.is_end() { "finished" } else { "in-progress" },
            "class": { "system": ACT_CODES, "code": code, "display": display },
            "subject": { "reference": patient },
            "period": period,
        })
    }
}

/// An id of its own form (RFC 9562, version 8), from what it is of.
fn urn(of: &str) -> String {
    let hash = Sha256::digest(of.as_bytes());
    let mut hex: Vec<u8> = hash.iter().take(16).copied().collect();
    hex[6] = hex[6] & 0x0f | 0x80;
    hex[8] = hex[8] & 0x3f | 0x80;
    let hex: String = hex.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    )
}
