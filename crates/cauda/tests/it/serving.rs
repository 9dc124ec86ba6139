//! `cauda serve` as it is started by a person: a program of its own, ended when the test ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::thread::JoinHandle;

use crate::run::{command, root};

/// A server that answers, or one that refused to start.
pub enum Started {
    Serving(Serving),
    /// Its exit code and what it said.
    Refused(Option<i32>, String),
}

pub struct Serving {
    child: Child,
    /// What it said until it answered.
    pub said: String,
    _out: BufReader<ChildStdout>,
    log: Option<JoinHandle<String>>,
}

/// Starts it, and waits until it answers or ends.
pub fn serve(arguments: &[&str]) -> Started {
    serve_in(&root(), arguments)
}

/// The same in a folder.
pub fn serve_in(folder: &Path, arguments: &[&str]) -> Started {
    let mut child = command(&[&["serve"], arguments].concat())
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut errors = child.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = errors.read_to_string(&mut text);
        text
    });
    let mut said = String::new();
    while out.read_line(&mut said).unwrap() > 0 {
        // What follows is written in one go with it, and ends with HL7 where that is taken.
        let lines = said.lines().count();
        if said.contains("Cauda answers at") && lines >= lines_of(folder, arguments) {
            let log = Some(reading);
            return Started::Serving(Serving { child, said, _out: out, log });
        }
    }
    let code = child.wait().unwrap().code();
    Started::Refused(code, reading.join().unwrap())
}

/// How many lines a server says: where it is, how to sign in, and each further line it listens on.
fn lines_of(folder: &Path, arguments: &[&str]) -> usize {
    let config = arguments.iter().skip_while(|one| **one != "--config").nth(1);
    let text =
        config.map(|path| std::fs::read_to_string(folder.join(path)).unwrap()).unwrap_or_default();
    let further = ["[dicom]", "[hl7]"].iter().filter(|part| text.contains(**part)).count();
    3 + further
}

impl Serving {
    /// The address after these words.
    pub fn after(&self, words: &str) -> String {
        let (_, rest) = self.said.split_once(words).unwrap_or_else(|| panic!("{}", self.said));
        rest.split_whitespace().next().unwrap().to_string()
    }
}

impl Serving {
    /// Ends it; what it wrote into its log.
    pub fn log(mut self) -> String {
        self.end();
        self.log.take().map(|log| log.join().unwrap()).unwrap_or_default()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.end();
    }
}
