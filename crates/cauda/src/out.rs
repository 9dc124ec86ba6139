//! Writing to standard output. A reader that has seen enough (`| head`) is no
//! fault: the rest is simply not written.

use std::io::{ErrorKind, Write};

/// Writes a text.
pub fn print(text: &str) {
    let written = anstream::stdout().lock().write_all(text.as_bytes());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => anstream::eprintln!("error: cannot write the output: {error}"),
    }
}

/// Writes a text and ends the line.
pub fn line(text: &str) {
    print(&format!("{text}\n"));
}
