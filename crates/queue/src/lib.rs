//! The MRI queue: who is scanned next, when, and why.
//!
//! Pure: no file, clock, network, thread or randomness. A [`Department`] is what is known now;
//! [`next`] says what a free scanner does, [`plan`] gives every order its place, its predicted
//! start and the reason in words, [`what_if`] says who moves if one more comes. All three use
//! the same rules (`rank`, `arrange`, `choose`, `hold`), so that the board, the advice to the
//! coordinator and a capacity simulator cannot disagree.
//!
//! Instants are whole seconds since 1970 in UTC, as in the rest of Cauda; lengths are minutes.
//!
//! What always holds: a running scan is never interrupted; an immediate patient who is ready is
//! passed by nobody of a lower tier; a prepared, sedated or contrast-running patient is passed
//! only by an immediate one; a person's move stands until it expires; nobody leaves but by a
//! scan, a cancellation with a reason, a transfer or a discharge. It does *not* hold that one
//! more scanner makes every wait shorter: list scheduling has Graham's anomalies.

mod arrange;
mod breach;
mod choose;
mod department;
mod entry;
mod error;
mod event;
mod forecast;
mod hold;
mod names;
mod overriding;
mod plan;
mod rank;
mod readiness;
mod scanner;
mod search;
mod settings;
mod tier;
mod what_if;
mod why;

pub use breach::{Breach, Change, Likelihood};
pub use choose::{Choice, next};
pub use department::{Department, ENTRIES_MAX, SCANNERS_MAX};
pub use entry::{Deadline, Departure, Entry, MINUTES_MAX, Protocol, Shorter, State};
pub use error::QueueError;
pub use event::Event;
pub use forecast::{FORECAST_ENTRIES_MAX, FORECAST_STEPS_MAX};
pub use names::{EntryId, Reason, ScannerId, WORDS_MAX};
pub use overriding::{OVERRIDE_HOURS_MAX, OVERRIDES_MAX, Override, Will};
pub use plan::{Block, BlockKind, Lane, Plan, Planned, Predicted, plan};
pub use rank::{latest_start, points};
pub use readiness::{Answer, Blocks, Item, Readiness};
pub use scanner::{Down, Gap, Hours, Running, Scanner, Span};
pub use search::SEARCHES_MAX;
pub use settings::{Ageing, Looking, Settings, Within};
pub use tier::Tier;
pub use what_if::{Moved, what_if};
pub use why::{Part, Why};
