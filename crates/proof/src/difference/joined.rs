//! The facts of two guidelines as one space of states.
//!
//! A fact of the same id and kind is one axis; the cells of a quantity are cut
//! at the thresholds and range ends of both. A value that one guideline does
//! not take is unknown to it, for nobody could enter it there. A fact that
//! stands in one guideline only, or under another kind or unit, is free there.

use std::cmp::Ordering;

use cauda_guideline::Guideline;
use cauda_guideline::decimal::Rational;
use cauda_guideline::facts::{FactIndex, Kind, Quantity};
use cauda_guideline::program::Cells;

use crate::diagram::DiagramError;
use crate::encode::Copy;
use crate::reading::{Meaning, Order, Reading, order};
use crate::shares::{Standing, Weighting};
use crate::space::{Space, Weights};

/// What somebody says of a fact, in both guidelines the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A named value, or a number with its unit.
    Value(String),
    /// Nobody asked.
    NotAsked,
    /// Asked, and there is no answer.
    NotToBeHad,
}

/// A value of a joined fact.
#[derive(Clone, Debug)]
pub struct Value {
    /// What is said.
    pub said: Said,
    /// Which cells that means in the old and in the new guideline; `None` when
    /// the guideline does not take the value.
    pub meanings: [Option<Meaning>; 2],
    standing: Standing,
}

/// A joined fact.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The fact in the old and in the new guideline.
    pub facts: [Option<FactIndex>; 2],
    /// Its values.
    pub values: Vec<Value>,
}

/// Both guidelines' facts together.
#[derive(Clone, Debug)]
pub struct Joined {
    /// All states.
    pub space: Space,
    /// How the old and the new guideline read them.
    pub readings: [Reading; 2],
    /// The facts, in the order of the space.
    pub axes: Vec<Axis>,
}

impl Joined {
    /// Joins the facts of two guidelines, in an order near that of both.
    ///
    /// # Errors
    /// When the states cannot be written in bits.
    pub fn new(both: [&Guideline; 2], by: Order) -> Result<Joined, DiagramError> {
        let mut axes: Vec<Axis> = Vec::new();
        for facts in merged(both, by) {
            match facts {
                [Some(old), Some(new)] => match shared(both, [old, new]) {
                    Some(values) => axes.push(Axis { facts, values }),
                    None => {
                        axes.push(alone(both, [Some(old), None])?);
                        axes.push(alone(both, [None, Some(new)])?);
                    }
                },
                _ => axes.push(alone(both, facts)?),
            }
        }
        if !by.has_unknowns() {
            for axis in &mut axes {
                let known =
                    |value: &Value| matches!(value.standing, Standing::Clear | Standing::Known);
                axis.values.retain(known);
            }
        }
        let counts: Vec<usize> = axes.iter().map(|axis| axis.values.len()).collect();
        let space = Space::new(&counts).map_err(DiagramError::Space)?;
        let mut readings = both.map(|guideline| Reading::new(&guideline.program));
        for (at, axis) in axes.iter().enumerate() {
            for (side, reading) in readings.iter_mut().enumerate() {
                let Some(fact) = axis.facts[side] else { continue };
                let not_asked = Meaning::not_asked(&both[side].program, fact);
                let meaning = |value: &Value| value.meanings[side].unwrap_or(not_asked);
                reading.set(fact, at, axis.values.iter().map(meaning).collect());
            }
        }
        Ok(Joined { space, readings, axes })
    }

    /// Weights of a weighting; the clear value is the new guideline's.
    ///
    /// # Errors
    /// When they do not fit the states, which they do.
    pub fn weights(&self, weighting: Weighting) -> Result<Weights, DiagramError> {
        let standings = self
            .axes
            .iter()
            .map(|axis| axis.values.iter().map(|value| value.standing).collect::<Vec<Standing>>());
        let by_axis = standings.map(|values| weighting.of(&values)).collect();
        Weights::new(&self.space, by_axis).map_err(DiagramError::Space)
    }

    /// What each value costs a story in which all else is clear, or unknown.
    pub fn costs(&self, all_else_clear: bool) -> Vec<Vec<u32>> {
        let rank = |standing: Standing| match standing {
            Standing::Clear | Standing::Known => 0,
            Standing::NotAsked => 1,
            Standing::CannotBeHad => 2,
        };
        let costs = self.axes.iter().map(|axis| {
            let base = axis.base(all_else_clear);
            let cost = |(at, value): (usize, &Value)| match at == base {
                true => 0,
                false => 1_000 + rank(value.standing),
            };
            axis.values.iter().enumerate().map(cost).collect()
        });
        costs.collect()
    }
}

