//! From bytes to segments, within limits. The crate `hl7-parser` finds fields, repetitions,
//! components and subcomponents; characters, line ends, limits and escape sequences are ours.

use hl7_parser::message::{Message, Repeat, Segment as Raw};

use crate::charset::Mismatch;
use crate::flag::{FLAGS_MAX, Flag, Odd, Place};
use crate::header::header_line;
use crate::mllp::FRAME_BYTES_MAX;
use crate::{Charset, Code, Delimiters, Encoding, Reject};

/// Most segments of a message.
pub const SEGMENTS_MAX: usize = 4_096;
/// Most delimiters of a message, so that its fields cannot fill the memory.
pub const DELIMITERS_MAX: usize = 131_072;
/// Most repetitions of one field that are read.
const REPETITIONS_MAX: usize = 32;
/// The head of a message: MSH and its five delimiters.
const HEAD_BYTES: usize = 8;
/// The field of MSH with the character set.
const CHARSET_FIELD: usize = 18;

/// A message as text with its segments on one line each, and how it was written.
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) delimiters: Delimiters,
    pub(crate) charset: Charset,
    pub(crate) mismatch: Option<Mismatch>,
}

impl Text {
    /// Decodes the bytes and puts every segment on a line of its own.
    pub(crate) fn read(bytes: &[u8]) -> Result<Text, Reject> {
        let no_message = |why| Reject::new(Code::SegmentSequence, None, why);
        if bytes.len() > FRAME_BYTES_MAX {
            return Err(no_message("the message is larger than is taken"));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        if bytes.starts_with(b"FHS") || bytes.starts_with(b"BHS") {
            return Err(no_message("this is a batch; send one message in a frame"));
        }
        let Some(rest) = bytes.strip_prefix(b"MSH") else {
            return Err(no_message("a message begins with MSH"));
        };
        let place = Some(Place::new("MSH", 1, 2));
        let unusable = || Reject::new(Code::DataType, place, "these delimiters cannot be used");
        let signs: &[u8; 5] = rest.first_chunk().ok_or_else(unusable)?;
        let delimiters = Delimiters::new(*signs).ok_or_else(unusable)?;
        let declared = declared_charset(bytes, delimiters);
        let (charset, mismatch) = Charset::of(declared.as_deref(), bytes);
        let decoded = charset.encoding.decode(bytes);
        let Some((head, body)) = decoded.split_at_checked(HEAD_BYTES) else {
            return Err(unusable());
        };
        // Version 2.7 has a fifth encoding character, for values that were cut.
        let mut signs = body.chars();
        let body = match (signs.next(), signs.next()) {
            (Some(cut), Some(next)) if cut.is_ascii_punctuation() && next == delimiters.field() => {
                body.get(cut.len_utf8()..).filter(|_| cut != next).unwrap_or(body)
            }
            _ => body,
        };
        let text = one_line_each(head, body, delimiters)?;
        if count(&text, delimiters) > DELIMITERS_MAX {
            return Err(no_message("the message has more fields than are taken"));
        }
        Ok(Text { text, delimiters, charset, mismatch })
    }

    /// The structure, all of it or nothing.
    pub(crate) fn parse(&self) -> Result<Message<'_>, Reject> {
        let unread = |why| Reject::new(Code::SegmentSequence, None, why);
        let message = Message::parse(&self.text)
            .map_err(|_| unread("the segments of the message cannot be told apart"))?;
        if message.raw_value().len() != self.text.len() {
            return Err(unread("a part of the message cannot be read"));
        }
        Ok(message)
    }

    /// The segments of a parsed message.
    pub(crate) fn segments<'m>(&'m self, message: &'m Message<'m>) -> Vec<Segment<'m>> {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        let mut segments = Vec::with_capacity(message.segments.len());
        for raw in &message.segments {
            let number = match seen.iter_mut().find(|(name, _)| *name == raw.name) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    // Kinds of segments are few; beyond these the number only helps to find it.
                    if seen.len() < 64 {
                        seen.push((raw.name, 1));
                    }
                    1
                }
            };
            let (delimiters, encoding) = (self.delimiters, self.charset.encoding);
            segments.push(Segment { raw, number, delimiters, encoding });
        }
        segments
    }
}

