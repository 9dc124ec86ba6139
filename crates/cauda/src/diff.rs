//! `cauda diff`: what a new version of a guideline says otherwise, and whom it
//! answers otherwise.

pub mod answered;
mod report;
pub mod written;

use std::path::{Path, PathBuf};

use cauda_guideline::{Guideline, load, load_checked};
use cauda_proof::difference::Difference;
use serde::Serialize;

use self::answered::Answered;
use self::written::Written;
use crate::args::Diff;
use crate::error::CliError;
use crate::{folder, guideline, shares};

/// A version as it is named on the command line.
#[derive(Debug, Serialize)]
pub struct Version {
    /// Its folder; none is the guideline inside the program.
    pub folder: Option<PathBuf>,
    /// `back_pain`
    pub id: String,
    /// `0.1.0`
    pub version: String,
    /// SHA-256 of its files.
    pub sha256: String,
}

/// Everything the command found.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The old version.
    pub old: Version,
    /// The new one.
    pub new: Version,
    /// What is written otherwise.
    pub written: Written,
    /// What is answered otherwise.
    pub answered: Answered,
}

/// Runs the command; the number is the exit code: 0 when every patient is
/// answered as before, 1 when not.
///
/// # Errors
/// A folder that cannot be read or compiled, or too many decisions to compare.
pub fn run(args: &Diff) -> Result<u8, CliError> {
    let (old, new) = match args.folders.as_slice() {
        [new] => (None, Some(new)),
        [old, new] => (Some(old), Some(new)),
        _ => return Err(CliError::Internal("one or two folders".into())),
    };
    let (old_folder, new_folder) = (place(old), place(new));
    let (old, new) = (open(old_folder)?, open(new_folder)?);
    let difference = Difference::new(&old, &new).map_err(shares::uncounted)?;
    let shown = Shown {
        answered: Answered::new([&old, &new], [old_folder, new_folder], &difference)?,
        written: Written::new(&old, &new),
        old: version(&old, old_folder),
        new: version(&new, new_folder),
    };
    if args.json {
        let text = serde_json::to_string_pretty(&shown)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    } else {
        crate::out::print(&report::text(&shown, args.all));
    }
    Ok(u8::from(difference.is_any()))
}

/// `-` is the guideline inside the program.
fn place(folder: Option<&PathBuf>) -> Option<&Path> {
    folder.map(PathBuf::as_path).filter(|path| *path != Path::new("-"))
}

fn version(guideline: &Guideline, folder: Option<&Path>) -> Version {
    Version {
        folder: folder.map(Path::to_path_buf),
        id: guideline.id.clone(),
        version: guideline.version.clone(),
        sha256: guideline.sha256.clone(),
    }
}

/// Reads a version that compiles. One whose cases fail is compared, too: the
/// comparison may show why.
///
/// # Errors
/// A folder that cannot be read, or does not compile.
pub fn open(dir: Option<&Path>) -> Result<Guideline, CliError> {
    let Some(dir) = dir else {
        return load_checked(&folder::shipped()).map_err(|faults| {
            CliError::Internal(format!("the shipped guideline has {} faults", faults.len()))
        });
    };
    let files = folder::read(dir)?;
    let faults = match load(&files) {
        Ok((guideline, _)) => return Ok(guideline),
        Err(faults) => faults,
    };
    match load_checked(&files) {
        Ok(guideline) => {
            anstream::eprintln!(
                "{0} has faults that `cauda check {0}` shows; it is compared as it is, \
                 and `cauda assess` refuses it until they are mended",
                dir.display()
            );
            Ok(guideline)
        }
        Err(_) => {
            guideline::show_faults(&files, dir, &faults);
            Err(CliError::Guideline(dir.to_path_buf()))
        }
    }
}
