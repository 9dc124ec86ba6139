//! How large a share of all states gets each answer: exactly, by summing over
//! decision diagrams instead of trying states.
//!
//! A state gives every fact that a rule looks at one value (see [`space`]):
//! there are more of them than atoms in a person, and most are nobody's. So
//! the shares say how far a rule reaches, not how many patients come; they are
//! told in three [`Weighting`]s. States are of facts after `resolve`, counted
//! as if each fact were independent of the others; an answer so vague that it
//! spans several cells is not counted.
//!
//! [`space`]: crate::space

use cauda_guideline::Guideline;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::vocabulary::Tier;
use num_bigint::BigUint;

use crate::answers::Answers;
use crate::circuit::{Circuit, Literal};
use crate::diagram::{DiagramError, Diagrams};
use crate::encode::Copy;
use crate::reading::{Meaning, Order, Reading, order};
use crate::space::{Space, Weights};

/// In [`Weighting::MostlyClear`], of a hundred patients so many have a fact at
/// its clear value.
pub const CLEAR_IN_HUNDRED: u32 = 99;

/// Where a value of a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its clear value.
    Clear,
    /// Another known value.
    Known,
    /// Not asked.
    NotAsked,
    /// Asked, and cannot be had.
    CannotBeHad,
}

/// How states are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighting {
    /// Every state counts once.
    AllStates,
    /// Every fact is known, each of its cells equally likely.
    AllKnown,
    /// Every fact is known and nearly always clear, see [`CLEAR_IN_HUNDRED`];
    /// its other cells are equally likely.
    MostlyClear,
}

impl Weighting {
    /// All of them.
    pub const ALL: [Weighting; 3] =
        [Weighting::AllStates, Weighting::AllKnown, Weighting::MostlyClear];

    /// The weights of the values of one fact.
    pub fn of(self, values: &[Standing]) -> Vec<u32> {
        let known = |standing: &Standing| matches!(standing, Standing::Clear | Standing::Known);
        let others = values.iter().filter(|standing| **standing == Standing::Known).count() as u32;
        let weigh = |standing: &Standing| match (self, standing) {
            (Weighting::AllStates, _) => 1,
            (_, standing) if !known(standing) => 0,
            (Weighting::MostlyClear, Standing::Clear) if others > 0 => others * CLEAR_IN_HUNDRED,
            (Weighting::MostlyClear, _) if others > 0 => 100 - CLEAR_IN_HUNDRED,
            _ => 1,
        };
        values.iter().map(weigh).collect()
    }
}

/// The states of one guideline.
#[derive(Clone, Debug)]
pub struct States {
    /// In bits.
    pub space: Space,
    /// What they say.
    pub reading: Reading,
    /// The fact of every axis.
    pub facts: Vec<FactIndex>,
    /// Where every value of every axis stands.
    pub standings: Vec<Vec<Standing>>,
}

impl States {
    /// The states of a guideline, in bits in that order.
    ///
    /// # Errors
    /// When they cannot be written in bits.
    pub fn new(guideline: &Guideline, by: Order) -> Result<States, DiagramError> {
        let program = &guideline.program;
        let facts = order(program, by);
        let mut reading = Reading::new(program);
        let mut standings = Vec::new();
        for (axis, fact) in facts.iter().enumerate() {
            let mut meanings = Meaning::all_of(program, *fact);
            let cells = &program.cells[*fact];
            if !by.has_unknowns() {
                meanings.truncate(cells.count);
            }
            let standing = |(value, meaning): (usize, &Meaning)| match value {
                _ if value == cells.clear => Standing::Clear,
                _ if value < cells.count => Standing::Known,
                _ if meaning.cannot_be_had => Standing::CannotBeHad,
                _ => Standing::NotAsked,
            };
            standings.push(meanings.iter().enumerate().map(standing).collect());
            reading.set(*fact, axis, meanings);
        }
        let values: Vec<usize> = standings.iter().map(Vec::len).collect();
        let space = Space::new(&values).map_err(DiagramError::Space)?;
        Ok(States { space, reading, facts, standings })
    }

    /// Weights of a weighting.
    ///
    /// # Errors
    /// When they do not fit the states, which they do.
    pub fn weights(&self, weighting: Weighting) -> Result<Weights, DiagramError> {
        let by_axis = self.standings.iter().map(|values| weighting.of(values)).collect();
        Weights::new(&self.space, by_axis).map_err(DiagramError::Space)
    }
}

