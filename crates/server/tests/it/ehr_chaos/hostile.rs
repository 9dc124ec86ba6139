//! A FHIR server that means no good.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// How a FHIR server can be hostile.
#[derive(Clone, Copy, Debug)]
pub enum Hostile {
    /// Takes the question and says nothing.
    Silent,
    /// Sends half of what it announces.
    Half,
    /// Sends without end.
    Endless,
    /// Hangs up.
    Gone,
    /// A page to sign in, with status 200.
    Page,
    /// JSON deeper than anybody writes.
    Deep,
    /// The findings, and then the same field once more, empty.
    Twice,
}

impl Hostile {
    fn answer(self, line: &mut TcpStream, found: &str) -> std::io::Result<()> {
        let good = |line: &mut TcpStream, kind: &str, text: &str, announced: usize| {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n");
            let head = format!("{head}content-length: {announced}\r\n\r\n");
            line.write_all(head.as_bytes())?;
            line.write_all(text.as_bytes())
        };
        let fhir = "application/fhir+json";
        match self {
            Hostile::Silent => Ok(()),
            Hostile::Half => good(line, fhir, &found[..found.len() / 2], found.len()),
            Hostile::Endless => {
                good(line, fhir, &found[..found.len() - 1], usize::MAX / 2)?;
                loop {
                    line.write_all(&[b' '; 4_096])?;
                }
            }
            Hostile::Gone => line.shutdown(std::net::Shutdown::Both),
            Hostile::Page => {
                let page = "<!DOCTYPE html><title>Sign in</title>";
                good(line, "text/html", page, page.len())
            }
            Hostile::Deep => {
                let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
                good(line, fhir, &deep, deep.len())
            }
            Hostile::Twice => {
                let twice = found.replacen("\"entry\"", "\"entry\":[],\"entry\"", 1);
                let twice = format!("{},\"entry\":[]}}", &twice[..twice.len() - 1]);
                good(line, fhir, &twice, twice.len())
            }
        }
    }

    /// Listens, and answers one line after the other in these ways where it was to say what is
    /// `found`; each line that the other side has let go of is told.
    pub fn listen(all: Vec<Hostile>, found: &str) -> (String, Receiver<Hostile>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let (let_go, told) = channel();
        let found = found.to_string();
        std::thread::spawn(move || {
            for hostile in all {
                let Ok((line, _)) = listener.accept() else { return };
                hostile.serve(line, &found, &let_go);
            }
        });
        (base, told)
    }

    fn serve(self, mut line: TcpStream, found: &str, let_go: &Sender<Hostile>) {
        let mut asked = [0; 8_192];
        if line.read(&mut asked).is_ok() && self.answer(&mut line, found).is_ok() {
            // Nothing more comes, until whoever asked has had enough.
            while line.read(&mut asked).is_ok_and(|read| read > 0) {}
        }
        // Nobody may be left who wants to know.
        let_go.send(self).ok();
    }
}
