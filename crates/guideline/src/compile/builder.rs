//! Pages to nodes: one place for every condition, shared where equal.

use std::collections::BTreeMap;

use super::Draft;
use crate::diagnostic::Diagnostic;
use crate::facts::{FactIndex, Kind, Sort};
use crate::guideline::LoadedPage;
use crate::page::{Group, Item, Need, PageKind, Word};
use crate::program::{Advice, BuiltIns, Cells, Concern, FactCells, Node, Place, Row, Step, Void};
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
    /// What a report of a scan does to each concern.
    reports: Reports,
    /// Place of "raised" and of "excluded" of each concern page, reports included.
    states: Vec<(Option<Place>, Option<Place>)>,
    pub(super) page_progress: Vec<Progress>,
}

/// Stands for the file of offers where a page is asked for.
fn offers_page() -> LoadedPage {
    let (page, _) = crate::page::parse("", "");
    LoadedPage { id: "vocabulary/offer".to_string(), kind: PageKind::Treatment, page }
}

/// Results pages by the concern they close or answer.
#[derive(Default)]
struct Reports {
    closing: BTreeMap<String, Vec<usize>>,
    answering: BTreeMap<String, Vec<usize>>,
}

impl Reports {
    fn of(pages: &[LoadedPage]) -> Reports {
        let mut reports = Reports::default();
        for (index, loaded) in pages.iter().enumerate() {
            if loaded.kind != PageKind::Result {
                continue;
            }
            let keys = [("closes", &mut reports.closing), ("answered", &mut reports.answering)];
            for (key, found) in keys {
                for word in loaded.page.then_phrases(key) {
                    found.entry(word.text.clone()).or_default().push(index);
                }
            }
        }
        reports
    }
}

/// What is compiled after the dispositions.
pub(super) struct Late {
    pub(super) reports: Vec<Advice>,
    pub(super) advice: Vec<Advice>,
    pub(super) stops: Vec<(String, Place)>,
    pub(super) steps: Vec<Step>,
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
            reports: Reports::of(&draft.pages),
            states: vec![(None, None); pages],
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
        let offers = offers_page();
        for stop in &self.draft.stops {
            if let Some((fact, cells)) = self.condition(&offers.file(), offers.kind, &stop.test)
                && !wanted[fact].contains(&cells)
                && !matches!(self.draft.facts[fact].kind, Kind::Named { sort: Sort::Derived, .. })
            {
                wanted[fact].push(cells);
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

    /// Places of the results pages of one list that bear on the concern of `page`.
    fn reports_on(&mut self, page: usize, closing: bool) -> Option<Vec<Place>> {
        let concern = self.draft.pages[page].page.then_phrases("concern").next();
        let known = if closing { &self.reports.closing } else { &self.reports.answering };
        let pages = concern.and_then(|word| known.get(&word.text)).cloned().unwrap_or_default();
        pages.into_iter().map(|page| self.rule_of(page)).collect()
    }

    fn any_of(&mut self, places: Vec<Place>) -> Option<Place> {
        match places.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.push(Node::Any(places))),
        }
    }

    /// Place of "raised and not closed by a scan" (CR18).
    pub(super) fn raised_of(&mut self, page: usize) -> Option<Place> {
        if self.states[page].0.is_none() {
            let rule = self.rule_of(page)?;
            let closing = self.reports_on(page, true)?;
            let raised = match self.any_of(closing) {
                None => rule,
                Some(closed) => {
                    let open = self.push(Node::Not(closed));
                    self.push(Node::All(vec![rule, open]))
                }
            };
            self.states[page].0 = Some(raised);
        }
        self.states[page].0
    }

    /// Place of "excluded by its own rule, or closed by a scan".
    pub(super) fn excluded_of(&mut self, page: usize) -> Option<Place> {
        if self.states[page].1.is_none() {
            let own = self.closing_of(page)?;
            let closing = self.reports_on(page, true)?;
            let excluded = match self.any_of(closing) {
                None => own,
                Some(closed) => self.push(Node::Any(vec![own, closed])),
            };
            self.states[page].1 = Some(excluded);
        }
        self.states[page].1
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
        let pages = draft.pages.iter().enumerate();
        let concerns = pages.filter(|(_, loaded)| loaded.kind.is_concern());
        concerns.filter_map(|(index, loaded)| self.concern(index, loaded)).collect()
    }

    /// Places of the hard stops of every offer and picture.
    fn stops(&mut self) -> Vec<(String, Place)> {
        let draft = self.draft;
        let offers = offers_page();
        let known = draft.stops.iter();
        known
            .filter_map(|stop| Some((stop.phrase.clone(), self.test(&offers, &stop.test)?)))
            .collect()
    }

