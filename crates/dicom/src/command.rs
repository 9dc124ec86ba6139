//! DIMSE command sets: what is asked and how it is answered (PS3.7 §9, §10 and annex E).
//!
//! A command set is always implicit little endian and flat. Fields that are missing or of the
//! wrong length read as `None`; whoever answers decides which status that is.

use dicom_core::Tag;

use crate::dataset::{Syntax, write_element};
use crate::error::CommandError;
use dicom_core::VR;

/// Bytes of one command set; real ones have about a hundred.
pub const MAX_COMMAND: usize = 16 * 1024;
/// Elements of one command set; the standard has 30.
pub const MAX_FIELDS: usize = 64;
/// Characters of an Error Comment (LO).
pub const MAX_COMMENT: usize = 64;

/// Command Field for a C-FIND request.
pub const C_FIND_RQ: u16 = 0x0020;
/// Command Field for a C-ECHO request.
pub const C_ECHO_RQ: u16 = 0x0030;
/// Command Field for a C-CANCEL request, which has no response.
pub const C_CANCEL_RQ: u16 = 0x0FFF;
/// Command Field for an N-SET request.
pub const N_SET_RQ: u16 = 0x0120;
/// Command Field for an N-CREATE request.
pub const N_CREATE_RQ: u16 = 0x0140;
/// The bit that makes a response of a request.
pub const RESPONSE: u16 = 0x8000;

/// Statuses of PS3.7 annex C and PS3.4 annexes F and K.
pub mod status {
    /// Done.
    pub const SUCCESS: u16 = 0x0000;
    /// The value of an attribute is out of range or ill-formed.
    pub const INVALID_VALUE: u16 = 0x0106;
    /// The request cannot be carried out just now, or no longer.
    pub const PROCESSING_FAILURE: u16 = 0x0110;
    /// This instance exists already.
    pub const DUPLICATE_INSTANCE: u16 = 0x0111;
    /// This instance is not known.
    pub const NO_SUCH_INSTANCE: u16 = 0x0112;
    /// The UID of the instance is none.
    pub const INVALID_INSTANCE: u16 = 0x0117;
    /// An attribute that must be there is not.
    pub const MISSING_ATTRIBUTE: u16 = 0x0120;
    /// An attribute that must have a value has none.
    pub const MISSING_VALUE: u16 = 0x0121;
    /// The SOP class is not supported on this presentation context.
    pub const CLASS_NOT_SUPPORTED: u16 = 0x0122;
    /// This operation is unknown.
    pub const UNRECOGNIZED_OPERATION: u16 = 0x0211;
    /// Out of resources: the answer would exceed a limit.
    pub const OUT_OF_RESOURCES: u16 = 0xA700;
    /// The identifier does not match the SOP class.
    pub const IDENTIFIER_MISMATCH: u16 = 0xA900;
    /// The identifier cannot be read.
    pub const UNABLE_TO_PROCESS: u16 = 0xC000;
    /// Stopped as asked by C-CANCEL.
    pub const CANCELLED: u16 = 0xFE00;
    /// A match; more may follow.
    pub const PENDING: u16 = 0xFF00;
    /// A match, though not every optional key was regarded.
    pub const PENDING_WITH_WARNING: u16 = 0xFF01;
    /// Error ID that goes with a final step which may no longer be changed.
    pub const NO_LONGER_UPDATED: u16 = 0xA710;
}

/// A command set, of a request or a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// (0000,0100): which operation.
    pub field: Option<u16>,
    /// (0000,0110).
    pub message: Option<u16>,
    /// (0000,0120): the message that this responds to, or that is to be cancelled.
    pub responded_to: Option<u16>,
    /// (0000,0002).
    pub affected_class: Option<String>,
    /// (0000,0003).
    pub requested_class: Option<String>,
    /// (0000,1000).
    pub affected_instance: Option<String>,
    /// (0000,1001).
    pub requested_instance: Option<String>,
    /// (0000,0700); sent with C-FIND requests only.
    pub priority: Option<u16>,
    /// (0000,0800): whether a data set follows; `None` when it is not said.
    pub with_data: Option<bool>,
    /// (0000,0900).
    pub status: Option<u16>,
    /// (0000,0901): the elements at fault.
    pub offending: Vec<Tag>,
    /// (0000,0902): the fault in words.
    pub comment: Option<String>,
    /// (0000,0903).
    pub error_id: Option<u16>,
}

impl Command {
    /// A request with this operation and message number.
    pub fn request(field: u16, message: u16, class: &str) -> Command {
        Command {
            field: Some(field),
            message: Some(message),
            affected_class: Some(class.to_string()),
            with_data: Some(false),
            ..Command::default()
        }
    }

    /// The response to this request with a status; without a data set.
    pub fn response(&self, status: u16) -> Command {
        let sets = self.field == Some(N_SET_RQ);
        let instance = if sets { &self.requested_instance } else { &self.affected_instance };
        let class = self.affected_class.as_ref().or(self.requested_class.as_ref());
        Command {
            field: Some(self.field.unwrap_or(0) | RESPONSE),
            responded_to: Some(self.message.unwrap_or(0)),
            affected_class: class.cloned(),
            affected_instance: instance.clone(),
            with_data: Some(false),
            status: Some(status),
            ..Command::default()
        }
    }

    /// The same with the fault in words, cut to what the standard leaves room for.
    pub fn because(mut self, comment: &str) -> Command {
        self.comment = Some(comment.chars().filter(char::is_ascii).take(MAX_COMMENT).collect());
        self
    }

