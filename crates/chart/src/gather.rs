//! Findings as they are gathered: what may reassure, what only raises concern, and the limits.

use std::collections::BTreeMap;

use cauda_fhir::{Comparator, Resource};
use cauda_guideline::Guideline;
use cauda_guideline::facts::{Danger, Fact, Kind, Role};
use cauda_guideline::resolve::Said;
use cauda_guideline::visit::read_value;

use crate::chart::{Alarm, Found, Ignored, Unlisted, Used, Why};
use crate::when::{AHEAD_MAX, When};

const DAY: i64 = 86_400;
/// Most findings of one fact.
const FINDINGS_MAX: usize = 100;
/// Most uses, refusals and alarms that are listed, each.
const LISTED_MAX: usize = 500;

/// What a resource says of a fact.
#[derive(Clone, Copy)]
pub(crate) enum Says<'a> {
    /// A named value.
    Named(&'a str),
    /// A number with a unit that the fact accepts; without one where it has none.
    Number { comparator: Option<Comparator>, number: &'a str, unit: Option<&'a str> },
}

/// One thing that a resource says.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) fact: &'a str,
    pub(crate) says: Says<'a>,
    pub(crate) when: When,
    /// How long ago it may be at most, in seconds.
    pub(crate) within: Option<i64>,
    /// Why its reassuring side does not count.
    pub(crate) doubt: Option<Why>,
    /// Display of its row.
    pub(crate) label: &'a str,
}

pub(crate) struct Gather<'a> {
    pub(crate) guideline: &'a Guideline,
    pub(crate) now: i64,
    pub(crate) found: Vec<Found>,
    pub(crate) used: Vec<Used>,
    pub(crate) ignored: Vec<Ignored>,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) unlisted: Vec<Unlisted>,
    pub(crate) unknown: BTreeMap<&'static str, usize>,
    pub(crate) dropped: usize,
}

/// How a resource is named in lists.
pub(crate) fn name(resource: &Resource<'_>) -> String {
    let id = resource.id().filter(|id| {
        let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'.');
        id.len() <= 64 && id.bytes().all(plain)
    });
    format!("{}/{}", resource.kind(), id.unwrap_or("?"))
}

/// What is left of something told once doubt is counted.
enum Side {
    Reassuring { at: i64 },
    Dangerous,
    Nothing(Why),
}

