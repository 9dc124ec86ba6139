//! A server that fails again and again is left alone for a while, so that no call waits for it in
//! vain; then one question tries it.

use std::sync::Mutex;

/// Failures in a row after which it is left alone.
const FAILURES: u32 = 5;
/// How long it is left alone, in seconds.
const ALONE_SECONDS: i64 = 30;

/// Counts the failures of one server.
#[derive(Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    /// The second at which it was left alone last, or was tried.
    since: i64,
}

impl Breaker {
    /// Whether it may be asked now. Whoever is let through after a while is alone for another one,
    /// so that one that never comes back keeps nobody out for longer.
    pub(crate) fn lets_through(&self, now: i64) -> bool {
        // Whoever holds the lock does not panic.
        let Ok(mut state) = self.0.lock() else { return false };
        if state.failures < FAILURES {
            return true;
        }
        // A clock that was set back ends it, too.
        let alone = (0..ALONE_SECONDS).contains(&now.saturating_sub(state.since));
        if !alone {
            state.since = now;
        }
        !alone
    }

    /// It answered, or it did not.
    pub(crate) fn tell(&self, answered: bool, now: i64) {
        let Ok(mut state) = self.0.lock() else { return };
        match answered {
            true => state.failures = 0,
            false => {
                state.failures = state.failures.saturating_add(1);
                state.since = now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;

    #[test]
    fn it_is_left_alone_and_tried_again() {
        let breaker = Breaker::default();
        for _ in 0..4 {
            breaker.tell(false, 100);
        }
        breaker.tell(true, 100);
        for _ in 0..5 {
            assert!(breaker.lets_through(100));
            breaker.tell(false, 100);
        }
        assert!(!breaker.lets_through(100) && !breaker.lets_through(129));
        // One tries it, and the others wait for what becomes of that, no longer than a while.
        assert!(breaker.lets_through(130));
        assert!(!breaker.lets_through(131) && !breaker.lets_through(159));
        assert!(breaker.lets_through(160));
        breaker.tell(false, 161);
        assert!(!breaker.lets_through(190));
        assert!(breaker.lets_through(191));
        breaker.tell(true, 191);
        assert!(breaker.lets_through(191));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.tell(false, 1_000);
        }
        assert!(!breaker.lets_through(1_001));
        assert!(breaker.lets_through(10));
    }
}
