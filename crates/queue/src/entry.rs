//! One order for a scan.

use std::collections::BTreeSet;

use crate::names::{EntryId, Reason, ScannerId};
use crate::overriding::{Override, Will};
use crate::readiness::{Item, Readiness};
use crate::settings::Settings;
use crate::tier::Tier;

/// The longest scan in minutes that is counted with; what is longer counts as this.
pub const MINUTES_MAX: u32 = 24 * 60;

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: EntryId,
    /// How urgent, from the latest decision.
    pub tier: Tier,
    /// By when the scan is to be done. Without one the settings' window of the tier counts.
    pub deadline: Option<Deadline>,
    /// What is scanned, and what that needs.
    pub protocol: Protocol,
    /// What must be known or done first.
    pub readiness: Vec<Item>,
    /// How far it is.
    pub state: State,
    /// When it was ordered; waiting counts from here.
    pub ordered_at: i64,
    /// No earlier than this, such as an outpatient's appointment.
    pub not_before: Option<i64>,
    /// Where the patient is now, such as a bay. No name.
    pub place_now: String,
    /// What people decided about it.
    pub overrides: Vec<Override>,
}

/// By when, and what started the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// When the scan is to be done.
    pub at: i64,
    /// When the clock started.
    pub started_at: i64,
    /// What started it, such as `the request`.
    pub started_by: String,
}

/// What is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// Half of these scans take no longer, in minutes on the table.
    pub minutes_p50: u32,
    /// Nine of ten take no longer.
    pub minutes_p90: u32,
    /// The coil it needs; nothing when any will do.
    pub coil: Option<String>,
    /// With contrast.
    pub contrast: bool,
    /// Weakest field that will do, in tenths of a tesla.
    pub field_least: Option<u16>,
    /// Strongest field allowed, in tenths of a tesla: an implant's condition.
    pub field_most: Option<u16>,
    /// What else the scanner must be able to do, such as `anaesthesia` or `wide bore`.
    pub needs: BTreeSet<String>,
    /// A shorter protocol that a person may choose instead.
    pub shorter: Option<Shorter>,
}

/// A limited protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shorter {
    /// Its name.
    pub name: String,
    /// Half of these scans take no longer, in minutes.
    pub minutes_p50: u32,
    /// Nine of ten take no longer.
    pub minutes_p90: u32,
}

/// How far an order is. A hold by a person is an [`Override`], since it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits.
    Waiting,
    /// Called to a scanner.
    Called {
        /// Which.
        scanner: ScannerId,
    },
    /// Prepared at a scanner, next to go in.
    Prepared {
        /// Which.
        scanner: ScannerId,
    },
    /// Sedated or anaesthetised for a scanner.
    Sedated {
        /// Which.
        scanner: ScannerId,
    },
    /// Contrast is running in.
    ContrastRunning {
        /// Which.
        scanner: ScannerId,
    },
    /// Being scanned.
    OnTable {
        /// Where.
        scanner: ScannerId,
        /// Since when.
        since: i64,
    },
    /// No longer in the queue.
    Left(Departure),
}

/// The only ways out of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The scan is done.
    Scanned {
        /// When it ended.
        at: i64,
    },
    /// Cancelled by a person, with the reason.
    Cancelled {
        /// Who.
        by: String,
        /// Why.
        reason: Reason,
        /// When.
        at: i64,
    },
    /// Sent to another site, where the clock runs on.
    Transferred {
        /// Where to.
        site: String,
        /// When.
        at: i64,
    },
    /// The patient left the hospital.
    Discharged {
        /// When.
        at: i64,
    },
}

impl Entry {
    /// The tier that counts at an instant: the decision's, unless a person set another.
    pub fn tier_at(&self, at: i64) -> Tier {
        let set = self.overrides.iter().filter(|one| one.counts(at));
        let latest = set.filter_map(|one| match one.will {
            Will::Tier(tier) => Some((one.at, tier)),
            _ => None,
        });
        latest.max().map_or(self.tier, |(_, tier)| tier)
    }

    /// A person's hold that counts at an instant.
    pub fn held(&self, at: i64) -> Option<&Override> {
        let holds = self.overrides.iter().filter(|one| one.will == Will::Hold && one.counts(at));
        holds.max_by_key(|one| one.until)
    }

    /// Whether and from when it may go on the table, as far as readiness and its date go.
    pub fn readiness(&self, now: i64, settings: &Settings) -> Readiness {
        let items = Readiness::of(&self.readiness, self.tier_at(now), now, settings);
        match self.not_before {
            Some(date) if date > now && items.instant() < date => Readiness::Expected(date),
            _ => items,
        }
    }

    /// Names of the items that keep it from the scanner.
    pub fn waits_for(&self, now: i64) -> impl Iterator<Item = &str> {
        let tier = self.tier_at(now);
        self.readiness.iter().filter(move |item| item.keeps(tier)).map(|item| item.name.as_str())
    }

    /// Whether it waits for a scan: neither on the table nor gone.
    pub fn waits(&self) -> bool {
        !matches!(self.state, State::OnTable { .. } | State::Left(_))
    }

    /// Whether it was prepared, sedated or given contrast: nobody but an immediate passes it.
    pub fn committed(&self) -> bool {
        matches!(
            self.state,
            State::Prepared { .. } | State::Sedated { .. } | State::ContrastRunning { .. }
        )
    }

    /// The scanner it was called to or prepared at.
    pub fn called_to(&self) -> Option<&ScannerId> {
        match &self.state {
            State::Called { scanner }
            | State::Prepared { scanner }
            | State::Sedated { scanner }
            | State::ContrastRunning { scanner } => Some(scanner),
            _ => None,
        }
    }

    /// The scanner a person allowed alone.
    pub(crate) fn only_on(&self, at: i64) -> Option<&ScannerId> {
        let set = self.overrides.iter().filter(|one| one.counts(at));
        let chosen = set.filter_map(|one| match &one.will {
            Will::Only(scanner) => Some((one.at, scanner)),
            _ => None,
        });
        chosen.max().map(|(_, scanner)| scanner)
    }
}

impl Protocol {
    /// Median length in seconds.
    pub(crate) fn seconds_p50(&self) -> i64 {
        i64::from(self.minutes_p50.min(MINUTES_MAX)) * 60
    }

    /// Length in seconds that nine of ten keep.
    pub(crate) fn seconds_p90(&self) -> i64 {
        i64::from(self.minutes_p90.max(self.minutes_p50).min(MINUTES_MAX)) * 60
    }
}
