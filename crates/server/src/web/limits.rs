//! How often somebody may ask. What is written about a patient is never stopped by it.

use std::collections::HashMap;
use std::sync::Mutex;

/// Most keys that are remembered; the fullest buckets are forgotten first.
const KEYS_MAX: usize = 20_000;

/// A bucket of tokens that fills with time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: i64,
}

/// Limits of one kind: `burst` at once, `each_second` in the long run.
pub struct Limiter {
    burst: f64,
    each_second: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Limiter {
    fn new(burst: f64, each_second: f64) -> Limiter {
        Limiter { burst, each_second, buckets: Mutex::default() }
    }

    /// Takes a token of that key at that second; whether there was one.
    pub fn takes(&self, key: &str, now: i64) -> bool {
        let Ok(mut buckets) = self.buckets.lock() else { return true };
        if buckets.len() >= KEYS_MAX {
            let (burst, rate) = (self.burst, self.each_second);
            let left = |bucket: &Bucket| bucket.tokens + (now - bucket.at).max(0) as f64 * rate;
            buckets.retain(|_, bucket| left(bucket) < burst);
            if buckets.len() >= KEYS_MAX {
                // The emptier half is remembered: whoever asks much is not forgotten for the sake
                // of names that were made up.
                let mut all: Vec<f64> = buckets.values().map(left).collect();
                let middle = all.len() / 2;
                let (_, middle, _) = all.select_nth_unstable_by(middle, f64::total_cmp);
                let middle = *middle;
                buckets.retain(|_, bucket| left(bucket) < middle);
                if buckets.len() >= KEYS_MAX {
                    buckets.clear();
                }
            }
        }
        let full = Bucket { tokens: self.burst, at: now };
        let bucket = buckets.entry(key.to_string()).or_insert(full);
        let gained = (now - bucket.at).max(0) as f64 * self.each_second;
        bucket.tokens = (bucket.tokens + gained).min(self.burst);
        bucket.at = now;
        let has = bucket.tokens >= 1.0;
        if has {
            bucket.tokens -= 1.0;
        }
        has
    }

    /// Gives the tokens of a key back, after the person turned out to be the right one.
    pub fn forgives(&self, key: &str) {
        if let Ok(mut buckets) = self.buckets.lock() {
            buckets.remove(key);
        }
    }
}

/// All limits.
pub struct Limits {
    /// Passwords tried for one name: ten, then one every half minute.
    pub passwords: Limiter,
    /// Pages read in one session.
    pub pages: Limiter,
    /// Pages of the self-check from one place; behind a proxy of ours, from one address it names.
    pub check: Limiter,
    /// Links that do not work, from one place.
    pub broken_links: Limiter,
    /// Calls of EHRs that were not believed, and launches, from one place.
    pub broken_calls: Limiter,
    /// Pages read by one link.
    pub links: Limiter,
    /// Answers by the link of one visit that are written down; a danger sign is never counted.
    pub answers: Limiter,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            passwords: Limiter::new(10.0, 1.0 / 30.0),
            pages: Limiter::new(300.0, 30.0),
            check: Limiter::new(200.0, 10.0),
            broken_links: Limiter::new(100.0, 1.0),
            broken_calls: Limiter::new(100.0, 2.0),
            links: Limiter::new(120.0, 0.2),
            answers: Limiter::new(20.0, 1.0 / 600.0),
        }
    }
}
