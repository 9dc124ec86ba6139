//! Lines from the keyboard, each after its prompt, within limits.

use std::io::{BufRead, Read};

use crate::error::CliError;

/// Most lines read in one interview.
const LINES_MAX: usize = 5_000;
/// Longest line read, in bytes.
const LINE_BYTES_MAX: u64 = 1_024;

/// The keyboard, and how many lines came from it.
pub struct Keyboard<Input> {
    input: Input,
    lines: usize,
}

impl<Input: BufRead> Keyboard<Input> {
    /// A keyboard of which nothing was read yet.
    pub fn new(input: Input) -> Keyboard<Input> {
        Keyboard { input, lines: 0 }
    }

    /// Lines typed so far: the actions of the person.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// One line, without blanks around it; `None` at the end of the input or
    /// past the limit. A line that is too long is not read as an answer.
    ///
    /// # Errors
    /// A keyboard that cannot be read.
    pub fn line(&mut self) -> Result<Option<String>, CliError> {
        loop {
            if self.lines == LINES_MAX {
                crate::out::line(&format!("more than {LINES_MAX} lines: stopped"));
                return Ok(None);
            }
            crate::out::print("> ");
            let bytes = self.bytes()?;
            if bytes.is_empty() {
                crate::out::line("");
                return Ok(None);
            }
            self.lines += 1;
            if bytes.ends_with(b"\n") || (bytes.len() as u64) < LINE_BYTES_MAX {
                return Ok(Some(String::from_utf8_lossy(&bytes).trim().to_string()));
            }
            crate::out::line("Nothing was recorded: that line is too long.");
            let mut rest = bytes;
            while !rest.is_empty() && !rest.ends_with(b"\n") {
                rest = self.bytes()?;
            }
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, CliError> {
        let mut bytes = Vec::new();
        let mut limited = (&mut self.input).take(LINE_BYTES_MAX);
        match limited.read_until(b'\n', &mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => {
                Err(CliError::Unreadable { path: "the keyboard".into(), why: error.to_string() })
            }
        }
    }
}
