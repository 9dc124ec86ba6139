//! One unknown patient as a circuit: a variable for "this fact may be in this
//! cell", and from them everything the engine works out.

use cauda_guideline::page::PageKind;
use cauda_guideline::program::{Cells, Concern, FactCells, Node, Program, Step};
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::{FirstStep, Tier};

use crate::circuit::{Circuit, FALSE, Literal, TRUE, value_of};

/// A place of the graph: true for certain, false for certain.
#[derive(Clone, Copy, Debug)]
pub struct Rails {
    /// True for certain.
    pub yes: Literal,
    /// False for certain.
    pub no: Literal,
}

/// An arbitrary patient and what the engine makes of them.
#[derive(Clone, Debug)]
pub struct Copy {
    /// By fact and cell: may be there.
    pub possible: Vec<Vec<Literal>>,
    /// By fact: nothing is known.
    pub unknown: Vec<Literal>,
    /// By fact: asked for, cannot be had.
    pub cannot_be_had: Vec<Literal>,
    /// By fact: answered, and every cell stays possible.
    pub vague: Vec<Literal>,
    /// By fact: a test that is not done and not needed.
    pub not_indicated: Vec<Literal>,
    /// By place.
    pub places: Vec<Rails>,
    /// By concern.
    pub raised: Vec<Literal>,
    /// By concern.
    pub excluded: Vec<Literal>,
    /// By concern: nothing more can be learnt of it.
    pub stuck: Vec<Literal>,
    /// By concern: settles upward.
    pub settled: Vec<Literal>,
    /// By tier: at least that.
    pub at_least: [Literal; 6],
    /// By tier: at most not below that.
    pub at_most: [Literal; 6],
    /// By tier: acted on at least so.
    pub acted: [Literal; 6],
    /// By first step: the leading concern begins with it.
    pub first_step: [Literal; 6],
    /// By disposition: its rule holds.
    pub chosen: Vec<Literal>,
    /// By disposition: and it stands.
    pub stands: Vec<Literal>,
    /// An open concern could still lead.
    pub could_lead: Literal,
    /// Further answers cannot change urgency or disposition.
    pub decided: Literal,
}

impl Copy {
    /// Adds a patient to the circuit.
    pub fn new(program: &Program, circuit: &mut Circuit) -> Copy {
        let (facts, nodes) = (program.cells.len(), program.nodes.len());
        let mut copy = Copy {
            possible: Vec::with_capacity(facts),
            unknown: vec![FALSE; facts],
            cannot_be_had: vec![FALSE; facts],
            vague: vec![FALSE; facts],
            not_indicated: vec![FALSE; facts],
            places: vec![Rails { yes: FALSE, no: FALSE }; nodes],
            raised: Vec::new(),
            excluded: Vec::new(),
            stuck: Vec::new(),
            settled: Vec::new(),
            at_least: [FALSE; 6],
            at_most: [FALSE; 6],
            acted: [FALSE; 6],
            first_step: [FALSE; 6],
            chosen: Vec::new(),
            stands: Vec::new(),
            could_lead: FALSE,
            decided: FALSE,
        };
        for fact in 0..facts {
            copy.fact(program, circuit, fact);
        }
        for step in &program.steps {
            copy.step(program, circuit, step);
        }
        copy.concerns(program, circuit);
        let first_steps = copy.urgency(program, circuit);
        copy.first_step = first_steps;
        copy.built_ins(program, circuit, &first_steps);
        for step in program.row_steps.iter().skip(4) {
            copy.step(program, circuit, step);
        }
        copy.dispositions(program, circuit, &first_steps);
        for step in &program.advice_steps {
            copy.step(program, circuit, step);
        }
        copy
    }

    /// Whether a fact is one the patient has a say in, not a built-in one.
    pub fn is_entered(program: &Program, fact: usize) -> bool {
        let built_ins = program.built_ins;
        ![built_ins.urgency, built_ins.first_step, built_ins.concerns, built_ins.gate]
            .contains(&fact)
            && program.definitions[fact].is_none()
    }

