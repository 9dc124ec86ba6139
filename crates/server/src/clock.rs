//! The clock, handed in from outside so that tests bring their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// A hand that somebody moves, in microseconds since 1970 UTC.
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at that second until it is moved.
    pub fn at(second: i64) -> Clock {
        Clock::Hand(Arc::new(AtomicI64::new(second.saturating_mul(1_000_000))))
    }

    /// Moves a hand on; the machine's clock moves by itself.
    pub fn pass(&self, seconds: i64) {
        if let Clock::Hand(hand) = self {
            hand.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
        }
    }

    /// Microseconds since 1970 UTC.
    pub fn micros(&self) -> i64 {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
            }
            Clock::Hand(hand) => hand.load(Ordering::SeqCst),
        }
    }

    /// Seconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.micros().div_euclid(1_000_000)
    }
}
