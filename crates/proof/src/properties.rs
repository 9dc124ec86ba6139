//! The safety properties, one file a sentence, and the unknown patients they
//! are asked about.

mod all_clear_goes_home;
mod danger_never_lowers;
mod engine_equals_formula;
mod every_line_matters;
mod exactly_one_disposition;
mod never_cleared_by;
mod no_contradictory_orders;
mod no_scan_without_sign;
mod return_list_covers;
mod time_never_reassures;
mod units_change_nothing;
mod unknown_never_reassures;
mod unknown_only_when_it_matters;

use cauda_guideline::Guideline;
use cauda_guideline::facts::Danger;
use cauda_guideline::resolve::Patient;

use crate::circuit::{Circuit, Literal, TRUE};
use crate::counterexample::{Counterexample, shrink, story};
use crate::encode::Copy;
use crate::solver::{Found, Solver, Which, agreed};

/// What came of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No patient breaks it.
    Holds,
    /// This one does.
    Broken(Box<Counterexample>),
    /// It does not hold, and no single patient shows it: what is wrong, a
    /// sentence each.
    Refuted(Vec<String>),
    /// It could not be decided: counts as not proved.
    Failed(String),
}

/// A property with its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// `SP1`
    pub id: &'static str,
    /// The sentence.
    pub sentence: &'static str,
    /// Questions put to a solver, or patients tried.
    pub questions: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// A property.
#[derive(Clone, Copy)]
pub struct Property {
    /// `SP1`
    pub id: &'static str,
    /// The sentence.
    pub sentence: &'static str,
    check: fn(&mut Model) -> Outcome,
}

impl std::fmt::Debug for Property {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.id)
    }
}

/// All properties proved here.
pub const ALL: [Property; 13] = [
    Property {
        id: "SP1",
        sentence: "every patient gets exactly one disposition, or something is left to ask",
        check: exactly_one_disposition::check,
    },
    Property {
        id: "SP2",
        sentence: "a danger sign added, or unknown instead of absent, never lowers the urgency",
        check: danger_never_lowers::check,
    },
    Property {
        id: "SP3",
        sentence: "what reassures stays true whatever the unknowns turn out to be",
        check: unknown_never_reassures::check,
    },
    Property {
        id: "SP4",
        sentence: "no emergency and no scan without a listed danger sign",
        check: no_scan_without_sign::check,
    },
    Property {
        id: "SP5",
        sentence: "who is all clear goes home, and nobody without a concern is scanned or stuck",
        check: all_clear_goes_home::check,
    },
    Property {
        id: "SP6",
        sentence: "every page can be reached, and every line makes the difference for somebody",
        check: every_line_matters::check,
    },
    Property {
        id: "SP7",
        sentence: "nothing is offered beside a hard stop, and no two orders contradict",
        check: no_contradictory_orders::check,
    },
    Property {
        id: "SP10",
        sentence: "the unit in which a number is written changes nothing",
        check: units_change_nothing::check,
    },
    Property {
        id: "SP11",
        sentence: "no condition is unknown while every answer would settle it the same way",
        check: unknown_only_when_it_matters::check,
    },
    Property {
        id: "SP12",
        sentence: "the engine, the proved formula and the reference evaluator agree",
        check: engine_equals_formula::check,
    },
    Property {
        id: "SP13",
        sentence: "time passing, or a word of lower authority, never lowers the urgency",
        check: time_never_reassures::check,
    },
    Property {
        id: "E8",
        sentence: "what a page names under `Never cleared by` clears nothing",
        check: never_cleared_by::check,
    },
    Property {
        id: "CR25",
        sentence: "whatever a patient can notice at home and is an emergency is on the return list",
        check: return_list_covers::check,
    },
];

/// Two unknown patients, how they may differ, and the solvers.
pub struct Model<'a> {
    /// The guideline.
    pub guideline: &'a Guideline,
    /// Everything as clauses.
    pub circuit: Circuit,
    /// A patient.
    pub first: Copy,
    /// Another.
    pub second: Copy,
    /// Assumed: each fact of the second is at least as dangerous at its least.
    pub least_rises: Literal,
    /// Assumed: each fact of the second is at least as dangerous at its most.
    pub most_rises: Literal,
    /// Assumed: the second is the first with more known.
    pub refines: Literal,
    /// Assumed: the same of one fact.
    pub refines_in: Vec<Literal>,
    /// Assumed: one fact is the same in both.
    pub same_in: Vec<Literal>,
    /// Solvers that have to agree.
    pub which: Vec<Which>,
    /// Random patients SP12 tries.
    pub random_patients: u64,
    /// Seed of the random patients.
    pub seed: u64,
    /// By concern: raised or excluded, in the first patient.
    closed: Vec<Literal>,
    /// No fact of the first patient is for certain a listed danger sign.
    no_sign: Literal,
    /// Every fact of the first patient is at its clear value, or a test not done.
    all_clear: Literal,
    solvers: Vec<Solver>,
    questions: u64,
}

