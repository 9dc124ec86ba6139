//! Conjunctions over literals, and their clauses for a SAT solver.
//!
//! A literal is a whole number as in DIMACS: variable 1 is always true, `-n`
//! is the contrary of `n`. Equal gates are shared.

use std::collections::BTreeMap;

/// A literal.
pub type Literal = i32;
/// Always true.
pub const TRUE: Literal = 1;
/// Always false.
pub const FALSE: Literal = -1;

/// Gates and clauses.
#[derive(Clone, Debug)]
pub struct Circuit {
    variables: i32,
    clauses: Vec<Vec<Literal>>,
    /// Output variable and inputs of each conjunction, in order.
    gates: Vec<(Literal, Vec<Literal>)>,
    shared: BTreeMap<Vec<Literal>, Literal>,
}

impl Default for Circuit {
    fn default() -> Circuit {
        Circuit {
            variables: 1,
            clauses: vec![vec![TRUE]],
            gates: Vec::new(),
            shared: BTreeMap::new(),
        }
    }
}

impl Circuit {
    /// A new variable.
    pub fn variable(&mut self) -> Literal {
        self.variables += 1;
        self.variables
    }

    /// How many variables.
    pub fn variables(&self) -> usize {
        self.variables.unsigned_abs() as usize
    }

    /// All clauses.
    pub fn clauses(&self) -> &[Vec<Literal>] {
        &self.clauses
    }

    /// Every conjunction, its output and its inputs, each after those it looks at.
    pub fn gates(&self) -> &[(Literal, Vec<Literal>)] {
        &self.gates
    }

    /// Whether a literal or its contrary is the output of a conjunction.
    pub fn is_gate(&self, literal: Literal) -> bool {
        self.gates.binary_search_by_key(&literal.abs(), |(output, _)| *output).is_ok()
    }

    /// Asks that one of the literals holds.
    pub fn require(&mut self, clause: Vec<Literal>) {
        self.clauses.push(clause);
    }

    /// Every one holds.
    pub fn and(&mut self, literals: &[Literal]) -> Literal {
        let mut inputs: Vec<Literal> =
            literals.iter().copied().filter(|literal| *literal != TRUE).collect();
        inputs.sort_unstable();
        inputs.dedup();
        if inputs.contains(&FALSE)
            || inputs.iter().any(|literal| inputs.binary_search(&-literal).is_ok())
        {
            return FALSE;
        }
        match inputs.as_slice() {
            [] => return TRUE,
            [only] => return *only,
            _ => {}
        }
        if let Some(output) = self.shared.get(&inputs) {
            return *output;
        }
        let output = self.variable();
        for input in &inputs {
            self.clauses.push(vec![-output, *input]);
        }
        let mut back: Vec<Literal> = inputs.iter().map(|input| -input).collect();
        back.push(output);
        self.clauses.push(back);
        self.gates.push((output, inputs.clone()));
        self.shared.insert(inputs, output);
        output
    }

    /// One holds.
    pub fn or(&mut self, literals: &[Literal]) -> Literal {
        let contrary: Vec<Literal> = literals.iter().map(|literal| -literal).collect();
        -self.and(&contrary)
    }

    /// At least `count` hold.
    pub fn at_least(&mut self, count: usize, literals: &[Literal]) -> Literal {
        let mut reached = vec![FALSE; count + 1];
        reached[0] = TRUE;
        for literal in literals {
            for level in (1..=count).rev() {
                let step = self.and(&[reached[level - 1], *literal]);
                reached[level] = self.or(&[reached[level], step]);
            }
        }
        reached[count]
    }

    /// Values of all variables, given those of the inputs: the circuit run as a program.
    pub fn evaluate(&self, inputs: &[(Literal, bool)]) -> Vec<bool> {
        let mut values = vec![false; self.variables() + 1];
        values[1] = true;
        for (literal, value) in inputs {
            values[literal.unsigned_abs() as usize] = *value == (*literal > 0);
        }
        for (output, gate) in &self.gates {
            values[*output as usize] = gate.iter().all(|literal| value_of(&values, *literal));
        }
        values
    }

    /// The same for 64 patients at once, a bit each.
    pub fn evaluate_each(&self, inputs: &BTreeMap<Literal, u64>) -> Vec<u64> {
        let mut values = vec![0_u64; self.variables() + 1];
        values[1] = u64::MAX;
        for (literal, value) in inputs {
            let value = if *literal > 0 { *value } else { !value };
            values[literal.unsigned_abs() as usize] = value;
        }
        for (output, gate) in &self.gates {
            values[*output as usize] = gate.iter().fold(u64::MAX, |all, literal| {
                let value = values[literal.unsigned_abs() as usize];
                all & if *literal > 0 { value } else { !value }
            });
        }
        values
    }
}

/// Value of a literal.
pub fn value_of(values: &[bool], literal: Literal) -> bool {
    values[literal.unsigned_abs() as usize] == (literal > 0)
}
