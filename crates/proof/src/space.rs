//! The states a patient can be in, and sums over them.
//!
//! A state gives every fact that a rule looks at one *value*: one of its cells,
//! "not asked", or "asked, and cannot be had". A fact with an assumed value has
//! its cells only. States are written in bits for decision diagrams (Bryant
//! 1986): each fact is a block of neighbouring bits, and no code is left over,
//! so that two diagrams are equal exactly when they say the same.

use biodivine_lib_bdd::{Bdd, BddPointer, BddVariable, BddVariableSet};
use num_bigint::BigUint;

/// Values of one fact, and where its bits stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    values: usize,
    first_bit: usize,
    bits: usize,
}

/// All states: one axis a fact, in the order of the bits.
#[derive(Clone, Debug)]
pub struct Space {
    axes: Vec<Axis>,
    bits: BddVariableSet,
    axis_of_bit: Vec<usize>,
}

/// How much each value of each axis counts. States count the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    by_axis: Vec<Vec<u32>>,
}

impl Weights {
    /// Takes a weight for every value of every axis; a value of weight zero
    /// does not occur.
    ///
    /// # Errors
    /// One sentence, when the shape is wrong or nothing is left of an axis.
    pub fn new(space: &Space, by_axis: Vec<Vec<u32>>) -> Result<Weights, String> {
        if by_axis.len() != space.axes.len() {
            return Err(format!("{} facts need weights", space.axes.len()));
        }
        for (weights, axis) in by_axis.iter().zip(&space.axes) {
            if weights.len() != axis.values {
                return Err(format!("a fact of {} values needs as many weights", axis.values));
            }
            if weights.iter().all(|weight| *weight == 0) {
                return Err("every value of a fact has weight zero".to_string());
            }
        }
        Ok(Weights { by_axis })
    }

    /// Every state counts once.
    pub fn equal(space: &Space) -> Weights {
        Weights { by_axis: space.axes.iter().map(|axis| vec![1; axis.values]).collect() }
    }

    fn of_axis(&self, axis: usize) -> BigUint {
        self.by_axis[axis].iter().map(|weight| BigUint::from(*weight)).sum()
    }
}

impl Space {
    /// A space of facts with so many values each, in the order of their bits.
    ///
    /// # Errors
    /// One sentence, when there are more than 65,535 bits.
    pub fn new(values: &[usize]) -> Result<Space, String> {
        let (mut axes, mut axis_of_bit) = (Vec::new(), Vec::new());
        for (at, values) in values.iter().enumerate() {
            let bits = values.next_power_of_two().trailing_zeros() as usize;
            axes.push(Axis { values: *values, first_bit: axis_of_bit.len(), bits });
            axis_of_bit.extend(std::iter::repeat_n(at, bits));
        }
        let count = u16::try_from(axis_of_bit.len())
            .ok()
            .filter(|count| *count < u16::MAX)
            .ok_or_else(|| format!("{} bits are too many", axis_of_bit.len()))?;
        Ok(Space { axes, bits: BddVariableSet::new_anonymous(count), axis_of_bit })
    }

    /// How many facts.
    pub fn axes(&self) -> usize {
        self.axes.len()
    }

    /// How many values a fact has.
    pub fn values(&self, axis: usize) -> usize {
        self.axes[axis].values
    }

    /// How many bits.
    pub fn bits(&self) -> usize {
        self.axis_of_bit.len()
    }

    /// Every state, or none.
    pub fn constant(&self, value: bool) -> Bdd {
        if value { self.bits.mk_true() } else { self.bits.mk_false() }
    }

    /// The states in which a fact has one of the values whose place holds.
    pub fn one_of(&self, axis: usize, chosen: &dyn Fn(usize) -> bool) -> Bdd {
        self.branch(axis, 0, 0, chosen)
    }

    fn branch(&self, axis: usize, bit: usize, code: usize, chosen: &dyn Fn(usize) -> bool) -> Bdd {
        let Axis { values, first_bit, bits } = self.axes[axis];
        if bit == bits {
            // A code beyond the last value stands for the one without its first bit.
            let value = if code < values { code } else { code - (1 << (bits - 1)) };
            return self.constant(chosen(value));
        }
        let low = self.branch(axis, bit + 1, code << 1, chosen);
        let high = self.branch(axis, bit + 1, code << 1 | 1, chosen);
        let variable = self.bits.mk_var(BddVariable::from_index(first_bit + bit));
        Bdd::if_then_else(&variable, &high, &low)
    }

    /// A diagram with one axis held at a value; the axis is free in what results.
    pub fn restricted(&self, diagram: &Bdd, axis: usize, value: usize) -> Bdd {
        let Axis { first_bit, bits, .. } = self.axes[axis];
        let held: Vec<(BddVariable, bool)> = (0..bits)
            .map(|bit| {
                let high = value >> (bits - 1 - bit) & 1 == 1;
                (BddVariable::from_index(first_bit + bit), high)
            })
            .collect();
        diagram.restrict(&held)
    }

