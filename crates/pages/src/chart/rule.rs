//! The chart of one rule, drawn from the compiled graph that decides: what the
//! committee sees is what runs.

use cauda_guideline::Guideline;
use cauda_guideline::decision::cells_text;
use cauda_guideline::facts::Kind;
use cauda_guideline::page::{Page, TestKind};
use cauda_guideline::program::{Advice, Concern, Node, Place};

use super::layered::Arrow;
use super::{BOXES_MAX, Chart, ChartBox, Shape};
use crate::publication::words;

/// A part of the graph as a tree: leaves and gates.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Leaf { shape: Shape, added: bool, subject: String, asked: String },
    Gate { need: String, parts: Vec<Part> },
}

impl Part {
    /// Whether the list of the page does not have it: a report, and the gate
    /// that joins it to the rule.
    fn is_added(&self) -> bool {
        match self {
            Part::Leaf { added, .. } => *added,
            Part::Gate { parts, .. } => parts.iter().any(Part::is_added),
        }
    }
}

/// Where a page's rule ends.
pub struct Goal<'a> {
    /// Title of the chart.
    pub title: &'a str,
    /// First words of the last box.
    pub plain: &'a str,
    /// Its bold words.
    pub bold: &'a str,
}

/// The chart of what stands at `place`, for the page that says it; `None` when
/// it would have more than [`BOXES_MAX`] boxes.
pub fn chart(guideline: &Guideline, page: &Page, place: Place, goal: &Goal) -> Option<Chart> {
    let named = named(guideline, page);
    let mut left = BOXES_MAX;
    let tree = part(guideline, &named, place, &mut left)?;
    let mut chart = Chart {
        title: goal.title.to_string(),
        description: format!("{} {}: {}.", goal.plain, goal.bold, told(&tree)),
        ends_at: [goal.plain, goal.bold]
            .into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(": "),
        boxes: Vec::new(),
        arrows: Vec::new(),
    };
    let root = add(&mut chart, &tree);
    let column = chart.boxes[root].column + 1;
    chart.boxes.push(ChartBox::new(Shape::Outcome, column, goal.plain, goal.bold));
    chart.arrows.push(Arrow {
        from: root,
        to: chart.boxes.len() - 1,
        dashed: false,
        corners: true,
    });
    Some(chart)
}

/// A place that is called by a name, and what is said when it holds and when not.
struct Named {
    place: Place,
    added: bool,
    subject: String,
    holds: &'static str,
    fails: &'static str,
}

/// Places that the page calls by a name: definitions, other concerns, and the
/// reports that close its own concern.
fn named(guideline: &Guideline, page: &Page) -> Vec<Named> {
    let program = &guideline.program;
    let title = |page: usize| guideline.pages[page].page.title.clone();
    // Before the dispositions a page looks at the rule of another concern,
    // whatever a scan has shown.
    let early = page.needed || page.then.is_empty() || page.then_phrases("concern").count() > 0;
    let mut found = Vec::new();
    let mut add = |place: Place, subject: String, holds, fails| {
        found.push(Named { place, added: false, subject, holds, fails });
    };
    for test in [&page.when, &page.excluded].into_iter().flatten().flat_map(|rule| rule.tests()) {
        let id = test.subject.text.as_str();
        match test.kind {
            TestKind::Suspected | TestKind::Excluded => {
                let of_id = |concern: &&Concern| guideline.pages[concern.page].stem() == id;
                for concern in program.concerns.iter().filter(of_id) {
                    add(concern.raised, title(concern.page), "suspected", "not suspected");
                    if early {
                        add(concern.rule, title(concern.page), "suspected", "not suspected");
                    }
                    add(concern.excluded, title(concern.page), "excluded", "not excluded");
                }
            }
            _ => {
                if let Some(fact) = guideline.fact(id)
                    && let Some(place) = program.definitions[fact]
                {
                    add(place, guideline.facts[fact].staff.clone(), "present", "absent");
                }
            }
        }
    }
    let closes = |report: &&Advice| {
        let mut closed = guideline.pages[report.page].page.then_phrases("closes");
        closed.any(|word| page.then_phrases("concern").any(|own| own.text == word.text))
    };
    for report in program.reports.iter().filter(closes) {
        found.push(Named {
            place: report.holds,
            added: true,
            subject: title(report.page),
            holds: "reported",
            fails: "not reported",
        });
    }
    found
}

fn part(guideline: &Guideline, named: &[Named], place: Place, left: &mut usize) -> Option<Part> {
    *left = left.checked_sub(1)?;
    let named_as = |place: Place| named.iter().find(|known| known.place == place);
    let said = |known: &Named, asked: &str| Part::Leaf {
        shape: Shape::Reference,
        added: known.added,
        subject: known.subject.clone(),
        asked: asked.to_string(),
    };
    if let Some(known) = named_as(place) {
        return Some(said(known, known.holds));
    }
    let node = &guideline.program.nodes[place];
    let (need, children) = match node {
        Node::Fact { fact, cells } => {
            let known = &guideline.facts[*fact];
            let text = cells_text(guideline, *fact, *cells);
            let asked = match &known.kind {
                Kind::Quantity(quantity) => words::interval(&text, &quantity.unit),
                Kind::Named { .. } => text,
            };
            let (shape, subject) = (Shape::Condition, known.staff.clone());
            return Some(Part::Leaf { shape, added: false, subject, asked });
        }
        Node::Not(child) => match (named_as(*child), &guideline.program.nodes[*child]) {
            (Some(known), _) => return Some(said(known, known.fails)),
            (None, Node::Any(under)) => ("none of".to_string(), under.as_slice()),
            (None, _) => ("not".to_string(), std::slice::from_ref(child)),
        },
        Node::All(children) => ("all of".to_string(), children.as_slice()),
        Node::Any(children) => ("any of".to_string(), children.as_slice()),
        Node::AtLeast(count, children) => (format!("at least {count} of"), children.as_slice()),
    };
    let parts: Option<Vec<Part>> =
        children.iter().map(|child| part(guideline, named, *child, left)).collect();
    Some(Part::Gate { need, parts: parts? })
}

/// Adds a part and what is under it; the answer is its box.
fn add(chart: &mut Chart, part: &Part) -> usize {
    let (drawn, under) = match part {
        Part::Leaf { shape, subject, asked, .. } => {
            (ChartBox::new(*shape, 0, subject, asked), Vec::new())
        }
        Part::Gate { need, parts } => {
            let under: Vec<usize> = parts.iter().map(|part| add(chart, part)).collect();
            let deepest = under.iter().map(|at| chart.boxes[*at].column).max().unwrap_or(0);
            (ChartBox::new(Shape::Gate, deepest + 1, "", need), under)
        }
    };
    chart.boxes.push(drawn.added(part.is_added()));
    let own = chart.boxes.len() - 1;
    chart.arrows.extend(under.into_iter().map(|from| Arrow {
        from,
        to: own,
        dashed: false,
        corners: true,
    }));
    own
}

/// The same in words.
fn told(part: &Part) -> String {
    match part {
        Part::Leaf { subject, asked, .. } => format!("{subject} is {asked}"),
        Part::Gate { need, parts } => {
            let parts: Vec<String> = parts.iter().map(told).collect();
            format!("{need} ({})", parts.join("; "))
        }
    }
}