    fn fact(&mut self, program: &Program, circuit: &mut Circuit, fact: usize) {
        let cells = &program.cells[fact];
        if !Copy::is_entered(program, fact) || cells.count == 1 {
            // Built-in facts are set later; a quantity without thresholds has one cell.
            self.possible.push(vec![TRUE; cells.count]);
            return;
        }
        let possible: Vec<Literal> = (0..cells.count).map(|_| circuit.variable()).collect();
        circuit.require(possible.clone());
        let is_quantity = !cells.cuts.is_empty();
        for left in 0..cells.count {
            for right in left + 1..cells.count {
                let both = [-possible[left], -possible[right]];
                if cells.assume.is_some() {
                    circuit.require(both.to_vec());
                    continue;
                }
                // A quantity is an interval; a named fact is one value or unknown.
                let between = left + 1..right;
                let others = (0..cells.count).filter(|other| *other != left && *other != right);
                let follow: Vec<usize> =
                    if is_quantity { between.collect() } else { others.collect() };
                for other in follow {
                    circuit.require(vec![both[0], both[1], possible[other]]);
                }
            }
        }
        let every = circuit.and(&possible);
        self.unknown[fact] = every;
        if is_quantity {
            // Answered so widely that every cell stays possible.
            let vague = circuit.variable();
            circuit.require(vec![-vague, every]);
            self.vague[fact] = vague;
            self.unknown[fact] = circuit.and(&[every, -vague]);
        }
        if cells.assume.is_none() {
            let cannot = circuit.variable();
            circuit.require(vec![-cannot, self.unknown[fact]]);
            self.cannot_be_had[fact] = cannot;
        }
        self.possible.push(possible);
    }

    fn step(&mut self, program: &Program, circuit: &mut Circuit, step: &Step) {
        match *step {
            Step::Fact(fact) => self.conditions(program, circuit, fact, FALSE),
            Step::Test { fact, needed } => {
                let skipped = circuit.and(&[self.unknown[fact], self.places[needed].no]);
                self.not_indicated[fact] = skipped;
                self.conditions(program, circuit, fact, skipped);
            }
            Step::Node(place) => self.node(program, circuit, place),
        }
    }

    fn conditions(
        &mut self,
        program: &Program,
        circuit: &mut Circuit,
        fact: usize,
        skipped: Literal,
    ) {
        for place in program.places[fact].clone() {
            let Node::Fact { cells, .. } = &program.nodes[place] else {
                continue;
            };
            let possible = &self.possible[fact];
            self.places[place] =
                condition(circuit, &program.cells[fact], *cells, possible, skipped);
        }
    }

    fn node(&mut self, program: &Program, circuit: &mut Circuit, place: usize) {
        let known = &program.nodes[place];
        let children: Vec<Rails> =
            known.children().iter().map(|child| self.places[*child]).collect();
        if !matches!(known, Node::Fact { .. }) {
            self.places[place] = node(circuit, known, &children);
        }
    }

    fn concerns(&mut self, program: &Program, circuit: &mut Circuit) {
        for concern in &program.concerns {
            let raised = self.places[concern.raised].yes;
            let excluded = circuit.and(&[self.places[concern.excluded].yes, -raised]);
            let (mut asked, mut missing) = (Vec::new(), Vec::new());
            for fact in &concern.facts {
                let unanswered = circuit.and(&[self.unknown[*fact], -self.not_indicated[*fact]]);
                let cannot = circuit.and(&[unanswered, self.cannot_be_had[*fact]]);
                asked.push(circuit.or(&[-unanswered, cannot]));
                missing.push(cannot);
            }
            let asked = circuit.and(&asked);
            let missing = circuit.or(&missing);
            let stuck = circuit.and(&[-raised, -excluded, asked, missing]);
            let settled = match concern.settle {
                None => FALSE,
                Some(_) => {
                    let signs: Vec<Literal> =
                        concern.signs.iter().map(|sign| self.places[*sign].yes).collect();
                    let related = circuit.or(&signs);
                    circuit.and(&[stuck, related])
                }
            };
            self.stuck.push(stuck);
            self.raised.push(raised);
            self.excluded.push(excluded);
            self.settled.push(settled);
        }
    }

