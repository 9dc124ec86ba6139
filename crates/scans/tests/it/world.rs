//! A department with two scanners, and orders for it.

use std::collections::BTreeMap;

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::{Actor, ActorId, StaffRole, Text};
use cauda_pathway::patient::Sex;
use cauda_queue::Department;
use cauda_scans::{
    About, Action, Event, Kind, Numbers, Protocol, Request, Scan, ScanError, ScannerSettings,
    Source, VERSION, handle, scanners,
};

pub const NOW: i64 = 1_795_000_000;

pub fn text(words: &str) -> Text {
    Text::new(words).unwrap()
}

pub fn actor(role: StaffRole) -> Actor {
    Actor { id: ActorId::new(role.words().replace(' ', "-")).unwrap(), role }
}

pub fn coordinator() -> Actor {
    actor(StaffRole::MriCoordinator)
}

pub fn protocol(id: &str, contrast: bool, limited: bool) -> Protocol {
    Protocol {
        id: id.into(),
        name: id.into(),
        minutes: [20, 30],
        coil: Some("spine".into()),
        contrast,
        limited,
    }
}

pub fn request(kind: Kind) -> Request {
    Request {
        kind,
        about: About {
            name: Some(text("Test, Ada")),
            number: Some(text("T-1")),
            born: None,
            sex: Sex::Female,
            place: Some(text("Bay 4")),
        },
        tier: kind.tier(),
        deadline: None,
        protocol: protocol("mri_spine", false, false),
        not_before: None,
        ordered_at: NOW,
        asked_by: "Dr Test".into(),
        telephone: Some(text("4711")),
        why: None,
        source: Source::Board,
        numbers: Numbers::default(),
    }
}

pub fn settings() -> Vec<ScannerSettings> {
    ["mr1", "mr2"]
        .map(|id| ScannerSettings {
            id: id.into(),
            name: id.to_uppercase(),
            ae_title: id.to_uppercase(),
            tesla: 1.5,
            coils: ["spine", "head"].map(String::from).into(),
            coil_minutes: 5,
            contrast_minutes: 5,
            turnover_minutes: 5,
            reserved: Vec::new(),
        })
        .into()
}

/// Some orders and the time.
pub struct World {
    pub scans: Vec<Scan>,
    pub now: i64,
}

impl World {
    pub fn of(kinds: &[Kind]) -> World {
        let mut world = World { scans: Vec::new(), now: NOW };
        for (at, kind) in kinds.iter().enumerate() {
            world.scans.push(Scan::new(&format!("s{at}")));
            world.does(at, Action::Request(Box::new(request(*kind))), &coordinator()).unwrap();
        }
        world
    }

    pub fn department(&self) -> Department {
        Department {
            scanners: scanners(&settings(), &BTreeMap::new(), self.now),
            entries: self.scans.iter().filter_map(|scan| scan.entry(self.now)).collect(),
            now: self.now,
            ..Department::default()
        }
    }

    pub fn does(&mut self, at: usize, action: Action, by: &Actor) -> Result<usize, ScanError> {
        let what = handle(&self.scans[at], &self.department(), action, by, self.now)?;
        let count = what.len();
        for what in what {
            let event = Event { version: VERSION, at: self.now, by: by.clone(), what };
            let read: Event =
                serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
            assert_eq!(read, event);
            self.scans[at].apply(&event);
        }
        Ok(count)
    }

    pub fn tier(&self, at: usize) -> Tier {
        self.scans[at].request.as_ref().unwrap().tier
    }
}
