//! Signed heads that were carried out of the record: a line of JSON each, by themselves or in an
//! export, whose last line is one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use cauda_store::SignedHead;
use serde::Deserialize;

use crate::error::CliError;

/// Most heads of all files together.
const HEADS_MAX: usize = 100_000;
/// Longest line, in bytes; the lines of an export are shorter.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// A line of an export, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Record(serde::de::IgnoredAny),
    Event(serde::de::IgnoredAny),
    Head(SignedHead),
    End(SignedHead),
}

/// Reads the heads of files.
///
/// # Errors
/// A file that cannot be read, holds something else, or no head; a head that its own key has not
/// signed.
pub fn read(files: &[PathBuf]) -> Result<Vec<SignedHead>, CliError> {
    let mut heads = Vec::new();
    for file in files {
        let before = heads.len();
        of_file(file, &mut heads)?;
        if heads.len() == before {
            return Err(unreadable(file, "it holds no signed head".into()));
        }
    }
    Ok(heads)
}

fn of_file(file: &Path, heads: &mut Vec<SignedHead>) -> Result<(), CliError> {
    let opened = File::open(file).map_err(|error| unreadable(file, error.to_string()))?;
    let mut opened = BufReader::new(opened);
    let mut text = Vec::new();
    for line in 1_u64.. {
        text.clear();
        let read = (&mut opened).take(LINE_BYTES_MAX).read_until(b'\n', &mut text);
        if read.map_err(|error| unreadable(file, error.to_string()))? == 0 {
            break;
        }
        // What the line holds is not repeated: it may be of a patient.
        let head = of_line(&text).ok_or_else(|| {
            unreadable(file, format!("line {line} is neither a signed head nor of an export"))
        })?;
        let Some(head) = head else { continue };
        if !head.key().is_some_and(|key| head.is_signed_by(&key)) {
            return Err(unreadable(file, format!("the signature in line {line} is wrong")));
        }
        if heads.len() == HEADS_MAX {
            return Err(unreadable(file, format!("there are more than {HEADS_MAX} heads")));
        }
        heads.push(head);
    }
    Ok(())
}

/// A head; nothing for another line of an export; `None` for anything else.
fn of_line(text: &[u8]) -> Option<Option<SignedHead>> {
    if let Ok(head) = serde_json::from_slice::<SignedHead>(text) {
        return Some(Some(head));
    }
    match serde_json::from_slice::<Line>(text).ok()? {
        Line::Head(head) | Line::End(head) => Some(Some(head)),
        Line::Record(_) | Line::Event(_) => Some(None),
    }
}

fn unreadable(file: &Path, why: String) -> CliError {
    CliError::Unreadable { path: file.to_path_buf(), why }
}
