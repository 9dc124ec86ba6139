//! One patient from a seed and a number.
//!
//! Every draw has its own random number, made from the seed, the patient's
//! number and the draw's id. So patient 17 of seed 1 is the same person on every
//! machine and for every edition of the pages, and a row that is changed changes
//! only what hangs on it.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind};
use cauda_guideline::resolve::{Reason, Said};

use super::rate::WHOLE;
use super::{Outcome, Population, Row, UnknownRow};
use crate::random::Random;

/// A patient: what the model knows of them, and what they would say or show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Which condition they have.
    pub condition: usize,
    /// What was drawn: first the condition, then each draw in its order, a
    /// named value as its index and a number as its place.
    pub drawn: Vec<i64>,
    /// The row each draw was taken from.
    pub rows: Vec<usize>,
    /// By fact, what comes back when it is asked, examined or measured.
    pub said: Vec<Said>,
}

/// Draws patients.
#[derive(Debug)]
pub struct Source<'a> {
    guideline: &'a Guideline,
    population: &'a Population,
    seed: u64,
    /// By draw.
    keys: Vec<u64>,
    /// Facts without a draw, each with its key.
    unnamed: Vec<(FactIndex, u64)>,
}

impl<'a> Source<'a> {
    /// Patients of `seed`.
    pub fn new(guideline: &'a Guideline, population: &'a Population, seed: u64) -> Source<'a> {
        let keys = population.draws.iter().map(|draw| key(&draw.id)).collect();
        let unnamed = unnamed(guideline, population)
            .map(|fact| (fact, key(&guideline.facts[fact].id)))
            .collect();
        Source { guideline, population, seed, keys, unnamed }
    }

    /// Patient `number`.
    pub fn person(&self, number: u64) -> Person {
        let draws = &self.population.draws;
        let condition = self.condition(number);
        let mut person = Person {
            condition,
            drawn: Vec::with_capacity(draws.len() + 1),
            rows: Vec::with_capacity(draws.len()),
            said: self.clear(),
        };
        person.drawn.push(condition as i64);
        for (draw, key) in draws.iter().zip(&self.keys) {
            let mut random = self.random(number, *key);
            let at = first(&draw.rows, &person.drawn, |row| &row.premises).unwrap_or_default();
            let outcome =
                draw.rows.get(at).map_or(Outcome::Value(0), |row| chosen(row, &mut random));
            let value = outcome.pick(random.number() >> 11);
            person.rows.push(at);
            person.drawn.push(value);
            if let Some(fact) = draw.fact {
                person.said[fact] = self
                    .not_had(fact, &draw.unknown, &person.drawn, &mut random)
                    .unwrap_or_else(|| self.said(fact, outcome, value));
            }
        }
        for (fact, key) in &self.unnamed {
            let mut random = self.random(number, *key);
            if random.below(u64::from(WHOLE)) < u64::from(self.population.noise) {
                person.said[*fact] = self.danger(*fact, &mut random);
            }
            let unknown = self.not_had(*fact, &[], &person.drawn, &mut random);
            person.said[*fact] = unknown.unwrap_or(person.said[*fact]);
        }
        person
    }

    fn random(&self, number: u64, key: u64) -> Random {
        Random::new(mixed(self.seed ^ mixed(number ^ mixed(key))))
    }

    fn condition(&self, number: u64) -> usize {
        let mut at = self.random(number, key("condition")).below(u64::from(WHOLE));
        let conditions = &self.population.conditions;
        let found = conditions.iter().position(|condition| {
            let here = at < u64::from(condition.share);
            at = at.saturating_sub(u64::from(condition.share));
            here
        });
        found.unwrap_or(conditions.len() - 1)
    }

    /// Every fact at its clear value.
    fn clear(&self) -> Vec<Said> {
        let facts = self.guideline.facts.iter().zip(&self.guideline.program.cells);
        let clear = facts.map(|(fact, cells)| match &fact.kind {
            Kind::Named { .. } => Said::Value(cells.clear),
            Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
        });
        clear.collect()
    }

    fn said(&self, fact: FactIndex, outcome: Outcome, value: i64) -> Said {
        let range = self.guideline.facts[fact].quantity().map(|quantity| quantity.range);
        match (outcome, range) {
            (Outcome::AtLeast(place), Some((_, high))) => Said::Between(place, high),
            (_, Some(_)) => Said::Between(value, value),
            (_, None) => Said::Value(usize::try_from(value).unwrap_or_default()),
        }
    }

    /// A danger sign of a fact that the model does not name, if it has one.
    fn danger(&self, fact: FactIndex, random: &mut Random) -> Said {
        let cells = &self.guideline.program.cells[fact];
        let dangerous: Vec<usize> =
            (0..cells.count).filter(|cell| cells.dangerous >> cell & 1 == 1).collect();
        let at = random.below(dangerous.len() as u64) as usize;
        match (dangerous.get(at), &self.guideline.facts[fact].kind) {
            (None, Kind::Named { .. }) => Said::Value(cells.clear),
            (Some(cell), Kind::Named { .. }) => Said::Value(*cell),
            (None, Kind::Quantity(quantity)) => Said::Between(quantity.clear, quantity.clear),
            (Some(cell), Kind::Quantity(quantity)) => {
                let least = cell.checked_sub(1).map_or(quantity.range.0, |cut| cells.cuts[cut]);
                Said::Between(least, least)
            }
        }
    }

    fn not_had(
        &self,
        fact: FactIndex,
        own: &[UnknownRow],
        drawn: &[i64],
        random: &mut Random,
    ) -> Option<Said> {
        let at = random.below(u64::from(WHOLE)) as u32;
        let by_kind = self.population.unknown.get(&self.guideline.facts[fact].by);
        let all: [&[UnknownRow]; 2] = [own, by_kind.map_or(&[], Vec::as_slice)];
        let row = all
            .into_iter()
            .find_map(|rows| first(rows, drawn, |row| &row.premises).and_then(|at| rows.get(at)))?;
        let reasons = [
            (row.not_known, Reason::NotKnown),
            (row.declined, Reason::Declined),
            (row.unable, Reason::Unable),
        ];
        let mut below = 0;
        reasons.into_iter().find_map(|(share, reason)| {
            below += share;
            (at < below).then_some(Said::Unknown(reason))
        })
    }
}

/// Facts that can be entered and that the model does not name.
pub fn unnamed<'a>(
    guideline: &'a Guideline,
    population: &'a Population,
) -> impl Iterator<Item = FactIndex> + 'a {
    let entered = guideline.entered_facts().map(|(fact, _)| fact);
    entered.filter(|fact| !population.draws.iter().any(|draw| draw.fact == Some(*fact)))
}

/// The first row whose premises all hold.
fn first<T>(
    rows: &[T],
    drawn: &[i64],
    premises: impl Fn(&T) -> &[super::premise::Premise],
) -> Option<usize> {
    rows.iter().position(|row| premises(row).iter().all(|premise| premise.holds(drawn)))
}

fn chosen(row: &Row, random: &mut Random) -> Outcome {
    let mut at = random.below(u64::from(WHOLE)) as u32;
    let mut last = Outcome::Value(0);
    for (chance, outcome) in &row.outcomes {
        if at < *chance {
            return *outcome;
        }
        at -= chance;
        last = *outcome;
    }
    last
}

/// A number for a name (FNV-1a).
fn key(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Spreads a number over all bits (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
