//! Writing to standard output. A reader that has seen enough (`| head`) is no
//! fault: the rest is simply not written.

use std::io::{ErrorKind, Write};

/// Width of a text in a pipe, and the widest on a screen.
const WIDTH: usize = 96;
/// Narrowest screen texts are wrapped for.
const WIDTH_MIN: usize = 24;

/// Writes a text, all of it, now: a prompt is seen before the answer to it is
/// read.
pub fn print(text: &str) {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
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

/// Columns of the screen, within limits; in a pipe always the same.
pub fn width() -> usize {
    let screen = terminal_size::terminal_size_of(std::io::stdout());
    screen.map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(WIDTH_MIN, WIDTH))
}
