//! One patient, one verdict: the graph executed on bit sets, about a
//! microsecond.

use crate::program::plan::{FACT_WORDS, Mask, Plan, Work};
use crate::program::{Cells, Concern, Node, PLACES_MAX, Place, Program, WORDS};
use crate::resolve::Patient;
use crate::vocabulary::{FirstStep, Tier};

/// State of a concern or of several together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Closed by its own rule.
    Excluded,
    /// Neither raised nor closed.
    Open,
    /// Its rule holds.
    Raised,
}

/// The answer in short. All masks have bit `n` for concern `n` of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Urgency if every unknown reassures.
    pub at_least: Tier,
    /// Urgency if every unknown is dangerous.
    pub at_most: Tier,
    /// Urgency acted on: `at_least`, or what a concern that cannot be settled settles at.
    pub acted: Tier,
    /// First step of the leading concern.
    pub first_step: FirstStep,
    /// Concerns raised.
    pub raised: u64,
    /// Concerns closed.
    pub excluded: u64,
    /// Open concerns of which nothing more can be learnt (E5).
    pub stuck: u64,
    /// Those of them that settle upward, because a related sign is present.
    pub settled: u64,
    /// Concerns that a scan has answered: another team comes first.
    pub answered: u64,
    /// The disposition, by its place in the program's rows.
    pub row: Option<usize>,
    /// More than one disposition matched: a fault of the guideline that the
    /// proofs rule out. It is shown as "clinician review".
    pub conflict: bool,
    /// The patient is one the guideline is for.
    pub in_scope: bool,
    /// Whether further answers can change neither urgency nor disposition.
    pub decided: bool,
}

impl Verdict {
    /// State of concern `index`.
    pub fn state(&self, index: usize) -> State {
        match (self.raised >> index & 1, self.excluded >> index & 1) {
            (1, _) => State::Raised,
            (_, 1) => State::Excluded,
            _ => State::Open,
        }
    }

    /// What concern `index` does first: its scan, or another team once that scan
    /// has answered it.
    pub fn step_of(&self, index: usize, concern: &Concern) -> FirstStep {
        let answered = self.answered >> index & 1 == 1;
        if answered { concern.first_step.max(FirstStep::OtherTeam) } else { concern.first_step }
    }
}

/// Truth of every place of the graph for one patient.
#[derive(Clone)]
pub struct Truths {
    yes: [u64; WORDS],
    no: [u64; WORDS],
    /// Facts that are known, or tests that are not needed.
    pub(crate) answered: [u64; 8],
}

impl Truths {
    /// Only which facts are answered.
    fn of(program: &Program, patient: &Patient) -> Truths {
        let mut truths = Truths { yes: [0; WORDS], no: [0; WORDS], answered: [0; FACT_WORDS] };
        for (fact, all) in program.plan.all.iter().enumerate() {
            let known = patient.cells[fact] != *all || patient.vague[fact];
            truths.answered[fact / 64] |= u64::from(known) << (fact % 64);
        }
        truths
    }

    /// Whether the place is true for certain.
    pub fn is_true(&self, place: Place) -> bool {
        self.yes[place / 64] >> (place % 64) & 1 == 1
    }

    /// Whether the place is false for certain.
    pub fn is_false(&self, place: Place) -> bool {
        self.no[place / 64] >> (place % 64) & 1 == 1
    }

    /// Whether a fact is known, or a test not needed.
    pub fn is_answered(&self, fact: usize) -> bool {
        self.answered[fact / 64] >> (fact % 64) & 1 == 1
    }

    fn set(&mut self, place: Place, yes: bool, no: bool) {
        self.yes[place / 64] |= u64::from(yes) << (place % 64);
        self.no[place / 64] |= u64::from(no) << (place % 64);
    }

    fn set_fact(&mut self, program: &Program, fact: usize, possible: Cells) {
        for place in program.places[fact].clone() {
            if let Node::Fact { cells, .. } = program.nodes[place] {
                self.set(place, possible & !cells == 0, possible & cells == 0);
            }
        }
    }

    /// All conditions on a fact at once: true where every possible cell says so, false where
    /// none does.
    fn conditions(&mut self, plan: &Plan, place: u16, from: u16, possible: Cells) {
        let table = &plan.conditions[usize::from(from)..];
        let conditions = table[0];
        let (mut every, mut any, mut left) = (conditions, 0, possible);
        while left != 0 {
            let held = table[1 + left.trailing_zeros() as usize];
            (every, any) = (every & held, any | held);
            left &= left - 1;
        }
        let none = conditions & !any;
        let (word, shift) = (usize::from(place) / 64, usize::from(place) % 64);
        self.yes[word] |= every << shift;
        self.no[word] |= none << shift;
        if shift != 0 && word + 1 < WORDS {
            self.yes[word + 1] |= every >> (64 - shift);
            self.no[word + 1] |= none >> (64 - shift);
        }
    }

