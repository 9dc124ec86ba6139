//! What a new version of a guideline answers differently from an old one: the
//! share of all states, by kind of change, and one small patient of each kind.
//!
//! Urgency is compared by the tier acted on; at the same tier a patient newly
//! told that no emergency was found counts as less urgent. Everything is read
//! off decision diagrams of both guidelines over their joined facts, and every
//! patient shown is decided by the engine again.

pub mod joined;

use cauda_guideline::Guideline;
use cauda_guideline::decide::{Verdict, decide};
use cauda_guideline::vocabulary::Tier;
use num_bigint::BigUint;

use biodivine_lib_bdd::Bdd;

use self::joined::{Joined, Said};
use crate::answers::Answers;
use crate::circuit::{Circuit, FALSE, Literal};
use crate::diagram::{DiagramError, Diagrams, NODES_MAX, both};
use crate::encode::Copy;
use crate::reading::Order;
use crate::shares::{Share, Weighting};
use crate::space::Weights;

/// Which way an answer changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// A lower tier, or at the same tier newly told that no emergency was found.
    LessUrgent,
    /// A higher tier, or at the same tier no longer told so.
    MoreUrgent,
    /// As urgent as before.
    Other,
}

impl Direction {
    /// All of them, the gravest first.
    pub const ALL: [Direction; 3] =
        [Direction::LessUrgent, Direction::MoreUrgent, Direction::Other];
}

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The tier acted on.
    Tier,
    /// The disposition.
    Disposition,
    /// The first step.
    FirstStep,
    /// The pictures.
    Imaging,
    /// The least and the greatest tier it may still be, and whether it is decided.
    Outlook,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Aspect; 5] =
        [Aspect::Tier, Aspect::Disposition, Aspect::FirstStep, Aspect::Imaging, Aspect::Outlook];
}

/// What a patient is told, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Id of the disposition; none is "cannot decide yet".
    pub disposition: Option<String>,
    /// The tier acted on.
    pub acted: Tier,
}

impl Told {
    fn of(guideline: &Guideline, verdict: &Verdict) -> Told {
        let go = verdict.row.map(|row| guideline.program.rows[row].go.clone());
        Told { disposition: go, acted: verdict.acted }
    }
}

/// A share in each [`Weighting`].
pub type InEach = [Share; Weighting::ALL.len()];

/// A patient whose answer changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The findings that matter, in words.
    pub findings: Vec<String>,
    /// What holds of every other fact.
    pub all_else: &'static str,
    /// The patient in the grammar of cases, for the old and the new guideline.
    pub cases: [String; 2],
}

/// Patients told the same before and the same after.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which way.
    pub direction: Direction,
    /// What they were told.
    pub old: Told,
    /// What they are told now.
    pub new: Told,
    /// How many they are.
    pub shares: InEach,
    /// The one with the fewest findings.
    pub example: Example,
}

/// What a new version answers differently.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Facts that take part.
    pub facts: usize,
    /// States compared.
    pub states: BigUint,
    /// Whether states in which a fact is unknown are compared, too.
    pub has_unknowns: bool,
    /// Nodes of the largest diagram made on the way.
    pub largest: usize,
    /// Most nodes kept at once.
    pub kept: usize,
    /// States whose answer changes at all.
    pub changed: InEach,
    /// States by direction.
    pub directions: [InEach; 3],
    /// States by aspect; an answer may change in several.
    pub aspects: [InEach; 5],
    /// By kind, the less urgent first, the commonest first in each direction.
    pub changes: Vec<Change>,
}