impl Axis {
    /// The value of a patient of whom all else is clear, or unknown.
    pub fn base(&self, all_else_clear: bool) -> usize {
        let place =
            |wanted: Standing| self.values.iter().position(|value| value.standing == wanted);
        let clear = place(Standing::Clear).unwrap_or(0);
        if all_else_clear {
            return clear;
        }
        // A fact with an assumed value is never unknown, and assumed clear.
        place(Standing::NotAsked).unwrap_or(clear)
    }
}

/// Pairs of facts of the same id, and facts of one side alone, in an order
/// near that of both.
fn merged(both: [&Guideline; 2], by: Order) -> Vec<[Option<FactIndex>; 2]> {
    let id = |side: usize, fact: FactIndex| both[side].facts[fact].id.as_str();
    let entered = |side: usize, id: &str| {
        both[side].fact(id).filter(|fact| Copy::is_entered(&both[side].program, *fact))
    };
    let mut merged: Vec<[Option<FactIndex>; 2]> = Vec::new();
    for fact in order(&both[1].program, by) {
        merged.push([entered(0, id(1, fact)), Some(fact)]);
    }
    let mut after = 0;
    for fact in order(&both[0].program, by) {
        match merged.iter().position(|[old, _]| *old == Some(fact)) {
            Some(at) => after = at + 1,
            None => {
                merged.insert(after, [Some(fact), entered(1, id(0, fact))]);
                after += 1;
            }
        }
    }
    merged
}

/// A fact that only one guideline has.
fn alone(both: [&Guideline; 2], facts: [Option<FactIndex>; 2]) -> Result<Axis, DiagramError> {
    let side = usize::from(facts[0].is_none());
    let too_long = || DiagramError::Space("the numbers of a fact are too long".to_string());
    let own = facts[side].and_then(|fact| own_values(both[side], fact)).ok_or_else(too_long)?;
    let place = |(said, meaning, standing)| {
        let mut meanings = [None, None];
        meanings[side] = Some(meaning);
        Value { said, meanings, standing }
    };
    Ok(Axis { facts, values: own.into_iter().map(place).collect() })
}

type Own = (Said, Meaning, Standing);

fn own_values(guideline: &Guideline, fact: FactIndex) -> Option<Vec<Own>> {
    let paired = shared([guideline, guideline], [fact, fact])?;
    let own =
        paired.into_iter().map(|value| Some((value.said, value.meanings[1]?, value.standing)));
    own.collect()
}

/// The values of a fact that both have; `None` when they are not of one kind.
fn shared(both: [&Guideline; 2], facts: [FactIndex; 2]) -> Option<Vec<Value>> {
    let kinds = [0, 1].map(|side: usize| &both[side].facts[facts[side]].kind);
    let cells = [0, 1].map(|side: usize| &both[side].program.cells[facts[side]]);
    let mut values = match kinds {
        [Kind::Named { values: old, .. }, Kind::Named { values: new, .. }] => named([old, new]),
        [Kind::Quantity(old), Kind::Quantity(new)] if old.unit == new.unit => {
            numbers([old, new], [&cells[0].cuts, &cells[1].cuts])?
        }
        _ => return None,
    };
    for value in &mut values {
        let clear =
            value.meanings[1].is_some_and(|meaning| meaning.cells >> cells[1].clear & 1 == 1);
        value.standing = if clear { Standing::Clear } else { Standing::Known };
    }
    if !values.iter().any(|value| value.standing == Standing::Clear) {
        return None;
    }
    if cells.iter().any(|cells| cells.assume.is_none()) {
        let sides = [0, 1];
        values.push(Value {
            said: Said::NotAsked,
            meanings: sides.map(|at: usize| Some(Meaning::not_asked(&both[at].program, facts[at]))),
            standing: Standing::NotAsked,
        });
        values.push(Value {
            said: Said::NotToBeHad,
            meanings: sides
                .map(|at: usize| Some(Meaning::not_to_be_had(&both[at].program, facts[at]))),
            standing: Standing::CannotBeHad,
        });
    }
    Some(values)
}

fn known(cell: usize) -> Meaning {
    let cells: Cells = 1 << cell;
    Meaning { cells, cannot_be_had: false }
}

