//! What the screens need of a visit, as plain data: no markup, no wording beyond
//! the closed lists.

mod follow_up;
mod handover;
mod my_tasks;
mod timeline;
mod waiting;

pub use follow_up::{
    FollowUpRow, Standing as FollowUpStanding, follow_up_row, prospect, suggests_scan,
};
pub use handover::{Handover, Standing, handover};
pub use my_tasks::{TaskRow, my_tasks};
pub use timeline::{TimelineRow, timeline};
pub use waiting::{DangerSign, Unasked, VerdictSoFar, WaitingRow, waiting_row};
