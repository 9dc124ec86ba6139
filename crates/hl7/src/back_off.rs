//! How long to wait before a message is sent again: longer each time, and not all at once.

/// Longest wait, in seconds.
pub const WAIT_SECONDS_MAX: i64 = 300;

/// Seconds to wait after so many failures in a row, at least one. It doubles from two seconds on
/// up to [`WAIT_SECONDS_MAX`]; `draw`, any random number, takes away up to half, so that many
/// senders do not come back in the same second.
pub fn wait_seconds(failures: u32, draw: u32) -> i64 {
    let doubled = 1_i64.checked_shl(failures.min(16)).unwrap_or(WAIT_SECONDS_MAX);
    let most = doubled.clamp(1, WAIT_SECONDS_MAX);
    let least = (most / 2).max(1);
    let more = i64::from(draw).checked_rem(most - least + 1).unwrap_or(0);
    least + more
}
