//! A system that is told of orders, in Python by others (`crates/hl7/tests/peer`): it says what it
//! was sent, and answers as the test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver as Channel, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

const NEEDED: &str = "these tests speak to hl7: run crates/hl7/tests/peer/install, or name a Python \
    that has it in CAUDA_HL7_PYTHON";
/// How long a message may take to come before a test fails.
const LIMIT: Duration = Duration::from_secs(60);
/// How long is waited before the clock is moved on once more.
const MOMENT: Duration = Duration::from_millis(200);

pub struct Other {
    told: Channel<Value>,
    child: Child,
    input: Option<ChildStdin>,
    pub port: u16,
}

impl Other {
    /// Answers each message with the code that the test gives.
    pub fn asked() -> Other {
        Other::start(&json!({"do": "take", "say": "ask"}))
    }

    /// The same at that port, as one that was away and is back.
    pub fn asked_at(port: u16) -> Other {
        Other::start(&json!({"do": "take", "say": "ask", "port": port}))
    }

    /// Reads Latin-1 and takes everything.
    pub fn latin1() -> Other {
        Other::start(&json!({"do": "take", "say": "AA", "encoding": "latin-1"}))
    }

    /// Takes everything.
    pub fn willing() -> Other {
        Other::start(&json!({"do": "take", "say": "AA"}))
    }

    fn start(settings: &Value) -> Other {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../hl7/tests/peer/peer.py");
        let mut command = Command::new(python());
        command.args(["-I", "-W", "ignore", script, &settings.to_string()]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect(NEEDED);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str::<Value>(&line).unwrap());
            }
        });
        let input = child.stdin.take();
        let mut other = Other { told, child, input, port: 0 };
        other.port = other.next()["port"].as_u64().unwrap().try_into().unwrap();
        other
    }

    /// The next message; its answer is still open if it is asked for.
    pub fn next(&mut self) -> Value {
        self.told.recv_timeout(LIMIT).expect(NEEDED)
    }

    /// The next message, if one comes within a moment; a wait of the department may not be over.
    pub fn soon(&mut self) -> Result<Value, RecvTimeoutError> {
        self.told.recv_timeout(MOMENT)
    }

    /// Answers the message that came.
    pub fn answer(&mut self, code: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{code}").unwrap();
        input.flush().unwrap();
    }

    /// The next message, which is taken.
    pub fn taken(&mut self) -> Value {
        let message = self.next();
        self.answer("AA");
        message
    }

    /// The next message about the order of that accession number; others are taken.
    pub fn about(&mut self, accession: &str) -> Value {
        loop {
            let message = self.next();
            if field(&message, "OBR", 18) == accession {
                return message;
            }
            self.answer("AA");
        }
    }

    /// Gone, as when its host is switched off.
    pub fn away(self) -> u16 {
        self.port
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.child.kill());
        self.child.wait().unwrap();
    }
}

/// A field of a message.
pub fn field(message: &Value, segment: &str, number: usize) -> String {
    message["fields"][segment][number].as_str().unwrap_or_default().to_string()
}

fn python() -> String {
    std::env::var("CAUDA_HL7_PYTHON").unwrap_or_else(|_| {
        let cache = std::env::var("XDG_CACHE_HOME")
            .unwrap_or_else(|_| format!("{}/.cache", std::env::var("HOME").unwrap_or_default()));
        format!("{cache}/cauda/hl7/bin/python")
    })
}
