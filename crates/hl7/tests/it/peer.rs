//! The other side in Python, started for one test and gone with it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const NEEDED: &str = "these tests speak to hl7 and hl7apy: run crates/hl7/tests/peer/install, or \
    name a Python that has them in CAUDA_HL7_PYTHON";

pub struct Peer {
    told: Lines<BufReader<ChildStdout>>,
    child: Child,
    /// Closed with the test, which a server waits for.
    watched: Option<ChildStdin>,
}

impl Peer {
    fn start(settings: &Value) -> Peer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peer/peer.py");
        let mut command = Command::new(python());
        command.args(["-I", "-W", "ignore", script, &settings.to_string()]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect(NEEDED);
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let watched = child.stdin.take();
        Peer { told, child, watched }
    }

    /// What it says of each of these messages, sent on one line.
    pub fn send(port: u16, messages: &[Vec<u8>]) -> Vec<Value> {
        Peer::start(&json!({"do": "send", "port": port, "messages": texts(messages)})).rest()
    }

    /// What hl7apy says of each.
    pub fn check(messages: &[Vec<u8>]) -> Vec<Value> {
        Peer::start(&json!({"do": "check", "messages": texts(messages)})).rest()
    }

    /// A server that answers with that code, and its port.
    pub fn take(say: &str) -> (Peer, u16) {
        let mut peer = Peer::start(&json!({"do": "take", "say": say}));
        let port = peer.next()["port"].as_u64().unwrap().try_into().unwrap();
        (peer, port)
    }

    pub fn next(&mut self) -> Value {
        let line = self.told.next().expect(NEEDED).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn rest(mut self) -> Vec<Value> {
        let all = std::iter::from_fn(|| self.told.next());
        all.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.watched.take());
        self.child.wait().unwrap();
    }
}

/// One character a byte.
fn texts(messages: &[Vec<u8>]) -> Vec<String> {
    let text = |message: &Vec<u8>| message.iter().map(|byte| char::from(*byte)).collect();
    messages.iter().map(text).collect()
}

fn python() -> String {
    std::env::var("CAUDA_HL7_PYTHON").unwrap_or_else(|_| {
        let cache = std::env::var("XDG_CACHE_HOME")
            .unwrap_or_else(|_| format!("{}/.cache", std::env::var("HOME").unwrap_or_default()));
        format!("{cache}/cauda/hl7/bin/python")
    })
}