impl Difference {
    /// Whether any answer changes.
    pub fn is_any(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Whether an answer becomes less urgent.
    pub fn is_less_urgent(&self) -> bool {
        self.changes.iter().any(|change| change.direction == Direction::LessUrgent)
    }

    /// Whether an answer becomes less urgent of a patient of whom every fact is known.
    pub fn is_less_urgent_when_known(&self) -> bool {
        let [_, known, _] = &self.directions[0];
        known.weight != BigUint::ZERO
    }

    /// Compares two guidelines.
    ///
    /// # Errors
    /// Too many nodes; or formula and engine differ on a patient, which is a
    /// fault of the program.
    pub fn new(old: &Guideline, new: &Guideline) -> Result<Difference, DiagramError> {
        Order::first_that_fits(|order, nodes| {
            let mut found = Comparison::new([old, new], order, nodes)?.difference()?;
            found.has_unknowns = order.has_unknowns();
            Ok(found)
        })
    }
}

/// Two guidelines in one circuit.
struct Comparison<'a> {
    guidelines: [&'a Guideline; 2],
    joined: Joined,
    weights: Vec<Weights>,
    answers: [Answers; 2],
    diagrams: Diagrams,
}

/// Where the diagrams of the wanted literals stand.
const DIRECTIONS: usize = 0;
const ASPECTS: usize = 3;
const CHANGED: usize = 8;
const PARTS: usize = 9;
/// Nodes to spend on seeing that two guidelines answer alike; those that are written alike take none.
const ALIKE_NODES_MAX: usize = 1_000;

impl<'a> Comparison<'a> {
    fn new(
        guidelines: [&'a Guideline; 2],
        order: Order,
        nodes_max: usize,
    ) -> Result<Comparison<'a>, DiagramError> {
        let joined = Joined::new(guidelines, order)?;
        let mut circuit = Circuit::default();
        let copies = guidelines.map(|guideline| Copy::new(&guideline.program, &mut circuit));
        let answers =
            [0, 1].map(|at: usize| Answers::new(guidelines[at], &copies[at], &mut circuit));
        let mut wanted = directions(&mut circuit, &copies, &answers).to_vec();
        let aspects = aspects(&mut circuit, &copies, &answers);
        wanted.extend(aspects);
        let changed = circuit.or(&aspects);
        wanted.push(changed);
        let mut inputs = Vec::new();
        for at in 0..2 {
            let reading = &joined.readings[at];
            inputs.extend(reading.inputs(&guidelines[at].program, &copies[at], &joined.space));
        }
        let alike =
            Diagrams::new(&circuit, &joined.space, inputs.clone(), &[changed], ALIKE_NODES_MAX);
        // What the answers are matters only where they differ.
        if !alike.is_ok_and(|alike| alike.of.iter().all(Bdd::is_false)) {
            for answers in &answers {
                wanted.extend(answers.by_disposition().map(|(_, literal)| literal));
                wanted.extend(answers.acted);
            }
        }
        let diagrams = Diagrams::new(&circuit, &joined.space, inputs, &wanted, nodes_max)?;
        let weights: Result<Vec<Weights>, DiagramError> =
            Weighting::ALL.iter().map(|weighting| joined.weights(*weighting)).collect();
        Ok(Comparison { guidelines, joined, weights: weights?, answers, diagrams })
    }

    fn difference(&self) -> Result<Difference, DiagramError> {
        let space = &self.joined.space;
        let shares = |at: usize| self.shares(&self.diagrams.of[at]);
        let rank = |change: &Change| {
            let [all, _, clear] = &change.shares;
            (clear.weight.clone(), all.weight.clone())
        };
        let mut changes = Vec::new();
        for (at, direction) in Direction::ALL.into_iter().enumerate() {
            let mut found = self.changes(direction, &self.diagrams.of[DIRECTIONS + at])?;
            found.sort_by_key(|change| std::cmp::Reverse(rank(change)));
            changes.extend(found);
        }
        Ok(Difference {
            has_unknowns: true,
            facts: space.axes(),
            states: space.total(&Weights::equal(space)),
            largest: self.diagrams.largest,
            kept: self.diagrams.kept,
            changed: shares(CHANGED),
            directions: [0, 1, 2].map(|at| shares(DIRECTIONS + at)),
            aspects: [0, 1, 2, 3, 4].map(|at| shares(ASPECTS + at)),
            changes,
        })
    }

    fn shares(&self, states: &Bdd) -> InEach {
        std::array::from_fn(|at| Share {
            weight: self.joined.space.weigh(states, &self.weights[at]),
            of: self.joined.space.total(&self.weights[at]),
        })
    }

    /// The states of one direction, by what the patient was told and is told.
    fn changes(&self, direction: Direction, states: &Bdd) -> Result<Vec<Change>, DiagramError> {
        if states.is_false() {
            return Ok(Vec::new());
        }
        let mut begin = PARTS;
        let mut found: Vec<(Vec<Told>, Bdd)> = vec![(Vec::new(), states.clone())];
        for answers in &self.answers {
            let names: Vec<Option<&str>> = answers.by_disposition().map(|(go, _)| go).collect();
            let mut next = Vec::new();
            for (told, states) in found {
                for (at, go) in names.iter().enumerate() {
                    let there = both(&states, &self.diagrams.of[begin + at], true, NODES_MAX)?;
                    for tier in Tier::ALL {
                        let acted = &self.diagrams.of[begin + names.len() + tier as usize];
                        let part = both(&there, acted, true, NODES_MAX)?;
                        if !part.is_false() {
                            let mut told = told.clone();
                            told.push(Told { disposition: go.map(str::to_string), acted: tier });
                            next.push((told, part));
                        }
                    }
                }
            }
            begin += names.len() + Tier::ALL.len();
            found = next;
        }
        let mut changes = Vec::new();
        for (told, states) in found {
            let [old, new] = told.as_slice() else { continue };
            let example = self.example(&states, [old, new])?;
            let shares = self.shares(&states);
            changes.push(Change { direction, old: old.clone(), new: new.clone(), shares, example });
        }
        Ok(changes)
    }

    /// The patient with the fewest findings.
    fn example(&self, states: &Bdd, told: [&Told; 2]) -> Result<Example, DiagramError> {
        let mut best: Option<(usize, Example)> = None;
        for all_else_clear in [true, false] {
            let costs = self.joined.costs(all_else_clear);
            let Some(state) = self.joined.space.cheapest(states, &costs) else { continue };
            for (at, told) in told.into_iter().enumerate() {
                let patient = self.joined.readings[at].patient(self.guidelines[at], &state);
                let verdict = decide(&self.guidelines[at].program, &patient);
                if Told::of(self.guidelines[at], &verdict) != *told {
                    return Err(DiagramError::Disagrees);
                }
            }
            let example = self.tell(&state, all_else_clear);
            let settings = example.findings.len();
            if best.as_ref().is_none_or(|(least, _)| settings < *least) {
                best = Some((settings, example));
            }
        }
        best.map(|(_, example)| example).ok_or(DiagramError::Disagrees)
    }

