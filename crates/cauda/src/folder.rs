//! Guideline folders on disk, and the one inside the program.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use cauda_guideline::{FILES_MAX, FOLDER_BYTES_MAX, Folder};

use crate::error::CliError;

mod shipped {
    include!(concat!(env!("OUT_DIR"), "/guideline.rs"));
}

/// The receipt of the guideline inside the program, which `./test` writes anew.
const RECEIPT: &str = include_str!("../../../guidelines/back_pain.receipt.toml");

/// The guideline inside the program.
pub fn shipped() -> Folder {
    let files = shipped::FILES.iter().filter(|(path, _)| Folder::takes(path));
    Folder { files: files.map(|(path, text)| (path.to_string(), text.to_string())).collect() }
}

/// Its receipt.
pub fn shipped_receipt() -> &'static str {
    RECEIPT
}

/// Reads a folder. Files that are no part of a guideline are left alone.
///
/// # Errors
/// A file that cannot be read, or a folder beyond the limits.
pub fn read(root: &Path) -> Result<Folder, CliError> {
    let mut folder = Folder::default();
    let mut bytes = 0;
    for part in parts(root)? {
        for path in entries(&part)? {
            let Some(name) = name_in(root, &path).filter(|name| Folder::takes(name)) else {
                continue;
            };
            let text = read_text(&path, FOLDER_BYTES_MAX)?;
            bytes += text.len();
            folder.files.insert(name, text);
            if bytes > FOLDER_BYTES_MAX || folder.files.len() > FILES_MAX {
                let why =
                    format!("it holds more than {FOLDER_BYTES_MAX} bytes or {FILES_MAX} files");
                return Err(CliError::Unreadable { path: root.to_path_buf(), why });
            }
        }
    }
    Ok(folder)
}

/// Reads a text of at most `limit` bytes.
///
/// # Errors
/// When it cannot be read, is longer, or is not UTF-8.
pub fn read_text(path: &Path, limit: usize) -> Result<String, CliError> {
    let unreadable = |why: String| CliError::Unreadable { path: path.to_path_buf(), why };
    let file = fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    read_limited(file, limit).map_err(unreadable)
}

/// Reads at most `limit` bytes of UTF-8.
///
/// # Errors
/// One sentence.
pub fn read_limited(source: impl Read, limit: usize) -> Result<String, String> {
    let mut bytes = Vec::new();
    source.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!(
            "it is not UTF-8 text (byte {}); save it as UTF-8",
            error.utf8_error().valid_up_to()
        )
    })
}

/// Replaces a file at once: the new text is written beside it and moved over.
///
/// # Errors
/// When it cannot be written; the old file is then as it was.
pub fn replace(path: &Path, text: &str) -> Result<(), CliError> {
    let unwritable = |error: std::io::Error| CliError::Unwritable {
        path: path.to_path_buf(),
        why: error.to_string(),
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, text).map_err(unwritable)?;
    fs::rename(&beside, path).map_err(|error| {
        let _ = fs::remove_file(&beside);
        unwritable(error)
    })
}

/// Deepest folder that holds a part of a guideline: `options/<id>/red_flags`.
const DEPTH_MAX: usize = 3;

fn parts(root: &Path) -> Result<Vec<PathBuf>, CliError> {
    let mut parts = vec![root.to_path_buf()];
    let mut level = parts.clone();
    for _ in 0..DEPTH_MAX {
        let mut deeper = Vec::new();
        for part in &level {
            deeper.extend(entries(part)?.into_iter().filter(|path| path.is_dir()));
        }
        parts.extend_from_slice(&deeper);
        level = deeper;
        if parts.len() > FILES_MAX {
            let why = format!("it holds more than {FILES_MAX} folders");
            return Err(CliError::Unreadable { path: root.to_path_buf(), why });
        }
    }
    Ok(parts)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable = |error: std::io::Error| CliError::Unreadable {
        path: folder.to_path_buf(),
        why: error.to_string(),
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        found.push(entry.map_err(unreadable)?.path());
    }
    found.sort();
    Ok(found)
}

fn name_in(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    path.is_file().then(|| parts.map(|parts| parts.join("/"))).flatten()
}
