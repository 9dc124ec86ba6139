//! What a worklist query may ask for and match on (PS3.4 table K.6-1). Matching, answering and
//! the conformance statement all read this one table.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

/// How a key is matched when the query gives a value for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// The whole value, `*` and `?` being letters like any other.
    Single,
    /// The whole value, or `*` and `?` as wildcards.
    Text,
    /// As [`Matching::Text`], without regard to case and accents.
    Name,
    /// A day or a range of days.
    Date,
    /// A time of day or a range.
    Time,
    /// One of a list of UIDs.
    Uid,
    /// The keys within.
    Sequence,
    /// Not matched: returned only.
    No,
}

/// What is returned when the entry has no value (PS3.4 §K.2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// 1: every entry has a value.
    Always,
    /// 1C: nothing, because an empty one is not allowed.
    IfKnown,
    /// 2 and 3: the key without a value.
    Empty,
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the identifier itself.
    Root,
    /// In the one item of the Scheduled Procedure Step Sequence.
    Step,
    /// In an item of a sequence of codes.
    Code,
    /// In an item of a sequence of references; none are kept.
    Reference,
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its tag.
    pub tag: Tag,
    /// Where it stands.
    pub place: Place,
    /// How it is matched.
    pub matching: Matching,
    /// What is returned without a value.
    pub returned: Return,
}

const fn key(place: Place, tag: Tag, matching: Matching, returned: Return) -> Key {
    Key { tag, place, matching, returned }
}

/// Every key that is supported.
pub const KEYS: &[Key] = &{
    use Matching::{Date, Name, No, Sequence, Single, Text, Time, Uid};
    use Place::{Code, Reference, Root, Step};
    use Return::{Always, Empty, IfKnown};
    [
        key(Root, tags::ACCESSION_NUMBER, Text, Empty),
        key(Root, tags::REFERRING_PHYSICIAN_NAME, Name, Empty),
        key(Root, tags::REFERENCED_STUDY_SEQUENCE, Sequence, Empty),
        key(Root, tags::REFERENCED_PATIENT_SEQUENCE, Sequence, Empty),
        key(Root, tags::PATIENT_NAME, Name, Always),
        key(Root, tags::PATIENT_ID, Single, Always),
        key(Root, tags::ISSUER_OF_PATIENT_ID, Text, Empty),
        key(Root, tags::PATIENT_BIRTH_DATE, Date, Empty),
        key(Root, tags::PATIENT_SEX, Single, Empty),
        key(Root, tags::PATIENT_SIZE, No, Empty),
        key(Root, tags::PATIENT_WEIGHT, No, Empty),
        key(Root, tags::MEDICAL_ALERTS, Text, Empty),
        key(Root, tags::ALLERGIES, Text, Empty),
        key(Root, tags::ADDITIONAL_PATIENT_HISTORY, Text, Empty),
        key(Root, tags::PREGNANCY_STATUS, No, Empty),
        key(Root, tags::STUDY_INSTANCE_UID, Uid, Always),
        key(Root, tags::REQUESTING_PHYSICIAN, Name, Empty),
        key(Root, tags::REQUESTING_SERVICE, Text, Empty),
        key(Root, tags::REQUESTED_PROCEDURE_DESCRIPTION, Text, IfKnown),
        key(Root, tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, Sequence, IfKnown),
        key(Root, tags::ADMISSION_ID, Text, Empty),
        key(Root, tags::SPECIAL_NEEDS, Text, Empty),
        key(Root, tags::CURRENT_PATIENT_LOCATION, Text, Empty),
        key(Root, tags::PATIENT_STATE, Text, Empty),
        key(Root, tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, Sequence, Always),
        key(Root, tags::REQUESTED_PROCEDURE_ID, Text, Always),
        key(Root, tags::REASON_FOR_THE_REQUESTED_PROCEDURE, Text, Empty),
        key(Root, tags::REQUESTED_PROCEDURE_PRIORITY, Text, Empty),
        key(Root, tags::PATIENT_TRANSPORT_ARRANGEMENTS, Text, Empty),
        key(Root, tags::REQUESTED_PROCEDURE_COMMENTS, Text, Empty),
        key(Root, tags::CONFIDENTIALITY_CONSTRAINT_ON_PATIENT_DATA_DESCRIPTION, Text, Empty),
        key(Step, tags::MODALITY, Single, Always),
        key(Step, tags::REQUESTED_CONTRAST_AGENT, Text, Empty),
        key(Step, tags::SCHEDULED_STATION_AE_TITLE, Single, Always),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_START_DATE, Date, Always),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_START_TIME, Time, Always),
        key(Step, tags::SCHEDULED_PERFORMING_PHYSICIAN_NAME, Name, Empty),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, Text, IfKnown),
        key(Step, tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, Sequence, IfKnown),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_ID, Text, Always),
        key(Step, tags::SCHEDULED_STATION_NAME, Text, Empty),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_LOCATION, Text, Empty),
        key(Step, tags::PRE_MEDICATION, Text, Empty),
        key(Step, tags::SCHEDULED_PROCEDURE_STEP_STATUS, Single, Empty),
        key(Step, tags::COMMENTS_ON_THE_SCHEDULED_PROCEDURE_STEP, Text, Empty),
        key(Code, tags::CODE_VALUE, Text, Always),
        key(Code, tags::CODING_SCHEME_DESIGNATOR, Text, Always),
        key(Code, tags::CODING_SCHEME_VERSION, Text, Empty),
        key(Code, tags::CODE_MEANING, Text, Always),
        key(Reference, tags::REFERENCED_SOP_CLASS_UID, Uid, Always),
        key(Reference, tags::REFERENCED_SOP_INSTANCE_UID, Uid, Always),
    ]
};

/// The key with this tag in this place.
pub fn find(place: Place, tag: Tag) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.place == place && key.tag == tag)
}

/// Where the keys stand that are within a sequence.
pub(crate) fn within(tag: Tag) -> Place {
    match tag {
        tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE => Place::Step,
        tags::REFERENCED_STUDY_SEQUENCE | tags::REFERENCED_PATIENT_SEQUENCE => Place::Reference,
        _ => Place::Code,
    }
}