    /// The same with the elements at fault.
    pub fn offending(mut self, tags: &[Tag]) -> Command {
        self.offending = tags.to_vec();
        self
    }

    /// Reads a command set.
    ///
    /// # Errors
    /// [`CommandError`] when the bytes are no elements of group 0000 or exceed a limit.
    pub fn read(bytes: &[u8]) -> Result<Command, CommandError> {
        if bytes.len() > MAX_COMMAND {
            return Err(CommandError::Large);
        }
        let mut command = Command::default();
        let mut rest = bytes;
        for _ in 0..MAX_FIELDS {
            if rest.is_empty() {
                return Ok(command);
            }
            let (tag, value, after) = field(rest)?;
            command.take(tag, value);
            rest = after;
        }
        if rest.is_empty() { Ok(command) } else { Err(CommandError::Many) }
    }

    fn take(&mut self, element: u16, value: &[u8]) {
        match element {
            0x0002 => self.affected_class = uid(value),
            0x0003 => self.requested_class = uid(value),
            0x0100 => self.field = number(value),
            0x0110 => self.message = number(value),
            0x0120 => self.responded_to = number(value),
            0x0700 => self.priority = number(value),
            0x0800 => self.with_data = number(value).map(|kind| kind != 0x0101),
            0x0900 => self.status = number(value),
            0x0901 => self.offending = value.chunks_exact(4).filter_map(tag).collect(),
            0x0902 => self.comment = Some(words(value)),
            0x0903 => self.error_id = number(value),
            0x1000 => self.affected_instance = uid(value),
            0x1001 => self.requested_instance = uid(value),
            _ => {}
        }
    }

    /// The command set as it is sent, its group length first.
    pub fn write(&self) -> Vec<u8> {
        let mut fields = Vec::with_capacity(160);
        let mut put = |element: u16, vr: VR, value: &[u8]| {
            write_element(&mut fields, Syntax::Implicit, Tag(0, element), vr, value);
        };
        let texts = [(0x0002, &self.affected_class), (0x0003, &self.requested_class)];
        for (element, text) in texts.into_iter().filter_map(|(at, text)| Some((at, text.as_ref()?)))
        {
            put(element, VR::UI, text.as_bytes());
        }
        let numbers = [
            (0x0100, self.field),
            (0x0110, self.message),
            (0x0120, self.responded_to),
            (0x0700, self.priority),
            (0x0800, Some(if self.with_data == Some(true) { 0x0001 } else { 0x0101 })),
            (0x0900, self.status),
        ];
        for (element, number) in numbers.into_iter().filter_map(|(at, number)| Some((at, number?)))
        {
            put(element, VR::US, &number.to_le_bytes());
        }
        if !self.offending.is_empty() {
            let tags: Vec<u8> = self.offending.iter().copied().flat_map(tag_bytes).collect();
            put(0x0901, VR::AT, &tags);
        }
        if let Some(comment) = &self.comment {
            // A command set has no character set but ASCII (PS3.7 section 6.3.1).
            let plain: String = comment.chars().filter(char::is_ascii).collect();
            put(0x0902, VR::LO, plain.as_bytes());
        }
        if let Some(id) = self.error_id {
            put(0x0903, VR::US, &id.to_le_bytes());
        }
        let texts = [(0x1000, &self.affected_instance), (0x1001, &self.requested_instance)];
        for (element, text) in texts.into_iter().filter_map(|(at, text)| Some((at, text.as_ref()?)))
        {
            put(element, VR::UI, text.as_bytes());
        }
        let length = u32::try_from(fields.len()).unwrap_or(0);
        let mut out = Vec::with_capacity(fields.len() + 12);
        write_element(&mut out, Syntax::Implicit, Tag(0, 0), VR::UL, &length.to_le_bytes());
        out.extend_from_slice(&fields);
        out
    }
}

/// One element: its number, its value, and what follows.
fn field(bytes: &[u8]) -> Result<(u16, &[u8], &[u8]), CommandError> {
    let (header, rest) = bytes.split_first_chunk::<8>().ok_or(CommandError::Torn)?;
    let [g0, g1, e0, e1, l0, l1, l2, l3] = *header;
    if (g0, g1) != (0, 0) {
        return Err(CommandError::Group);
    }
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3]));
    let (value, rest) =
        length.ok().and_then(|length| rest.split_at_checked(length)).ok_or(CommandError::Torn)?;
    Ok((u16::from_le_bytes([e0, e1]), value, rest))
}

fn number(value: &[u8]) -> Option<u16> {
    value.try_into().ok().map(u16::from_le_bytes)
}

fn uid(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?.trim_matches([' ', '\0']);
    (!text.is_empty() && text.len() <= 64).then(|| text.to_string())
}

fn words(value: &[u8]) -> String {
    let text: String = value.iter().take(MAX_COMMENT).map(|byte| char::from(*byte)).collect();
    text.trim_matches([' ', '\0']).to_string()
}

fn tag(bytes: &[u8]) -> Option<Tag> {
    let [g0, g1, e0, e1] = *bytes.first_chunk::<4>()?;
    Some(Tag(u16::from_le_bytes([g0, g1]), u16::from_le_bytes([e0, e1])))
}

fn tag_bytes(tag: Tag) -> [u8; 4] {
    let ([g0, g1], [e0, e1]) = (tag.group().to_le_bytes(), tag.element().to_le_bytes());
    [g0, g1, e0, e1]
}
