//! Literals of a circuit as decision diagrams over a space of states: the very
//! formula that is proved is also counted.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use biodivine_lib_bdd::Bdd;

use crate::circuit::{Circuit, FALSE, Literal, TRUE};
use crate::space::Space;

/// Most nodes of one diagram, and of all that are kept at once in the longest
/// try; a node takes 12 bytes.
pub const NODES_MAX: usize = 8_000_000;

/// Why there are no diagrams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiagramError {
    /// More than [`NODES_MAX`] nodes.
    TooLarge,
    /// A variable of the circuit that the space does not know.
    FreeVariable(Literal),
    /// A patient of a diagram is answered otherwise by the engine.
    Disagrees,
    /// The space cannot be written in bits.
    Space(String),
}

impl fmt::Display for DiagramError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiagramError::TooLarge => write!(
                out,
                "the decision diagrams need more than {NODES_MAX} nodes: too many pages share \
                 their facts in too many ways to count the states"
            ),
            DiagramError::FreeVariable(variable) => {
                write!(out, "variable {variable} of the circuit stands for nothing")
            }
            DiagramError::Disagrees => out.write_str("formula and engine differ on a patient"),
            DiagramError::Space(why) => out.write_str(why),
        }
    }
}

impl std::error::Error for DiagramError {}

/// Diagrams of some literals, and what it took to make them.
#[derive(Clone, Debug)]
pub struct Diagrams {
    /// In the order in which they were asked for.
    pub of: Vec<Bdd>,
    /// Nodes of the largest diagram made on the way.
    pub largest: usize,
    /// Most nodes kept at once.
    pub kept: usize,
}

impl Diagrams {
    /// Works out the states in which each of the `wanted` literals holds, with
    /// at most so many nodes; `inputs` says what the free variables of the
    /// circuit stand for.
    ///
    /// # Errors
    /// Too many nodes, or a variable that stands for nothing.
    pub fn new(
        circuit: &Circuit,
        space: &Space,
        inputs: Vec<(Literal, Bdd)>,
        wanted: &[Literal],
        nodes_max: usize,
    ) -> Result<Diagrams, DiagramError> {
        let mut work = Work {
            space,
            same: vec![None; circuit.variables() + 1],
            made: vec![None; circuit.variables() + 1],
            gates: BTreeMap::new(),
            uses: vec![0; circuit.variables() + 1],
            nodes: 0,
            nodes_max,
            diagrams: Diagrams { of: Vec::new(), largest: 0, kept: 0 },
        };
        work.made[place(TRUE)] = Some(Rc::new(space.constant(true)));
        work.read_inputs(inputs);
        work.merge(circuit);
        let gates = work.gates_under(wanted)?;
        for gate in gates {
            work.make(gate)?;
        }
        for literal in wanted {
            let literal = work.merged(*literal);
            let diagram = work.known(literal)?;
            let states = if literal > 0 { (*diagram).clone() } else { diagram.not() };
            work.diagrams.of.push(states);
        }
        Ok(work.diagrams)
    }
}

/// Diagrams by variable, each forgotten after its last use.
struct Work<'a> {
    space: &'a Space,
    /// The literal that a variable is the same as, where there is an earlier one.
    same: Vec<Option<Literal>>,
    made: Vec<Option<Rc<Bdd>>>,
    /// What each gate looks at that is not the same as another.
    gates: BTreeMap<Literal, Vec<Literal>>,
    uses: Vec<usize>,
    nodes: usize,
    nodes_max: usize,
    diagrams: Diagrams,
}

fn place(literal: Literal) -> usize {
    literal.unsigned_abs() as usize
}

