//! The whole guideline as one chart: questions, concerns, what leads, where the
//! patient goes. The last arrows are worked out from the compiled graph, with
//! every fact unknown but the engine's own.

use std::cmp::Reverse;

use cauda_guideline::Guideline;
use cauda_guideline::facts::{FactIndex, Kind, Stage};
use cauda_guideline::page::PageKind;
use cauda_guideline::program::{Cells, Concern, Node, Place};
use cauda_guideline::vocabulary::{FirstStep, Tier};

use super::layered::Arrow;
use super::{Chart, ChartBox, LETTERS_NARROW, Shape};
use crate::publication::words;

/// True, false, or not known: strong Kleene logic.
type Truth = Option<bool>;

/// What leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// The patient is outside the guideline's scope.
    Scope,
    /// Concerns of one urgency and first step.
    Concern {
        /// Whether they lie outside the spine.
        gate: bool,
        /// Their urgency.
        tier: Tier,
        /// What they do first.
        step: FirstStep,
    },
    /// Every concern is excluded.
    Nothing,
}

/// A lead, the pages that give it, and the dispositions that may follow.
pub struct Path {
    /// What leads.
    pub lead: Lead,
    /// Pages.
    pub pages: Vec<usize>,
    /// Pages of dispositions, and whether each follows for certain.
    pub goes: Vec<(usize, bool)>,
}

impl Path {
    /// The lead in words: where it lies, and what it asks for.
    pub fn words(&self) -> (&'static str, String) {
        match self.lead {
            Lead::Scope => ("Outside the scope", "A clinician decides".to_string()),
            Lead::Nothing => ("No concern", "Every page is excluded".to_string()),
            Lead::Concern { gate, tier, step } => {
                let place = if gate { "Outside the spine leads" } else { "The spine leads" };
                (place, format!("{}, {}", words::heading(tier.id()), words::step(step)))
            }
        }
    }

    fn rank(&self) -> (usize, bool, Reverse<Tier>, FirstStep) {
        match self.lead {
            Lead::Scope => (0, false, Reverse(Tier::None), FirstStep::None),
            Lead::Concern { gate, tier, step } => (1, !gate, Reverse(tier), step),
            Lead::Nothing => (2, false, Reverse(Tier::None), FirstStep::None),
        }
    }
}

/// Every way through the guideline, the most urgent first.
pub fn paths(guideline: &Guideline) -> Vec<Path> {
    let mut paths = vec![Path { lead: Lead::Nothing, pages: Vec::new(), goes: Vec::new() }];
    for concern in &guideline.program.concerns {
        let (tier, step) = (concern.tier, concern.first_step);
        let lead = match concern.kind {
            PageKind::Scope => Lead::Scope,
            kind => Lead::Concern { gate: kind == PageKind::Gate, tier, step },
        };
        match paths.iter_mut().find(|path| path.lead == lead) {
            Some(path) => path.pages.push(concern.page),
            None => paths.push(Path { lead, pages: vec![concern.page], goes: Vec::new() }),
        }
    }
    paths.sort_by_key(Path::rank);
    for path in &mut paths {
        path.goes = goes(guideline, path);
    }
    paths
}

/// Dispositions that the lead allows.
fn goes(guideline: &Guideline, path: &Path) -> Vec<(usize, bool)> {
    let program = &guideline.program;
    let mut possible: Vec<Cells> = program.cells.iter().map(|cells| cells.all()).collect();
    let mut forced: Vec<Truth> = vec![None; program.nodes.len()];
    set_built_ins(guideline, path.lead, &mut possible);
    for concern in &program.concerns {
        force(concern, path, &mut forced);
        // A page of one condition says in which cells its fact is.
        if let (Some(true), Node::Fact { fact, cells }) =
            (forced[concern.raised], &program.nodes[concern.raised])
        {
            possible[*fact] = *cells;
        }
    }
    let rows = program.rows.iter().filter_map(|row| {
        match truth(guideline, &possible, &forced, row.chosen) {
            Some(false) => None,
            sure => Some((row.page, sure == Some(true))),
        }
    });
    rows.collect()
}

/// The engine's own facts under a lead; outside the scope they stay open,
/// because concerns are looked for at any age.
fn set_built_ins(guideline: &Guideline, lead: Lead, possible: &mut [Cells]) {
    let built = guideline.program.built_ins;
    let (tier, step, concerns, gate): (_, _, &[&str], &[&str]) = match lead {
        Lead::Scope => return,
        Lead::Concern { gate: true, tier, step } => (tier, step, &["raised"], &["raised"]),
        Lead::Concern { tier, step, .. } => (tier, step, &["raised"], &["open", "excluded"]),
        Lead::Nothing => (Tier::None, FirstStep::None, &["excluded"], &["excluded"]),
    };
    let mut set = |fact: FactIndex, values: &[&str]| {
        let wanted = values.iter().filter_map(|value| guideline.facts[fact].value_index(value));
        possible[fact] = wanted.fold(0, |cells, value| cells | 1 << value);
    };
    set(built.urgency, &[tier.id()]);
    set(built.first_step, &[step.id()]);
    set(built.concerns, concerns);
    set(built.gate, gate);
}

