//! Completions and manual pages, made from the arguments themselves.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::error::CliError;

/// Prints a completion script; the number is the exit code.
pub fn completions(shell: Shell) -> u8 {
    // Into a buffer first: the generator panics when standard output is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cauda", &mut script);
    crate::out::print(&String::from_utf8_lossy(&script));
    0
}

/// Writes a manual page for the program and for each command.
///
/// # Errors
/// When a page cannot be written.
pub fn man(dir: &Path) -> Result<u8, CliError> {
    let unwritable = |error: std::io::Error| CliError::Unwritable {
        path: dir.to_path_buf(),
        why: error.to_string(),
    };
    if !dir.is_dir() {
        return Err(CliError::Unwritable {
            path: dir.to_path_buf(),
            why: "it is not a folder".into(),
        });
    }
    clap_mangen::generate_to(Cli::command(), dir).map_err(unwritable)?;
    crate::out::line(&format!("manual pages written to {}", dir.display()));
    Ok(0)
}
