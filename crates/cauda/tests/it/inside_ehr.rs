//! Who connects an EHR follows `docs/ehr.md`, command by command, and sees a card; what a token has
//! wrong stands in the log and nowhere else.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use cauda_jose::SigningKey;
use serde_json::{Value, json};

use crate::run::{Scratch, program, root};
use crate::serving::{Serving, Started, serve_in};

/// The address in the document.
const WRITTEN: &str = "127.0.0.1:7070";

/// Where it is tried.
const TRY: &str = "## Try it on one machine";

/// A fenced block: its kind and its lines.
type Block = (String, Vec<String>);

/// The blocks of the section of that heading.
fn blocks(heading: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join("docs/ehr.md")).unwrap();
    let (_, rest) = text.split_once(&format!("\n{heading}\n")).expect("the section");
    let section = rest.split("\n## ").next().unwrap();
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for line in section.lines() {
        match (line.strip_prefix("```"), open) {
            (Some(kind), false) => found.push((kind.to_string(), Vec::new())),
            (Some(_), true) => {}
            (None, true) => found.last_mut().unwrap().1.push(line.to_string()),
            (None, false) => continue,
        }
        open = line.starts_with("```") != open;
    }
    found
}

/// A folder with the program on the path, and the address that stands for the written one.
struct Bench {
    scratch: Scratch,
    path: String,
    at: String,
}

impl Bench {
    fn new(name: &str) -> Bench {
        let scratch = Scratch::new(name);
        let tools = PathBuf::from(scratch.path("tools"));
        fs::create_dir(&tools).unwrap();
        symlink(program(), tools.join("cauda")).unwrap();
        fs::create_dir(scratch.path("here")).unwrap();
        let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
        // Asked for and given back: the settings need a number before there is a server.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = free.local_addr().unwrap().to_string();
        Bench { scratch, path, at }
    }

    fn here(&self) -> PathBuf {
        PathBuf::from(self.scratch.path("here"))
    }

    fn read(&self, line: &str) -> String {
        line.replace(WRITTEN, &self.at)
    }