/// Lines that end with CR, LF or both become segments that end with CR. A line that begins like
/// no segment goes on with the text of an OBX or NTE before it; anywhere else it is refused.
fn one_line_each(head: &str, body: &str, delimiters: Delimiters) -> Result<String, Reject> {
    let mut text = String::with_capacity(head.len() + body.len());
    text.push_str(head);
    let mut lines = body.split(['\r', '\n']);
    text.push_str(lines.next().unwrap_or_default());
    let (mut goes_on, mut segments) = (false, 1_usize);
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let name = line.get(..3).filter(|name| is_name(name));
        let begins = line.get(3..).is_none_or(|rest| rest.starts_with(delimiters.field()));
        match name.filter(|_| begins || line.len() == 3) {
            Some("MSH" | "FHS" | "BHS") => {
                let why = "there is a second message in the frame; send one in each";
                return Err(Reject::new(Code::SegmentSequence, None, why));
            }
            Some(name) => {
                segments += 1;
                if segments > SEGMENTS_MAX {
                    let why = "the message has more segments than are taken";
                    return Err(Reject::new(Code::SegmentSequence, None, why));
                }
                goes_on = matches!(name, "OBX" | "NTE");
                text.push('\r');
                text.push_str(line);
                if line.len() == 3 {
                    text.push(delimiters.field());
                }
            }
            None if goes_on => {
                let escape = delimiters.escape();
                text.push_str(&format!("{escape}.br{escape}"));
                text.push_str(line);
            }
            None => {
                let why = "one of its lines is no segment: three letters and a field separator";
                return Err(Reject::new(Code::SegmentSequence, None, why));
            }
        }
    }
    Ok(text)
}

fn is_name(name: &str) -> bool {
    let mut signs = name.bytes();
    signs.next().is_some_and(|sign| sign.is_ascii_uppercase())
        && signs.all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit())
}

fn count(text: &str, delimiters: Delimiters) -> usize {
    let signs = [
        delimiters.field(),
        delimiters.component(),
        delimiters.repetition(),
        delimiters.subcomponent(),
    ];
    text.chars().filter(|sign| signs.contains(sign)).count()
}

/// MSH-18, found before the characters are known: all sets read here begin with ASCII.
fn declared_charset(bytes: &[u8], delimiters: Delimiters) -> Option<String> {
    let line = header_line(bytes);
    let separator = u8::try_from(delimiters.field()).ok()?;
    let field = line.split(|byte| *byte == separator).nth(CHARSET_FIELD - 1)?;
    let text = std::str::from_utf8(field).ok()?;
    let first = text.split([delimiters.repetition(), delimiters.component()]).next()?.trim();
    (!first.is_empty()).then(|| first.to_string())
}

/// One segment.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'m> {
    raw: &'m Raw<'m>,
    number: usize,
    delimiters: Delimiters,
    encoding: Encoding,
}

