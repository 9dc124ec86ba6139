//! The server as a process of its own, on a runtime as `cauda serve` makes it, and what of the two
//! cores it takes.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use cauda_cds_hooks::Hook;
use cauda_guideline::facts::Role;
use cauda_guideline::{Folder, Guideline, load_checked};
use cauda_jose::SigningKey;
use cauda_pathway::command::{Action, Found, SignedGroup};
use cauda_pathway::event::FindingSaid;
use cauda_pathway::identity::{Actor, ActorId, CommandId, PatientId, StaffRole, Text, VisitId};
use cauda_pathway::patient::{Day, Person, Sex};
use cauda_server::clock::Clock;
use cauda_server::department::Arrival;
use cauda_server::ehr::EhrConfig;
use cauda_server::{Config, Server};
use cauda_store::Options;
use serde_json::json;

use crate::charts::{FHIR_BASE, NUMBERS, OWN};

/// Tells this program that it is the server, and of which folder.
pub const FOLDER: &str = "CAUDA_CDS_FOLDER";
/// What the EHR's tokens say in `iss`.
pub const ISSUER: &str = "https://ehr.example";
/// How long they are good, in seconds: the longest that may be set, as all are signed before a run.
pub const TOKEN_SECONDS: i64 = 900;
/// Ticks of a second in `/proc`.
const TICKS: f64 = 100.0;
/// An RSA key of 2048 bits, which is for tests alone.
const RSA: &str = include_str!("../../../jose/tests/it/keys/test_only_rsa.pem");

/// The keys by which the EHR signs.
pub struct Signers {
    /// By RS384.
    pub rsa: SigningKey,
    /// By ES384.
    pub ec: SigningKey,
}

impl Signers {
    /// Both, the one on P-384 anew.
    pub fn new() -> Signers {
        Signers { rsa: SigningKey::read(RSA).unwrap(), ec: SigningKey::generate_es384().unwrap() }
    }

    /// Writes down what a server of that folder has to know of them.
    pub fn register(&self, folder: &Path) {
        let keys = cauda_jose::key_set([&self.rsa, &self.ec]);
        std::fs::write(folder.join("keys.json"), keys.to_string()).unwrap();
        let app = folder.join("app.key");
        std::fs::write(&app, SigningKey::new_es384_pem().unwrap()).unwrap();
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&app, own).unwrap();
    }
}

/// The EHR as it is registered, its key set in a file.
pub fn registered(folder: &Path, url: &str) -> EhrConfig {
    let known = json!({
        "name": "Bench", "tenant": "bench", "fhir_base": FHIR_BASE, "issuers": [ISSUER],
        "keys": folder.join("keys.json"), "token_seconds": TOKEN_SECONDS,
        "number_system": NUMBERS, "rating": true, "private_addresses": true,
    });
    let mut smart = cauda_smart::Settings::new("bench", FHIR_BASE, "cauda", "filled in later");
    smart.key = Some(folder.join("app.key"));
    smart.private_addresses = true;
    EhrConfig {
        url: url.to_string(),
        registered: vec![serde_json::from_value(known).unwrap()],
        smart: vec![smart],
        hooks: Hook::ALL.to_vec(),
        ..EhrConfig::default()
    }
}

/// The record of a folder.
pub fn record(folder: &Path) -> Options {
    Options::new(folder.join("record.sqlite").to_str().unwrap(), folder.join("record.key"))
}

