//! The last 24 hours against the targets of each tier.

use maud::{Markup, html};

/// One tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierDay {
    /// Its id.
    pub tier: &'static str,
    /// Scans that began.
    pub begun: usize,
    /// Minutes from the order to the begin: half waited no longer, nine of ten waited no longer.
    pub waited: Option<(i64, i64)>,
    /// Of those with a deadline: how many, and how many began in time.
    pub in_time: (usize, usize),
    /// Cancelled, transferred, gone.
    pub other: usize,
    /// Still waiting beyond the deadline.
    pub late: usize,
    /// Of scans whose report has a time: how many of those that came or are overdue, and how many
    /// came in time.
    pub reported: (usize, usize),
    /// Reports that are overdue and not there.
    pub unreported: usize,
}

/// The page.
pub fn day(tiers: &[TierDay]) -> Markup {
    html! {
        h1 { "MRI, the last 24 hours" }
        table.list role="table" {
            thead role="rowgroup" { tr role="row" {
                @for title in ["Tier", "Begun", "Waited, half", "Waited, nine of ten", "In time", "Late and waiting", "Left otherwise", "Reported in time", "Report overdue"] {
                    th role="columnheader" scope="col" { (title) } }
            } }
            tbody role="rowgroup" { @for one in tiers {
                tr role="row" {
                    th role="rowheader" scope="row" data-label="Tier" { (one.tier) }
                    td role="cell" data-label="Begun" { (one.begun) }
                    td role="cell" data-label="Waited, half" { (minutes(one.waited.map(|(half, _)| half))) }
                    td role="cell" data-label="Waited, nine of ten" { (minutes(one.waited.map(|(_, most)| most))) }
                    td role="cell" data-label="In time" { (one.in_time.1) " of " (one.in_time.0) }
                    td role="cell" data-label="Late and waiting" { (one.late) }
                    td role="cell" data-label="Left otherwise" { (one.other) }
                    td role="cell" data-label="Reported in time" { (one.reported.1) " of " (one.reported.0) }
                    td role="cell" data-label="Report overdue" { @if one.unreported > 0 { b.error { (one.unreported) } } @else { "0" } }
                }
            } }
        }
        p.hint { "Few scans a day: one late scan moves these figures much. Scans that nobody ordered here count from the moment the scanner told of them." }
        p.hint { "A report is in time when it is there within an hour of the end of an emergency scan, or of a scan of a visit." }
        p { a href="/mri" { "To the board" } }
    }
}

fn minutes(minutes: Option<i64>) -> String {
    minutes.map_or("none".to_string(), |minutes| format!("{minutes} min"))
}
