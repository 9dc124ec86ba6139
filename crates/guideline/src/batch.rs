//! Many patients at once: the same graph on bit planes, 256 patients a pass.
//!
//! A plane holds one bit a patient. In go the planes of "the fact may be in
//! this cell", out come the planes of urgency and disposition.

use crate::page::PageKind;
use crate::program::{Cells, Concern, Node, Program, Step};
use crate::resolve::Patient;
use crate::vocabulary::{FirstStep, Tier};

/// Words of a plane.
pub const PLANE_WORDS: usize = 4;
/// Patients of one pass.
pub const LANES: usize = PLANE_WORDS * 64;
/// One bit a patient.
pub type Plane = [u64; PLANE_WORDS];

const NONE: Plane = [0; PLANE_WORDS];
const EVERY: Plane = [u64::MAX; PLANE_WORDS];

/// Code of an unknown value in a column of named values.
pub const UNKNOWN_VALUE: u8 = u8::MAX;
/// Code of an unknown quantity in a column of grid places.
pub const UNKNOWN_PLACE: i32 = i32::MIN;

/// Up to [`LANES`] patients as planes.
#[derive(Clone, Debug)]
pub struct Patients {
    /// For every cell of every fact, who may be in it.
    possible: Vec<Plane>,
    /// Place of each fact's first plane.
    first: Vec<usize>,
    /// Who was asked for the fact without avail; empty when nobody was.
    cannot_be_had: Vec<Plane>,
    /// Whose answer leaves every cell possible; empty when nobody's does.
    vague: Vec<Plane>,
}

impl Patients {
    /// Patients of whom nothing is known.
    pub fn unknown(program: &Program) -> Patients {
        let mut first = Vec::with_capacity(program.cells.len());
        let mut possible = Vec::new();
        for cells in &program.cells {
            first.push(possible.len());
            possible.extend((0..cells.count).map(|cell| match cells.assume {
                Some(assumed) if assumed != cell => NONE,
                _ => EVERY,
            }));
        }
        Patients { possible, first, cannot_be_had: Vec::new(), vague: Vec::new() }
    }

    /// Puts one patient into a lane.
    pub fn set(&mut self, lane: usize, patient: &Patient) {
        for (fact, cells) in patient.cells.iter().enumerate() {
            self.set_cells(lane, fact, *cells);
        }
        let marks =
            [(&patient.cannot_be_had, &mut self.cannot_be_had), (&patient.vague, &mut self.vague)];
        for (marked, planes) in marks {
            if planes.is_empty() && marked.contains(&true) {
                *planes = vec![NONE; patient.cells.len()];
            }
            for (plane, marked) in planes.iter_mut().zip(marked) {
                set_bit(plane, lane, *marked);
            }
        }
    }

    /// Puts the same patient into every lane.
    pub fn fill(&mut self, patient: &Patient) {
        for (fact, cells) in patient.cells.iter().enumerate() {
            let start = self.first[fact];
            let end = self.first.get(fact + 1).copied().unwrap_or(self.possible.len());
            for (cell, plane) in self.possible[start..end].iter_mut().enumerate() {
                *plane = if cells >> cell & 1 == 1 { EVERY } else { NONE };
            }
        }
        let marks =
            [(&patient.cannot_be_had, &mut self.cannot_be_had), (&patient.vague, &mut self.vague)];
        for (marked, planes) in marks {
            planes.clear();
            if marked.contains(&true) {
                planes.extend(marked.iter().map(|marked| if *marked { EVERY } else { NONE }));
            }
        }
    }

    /// Sets what one fact of one patient may be.
    pub fn set_cells(&mut self, lane: usize, fact: usize, cells: Cells) {
        let start = self.first[fact];
        let end = self.first.get(fact + 1).copied().unwrap_or(self.possible.len());
        for (cell, plane) in self.possible[start..end].iter_mut().enumerate() {
            set_bit(plane, lane, cells >> cell & 1 == 1);
        }
        for planes in [&mut self.cannot_be_had, &mut self.vague] {
            if let Some(plane) = planes.get_mut(fact) {
                set_bit(plane, lane, false);
            }
        }
    }

    /// Sets a named fact of all patients from a column of value indexes.
    pub fn set_values(&mut self, program: &Program, fact: usize, column: &[u8]) {
        let start = self.first[fact];
        let cells = &program.cells[fact];
        for cell in 0..cells.count {
            // A value nobody gave is the assumed one.
            let unknown = match cells.assume {
                Some(assumed) if assumed != cell => cell as u8,
                _ => UNKNOWN_VALUE,
            };
            let wanted = cell as u8;
            self.possible[start + cell] =
                plane_of(column, |value| *value == wanted || *value == unknown);
        }
    }

