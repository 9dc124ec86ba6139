//! Where something stands in a message, what is odd about it, and why a message is refused.
//! None of it holds a value of the message.

use std::fmt;

use thiserror::Error;

use crate::Header;

/// Most flags kept of one message; a message with more is refused no sooner for it.
pub(crate) const FLAGS_MAX: usize = 64;

/// A place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The name of the segment.
    pub segment: [char; 3],
    /// The how-many-th of that name, from 1.
    pub number: usize,
    /// The field, from 1; 0 for the whole segment.
    pub field: usize,
}

impl Place {
    pub(crate) fn new(name: &str, number: usize, field: usize) -> Place {
        let mut signs = name.chars();
        let mut next = || signs.next().unwrap_or('?');
        Place { segment: [next(), next(), next()], number, field }
    }

    /// The name of the segment.
    pub fn name(&self) -> String {
        self.segment.iter().collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match (self.number, self.field) {
            (0 | 1, 0) => write!(out, "{name}"),
            (0 | 1, field) => write!(out, "{name}-{field}"),
            (number, 0) => write!(out, "{name}[{number}]"),
            (number, field) => write!(out, "{name}[{number}]-{field}"),
        }
    }
}

/// Something that a person or the worklist has to know of a message that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flag {
    /// Where.
    pub place: Place,
    /// What.
    pub odd: Odd,
}

/// What is odd. The value is kept whole, unless it says otherwise here.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Odd {
    /// It is longer than DICOM allows, PS3.5 section 6.2.
    #[error("it has more than the {characters_max} characters that DICOM allows for {attribute}")]
    TooLong {
        /// Most characters.
        characters_max: usize,
        /// The attribute of DICOM.
        attribute: &'static str,
    },
    /// It holds a character that DICOM does not allow there.
    #[error("it holds a character that DICOM does not allow in {attribute}")]
    Character {
        /// The attribute of DICOM.
        attribute: &'static str,
    },
    /// It is no unique identifier of DICOM, PS3.5 section 9.1.
    #[error("it is no UID: digits and dots, at most 64, no part with a zero before it")]
    NoUid,
    /// A code that is none of its table. It is read as not given.
    #[error("its code is none of the table, so it counts as not given")]
    Code,
    /// A time or date that is none. It is read as not given.
    #[error("it is no time, so it counts as not given")]
    Time,
    /// A number that is none, or that has no unit. It is read as not given.
    #[error("it is no number with a unit, so it counts as not given")]
    Number,
    /// The bytes are not in the character set that MSH-18 declares.
    #[error("its bytes are not in the character set that it declares")]
    Charset,
    /// More repetitions, observations or steps than are kept. What came first is kept.
    #[error("there are more of them than are kept")]
    Many,
}

/// Why a message will never do, with what an answer to it needs.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}{why}", .place.map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct Reject {
    /// The number of HL7 table 0357.
    pub code: Code,
    /// Where.
    pub place: Option<Place>,
    /// One sentence for whoever runs the sending system.
    pub why: &'static str,
    /// The header, as far as there was one.
    pub header: Option<Box<Header>>,
}

/// Numbers of HL7 table 0357, message error condition codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// 100: segments are missing or out of order.
    SegmentSequence,
    /// 101: a required field is missing.
    RequiredField,
    /// 102: a field is not of its data type.
    DataType,
    /// 103: a code is none of its table.
    Table,
    /// 200: a kind of message that is not taken.
    MessageType,
    /// 201: an event that is not taken.
    EventCode,
    /// 202: not for production, or not for training.
    ProcessingId,
    /// 203: a version that is not taken.
    Version,
    /// 204: an unknown sender, patient or order.
    UnknownKey,
    /// 207: anything else.
    Internal,
}

impl Code {
    /// The number.
    pub fn number(self) -> u16 {
        match self {
            Code::SegmentSequence => 100,
            Code::RequiredField => 101,
            Code::DataType => 102,
            Code::Table => 103,
            Code::MessageType => 200,
            Code::EventCode => 201,
            Code::ProcessingId => 202,
            Code::Version => 203,
            Code::UnknownKey => 204,
            Code::Internal => 207,
        }
    }

    /// Its text in the table.
    pub fn text(self) -> &'static str {
        match self {
            Code::SegmentSequence => "Segment sequence error",
            Code::RequiredField => "Required field missing",
            Code::DataType => "Data type error",
            Code::Table => "Table value not found",
            Code::MessageType => "Unsupported message type",
            Code::EventCode => "Unsupported event code",
            Code::ProcessingId => "Unsupported processing id",
            Code::Version => "Unsupported version id",
            Code::UnknownKey => "Unknown key identifier",
            Code::Internal => "Application internal error",
        }
    }
}

impl Reject {
    pub(crate) fn new(code: Code, place: Option<Place>, why: &'static str) -> Reject {
        Reject { code, place, why, header: None }
    }

    pub(crate) fn with(mut self, header: &Header) -> Reject {
        self.header = Some(Box::new(header.clone()));
        self
    }
}
