//! Urgency of an order: the tiers of the guideline that come to a scanner (CR1).

use std::fmt;

/// Urgency, least first. It comes from the decision, never from free choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// On the outpatient list, with a date of its own.
    Outpatient,
    /// Within seven days.
    Booked,
    /// Within 24 hours, staying.
    Urgent,
    /// Within four hours.
    Emergency,
    /// Next on the table: stroke, severe trauma.
    Immediate,
}

impl Tier {
    /// All, least urgent first.
    pub const ALL: [Tier; 5] =
        [Tier::Outpatient, Tier::Booked, Tier::Urgent, Tier::Emergency, Tier::Immediate];

    /// Its id, as in the guideline's pages.
    pub fn id(self) -> &'static str {
        match self {
            Tier::Outpatient => "outpatient",
            Tier::Booked => "booked",
            Tier::Urgent => "urgent",
            Tier::Emergency => "emergency",
            Tier::Immediate => "immediate",
        }
    }

    /// The tier with that id.
    pub fn of_id(id: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.id() == id)
    }

    /// What a table of one value a tier holds for this one.
    pub(crate) fn of<T: Copy>(self, table: &[T; 5]) -> T {
        let [outpatient, booked, urgent, emergency, immediate] = *table;
        match self {
            Tier::Outpatient => outpatient,
            Tier::Booked => booked,
            Tier::Urgent => urgent,
            Tier::Emergency => emergency,
            Tier::Immediate => immediate,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.id())
    }
}