/// What a lead says of a concern's own places: the only one that can lead is
/// raised, one that would lead instead is not, and without a lead all are
/// excluded.
fn force(concern: &Concern, path: &Path, forced: &mut [Truth]) {
    let is_own = path.pages.contains(&concern.page);
    let is_scope = concern.kind == PageKind::Scope;
    if is_own && path.pages.len() == 1 {
        forced[concern.raised] = Some(true);
    }
    let leads_over =
        |gate: bool, tier: Tier| concern.tier > tier || (concern.kind == PageKind::Gate && !gate);
    match path.lead {
        Lead::Concern { gate, tier, .. } if !is_own && !is_scope && leads_over(gate, tier) => {
            forced[concern.raised] = Some(false);
        }
        Lead::Nothing if !is_scope => {
            forced[concern.raised] = Some(false);
            forced[concern.excluded] = Some(true);
        }
        _ => {}
    }
}

fn truth(guideline: &Guideline, possible: &[Cells], forced: &[Truth], place: Place) -> Truth {
    if forced[place].is_some() {
        return forced[place];
    }
    let of = |child: &Place| truth(guideline, possible, forced, *child);
    let node = &guideline.program.nodes[place];
    let truths = || node.children().iter().map(of);
    match node {
        Node::Fact { fact, cells } => match possible[*fact] {
            known if known & !cells == 0 => Some(true),
            known if known & cells == 0 => Some(false),
            _ => None,
        },
        Node::Not(child) => of(child).map(|truth| !truth),
        Node::All(children) => at_least(children.len(), truths()),
        Node::Any(_) => at_least(1, truths()),
        Node::AtLeast(count, _) => at_least(*count as usize, truths()),
    }
}

fn at_least(count: usize, truths: impl Iterator<Item = Truth>) -> Truth {
    let (mut sure, mut maybe) = (0, 0);
    for truth in truths {
        sure += usize::from(truth == Some(true));
        maybe += usize::from(truth != Some(false));
    }
    if sure >= count {
        Some(true)
    } else if maybe < count {
        Some(false)
    } else {
        None
    }
}

/// How many facts are asked at the triage desk.
pub fn triage_facts(guideline: &Guideline) -> usize {
    let asked = |kind: &Kind| !matches!(kind, Kind::Named { assume: Some(_), .. });
    let facts = guideline.entered_facts();
    facts.filter(|(_, fact)| fact.asked_at.contains(&Stage::Triage) && asked(&fact.kind)).count()
}

/// Draws the ways through.
pub fn chart(guideline: &Guideline, paths: &[Path]) -> Chart {
    let mut chart = Chart {
        title: "The whole guideline, from triage to disposition".to_string(),
        description: "The table below the chart says the same: which pages lead to which urgency \
                      and first step, and where the patient may then go."
            .to_string(),
        ends_at: "where the patient goes".to_string(),
        boxes: Vec::new(),
        arrows: Vec::new(),
    };
    let triage = format!("{} facts asked at the desk", triage_facts(guideline));
    chart.boxes.push(ChartBox::of_width(
        LETTERS_NARROW,
        Shape::Condition,
        0,
        &triage,
        "Arrival and triage",
    ));
    let mut goals: Vec<(usize, usize)> = Vec::new();
    for row in &guideline.program.rows {
        let phrase = guideline.vocabulary.get("disposition", &row.go);
        let words = phrase.map_or(row.go.clone(), |phrase| phrase.staff.clone());
        goals.push((row.page, chart.boxes.len()));
        chart.boxes.push(ChartBox::of_width(LETTERS_NARROW, Shape::Outcome, 3, "", &words));
    }
    for path in paths {
        let lead = chart.boxes.len();
        let (plain, bold) = path.words();
        chart.boxes.push(ChartBox::of_width(LETTERS_NARROW, Shape::Reference, 2, plain, &bold));
        for page in &path.pages {
            let title = &guideline.pages[*page].page.title;
            chart.boxes.push(ChartBox::of_width(LETTERS_NARROW, Shape::Condition, 1, title, ""));
            let at = chart.boxes.len() - 1;
            chart.arrows.push(Arrow { from: 0, to: at, dashed: false, corners: true });
            chart.arrows.push(Arrow { from: at, to: lead, dashed: false, corners: true });
        }
        if path.pages.is_empty() {
            chart.arrows.push(Arrow { from: 0, to: lead, dashed: false, corners: true });
        }
        for (page, sure) in &path.goes {
            if let Some((_, goal)) = goals.iter().find(|(known, _)| known == page) {
                chart.arrows.push(Arrow { from: lead, to: *goal, dashed: !sure, corners: false });
            }
        }
    }
    chart
}
