//! What is known now: the scanners, the orders, the settings.

use crate::entry::{Entry, State};
use crate::error::QueueError;
use crate::names::{EntryId, ScannerId};
use crate::scanner::{Running, Scanner};
use crate::settings::Settings;

/// The most orders that [`crate::Event::Ordered`] lets in.
pub const ENTRIES_MAX: usize = 2_000;

/// The most scanners that are looked at.
pub const SCANNERS_MAX: usize = 32;

/// A department at one instant. The order of the lists means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Department {
    /// Its scanners.
    pub scanners: Vec<Scanner>,
    /// Its orders; those that left may stay in the list.
    pub entries: Vec<Entry>,
    /// The instant.
    pub now: i64,
    /// The policy's settings.
    pub settings: Settings,
}

impl Department {
    /// An order by its id.
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// A scanner by its id.
    pub fn scanner(&self, id: &ScannerId) -> Option<&Scanner> {
        self.scanners.iter().find(|scanner| scanner.id == *id)
    }

    /// An order that waits for a scan.
    pub(crate) fn waiting(&self, id: &EntryId) -> Result<&Entry, QueueError> {
        let entry = self.entry(id).ok_or(QueueError::UnknownEntry)?;
        match entry.state {
            State::Left(_) => Err(QueueError::Left),
            State::OnTable { .. } => Err(QueueError::OnTable),
            _ => Ok(entry),
        }
    }

    /// What runs on a scanner: what the scanner says, else what an order on its table says.
    pub(crate) fn running(&self, scanner: &Scanner) -> Option<Running> {
        if let Some(running) = &scanner.running {
            return Some(running.clone());
        }
        let on_table = self.entries.iter().filter_map(|entry| match &entry.state {
            State::OnTable { scanner: on, since } if *on == scanner.id => Some(Running {
                entry: Some(entry.id.clone()),
                since: *since,
                end_p50: since.saturating_add(entry.protocol.seconds_p50()),
                end_p90: since.saturating_add(entry.protocol.seconds_p90()),
            }),
            _ => None,
        });
        on_table.max_by(|one, other| (one.since, &one.entry).cmp(&(other.since, &other.entry)))
    }

    /// When a running scan is expected to end, seen from now: p50 and p90. A scan past its p50
    /// is expected at its p90, one past its p90 a few minutes from now.
    pub(crate) fn ends(&self, running: &Running) -> (i64, i64) {
        let more = i64::from(self.settings.overrun_minutes.max(1)) * 60;
        let late = self.now.saturating_add(more);
        let p90 = running.end_p90.max(running.end_p50);
        if self.now < running.end_p50 {
            (running.end_p50, p90)
        } else if self.now < p90 {
            (p90, p90.saturating_add(more))
        } else {
            (late, late.saturating_add(more))
        }
    }
}
