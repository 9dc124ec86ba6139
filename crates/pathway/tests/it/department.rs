//! A department of one patient: people, a clock, and a stream of events.

use cauda_guideline::facts::Role;
use cauda_guideline::time;
use cauda_pathway::clocks::TaskKind;
use cauda_pathway::command::{Action, Command, Found, SignedGroup};
use cauda_pathway::event::{Capacity, Leaving, Less};
use cauda_pathway::event::{Carried, Event, FindingSaid, LessReason};
use cauda_pathway::identity::{
    Actor, ActorId, CommandId, EpisodeId, Identity, PatientId, StaffRole, Text, VisitId,
};
use cauda_pathway::refusal::{Refusal, Why};
use cauda_pathway::tasks::Task;
use cauda_pathway::{Visit, fold, handle};

use crate::shipped::guideline;

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3_600;

pub fn text(words: &str) -> Text {
    Text::new(words).unwrap()
}

pub fn actor(id: &str, role: StaffRole) -> Actor {
    Actor { id: ActorId::new(id).unwrap(), role }
}

pub fn triage_nurse() -> Actor {
    actor("n.garcia", StaffRole::TriageNurse)
}

pub fn nurse() -> Actor {
    actor("n.okafor", StaffRole::BedsideNurse)
}

pub fn physician() -> Actor {
    actor("dr.osei", StaffRole::Physician)
}

pub fn senior() -> Actor {
    actor("dr.lind", StaffRole::SeniorPhysician)
}

pub fn radiologist() -> Actor {
    actor("dr.sato", StaffRole::Radiologist)
}

pub fn system() -> Actor {
    actor("clock", StaffRole::System)
}

pub fn less(reason: LessReason) -> Less {
    Less { reason, words: text("told and written down") }
}

pub fn leaving(capacity: Capacity) -> Leaving {
    Leaving {
        capacity,
        explained: Some(text("what may happen, and when to come back at once")),
        card_given: true,
        call_back: Some(ActorId::new("n.call").unwrap()),
    }
}

pub fn identity(visit: &str) -> Identity {
    Identity {
        patient: PatientId::new("patient-1").unwrap(),
        episode: EpisodeId::new("episode-1").unwrap(),
        visit: VisitId::new(visit).unwrap(),
    }
}

/// One patient's visit on a clock that the test moves.
pub struct Ward {
    pub events: Vec<Event>,
    pub visit: Visit,
    pub now: i64,
    commands: usize,
}

impl Ward {
    /// Arrived at that time.
    pub fn at(when: &str) -> Ward {
        Ward::arriving(time::read(when).unwrap(), "visit-1", None)
    }

    pub fn arriving(now: i64, visit: &str, returning: Option<Carried>) -> Ward {
        let mut ward = Ward { events: Vec::new(), visit: Visit::default(), now, commands: 0 };
        let action = Action::Arrive { identity: identity(visit), returning };
        ward.go(&actor("c.bell", StaffRole::Clerk), action);
        ward
    }

    /// Carries a command out, and keeps its events.
    pub fn try_to(&mut self, by: &Actor, action: Action) -> Result<Vec<Event>, Refusal> {
        self.commands += 1;
        let id = CommandId::new(format!("command-{}", self.commands)).unwrap();
        let command = Command { id, by: by.clone(), action };
        let before = self.visit.clone();
        let result = handle(&self.visit, &command, self.now, guideline());
        assert_eq!(self.visit, before, "a command changed the state by itself");
        let events = result?;
        events.iter().for_each(|event| self.visit.apply(event));
        self.events.extend(events.iter().cloned());
        assert_eq!(fold(&self.events), self.visit);
        assert!(self.visit.faults.is_empty());
        assert!(self.events.iter().all(|event| event.version == cauda_pathway::event::VERSION));
        Ok(events)
    }

