//! What became of a try, and when the next one is. Pure: time, local time and key are arguments.

use crate::{Fault, PostError};

/// Seconds until the next try, after the first, the second, and so on; the last repeats.
const WAITS_SECONDS: [i64; 6] = [60, 300, 1_800, 7_200, 21_600, 43_200];
/// Seconds after which a message is given up, counted in waits.
const GIVEN_UP_SECONDS: i64 = 259_200;
/// At most this part of a wait is added, one in so many, and at most so many seconds.
const JITTER_PART: i64 = 10;
const JITTER_SECONDS_MAX: i64 = 300;
/// Longest wait that the other side may ask for, in seconds.
const ASKED_SECONDS_MAX: i64 = 43_200;
/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;
/// How often a moment is moved on when the clocks are changed on the way.
const MOVES_MAX: usize = 4;

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has it and answers for it.
    Sent,
    /// Not now: it, the way, or the settings are at fault, and none of this is the message's.
    Later {
        /// Why.
        what: Fault,
        /// How long the other side asked us to wait, in seconds, up to 12 hours.
        wait_seconds: Option<i64>,
    },
    /// This message will never be taken.
    Never {
        /// Why.
        what: Fault,
    },
}

/// How far a message had come when the mail server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailStep {
    /// Who sends it.
    Sender,
    /// Who gets it.
    Recipient,
    /// What it says.
    Text,
}

impl Outcome {
    /// Not now, and nobody said for how long.
    pub fn later(what: Fault) -> Outcome {
        Outcome::Later { what, wait_seconds: None }
    }

    /// When it is tried again after this many tries, in seconds since 1970 UTC: by [`again_at`],
    /// or when the other side asked for it if that is later. `None` if it never is.
    pub fn again_at(self, tries: u32, now: i64, key: &str) -> Option<i64> {
        let Outcome::Later { wait_seconds, .. } = self else { return None };
        let asked = now.saturating_add(wait_seconds.unwrap_or(0));
        again_at(tries, now, key).map(|planned| planned.max(asked))
    }
}

/// When a message is tried again, in seconds since 1970 UTC, after this many tries of which the
/// last was now: after 1 min, 5 min, 30 min, 2 h, 6 h, then every 12 h. `None` when the waits
/// would pass 3 days. A little is added by the key, so that messages that failed together part.
pub fn again_at(tries: u32, now: i64, key: &str) -> Option<i64> {
    let Some(last) = tries.checked_sub(1) else { return Some(now) };
    let repeated = WAITS_SECONDS.len() - 1;
    let last = usize::try_from(last).ok()?;
    let waited: i64 = WAITS_SECONDS.iter().take(last.saturating_add(1)).sum();
    let more = i64::try_from(last.saturating_sub(repeated)).ok()?;
    let waited = waited.saturating_add(more.saturating_mul(WAITS_SECONDS[repeated]));
    if waited > GIVEN_UP_SECONDS {
        return None;
    }
    let wait = WAITS_SECONDS[last.min(repeated)];
    let added_max = (wait / JITTER_PART).min(JITTER_SECONDS_MAX);
    // INVARIANT: the same share at every try, so waits never become shorter.
    Some(now.saturating_add(wait + added_max * share(key) / 1_000))
}

/// What a mail server's answer means. A refusal of login or sender is a fault of the settings, so
/// the message waits for them to be mended; only one of recipient or text is the message's own.
pub fn by_mail(step: MailStep, code: u16) -> Outcome {
    match (code, step) {
        (400..=499, _) => Outcome::later(Fault::Smtp(code)),
        (530 | 534 | 535 | 538, _) => Outcome::later(Fault::Login),
        (500..=599, MailStep::Sender) => Outcome::later(Fault::Sender(code)),
        (500..=599, _) => Outcome::Never { what: Fault::Smtp(code) },
        _ => Outcome::later(Fault::Nonsense),
    }
}

/// What a webhook's answer means. Redirects, missing pages and refused signatures are faults of
/// the settings; 409 says that the same key is still being worked on.
pub fn by_http(status: u16, retry_after_seconds: Option<i64>) -> Outcome {
    let what = Fault::Http(status);
    match status {
        200..=299 => Outcome::Sent,
        408 | 409 | 425 | 429 | 500..=599 => {
            let wait_seconds = retry_after_seconds.map(|asked| asked.clamp(0, ASKED_SECONDS_MAX));
            Outcome::Later { what, wait_seconds }
        }
        300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => Outcome::later(what),
        400..=499 => Outcome::Never { what },
        _ => Outcome::later(Fault::Nonsense),
    }
}

/// Hours in which nobody is written to, by the clock on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    from: u16,
    to: u16,
}

impl Quiet {
    /// From 21:00 to 08:00.
    pub const NIGHT: Quiet = Quiet { from: 21 * 60, to: 8 * 60 };

    /// From a minute of the day, to a minute of the day or of the next; the last is not quiet.
    ///
    /// # Errors
    /// [`PostError::Setting`] if one is no minute of a day, or both are the same.
    pub fn new(from: u16, to: u16) -> Result<Quiet, PostError> {
        if from >= DAY_MINUTES || to >= DAY_MINUTES || from == to {
            let what = "write two different times such as 21:00-08:00";
            return Err(PostError::Setting { name: "quiet hours", what });
        }
        Ok(Quiet { from, to })
    }

    /// Reads `21:00-08:00`.
    ///
    /// # Errors
    /// [`PostError::Setting`].
    pub fn parse(text: &str) -> Result<Quiet, PostError> {
        let read = text.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
        let (from, to) = read.unwrap_or_default();
        Quiet::new(from, to)
    }

    /// Whether this minute of the day is quiet.
    pub fn holds(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// The first moment at or after this one that is not quiet, in seconds since 1970 UTC.
    /// `local_minute` tells the minute of the local day, 0 to 1439, of a moment; it is asked
    /// again about the answer, because the clocks may be changed on the way.
    pub fn next_allowed(self, at: i64, local_minute: impl Fn(i64) -> u16) -> i64 {
        let mut at = at;
        for _ in 0..MOVES_MAX {
            let minute = local_minute(at) % DAY_MINUTES;
            if !self.holds(minute) {
                break;
            }
            let wait = (self.to + DAY_MINUTES - minute) % DAY_MINUTES;
            let begun = at.saturating_sub(at.rem_euclid(60));
            at = begun.saturating_add(i64::from(wait) * 60);
        }
        at
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A number from 0 to 1,000 that the key alone decides: FNV-1a.
fn share(key: &str) -> i64 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    i64::try_from(hash % 1_001).unwrap_or(0)
}
