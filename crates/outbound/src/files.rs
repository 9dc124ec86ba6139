//! Secrets from files: never an argument, never printed.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::OutboundError;

/// Most bytes of a file with a secret.
const SECRET_BYTES_MAX: u64 = 4_096;
/// Most bytes of a file with certificates.
pub const CERTIFICATES_BYTES_MAX: u64 = 1_048_576;

/// The lines of a file that only its owner and its group may read.
///
/// # Errors
/// [`OutboundError::File`].
pub fn secret_lines(path: &Path) -> Result<Vec<String>, OutboundError> {
    let found = std::fs::metadata(path).map_err(|_| wrong(path, "it cannot be read"))?;
    if found.permissions().mode() & 0o007 != 0 {
        return Err(wrong(path, "everybody may read it; run chmod o= on it"));
    }
    let bytes = bounded(path, SECRET_BYTES_MAX)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong(path, "it is no text in UTF-8"))?;
    if text.contains('\0') {
        return Err(wrong(path, "it holds a zero byte"));
    }
    Ok(text.lines().map(str::to_string).collect())
}

/// All of a file that is not larger.
///
/// # Errors
/// [`OutboundError::File`].
pub fn bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, OutboundError> {
    let file = File::open(path).map_err(|_| wrong(path, "it cannot be read"))?;
    let mut bytes = Vec::new();
    let read = file.take(bytes_max + 1).read_to_end(&mut bytes);
    match read {
        Err(_) => Err(wrong(path, "it cannot be read")),
        Ok(_) if bytes.len() as u64 > bytes_max => Err(wrong(path, "it is too large")),
        Ok(_) => Ok(bytes),
    }
}

/// Says of a file what is wrong with it.
pub fn wrong(path: &Path, what: &'static str) -> OutboundError {
    OutboundError::File { path: path.to_path_buf(), what }
}
