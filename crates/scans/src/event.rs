//! What happens to an order on the board and at the scanner, as the record keeps it.

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::event::LimitedImages;
use cauda_pathway::identity::{Actor, Text};
use cauda_pathway::wire;
use serde::{Deserialize, Serialize};

use crate::catalogue::Protocol;
use crate::chip::{Chip, Known};
use crate::request::Request;

/// Version of the form of an event. 2 brought times of readiness, limited pictures, and who reports.
pub const VERSION: u32 = 2;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Version of its form.
    pub version: u32,
    /// When it was recorded.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// Who did it; a scanner is the system's.
    pub by: Actor,
    /// What happened.
    pub what: What,
}

/// How far a patient was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Called.
    Called,
    /// Prepared beside the scanner.
    Prepared,
    /// Sedated.
    Sedated,
    /// Contrast is running in.
    ContrastRunning,
}

impl Step {
    /// The step with that id.
    pub fn of_id(id: &str) -> Option<Step> {
        let all = [
            ("called", Step::Called),
            ("prepared", Step::Prepared),
            ("sedated", Step::Sedated),
            ("contrast_running", Step::ContrastRunning),
        ];
        all.into_iter().find_map(|(known, step)| (known == id).then_some(step))
    }
}

/// What a person wants of an order's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Will {
    /// First of those who wait.
    First,
    /// Last.
    Last,
    /// Just before another.
    Before(String),
    /// Just after another.
    After(String),
    /// Locked at a place, from 1.
    Place(u32),
    /// Only on that scanner.
    Only(String),
    /// Not to be called.
    Hold,
    /// Another tier.
    Tier(Tier),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was ordered, or ordered otherwise: the latest counts. An order of a visit has none.
    Requested {
        /// The order.
        request: Box<Request>,
    },
    /// An item of readiness was answered.
    Answered {
        /// Which.
        chip: Chip,
        /// How it stands.
        known: Known,
        /// When it will be in order, if somebody expects it.
        #[serde(with = "wire::maybe_instant")]
        expected_at: Option<i64>,
        /// What was said with it; of a release, why.
        words: Option<Text>,
    },
    /// A person decided about its place.
    Willed {
        /// What.
        will: Will,
        /// Why.
        reason: Option<Text>,
        /// Until when it counts.
        #[serde(with = "wire::instant")]
        until: i64,
    },
    /// What people decided about its place counts no more.
    Freed,
    /// The patient was brought a step nearer.
    Brought {
        /// How far.
        step: Step,
        /// To which scanner.
        scanner: String,
    },
    /// Sent back to wait.
    Returned {
        /// Why.
        reason: Option<Text>,
    },
    /// The scan began.
    Started {
        /// Where.
        scanner: String,
        /// When, as the scanner or the person said.
        #[serde(with = "wire::instant")]
        began: i64,
        /// The scanner's performed procedure step.
        performed: Option<String>,
        /// Why it began although something stood in the way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        despite: Option<Text>,
    },
    /// The scan ended.
    Ended {
        /// When.
        #[serde(with = "wire::instant")]
        ended: i64,
        /// Whether the pictures suffice.
        complete: bool,
        /// The scanner's performed procedure step.
        performed: Option<String>,
    },
    /// The wrong entry was chosen at the scanner: it was not this patient.
    WrongEntry {
        /// The scanner's performed procedure step.
        performed: String,
    },
    /// Another protocol.
    Converted {
        /// It.
        protocol: Box<Protocol>,
        /// Why, where it shows less.
        reason: Option<Text>,
    },
    /// No longer wanted.
    Cancelled {
        /// Why.
        reason: Text,
    },
    /// Scanned elsewhere; the clock runs on.
    Transferred {
        /// Where.
        site: Text,
        /// Its telephone.
        telephone: Text,
        /// Who accepted.
        accepted_by: Text,
    },
    /// It waits for the morning with a consultant's reason (CR21).
    WaitAccepted {
        /// The consultant.
        consultant: Text,
        /// Why.
        reason: Text,
    },
    /// The patient left the hospital.
    Discharged,
    /// A report is there.
    Reported {
        /// It is preliminary, final, corrected.
        state: String,
        /// Somebody must read it at once.
        critical: bool,
    },
    /// When an item of readiness will be in order.
    Expected {
        /// Which.
        chip: Chip,
        /// When; nothing takes back what was said.
        #[serde(with = "wire::maybe_instant")]
        at: Option<i64>,
    },
    /// What the pictures of a limited protocol show (CR27).
    LimitedRead {
        /// What.
        shows: LimitedImages,
        /// By what every deficit is explained.
        words: Option<Text>,
        /// What it is extended to; nothing when it is not, or no whole protocol is known.
        whole: Option<Box<Protocol>>,
        /// Minutes on the table from its begin, the time until it was read with them.
        minutes: [u32; 2],
    },
    /// Somebody says: I report it.
    ReportTaken {},
}