/// The shipped guideline.
pub fn guideline() -> Arc<Guideline> {
    fn add(folder: &mut Folder, root: &Path, dir: &Path) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_string();
            if path.is_dir() {
                add(folder, root, &path);
            } else if Folder::takes(&name) {
                folder.files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut folder = Folder::default();
    add(&mut folder, &root, &root);
    Arc::new(load_checked(&folder).map_err(|faults| faults.len()).unwrap())
}

/// Serves until nobody is at the other end of the standard input.
pub fn serve(folder: &Path) {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let lines = tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO);
    lines.with_writer(std::sync::Mutex::new(log)).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listen = "127.0.0.1:0".parse().unwrap();
        let ehr = Some(registered(folder, ""));
        let config = Config { listen, ehr, ..Config::default() };
        let (record, nothing) = (record(folder), Arc::new(|| None));
        let starting = Server::start(config, &record, guideline(), nothing, Clock::System);
        let server = starting.await.unwrap();
        for number in 0..OWN {
            arrives(&server, number).await;
        }
        println!("{}", server.address);
        let end = || std::io::stdin().read_to_end(&mut Vec::new()).map(drop);
        tokio::task::spawn_blocking(end).await.unwrap().unwrap();
        server.stop().await;
    });
}

/// A patient of the department, with triage.
async fn arrives(server: &Server, number: usize) {
    let nurse = Actor { id: ActorId::new("bench").unwrap(), role: StaffRole::TriageNurse };
    let visit = VisitId::new(format!("own{number}")).unwrap();
    let arrival = Arrival {
        patient: PatientId::new(format!("own-p{number}")).unwrap(),
        person: Some(Person {
            name: Text::new(format!("Bench Patient{number}")).unwrap(),
            born: Day::read("1980-05-05").ok(),
            sex: Sex::Female,
            number: Some(format!("N-{number}")),
            allergies: None,
            telephone: None,
            write_to: None,
        }),
        visit: visit.clone(),
        returns_from: None,
    };
    let command = CommandId::new(format!("own-a{number}")).unwrap();
    server.department.arrive(&nurse, &command, arrival).await.unwrap();
    let at = Clock::System.now();
    let said = [("age", "46 a"), ("pain_score", "6"), ("history_reliability", "good")];
    let finding = |(fact, value): (&str, &str)| FindingSaid {
        fact: fact.into(),
        value: value.into(),
        said_by: Role::Nurse,
        at,
        limited_by_pain: false,
    };
    let signed = ["bladder_as_before", "saddle_as_before"];
    let signed = signed.map(|id| SignedGroup { attestation: id.into(), said_by: Role::Nurse, at });
    let found =
        Found { findings: said.into_iter().map(finding).collect(), signed: signed.to_vec() };
    let command = CommandId::new(format!("own-t{number}")).unwrap();
    let triage = Action::Triage { acuity: 3, found };
    server.department.act(&nurse, &visit, &command, triage).await.unwrap();
}

/// A server that runs.
pub struct Program {
    child: Child,
    folder: PathBuf,
    /// Where it answers.
    pub address: SocketAddr,
}

impl Program {
    /// Starts it, and waits until it answers.
    pub fn start(folder: &Path) -> Program {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Program { child, folder: folder.to_path_buf(), address: line.trim().parse().unwrap() }
    }

    /// Lets it end by itself, and says how many lines its log has.
    pub fn stop(mut self) -> usize {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
        std::fs::read_to_string(self.folder.join("log")).unwrap().lines().count()
    }

    /// Resident memory, in megabytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_000
    }

    /// Seconds of a core until now.
    pub fn seconds(&self) -> Seconds {
        let ours = of_process("self");
        Seconds { server: of_process(&self.child.id().to_string()), ours, all: of_machine() }
    }
}

/// Seconds of a core that were used.
#[derive(Clone, Copy)]
pub struct Seconds {
    /// By the server.
    pub server: f64,
    /// By who calls it.
    pub ours: f64,
    /// By everything on this machine, and by its host.
    pub all: f64,
}

fn of_process(id: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // User and system, the 14th and 15th field; the name before them may hold blanks.
    let after = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
    after.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS
}

fn of_machine() -> f64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let line = stat.lines().next().unwrap().split_whitespace().skip(1).take(8);
    let ticks: Vec<f64> = line.map(|ticks| ticks.parse().unwrap()).collect();
    // All but idle and waiting for the disk.
    (ticks.iter().sum::<f64>() - ticks[3] - ticks[4]) / TICKS
}
