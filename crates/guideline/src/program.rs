//! The compiled guideline: a graph of three-valued conditions over facts.
//!
//! Every fact is known as a set of *cells* it may be in. A named fact has one
//! cell a value; a quantity has one cell between each two thresholds that any
//! page uses, so the cells lose nothing. A condition on a fact is a set of
//! cells: it is true when every possible cell is in the set, false when none
//! is, else unknown. Everything above is strong Kleene logic.
//!
//! The same graph is executed (`decide`, `batch`) and proved (`cauda-proof`).

pub(crate) mod plan;

use crate::facts::{Danger, Fact, FactIndex, Kind};
use crate::page::PageKind;
use crate::vocabulary::{FirstStep, Tier};

/// A set of cells of one fact, bit `n` for cell `n`.
pub type Cells = u16;
/// Most cells a fact may have.
pub const CELLS_MAX: usize = 16;
/// A place in the graph: a condition on a fact, or a node over other places.
pub type Place = usize;
/// Most places of a graph.
pub const PLACES_MAX: usize = WORDS * 64;
/// Words of a bit set over places.
pub(crate) const WORDS: usize = 32;
/// Most concern pages.
pub const CONCERNS_MAX: usize = 64;

/// The cells of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactCells {
    /// How many.
    pub count: usize,
    /// Of a quantity: least place on the grid of every cell but the first.
    pub cuts: Vec<i64>,
    /// The cell of the clear value.
    pub clear: usize,
    /// Cells in rising danger; `false` means falling.
    pub rising: bool,
    /// Cells that are a danger sign by themselves (SP4).
    pub dangerous: Cells,
    /// The only cell until somebody says otherwise.
    pub assume: Option<usize>,
}

impl FactCells {
    /// Every cell: nothing is known.
    pub fn all(&self) -> Cells {
        all_cells(self.count)
    }

    /// Cell of a place on a quantity's grid.
    pub fn cell_of(&self, place: i64) -> usize {
        self.cuts.partition_point(|cut| *cut <= place)
    }

    /// Cells from that of `least` to that of `greatest`.
    pub fn between(&self, least: i64, greatest: i64) -> Cells {
        let (from, to) = (self.cell_of(least), self.cell_of(greatest));
        all_cells(to + 1) & !all_cells(from)
    }

    /// Cells in the order of danger, least first.
    pub fn by_danger(&self) -> impl Iterator<Item = usize> + use<> {
        let (count, rising) = (self.count, self.rising);
        (0..count).map(move |cell| if rising { cell } else { count - 1 - cell })
    }
}

/// The first `count` cells.
pub fn all_cells(count: usize) -> Cells {
    if count >= CELLS_MAX { Cells::MAX } else { (1 << count) - 1 }
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The fact is in one of these cells.
    Fact {
        /// The fact.
        fact: FactIndex,
        /// The cells.
        cells: Cells,
    },
    /// Every child holds.
    All(Vec<Place>),
    /// One child holds.
    Any(Vec<Place>),
    /// This many children hold.
    AtLeast(u32, Vec<Place>),
    /// The child does not hold.
    Not(Place),
}

impl Node {
    /// Places it looks at.
    pub fn children(&self) -> &[Place] {
        match self {
            Node::Fact { .. } => &[],
            Node::All(children) | Node::Any(children) | Node::AtLeast(_, children) => children,
            Node::Not(child) => std::slice::from_ref(child),
        }
    }
}

/// What to work out next, in an order in which everything needed is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The conditions on this fact.
    Fact(FactIndex),
    /// The conditions on this test: not done and not needed counts as clear (E2).
    Test {
        /// The test.
        fact: FactIndex,
        /// Whether it is needed.
        needed: Place,
    },
    /// A node over other places.
    Node(Place),
}

/// A page that raises a concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Index of the page in the guideline.
    pub page: usize,
    /// Kind of the page.
    pub kind: PageKind,
    /// True when its rule holds, whatever a scan has shown.
    pub rule: Place,
    /// True when raised: its rule holds and no scan has closed it (CR18).
    pub raised: Place,
    /// True when its own rule or a scan closes it; it counts only while not raised.
    pub excluded: Place,
    /// True when a scan has answered it: it stays raised, and what comes first is
    /// another team, no longer a scan.
    pub answered: Option<Place>,
    /// Its urgency.
    pub tier: Tier,
    /// What it does first.
    pub first_step: FirstStep,
    /// Tier it settles at when it cannot be known.
    pub settle: Option<Tier>,
    /// Facts its rules look at, through definitions.
    pub facts: Vec<FactIndex>,
    /// Single conditions of its rule: one that holds is a related sign.
    pub signs: Vec<Place>,
}