    /// Compiles definitions and tests that nothing used so far, so that their
    /// faults are seen and their cases run.
    fn left_over(&mut self) {
        let draft = self.draft;
        for loaded in &draft.pages {
            if loaded.kind != PageKind::Definition && loaded.kind != PageKind::Test {
                continue;
            }
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
    }

    pub(super) fn concern(&mut self, index: usize, loaded: &LoadedPage) -> Option<Concern> {
        let rule = self.rule_of(index)?;
        let raised = self.raised_of(index)?;
        let excluded = self.excluded_of(index)?;
        let answering = self.reports_on(index, false)?;
        let answered = self.any_of(answering);
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
            rule,
            raised,
            excluded,
            answered,
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
        // A picture that no scanner takes, an ultrasound, is another team's.
        let step = first
            .filter(|modality| *modality != "none")
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

    /// Results pages, pages that only advise, and the work for them after `row_steps`.
    pub(super) fn advice(&mut self, row_steps: &[Step]) -> Late {
        let draft = self.draft;
        let earlier = self.steps.clone();
        self.steps.extend_from_slice(row_steps);
        let done = self.steps.len();
        let (mut reports, mut advice) = (Vec::new(), Vec::new());
        for (index, loaded) in draft.pages.iter().enumerate() {
            let kind = loaded.kind;
            let found = match kind {
                PageKind::Result => &mut reports,
                _ if kind.is_advice() => &mut advice,
                _ => continue,
            };
            found.extend(self.rule_of(index).map(|holds| Advice { page: index, kind, holds }));
        }
        let stops = self.stops();
        self.left_over();
        let steps = self.steps.split_off(done);
        self.steps = earlier;
        Late { reports, advice, stops, steps }
    }

    /// By fact: whether a concern or a disposition looks at it.
    pub(super) fn decisive(&self, concerns: &[Concern], rows: &[Row]) -> Vec<bool> {
        let mut places: Vec<Place> = rows.iter().map(|row| row.chosen).collect();
        for concern in concerns {
            places.extend([concern.raised, concern.excluded]);
            places.extend(concern.answered);
        }
        let mut decisive = vec![false; self.draft.facts.len()];
        for fact in self.facts_under(&places) {
            decisive[fact] = true;
        }
        decisive
    }

    /// By fact: whether a results page looks at it.
    pub(super) fn reporting(&self, reports: &[Advice]) -> Vec<bool> {
        let places: Vec<Place> = reports.iter().map(|report| report.holds).collect();
        let mut reporting = vec![false; self.draft.facts.len()];
        for fact in self.facts_under(&places) {
            reporting[fact] = true;
        }
        reporting
    }

    /// Which reports close a concern, and which danger signs take them back; and what else is
    /// taken back by a danger told later.
    pub(super) fn voids(&mut self, concerns: &[Concern]) -> Vec<Void> {
        let draft = self.draft;
        let mut voids: Vec<Void> = Vec::new();
        for (report, fact) in draft.facts.iter().enumerate() {
            let by = fact.taken_back_by.iter();
            let signs: Vec<FactIndex> =
                by.filter_map(|id| draft.facts.iter().position(|known| known.id == *id)).collect();
            let cells = &self.cells[report];
            if let Some(assumed) = cells.assume.filter(|_| !signs.is_empty()) {
                voids.push(Void { report, closing: cells.all() & !(1 << assumed), signs });
            }
        }
        for loaded in draft.pages.iter().filter(|page| page.kind == PageKind::Result) {
            let closed: Vec<&str> =
                loaded.page.then_phrases("closes").map(|word| word.text.as_str()).collect();
            let about = concerns.iter().filter(|concern| {
                let word = draft.pages[concern.page].page.then_phrases("concern").next();
                word.is_some_and(|word| closed.contains(&word.text.as_str()))
            });
            let mut signs: Vec<FactIndex> =
                about.flat_map(|concern| concern.facts.iter().copied()).collect();
            signs.retain(|fact| self.cells[*fact].dangerous != 0);
            signs.retain(|fact| self.cells[*fact].assume.is_none());
            signs.sort_unstable();
            signs.dedup();
            let tests = loaded.page.when.as_ref().map(Group::tests).unwrap_or_default();
            for test in tests.into_iter().filter(|_| !closed.is_empty()) {
                if let Some((report, closing)) = self.condition(&loaded.file(), loaded.kind, test) {
                    voids.push(Void { report, closing, signs: signs.clone() });
                }
            }
        }
        voids
    }
}