impl<'a> Model<'a> {
    /// Builds the circuit and feeds the solvers.
    ///
    /// # Errors
    /// What a solver said.
    pub fn new(guideline: &'a Guideline, which: &[Which]) -> Result<Model<'a>, String> {
        let mut circuit = Circuit::default();
        let first = Copy::new(&guideline.program, &mut circuit);
        let second = Copy::new(&guideline.program, &mut circuit);
        let (least_rises, most_rises) = (circuit.variable(), circuit.variable());
        let refines = circuit.variable();
        let refines_in = guideline.facts.iter().map(|_| circuit.variable()).collect();
        let same_in = guideline.facts.iter().map(|_| circuit.variable()).collect();
        let mut model = Model {
            guideline,
            circuit,
            first,
            second,
            least_rises,
            most_rises,
            refines,
            refines_in,
            same_in,
            which: which.to_vec(),
            random_patients: 2_000,
            seed: 1,
            closed: Vec::new(),
            no_sign: TRUE,
            all_clear: TRUE,
            solvers: Vec::new(),
            questions: 0,
        };
        model.relate();
        exactly_one_disposition::prepare(&mut model);
        no_scan_without_sign::prepare(&mut model);
        for which in which {
            model.solvers.push(Solver::new(*which, &model.circuit)?);
        }
        Ok(model)
    }

    /// Checks one property.
    pub fn check(&mut self, property: &Property) -> Checked {
        self.questions = 0;
        let outcome = (property.check)(self);
        Checked { id: property.id, sentence: property.sentence, questions: self.questions, outcome }
    }

    /// Asks every solver; they have to agree.
    fn find(&mut self, assumptions: &[Literal]) -> Found {
        self.questions += 1;
        agreed(&mut self.solvers, &self.circuit, assumptions)
    }

    /// Asks for one patient that breaks a property, and tells of them shrunk.
    fn ask(
        &mut self,
        property: &'static str,
        question: &[Literal],
        breaks: &dyn Fn(&Model, &Patient) -> bool,
        what: String,
    ) -> Option<Outcome> {
        match self.find(question) {
            Found::Nothing => None,
            Found::Failed(why) => Some(Outcome::Failed(why)),
            Found::Assignment(values) => {
                let (patient, _) = self.patients(&values);
                if !breaks(self, &patient) {
                    return Some(Outcome::Failed("formula and engine differ on a patient".into()));
                }
                let small = shrink(self.guideline, &patient, &|patient| breaks(self, patient));
                let first = story(self.guideline, &small);
                let found = Counterexample { property, what, first, second: None };
                Some(Outcome::Broken(Box::new(found)))
            }
        }
    }

    /// The clauses behind the three relations.
    fn relate(&mut self) {
        for fact in 0..self.guideline.facts.len() {
            let cells = &self.guideline.program.cells[fact];
            if !Copy::is_entered(&self.guideline.program, fact) || cells.count == 1 {
                continue;
            }
            let (first, second) =
                (self.first.possible[fact].clone(), self.second.possible[fact].clone());
            self.relate_same(fact);
            let refines = self.refines_in[fact];
            self.circuit.require(vec![-self.refines, refines]);
            for cell in 0..cells.count {
                self.circuit.require(vec![-refines, -second[cell], first[cell]]);
            }
            // A test that is not indicated is not done, and an answer is not taken back.
            let (skipped, unknown) = (self.first.not_indicated[fact], self.first.unknown[fact]);
            self.circuit.require(vec![-refines, -skipped, self.second.unknown[fact]]);
            self.circuit.require(vec![-refines, unknown, -self.second.unknown[fact]]);
            if self.guideline.facts[fact].danger == Danger::None {
                for cell in 0..cells.count {
                    for relation in [self.least_rises, self.most_rises] {
                        self.circuit.require(vec![-relation, -first[cell], second[cell]]);
                        self.circuit.require(vec![-relation, first[cell], -second[cell]]);
                    }
                }
                continue;
            }
            self.relate_danger(fact, &first, &second);
        }
    }

    fn relate_same(&mut self, fact: usize) {
        let same = self.same_in[fact];
        let of = |copy: &Copy| {
            let mut told = copy.possible[fact].clone();
            told.extend([copy.vague[fact], copy.cannot_be_had[fact]]);
            told
        };
        for (one, other) in of(&self.first).into_iter().zip(of(&self.second)) {
            self.circuit.require(vec![-same, -one, other]);
            self.circuit.require(vec![-same, one, -other]);
        }
    }

    fn relate_danger(&mut self, fact: usize, first: &[Literal], second: &[Literal]) {
        let cells = &self.guideline.program.cells[fact];
        let order: Vec<usize> = cells.by_danger().collect();
        for (at, cell) in order.iter().enumerate() {
            // Wherever the second may be, the first may be there or lower.
            let mut least = vec![-self.least_rises, -second[*cell]];
            least.extend(order[..=at].iter().map(|lower| first[*lower]));
            self.circuit.require(least);
            // Wherever the first may be, the second may be there or higher.
            let mut most = vec![-self.most_rises, -first[*cell]];
            most.extend(order[at..].iter().map(|higher| second[*higher]));
            self.circuit.require(most);
        }
        if self.guideline.facts[fact].needed.is_some() {
            // A test with an alarming result is not taken back to "not done".
            let clear_at = order.iter().position(|cell| *cell == cells.clear).unwrap_or(0);
            for higher in &order[clear_at + 1..] {
                self.circuit.require(vec![
                    -self.most_rises,
                    -self.second.unknown[fact],
                    self.first.unknown[fact],
                    -first[*higher],
                ]);
            }
        }
    }

    /// Both patients of an assignment.
    fn patients(&self, values: &[bool]) -> (Patient, Patient) {
        (self.first.patient(values), self.second.patient(values))
    }
}
