//! What the scanner tells the department. The record decides: a step is written down before the
//! scanner hears of success.

use std::net::IpAddr;

use async_trait::async_trait;

use crate::step::PerformedStep;

/// Why the department could not look up or write down. Its text stands in the log: no name, no
/// number, no finding.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Who tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// AE title of the device.
    pub ae_title: String,
    /// The department's name for the scanner.
    pub scanner: String,
    /// From which address.
    pub host: IpAddr,
}

/// What has happened to a performed step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The scan has begun.
    Started,
    /// Something was added while it runs.
    Updated,
    /// The scan is done.
    Ended,
    /// The scan was broken off.
    Discontinued {
        /// The wrong entry had been chosen: the patient of that order is still waiting and
        /// belongs on the board again.
        wrong_entry: bool,
    },
}

/// One message of a scanner about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What has happened.
    pub happening: Happening,
    /// The step after it.
    pub step: PerformedStep,
    /// Who told.
    pub source: Source,
    /// When it was received, seconds since 1970 UTC by our own clock; the scanner's may be wrong.
    pub received: i64,
}

/// What the listener noticed, for the board and the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An association was refused.
    Refused {
        /// The AE title that called, made printable.
        calling: String,
        /// From where.
        host: IpAddr,
        /// In words.
        why: String,
    },
    /// A device asked whether somebody is there.
    Echo(Source),
    /// A device queried the worklist.
    Queried {
        /// Who.
        source: Source,
        /// How many entries it was shown.
        matches: usize,
        /// How many it was not shown, its character set having no letters for them.
        unwritable: usize,
    },
}

/// The department behind the listener.
#[async_trait]
pub trait Department: Send + Sync {
    /// The performed step of this SOP Instance UID as it was last written down; `None` when it
    /// was never told of. Asked at every message, so that nothing is lost by a restart.
    async fn step(&self, instance: &str) -> Result<Option<PerformedStep>, Trouble>;

    /// Writes an event down for good. After an error, or when it takes longer than
    /// [`crate::Limits::commit`], the scanner is told to send it again: the same event may come
    /// twice, and a future that is dropped must have written all of it or nothing. One listener
    /// commits one event at a time; a department behind several has to see for itself that a step
    /// it finds final or begun is not written over.
    async fn commit(&self, event: Event) -> Result<(), Trouble>;

    /// Hears what else was noticed. Must not wait.
    fn notice(&self, notice: Notice) {
        let _ = notice;
    }
}
