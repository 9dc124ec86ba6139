//! The state of a visit, folded from its events and from nothing else.

use std::collections::BTreeSet;

use cauda_guideline::facts::Role;
use cauda_guideline::vocabulary::Tier;

use crate::answer::Answer;
use crate::check_in::AtHome;
use crate::event::{
    Carried, Event, FindingNumber, FindingSaid, Leaving, Less, LimitedImages, ReportState,
    ResultNumber, What,
};
use crate::identity::{Actor, ActorId, CommandId, Identity, Text, VisitId};
use crate::releasing::Released;
use crate::skeleton::{DUTIES, Held, Skeleton, Step, Table, VerdictClass};
use crate::table::{EventKind, Phase};
use crate::tasks::Task;

/// Most events of a visit, for what is not urgent.
pub const EVENTS_MAX: usize = 5_000;
/// Most events of a visit, whatever they say.
pub const EVENTS_HARD_MAX: usize = 10_000;

/// A finding of the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its number.
    pub number: FindingNumber,
    /// What was said.
    pub said: FindingSaid,
    /// Who wrote it down.
    pub by: Actor,
    /// Entered in error.
    pub withdrawn: bool,
}

/// A group signed as clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Id of the attestation.
    pub attestation: String,
    /// As what.
    pub said_by: Role,
    /// When it was so.
    pub at: i64,
    /// Who signed.
    pub signed: ActorId,
    /// Taken back.
    pub withdrawn: bool,
}

/// A report of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How far it is.
    pub state: ReportState,
    /// It shows an emergency.
    pub emergency: bool,
    /// When it came.
    pub at: i64,
    /// What it says.
    pub words: Text,
}

/// An order of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Id of the image.
    pub image: String,
    /// How urgent.
    pub tier: Tier,
    /// By when it begins.
    pub deadline: i64,
    /// When it is expected to begin.
    pub scheduled: Option<i64>,
    /// Whether it may go on, once screened.
    pub cleared: Option<bool>,
    /// What was said at the screening.
    pub screened: Option<Text>,
    /// When it began.
    pub started: Option<i64>,
    /// Why it began although something stood in the way.
    pub despite: Option<Text>,
    /// When it ended, complete.
    pub ended: Option<i64>,
    /// Id of the picture that is taken in place of the one ordered.
    pub scanned_as: Option<String>,
    /// What the limited pictures showed.
    pub limited: Option<LimitedImages>,
    /// By what every deficit is explained, or what else was said with it.
    pub limited_words: Option<Text>,
    /// When a new sign made a whole picture of a limited one, and which sign.
    pub forced: Option<(i64, Text)>,
    /// It waits, because the patient has left.
    pub held: bool,
    /// A consultant accepted a late start.
    pub wait_accepted: bool,
}

/// What is awaited or was received: a scan with its report, or a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub number: ResultNumber,
    /// When it was asked for.
    pub at: i64,
    /// Who asked.
    pub by: Actor,
    /// The order, of a scan.
    pub order: Option<Order>,
    /// The name, of a test.
    pub test: Option<Text>,
    /// Its latest report or result.
    pub report: Option<Report>,
    /// When somebody read the latest one.
    pub read_at: Option<i64>,
    /// Read, and nothing more is awaited.
    pub acknowledged: bool,
    /// No longer wanted.
    pub cancelled: bool,
}

impl Pending {
    /// Whether somebody must own it. A held order is owned by whoever calls back.
    pub fn is_awaited(&self) -> bool {
        let held = self.order.as_ref().is_some_and(|order| order.held);
        !self.acknowledged && !self.cancelled && (!held || self.report.is_some())
    }

    /// Whether it is an order whose last word has not been read.
    pub fn is_open_order(&self) -> bool {
        self.order.is_some() && !self.cancelled && !self.acknowledged
    }

    /// Image or test, as it is called.
    pub fn name(&self) -> &str {
        match (&self.order, &self.test) {
            (Some(order), _) => &order.image,
            (None, Some(test)) => test.as_str(),
            (None, None) => "result",
        }
    }
}

/// A team that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Its number.
    pub number: u32,
    /// To whom.
    pub to: Text,
    /// When.
    pub at: i64,
    /// What it answered.
    pub answer: Option<Text>,
}

/// Somebody did less than the guideline says, and why; always shown (CR3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// When.
    pub at: i64,
    /// Who.
    pub by: Actor,
    /// What was done instead.
    pub kind: EventKind,
    /// Why.
    pub less: Less,
}

/// An appointment after the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// When.
    pub on: i64,
    /// With whom.
    pub with: Text,
}

