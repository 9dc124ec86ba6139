//! What a department sets. The defaults are starting points, to be agreed locally.

use crate::tier::Tier;

/// Settings of the policy. Tables hold one value a tier, least urgent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How priority grows with waiting.
    pub ageing: Ageing,
    /// The order inside a band of priority.
    pub within: Within,
    /// Slacks and waits closer than this count as equal, so that a changeover can be saved.
    pub grain_minutes: u32,
    /// An emergency with less slack than this is passed by no lower tier, however old; nothing
    /// switches that off, for textbook comparisons.
    pub protect_minutes: Option<u32>,
    /// Minutes from the order to a deadline where the order has none.
    pub window_minutes: [u32; 5],
    /// Looking ahead for an immediate patient.
    pub looking: Looking,
    /// Minutes until ready when an item is unknown and nobody said when; for so long after its time
    /// what somebody expected is late, and then it counts no more.
    pub assumed_ready_minutes: u32,
    /// Minutes more when an item was expected by now.
    pub late_ready_minutes: u32,
    /// Minutes more when a scan runs past its p90.
    pub overrun_minutes: u32,
    /// How far predictions go.
    pub horizon_hours: u32,
}

/// Accumulating priority: points at the order, and points a day of waiting (Kleinrock 1964;
/// Stanford, Taylor and Ziedins 2014). Points are counted in bands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ageing {
    /// Points at the order.
    pub base: [u32; 5],
    /// Points a day of waiting.
    pub per_day: [u32; 5],
    /// Ageing lifts nobody above so many points. At an emergency's base, who has aged competes
    /// with emergencies by slack and does not pass them for age alone; nothing lifts the limit.
    pub top: Option<u32>,
    /// Points of a band: inside a band [`Within`] decides. Zero compares the points themselves.
    pub band: u32,
}

/// The order inside a band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Who must start first to be done by the deadline.
    LeastSlack,
    /// Whose deadline is first.
    EarliestDeadline,
    /// Who was ordered first.
    LongestWait,
}

/// When a scanner is kept idle for an immediate patient who is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    /// The longest it is idle for that, in minutes; zero never.
    pub minutes_max: u32,
    /// Of 100 such patients, how many come when they are expected.
    pub reliability_percent: u32,
    /// What a minute of waiting counts.
    pub weight: [u32; 5],
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ageing: Ageing {
                base: [100, 200, 300, 400, 500],
                per_day: [5, 20, 100, 100, 100],
                top: Some(400),
                band: 100,
            },
            within: Within::LeastSlack,
            grain_minutes: 15,
            protect_minutes: Some(60),
            window_minutes: [42 * 24 * 60, 7 * 24 * 60, 24 * 60, 4 * 60, 30],
            looking: Looking {
                minutes_max: 10,
                reliability_percent: 80,
                weight: [1, 1, 3, 10, 100],
            },
            assumed_ready_minutes: 60,
            late_ready_minutes: 10,
            overrun_minutes: 5,
            horizon_hours: 72,
        }
    }
}

impl Settings {
    /// Strict tiers, longest wait first in each: Cobham's priority queue.
    pub fn strict() -> Settings {
        Settings::textbook([100, 200, 300, 400, 500], [0; 5], 1, Within::LongestWait)
    }

    /// Points grow from nothing at a rate a tier: Kleinrock's time-dependent priorities. Equal
    /// rates are first come, first served. Immediate patients still come first.
    pub fn accumulating(per_day: [u32; 5]) -> Settings {
        Settings::textbook([0; 5], per_day, 0, Within::LongestWait)
    }

    /// Earliest deadline first, whatever the tier below immediate.
    pub fn earliest_deadline() -> Settings {
        Settings::textbook([0; 5], [0; 5], 1, Within::EarliestDeadline)
    }

    /// Without grain, protection and looking ahead.
    fn textbook(base: [u32; 5], per_day: [u32; 5], band: u32, within: Within) -> Settings {
        let shipped = Settings::default();
        Settings {
            ageing: Ageing { base, per_day, top: None, band },
            within,
            grain_minutes: 0,
            protect_minutes: None,
            looking: Looking { minutes_max: 0, ..shipped.looking },
            ..shipped
        }
    }

    pub(crate) fn window(&self, tier: Tier) -> i64 {
        i64::from(tier.of(&self.window_minutes)) * 60
    }

    pub(crate) fn assumed(&self) -> i64 {
        i64::from(self.assumed_ready_minutes) * 60
    }

    pub(crate) fn late(&self) -> i64 {
        i64::from(self.late_ready_minutes) * 60
    }
}
