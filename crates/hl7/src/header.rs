//! MSH, the head of every message (HL7 v2.5.1 section 2.15.9).

use crate::data_types::Designator;
use crate::structure::{Gather, Segment, Text};
use crate::writing::Line;
use crate::{Charset, Delimiters, When};

/// The head of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// MSH-1 and MSH-2.
    pub delimiters: Delimiters,
    /// MSH-3 and MSH-4.
    pub sender: Party,
    /// MSH-5 and MSH-6.
    pub receiver: Party,
    /// MSH-7.
    pub at: Option<When>,
    /// MSH-9, such as `ORM`, and its event, such as `O01`; empty only in a refused message.
    pub kind: (String, String),
    /// MSH-10; empty only in a refused message.
    pub control_id: String,
    /// MSH-11.
    pub processing: Option<Processing>,
    /// MSH-12; absent only in a refused message.
    pub version: Option<Version>,
    /// MSH-15 and MSH-16.
    pub acknowledge: Acknowledge,
    /// MSH-18.
    pub charset: Charset,
}

/// An application at a facility.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Party {
    /// The application.
    pub application: Option<Designator>,
    /// The facility.
    pub facility: Option<Designator>,
}

/// What a message is for, HL7 table 0103.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Processing {
    /// `P`: patients.
    Production,
    /// `T`: training.
    Training,
    /// `D`: looking for faults.
    Debugging,
}

/// Versions that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2.3
    V2_3,
    /// 2.3.1
    V2_3_1,
    /// 2.4
    V2_4,
    /// 2.5
    V2_5,
    /// 2.5.1
    V2_5_1,
}

/// Which answers the sender wants. Neither said is the original mode, HL7 v2.5.1 section 2.9.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acknowledge {
    /// MSH-15: whether it was taken into safe keeping.
    pub accept: Option<Wanted>,
    /// MSH-16: what became of it.
    pub application: Option<Wanted>,
}

/// When an answer is wanted, HL7 table 0155.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// `AL`
    Always,
    /// `NE`
    Never,
    /// `ER`: only of errors.
    Error,
    /// `SU`: only of success.
    Success,
}

impl Party {
    /// Known by two names.
    pub fn named(application: &str, facility: &str) -> Party {
        Party {
            application: Some(Designator::named(application)),
            facility: Some(Designator::named(facility)),
        }
    }

    fn read(segment: &Segment<'_>, field: usize) -> Party {
        Party {
            application: Designator::read(&segment.parts(field), 1),
            facility: Designator::read(&segment.parts(field + 1), 1),
        }
    }

    fn write(&self, line: &mut Line, field: usize) {
        for (at, one) in [(field, &self.application), (field + 1, &self.facility)] {
            if let Some(one) = one {
                line.one(at, |out| one.write(out, 1));
            }
        }
    }
}

/// A table of codes, both ways.
macro_rules! table {
    ($name:ident, $($code:literal => $value:ident),+ $(,)?) => {
        impl $name {
            /// Reads a code. Nothing for one that is none of the table.
            pub fn read(code: &str) -> Option<$name> {
                match code {
                    $($code => Some($name::$value),)+
                    _ => None,
                }
            }

            /// Its code.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$value => $code,)+
                }
            }
        }
    };
}
pub(crate) use table;

table!(Processing, "P" => Production, "T" => Training, "D" => Debugging);
table!(Wanted, "AL" => Always, "NE" => Never, "ER" => Error, "SU" => Success);
table!(Version, "2.3" => V2_3, "2.3.1" => V2_3_1, "2.4" => V2_4, "2.5" => V2_5, "2.5.1" => V2_5_1);

impl Wanted {
    /// Whether an answer of success or of an error is wanted.
    pub(crate) fn wants(self, success: bool) -> bool {
        match self {
            Wanted::Always => true,
            Wanted::Never => false,
            Wanted::Error => !success,
            Wanted::Success => success,
        }
    }
}

impl Header {
    /// Reads MSH as far as it goes.
    pub(crate) fn read(segment: &Segment<'_>, text: &Text, gather: &mut Gather<'_>) -> Header {
        let kind = segment.parts(9);
        Header {
            delimiters: text.delimiters,
            sender: Party::read(segment, 3),
            receiver: Party::read(segment, 5),
            at: gather.time(segment, 7, 1),
            kind: (kind.text(1).unwrap_or_default(), kind.text(2).unwrap_or_default()),
            control_id: segment.text(10).unwrap_or_default(),
            processing: gather.code(segment, 11, Processing::read),
            version: segment.text(12).as_deref().and_then(Version::read),
            acknowledge: Acknowledge {
                accept: gather.code(segment, 15, Wanted::read),
                application: gather.code(segment, 16, Wanted::read),
            },
            charset: text.charset.clone(),
        }
    }

    pub(crate) fn write(&self, structure: Option<&str>, zone: &jiff::tz::TimeZone) -> Line {
        let mut line = Line::new("MSH", self.delimiters);
        line.set(2, self.delimiters.encoding_characters());
        self.sender.write(&mut line, 3);
        self.receiver.write(&mut line, 5);
        if let Some(at) = self.at.and_then(|at| at.write(zone)) {
            line.set(7, at);
        }
        line.one(9, |out| {
            out.plain(1, &self.kind.0);
            out.plain(2, &self.kind.1);
            if let Some(structure) = structure {
                out.plain(3, structure);
            }
        });
        line.text(10, &self.control_id);
        line.option(11, self.processing.map(Processing::code));
        line.option(12, self.version.map(Version::code));
        line.option(15, self.acknowledge.accept.map(Wanted::code));
        line.option(16, self.acknowledge.application.map(Wanted::code));
        line.option(18, self.charset.declared.as_deref());
        line
    }
}

/// The bytes of the first segment.
pub(crate) fn header_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| matches!(*byte, b'\r' | b'\n'));
    bytes.get(..end.unwrap_or(bytes.len())).unwrap_or(bytes)
}