    /// Sets the urgencies; returns for each first step whether it leads.
    fn urgency(&mut self, program: &Program, circuit: &mut Circuit) -> [Literal; 6] {
        for tier in Tier::ALL {
            let (mut raised, mut open, mut settled) = (Vec::new(), Vec::new(), Vec::new());
            for (index, concern) in program.concerns.iter().enumerate() {
                if concern.tier >= tier {
                    raised.push(self.raised[index]);
                    open.push(-self.excluded[index]);
                }
                if concern.settle.is_some_and(|settle| settle >= tier) {
                    settled.push(self.settled[index]);
                }
            }
            let at = tier as usize;
            let is_none = tier == Tier::None;
            self.at_least[at] = if is_none { TRUE } else { circuit.or(&raised) };
            self.at_most[at] = if is_none { TRUE } else { circuit.or(&open) };
            settled.push(self.at_least[at]);
            self.acted[at] = if is_none { TRUE } else { circuit.or(&settled) };
        }
        let mut steps = [FALSE; 6];
        for (index, concern) in program.concerns.iter().enumerate() {
            let mut leads = Vec::new();
            for (tier, acted_on) in
                [(Some(concern.tier), self.raised[index]), (concern.settle, self.settled[index])]
            {
                if let Some(tier) = tier.filter(|tier| *tier > Tier::None) {
                    let exact = exactly(circuit, &self.acted, tier);
                    leads.push(circuit.and(&[acted_on, exact]));
                }
            }
            let leads = circuit.or(&leads);
            for (step, when) in self.steps_of(concern) {
                let here = circuit.and(&[leads, when]);
                steps[step] = circuit.or(&[steps[step], here]);
            }
        }
        let mut earlier: Vec<Literal> = Vec::new();
        for step in &mut steps {
            let mut first: Vec<Literal> = earlier.iter().map(|literal| -literal).collect();
            first.push(*step);
            earlier.push(*step);
            *step = circuit.and(&first);
        }
        let nobody: Vec<Literal> = earlier.iter().map(|literal| -literal).collect();
        let nobody = circuit.and(&nobody);
        let none = FirstStep::None as usize;
        steps[none] = circuit.or(&[steps[none], nobody]);
        steps
    }

    /// What a concern does first: its scan, or another team once that scan has
    /// answered it.
    fn steps_of(&self, concern: &Concern) -> [(usize, Literal); 2] {
        let step = concern.first_step;
        let answered = concern.answered.map_or(FALSE, |place| self.places[place].yes);
        let then = step.max(FirstStep::OtherTeam);
        [(step as usize, -answered), (then as usize, answered)]
    }

    /// Excluded, open, raised: the worst of the concerns of those kinds.
    fn states(&self, program: &Program, circuit: &mut Circuit, kinds: &[PageKind]) -> [Literal; 3] {
        let (mut raised, mut open) = (Vec::new(), Vec::new());
        for (index, concern) in program.concerns.iter().enumerate() {
            if kinds.contains(&concern.kind) {
                raised.push(self.raised[index]);
                open.push(circuit.and(&[-self.raised[index], -self.excluded[index]]));
            }
        }
        let raised = circuit.or(&raised);
        let any_open = circuit.or(&open);
        [circuit.and(&[-raised, -any_open]), circuit.and(&[any_open, -raised]), raised]
    }

    fn built_ins(&mut self, program: &Program, circuit: &mut Circuit, first_steps: &[Literal; 6]) {
        let built_ins = program.built_ins;
        let tiers = Tier::ALL.map(|tier| exactly(circuit, &self.acted, tier));
        let mut steps = *first_steps;
        steps.reverse();
        let all = self.states(program, circuit, &[PageKind::Gate, PageKind::RedFlag]);
        let gate = self.states(program, circuit, &[PageKind::Gate]);
        let sets: [(usize, &[Literal]); 4] = [
            (built_ins.urgency, &tiers),
            (built_ins.first_step, &steps),
            (built_ins.concerns, &all),
            (built_ins.gate, &gate),
        ];
        for (fact, literals) in sets {
            for place in program.places[fact].clone() {
                let Node::Fact { cells, .. } = program.nodes[place] else {
                    continue;
                };
                let inside = literals.iter().enumerate().filter(|(cell, _)| cells >> cell & 1 == 1);
                let inside: Vec<Literal> = inside.map(|(_, literal)| *literal).collect();
                let yes = circuit.or(&inside);
                self.places[place] = Rails { yes, no: -yes };
            }
        }
    }

    fn dispositions(
        &mut self,
        program: &Program,
        circuit: &mut Circuit,
        first_steps: &[Literal; 6],
    ) {
        let mut leads = Vec::new();
        for (index, concern) in program.concerns.iter().enumerate() {
            if concern.tier == Tier::None {
                continue;
            }
            let open = circuit.and(&[-self.raised[index], -self.excluded[index]]);
            let later = self.steps_of(concern).map(|(step, when)| {
                let after = circuit.or(&first_steps[step + 1..]);
                circuit.and(&[when, after])
            });
            let later = circuit.or(&later);
            let exact = exactly(circuit, &self.at_least, concern.tier);
            let same = circuit.and(&[exact, later]);
            let ahead = circuit.or(&[-self.at_least[concern.tier as usize], same]);
            leads.push(circuit.and(&[open, ahead]));
        }
        self.could_lead = circuit.or(&leads);
        self.chosen = program.rows.iter().map(|row| self.places[row.chosen].yes).collect();
        let conflict = circuit.at_least(2, &self.chosen);
        for (row, chosen) in program.rows.iter().zip(self.chosen.clone()) {
            let guard = if row.reassuring { -self.could_lead } else { TRUE };
            self.stands.push(circuit.and(&[chosen, -conflict, guard]));
        }
        let somewhere = circuit.or(&self.stands);
        let in_scope = self.states(program, circuit, &[PageKind::Scope])[0];
        let certain = circuit.or(&[self.acted[Tier::Emergency as usize], -self.could_lead]);
        self.decided = circuit.and(&[somewhere, in_scope, certain]);
    }

