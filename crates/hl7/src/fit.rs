//! Whether a value fits the attribute of DICOM that it is meant for (PS3.5 sections 6.2 and
//! 9.1). What does not fit is kept whole and flagged: a number that was cut names another.

use crate::flag::{Odd, Place};
use crate::structure::Gather;

/// An attribute with its value representation.
#[derive(Clone, Copy)]
pub(crate) struct Attribute {
    name: &'static str,
    characters_max: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// SH and LO: no backslash, no control character.
    Text,
    /// PN: as text, and its own delimiters besides.
    Name,
    /// AE: ASCII without a backslash.
    Title,
    /// CS: capital letters, digits, space and underscore.
    Code,
    /// UI.
    Uid,
}

const fn attribute(name: &'static str, characters_max: usize, kind: Kind) -> Attribute {
    Attribute { name, characters_max, kind }
}

pub(crate) const PATIENT_ID: Attribute = attribute("Patient ID", 64, Kind::Text);
pub(crate) const PATIENT_NAME: Attribute = attribute("Patient's Name", 64, Kind::Name);
pub(crate) const ADMISSION_ID: Attribute = attribute("Admission ID", 64, Kind::Text);
pub(crate) const ACCESSION: Attribute = attribute("Accession Number", 16, Kind::Text);
pub(crate) const PROCEDURE_ID: Attribute = attribute("Requested Procedure ID", 16, Kind::Text);
pub(crate) const STEP_ID: Attribute = attribute("Scheduled Procedure Step ID", 16, Kind::Text);
pub(crate) const STUDY_UID: Attribute = attribute("Study Instance UID", 64, Kind::Uid);
pub(crate) const MODALITY: Attribute = attribute("Modality", 16, Kind::Code);
pub(crate) const STATION_NAME: Attribute = attribute("Scheduled Station Name", 16, Kind::Text);
pub(crate) const STEP_LOCATION: Attribute =
    attribute("Scheduled Procedure Step Location", 16, Kind::Text);
pub(crate) const STATION_AE: Attribute = attribute("Scheduled Station AE Title", 16, Kind::Title);
pub(crate) const PLACER_NUMBER: Attribute =
    attribute("Placer Order Number / Imaging Service Request", 64, Kind::Text);
pub(crate) const FILLER_NUMBER: Attribute =
    attribute("Filler Order Number / Imaging Service Request", 64, Kind::Text);
pub(crate) const DESCRIPTION: Attribute =
    attribute("Requested Procedure Description", 64, Kind::Text);

impl Attribute {
    fn odd(self, value: &str) -> Option<Odd> {
        let attribute = self.name;
        let allowed = |sign: char| match self.kind {
            Kind::Text => sign != '\\' && !sign.is_control(),
            Kind::Name => !matches!(sign, '\\' | '^' | '=') && !sign.is_control(),
            Kind::Title => sign != '\\' && (' '..='~').contains(&sign),
            Kind::Code => {
                sign.is_ascii_uppercase() || sign.is_ascii_digit() || matches!(sign, ' ' | '_')
            }
            Kind::Uid => true,
        };
        if self.kind == Kind::Uid {
            return (!is_uid(value)).then_some(Odd::NoUid);
        }
        if value.chars().count() > self.characters_max {
            return Some(Odd::TooLong { characters_max: self.characters_max, attribute });
        }
        (!value.chars().all(allowed)).then_some(Odd::Character { attribute })
    }
}

/// Whether a text is a unique identifier of DICOM.
pub fn is_uid(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|sign| sign.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    text.len() <= 64 && text.split('.').all(part)
}

impl Gather<'_> {
    /// Flags a value that does not fit.
    pub(crate) fn fits(&mut self, place: Place, attribute: Attribute, value: Option<&str>) {
        if let Some(odd) = value.and_then(|value| attribute.odd(value)) {
            self.flag(place, odd);
        }
    }
}
