//! What happens to orders and scanners, and the state that follows from it.
//!
//! INVARIANT: no event takes an order out of the list; it leaves the queue only as one of the
//! four departures, so that every order stays accounted for.

use crate::department::{Department, ENTRIES_MAX};
use crate::entry::{Deadline, Departure, Entry, Protocol, State};
use crate::error::QueueError;
use crate::names::{EntryId, Reason, ScannerId, somebody};
use crate::overriding::{OVERRIDES_MAX, Override};
use crate::readiness::Item;
use crate::scanner::{Down, Running, Scanner};
use crate::tier::Tier;

/// The most items of readiness of one order.
const ITEMS_MAX: usize = 64;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new order.
    Ordered(Box<Entry>),
    /// A new decision: tier, deadline and protocol follow it.
    Decided {
        /// Which order.
        id: EntryId,
        /// How urgent now.
        tier: Tier,
        /// By when now.
        deadline: Option<Deadline>,
        /// What is scanned now.
        protocol: Box<Protocol>,
    },
    /// An item of readiness was answered, or is new.
    Answered {
        /// Which order.
        id: EntryId,
        /// The item as it is now; one of the same name is replaced.
        item: Item,
    },
    /// Called to a scanner.
    Called {
        /// Which order.
        id: EntryId,
        /// To which scanner.
        scanner: ScannerId,
    },
    /// Prepared at a scanner.
    Prepared {
        /// Which order.
        id: EntryId,
        /// At which scanner.
        scanner: ScannerId,
    },
    /// Sedated for a scanner.
    Sedated {
        /// Which order.
        id: EntryId,
        /// For which scanner.
        scanner: ScannerId,
    },
    /// Contrast is running in.
    ContrastStarted {
        /// Which order.
        id: EntryId,
        /// At which scanner.
        scanner: ScannerId,
    },
    /// Sent back to wait: not scanned now, or the wrong entry was chosen at the scanner.
    Returned {
        /// Which order.
        id: EntryId,
    },
    /// The scan started.
    Started {
        /// Which order.
        id: EntryId,
        /// On which scanner.
        scanner: ScannerId,
    },
    /// The scan is done.
    Ended {
        /// Which order.
        id: EntryId,
    },
    /// A person decided about it, see [`Department::decide`].
    Overridden {
        /// Which order.
        id: EntryId,
        /// What.
        made: Override,
    },
    /// A person takes back what people decided about it.
    OverridesEnded {
        /// Which order.
        id: EntryId,
    },
    /// Cancelled.
    Cancelled {
        /// Which order.
        id: EntryId,
        /// Who.
        by: String,
        /// Why; needed.
        reason: String,
    },
    /// Sent to another site.
    Transferred {
        /// Which order.
        id: EntryId,
        /// Where to.
        site: String,
    },
    /// The patient left the hospital.
    Discharged {
        /// Which order.
        id: EntryId,
    },
    /// A scanner is out of order.
    WentDown {
        /// Which.
        scanner: ScannerId,
        /// Until when, if anybody knows.
        until: Option<i64>,
    },
    /// A scanner works again.
    CameUp {
        /// Which.
        scanner: ScannerId,
    },
}

impl Department {
    /// Takes what happened at an instant; now becomes that instant unless it is later already.
    /// Nothing changes on an error.
    ///
    /// # Errors
    /// [`QueueError`] when there is no such order or scanner, the order has left, a scan is
    /// running that this would interrupt, another one runs there, or a reason or name is missing.
    pub fn apply(&mut self, at: i64, event: Event) -> Result<(), QueueError> {
        match event {
            Event::Ordered(entry) => self.ordered(*entry)?,
            Event::Decided { id, tier, deadline, protocol } => {
                let entry = self.inside(&id)?;
                (entry.tier, entry.deadline, entry.protocol) = (tier, deadline, *protocol);
            }
            Event::Answered { id, item } => self.answered(&id, item)?,
            Event::Called { id, scanner } => self.brought(&id, State::Called { scanner })?,
            Event::Prepared { id, scanner } => self.brought(&id, State::Prepared { scanner })?,
            Event::Sedated { id, scanner } => self.brought(&id, State::Sedated { scanner })?,
            Event::ContrastStarted { id, scanner } => {
                self.brought(&id, State::ContrastRunning { scanner })?;
            }
            Event::Returned { id } => {
                self.clear_table(&id, at)?;
                self.inside(&id)?.state = State::Waiting;
            }
            Event::Started { id, scanner } => self.started(&id, &scanner, at)?,
            Event::Ended { id } => {
                if !matches!(self.inside(&id)?.state, State::OnTable { .. }) {
                    return Err(QueueError::NotOnTable);
                }
                self.clear_table(&id, at)?;
                self.inside(&id)?.state = State::Left(Departure::Scanned { at });
            }
            Event::Overridden { id, made } => self.overridden(&id, made, at)?,
            Event::OverridesEnded { id } => self.outside_table(&id)?.overrides.clear(),
            Event::Cancelled { id, by, reason, .. } => {
                let (by, reason) = (somebody(&by)?, Reason::new(&reason)?);
                self.leaves(&id, Departure::Cancelled { by, reason, at })?;
            }
            Event::Transferred { id, site } => {
                let site = somebody(&site)?;
                self.leaves(&id, Departure::Transferred { site, at })?;
            }
            Event::Discharged { id } => self.leaves(&id, Departure::Discharged { at })?,
            Event::WentDown { scanner, until } => {
                self.scanner_mut(&scanner)?.down = Some(Down { since: at, until });
            }
            Event::CameUp { scanner } => {
                let scanner = self.scanner_mut(&scanner)?;
                scanner.down = None;
                scanner.free_since = scanner.running.is_none().then_some(at);
            }
        }
        // Events may come late; now never goes back.
        self.now = self.now.max(at);
        Ok(())
    }

