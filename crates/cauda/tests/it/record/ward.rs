//! Visits written into a record, as the program that keeps them does it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cauda_guideline::facts::Role;
use cauda_guideline::{Folder, Guideline, load_checked, time};
use cauda_pathway::command::{Action, Command, Found};
use cauda_pathway::event::{Event, FindingSaid};
use cauda_pathway::identity::{
    Actor, ActorId, CommandId, EpisodeId, Identity, PatientId, StaffRole, VisitId,
};
use cauda_pathway::{Visit, handle};
use cauda_store::{Append, Erasure, Expected, NewEvent, Options, Record, StreamAppend, StreamName};
use tokio::runtime::{Builder, Runtime};

use crate::run::root;

/// A record being filled, on a clock of its own.
pub struct Ward {
    runtime: Option<Runtime>,
    guideline: Guideline,
    record: Record,
    visits: BTreeMap<String, (Visit, Vec<Event>)>,
    now: i64,
    commands: usize,
}

impl Ward {
    /// A new or known record, decided by the guideline in this repository.
    pub fn open(database: &str) -> Ward {
        Ward::with(database, &root().join("guidelines/back_pain"))
    }

    /// Decided by the guideline of a folder.
    pub fn with(database: &str, guideline: &Path) -> Ward {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options::new(database, format!("{database}.key"));
        let record = runtime.block_on(Record::open(&options)).unwrap();
        let commands = runtime.block_on(record.size()).unwrap() as usize;
        let mut folder = Folder::default();
        read(guideline, "", &mut folder);
        let guideline = load_checked(&folder).unwrap();
        let (visits, now) = (BTreeMap::new(), time::read("2026-11-24T09:00:00Z").unwrap());
        Ward { runtime: Some(runtime), guideline, record, visits, now, commands }
    }

    /// Fills the record, signs it and closes it.
    pub fn run(mut self, fill: impl AsyncFnOnce(&mut Ward)) {
        let runtime = self.runtime.take().unwrap();
        runtime.block_on(async {
            fill(&mut self).await;
            self.record.sign_head(self.now * 1_000_000).await.unwrap();
            self.record.close().await;
        });
    }

    /// Arrives and is seen by the triage nurse.
    pub async fn triage(&mut self, visit: &str, findings: &[(&str, &str)]) {
        let identity = Identity {
            patient: PatientId::new("patient-1").unwrap(),
            episode: EpisodeId::new("episode-1").unwrap(),
            visit: VisitId::new(visit).unwrap(),
        };
        let arrive = Action::Arrive { identity, returning: None };
        self.go(visit, StaffRole::Clerk, arrive).await;
        let said = findings.iter().map(|(fact, value)| FindingSaid {
            fact: (*fact).to_string(),
            value: (*value).to_string(),
            said_by: Role::Nurse,
            at: self.now,
            limited_by_pain: false,
        });
        let found = Found { findings: said.collect(), signed: Vec::new() };
        self.go(visit, StaffRole::TriageNurse, Action::Triage { acuity: 3, found }).await;
    }

    /// Nobody comes for some hours.
    pub async fn pass_hours(&mut self, visit: &str, hours: i64) {
        self.now += hours * 3_600;
        self.go(visit, StaffRole::System, Action::PassTime).await;
    }

    /// Writes the first event of a visit once more, as no program should.
    pub async fn repeat(&mut self, visit: &str) {
        let first = self.visits[visit].1[0].clone();
        self.append(&format!("visit/{visit}"), vec![serde_json::to_string(&first).unwrap()]).await;
    }

    /// Writes the events of a visit as another one's, with a text changed.
    pub async fn retell(&mut self, visit: &str, other: &str, was: &str, is: &str) {
        let told = self.visits[visit].1.iter().map(|event| serde_json::to_string(event).unwrap());
        let changed = told.map(|text| text.replace(was, is)).collect();
        self.append(&format!("visit/{other}"), changed).await;
    }

    /// Writes one event of any body.
    pub async fn note(&mut self, stream: &str, body: &str) {
        self.append(stream, vec![body.to_string()]).await;
    }

    /// Erases the bodies of a stream.
    pub async fn erase(&mut self, stream: &str) {
        let erasure = Erasure {
            stream: StreamName::new(stream).unwrap(),
            reason: "asked for".into(),
            audit: StreamName::new("audit/2026-11-24").unwrap(),
            command: "erase".into(),
            actor: "office".into(),
            recorded_at: self.now * 1_000_000,
        };
        self.record.erase(erasure).await.unwrap();
    }

    async fn go(&mut self, visit: &str, role: StaffRole, action: Action) {
        let id = CommandId::new(format!("{visit}-{}", self.commands)).unwrap();
        let by = Actor { id: ActorId::new("staff-1").unwrap(), role };
        let (state, events) = self.visits.entry(visit.to_string()).or_default();
        let new = handle(state, &Command { id, by, action }, self.now, &self.guideline).unwrap();
        new.iter().for_each(|event| state.apply(event));
        let bodies = new.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        events.extend(new);
        self.append(&format!("visit/{visit}"), bodies).await;
    }

    async fn append(&mut self, stream: &str, bodies: Vec<String>) {
        self.commands += 1;
        let event = |body| NewEvent { kind: "noted".into(), version: 1, body };
        let part = StreamAppend {
            stream: StreamName::new(stream).unwrap(),
            expected: Expected::Any,
            events: bodies.into_iter().map(event).collect(),
        };
        let append = Append {
            command: format!("command-{}", self.commands),
            actor: "staff-1".into(),
            recorded_at: self.now * 1_000_000,
            streams: vec![part],
        };
        self.record.append(append).await.unwrap();
    }
}

fn read(folder: &Path, before: &str, into: &mut Folder) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{before}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read(&path, &format!("{name}/"), into);
        } else if Folder::takes(&name) {
            into.files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