impl Work<'_> {
    fn known(&self, literal: Literal) -> Result<Rc<Bdd>, DiagramError> {
        let known = self.made.get(place(literal)).and_then(Clone::clone);
        known.ok_or(DiagramError::FreeVariable(literal.abs()))
    }

    fn merged(&self, literal: Literal) -> Literal {
        match self.same[place(literal)] {
            Some(same) if literal > 0 => same,
            Some(same) => -same,
            None => literal,
        }
    }

    /// Variables that stand for the same states become one: two guidelines are one in all that
    /// they say alike.
    fn read_inputs(&mut self, inputs: Vec<(Literal, Bdd)>) {
        let mut known: BTreeMap<Vec<u8>, Literal> = BTreeMap::new();
        for (literal, diagram) in inputs {
            let diagram = if literal > 0 { diagram } else { diagram.not() };
            let literal = literal.abs();
            let same = match &diagram {
                diagram if diagram.is_true() => Some(TRUE),
                diagram if diagram.is_false() => Some(FALSE),
                diagram => {
                    let other = || known.get(&diagram.not().to_bytes()).map(|literal| -literal);
                    known.get(&diagram.to_bytes()).copied().or_else(other)
                }
            };
            if same.is_none() {
                known.insert(diagram.to_bytes(), literal);
                self.made[place(literal)] = Some(Rc::new(diagram));
            }
            self.same[place(literal)] = same;
        }
    }

    /// Gates that look at the same are one, and gates that are the same in every state none.
    fn merge(&mut self, circuit: &Circuit) {
        let mut known: BTreeMap<Vec<Literal>, Literal> = BTreeMap::new();
        for (output, inputs) in circuit.gates() {
            let mut inputs: Vec<Literal> =
                inputs.iter().map(|input| self.merged(*input)).filter(|it| *it != TRUE).collect();
            inputs.sort_unstable();
            inputs.dedup();
            let never = inputs.contains(&FALSE)
                || inputs.iter().any(|input| inputs.binary_search(&-input).is_ok());
            let same = match inputs.as_slice() {
                _ if never => Some(FALSE),
                [] => Some(TRUE),
                [only] => Some(*only),
                _ => known.get(&inputs).copied(),
            };
            if same.is_none() {
                known.insert(inputs.clone(), *output);
                self.gates.insert(*output, inputs);
            }
            self.same[place(*output)] = same;
        }
    }

    /// Every gate under the literals, each after those it looks at.
    fn gates_under(&mut self, wanted: &[Literal]) -> Result<Vec<Literal>, DiagramError> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.made.len()];
        let mut open: Vec<Literal> = wanted.iter().map(|literal| self.merged(*literal)).collect();
        while let Some(literal) = open.pop() {
            let at = place(literal);
            self.uses[at] += 1;
            if std::mem::replace(&mut seen[at], true) || self.made[at].is_some() {
                continue;
            }
            let inputs = self.gates.get(&literal.abs());
            open.extend(inputs.ok_or(DiagramError::FreeVariable(literal.abs()))?);
            found.push(literal.abs());
        }
        found.sort_unstable();
        Ok(found)
    }

    fn make(&mut self, gate: Literal) -> Result<(), DiagramError> {
        let inputs = self.gates.get(&gate).cloned().unwrap_or_default();
        let mut parts = Vec::with_capacity(inputs.len());
        for input in &inputs {
            parts.push((self.known(*input)?, *input > 0));
        }
        // Small ones first: what is built on the way stays small.
        parts.sort_by_key(|(diagram, _)| diagram.size());
        let mut parts = parts.into_iter();
        let mut all = match parts.next() {
            Some((part, true)) => (*part).clone(),
            Some((part, false)) => part.not(),
            None => self.space.constant(true),
        };
        for (part, holds) in parts {
            all = both(&all, &part, holds, self.nodes_max)?;
        }
        self.nodes += all.size();
        self.diagrams.largest = self.diagrams.largest.max(all.size());
        self.diagrams.kept = self.diagrams.kept.max(self.nodes);
        self.made[place(gate)] = Some(Rc::new(all));
        for input in &inputs {
            let at = place(*input);
            self.uses[at] -= 1;
            // The inputs of the circuit are small and not counted.
            if self.uses[at] == 0 && self.gates.contains_key(&input.abs()) {
                self.nodes -= self.made[at].take().map_or(0, |diagram| diagram.size());
            }
        }
        if self.nodes > self.nodes_max { Err(DiagramError::TooLarge) } else { Ok(()) }
    }
}

/// The states of both, or of the first alone when the second is not `wanted`,
/// with at most so many nodes.
///
/// # Errors
/// Too many nodes.
pub fn both(left: &Bdd, right: &Bdd, wanted: bool, nodes_max: usize) -> Result<Bdd, DiagramError> {
    let operation = |left: Option<bool>, right: Option<bool>| match (left, right) {
        (Some(false), _) => Some(false),
        (_, Some(right)) if right != wanted => Some(false),
        (Some(true), Some(_)) => Some(true),
        _ => None,
    };
    Bdd::binary_op_with_limit(nodes_max, left, right, operation).ok_or(DiagramError::TooLarge)
}
