//! The graph laid out for speed: one flat list of work, each n-ary node a few
//! masks over a bit set of places. Built from the graph and never read by the
//! proofs, so that a slip here shows as a difference in SP12.

use crate::page::PageKind;

use super::{Cells, Concern, FactCells, Node, Place, Step, WORDS};

/// Most conditions on one fact: a word of them is decided at once.
pub(crate) const CONDITIONS_MAX: usize = 64;

/// Words of a bit set over facts.
pub(crate) const FACT_WORDS: usize = 8;

/// Places of one word that take part in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    pub(crate) word: u8,
    pub(crate) bits: u64,
}

/// A piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The conditions on a fact, whose table begins at `from`.
    Fact { fact: u16, place: u16, from: u16 },
    /// The same on a test, unless it is neither done nor needed.
    Test { fact: u16, place: u16, from: u16, needed: u16, clear: u8 },
    /// Masks `from..to` all hold.
    All { place: u16, from: u16, to: u16 },
    /// One of them holds.
    Any { place: u16, from: u16, to: u16 },
    /// So many of `of` hold.
    AtLeast { place: u16, from: u16, to: u16, count: u16, of: u16 },
    /// The child does not hold.
    Not { place: u16, child: u16 },
}

/// Where a concern is raised and excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConcernPlaces {
    pub(crate) raised: u16,
    pub(crate) excluded: u16,
}

/// The layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// A table a fact: a bit for each of its conditions, then by cell those that hold in it.
    pub(crate) conditions: Vec<u64>,
    pub(crate) masks: Vec<Mask>,
    /// Up to the concerns.
    pub(crate) work: Vec<Work>,
    /// The dispositions.
    pub(crate) row_work: Vec<Work>,
    /// The pages that only advise.
    pub(crate) advice_work: Vec<Work>,
    /// Facts of each concern, as a bit set.
    pub(crate) concern_facts: Vec<[u64; FACT_WORDS]>,
    /// Where each concern is raised and excluded.
    pub(crate) concerns: Vec<ConcernPlaces>,
    /// Concerns that a scan may answer, and where.
    pub(crate) answered: Vec<(usize, u16)>,
    /// By fact: every cell.
    pub(crate) all: Vec<Cells>,
    /// Concerns of the gate, of the red flags, of the scope, as masks.
    pub(crate) gate: u64,
    pub(crate) red_flags: u64,
    pub(crate) scope: u64,
}

/// What a plan is made of.
pub(crate) struct Parts<'a> {
    pub(crate) nodes: &'a [Node],
    pub(crate) places: &'a [std::ops::Range<Place>],
    pub(crate) cells: &'a [FactCells],
    pub(crate) steps: &'a [Step],
    pub(crate) row_steps: &'a [Step],
    pub(crate) advice_steps: &'a [Step],
    pub(crate) concerns: &'a [Concern],
}

impl Plan {
    /// Lays out a graph that is within its limits.
    pub(crate) fn new(parts: &Parts) -> Plan {
        let mut plan = Plan::default();
        plan.work = plan.lay_out(parts, parts.steps);
        // The first four are the built-in facts, set by hand.
        plan.row_work = plan.lay_out(parts, parts.row_steps.get(4..).unwrap_or_default());
        plan.advice_work = plan.lay_out(parts, parts.advice_steps);
        plan.concerns = parts
            .concerns
            .iter()
            .map(|concern| ConcernPlaces {
                raised: concern.raised as u16,
                excluded: concern.excluded as u16,
            })
            .collect();
        let answered = parts.concerns.iter().enumerate();
        plan.answered = answered
            .filter_map(|(index, concern)| Some((index, concern.answered? as u16)))
            .collect();
        plan.all = parts.cells.iter().map(FactCells::all).collect();
        let of = |kind: PageKind| {
            let concerns = parts.concerns.iter().enumerate();
            let concerns = concerns.filter(|(_, concern)| concern.kind == kind);
            concerns.fold(0_u64, |mask, (index, _)| mask | 1 << index)
        };
        (plan.gate, plan.red_flags, plan.scope) =
            (of(PageKind::Gate), of(PageKind::RedFlag), of(PageKind::Scope));
        plan.concern_facts = parts
            .concerns
            .iter()
            .map(|concern| {
                let mut set = [0; FACT_WORDS];
                for fact in &concern.facts {
                    set[fact / 64] |= 1 << (fact % 64);
                }
                set
            })
            .collect();
        plan
    }

    fn lay_out(&mut self, parts: &Parts, steps: &[Step]) -> Vec<Work> {
        let mut work = Vec::with_capacity(steps.len());
        for step in steps {
            work.push(match *step {
                Step::Fact(fact) => {
                    let (place, from) = self.conditions_on(parts, fact);
                    Work::Fact { fact: fact as u16, place, from }
                }
                Step::Test { fact, needed } => {
                    let (place, from) = self.conditions_on(parts, fact);
                    let clear = parts.cells[fact].clear as u8;
                    Work::Test { fact: fact as u16, place, from, needed: needed as u16, clear }
                }
                Step::Node(place) => self.node(parts, place),
            });
        }
        work
    }

    fn conditions_on(&mut self, parts: &Parts, fact: usize) -> (u16, u16) {
        let from = self.conditions.len() as u16;
        let places = parts.places[fact].clone();
        let cells = |place: Place| match parts.nodes[place] {
            Node::Fact { cells, .. } => cells,
            _ => 0,
        };
        let bits = |holds: &dyn Fn(Cells) -> bool| {
            let held = places.clone().enumerate().filter(|(_, place)| holds(cells(*place)));
            held.fold(0_u64, |bits, (at, _)| bits | 1 << at)
        };
        self.conditions.push(bits(&|_| true));
        for cell in 0..parts.cells[fact].count {
            self.conditions.push(bits(&|cells| cells >> cell & 1 == 1));
        }
        (places.start as u16, from)
    }

    fn node(&mut self, parts: &Parts, place: Place) -> Work {
        let at = place as u16;
        let (from, to) = match &parts.nodes[place] {
            Node::All(children) | Node::Any(children) | Node::AtLeast(_, children) => {
                self.masks_of(children)
            }
            Node::Fact { .. } | Node::Not(_) => (0, 0),
        };
        match &parts.nodes[place] {
            Node::All(_) => Work::All { place: at, from, to },
            Node::Any(_) => Work::Any { place: at, from, to },
            Node::AtLeast(count, children) => {
                // A child that stands twice counts twice, which a mask cannot say: the page check refuses it.
                Work::AtLeast {
                    place: at,
                    from,
                    to,
                    count: *count as u16,
                    of: children.len() as u16,
                }
            }
            Node::Not(child) => Work::Not { place: at, child: *child as u16 },
            Node::Fact { .. } => Work::All { place: at, from: 0, to: 0 },
        }
    }

    fn masks_of(&mut self, children: &[Place]) -> (u16, u16) {
        let from = self.masks.len() as u16;
        let mut words = [0_u64; WORDS];
        for child in children {
            words[child / 64] |= 1 << (child % 64);
        }
        for (word, bits) in words.into_iter().enumerate().filter(|(_, bits)| *bits != 0) {
            self.masks.push(Mask { word: word as u8, bits });
        }
        (from, self.masks.len() as u16)
    }
}