    /// Runs a line as a person types it; all that it printed.
    fn run(&self, line: &str) -> String {
        let ran = Command::new("bash")
            .args(["-c", line])
            .current_dir(self.here())
            .env("PATH", &self.path)
            .env_remove("CAUDA_CONFIG")
            .output()
            .unwrap();
        let text = [ran.stdout, ran.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(ran.status.success(), "{line}\n{text}");
        text
    }

    fn serve(&self, line: &str) -> Serving {
        let arguments: Vec<&str> = line.split(' ').skip(2).collect();
        match serve_in(&self.here(), &arguments) {
            Started::Serving(serving) => serving,
            Started::Refused(code, said) => panic!("{code:?} {said}"),
        }
    }
}

/// Whether the parts of a line between `…` stand in a text, one after the other.
fn shows(text: &str, line: &str) -> bool {
    let mut rest = text;
    line.split('…').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[test]
fn the_document_is_followed_to_a_card() {
    let bench = Bench::new("inside-ehr-document");
    let mut serving = None;
    let mut printed = String::new();
    for (kind, lines) in blocks(TRY) {
        if kind == "toml" {
            let text = bench.read(&(lines.join("\n") + "\n"));
            fs::write(bench.here().join("settings.toml"), text).unwrap();
            continue;
        }
        assert_eq!(kind, "console");
        let mut said = String::new();
        for line in lines {
            let line = bench.read(&line);
            match line.strip_prefix("$ ") {
                Some(command) if command.starts_with("cauda serve") => {
                    let started = bench.serve(command);
                    said = started.said.clone();
                    serving = Some(started);
                }
                Some(command) => {
                    said = bench.run(command);
                    printed += &said;
                }
                None => assert!(shows(&said, &line), "it says {line}\nand was\n{said}"),
            }
        }
    }
    let read = |name: &str| fs::read_to_string(bench.here().join(name)).unwrap();
    let mode =
        |name: &str| fs::metadata(bench.here().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ehr/key.pem"), mode("call/authorization.txt")), (0o600, 0o600));
    let log = serving.expect("a server").log();
    assert!(log.contains("its token was used before (jti)"), "{log}");
    let token = read("call/authorization.txt");
    let secret = read("ehr/key.pem");
    for secret in [token.trim().rsplit(' ').next().unwrap(), secret.lines().nth(1).unwrap()] {
        assert!(!printed.contains(secret) && !log.contains(secret), "a secret was shown");
    }
    // The other addresses that it signs for, once more with a server.
    let serving = bench.serve("cauda serve --config settings.toml");
    for (path, more, expect) in [
        ("/cds-services", "", "\"services\""),
        ("/cds-services/back-pain", "--json @call/body.json", "\"cards\""),
        ("/fhir/Questionnaire", "", "\"searchset\""),
    ] {
        let at = format!("http://{}{path}", bench.at);
        bench.run(&format!("cauda generate ehr-call --key ehr/key.pem --to {at} --out call"));
        let curl = format!("curl --silent --header @call/authorization.txt {more} {at}");
        let said = bench.run(&curl);
        assert!(said.contains(expect), "{path}: {said}");
    }
    drop(serving);
    let refused = Command::new(program())
        .args(["generate", "ehr-key", "ehr"])
        .current_dir(bench.here())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(3), "no key is overwritten");
}

#[test]
fn the_order_of_the_document_is_taken_and_each_printed_line_can_be_sent() {
    let bench = Bench::new("inside-ehr-order");
    bench.run("cauda generate ehr-key ehr");
    let (_, mut settings) = blocks(TRY).remove(1);
    let mut serving = None;
    for (kind, lines) in blocks("### Orders as ServiceRequest") {
        match kind.as_str() {
            "toml" => {
                settings.extend(lines);
                let text = bench.read(&(settings.join("\n") + "\n"));
                fs::write(bench.here().join("settings.toml"), text).unwrap();
                serving = Some(bench.serve("cauda serve --config settings.toml"));
            }
            "json" => fs::write(bench.here().join("order.json"), lines.join("\n")).unwrap(),
            _ => {
                let mut said = String::new();
                for line in lines {
                    let line = bench.read(&line);
                    match line.strip_prefix("$ ") {
                        Some(command) => said = bench.run(command),
                        None => assert!(shows(&said, &line), "it says {line}\nand was\n{said}"),
                    }
                }
            }
        }
    }
    // As it is printed, with a file of one's own, also where a shell reads signs of the address.
    let body = json!({ "resourceType": "Parameters", "parameter": [] }).to_string();
    fs::write(bench.here().join("my file.json"), body).unwrap();
    for (path, folder, expect) in [
        ("/fhir/Questionnaire/$populate", "call", "questionnaire is missing"),
        ("/fhir/Questionnaire/$next-question", "a call", "questionnaire-response is missing"),
        ("/cds-services/back-pain/feedback", "call", "feedback"),
        ("/fhir/Questionnaire", "call", "searchset"),
    ] {
        let to = format!("'http://{}{path}'", bench.at);
        let call = "cauda generate ehr-call --key ehr/key.pem --to";
        let printed = bench.run(&format!("{call} {to} --out '{folder}'"));
        let line = printed.lines().find(|line| line.starts_with("curl ")).unwrap();
        let said = bench.run(&line.replace("@YOUR-FILE", "'@my file.json'"));
        assert!(said.contains(expect), "{line}: {said}");
    }
    drop(serving);
}

/// A call with that token; the status, and whether there was a body.
fn call(folder: &Path, at: &str, token: &str) -> (String, bool) {
    let header = folder.join("header.txt");
    fs::write(&header, format!("Authorization: Bearer {token}\n")).unwrap();
    let ran = Command::new("curl")
        .args(["--silent", "--write-out", "%{http_code}", "--header"])
        .arg(format!("@{}", header.display()))
        .arg(at)
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    (text[text.len() - 3..].to_string(), text.len() > 3)
}

#[test]
fn the_log_names_the_claim_that_is_wrong_and_nothing_of_the_token() {
    let bench = Bench::new("inside-ehr-claims");
    bench.run("cauda generate ehr-key ehr");
    let (_, lines) = blocks(TRY).remove(1);
    fs::write(bench.here().join("settings.toml"), bench.read(&lines.join("\n"))).unwrap();
    let serving = bench.serve("cauda serve --config settings.toml");
    let pem = fs::read_to_string(bench.here().join("ehr/key.pem")).unwrap();
    let key = SigningKey::read(&pem).unwrap();
    let at = format!("http://{}/cds-services", bench.at);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let right = |number: usize| {
        json!({
            "iss": "https://ehr.example.org", "aud": at, "iat": now, "exp": now + 200,
            "jti": format!("canary-{number}"), "sub": "canary",
        })
    };
    let canary = || json!("canary");
    let cases: [(&str, Value, &str); 9] = [
        ("iss", json!(["canary"]), "the claim iss of"),
        ("iss", canary(), "the issuer of its token is not registered"),
        ("aud", json!({ "canary": 1 }), "the claim aud of"),
        ("aud", canary(), "aud must be exactly"),
        ("iat", canary(), "the claim iat of"),
        ("exp", canary(), "the claim exp of"),
        ("exp", json!(now), "its token ends before it begins"),
        ("exp", json!(1), "its token has expired (exp)"),
        ("jti", json!(7), "the claim jti of"),
    ];
    for (number, (name, value, _)) in cases.iter().enumerate() {
        let mut claims = right(number);
        claims[*name] = value.clone();
        let token = key.sign(&claims, &[]).unwrap();
        assert_eq!(call(&bench.here(), &at, &token), ("401".to_string(), false), "{name}");
    }
    let headed = [(("typ", "canary"), "(typ)"), (("jku", "https://canary.example"), "compare jku")];
    for (more, _) in &headed {
        let token = key.sign(&right(90), &[*more]).unwrap();
        assert_eq!(call(&bench.here(), &at, &token), ("401".to_string(), false), "{more:?}");
    }
    // One that is right, so that nothing else was wrong.
    let token = key.sign(&right(99), &[]).unwrap();
    assert_eq!(call(&bench.here(), &at, &token), ("200".to_string(), true));
    let log = serving.log();
    for said in cases.iter().map(|(.., said)| said).chain(headed.iter().map(|(_, said)| said)) {
        assert!(log.contains(said), "{said}\n{log}");
    }
    assert!(!log.contains("canary"), "{log}");
}
