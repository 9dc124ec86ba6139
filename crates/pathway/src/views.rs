//! What the screens need of a visit, as plain data: no markup, no wording beyond
//! the closed lists.

mod handover;
mod my_tasks;
mod timeline;
mod waiting;

pub use handover::{Handover, Standing, handover};
pub use my_tasks::{TaskRow, my_tasks};
pub use timeline::{TimelineRow, timeline};
pub use waiting::{DangerSign, Unasked, VerdictSoFar, WaitingRow, waiting_row};