    /// Weight of all states.
    pub fn total(&self, weights: &Weights) -> BigUint {
        (0..self.axes.len()).map(|axis| weights.of_axis(axis)).product()
    }

    /// Weight of the states of a diagram.
    pub fn weigh(&self, diagram: &Bdd, weights: &Weights) -> BigUint {
        let totals: Vec<BigUint> = (0..self.axes.len()).map(|axis| weights.of_axis(axis)).collect();
        let mut known = vec![None; diagram.size()];
        let mut sum = Sum { space: self, diagram, weights, totals: &totals, known: &mut known };
        let (root, axis) = (diagram.root_pointer(), self.axis_at(diagram, diagram.root_pointer()));
        let below = sum.of(root);
        below * skipped(&totals, 0, axis)
    }

    /// A state of the diagram with the least cost, as the value of every axis;
    /// `None` when it has no state. The cost of each value is `costs`, and the
    /// least of every axis must be zero.
    pub fn cheapest(&self, diagram: &Bdd, costs: &[Vec<u32>]) -> Option<Vec<usize>> {
        let free: Vec<usize> = costs.iter().map(|costs| least(costs)).collect();
        let mut known = vec![None; diagram.size()];
        let root = diagram.root_pointer();
        self.cost(diagram, root, costs, &mut known)?;
        let mut state = free;
        let mut at = root;
        while !at.is_terminal() {
            let axis = self.axis_at(diagram, at);
            let (value, _) = known[at.to_index()].flatten()?;
            state[axis] = value;
            at = self.follow(diagram, at, axis, value);
        }
        Some(state)
    }

    fn cost(
        &self,
        diagram: &Bdd,
        at: BddPointer,
        costs: &[Vec<u32>],
        known: &mut [Option<Option<(usize, u64)>>],
    ) -> Option<u64> {
        if at.is_terminal() {
            return at.is_one().then_some(0);
        }
        if let Some(found) = known[at.to_index()] {
            return found.map(|(_, cost)| cost);
        }
        let axis = self.axis_at(diagram, at);
        let mut best: Option<(usize, u64)> = None;
        for value in 0..self.axes[axis].values {
            let child = self.follow(diagram, at, axis, value);
            let Some(below) = self.cost(diagram, child, costs, known) else { continue };
            let cost = below + u64::from(costs[axis][value]);
            if best.is_none_or(|(_, known)| cost < known) {
                best = Some((value, cost));
            }
        }
        known[at.to_index()] = Some(best);
        best.map(|(_, cost)| cost)
    }

    /// The axis a node decides; past the last one for the constants.
    fn axis_at(&self, diagram: &Bdd, at: BddPointer) -> usize {
        let bit = diagram.var_of(at).to_index();
        self.axis_of_bit.get(bit).copied().unwrap_or(self.axes.len())
    }

    /// Where a value of an axis leads.
    fn follow(&self, diagram: &Bdd, from: BddPointer, axis: usize, value: usize) -> BddPointer {
        let Axis { first_bit, bits, .. } = self.axes[axis];
        let mut at = from;
        while !at.is_terminal() && self.axis_at(diagram, at) == axis {
            let bit = diagram.var_of(at).to_index() - first_bit;
            let high = value >> (bits - 1 - bit) & 1 == 1;
            at = if high { diagram.high_link_of(at) } else { diagram.low_link_of(at) };
        }
        at
    }
}

fn least(costs: &[u32]) -> usize {
    costs.iter().enumerate().min_by_key(|(_, cost)| **cost).map_or(0, |(value, _)| value)
}

fn skipped(totals: &[BigUint], from: usize, to: usize) -> BigUint {
    totals[from..to].iter().product()
}

/// A sum over the states of one diagram, each node summed once.
struct Sum<'a> {
    space: &'a Space,
    diagram: &'a Bdd,
    weights: &'a Weights,
    totals: &'a [BigUint],
    known: &'a mut [Option<BigUint>],
}

impl Sum<'_> {
    /// Weight over the axes from that of the node on. As deep as there are axes.
    fn of(&mut self, at: BddPointer) -> BigUint {
        if at.is_terminal() {
            return BigUint::from(u32::from(at.is_one()));
        }
        if let Some(known) = &self.known[at.to_index()] {
            return known.clone();
        }
        let axis = self.space.axis_at(self.diagram, at);
        let mut sum = BigUint::ZERO;
        for value in 0..self.space.axes[axis].values {
            let weight = self.weights.by_axis[axis][value];
            let child = self.space.follow(self.diagram, at, axis, value);
            if weight == 0 || child.is_zero() {
                continue;
            }
            let next = self.space.axis_at(self.diagram, child);
            let below = self.of(child) * skipped(self.totals, axis + 1, next);
            sum += below * weight;
        }
        self.known[at.to_index()] = Some(sum.clone());
        sum
    }
}
