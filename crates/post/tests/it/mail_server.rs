//! The mail server, started for one test on a free port, and gone with it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cauda_post::{Encryption, Smtp, SmtpSettings};
use serde_json::{Value, json};

use crate::house::{House, clock, sender};

const NEEDED: &str = "these tests send to aiosmtpd: run tests/smtp/install, or name a Python that \
    has it in CAUDA_SMTP_PYTHON";

pub struct MailServer {
    pub port: u16,
    told: Lines<BufReader<ChildStdout>>,
    child: Child,
    /// Closed with the test, which the server waits for.
    watched: Option<ChildStdin>,
}

impl MailServer {
    pub fn start(settings: &Value) -> MailServer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/mail_server.py");
        let mut command = Command::new(python());
        command.args(["-I", "-W", "ignore", script, &settings.to_string()]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect(NEEDED);
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let watched = child.stdin.take();
        let mut server = MailServer { port: 0, told, child, watched };
        server.port = server.next()["port"].as_u64().unwrap().try_into().unwrap();
        server
    }

    /// One that takes everything, unencrypted.
    pub fn plain() -> MailServer {
        MailServer::start(&json!({}))
    }

    /// The next thing that happened there.
    pub fn next(&mut self) -> Value {
        let line = self.told.next().expect(NEEDED).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// The next mail it took.
    pub fn mail(&mut self) -> Mail {
        loop {
            let told = self.next();
            if told["step"] == "DATA" {
                return Mail(told);
            }
        }
    }

    /// Settings to reach it, unencrypted.
    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            port: Some(self.port),
            encryption: Encryption::None,
            ..SmtpSettings::new("127.0.0.1", sender())
        }
    }

    pub fn smtp(&self) -> Smtp {
        Smtp::open(&self.settings(), clock()).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.watched.take());
        self.child.wait().unwrap();
    }
}

/// A mail as the server's own parser read it.
pub struct Mail(pub Value);

impl Mail {
    pub fn header(&self, name: &str) -> Vec<&str> {
        let headers = self.0["headers"].as_array().unwrap().iter();
        headers.filter(|one| one[0] == name).map(|one| one[1].as_str().unwrap()).collect()
    }

    pub fn text(&self) -> String {
        self.0["text"].as_str().unwrap().replace("\r\n", "\n")
    }
}

/// What a server that encrypts is told.
pub fn encrypting(house: &House, encryption: &str) -> Value {
    json!({
        "encryption": encryption,
        "chain": house.path("chain.pem"),
        "key": house.path("key.pem"),
    })
}

/// Settings to reach one that encrypts.
pub fn encrypted(house: &House, encryption: Encryption, port: u16) -> SmtpSettings {
    SmtpSettings {
        port: Some(port),
        encryption,
        authority: Some(house.path("authority.pem")),
        ..SmtpSettings::new("localhost", sender())
    }
}

fn python() -> String {
    std::env::var("CAUDA_SMTP_PYTHON").unwrap_or_else(|_| {
        let cache = std::env::var("XDG_CACHE_HOME")
            .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cache")))
            .expect(NEEDED);
        format!("{cache}/cauda/smtp/bin/python")
    })
}
