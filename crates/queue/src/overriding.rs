//! What people decide: moves, locks, holds and tiers, each with who, until when, and why.
//!
//! They stand until they expire; the program never orders above them in silence. More or earlier
//! care needs no reason. Less or later care needs one.

use crate::arrange;
use crate::department::Department;
use crate::error::QueueError;
use crate::names::{EntryId, Reason, ScannerId, somebody};
use crate::tier::Tier;

/// The most decisions kept with one order.
pub const OVERRIDES_MAX: usize = 32;

/// The longest that a decision counts, in hours.
pub const OVERRIDE_HOURS_MAX: u32 = 72;

/// What a person wants of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Will {
    /// First of those who wait.
    First,
    /// Last.
    Last,
    /// Just before another.
    Before(EntryId),
    /// Just after another.
    After(EntryId),
    /// Locked at a place, counted from 1.
    Place(u32),
    /// Only on that scanner.
    Only(ScannerId),
    /// Not to be called.
    Hold,
    /// Another tier than the decision's.
    Tier(Tier),
}

/// A person's decision about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// What.
    pub will: Will,
    /// Why.
    pub reason: Option<Reason>,
    /// Who.
    pub by: String,
    /// When it was made.
    pub at: i64,
    /// First second at which it no longer counts.
    pub until: i64,
}

impl Override {
    /// Whether it counts at an instant.
    pub fn counts(&self, at: i64) -> bool {
        at < self.until
    }

    /// Whether it changes the place in the order.
    pub(crate) fn moves(&self) -> bool {
        matches!(
            self.will,
            Will::First | Will::Last | Will::Before(_) | Will::After(_) | Will::Place(_)
        )
    }
}

impl Department {
    /// Makes a decision of a person about an order, checked but not yet applied: apply it with
    /// [`crate::Event::Overridden`].
    ///
    /// `until` is absolute and at most [`OVERRIDE_HOURS_MAX`] hours from now.
    ///
    /// # Errors
    /// [`QueueError::NoReason`] when it gives less or later care to this patient and no reason is
    /// given; also when nobody is named, the end is out of range, an order or scanner is unknown.
    pub fn decide(
        &self,
        id: &EntryId,
        will: Will,
        by: &str,
        reason: Option<&str>,
        until: i64,
    ) -> Result<Override, QueueError> {
        let entry = self.waiting(id)?;
        let by = somebody(by)?;
        let reason = match reason.map(str::trim) {
            None | Some("") => None,
            Some(words) => Some(Reason::new(words)?),
        };
        let longest = self.now.saturating_add(i64::from(OVERRIDE_HOURS_MAX) * 3600);
        if until <= self.now || until > longest {
            return Err(QueueError::Until { hours: OVERRIDE_HOURS_MAX });
        }
        match &will {
            Will::Before(other) | Will::After(other) => {
                if other == id {
                    return Err(QueueError::Itself);
                }
                self.waiting(other)?;
            }
            Will::Only(scanner) => {
                self.scanner(scanner).ok_or(QueueError::UnknownScanner)?;
            }
            _ => {}
        }
        let made = Override { will, reason, by, at: self.now, until };
        let less = match &made.will {
            Will::Hold | Will::Last | Will::Only(_) => true,
            Will::Tier(tier) => *tier < entry.tier.max(entry.tier_at(self.now)),
            Will::First => false,
            Will::Before(_) | Will::After(_) | Will::Place(_) => self.falls_back(id, &made),
        };
        if less && made.reason.is_none() {
            return Err(QueueError::NoReason);
        }
        Ok(made)
    }

    /// Whether a move puts the order later than it is now.
    fn falls_back(&self, id: &EntryId, made: &Override) -> bool {
        let place = |department: &Department| {
            let order = arrange::order(department, self.now);
            order.iter().position(|ix| department.entries.get(*ix).is_some_and(|e| e.id == *id))
        };
        let mut moved = self.clone();
        for entry in moved.entries.iter_mut().filter(|entry| entry.id == *id) {
            entry.overrides.push(made.clone());
        }
        place(&moved) > place(self)
    }
}
