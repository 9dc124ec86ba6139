//! Single values on their way into a data set: length and letters that their kind allows.

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

use crate::dataset::{DataSet, known_vr};
use crate::entry::{Code, MAX_CODES};
use crate::error::EntryError;

/// Writes codes as the items of a sequence; without codes there is none.
pub(crate) fn codes(set: &mut DataSet, tag: Tag, codes: &[Code]) -> Result<(), EntryError> {
    if codes.len() > MAX_CODES {
        return Err(ill(tag, "has more codes than one sequence may have"));
    }
    let mut items = Vec::with_capacity(codes.len());
    for code in codes {
        let mut item = DataSet::new();
        must(&mut item, tags::CODE_VALUE, &code.value)?;
        must(&mut item, tags::CODING_SCHEME_DESIGNATOR, &code.scheme)?;
        must(&mut item, tags::CODE_MEANING, &code.meaning)?;
        items.push(item);
    }
    if !items.is_empty() {
        set.items(tag, items);
    }
    Ok(())
}

/// Writes a value that every entry needs.
pub(crate) fn must(set: &mut DataSet, tag: Tag, text: &str) -> Result<(), EntryError> {
    if text.trim().is_empty() {
        return Err(missing(tag));
    }
    may(set, tag, text)
}

/// Writes a value, if there is one.
pub(crate) fn may(set: &mut DataSet, tag: Tag, text: &str) -> Result<(), EntryError> {
    let (vr, text) = (known_vr(tag), text.trim());
    check(tag, vr, text)?;
    if !text.is_empty() {
        set.text(tag, vr, text);
    }
    Ok(())
}

/// Length and letters that a kind of value allows (PS3.5 table 6.2-1).
fn check(tag: Tag, vr: VR, text: &str) -> Result<(), EntryError> {
    let limit = match vr {
        VR::AE | VR::CS | VR::SH | VR::DS => 16,
        VR::LT => 10_240,
        _ => 64,
    };
    let long = match vr {
        VR::PN => text.split('=').any(|group| group.chars().count() > limit),
        _ => text.chars().count() > limit,
    };
    if long {
        return Err(EntryError::TooLong { field: name(tag), limit });
    }
    let breaks = |letter: char| vr == VR::LT && matches!(letter, '\n' | '\r' | '\t');
    if text.chars().any(|letter| letter.is_control() && !breaks(letter)) {
        return Err(ill(tag, "has a control character"));
    }
    if vr != VR::LT && text.contains('\\') {
        return Err(ill(tag, "has a backslash, which would make two values of it"));
    }
    let well = match vr {
        VR::AE | VR::DS => text.is_ascii(),
        VR::CS => text.chars().all(|letter| {
            letter.is_ascii_uppercase() || letter.is_ascii_digit() || [' ', '_'].contains(&letter)
        }),
        VR::UI => text.is_empty() || is_uid(text),
        VR::PN => {
            let groups = text.split('=').count();
            groups <= 3 && text.split('=').all(|group| group.split('^').count() <= 5)
        }
        _ => true,
    };
    if well { Ok(()) } else { Err(ill(tag, "is not well-formed for its kind of value")) }
}

/// Numbers without leading zeros, parted by dots, up to 64 characters (PS3.5 §9.1).
pub(crate) fn is_uid(text: &str) -> bool {
    text.len() <= 64
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
        })
}

pub(crate) fn missing(tag: Tag) -> EntryError {
    EntryError::Missing { field: name(tag) }
}

pub(crate) fn ill(tag: Tag, what: &'static str) -> EntryError {
    EntryError::Ill { field: name(tag), what }
}

/// The keyword that the standard gives the tag.
pub(crate) fn name(tag: Tag) -> &'static str {
    use dicom_core::dictionary::DataDictionary;
    dicom_dictionary_std::StandardDataDictionary
        .by_tag(tag)
        .map_or("an element", |entry| entry.alias)
}