    fn run(&mut self, plan: &Plan, work: &[Work], patient: &Patient) {
        let masks = |from: u16, to: u16| &plan.masks[usize::from(from)..usize::from(to)];
        let all = |set: &[u64; WORDS], masks: &[Mask]| {
            masks.iter().all(|mask| set[usize::from(mask.word)] & mask.bits == mask.bits)
        };
        let any = |set: &[u64; WORDS], masks: &[Mask]| {
            masks.iter().any(|mask| set[usize::from(mask.word)] & mask.bits != 0)
        };
        let count = |set: &[u64; WORDS], masks: &[Mask]| {
            masks
                .iter()
                .map(|mask| (set[usize::from(mask.word)] & mask.bits).count_ones())
                .sum::<u32>()
        };
        for piece in work {
            match *piece {
                Work::Fact { fact, place, from } => {
                    self.conditions(plan, place, from, patient.cells[usize::from(fact)])
                }
                Work::Test { fact, place, from, needed, clear } => {
                    let fact = usize::from(fact);
                    let mut possible = patient.cells[fact];
                    // A test not done and not needed counts as clear (E2).
                    if !self.is_answered(fact) && self.is_false(usize::from(needed)) {
                        possible = 1 << clear;
                        self.answered[fact / 64] |= 1 << (fact % 64);
                    }
                    self.conditions(plan, place, from, possible);
                }
                Work::All { place, from, to } => {
                    let masks = masks(from, to);
                    self.set(usize::from(place), all(&self.yes, masks), any(&self.no, masks));
                }
                Work::Any { place, from, to } => {
                    let masks = masks(from, to);
                    self.set(usize::from(place), any(&self.yes, masks), all(&self.no, masks));
                }
                Work::AtLeast { place, from, to, count: wanted, of } => {
                    let masks = masks(from, to);
                    let (wanted, of) = (u32::from(wanted), u32::from(of));
                    let yes = count(&self.yes, masks) >= wanted;
                    self.set(usize::from(place), yes, count(&self.no, masks) + wanted > of);
                }
                Work::Not { place, child } => {
                    let child = usize::from(child);
                    self.set(usize::from(place), self.is_false(child), self.is_true(child));
                }
            }
        }
    }
}

/// Decides `patient`.
pub fn decide(program: &Program, patient: &Patient) -> Verdict {
    verdict(program, patient).0
}

/// Whether a place under the concerns is true for certain, without the rest of the verdict.
pub(crate) fn holds(program: &Program, patient: &Patient, place: Place) -> bool {
    let mut truths = Truths::of(program, patient);
    truths.run(&program.plan, &program.plan.work, patient);
    truths.is_true(place)
}

/// The same as [`decide`], with the truth of every place, those of advice among them.
pub fn decide_with_truths(program: &Program, patient: &Patient) -> (Verdict, Truths) {
    let (verdict, mut truths) = verdict(program, patient);
    truths.run(&program.plan, &program.plan.advice_work, patient);
    (verdict, truths)
}

fn verdict(program: &Program, patient: &Patient) -> (Verdict, Truths) {
    const { assert!(PLACES_MAX == WORDS * 64) };
    let mut truths = Truths::of(program, patient);
    truths.run(&program.plan, &program.plan.work, patient);
    let mut verdict = concerns(program, patient, &truths);
    set_built_ins(program, &mut truths, &verdict);
    truths.run(&program.plan, &program.plan.row_work, patient);
    let mut chosen = program.rows.iter().enumerate().filter(|(_, row)| truths.is_true(row.chosen));
    verdict.row = chosen.next().map(|(at, _)| at);
    verdict.conflict = chosen.next().is_some();
    let settled = !could_lead(program, &verdict);
    // A reassuring disposition never stands while an open concern could lead.
    let stands = |row: usize| !program.rows[row].reassuring || settled;
    verdict.row = verdict.row.filter(|row| !verdict.conflict && stands(*row));
    verdict.in_scope = together(&verdict, program.plan.scope) == State::Excluded;
    verdict.decided =
        verdict.row.is_some() && verdict.in_scope && (verdict.acted >= Tier::Emergency || settled);
    (verdict, truths)
}