fn named(lists: [&Vec<String>; 2]) -> Vec<Value> {
    let mut names: Vec<&String> = lists[0].iter().collect();
    names.extend(lists[1].iter().filter(|name| !lists[0].contains(name)));
    let value = |name: &String| Value {
        said: Said::Value(name.clone()),
        meanings: lists.map(|list| list.iter().position(|known| known == name).map(known)),
        standing: Standing::Known,
    };
    names.into_iter().map(value).collect()
}

/// Where an interval of numbers begins: at the number, or just above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    number: Rational,
    above: bool,
}

impl Bound {
    fn of(quantity: &Quantity, place: i64) -> Option<Bound> {
        let whole = Rational::new(i128::from(place.div_euclid(2)), 1);
        Some(Bound { number: whole.times(quantity.step)?, above: place % 2 != 0 })
    }

    fn at(number: Rational) -> Bound {
        Bound { number, above: false }
    }

    fn compare(self, other: Bound) -> Option<Ordering> {
        let gap = self.number.plus(other.number.negated())?;
        let nothing = gap.plus(gap)? == gap;
        Some(match (nothing, gap.is_positive()) {
            (true, _) => self.above.cmp(&other.above),
            (false, true) => Ordering::Greater,
            (false, false) => Ordering::Less,
        })
    }

    fn is_below(self, other: Bound) -> bool {
        self.compare(other) == Some(Ordering::Less)
    }
}

/// The intervals between all thresholds and range ends of both; `None` when
/// the numbers are too long to be compared exactly.
fn numbers(both: [&Quantity; 2], cuts: [&Vec<i64>; 2]) -> Option<Vec<Value>> {
    let mut own: [Vec<Bound>; 2] = [Vec::new(), Vec::new()];
    for (side, quantity) in both.into_iter().enumerate() {
        // Least of the range, every cut, and the first place beyond the range.
        own[side].push(Bound::of(quantity, quantity.range.0)?);
        for cut in cuts[side] {
            own[side].push(Bound::of(quantity, *cut)?);
        }
        own[side].push(Bound::of(quantity, quantity.range.1 + 1)?);
    }
    let mut bounds: Vec<Bound> = Vec::new();
    for bound in own.iter().flatten() {
        let place = bounds.iter().take_while(|known| known.is_below(*bound)).count();
        if bounds.get(place).is_none_or(|known| bound.is_below(*known)) {
            bounds.insert(place, *bound);
        }
    }
    let mut values = Vec::new();
    for pair in bounds.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let meanings = [0, 1].map(|side: usize| {
            let passed = own[side].iter().filter(|bound| !from.is_below(**bound)).count();
            // Not below the range, not beyond it.
            (passed > 0 && passed < own[side].len()).then(|| known(passed - 1))
        });
        if meanings == [None, None] {
            continue;
        }
        let speaker = both[usize::from(meanings[1].is_some())];
        let first = from == bounds[0];
        let number = number_in(both, from, to, first)?;
        let unit = if speaker.unit == "1" { String::new() } else { format!(" {}", speaker.unit) };
        let said = Said::Value(format!("{number}{unit}"));
        values.push(Value { said, meanings, standing: Standing::Known });
    }
    Some(values)
}

/// A number of the interval that can be written in a case: a clear value if
/// one lies in it, else one near a threshold.
fn number_in(both: [&Quantity; 2], from: Bound, to: Bound, first: bool) -> Option<Rational> {
    let inside = |number: &Rational| {
        let at = Bound::at(*number);
        !at.is_below(from) && at.is_below(to) && !number.to_string().starts_with('≈')
    };
    let mut candidates: Vec<Rational> = Vec::new();
    for quantity in [both[1], both[0]] {
        candidates.push(Bound::of(quantity, quantity.clear)?.number);
    }
    let near_end = |step: Rational| match to.above {
        true => Some(to.number),
        false => to.number.plus(step.negated()),
    };
    if first {
        candidates.push(near_end(both[1].step)?);
    }
    candidates.push(from.number);
    for part in [1, 2, 4, 8, 16] {
        for quantity in [both[1], both[0]] {
            let step = quantity.step.times(Rational::new(1, part))?;
            candidates.push(from.number.plus(step)?);
            candidates.push(near_end(step)?);
        }
    }
    candidates.into_iter().find(inside)
}