/// A disposition page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index of the page in the guideline.
    pub page: usize,
    /// Its id in the vocabulary.
    pub go: String,
    /// True when the patient goes there.
    pub chosen: Place,
    /// The tier it stands for.
    pub urgency: Tier,
    /// Whether it tells the patient that no emergency was found.
    pub reassuring: bool,
}

/// A results page, or a page that only advises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Index of the page in the guideline.
    pub page: usize,
    /// Kind of the page.
    pub kind: PageKind,
    /// True when its rule holds.
    pub holds: Place,
}

/// A report of a scan that no longer closes its concern once a danger sign of
/// that concern was entered after the scan began (CR18); or any fact that says
/// by which danger signs it is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Void {
    /// The fact that says what the report is.
    pub report: FactIndex,
    /// Its cells that close the concern.
    pub closing: Cells,
    /// Facts whose danger signs take them back.
    pub signs: Vec<FactIndex>,
}

/// Facts the engine works out for disposition and advice pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIns {
    /// The tier acted on.
    pub urgency: FactIndex,
    /// The first step of the leading concern.
    pub first_step: FactIndex,
    /// Raised, open or excluded, over gate and red flags.
    pub concerns: FactIndex,
    /// The same over the gate.
    pub gate: FactIndex,
}

/// Values of `concerns` and `gate`, in rising danger.
pub const STATES: [&str; 3] = ["excluded", "open", "raised"];

/// The compiled graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Cells of every fact.
    pub cells: Vec<FactCells>,
    /// All places; conditions on one fact stand side by side.
    pub nodes: Vec<Node>,
    /// Places of the conditions on each fact.
    pub places: Vec<std::ops::Range<Place>>,
    /// Whether each test is needed.
    pub needed: Vec<Option<Place>>,
    /// Order of work up to the concerns.
    pub steps: Vec<Step>,
    /// Order of work for the dispositions, after the built-in facts are set.
    pub row_steps: Vec<Step>,
    /// Order of work for the pages that only advise, after the dispositions.
    pub advice_steps: Vec<Step>,
    /// Concerns in page order.
    pub concerns: Vec<Concern>,
    /// Dispositions in page order.
    pub rows: Vec<Row>,
    /// Results pages, in page order.
    pub reports: Vec<Advice>,
    /// Pages that only advise, in page order.
    pub advice: Vec<Advice>,
    /// Hard stops: the id of an offer, and the place that must be false for certain
    /// while it is offered; or the id of a picture, and the place that must hold the
    /// scan while it is true (SP7).
    pub stops: Vec<(String, Place)>,
    /// By fact: whether urgency or disposition may depend on it.
    pub decisive: Vec<bool>,
    /// By fact: whether it says what a report of a scan is.
    pub reporting: Vec<bool>,
    /// Reports that a later danger sign takes back.
    pub voids: Vec<Void>,
    /// Place of each definition's rule, by fact.
    pub definitions: Vec<Option<Place>>,
    /// The built-in facts.
    pub built_ins: BuiltIns,
    /// The same graph laid out for speed.
    pub(crate) plan: plan::Plan,
}

impl FactCells {
    /// Cells of `fact`, whose thresholds in the pages are `cuts`.
    pub(crate) fn new(fact: &Fact, mut cuts: Vec<i64>) -> FactCells {
        match &fact.kind {
            Kind::Named { values, dangerous, clear, assume, .. } => {
                let bits = dangerous.iter().enumerate().filter(|(_, danger)| **danger);
                FactCells {
                    count: values.len(),
                    cuts: Vec::new(),
                    clear: *clear,
                    rising: true,
                    dangerous: bits.fold(0, |cells, (at, _)| cells | 1 << at),
                    assume: *assume,
                }
            }
            Kind::Quantity(quantity) => {
                let rising = fact.danger != Danger::Falling;
                // The alarm is a threshold too: "at or above", or "at or below".
                cuts.extend(quantity.alarm.map(|alarm| if rising { alarm } else { alarm + 1 }));
                cuts.retain(|cut| *cut > quantity.range.0 && *cut <= quantity.range.1);
                cuts.sort_unstable();
                cuts.dedup();
                let mut cells = FactCells {
                    count: cuts.len() + 1,
                    cuts,
                    clear: 0,
                    rising,
                    dangerous: 0,
                    assume: None,
                };
                cells.clear = cells.cell_of(quantity.clear);
                if let Some(alarm) = quantity.alarm {
                    let at = cells.cell_of(alarm);
                    cells.dangerous = if rising {
                        all_cells(cells.count) & !all_cells(at)
                    } else {
                        all_cells(at + 1)
                    };
                }
                cells
            }
        }
    }
}