    /// Sets a quantity of all patients from a column of grid places.
    pub fn set_places(&mut self, program: &Program, fact: usize, column: &[i32]) {
        let start = self.first[fact];
        let cells = &program.cells[fact];
        let unknown = plane_of(column, |place| *place == UNKNOWN_PLACE);
        let mut below = NONE;
        // A place is in the last cell whose cut it reaches.
        for (cell, cut) in cells.cuts.iter().enumerate() {
            let cut = i32::try_from(*cut).unwrap_or(i32::MAX);
            let lower = plane_of(column, |place| *place < cut);
            self.possible[start + cell] = or(and_not(lower, below), unknown);
            below = lower;
        }
        self.possible[start + cells.cuts.len()] = or(not(below), unknown);
    }
}

/// Who of a column satisfies `holds`.
fn plane_of<T>(column: &[T], holds: impl Fn(&T) -> bool) -> Plane {
    /// Gathers the lowest bits of eight bytes into one byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut plane = NONE;
    for (word, values) in plane.iter_mut().zip(column.chunks(64)) {
        let mut flags = [0_u8; 64];
        for (flag, value) in flags.iter_mut().zip(values) {
            *flag = u8::from(holds(value));
        }
        for (at, eight) in flags.chunks_exact(8).enumerate() {
            let bytes = eight.try_into().map_or(0, u64::from_le_bytes);
            *word |= (bytes.wrapping_mul(GATHER) >> 56) << (at * 8);
        }
    }
    plane
}

/// Answers of one pass.
#[derive(Clone, Debug)]
pub struct Answers {
    /// `at_least[n]`: who has at least tier `n`.
    pub at_least: [Plane; 6],
    /// The same if every unknown is dangerous.
    pub at_most: [Plane; 6],
    /// The same of the urgency acted on.
    pub acted: [Plane; 6],
    /// Who is in each disposition.
    pub rows: Vec<Plane>,
    /// Who is decided.
    pub decided: Plane,
}

impl Answers {
    /// Greatest tier of a lane.
    pub fn tier(planes: &[Plane; 6], lane: usize) -> Tier {
        let reached = Tier::ALL.into_iter().rev().find(|tier| bit(&planes[*tier as usize], lane));
        reached.unwrap_or(Tier::None)
    }

    /// Disposition of a lane.
    pub fn row(&self, lane: usize) -> Option<usize> {
        self.rows.iter().position(|plane| bit(plane, lane))
    }

    /// Whether a lane is decided.
    pub fn is_decided(&self, lane: usize) -> bool {
        bit(&self.decided, lane)
    }
}

/// Room to work in, kept between passes.
pub struct Batch<'a> {
    program: &'a Program,
    yes: Vec<Plane>,
    no: Vec<Plane>,
    answered: Vec<Plane>,
    raised: Vec<Plane>,
    excluded: Vec<Plane>,
    settled: Vec<Plane>,
}