impl<'m> Segment<'m> {
    pub(crate) fn name(&self) -> &'m str {
        self.raw.name
    }

    pub(crate) fn place(&self, field: usize) -> Place {
        Place::new(self.raw.name, self.number, field)
    }

    pub(crate) fn raw(&self) -> &'m Raw<'m> {
        self.raw
    }

    /// The value between delimiters, of the characters and escapes of this message.
    pub(crate) fn unescaped(&self, text: &str) -> String {
        self.delimiters.unescaped(text, self.encoding)
    }

    /// The first component of a field.
    pub(crate) fn text(&self, field: usize) -> Option<String> {
        self.parts(field).text(1)
    }

    /// The whole field as one text: free text often holds delimiters that nobody escaped.
    pub(crate) fn free_text(&self, field: usize) -> Option<String> {
        let raw = self.field(field)?.raw_value();
        let lines = raw.split(self.delimiters.repetition());
        let lines: Vec<String> = lines.filter_map(|line| self.meant(line)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// What a value says. An explicit null, `""`, says no more than an empty one: neither is a
    /// finding to rely on.
    fn meant(&self, raw: &str) -> Option<String> {
        let raw = raw.trim_matches([' ', '\t']);
        let value = (raw != "\"\"").then(|| self.unescaped(raw))?;
        (!value.is_empty()).then_some(value)
    }

    /// The first repetition of a field.
    pub(crate) fn parts(&self, field: usize) -> Parts {
        self.field(field)
            .and_then(|field| field.repeats.first())
            .map_or_else(Parts::none, |one| self.read_parts(one))
    }

    /// All repetitions of a field that say anything, as far as they are read.
    pub(crate) fn repetitions(&self, field: usize, gather: &mut Gather<'_>) -> Vec<Parts> {
        let Some(found) = self.field(field) else { return Vec::new() };
        if found.repeats.len() > REPETITIONS_MAX {
            gather.flag(self.place(field), Odd::Many);
        }
        let read = found.repeats.iter().take(REPETITIONS_MAX).map(|one| self.read_parts(one));
        read.filter(|parts| !parts.is_empty()).collect()
    }

    fn field(&self, number: usize) -> Option<&'m hl7_parser::message::Field<'m>> {
        self.raw.fields.get(number.checked_sub(1)?)
    }

    fn read_parts(&self, repeat: &Repeat<'_>) -> Parts {
        let read = |raw: &str| self.meant(raw).unwrap_or_default();
        Parts(
            repeat
                .components
                .iter()
                .map(|component| Component {
                    whole: read(component.raw_value()),
                    subcomponents: component
                        .subcomponents
                        .iter()
                        .map(|sub| read(sub.value))
                        .collect(),
                })
                .collect(),
        )
    }
}

/// The components of one repetition.
#[derive(Clone)]
pub(crate) struct Parts(Vec<Component>);

#[derive(Clone)]
struct Component {
    /// With delimiters of subcomponents that nobody escaped.
    whole: String,
    subcomponents: Vec<String>,
}

impl Parts {
    fn none() -> Parts {
        Parts(Vec::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0
            .iter()
            .all(|one| one.whole.is_empty() || one.subcomponents.iter().all(String::is_empty))
    }

    /// A component that has no subcomponents, from 1.
    pub(crate) fn text(&self, component: usize) -> Option<String> {
        let found = &self.0.get(component.checked_sub(1)?)?.whole;
        (!found.is_empty()).then(|| found.clone())
    }

    /// A subcomponent, both from 1.
    pub(crate) fn sub(&self, component: usize, subcomponent: usize) -> Option<String> {
        let found = self.0.get(component.checked_sub(1)?)?;
        let found = found.subcomponents.get(subcomponent.checked_sub(1)?)?;
        (!found.is_empty()).then(|| found.clone())
    }
}

/// What is gathered while a message is read.
pub(crate) struct Gather<'z> {
    pub(crate) zone: &'z jiff::tz::TimeZone,
    pub(crate) critical: &'z [String],
    pub(crate) flags: Vec<Flag>,
}

impl Gather<'_> {
    pub(crate) fn flag(&mut self, place: Place, odd: Odd) {
        if self.flags.len() < FLAGS_MAX {
            self.flags.push(Flag { place, odd });
        }
    }

    /// The time in a component; a text that is none is flagged.
    pub(crate) fn time(
        &mut self,
        segment: &Segment<'_>,
        field: usize,
        component: usize,
    ) -> Option<crate::When> {
        let text = segment.parts(field).text(component)?;
        let when = crate::When::read(&text, self.zone);
        if when.is_none() {
            self.flag(segment.place(field), Odd::Time);
        }
        when
    }

    /// The code of a table; one that is none of it is flagged.
    pub(crate) fn code<T>(
        &mut self,
        segment: &Segment<'_>,
        field: usize,
        table: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = segment.text(field)?;
        let found = table(&text);
        if found.is_none() {
            self.flag(segment.place(field), Odd::Code);
        }
        found
    }
}
