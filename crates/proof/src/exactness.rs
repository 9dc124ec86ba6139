//! Whether a condition is unknown only where it has to be: strong Kleene logic
//! against every way of filling in what is unknown, on decision diagrams (E7).
//!
//! A state gives each fact the condition looks at the cells it may be in; what
//! the engine works out beforehand (`urgency`, `concerns`) is taken as it is.
//! The diagrams read the graph by themselves, not the circuit.

use std::collections::BTreeMap;

use biodivine_lib_bdd::Bdd;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::program::{Cells, Node, Place, Program};

use crate::diagram::{DiagramError, both};
use crate::encode::Copy;
use crate::space::Space;

/// Most nodes of one diagram.
const NODES_MAX: usize = 1_000_000;

/// What a fact may be, axis by axis, in a state in which a condition is unknown
/// and every filling agrees.
pub type State = Vec<(FactIndex, Cells)>;

/// A state in which a condition is unknown and holds (`said`), or does not hold,
/// however the `doubtful` facts are filled in; `None` when there is none. Of the
/// other facts the lines are nested, so Kleene logic is exact once the doubtful
/// ones are known.
///
/// # Errors
/// Too many nodes.
pub fn inexact(
    program: &Program,
    place: Place,
    doubtful: &[FactIndex],
    said: bool,
) -> Result<Option<State>, DiagramError> {
    let mut condition = Condition::new(program, place)?;
    let kleene = condition.rails(place)?;
    let own = if said { kleene.yes } else { kleene.no };
    let agreed = condition.filled_in(own.clone(), doubtful)?;
    let inexact = both(&agreed, &own, false, NODES_MAX)?;
    Ok(condition.state(&inexact))
}

#[derive(Clone)]
struct Rails {
    yes: Bdd,
    no: Bdd,
}

/// A condition with the space of what its facts may be.
struct Condition<'a> {
    program: &'a Program,
    space: Space,
    /// Facts a person enters, in the order of their axes.
    facts: Vec<FactIndex>,
    /// What each value of an axis says.
    meanings: Vec<Vec<Cells>>,
    /// Axis of each place of the engine's own facts, after those of the facts.
    given: BTreeMap<Place, usize>,
    known: BTreeMap<Place, Rails>,
}

impl<'a> Condition<'a> {
    fn new(program: &'a Program, place: Place) -> Result<Condition<'a>, DiagramError> {
        let (mut facts, mut given) = (Vec::new(), Vec::new());
        let mut seen = vec![false; program.nodes.len()];
        let mut open = vec![place];
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            match &program.nodes[place] {
                Node::Fact { fact, .. } if !Copy::is_entered(program, *fact) => given.push(place),
                Node::Fact { fact, .. } => {
                    if !facts.contains(fact) {
                        facts.push(*fact);
                    }
                    open.extend(program.needed[*fact]);
                }
                inner => open.extend(inner.children().iter().rev()),
            }
        }
        let meanings: Vec<Vec<Cells>> = facts.iter().map(|fact| meanings(program, *fact)).collect();
        let mut values: Vec<usize> = meanings.iter().map(Vec::len).collect();
        values.extend(given.iter().map(|_| 2));
        let space = Space::new(&values).map_err(DiagramError::Space)?;
        let first = facts.len();
        let given = given.into_iter().enumerate().map(|(at, place)| (place, first + at)).collect();
        Ok(Condition { program, space, facts, meanings, given, known: BTreeMap::new() })
    }

    /// The states in which a place is true for certain, and false for certain.
    fn rails(&mut self, place: Place) -> Result<Rails, DiagramError> {
        if let Some(known) = self.known.get(&place) {
            return Ok(known.clone());
        }
        let program = self.program;
        let rails = match &program.nodes[place] {
            Node::Fact { fact, cells } => self.condition(place, *fact, *cells)?,
            Node::Not(child) => {
                let Rails { yes, no } = self.rails(*child)?;
                Rails { yes: no, no: yes }
            }
            Node::All(children) => self.at_least(children.len(), children)?,
            Node::Any(children) => self.at_least(1, children)?,
            Node::AtLeast(count, children) => self.at_least(*count as usize, children)?,
        };
        self.known.insert(place, rails.clone());
        Ok(rails)
    }

    fn condition(
        &mut self,
        place: Place,
        fact: FactIndex,
        cells: Cells,
    ) -> Result<Rails, DiagramError> {
        if let Some(axis) = self.given.get(&place) {
            let yes = self.space.one_of(*axis, &|value| value == 1);
            return Ok(Rails { no: yes.not(), yes });
        }
        let Some(axis) = self.facts.iter().position(|known| *known == fact) else {
            return Err(DiagramError::FreeVariable(0));
        };
        let of = |wanted: &dyn Fn(Cells) -> bool| {
            self.space.one_of(axis, &|value| wanted(self.meanings[axis][value]))
        };
        let yes = of(&|held| held & !cells == 0);
        let no = of(&|held| held & cells == 0);
        let Some(needed) = self.program.needed[fact] else { return Ok(Rails { yes, no }) };
        // Not done and not needed counts as clear (E2).
        let all = self.program.cells[fact].all();
        let undone = of(&|held| held == all);
        let skipped = both(&undone, &self.rails(needed)?.no, true, NODES_MAX)?;
        let clear = cells >> self.program.cells[fact].clear & 1 == 1;
        let nothing = self.space.constant(false);
        let counts = |holds: bool| if holds { skipped.clone() } else { nothing.clone() };
        Ok(Rails {
            yes: either(&both(&yes, &skipped, false, NODES_MAX)?, &counts(clear))?,
            no: either(&both(&no, &skipped, false, NODES_MAX)?, &counts(!clear))?,
        })
    }

