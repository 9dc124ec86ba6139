//! Messages: a command set and perhaps a data set, cut into fragments on the wire
//! (PS3.8 §9.3.5 and annex E).

use crate::command::{Command, MAX_COMMAND};
use crate::error::MessageError;

/// Bytes of one data set that is received; a performed step has about 130 for each image.
pub const MAX_DATA: usize = 2 * 1024 * 1024;
/// The longest P-DATA PDU that is sent, whatever the other side would take.
pub const MAX_SENT_PDU: usize = 64 * 1024;
/// The shortest that is thought of; whoever takes less gets this.
const MIN_SENT_PDU: usize = 128;

/// A message that has arrived whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its presentation context.
    pub context: u8,
    /// What is asked or answered.
    pub command: Command,
    /// The bytes of the data set, in the transfer syntax of the context.
    pub data: Option<Vec<u8>>,
}

// The data set holds names: nothing of it may reach a log.
impl std::fmt::Debug for Message {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.data.as_ref().map(Vec::len);
        write!(out, "Message({}, {:?}, {length:?} bytes)", self.context, self.command)
    }
}

/// Puts fragments together, one message at a time.
#[derive(Default)]
pub struct Assembler {
    context: Option<u8>,
    command_bytes: Vec<u8>,
    command: Option<Command>,
    data: Vec<u8>,
}

impl std::fmt::Debug for Assembler {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Assembler({:?})", self.context)
    }
}

impl Assembler {
    /// Takes one fragment; gives the message when it was the last one.
    ///
    /// # Errors
    /// [`MessageError`]; nothing sensible can follow, the association is to be aborted.
    pub fn push(
        &mut self,
        context: u8,
        of_command: bool,
        last: bool,
        bytes: &[u8],
    ) -> Result<Option<Message>, MessageError> {
        if *self.context.get_or_insert(context) != context {
            return Err(MessageError::Mixed);
        }
        if of_command {
            self.push_command(context, last, bytes)
        } else {
            self.push_data(context, last, bytes)
        }
    }

    fn push_command(
        &mut self,
        context: u8,
        last: bool,
        bytes: &[u8],
    ) -> Result<Option<Message>, MessageError> {
        if self.command.is_some() {
            return Err(MessageError::Order);
        }
        if self.command_bytes.len() + bytes.len() > MAX_COMMAND {
            return Err(crate::error::CommandError::Large.into());
        }
        self.command_bytes.extend_from_slice(bytes);
        if !last {
            return Ok(None);
        }
        let command = Command::read(&std::mem::take(&mut self.command_bytes))?;
        if command.with_data == Some(true) {
            self.command = Some(command);
            return Ok(None);
        }
        self.context = None;
        Ok(Some(Message { context, command, data: None }))
    }

    fn push_data(
        &mut self,
        context: u8,
        last: bool,
        bytes: &[u8],
    ) -> Result<Option<Message>, MessageError> {
        if self.command.is_none() {
            return Err(MessageError::Order);
        }
        if self.data.len() + bytes.len() > MAX_DATA {
            return Err(MessageError::Large);
        }
        self.data.extend_from_slice(bytes);
        if !last {
            return Ok(None);
        }
        self.context = None;
        let data = Some(std::mem::take(&mut self.data));
        Ok(self.command.take().map(|command| Message { context, command, data }))
    }
}

/// Appends a message as P-DATA PDUs, none longer than the other side takes (0: no limit).
pub fn write(
    out: &mut Vec<u8>,
    context: u8,
    command: &Command,
    data: Option<&[u8]>,
    peer_max: u32,
) {
    fragments(out, context, true, &command.write(), peer_max);
    if let Some(data) = data {
        fragments(out, context, false, data, peer_max);
    }
}

/// Appends one part of a message as P-DATA PDUs of one fragment each; command and data set share
/// none, because there are scanners that cannot take them apart.
pub(crate) fn fragments(
    out: &mut Vec<u8>,
    context: u8,
    of_command: bool,
    bytes: &[u8],
    peer_max: u32,
) {
    let wanted = if peer_max == 0 { MAX_SENT_PDU } else { peer_max as usize };
    let room = wanted.clamp(MIN_SENT_PDU, MAX_SENT_PDU) - 6;
    let size = room - room % 2;
    let mut rest = bytes;
    loop {
        let (part, after) = rest.split_at(rest.len().min(size));
        rest = after;
        let length = u32::try_from(part.len() + 2).unwrap_or(2);
        out.extend_from_slice(&[0x04, 0x00]);
        out.extend_from_slice(&(length + 4).to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        let last = if rest.is_empty() { 2 } else { 0 };
        out.extend_from_slice(&[context, u8::from(of_command) | last]);
        out.extend_from_slice(part);
        if rest.is_empty() {
            return;
        }
    }
}