    pub fn go(&mut self, by: &Actor, action: Action) -> Vec<Event> {
        self.try_to(by, action).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub fn refused(&mut self, by: &Actor, action: Action, why: Why) -> String {
        let refusal = self.try_to(by, action).expect_err("the command was carried out");
        assert_eq!(refusal.why, why, "{refusal}");
        refusal.message
    }

    /// The same of a stream that a test has changed by hand.
    pub fn visit_refuses(&self, by: &Actor, action: Action, why: Why) -> String {
        let id = CommandId::new("by-hand").unwrap();
        let command = Command { id, by: by.clone(), action };
        let refusal = handle(&self.visit, &command, self.now, guideline()).unwrap_err();
        assert_eq!(refusal.why, why, "{refusal}");
        refusal.message
    }

    /// Time passes; whatever it asks for is written down.
    pub fn later(&mut self, seconds: i64) -> Vec<Event> {
        self.now += seconds;
        let events = self.go(&system(), Action::PassTime);
        assert!(self.go(&system(), Action::PassTime).is_empty(), "the same moment did more");
        events
    }

    pub fn said(&self, by: Role, findings: &[(&str, &str)]) -> Vec<FindingSaid> {
        let said = findings.iter().map(|(fact, value)| FindingSaid {
            fact: (*fact).to_string(),
            value: (*value).to_string(),
            said_by: by,
            at: self.now,
            limited_by_pain: false,
        });
        said.collect()
    }

    pub fn found(&self, by: Role, findings: &[(&str, &str)]) -> Found {
        Found { findings: self.said(by, findings), signed: Vec::new() }
    }

    /// What a nurse enters of what the patient says.
    pub fn told(&mut self, findings: &[(&str, &str)]) {
        let found = self.found(Role::Patient, findings);
        self.go(&triage_nurse(), Action::Record { found });
    }

    /// What a physician enters.
    pub fn seen(&mut self, findings: &[(&str, &str)]) {
        let found = self.found(Role::Physician, findings);
        self.go(&physician(), Action::Record { found });
    }

    pub fn triaged(&mut self, acuity: u8, findings: &[(&str, &str)]) -> Vec<Event> {
        let found = self.found(Role::Nurse, findings);
        self.go(&triage_nurse(), Action::Triage { acuity, found })
    }

    pub fn examined(&mut self, findings: &[(&str, &str)]) -> Vec<Event> {
        let found = self.found(Role::Physician, findings);
        self.go(&physician(), Action::Examine { found })
    }

    pub fn sign(&mut self, by: &Actor, role: Role, groups: &[&str]) -> Result<(), Refusal> {
        let signed = groups.iter().map(|group| SignedGroup {
            attestation: (*group).to_string(),
            said_by: role,
            at: self.now,
        });
        let found = Found { findings: Vec::new(), signed: signed.collect() };
        self.try_to(by, Action::Record { found }).map(|_| ())
    }

    pub fn order(&mut self, image: &str) -> Vec<Event> {
        let image = image.to_string();
        let action = Action::OrderImaging { image, tier: None, less: None, earliest_start: None };
        self.go(&physician(), action)
    }

    /// The image the guideline asks for first.
    pub fn asked_image(&self) -> String {
        self.visit.answer.as_ref().unwrap().verdict.imaging[0].image.clone()
    }

    pub fn task(&self, kind: TaskKind) -> Option<&Task> {
        self.visit.open_tasks().find(|task| task.kind == kind)
    }

    pub fn has(&self, kind: TaskKind) -> bool {
        self.task(kind).is_some()
    }

    pub fn disposition(&self) -> Option<&str> {
        self.visit.answer.as_ref().and_then(|answer| answer.verdict.disposition.as_deref())
    }

    /// A plain strain, screened in full: what a safe "home" needs.
    pub fn strain(when: &str, age: &str) -> Ward {
        let mut ward = Ward::at(when);
        ward.triaged(4, STRAIN);
        let found = ward.found(Role::Nurse, &[("age", age), ("pain_duration", "2 d")]);
        ward.go(&triage_nurse(), Action::Record { found });
        let asked = [
            "bladder_as_before",
            "bowel_as_before",
            "saddle_as_before",
            "sexual_feeling_as_before",
        ];
        ward.sign(&triage_nurse(), Role::Nurse, &asked).unwrap();
        ward.now += 20 * MINUTE;
        let examined = [
            "legs_examined",
            "no_infection_or_cancer_risk",
            "no_trauma_or_fragile_spine",
            "no_vascular_or_other_sign",
        ];
        ward.sign(&physician(), Role::Physician, &examined).unwrap();
        ward.examined(&[("pain_controlled", "present"), ("home_safe", "present")]);
        ward
    }
}

/// Vital signs and reliability of a strain.
pub const STRAIN: &[(&str, &str)] = &[
    ("history_reliability", "good"),
    ("temperature", "36.7 Cel"),
    ("heart_rate", "78 /min"),
    ("systolic_pressure", "128 mm[Hg]"),
    ("respiratory_rate", "14 /min"),
    ("oxygen_saturation", "98"),
];
