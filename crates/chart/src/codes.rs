//! Code systems, and whether a code falls under a row.

use cauda_fhir::Coding;

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
        let plain = |text: &str| {
            let sign = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'-');
            !text.is_empty() && text.len() <= CODE_BYTES_MAX && text.bytes().all(sign)
        };
        if !plain(text) {
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

    /// Whether a code falls under it.
    pub(crate) fn takes(&self, code: &str) -> bool {
        let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'-');
        if code.len() > CODE_BYTES_MAX || !code.bytes().all(plain) {
            return false;
        }
        match self {
            Pattern::Exact(exact) => code == exact,
            Pattern::Below(class) => code.starts_with(class.as_str()),
            Pattern::Range(from, to) => code
                .get(..from.len())
                .is_some_and(|class| (from.as_str()..=to.as_str()).contains(&class)),
        }
    }
}

/// The system of a coding, if rows may name it.
pub(crate) fn system_of(coding: &Coding<'_>) -> Option<System> {
    System::ALL.into_iter().find(|system| system.address() == coding.system)
}