/// A part of all states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its weight.
    pub weight: BigUint,
    /// Weight of all states.
    pub of: BigUint,
}

impl Share {
    /// As a number from 0 to 1, for people.
    pub fn ratio(&self) -> f64 {
        // The quotient keeps 64 bits or more, whatever the two sizes are.
        let places = (self.of.bits() + 64).saturating_sub(self.weight.bits());
        let quotient = (&self.weight << places) / self.of.clone().max(BigUint::from(1_u32));
        let kept = quotient.bits().saturating_sub(64);
        let digits = (quotient >> kept).iter_u64_digits().next().unwrap_or(0);
        digits as f64 * 2_f64.powi(kept as i32 - places as i32)
    }
}

/// The shares of every answer, in one weighting.
#[derive(Clone, Debug)]
pub struct Shares {
    /// By disposition in page order; the last, without a name, is "cannot decide yet".
    pub dispositions: Vec<(Option<String>, Share)>,
    /// By tier: urgency if every unknown reassures.
    pub at_least: [Share; 6],
    /// By tier: urgency acted on.
    pub acted: [Share; 6],
    /// Further answers can change neither urgency nor disposition.
    pub decided: Share,
}

/// What counting a guideline's states came to.
#[derive(Clone, Debug)]
pub struct Counted {
    /// How many facts take part.
    pub facts: usize,
    /// Whether states in which a fact is unknown are counted. With too many
    /// pages that share their facts only those are in which all is known.
    pub has_unknowns: bool,
    /// How many states there are.
    pub states: BigUint,
    /// Nodes of the largest diagram made on the way.
    pub largest: usize,
    /// Most nodes kept at once.
    pub kept: usize,
    states_of: States,
    names: Vec<Option<String>>,
    diagrams: Diagrams,
}

impl Counted {
    /// Builds the diagram of every answer.
    ///
    /// # Errors
    /// When there are too many nodes.
    pub fn new(guideline: &Guideline) -> Result<Counted, DiagramError> {
        Order::first_that_fits(|order, nodes| Counted::in_order(guideline, order, nodes))
    }

    fn in_order(
        guideline: &Guideline,
        order: Order,
        nodes_max: usize,
    ) -> Result<Counted, DiagramError> {
        let states = States::new(guideline, order)?;
        let mut circuit = Circuit::default();
        let copy = Copy::new(&guideline.program, &mut circuit);
        let answers = Answers::new(guideline, &copy, &mut circuit);
        let mut wanted: Vec<Literal> = Vec::new();
        wanted.extend(answers.at_least);
        wanted.extend(answers.acted);
        wanted.push(copy.decided);
        wanted.extend(answers.by_disposition().map(|(_, literal)| literal));
        let inputs = states.reading.inputs(&guideline.program, &copy, &states.space);
        let diagrams = Diagrams::new(&circuit, &states.space, inputs, &wanted, nodes_max)?;
        Ok(Counted {
            facts: states.facts.len(),
            has_unknowns: order.has_unknowns(),
            states: states.space.total(&Weights::equal(&states.space)),
            largest: diagrams.largest,
            kept: diagrams.kept,
            names: answers.by_disposition().map(|(go, _)| go.map(str::to_string)).collect(),
            states_of: states,
            diagrams,
        })
    }

    /// The states counted.
    pub fn states_of(&self) -> &States {
        &self.states_of
    }

    /// The shares in one weighting.
    ///
    /// # Errors
    /// When the weights do not fit the states, which they do.
    pub fn shares(&self, weighting: Weighting) -> Result<Shares, DiagramError> {
        Ok(self.weighed(&self.states_of.weights(weighting)?))
    }

    /// The shares when every value of every fact has a weight of its own.
    pub fn weighed(&self, weights: &Weights) -> Shares {
        let space = &self.states_of.space;
        let of = space.total(weights);
        let share = |at: usize| Share {
            weight: space.weigh(&self.diagrams.of[at], weights),
            of: of.clone(),
        };
        Shares {
            at_least: Tier::ALL.map(|tier| share(tier as usize)),
            acted: Tier::ALL.map(|tier| share(6 + tier as usize)),
            decided: share(12),
            dispositions: (13..).zip(&self.names).map(|(at, go)| (go.clone(), share(at))).collect(),
        }
    }
}
