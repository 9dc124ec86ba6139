//! The way to a guideline that may be used: the one inside the program by its
//! receipt, any other by proof, every time.

use std::path::Path;

use cauda_guideline::diagnostic::{Diagnostic, Severity};
use cauda_guideline::{Folder, Guideline, load, load_checked};
use cauda_proof::{Counterexamples, Proved, Receipt, prove};

use crate::diagnostics;
use crate::error::CliError;
use crate::{folder, story};

/// The guideline in `dir`, or the one inside the program.
///
/// # Errors
/// When it cannot be read, has faults, or a property does not hold; the faults
/// and the patients that break it are shown.
pub fn open(dir: Option<&Path>) -> Result<Proved, CliError> {
    let Some(dir) = dir else { return shipped() };
    let guideline = checked(dir)?;
    prove(guideline).map_err(|found| {
        show(&found);
        CliError::Guideline(dir.to_path_buf())
    })
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
