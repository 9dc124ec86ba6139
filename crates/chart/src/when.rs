//! When something was: the second that counts for danger, and the one that counts for reassurance.
//!
//! A reassuring value is as old as it may be, a danger as new as it may be. Without a time a
//! danger counts now, and nothing reassures. Where a resource has several dates, the earliest of
//! their last seconds is the danger's and the latest of their first ones the reassurance's, so
//! that leaving a date out makes no danger older and no reassurance newer.

use cauda_fhir::{Moment, Resource};
use serde_json::Value;

/// Seconds that a clock may be ahead of ours.
pub(crate) const AHEAD_MAX: i64 = 300;

/// When something was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct When {
    /// The first second it may mean; `None` is not known.
    pub(crate) earliest: Option<i64>,
    /// The last one.
    pub(crate) latest: Option<i64>,
}

impl When {
    /// Whether it is one second.
    pub(crate) fn is_exact(&self) -> bool {
        self.earliest.is_some() && self.earliest == self.latest
    }

    /// Of two dates of one thing, so that either alone is no older danger and no newer reassurance.
    pub(crate) fn and(self, other: When) -> When {
        let both = |one: Option<i64>, two: Option<i64>, pick: fn(i64, i64) -> i64| match (one, two)
        {
            (Some(one), Some(two)) => Some(pick(one, two)),
            (one, two) => one.or(two),
        };
        When {
            earliest: both(self.earliest, other.earliest, i64::max),
            latest: both(self.latest, other.latest, i64::min),
        }
    }
}

impl From<Moment> for When {
    fn from(moment: Moment) -> When {
        When { earliest: Some(moment.earliest), latest: Some(moment.latest) }
    }
}

/// A date of a resource.
pub(crate) fn date(resource: &Resource<'_>, field: &str) -> When {
    resource.moment(field).map(When::from).unwrap_or_default()
}

/// A period: from its start to its end; without an end it goes on.
pub(crate) fn period(value: Option<&Value>) -> When {
    let part = |field: &str| {
        value.and_then(|value| value.get(field)).and_then(Value::as_str).and_then(Moment::read)
    };
    When {
        earliest: part("start").map(|moment| moment.earliest),
        latest: part("end").map(|moment| moment.latest),
    }
}

/// `<name>DateTime`, `<name>Instant` or `<name>Period`: in the words of FHIR, a choice of types.
pub(crate) fn choice(resource: &Resource<'_>, name: &str) -> When {
    let at = date(resource, &format!("{name}DateTime"));
    let instant = date(resource, &format!("{name}Instant"));
    at.and(instant).and(period(resource.field(&format!("{name}Period"))))
}
