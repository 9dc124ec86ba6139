//! A real mail server (aiosmtpd), started for one test on a free port and gone with it. The script
//! is the one that the tests of `cauda-post` use.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cauda_post::{Email, Encryption, SmtpSettings};
use serde_json::Value;

const NEEDED: &str = "these tests send to aiosmtpd: run tests/smtp/install, or name a Python that \
    has it in CAUDA_SMTP_PYTHON";

pub struct MailServer {
    port: u16,
    told: Lines<BufReader<ChildStdout>>,
    child: Child,
    watched: Option<ChildStdin>,
}

impl MailServer {
    pub fn start() -> MailServer {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../post/tests/it/mail_server.py");
        let mut command = Command::new(python());
        command.args(["-I", "-W", "ignore", script, "{}"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect(NEEDED);
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let watched = child.stdin.take();
        let mut server = MailServer { port: 0, told, child, watched };
        server.port = server.next()["port"].as_u64().unwrap().try_into().unwrap();
        server
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.told.next().expect(NEEDED).unwrap()).unwrap()
    }

    /// The next mail it took; waits for it.
    pub fn mail(&mut self) -> Mail {
        loop {
            let told = self.next();
            if told["step"] == "DATA" {
                return Mail(told);
            }
        }
    }

    pub fn settings(&self) -> SmtpSettings {
        SmtpSettings {
            port: Some(self.port),
            encryption: Encryption::None,
            ..SmtpSettings::new("127.0.0.1", Email::parse("er@example.org").unwrap())
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.watched.take());
        self.child.wait().unwrap();
    }
}

pub struct Mail(Value);

impl Mail {
    fn header(&self, name: &str) -> String {
        let headers = self.0["headers"].as_array().unwrap().iter();
        let mut of_name = headers.filter(|one| one[0].as_str().unwrap().eq_ignore_ascii_case(name));
        of_name.next().unwrap()[1].as_str().unwrap().to_string()
    }

    pub fn to(&self) -> String {
        self.header("To")
    }

    pub fn subject(&self) -> String {
        self.header("Subject")
    }

    pub fn id(&self) -> String {
        self.header("Message-ID")
    }

    pub fn text(&self) -> String {
        self.0["text"].as_str().unwrap().replace("\r\n", "\n")
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
