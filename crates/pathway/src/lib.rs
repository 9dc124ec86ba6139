//! One visit, from the arrival to the last call: `(visit, command, now) ->
//! events`, and the state folded from events.
//!
//! Pure: no file, clock, network, thread or randomness. `command` says what
//! somebody wants, [`handle`] turns it into `event`s or a refusal, [`fold`]
//! makes the `visit` of them. The course is a finite `table` that every event
//! runs through; `nobody_is_lost` searches all of it (SP9). What is clinical is
//! answered by the engine in `deciding`, and nowhere else.

mod afterwards;
pub mod answer;
mod arriving;
pub mod check_in;
pub mod clocks;
mod closed_list;
pub mod command;
mod deciding;
pub mod event;
mod finding;
mod folding;
mod handle;
pub mod identity;
mod leaving;
pub mod limited;
pub mod messaging;
mod moving;
pub mod nobody_is_lost;
mod ordering;
mod passing;
pub mod patient;
pub mod refusal;
pub mod releasing;
mod replay;
mod reporting;
pub mod skeleton;
pub mod table;
pub mod tasks;
pub mod views;
pub mod visit;
mod what;
pub mod wire;

pub use afterwards::carried;
pub use deciding::{answer, decided, entries, explained, known};
pub use finding::{FINDINGS_HARD_MAX, FINDINGS_MAX};
pub use handle::handle;
pub use ordering::span;
pub use passing::{Late, due, next_moment};
pub use replay::{Difference, Replay, replay};
pub use visit::{EVENTS_HARD_MAX, EVENTS_MAX, Visit, fold};