    fn ordered(&mut self, entry: Entry) -> Result<(), QueueError> {
        if self.entry(&entry.id).is_some() {
            return Err(QueueError::Twice);
        }
        let inside = self.entries.iter().filter(|one| !matches!(one.state, State::Left(_)));
        if inside.count() >= ENTRIES_MAX {
            return Err(QueueError::TooMany { what: "orders", limit: ENTRIES_MAX });
        }
        self.entries.push(entry);
        Ok(())
    }

    fn answered(&mut self, id: &EntryId, item: Item) -> Result<(), QueueError> {
        let entry = self.inside(id)?;
        if let Some(known) = entry.readiness.iter_mut().find(|known| known.name == item.name) {
            *known = item;
            return Ok(());
        }
        if entry.readiness.len() >= ITEMS_MAX {
            return Err(QueueError::TooMany { what: "items", limit: ITEMS_MAX });
        }
        entry.readiness.push(item);
        Ok(())
    }

    fn brought(&mut self, id: &EntryId, state: State) -> Result<(), QueueError> {
        if let State::Called { scanner }
        | State::Prepared { scanner }
        | State::Sedated { scanner }
        | State::ContrastRunning { scanner } = &state
        {
            self.scanner(scanner).ok_or(QueueError::UnknownScanner)?;
        }
        self.outside_table(id)?.state = state;
        Ok(())
    }

    fn started(&mut self, id: &EntryId, on: &ScannerId, at: i64) -> Result<(), QueueError> {
        let protocol = self.waiting(id)?.protocol.clone();
        let scanner = self.scanner(on).ok_or(QueueError::UnknownScanner)?;
        if self.running(scanner).is_some() {
            return Err(QueueError::Busy);
        }
        let scanner = self.scanner_mut(on)?;
        scanner.running = Some(Running {
            entry: Some(id.clone()),
            since: at,
            end_p50: at.saturating_add(protocol.seconds_p50()),
            end_p90: at.saturating_add(protocol.seconds_p90()),
        });
        scanner.free_since = None;
        scanner.contrast = protocol.contrast;
        if protocol.coil.is_some() {
            scanner.coil = protocol.coil;
        }
        self.outside_table(id)?.state = State::OnTable { scanner: on.clone(), since: at };
        Ok(())
    }

    /// Frees the table of an order that is on one.
    fn clear_table(&mut self, id: &EntryId, at: i64) -> Result<(), QueueError> {
        self.inside(id)?;
        for scanner in &mut self.scanners {
            let runs = scanner.running.as_ref().is_some_and(|it| it.entry.as_ref() == Some(id));
            if runs {
                scanner.running = None;
                scanner.free_since = Some(at);
            }
        }
        Ok(())
    }

    fn overridden(&mut self, id: &EntryId, made: Override, at: i64) -> Result<(), QueueError> {
        let entry = self.outside_table(id)?;
        entry.overrides.retain(|one| one.counts(at));
        if entry.overrides.len() >= OVERRIDES_MAX {
            return Err(QueueError::TooMany { what: "moves of this order", limit: OVERRIDES_MAX });
        }
        entry.overrides.push(made);
        Ok(())
    }

    fn leaves(&mut self, id: &EntryId, how: Departure) -> Result<(), QueueError> {
        self.outside_table(id)?.state = State::Left(how);
        Ok(())
    }

    /// An order that has not left.
    fn inside(&mut self, id: &EntryId) -> Result<&mut Entry, QueueError> {
        let entry = self.entries.iter_mut().find(|entry| entry.id == *id);
        match entry.ok_or(QueueError::UnknownEntry)? {
            Entry { state: State::Left(_), .. } => Err(QueueError::Left),
            entry => Ok(entry),
        }
    }

    /// An order that has not left and is not being scanned.
    fn outside_table(&mut self, id: &EntryId) -> Result<&mut Entry, QueueError> {
        match self.inside(id)? {
            Entry { state: State::OnTable { .. }, .. } => Err(QueueError::OnTable),
            entry => Ok(entry),
        }
    }

    fn scanner_mut(&mut self, id: &ScannerId) -> Result<&mut Scanner, QueueError> {
        let scanner = self.scanners.iter_mut().find(|scanner| scanner.id == *id);
        scanner.ok_or(QueueError::UnknownScanner)
    }
}
