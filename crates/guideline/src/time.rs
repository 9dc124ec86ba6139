//! Instants as whole seconds since 1970 in UTC. Read from RFC 3339 text with an
//! offset; the system clock is never looked at.

use jiff::Timestamp;

/// Reads `2026-11-23T03:10:00+01:00`; parts of a second are dropped.
///
/// # Errors
/// One sentence saying what to write instead.
pub fn read(text: &str) -> Result<i64, String> {
    if text.len() > 64 {
        return Err("this is not a time; write `2026-11-23T03:10:00Z`".to_string());
    }
    match text.parse::<Timestamp>() {
        Ok(instant) => Ok(instant.as_second()),
        Err(_) if lacks_zone(text) => {
            Err(format!("`{text}` has no time zone; write `{text}Z` or an offset such as `+01:00`"))
        }
        Err(_) => Err(format!("`{text}` is not a time; write `2026-11-23T03:10:00Z`")),
    }
}

fn lacks_zone(text: &str) -> bool {
    let has_time = text.is_ascii() && text.len() >= 16 && text.as_bytes()[13] == b':';
    has_time && !text.ends_with(['Z', 'z']) && !text[16..].contains(['+', '-'])
}

/// Writes an instant in UTC.
pub fn write(second: i64) -> String {
    match Timestamp::from_second(second) {
        Ok(instant) => instant.to_string(),
        Err(_) => second.to_string(),
    }
}