    fn tell(&self, state: &[usize], all_else_clear: bool) -> Example {
        let all_else = if all_else_clear { "all else clear" } else { "all else unknown" };
        let mut settings: [Vec<String>; 2] = [Vec::new(), Vec::new()];
        let mut findings = Vec::new();
        for (axis, at) in self.joined.axes.iter().zip(state) {
            let value = &axis.values[*at];
            let is_base = *at == axis.base(all_else_clear);
            let mut words = None;
            for side in [1, 0] {
                let Some(fact) = axis.facts[side] else { continue };
                let guideline = self.guidelines[side];
                let cells = &guideline.program.cells[fact];
                let not_asked = crate::reading::Meaning::not_asked(&guideline.program, fact);
                let meaning = value.meanings[side].unwrap_or(not_asked);
                let base = match all_else_clear {
                    true => 1 << cells.clear,
                    false => not_asked.cells,
                };
                // A number beside the clear one is told even where no rule of
                // this version parts the two.
                let untold = is_base || value.meanings[side].is_none();
                if untold && meaning.cells == base && !meaning.cannot_be_had {
                    continue;
                }
                let (id, staff) = (&guideline.facts[fact].id, &guideline.facts[fact].staff);
                let (case, spoken) = match (&value.said, value.meanings[side]) {
                    (Said::Value(text), Some(_)) => (text.as_str(), text.as_str()),
                    (Said::NotToBeHad, _) => ("not known", "asked, cannot be had"),
                    _ => ("not asked", "not asked"),
                };
                settings[side].push(format!("`{id}` {case}"));
                words.get_or_insert_with(|| format!("{staff}: {spoken}"));
            }
            findings.extend(words);
        }
        let cases = settings.map(|settings| {
            let separator = if settings.is_empty() { "" } else { "; " };
            format!("{}{separator}{all_else}", settings.join(", "))
        });
        Example { findings, all_else, cases }
    }
}

/// Less urgent, more urgent, other.
fn directions(circuit: &mut Circuit, copies: &[Copy; 2], answers: &[Answers; 2]) -> [Literal; 3] {
    let [old, new] = [&copies[0].acted, &copies[1].acted];
    let (mut lower, mut higher) = (Vec::new(), Vec::new());
    for tier in 0..6 {
        lower.push(circuit.and(&[old[tier], -new[tier]]));
        higher.push(circuit.and(&[-old[tier], new[tier]]));
    }
    let (lower, higher) = (circuit.or(&lower), circuit.or(&higher));
    let [was, is] = [answers[0].reassured, answers[1].reassured];
    let newly = circuit.and(&[-higher, -was, is]);
    let no_longer = circuit.and(&[-lower, was, -is]);
    let less = circuit.or(&[lower, newly]);
    let more = circuit.or(&[higher, no_longer]);
    let changed = aspects(circuit, copies, answers);
    let changed = circuit.or(&changed);
    [less, more, circuit.and(&[changed, -less, -more])]
}

/// Whether each aspect of the answers differs, in the order of [`Aspect::ALL`].
fn aspects(circuit: &mut Circuit, copies: &[Copy; 2], answers: &[Answers; 2]) -> [Literal; 5] {
    let [old, new] = answers;
    let [first, second] = copies;
    let goes = |answers: &Answers| answers.dispositions.clone();
    let images = |answers: &Answers| {
        answers.images.iter().map(|(id, literal)| (id.clone(), *literal)).collect::<Vec<_>>()
    };
    let mut outlook: Vec<(Literal, Literal)> = Vec::new();
    outlook.extend(first.at_least.into_iter().zip(second.at_least));
    outlook.extend(first.at_most.into_iter().zip(second.at_most));
    outlook.push((first.decided, second.decided));
    let pairs: [Vec<(Literal, Literal)>; 5] = [
        first.acted.into_iter().zip(second.acted).collect(),
        by_name(&goes(old), &goes(new)),
        first.first_step.into_iter().zip(second.first_step).collect(),
        by_name(&images(old), &images(new)),
        outlook,
    ];
    pairs.map(|pairs| {
        let mut differ = Vec::new();
        for (old, new) in pairs {
            differ.push(circuit.and(&[old, -new]));
            differ.push(circuit.and(&[-old, new]));
        }
        circuit.or(&differ)
    })
}

/// What both call by one name; what only one has is never so in the other.
fn by_name(old: &[(String, Literal)], new: &[(String, Literal)]) -> Vec<(Literal, Literal)> {
    let find = |list: &[(String, Literal)], id: &str| {
        list.iter().find(|(known, _)| known == id).map_or(FALSE, |(_, literal)| *literal)
    };
    let mut names: Vec<&String> = old.iter().chain(new).map(|(id, _)| id).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|id| (find(old, id), find(new, id))).collect()
}