    fn at_least(&mut self, count: usize, children: &[Place]) -> Result<Rails, DiagramError> {
        let mut rails = Vec::with_capacity(children.len());
        for child in children {
            rails.push(self.rails(*child)?);
        }
        let yes: Vec<&Bdd> = rails.iter().map(|rails| &rails.yes).collect();
        let no: Vec<&Bdd> = rails.iter().map(|rails| &rails.no).collect();
        let missing = (children.len() + 1).saturating_sub(count);
        Ok(Rails { yes: self.reached(count, &yes)?, no: self.reached(missing, &no)? })
    }

    /// The states that so many of the diagrams hold.
    fn reached(&self, count: usize, diagrams: &[&Bdd]) -> Result<Bdd, DiagramError> {
        let mut reached = vec![self.space.constant(false); count + 1];
        reached[0] = self.space.constant(true);
        for diagram in diagrams {
            for level in (1..=count).rev() {
                let step = both(&reached[level - 1], diagram, true, NODES_MAX)?;
                reached[level] = either(&reached[level], &step)?;
            }
        }
        Ok(reached.swap_remove(count))
    }

    /// The states all of whose fillings are among these.
    fn filled_in(&mut self, states: Bdd, facts: &[FactIndex]) -> Result<Bdd, DiagramError> {
        let mut states = states;
        let mut axes = self.order();
        axes.retain(|axis| facts.contains(&self.facts[*axis]));
        for axis in axes {
            states = self.filled(axis, &states)?;
        }
        Ok(states)
    }

    /// Axes in the order of filling in: a test before what says whether it is needed.
    fn order(&self) -> Vec<usize> {
        let depth = |fact: FactIndex| self.depth(fact, self.facts.len());
        let mut order: Vec<usize> = (0..self.facts.len()).collect();
        order.sort_by_key(|axis| std::cmp::Reverse(depth(self.facts[*axis])));
        order
    }

    /// How many tests deep the question is whether a fact is asked for. Pages do
    /// not go in circles, so `limit` is never reached.
    fn depth(&self, fact: FactIndex, limit: usize) -> usize {
        let Some(needed) = self.program.needed[fact].filter(|_| limit > 0) else { return 0 };
        let mut seen = vec![false; self.program.nodes.len()];
        let (mut open, mut deepest) = (vec![needed], 0);
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            match &self.program.nodes[place] {
                Node::Fact { fact, .. } => deepest = deepest.max(self.depth(*fact, limit - 1)),
                inner => open.extend(inner.children()),
            }
        }
        deepest + 1
    }

    fn filled(&mut self, axis: usize, states: &Bdd) -> Result<Bdd, DiagramError> {
        let fact = self.facts[axis];
        let cells = &self.program.cells[fact];
        let mut with: Vec<Bdd> = Vec::with_capacity(cells.count);
        for cell in 0..cells.count {
            let value = self.meanings[axis].iter().position(|held| *held == 1 << cell);
            with.push(value.map_or_else(
                || self.space.constant(false),
                |value| self.space.restricted(states, axis, value),
            ));
        }
        let clear = with[cells.clear].clone();
        let mut found = self.space.constant(false);
        for (value, held) in self.meanings[axis].clone().into_iter().enumerate() {
            let mut all = self.space.constant(true);
            for (cell, with) in with.iter().enumerate() {
                if held >> cell & 1 == 1 {
                    all = both(&all, with, true, NODES_MAX)?;
                }
            }
            if let Some(needed) = self.program.needed[fact].filter(|_| held == cells.all()) {
                let needed = self.rails(needed)?;
                let asked = both(&all, &needed.yes, true, NODES_MAX)?;
                let spared = both(&clear, &needed.no, true, NODES_MAX)?;
                all = either(&asked, &spared)?;
            }
            let here = self.space.one_of(axis, &|other| other == value);
            found = either(&found, &both(&here, &all, true, NODES_MAX)?)?;
        }
        Ok(found)
    }

    /// The state of a diagram with the fewest unknowns.
    fn state(&self, states: &Bdd) -> Option<State> {
        let mut costs: Vec<Vec<u32>> = Vec::new();
        for (axis, fact) in self.facts.iter().enumerate() {
            let clear: Cells = 1 << self.program.cells[*fact].clear;
            let cost = |held: &Cells| if *held == clear { 0 } else { held.count_ones() };
            costs.push(self.meanings[axis].iter().map(cost).collect());
        }
        costs.extend(self.given.iter().map(|_| vec![0, 1]));
        let state = self.space.cheapest(states, &costs)?;
        let facts = self.facts.iter().enumerate();
        Some(facts.map(|(axis, fact)| (*fact, self.meanings[axis][state[axis]])).collect())
    }
}

/// What a fact may be: one cell, everything, and of a quantity every interval.
fn meanings(program: &Program, fact: FactIndex) -> Vec<Cells> {
    let cells = &program.cells[fact];
    let mut found: Vec<Cells> = (0..cells.count).map(|cell| 1 << cell).collect();
    if cells.assume.is_some() {
        return found;
    }
    if cells.cuts.is_empty() {
        found.push(cells.all());
        return found;
    }
    for from in 0..cells.count {
        for to in from + 1..cells.count {
            found.push((from..=to).fold(0, |held, cell| held | 1 << cell));
        }
    }
    found
}

fn either(left: &Bdd, right: &Bdd) -> Result<Bdd, DiagramError> {
    Ok(both(&left.not(), right, false, NODES_MAX)?.not())
}