    /// The patient of an assignment.
    pub fn patient(&self, values: &[bool]) -> Patient {
        let cells = self.possible.iter().map(|possible| {
            let held =
                possible.iter().enumerate().filter(|(_, literal)| value_of(values, **literal));
            held.fold(0, |cells, (cell, _)| cells | 1 << cell)
        });
        Patient {
            cells: cells.collect(),
            cannot_be_had: self
                .cannot_be_had
                .iter()
                .map(|literal| value_of(values, *literal))
                .collect(),
            vague: self.vague.iter().map(|literal| value_of(values, *literal)).collect(),
        }
    }

    /// The input values that stand for a patient, to run the circuit as a program.
    pub fn inputs(&self, program: &Program, patient: &Patient) -> Vec<(Literal, bool)> {
        let mut inputs = Vec::new();
        for (fact, possible) in self.possible.iter().enumerate() {
            if !Copy::is_entered(program, fact) || possible.len() == 1 {
                continue;
            }
            for (cell, literal) in possible.iter().enumerate() {
                inputs.push((*literal, patient.cells[fact] >> cell & 1 == 1));
            }
            if self.vague[fact] != FALSE {
                inputs.push((self.vague[fact], patient.vague[fact]));
            }
            if self.cannot_be_had[fact] != FALSE {
                inputs.push((self.cannot_be_had[fact], patient.cannot_be_had[fact]));
            }
        }
        inputs
    }
}

/// A condition on a fact that may be in the `possible` cells; `skipped`: its
/// test is not done and not needed, so it counts as clear (E2).
pub(crate) fn condition(
    circuit: &mut Circuit,
    known: &FactCells,
    cells: Cells,
    possible: &[Literal],
    skipped: Literal,
) -> Rails {
    let none_of = |inside: bool| -> Vec<Literal> {
        let all = possible.iter().enumerate();
        let chosen = all.filter(|(cell, _)| (cells >> cell & 1 == 1) == inside);
        chosen.map(|(_, literal)| -literal).collect()
    };
    let yes = circuit.and(&none_of(false));
    let no = circuit.and(&none_of(true));
    let clear = cells >> known.clear & 1 == 1;
    Rails {
        yes: choose(circuit, skipped, if clear { TRUE } else { FALSE }, yes),
        no: choose(circuit, skipped, if clear { FALSE } else { TRUE }, no),
    }
}

/// A node over other places (strong Kleene logic); a condition on a fact looks
/// at none and is unknown here.
pub(crate) fn node(circuit: &mut Circuit, node: &Node, children: &[Rails]) -> Rails {
    let yes: Vec<Literal> = children.iter().map(|child| child.yes).collect();
    let no: Vec<Literal> = children.iter().map(|child| child.no).collect();
    match node {
        Node::Fact { .. } => Rails { yes: FALSE, no: FALSE },
        Node::Not(_) => Rails { yes: circuit.or(&no), no: circuit.or(&yes) },
        Node::All(_) => Rails { yes: circuit.and(&yes), no: circuit.or(&no) },
        Node::Any(_) => Rails { yes: circuit.or(&yes), no: circuit.and(&no) },
        Node::AtLeast(count, _) => {
            let count = *count as usize;
            Rails {
                yes: circuit.at_least(count, &yes),
                no: circuit.at_least((children.len() + 1).saturating_sub(count), &no),
            }
        }
    }
}

fn choose(circuit: &mut Circuit, which: Literal, yes: Literal, no: Literal) -> Literal {
    let left = circuit.and(&[which, yes]);
    let right = circuit.and(&[-which, no]);
    circuit.or(&[left, right])
}

fn exactly(circuit: &mut Circuit, planes: &[Literal; 6], tier: Tier) -> Literal {
    match planes.get(tier as usize + 1) {
        Some(above) => circuit.and(&[planes[tier as usize], -above]),
        None => planes[tier as usize],
    }
}
