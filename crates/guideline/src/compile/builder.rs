//! Pages to nodes: one place for every condition, shared where equal.

use super::Draft;
use crate::diagnostic::Diagnostic;
use crate::facts::{FactIndex, Kind, Sort};
use crate::guideline::LoadedPage;
use crate::page::{Group, Item, Need, PageKind, Word};
use crate::program::{BuiltIns, Cells, Concern, FactCells, Node, Place, Row, Step};
use crate::vocabulary::{FirstStep, Tier};

pub(super) struct Builder<'a> {
    pub(super) draft: &'a Draft,
    pub(super) faults: &'a mut Vec<Diagnostic>,
    pub(super) cells: Vec<FactCells>,
    pub(super) nodes: Vec<Node>,
    pub(super) places: Vec<std::ops::Range<Place>>,
    pub(super) needed: Vec<Option<Place>>,
    pub(super) definitions: Vec<Option<Place>>,
    pub(super) steps: Vec<Step>,
    pub(super) fact_ready: Vec<Progress>,
    /// Place of each page's rule, once compiled.
    pub(super) rules: Vec<Option<Place>>,
    pub(super) closings: Vec<Option<Place>>,
    pub(super) page_progress: Vec<Progress>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Waiting,
    Working,
    Ready,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        draft: &'a Draft,
        cells: Vec<FactCells>,
        faults: &'a mut Vec<Diagnostic>,
    ) -> Builder<'a> {
        let (facts, pages) = (draft.facts.len(), draft.pages.len());
        Builder {
            draft,
            faults,
            cells,
            nodes: Vec::new(),
            places: Vec::new(),
            needed: vec![None; facts],
            definitions: vec![None; facts],
            steps: Vec::new(),
            fact_ready: vec![Progress::Waiting; facts],
            rules: vec![None; pages],
            closings: vec![None; pages],
            page_progress: vec![Progress::Waiting; pages],
        }
    }

    /// Gives every condition on an entered fact its place, side by side.
    pub(super) fn lay_out_facts(&mut self) {
        let mut wanted: Vec<Vec<Cells>> = vec![Vec::new(); self.draft.facts.len()];
        for page in &self.draft.pages {
            for group in [&page.page.when, &page.page.excluded].into_iter().flatten() {
                for test in group.tests() {
                    if let Some((fact, cells)) = self.condition(&page.file(), page.kind, test)
                        && !wanted[fact].contains(&cells)
                        && !matches!(
                            self.draft.facts[fact].kind,
                            Kind::Named { sort: Sort::Derived, .. }
                        )
                    {
                        wanted[fact].push(cells);
                    }
                }
            }
        }
        for (fact, conditions) in wanted.into_iter().enumerate() {
            let start = self.nodes.len();
            self.nodes.extend(conditions.into_iter().map(|cells| Node::Fact { fact, cells }));
            self.places.push(start..self.nodes.len());
        }
    }

    /// Place of a page's `## When` or `## Needed when`.
    pub(super) fn rule_of(&mut self, page: usize) -> Option<Place> {
        match self.page_progress[page] {
            Progress::Ready => return self.rules[page],
            Progress::Working => {
                let loaded = &self.draft.pages[page];
                let fault = Diagnostic::error(
                    "circular",
                    &loaded.file(),
                    0..0,
                    "this page depends on itself",
                );
                self.faults.push(fault.help("break the circle between the pages it names"));
                return None;
            }
            Progress::Waiting => self.page_progress[page] = Progress::Working,
        }
        let draft = self.draft;
        let loaded = &draft.pages[page];
        match &loaded.page.when {
            Some(when) => self.rules[page] = self.group(loaded, when),
            None => {
                let fault =
                    Diagnostic::error("page-shape", &loaded.file(), 0..0, "the page has no rule");
                self.faults.push(fault.help("add `## When` or `## Needed when`"));
            }
        }
        self.page_progress[page] = Progress::Ready;
        self.rules[page]
    }

    /// Place of what closes a concern: its rule, or the contrary of `## When`.
    pub(super) fn closing_of(&mut self, page: usize) -> Option<Place> {
        if self.closings[page].is_none() {
            let draft = self.draft;
            let loaded = &draft.pages[page];
            self.closings[page] = match &loaded.page.excluded {
                Some(excluded) => self.group(loaded, excluded),
                None => self.rule_of(page).map(|rule| self.push(Node::Not(rule))),
            };
        }
        self.closings[page]
    }

    pub(super) fn push(&mut self, node: Node) -> Place {
        let found = self.nodes.iter().position(|known| *known == node);
        if let Some(place) = found
            && (self.steps.contains(&Step::Node(place)))
        {
            return place;
        }
        self.nodes.push(node);
        self.steps.push(Step::Node(self.nodes.len() - 1));
        self.nodes.len() - 1
    }

    pub(super) fn group(&mut self, loaded: &LoadedPage, group: &Group) -> Option<Place> {
        let mut children = Vec::new();
        for item in &group.items {
            children.push(match item {
                Item::Test(test) => self.test(loaded, test),
                Item::Group(inner) => self.group(loaded, inner),
            });
        }
        let children: Vec<Place> = children.into_iter().collect::<Option<_>>()?;
        let mut distinct = children.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() < children.len() {
            let fault = Diagnostic::error(
                "same-test-twice",
                &loaded.file(),
                group.span.clone(),
                "this list says the same thing twice",
            );
            self.faults.push(fault.help("delete one of the two lines"));
            return None;
        }
        if let Need::AtLeast(count) = group.need
            && (count < 2 || count as usize >= children.len())
        {
            let message = format!("`at least {count} of` {} items", children.len());
            let fault = Diagnostic::error("bad-count", &loaded.file(), group.span.clone(), message);
            self.faults.push(fault.help("write `any of` for one and `all of` for every one"));
            return None;
        }
        Some(match group.need {
            _ if children.len() == 1 => children[0],
            Need::All => self.push(Node::All(children)),
            Need::Any => self.push(Node::Any(children)),
            Need::AtLeast(count) => self.push(Node::AtLeast(count, children)),
        })
    }

    pub(super) fn concerns(&mut self) -> Vec<Concern> {
        let draft = self.draft;
        let mut concerns = Vec::new();
        for (index, loaded) in draft.pages.iter().enumerate() {
            if loaded.kind == PageKind::Definition || loaded.kind == PageKind::Test {
                // Compiled now even if no other page uses it, so that its faults and cases are seen.
                let used = draft.facts.iter().position(|fact| {
                    format!("definitions/{}", fact.id) == loaded.id
                        || fact.needed.as_deref() == Some(&loaded.id)
                });
                let word = Word { text: loaded.stem().to_string(), span: 0..0 };
                match used {
                    Some(fact) => {
                        self.ready_fact(fact, &loaded.file(), &word);
                    }
                    None => {
                        let fault = Diagnostic::error(
                            "unused-page",
                            &loaded.file(),
                            0..0,
                            "no fact names this page",
                        );
                        self.faults.push(fault.help("add the fact, or delete the page"));
                    }
                }
            }
            if loaded.kind.is_concern() {
                concerns.extend(self.concern(index, loaded));
            }
        }
        concerns
    }

    pub(super) fn concern(&mut self, index: usize, loaded: &LoadedPage) -> Option<Concern> {
        let raised = self.rule_of(index)?;
        let excluded = self.closing_of(index)?;
        let tier = loaded.page.then_phrases("tier").next().and_then(|word| Tier::of_id(&word.text));
        let Some(tier) = tier else {
            let fault = Diagnostic::error(
                "concern-without-tier",
                &loaded.file(),
                0..0,
                "`## Then` names no tier",
            );
            self.faults.push(
                fault.help("add `- tier: emergency`, or another entry of vocabulary/tier.toml"),
            );
            return None;
        };
        let settle =
            loaded.page.stuck_phrases("settle").next().and_then(|word| Tier::of_id(&word.text));
        let mut signs: Vec<Place> = Vec::new();
        if let Some(when) = &loaded.page.when {
            for test in when
                .tests()
                .into_iter()
                .filter(|test| self.is_sign(loaded, test))
                .collect::<Vec<_>>()
            {
                signs.extend(self.test(loaded, test));
            }
        }
        signs.sort_unstable();
        signs.dedup();
        Some(Concern {
            page: index,
            kind: loaded.kind,
            raised,
            excluded,
            tier,
            first_step: self.first_step(loaded),
            settle,
            facts: self.facts_under(&[raised, excluded]),
            signs,
        })
    }

    pub(super) fn first_step(&self, loaded: &LoadedPage) -> FirstStep {
        let images = loaded.page.then_phrases("image");
        let modalities = images.filter_map(|image| {
            self.draft.vocabulary.get("image", &image.text)?.modality.as_deref()
        });
        // The first image named is done first: `ct_whole_spine, mri_whole_spine`.
        let first = modalities.into_iter().next();
        let step = first
            .and_then(|modality| FirstStep::ALL.into_iter().find(|step| step.id() == modality));
        step.unwrap_or(if loaded.kind == PageKind::Scope {
            FirstStep::None
        } else {
            FirstStep::OtherTeam
        })
    }

    /// Entered facts that `places` look at, directly or through definitions and tests.
    pub(super) fn facts_under(&self, places: &[Place]) -> Vec<FactIndex> {
        let mut seen = vec![false; self.nodes.len()];
        let mut open = places.to_vec();
        let mut found = Vec::new();
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut seen[place], true) {
                continue;
            }
            open.extend(self.nodes[place].children());
            if let Node::Fact { fact, .. } = self.nodes[place] {
                found.push(fact);
                open.extend(self.needed[fact]);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn dispositions(&mut self, built_ins: BuiltIns) -> (Vec<Step>, Vec<Row>, Vec<Step>) {
        let draft = self.draft;
        let steps = std::mem::take(&mut self.steps);
        for fact in [built_ins.urgency, built_ins.first_step, built_ins.concerns, built_ins.gate] {
            self.steps.push(Step::Fact(fact));
            self.fact_ready[fact] = Progress::Ready;
        }
        let mut rows = Vec::new();
        for (index, loaded) in draft.pages.iter().enumerate() {
            if loaded.kind != PageKind::Disposition {
                continue;
            }
            let Some(chosen) = self.rule_of(index) else {
                continue;
            };
            let go = loaded.page.then_phrases("go").next();
            let phrase = go.and_then(|word| draft.vocabulary.get("disposition", &word.text));
            let (Some(go), Some(phrase)) = (go, phrase) else {
                let fault = Diagnostic::error(
                    "disposition-without-go",
                    &loaded.file(),
                    0..0,
                    "`## Then` does not say where to go",
                );
                self.faults
                    .push(fault.help("add `- go:` and an entry of vocabulary/disposition.toml"));
                continue;
            };
            rows.push(Row {
                page: index,
                go: go.text.clone(),
                chosen,
                urgency: phrase.urgency.unwrap_or(Tier::None),
                reassuring: phrase.reassuring.unwrap_or(false),
            });
        }
        let row_steps = std::mem::replace(&mut self.steps, steps.clone());
        (steps, rows, row_steps)
    }
}