fn concerns(program: &Program, patient: &Patient, truths: &Truths) -> Verdict {
    let mut verdict = Verdict {
        at_least: Tier::None,
        at_most: Tier::None,
        acted: Tier::None,
        first_step: FirstStep::None,
        raised: 0,
        excluded: 0,
        stuck: 0,
        settled: 0,
        answered: 0,
        row: None,
        conflict: false,
        in_scope: false,
        decided: false,
    };
    for (index, places) in program.plan.concerns.iter().enumerate() {
        let raised = truths.is_true(usize::from(places.raised));
        let excluded = !raised && truths.is_true(usize::from(places.excluded));
        verdict.raised |= u64::from(raised) << index;
        verdict.excluded |= u64::from(excluded) << index;
    }
    for (index, place) in &program.plan.answered {
        verdict.answered |= u64::from(truths.is_true(usize::from(*place))) << index;
    }
    for index in bits(verdict.raised) {
        verdict.at_least = verdict.at_least.max(program.concerns[index].tier);
    }
    verdict.at_most = verdict.at_least;
    let every = u64::MAX.checked_shr(64 - program.concerns.len() as u32).unwrap_or(0);
    let open = every & !(verdict.raised | verdict.excluded);
    if open != 0 {
        let cannot = cannot_be_had(patient);
        for index in bits(open) {
            let (concern, bit) = (&program.concerns[index], 1 << index);
            verdict.at_most = verdict.at_most.max(concern.tier);
            if is_stuck(&program.plan.concern_facts[index], truths, &cannot) {
                verdict.stuck |= bit;
                let related = concern.signs.iter().any(|sign| truths.is_true(*sign));
                if related && concern.settle.is_some() {
                    verdict.settled |= bit;
                }
            }
        }
    }
    verdict.acted = verdict.at_least;
    for index in bits(verdict.settled) {
        verdict.acted = verdict.acted.max(program.concerns[index].settle.unwrap_or(Tier::None));
    }
    if verdict.acted > Tier::None {
        let speaking = bits(verdict.raised | verdict.settled);
        let speaking = speaking.map(|index| (index, &program.concerns[index]));
        let acted_on = speaking.filter(|(index, concern)| {
            let raised = verdict.raised >> index & 1 == 1 && concern.tier == verdict.acted;
            let settled =
                verdict.settled >> index & 1 == 1 && concern.settle == Some(verdict.acted);
            raised || settled
        });
        let steps = acted_on.map(|(index, concern)| verdict.step_of(index, concern));
        verdict.first_step = steps.min().unwrap_or(FirstStep::None);
    }
    verdict
}

/// The places of the bits that are set.
pub(crate) fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

/// Everything it looks at was asked, and what is missing cannot be had.
fn is_stuck(facts: &[u64; FACT_WORDS], truths: &Truths, cannot: &[u64; FACT_WORDS]) -> bool {
    let missing: [u64; FACT_WORDS] =
        std::array::from_fn(|word| facts[word] & !truths.answered[word]);
    let never_asked = missing.iter().zip(cannot).any(|(missing, cannot)| missing & !cannot != 0);
    !never_asked && missing.iter().any(|missing| *missing != 0)
}

/// Facts that cannot be had, as a bit set.
fn cannot_be_had(patient: &Patient) -> [u64; FACT_WORDS] {
    let mut set = [0; FACT_WORDS];
    for (fact, cannot) in patient.cannot_be_had.iter().enumerate() {
        set[fact / 64] |= u64::from(*cannot) << (fact % 64);
    }
    set
}

/// State of the concerns of a mask together.
fn together(verdict: &Verdict, mask: u64) -> State {
    match (verdict.raised & mask != 0, verdict.excluded & mask == mask) {
        (true, _) => State::Raised,
        (false, true) => State::Excluded,
        (false, false) => State::Open,
    }
}

fn set_built_ins(program: &Program, truths: &mut Truths, verdict: &Verdict) {
    let built_ins = program.built_ins;
    let step = FirstStep::ALL.len() - 1 - verdict.first_step as usize;
    let all = together(verdict, program.plan.gate | program.plan.red_flags);
    let gate = together(verdict, program.plan.gate);
    truths.set_fact(program, built_ins.urgency, 1 << verdict.acted as usize);
    truths.set_fact(program, built_ins.first_step, 1 << step);
    truths.set_fact(program, built_ins.concerns, 1 << all as usize);
    truths.set_fact(program, built_ins.gate, 1 << gate as usize);
}

/// Whether an open concern could still raise the urgency or take the lead at
/// the same urgency (E5).
fn could_lead(program: &Program, verdict: &Verdict) -> bool {
    let every = u64::MAX.checked_shr(64 - program.concerns.len() as u32).unwrap_or(0);
    bits(every & !(verdict.raised | verdict.excluded)).any(|index| {
        let concern = &program.concerns[index];
        concern.tier > Tier::None
            && (concern.tier > verdict.at_least
                || (concern.tier == verdict.at_least
                    && verdict.step_of(index, concern) < verdict.first_step))
    })
}
