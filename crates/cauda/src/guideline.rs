//! The way to a guideline that may be used: the one inside the program by its
//! receipt, any other by proof, every time.

use std::path::Path;

use cauda_guideline::diagnostic::{Diagnostic, Severity};
use cauda_guideline::site::{SITE_FILE, apply};
use cauda_guideline::{FILE_BYTES_MAX, Folder, Guideline, load, load_checked};
use cauda_proof::{Counterexamples, Proved, Receipt, prove};

use crate::diagnostics;
use crate::error::CliError;
use crate::{folder, story};

/// The guideline in `dir`, or the one inside the program, with the choices of a
/// site in it.
///
/// # Errors
/// When it cannot be read, has faults, or a property does not hold; the faults
/// and the patients that break it are shown.
pub fn open(dir: Option<&Path>, site: Option<&Path>) -> Result<Proved, CliError> {
    if dir.is_none() && site.is_none() {
        return shipped();
    }
    let path = site.or(dir).unwrap_or(Path::new("")).to_path_buf();
    prove(chosen(dir, site)?).map_err(|found| {
        show(&found);
        CliError::Guideline(path)
    })
}

/// A guideline with the choices of a site in it, not proved.
///
/// # Errors
/// When one of them cannot be read or has faults, which are shown.
pub fn chosen(dir: Option<&Path>, site: Option<&Path>) -> Result<Guideline, CliError> {
    let guideline = match dir {
        Some(dir) => checked(dir)?,
        None => {
            let (guideline, _) = load(&folder::shipped()).map_err(|faults| {
                CliError::Internal(format!("the shipped guideline has {} faults", faults.len()))
            })?;
            guideline
        }
    };
    let Some(site) = site else { return Ok(guideline) };
    let text = folder::read_text(site, FILE_BYTES_MAX)?;
    let mut files = guideline.folder.clone();
    files.files.insert(SITE_FILE.to_string(), text.clone());
    let refused = |faults: Vec<Diagnostic>| {
        show_faults(&files, site.parent().unwrap_or(Path::new("")), &faults);
        CliError::Guideline(site.to_path_buf())
    };
    let with = apply(&guideline, &text).map_err(refused)?;
    load_checked(&with).map_err(refused)
}

/// The guideline inside the program.
///
/// # Errors
/// When its receipt is of another guideline: the program was built wrongly.
pub fn shipped() -> Result<Proved, CliError> {
    let guideline = load_checked(&folder::shipped()).map_err(|faults| {
        CliError::Internal(format!("the shipped guideline has {} faults", faults.len()))
    })?;
    let receipt = Receipt::read(folder::shipped_receipt());
    receipt.and_then(|receipt| Proved::from_receipt(guideline, &receipt)).ok_or_else(|| {
        CliError::Internal(
            "the shipped guideline has no valid receipt: run `cauda verify --write-receipt`".into(),
        )
    })
}

/// Reads and checks a folder without proving it.
///
/// # Errors
/// When it cannot be read or has faults, which are shown.
pub fn checked(dir: &Path) -> Result<Guideline, CliError> {
    let files = folder::read(dir)?;
    match load(&files) {
        Ok((guideline, warnings)) => {
            show_faults(&files, dir, &warnings);
            Ok(guideline)
        }
        Err(faults) => {
            show_faults(&files, dir, &faults);
            Err(CliError::Guideline(dir.to_path_buf()))
        }
    }
}

/// Most faults shown at once.
const FAULTS_SHOWN: usize = 50;

/// Shows faults on standard error.
pub fn show_faults(files: &Folder, dir: &Path, faults: &[Diagnostic]) {
    for fault in faults.iter().take(FAULTS_SHOWN) {
        anstream::eprint!("{}", diagnostics::render(files, dir, fault));
    }
    if faults.len() > FAULTS_SHOWN {
        anstream::eprintln!("… and {} more", faults.len() - FAULTS_SHOWN);
    }
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    if errors > 0 {
        anstream::eprintln!(
            "{errors} {} in {}",
            if errors == 1 { "fault" } else { "faults" },
            dir.display()
        );
    }
}

fn show(found: &Counterexamples) {
    for counterexample in &found.broken {
        anstream::eprint!("{}", story::told(counterexample));
    }
    for (property, why) in &found.failed {
        anstream::eprintln!("{property} could not be decided: {why}");
    }
}