impl<'a> Gather<'a> {
    pub(crate) fn new(guideline: &'a Guideline, now: i64) -> Gather<'a> {
        Gather {
            guideline,
            now,
            found: Vec::new(),
            used: Vec::new(),
            ignored: Vec::new(),
            alarms: Vec::new(),
            unlisted: Vec::new(),
            unknown: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// Takes what a resource says of a fact.
    pub(crate) fn tell(&mut self, resource: &Resource<'_>, told: Told<'_>) {
        let Some(index) = self.guideline.fact(told.fact) else { return };
        let fact = &self.guideline.facts[index];
        match told.says {
            Says::Named(value) => self.named(resource, fact, value, told),
            Says::Number { comparator, number, unit } => {
                self.number(resource, fact, (comparator, number, unit), told);
            }
        }
    }

    /// Takes a number as it stands, on the day of the reading: an age. With the second in it every
    /// reading of the same chart would be another one.
    pub(crate) fn tell_whole(&mut self, resource: &Resource<'_>, told: Told<'_>) {
        let Says::Number { comparator, number, unit } = told.says else { return };
        let Some(index) = self.guideline.fact(told.fact) else { return };
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let value = format!("{}{number}{unit}", comparator.map_or("", sign_of));
        match read_value(&self.guideline.facts[index], &value) {
            Ok(Said::Between(..)) => {
                self.keep(resource, told, value, self.now - self.now.rem_euclid(DAY));
            }
            _ => self.ignore(resource, Some(told.label), Why::NotReadable),
        }
    }

    fn named(&mut self, resource: &Resource<'_>, fact: &Fact, value: &str, told: Told<'_>) {
        let Kind::Named { dangerous, .. } = &fact.kind else {
            return self.ignore(resource, Some(told.label), Why::NotReadable);
        };
        let Ok(Said::Value(place)) = read_value(fact, value) else {
            return self.ignore(resource, Some(told.label), Why::NotReadable);
        };
        let is_danger = dangerous.get(place).copied().unwrap_or(false);
        let side = match is_danger {
            true => self.dangerous(told),
            false => self.reassuring(told),
        };
        match side {
            Side::Nothing(why) => self.ignore(resource, Some(told.label), why),
            Side::Dangerous => self.keep(resource, told, value.to_owned(), self.danger_at(told)),
            Side::Reassuring { at } => self.keep(resource, told, value.to_owned(), at),
        }
    }

    /// A number with doubt about it, or of which the EHR alone could settle the reassuring side,
    /// says only how bad it is at the least.
    fn number(
        &mut self,
        resource: &Resource<'_>,
        fact: &Fact,
        (comparator, number, unit): (Option<Comparator>, &str, Option<&str>),
        told: Told<'_>,
    ) {
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let written = |sign: &str| format!("{sign}{number}{unit}");
        let exact = written(comparator.map_or("", sign_of));
        if !matches!(read_value(fact, &exact), Ok(Said::Between(..))) {
            return self.ignore(resource, Some(told.label), Why::NotReadable);
        }
        if let Side::Nothing(why) = self.dangerous(told) {
            return self.ignore(resource, Some(told.label), why);
        }
        let settles = fact.asked_of.contains(&Role::Ehr);
        let counts_whole = told.when.is_exact() && !settles;
        if counts_whole && let Side::Reassuring { at } = self.reassuring(told) {
            return self.keep(resource, told, exact, at);
        }
        let worse = match (fact.danger, comparator) {
            (Danger::Rising, None | Some(Comparator::AtLeast)) => ">=",
            (Danger::Rising, Some(Comparator::Greater)) => ">",
            (Danger::Falling, None | Some(Comparator::AtMost)) => "<=",
            (Danger::Falling, Some(Comparator::Less)) => "<",
            _ => return self.ignore(resource, Some(told.label), Why::OnlyReassuring),
        };
        self.keep_as(resource, told, written(worse), Some(exact), self.danger_at(told));
    }

    /// A danger counts at its last second, and never in the future.
    fn danger_at(&self, told: Told<'_>) -> i64 {
        told.when.latest.unwrap_or(self.now).min(self.now)
    }

    fn dangerous(&self, told: Told<'_>) -> Side {
        let since = told.within.map(|within| self.now.saturating_sub(within));
        match since {
            Some(since) if self.danger_at(told) < since => Side::Nothing(Why::TooOld),
            _ => Side::Dangerous,
        }
    }

    fn reassuring(&self, told: Told<'_>) -> Side {
        let since = told.within.map(|within| self.now.saturating_sub(within));
        match (told.doubt, told.when.earliest) {
            (Some(why), _) => Side::Nothing(why),
            (None, None) => Side::Nothing(Why::NoTime),
            (None, Some(at)) if at > self.now.saturating_add(AHEAD_MAX) => {
                Side::Nothing(Why::Future)
            }
            (None, Some(at)) if since.is_some_and(|since| at < since) => Side::Nothing(Why::TooOld),
            (None, Some(at)) => Side::Reassuring { at: at.min(self.now) },
        }
    }

    fn keep(&mut self, resource: &Resource<'_>, told: Told<'_>, value: String, at: i64) {
        self.keep_as(resource, told, value, None, at);
    }

    /// Keeps a value, and what was measured where only its dangerous side counts.
    fn keep_as(
        &mut self,
        resource: &Resource<'_>,
        told: Told<'_>,
        value: String,
        measured: Option<String>,
        at: i64,
    ) {
        let resource = name(resource);
        if self.used.len() < LISTED_MAX {
            self.used.push(Used {
                resource: resource.clone(),
                label: told.label.to_owned(),
                fact: told.fact.to_owned(),
                value: value.clone(),
                measured,
                at,
                only_danger: told.doubt,
            });
        } else {
            self.dropped += 1;
        }
        self.found.push(Found { fact: told.fact.to_owned(), value, at, resource });
    }

    /// Notes that something a row matched is not used.
    pub(crate) fn ignore(&mut self, resource: &Resource<'_>, label: Option<&str>, why: Why) {
        if self.ignored.len() < LISTED_MAX {
            let label = label.map(str::to_owned);
            self.ignored.push(Ignored { resource: name(resource), label, why });
        } else {
            self.dropped += 1;
        }
    }

    /// Notes a diagnosis that no finding can say.
    pub(crate) fn alarm(&mut self, resource: &Resource<'_>, label: &str) {
        if self.alarms.len() < LISTED_MAX {
            self.alarms.push(Alarm { resource: name(resource), label: label.to_owned() });
        } else {
            self.dropped += 1;
        }
    }

    /// Notes a diagnosis that no row knows; the same one is noted once.
    pub(crate) fn unlisted(&mut self, one: Unlisted) {
        if self.unlisted.iter().any(|known| known.label == one.label) {
            return;
        }
        match self.unlisted.len() < LISTED_MAX {
            true => self.unlisted.push(one),
            false => self.dropped += 1,
        }
    }

    /// Counts a resource that no row knows.
    pub(crate) fn count(&mut self, kind: &'static str) {
        *self.unknown.entry(kind).or_default() += 1;
    }

    /// Leaves out what only reassures.
    pub(crate) fn keep_dangers(&mut self) {
        let guideline = self.guideline;
        let reassures = |fact: &str, value: &str| {
            let Some(index) = guideline.fact(fact) else { return true };
            let fact = &guideline.facts[index];
            match (&fact.kind, read_value(fact, value)) {
                (Kind::Named { dangerous, .. }, Ok(Said::Value(place))) => {
                    !dangerous.get(place).copied().unwrap_or(false)
                }
                _ => false,
            }
        };
        self.found.retain(|found| !reassures(&found.fact, &found.value));
        self.used.retain(|used| {
            let out = reassures(&used.fact, &used.value);
            if out && self.ignored.len() < LISTED_MAX {
                let (resource, label) = (used.resource.clone(), Some(used.label.clone()));
                self.ignored.push(Ignored { resource, label, why: Why::PatientInDoubt });
            }
            !out
        });
    }

    /// The findings, each said once, within the limits: of a fact with too many, the most
    /// dangerous ones stay, and of those that are alike the newest.
    pub(crate) fn findings(&mut self) -> Vec<Found> {
        let mut by_fact: BTreeMap<String, BTreeMap<String, Found>> = BTreeMap::new();
        for found in self.found.drain(..) {
            let values = by_fact.entry(found.fact.clone()).or_default();
            match values.get(&found.value) {
                Some(other) if other.at >= found.at => {}
                _ => drop(values.insert(found.value.clone(), found)),
            }
        }
        let mut all = Vec::new();
        for (fact, values) in by_fact {
            let mut list: Vec<Found> = values.into_values().collect();
            let Some(index) = self.guideline.fact(&fact) else { continue };
            let fact = &self.guideline.facts[index];
            list.sort_by_cached_key(|found| {
                std::cmp::Reverse((danger_of(fact, &found.value), found.at))
            });
            self.dropped += list.len().saturating_sub(FINDINGS_MAX);
            list.truncate(FINDINGS_MAX);
            all.extend(list);
        }
        all
    }
}

fn sign_of(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Less => "<",
        Comparator::AtMost => "<=",
        Comparator::AtLeast => ">=",
        Comparator::Greater => ">",
    }
}

/// How dangerous a value is at the least, for the order in which too many are kept.
fn danger_of(fact: &Fact, value: &str) -> i64 {
    match (read_value(fact, value), fact.danger) {
        (Ok(Said::Value(place)), _) => i64::try_from(place).unwrap_or(i64::MAX),
        (Ok(Said::Between(_, high)), Danger::Falling) => high.saturating_neg(),
        (Ok(Said::Between(low, _)), _) => low,
        _ => i64::MIN,
    }
}
