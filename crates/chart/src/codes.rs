//! Code systems, and whether a code falls under a row.

use cauda_fhir::Coding;
use serde_json::Value;

use crate::table::CodeRow;

/// Most codings of a concept that are looked at.
const CODINGS_MAX: usize = 200;
/// Longest code that is looked at.
const CODE_BYTES_MAX: usize = 24;

/// A code system that rows may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// LOINC.
    Loinc,
    /// SNOMED CT, any edition.
    Snomed,
    /// ICD-10-CM of the United States.
    Icd10Cm,
    /// ICD-10 of the WHO.
    Icd10,
    /// RxNorm.
    RxNorm,
    /// ATC of the WHO.
    Atc,
}

impl System {
    /// All of them.
    pub const ALL: [System; 6] = [
        System::Loinc,
        System::Snomed,
        System::Icd10Cm,
        System::Icd10,
        System::RxNorm,
        System::Atc,
    ];

    /// Its address in FHIR R4, "Using Codes in resources". No other spelling is taken for it.
    pub fn address(self) -> &'static str {
        match self {
            System::Loinc => "http://loinc.org",
            System::Snomed => "http://snomed.info/sct",
            System::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
            System::Icd10 => "http://hl7.org/fhir/sid/icd-10",
            System::RxNorm => "http://www.nlm.nih.gov/research/umls/rxnorm",
            System::Atc => "http://www.whocc.no/atc",
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            System::Loinc => "LOINC",
            System::Snomed => "SNOMED CT",
            System::Icd10Cm => "ICD-10-CM",
            System::Icd10 => "ICD-10",
            System::RxNorm => "RxNorm",
            System::Atc => "ATC",
        }
    }

    /// Whether a code of it begins with the code of its class.
    pub(crate) fn nests(self) -> bool {
        matches!(self, System::Icd10Cm | System::Icd10 | System::Atc)
    }

    /// What a plain code has in common with every pattern that takes it.
    pub(crate) fn shelf(self, code: &str) -> &str {
        if self.nests() { code.get(..1).unwrap_or_default() } else { code }
    }
}

/// What a row matches: one code, everything below it, or a range of three-character categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Exact(String),
    Below(String),
    Range(String, String),
}

impl Pattern {
    /// Reads `8310-5`, `M46.2`, `C00-C97`.
    pub(crate) fn read(system: System, text: &str) -> Option<Pattern> {
        if !is_plain(text) {
            return None;
        }
        if !system.nests() {
            return Some(Pattern::Exact(text.to_owned()));
        }
        let Some((from, to)) = text.split_once('-') else {
            return Some(Pattern::Below(text.to_owned()));
        };
        let fits = from.len() == to.len() && from < to && from.starts_with(&to[..1]);
        fits.then(|| Pattern::Range(from.to_owned(), to.to_owned()))
    }

    /// Whether a code, which has to be plain, falls under it.
    pub(crate) fn takes(&self, code: &str) -> bool {
        match self {
            Pattern::Exact(exact) => code == exact,
            Pattern::Below(class) => code.starts_with(class.as_str()),
            Pattern::Range(from, to) => code
                .get(..from.len())
                .is_some_and(|class| (from.as_str()..=to.as_str()).contains(&class)),
        }
    }
}

/// A code of a system that rows may name.
pub(crate) type Code<'a> = (System, &'a str);

/// The codes of a concept, of systems that rows may name.
pub(crate) fn codes_of(concept: Option<&Value>) -> Vec<Code<'_>> {
    let list = match concept.and_then(|concept| concept.get("coding")) {
        Some(Value::Array(list)) => list.iter().take(CODINGS_MAX).collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    list.into_iter().filter_map(coding).filter_map(|coding| known(&coding)).collect()
}

/// A complete coding.
pub(crate) fn coding(value: &Value) -> Option<Coding<'_>> {
    let text = |field: &str| {
        value.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
    };
    Some(Coding { system: text("system")?, code: text("code")?, display: text("display") })
}

/// The first code of a row that one of the codes falls under.
pub(crate) fn matching<'a>(row: &'a [CodeRow], codes: &[Code<'_>]) -> Option<&'a CodeRow> {
    if codes.is_empty() {
        return None;
    }
    row.iter().find(|code| codes.iter().any(|(system, of)| code.takes(*system, of)))
}

fn known<'a>(coding: &Coding<'a>) -> Option<Code<'a>> {
    let system = System::ALL.into_iter().find(|system| system.address() == coding.system)?;
    is_plain(coding.code).then_some((system, coding.code))
}

/// Whether a text can be a code of one of the systems.
fn is_plain(text: &str) -> bool {
    let sign = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'-');
    !text.is_empty() && text.len() <= CODE_BYTES_MAX && text.bytes().all(sign)
}