impl<'a> Batch<'a> {
    /// Room for passes over `program`.
    pub fn new(program: &'a Program) -> Batch<'a> {
        let (nodes, concerns) = (program.nodes.len(), program.concerns.len());
        Batch {
            program,
            yes: vec![NONE; nodes],
            no: vec![NONE; nodes],
            answered: vec![NONE; program.cells.len()],
            raised: vec![NONE; concerns],
            excluded: vec![NONE; concerns],
            settled: vec![NONE; concerns],
        }
    }

    /// Decides all lanes.
    pub fn decide(&mut self, patients: &Patients) -> Answers {
        for step in &self.program.steps {
            self.step(step, patients);
        }
        self.concerns(patients);
        let mut answers = self.urgency();
        let first_steps = self.first_steps(&answers);
        self.built_ins(&answers, &first_steps);
        for step in self.program.row_steps.iter().skip(4) {
            self.step(step, patients);
        }
        self.dispositions(&first_steps, &mut answers);
        answers
    }

    fn step(&mut self, step: &Step, patients: &Patients) {
        match *step {
            Step::Fact(fact) => self.fact(fact, patients, None),
            Step::Test { fact, needed } => self.fact(fact, patients, Some(needed)),
            Step::Node(place) => self.node(place),
        }
    }

    fn fact(&mut self, fact: usize, patients: &Patients, needed: Option<usize>) {
        let start = patients.first[fact];
        let cells = &self.program.cells[fact];
        let possible = &patients.possible[start..start + cells.count];
        let unknown = possible.iter().fold(EVERY, |all, plane| and(all, *plane));
        let unknown = patients.vague.get(fact).map_or(unknown, |vague| and_not(unknown, *vague));
        let skipped = needed.map_or(NONE, |needed| and(unknown, self.no[needed]));
        self.answered[fact] = or(not(unknown), skipped);
        for place in self.program.places[fact].clone() {
            let Node::Fact { cells: wanted, .. } = self.program.nodes[place] else {
                continue;
            };
            let (mut outside, mut inside) = (NONE, NONE);
            for (cell, plane) in possible.iter().enumerate() {
                if wanted >> cell & 1 == 1 {
                    inside = or(inside, *plane);
                } else {
                    outside = or(outside, *plane);
                }
            }
            let clear = wanted >> cells.clear & 1 == 1;
            // Not needed: only the clear cell counts.
            self.yes[place] = choose(skipped, if clear { EVERY } else { NONE }, not(outside));
            self.no[place] = choose(skipped, if clear { NONE } else { EVERY }, not(inside));
        }
    }

    fn node(&mut self, place: usize) {
        let (yes, no) = match &self.program.nodes[place] {
            Node::Fact { .. } => return,
            Node::Not(child) => (self.no[*child], self.yes[*child]),
            Node::All(children) => children.iter().fold((EVERY, NONE), |(yes, no), child| {
                (and(yes, self.yes[*child]), or(no, self.no[*child]))
            }),
            Node::Any(children) => children.iter().fold((NONE, EVERY), |(yes, no), child| {
                (or(yes, self.yes[*child]), and(no, self.no[*child]))
            }),
            Node::AtLeast(count, children) => {
                let enough = *count as usize;
                let missing = children.len() - enough + 1;
                (
                    at_least(enough, children.iter().map(|child| self.yes[*child])),
                    at_least(missing, children.iter().map(|child| self.no[*child])),
                )
            }
        };
        (self.yes[place], self.no[place]) = (yes, no);
    }

    fn concerns(&mut self, patients: &Patients) {
        for (index, concern) in self.program.concerns.iter().enumerate() {
            let raised = self.yes[concern.raised];
            self.raised[index] = raised;
            self.excluded[index] = and_not(self.yes[concern.excluded], raised);
            self.settled[index] = NONE;
            if concern.settle.is_none() || patients.cannot_be_had.is_empty() {
                continue;
            }
            let (mut stuck, mut missing) = (EVERY, NONE);
            for fact in &concern.facts {
                let cannot = and_not(patients.cannot_be_had[*fact], self.answered[*fact]);
                stuck = and(stuck, or(self.answered[*fact], cannot));
                missing = or(missing, cannot);
            }
            let open = not(or(raised, self.excluded[index]));
            let related = concern.signs.iter().fold(NONE, |any, sign| or(any, self.yes[*sign]));
            self.settled[index] = and(and(open, related), and(stuck, missing));
        }
    }

    fn urgency(&self) -> Answers {
        let mut answers = Answers {
            at_least: [NONE; 6],
            at_most: [NONE; 6],
            acted: [NONE; 6],
            rows: Vec::new(),
            decided: NONE,
        };
        for (index, concern) in self.program.concerns.iter().enumerate() {
            for tier in 0..=concern.tier as usize {
                answers.at_least[tier] = or(answers.at_least[tier], self.raised[index]);
                answers.at_most[tier] = or(answers.at_most[tier], not(self.excluded[index]));
            }
            for tier in 0..=concern.settle.unwrap_or(Tier::None) as usize {
                answers.acted[tier] = or(answers.acted[tier], self.settled[index]);
            }
        }
        for tier in 0..6 {
            answers.acted[tier] = or(answers.acted[tier], answers.at_least[tier]);
        }
        for planes in [&mut answers.at_least, &mut answers.at_most, &mut answers.acted] {
            planes[0] = EVERY;
        }
        answers
    }

    /// For each first step, whose leading concern begins with it.
    fn first_steps(&self, answers: &Answers) -> [Plane; 6] {
        let mut steps = [NONE; 6];
        for (index, concern) in self.program.concerns.iter().enumerate() {
            let at = |tier: Tier| {
                if tier == Tier::None { NONE } else { exactly(&answers.acted, tier) }
            };
            let raised = and(self.raised[index], at(concern.tier));
            let settled = and(self.settled[index], at(concern.settle.unwrap_or(Tier::None)));
            let acted_on = or(raised, settled);
            for (step, who) in self.steps_of(concern) {
                steps[step] = or(steps[step], and(acted_on, who));
            }
        }
        let mut taken = NONE;
        for plane in &mut steps {
            *plane = and_not(*plane, taken);
            taken = or(taken, *plane);
        }
        steps[FirstStep::None as usize] = or(steps[FirstStep::None as usize], not(taken));
        steps
    }

    /// What a concern does first: its scan, or another team for whom the scan has
    /// answered it.
    fn steps_of(&self, concern: &Concern) -> [(usize, Plane); 2] {
        let step = concern.first_step;
        let answered = concern.answered.map_or(NONE, |place| self.yes[place]);
        let then = step.max(FirstStep::OtherTeam);
        [(step as usize, not(answered)), (then as usize, answered)]
    }

    fn states(&self, kinds: &[PageKind]) -> [Plane; 3] {
        let (mut raised, mut open) = (NONE, NONE);
        for (index, concern) in self.program.concerns.iter().enumerate() {
            if kinds.contains(&concern.kind) {
                raised = or(raised, self.raised[index]);
                open = or(open, not(or(self.raised[index], self.excluded[index])));
            }
        }
        [not(or(raised, open)), and_not(open, raised), raised]
    }

    fn built_ins(&mut self, answers: &Answers, first_steps: &[Plane; 6]) {
        let built_ins = self.program.built_ins;
        let tiers = Tier::ALL.map(|tier| exactly(&answers.acted, tier));
        let mut steps = *first_steps;
        steps.reverse();
        let all = self.states(&[PageKind::Gate, PageKind::RedFlag]);
        let gate = self.states(&[PageKind::Gate]);
        self.set_built_in(built_ins.urgency, &tiers);
        self.set_built_in(built_ins.first_step, &steps);
        self.set_built_in(built_ins.concerns, &all);
        self.set_built_in(built_ins.gate, &gate);
    }

    fn set_built_in(&mut self, fact: usize, cells: &[Plane]) {
        for place in self.program.places[fact].clone() {
            let Node::Fact { cells: wanted, .. } = self.program.nodes[place] else {
                continue;
            };
            let inside = cells.iter().enumerate().filter(|(cell, _)| wanted >> cell & 1 == 1);
            self.yes[place] = inside.fold(NONE, |any, (_, plane)| or(any, *plane));
            self.no[place] = not(self.yes[place]);
        }
    }

    fn dispositions(&self, first_steps: &[Plane; 6], answers: &mut Answers) {
        let unsettled = self.could_lead(first_steps, answers);
        let (mut once, mut twice) = (NONE, NONE);
        for row in &self.program.rows {
            let chosen = self.yes[row.chosen];
            twice = or(twice, and(once, chosen));
            once = or(once, chosen);
            answers.rows.push(if row.reassuring { and_not(chosen, unsettled) } else { chosen });
        }
        let mut any = NONE;
        for plane in &mut answers.rows {
            *plane = and_not(*plane, twice);
            any = or(any, *plane);
        }
        let in_scope = self.states(&[PageKind::Scope])[0];
        let certain = or(answers.acted[Tier::Emergency as usize], not(unsettled));
        answers.decided = and(and(any, in_scope), certain);
    }

    fn could_lead(&self, first_steps: &[Plane; 6], answers: &Answers) -> Plane {
        let mut found = NONE;
        for (index, concern) in self.program.concerns.iter().enumerate() {
            if concern.tier == Tier::None {
                continue;
            }
            let open = not(or(self.raised[index], self.excluded[index]));
            let higher = not(answers.at_least[concern.tier as usize]);
            let later = self.steps_of(concern).into_iter().fold(NONE, |any, (step, who)| {
                let after = first_steps[step + 1..].iter().fold(NONE, |any, plane| or(any, *plane));
                or(any, and(who, after))
            });
            let leads = and(exactly(&answers.at_least, concern.tier), later);
            found = or(found, and(open, or(higher, leads)));
        }
        found
    }
}

fn exactly(planes: &[Plane; 6], tier: Tier) -> Plane {
    match planes.get(tier as usize + 1) {
        Some(above) => and_not(planes[tier as usize], *above),
        None => planes[tier as usize],
    }
}

/// Who has at least `count` of the planes.
fn at_least(count: usize, planes: impl Iterator<Item = Plane>) -> Plane {
    let mut reached = vec![NONE; count + 1];
    reached[0] = EVERY;
    for plane in planes {
        for level in (1..=count).rev() {
            reached[level] = or(reached[level], and(reached[level - 1], plane));
        }
    }
    reached[count]
}

fn and(left: Plane, right: Plane) -> Plane {
    std::array::from_fn(|word| left[word] & right[word])
}

fn or(left: Plane, right: Plane) -> Plane {
    std::array::from_fn(|word| left[word] | right[word])
}

fn and_not(left: Plane, right: Plane) -> Plane {
    std::array::from_fn(|word| left[word] & !right[word])
}

fn not(plane: Plane) -> Plane {
    std::array::from_fn(|word| !plane[word])
}

fn choose(which: Plane, yes: Plane, no: Plane) -> Plane {
    or(and(which, yes), and_not(no, which))
}

fn bit(plane: &Plane, lane: usize) -> bool {
    plane[lane / 64] >> (lane % 64) & 1 == 1
}

fn set_bit(plane: &mut Plane, lane: usize, on: bool) {
    let mask = 1 << (lane % 64);
    if on {
        plane[lane / 64] |= mask;
    } else {
        plane[lane / 64] &= !mask;
    }
}