/// A place elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// Where.
    pub site: Option<Text>,
    /// Its telephone.
    pub telephone: Option<Text>,
    /// Who takes the patient.
    pub accepted_by: Option<Text>,
    /// Who confirmed the arrival.
    pub confirmed_by: Option<Text>,
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who and which; nothing before the arrival.
    pub identity: Option<Identity>,
    /// Where it is.
    pub phase: Phase,
    /// Since when.
    pub phase_since: i64,
    /// When the patient came.
    pub arrived_at: Option<i64>,
    /// Time of the latest event.
    pub latest: i64,
    /// 1, most acute, to 5.
    pub acuity: Option<u8>,
    /// Everything that was said.
    pub findings: Vec<Finding>,
    /// Groups signed as clear.
    pub signatures: Vec<Signature>,
    /// The decision in force.
    pub answer: Option<Answer>,
    /// When it last changed.
    pub answered_at: i64,
    /// When a danger was first suspected.
    pub suspected_at: Option<i64>,
    /// What a return brought along.
    pub returning: Option<Carried>,
    /// When a physician examined.
    pub examined_at: Option<i64>,
    /// Who is responsible.
    pub responsible: Option<Actor>,
    /// Scans and tests.
    pub pending: Vec<Pending>,
    /// Tasks, also those that are over.
    pub tasks: Vec<Task>,
    /// Images a physician declined with a reason.
    pub declined: Vec<String>,
    /// The patient has gone and must be reached.
    pub to_reach: bool,
    /// Teams that were asked.
    pub referrals: Vec<Referral>,
    /// A place elsewhere.
    pub transfer: Transfer,
    /// When the patient is examined again.
    pub again_at: Option<i64>,
    /// The plan for the time after.
    pub plan: Option<Text>,
    /// What the patient was given to take or do, by the ids of the guideline's offers.
    pub offers: Vec<String>,
    /// The patient said in own words when to come back.
    pub taught_back: bool,
    /// How the patient left.
    pub leaving: Option<Leaving>,
    /// How it goes at home.
    pub at_home: AtHome,
    /// When somebody sees the patient, and who; the latest booked last.
    pub booked: Vec<Booked>,
    /// What the patient may see.
    pub released: Vec<Released>,
    /// How often the patient's links were revoked: those given out before are no longer good.
    pub links_revoked: u32,
    /// Where less was done than the guideline says.
    pub overrides: Vec<Override>,
    /// The visit the patient came back in.
    pub returned_to: Option<VisitId>,
    /// Which visit this one belongs to.
    pub merged_into: Option<VisitId>,
    /// Ids of the commands applied.
    pub commands: BTreeSet<CommandId>,
    /// Number of events.
    pub events: usize,
    /// Events the table does not allow: a broken record, for review. What they
    /// say is kept all the same.
    pub faults: Vec<usize>,
}

impl Default for Visit {
    fn default() -> Visit {
        Visit {
            identity: None,
            phase: Phase::Expected,
            phase_since: 0,
            arrived_at: None,
            latest: 0,
            acuity: None,
            findings: Vec::new(),
            signatures: Vec::new(),
            answer: None,
            answered_at: 0,
            suspected_at: None,
            returning: None,
            examined_at: None,
            responsible: None,
            pending: Vec::new(),
            tasks: Vec::new(),
            declined: Vec::new(),
            to_reach: false,
            referrals: Vec::new(),
            transfer: Transfer::default(),
            again_at: None,
            plan: None,
            offers: Vec::new(),
            taught_back: false,
            leaving: None,
            at_home: AtHome::default(),
            booked: Vec::new(),
            released: Vec::new(),
            links_revoked: 0,
            overrides: Vec::new(),
            returned_to: None,
            merged_into: None,
            commands: BTreeSet::new(),
            events: 0,
            faults: Vec::new(),
        }
    }
}

/// Folds events, oldest first, into a visit. Never fails: an event that the
/// table does not allow is noted under `faults`, and what it says is kept.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Visit {
    let mut visit = Visit::default();
    for event in events {
        visit.apply(event);
    }
    visit
}

impl Visit {
    /// Takes one event in.
    pub fn apply(&mut self, event: &Event) {
        let kind = event.what.kind();
        let from = self.phase;
        match Table::SHIPPED.next(from, kind) {
            Some(to) => self.phase = to,
            None => self.faults.push(self.events),
        }
        if self.phase != from {
            self.phase_since = event.at;
        }
        self.events += 1;
        self.latest = self.latest.max(event.at);
        if !self.commands.contains(&event.command) {
            self.commands.insert(event.command.clone());
        }
        self.take(event);
        let settles = matches!(event.what, What::ContactMade { settled: true, .. });
        let step = Step { kind, from, to: self.phase, settles };
        self.to_reach = Skeleton::reaches(self.to_reach, step, self.class());
    }

    /// Class of the verdict in force; what a return left open counts until a
    /// physician has examined (CR22).
    pub fn class(&self) -> VerdictClass {
        let own = self.answer.as_ref().map_or(VerdictClass::Undecided, |a| a.verdict.class);
        match self.open_from_before() {
            Tier::Immediate | Tier::Emergency => VerdictClass::Emergency,
            Tier::Urgent => own.max(VerdictClass::Urgent),
            _ => own,
        }
    }

    /// Urgency shown: that of the decision, and of what a return left open.
    pub fn tier(&self) -> Tier {
        let own = self.answer.as_ref().map_or(Tier::None, |answer| answer.verdict.acted_on);
        own.max(self.open_from_before())
    }

    fn open_from_before(&self) -> Tier {
        match (&self.returning, self.examined_at) {
            (Some(carried), None) => carried.tier,
            _ => Tier::None,
        }
    }

    /// Whether a scan, report or test is awaited or not acknowledged.
    pub fn is_pending(&self) -> bool {
        self.pending.iter().any(Pending::is_awaited)
    }

    /// The scan or test of that number.
    pub fn result(&self, number: ResultNumber) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.number == number)
    }

    /// Tasks that are not over.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.is_open())
    }

    /// The finite part of it, as SP9 looks at it.
    pub fn skeleton(&self) -> Skeleton {
        let mut held = [Held::No; DUTIES];
        for task in self.open_tasks() {
            if let Some(duty) = task.kind.clock().duty {
                let held = &mut held[duty as usize];
                *held = (*held).max(task.held());
            }
        }
        Skeleton {
            phase: self.phase,
            class: self.class(),
            pending: self.is_pending(),
            to_reach: self.to_reach,
            held,
        }
    }
}
