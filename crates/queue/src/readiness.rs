//! What must be known or done before a patient may go on the table (CR27).
//!
//! Each item is yes, no or unknown, and only *yes* opens the gate: unknown is never absent. An
//! item says whom it may keep from the scanner, so that an unknown pregnancy or kidney function
//! delays no emergency.

use crate::settings::Settings;
use crate::tier::Tier;

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// Known and in order, or done.
    Yes,
    /// Known and not in order, or not done.
    No,
    /// Nobody knows.
    Unknown,
}

/// Whom an item keeps from the scanner until its answer is yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocks {
    /// Everybody: an implant, no way to lie on the table, not yet in the house.
    Everybody,
    /// Only tiers lower than this one.
    LowerThan(Tier),
    /// Nobody: shown only.
    Nobody,
}

/// One item of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name as shown, such as `safety screening`.
    pub name: String,
    /// How it stands.
    pub answer: Answer,
    /// Whom it keeps waiting.
    pub blocks: Blocks,
    /// When it is expected to be yes, if somebody said so.
    pub expected_at: Option<i64>,
}

impl Item {
    /// Whether it keeps an order of that tier from the scanner now.
    pub fn keeps(&self, tier: Tier) -> bool {
        self.answer != Answer::Yes
            && match self.blocks {
                Blocks::Everybody => true,
                Blocks::LowerThan(limit) => tier < limit,
                Blocks::Nobody => false,
            }
    }
}

/// When an order can go on the table, as far as readiness goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// Now.
    Ready,
    /// From then, as somebody expects.
    Expected(i64),
    /// From then, because nobody said when, or what was said is over, and the settings assume it.
    Assumed(i64),
    /// An item is *no* and nobody expects it to change.
    Never,
}

impl Readiness {
    pub(crate) fn of(items: &[Item], tier: Tier, now: i64, settings: &Settings) -> Readiness {
        let mut whole = Readiness::Ready;
        for item in items.iter().filter(|item| item.keeps(tier)) {
            let one = match (item.expected_at, item.answer) {
                (Some(at), _) if at > now => Readiness::Expected(at),
                // Expected by now and not there: it is late, not done, and no scanner is held for
                // it. After a while it counts as if nobody had said when.
                (Some(at), _) if now.saturating_sub(at) < settings.assumed() => {
                    Readiness::Assumed(now.saturating_add(settings.late()))
                }
                (_, Answer::No) => Readiness::Never,
                (_, _) => Readiness::Assumed(now.saturating_add(settings.assumed())),
            };
            whole = whole.later(one);
        }
        whole
    }

    fn later(self, other: Readiness) -> Readiness {
        match (self.at(), other.at()) {
            (Some(own), Some(others)) if own >= others => self,
            (None, _) => self,
            _ => other,
        }
    }

    fn at(self) -> Option<i64> {
        match self {
            Readiness::Ready => Some(i64::MIN),
            Readiness::Expected(at) | Readiness::Assumed(at) => Some(at),
            Readiness::Never => None,
        }
    }

    /// The instant the forecast counts with: the smallest for ready, the greatest for never.
    pub(crate) fn instant(self) -> i64 {
        self.at().unwrap_or(i64::MAX)
    }
}
