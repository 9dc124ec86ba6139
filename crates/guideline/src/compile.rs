//! From pages to the graph: every name is looked up, every value and constant
//! checked against its fact, every fault told with its place.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, nearest};
use crate::facts::{By, Carries, Danger, Fact, FactIndex, Keep, Kind, Sort};
use crate::load::{Folder, Guideline, LoadedPage};
use crate::page::{Comparison, Group, Item, Need, PageKind, Test, TestKind, Word};
use crate::plan::{Parts, Plan};
use crate::program::{
    BuiltIns, CELLS_MAX, CONCERNS_MAX, Cells, Concern, FactCells, Node, PLACES_MAX, Place, Program, Row,
    STATES, Step, all_cells,
};
use crate::vocabulary::{FirstStep, Source, Tier, Vocabulary};

/// A folder that was read but not yet compiled.
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) folder: Folder,
    pub(crate) facts: Vec<Fact>,
    pub(crate) pages: Vec<LoadedPage>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) sources: BTreeMap<String, Source>,
}

/// Compiles a draft; `None` when a fault keeps it from compiling.
pub(crate) fn compile(mut draft: Draft, faults: &mut Vec<Diagnostic>) -> Option<Guideline> {
    let before = faults.len();
    same_id_twice(&draft, faults);
    let built_ins = add_built_ins(&mut draft.facts);
    let cuts = all_cuts(&draft, faults);
    let cells: Vec<FactCells> =
        draft.facts.iter().zip(cuts).map(|(fact, cuts)| FactCells::new(fact, cuts)).collect();
    for (fact, cells) in draft.facts.iter().zip(&cells) {
        if cells.count > CELLS_MAX {
            let message = format!("`{}` is compared with more than {} thresholds", fact.id, CELLS_MAX - 1);
            faults.push(Diagnostic::error("too-large", &file_of_fact(fact), fact.span.clone(), message));
        }
    }
    if faults.len() > before {
        return None;
    }
    let mut builder = Builder::new(&draft, cells, faults);
    builder.lay_out_facts();
    let concerns = builder.concerns();
    let (steps, rows, row_steps) = builder.dispositions(built_ins);
    let Builder { cells, nodes, places, needed, definitions, .. } = builder;
    if nodes.len() > PLACES_MAX || concerns.len() > CONCERNS_MAX {
        let message = format!("more than {PLACES_MAX} conditions or {CONCERNS_MAX} concerns");
        faults.push(Diagnostic::error("too-large", "", 0..0, message));
    }
    if faults.len() > before {
        return None;
    }
    let clear: Vec<usize> = cells.iter().map(|cells| cells.clear).collect();
    let plan = Plan::new(&Parts {
        nodes: &nodes,
        places: &places,
        clear: &clear,
        steps: &steps,
        row_steps: &row_steps,
        concerns: &concerns,
    });
    let program = Program {
        cells,
        nodes,
        places,
        needed,
        steps,
        row_steps,
        concerns,
        rows,
        definitions,
        built_ins,
        plan,
    };
    Some(Guideline {
        id: draft.id,
        version: draft.version,
        title: draft.title,
        status: draft.status,
        sha256: draft.folder.sha256(),
        facts: draft.facts,
        pages: draft.pages,
        vocabulary: draft.vocabulary,
        sources: draft.sources,
        program,
        folder: draft.folder,
    })
}

/// Path of the file a fact stands in.
pub(crate) fn file_of_fact(fact: &Fact) -> String {
    format!("facts/{}.toml", fact.group)
}

fn same_id_twice(draft: &Draft, faults: &mut Vec<Diagnostic>) {
    let mut stems: BTreeMap<&str, &str> = BTreeMap::new();
    for loaded in draft.pages.iter().filter(|page| page.kind.is_concern()) {
        if let Some(other) = stems.insert(loaded.stem(), &loaded.id) {
            let message = format!("`{}` is also the name of {other}.md", loaded.stem());
            let fault = Diagnostic::error("same-id-twice", &loaded.file(), 0..0, message);
            faults.push(fault.help("rename one of them: `is suspected` names a page by its last part"));
        }
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for fact in &draft.facts {
        if let Some(group) = seen.insert(&fact.id, &fact.group) {
            let message = format!("`{}` is also a fact of facts/{group}.toml", fact.id);
            let fault = Diagnostic::error("same-id-twice", &file_of_fact(fact), fact.span.clone(), message);
            faults.push(fault.help("keep one of them"));
        }
    }
}

fn add_built_ins(facts: &mut Vec<Fact>) -> BuiltIns {
    let tiers = Tier::ALL.map(|tier| tier.id().to_string());
    // In rising danger, so that the order of cells is the order of urgency.
    let steps: Vec<String> = FirstStep::ALL.iter().rev().map(|step| step.id().to_string()).collect();
    let states = STATES.map(String::from);
    let mut add = |id: &str, values: Vec<String>, staff: &str| {
        facts.push(built_in(id, values, staff));
        facts.len() - 1
    };
    BuiltIns {
        urgency: add("urgency", tiers.to_vec(), "Urgency acted on"),
        first_step: add("first_step", steps, "First step of the leading concern"),
        concerns: add("concerns", states.to_vec(), "State of all concerns together"),
        gate: add("gate", states.to_vec(), "State of the emergencies outside the spine"),
    }
}

fn built_in(id: &str, values: Vec<String>, staff: &str) -> Fact {
    let dangerous = vec![false; values.len()];
    Fact {
        id: id.to_string(),
        group: String::new(),
        span: 0..0,
        kind: Kind::Named { sort: Sort::BuiltIn, values, dangerous, clear: 0, assume: None },
        danger: Danger::None,
        by: By::Derived,
        needed: None,
        asked_at: Vec::new(),
        asked_of: Vec::new(),
        worsening_of: Vec::new(),
        withheld_while: None,
        governs: None,
        fresh_seconds: None,
        keep: Keep::Latest,
        carries: Carries::Visit,
        staff: staff.to_string(),
        patient: staff.to_string(),
        sources: Vec::new(),
        codes: Vec::new(),
    }
}

/// Thresholds of every quantity in all pages.
fn all_cuts(draft: &Draft, faults: &mut Vec<Diagnostic>) -> Vec<Vec<i64>> {
    let mut cuts = vec![Vec::new(); draft.facts.len()];
    for page in &draft.pages {
        let file = page.file();
        let rules = [&page.page.when, &page.page.excluded];
        let mut tests: Vec<&Test> = rules.into_iter().flatten().flat_map(tests_of).collect();
        tests.extend(&page.page.never);
        for test in tests {
            let Some(fact) = draft.facts.iter().position(|fact| fact.id == test.subject.text) else {
                continue;
            };
            let TestKind::Compares { comparison, number, unit } = &test.kind else {
                continue;
            };
            let Some(quantity) = draft.facts[fact].quantity() else {
                continue;
            };
            match quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str())) {
                Ok(place) if place % 2 == 0 => cuts[fact].push(cut_of(*comparison, place)),
                Ok(_) => {
                    let fault = Diagnostic::error(
                        "off-grid",
                        &file,
                        number.span.clone(),
                        "not a whole number of steps",
                    );
                    faults.push(
                        fault.help(format!("the step of `{}` is {}", test.subject.text, quantity.step)),
                    );
                }
                Err(why) => faults.push(Diagnostic::error("bad-constant", &file, number.span.clone(), why)),
            }
        }
    }
    cuts
}

/// Least place on the upper side of a comparison.
fn cut_of(comparison: Comparison, place: i64) -> i64 {
    match comparison {
        Comparison::AtLeast | Comparison::Below => place,
        Comparison::Above | Comparison::AtMost => place + 1,
    }
}

/// All tests of a rule, in reading order.
pub(crate) fn tests_of(group: &Group) -> Vec<&Test> {
    let mut found = Vec::new();
    for item in &group.items {
        match item {
            Item::Test(test) => found.push(test),
            Item::Group(group) => found.extend(tests_of(group)),
        }
    }
    found
}

struct Builder<'a> {
    draft: &'a Draft,
    faults: &'a mut Vec<Diagnostic>,
    cells: Vec<FactCells>,
    nodes: Vec<Node>,
    places: Vec<std::ops::Range<Place>>,
    needed: Vec<Option<Place>>,
    definitions: Vec<Option<Place>>,
    steps: Vec<Step>,
    fact_ready: Vec<Progress>,
    /// Place of each page's rule, once compiled.
    rules: Vec<Option<Place>>,
    closings: Vec<Option<Place>>,
    page_progress: Vec<Progress>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Waiting,
    Working,
    Ready,
}

impl<'a> Builder<'a> {
    fn new(draft: &'a Draft, cells: Vec<FactCells>, faults: &'a mut Vec<Diagnostic>) -> Builder<'a> {
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
    fn lay_out_facts(&mut self) {
        let mut wanted: Vec<Vec<Cells>> = vec![Vec::new(); self.draft.facts.len()];
        for page in &self.draft.pages {
            for group in [&page.page.when, &page.page.excluded].into_iter().flatten() {
                for test in tests_of(group) {
                    if let Some((fact, cells)) = self.condition(&page.file(), page.kind, test)
                        && !wanted[fact].contains(&cells)
                        && !matches!(self.draft.facts[fact].kind, Kind::Named { sort: Sort::Derived, .. })
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

    /// Fact and cells of a test on a fact; faults when a name or value is wrong.
    fn condition(&mut self, file: &str, kind: PageKind, test: &Test) -> Option<(FactIndex, Cells)> {
        if matches!(test.kind, TestKind::Suspected | TestKind::Excluded) {
            return None;
        }
        let id = test.subject.text.as_str();
        let Some(fact) = self.draft.facts.iter().position(|fact| fact.id == id) else {
            let known = self.draft.facts.iter().map(|fact| fact.id.as_str());
            let help = match nearest(id, known) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => "`cauda facts` lists them; a new one goes into facts/*.toml".to_string(),
            };
            let message = format!("no fact is called `{id}`");
            self.faults
                .push(Diagnostic::error("unknown-fact", file, test.subject.span.clone(), message).help(help));
            return None;
        };
        let is_built_in = matches!(self.draft.facts[fact].kind, Kind::Named { sort: Sort::BuiltIn, .. });
        if is_built_in && kind != PageKind::Disposition {
            let message = format!("`{id}` is known only once all concerns are decided");
            let fault = Diagnostic::error("too-early", file, test.subject.span.clone(), message);
            self.faults.push(fault.help("only disposition pages may look at it"));
            return None;
        }
        let cells = match (&test.kind, &self.draft.facts[fact].kind) {
            (TestKind::Is(values), Kind::Named { values: known, .. }) => {
                let known = known.clone();
                self.named_cells(file, id, values, &known)?
            }
            (TestKind::Compares { comparison, number, unit }, Kind::Quantity(quantity)) => {
                let place =
                    quantity.place(&number.text, unit.as_ref().map(|unit| unit.text.as_str())).ok()?;
                let upper = all_cells(self.cells[fact].count)
                    & !all_cells(self.cells[fact].cell_of(cut_of(*comparison, place)));
                match comparison {
                    Comparison::AtLeast | Comparison::Above => upper,
                    Comparison::AtMost | Comparison::Below => all_cells(self.cells[fact].count) & !upper,
                }
            }
            (TestKind::Compares { .. }, _) => {
                let fault = Diagnostic::error(
                    "not-a-quantity",
                    file,
                    test.span.clone(),
                    format!("`{id}` is not a number"),
                );
                self.faults.push(fault.help("write `is` and one of its values"));
                return None;
            }
            _ => {
                let fault =
                    Diagnostic::error("not-a-choice", file, test.span.clone(), format!("`{id}` is a number"));
                self.faults.push(fault.help("compare it with `≥`, `>`, `≤` or `<`"));
                return None;
            }
        };
        if cells == 0 || cells == all_cells(self.cells[fact].count) {
            let fault = Diagnostic::error(
                "empty-test",
                file,
                test.span.clone(),
                "this is true or false of everybody",
            );
            self.faults.push(fault.help("choose a constant inside the range of the fact"));
            return None;
        }
        Some((fact, cells))
    }

    fn named_cells(&mut self, file: &str, id: &str, values: &[Word], known: &[String]) -> Option<Cells> {
        let mut cells = 0;
        for value in values {
            match known.iter().position(|name| *name == value.text) {
                Some(cell) if cells & (1 << cell) == 0 => cells |= 1 << cell,
                Some(_) => {
                    let message = format!("`{}` stands twice", value.text);
                    self.faults.push(Diagnostic::error(
                        "same-value-twice",
                        file,
                        value.span.clone(),
                        message,
                    ));
                    return None;
                }
                None => {
                    let message = format!("`{id}` is never `{}`", value.text);
                    let fault = Diagnostic::error("unknown-value", file, value.span.clone(), message);
                    self.faults.push(fault.help(format!("its values are {}", known.join(", "))));
                    return None;
                }
            }
        }
        Some(cells)
    }

    /// Makes the conditions on `fact` ready to be looked at.
    fn ready_fact(&mut self, fact: FactIndex, file: &str, at: &Word) -> bool {
        match self.fact_ready[fact] {
            Progress::Ready => return true,
            Progress::Working => {
                let message = format!("`{}` depends on itself", at.text);
                let fault = Diagnostic::error("circular", file, at.span.clone(), message);
                self.faults.push(fault.help("break the circle between its pages"));
                return false;
            }
            Progress::Waiting => self.fact_ready[fact] = Progress::Working,
        }
        let known = self.draft.facts[fact].clone();
        let is_derived = matches!(known.kind, Kind::Named { sort: Sort::Derived, .. });
        let wanted = match (&known.needed, is_derived) {
            (_, true) => Some((PageKind::Definition, format!("definitions/{}", known.id))),
            (Some(page), false) => Some((PageKind::Test, page.clone())),
            (None, false) => None,
        };
        let done = match wanted {
            None => {
                self.steps.push(Step::Fact(fact));
                true
            }
            Some((kind, id)) => {
                match self.draft.pages.iter().position(|page| page.id == id && page.kind == kind) {
                    None => {
                        let message = format!("`{}` has no page `{id}.md`", known.id);
                        let file = file_of_fact(&known);
                        self.faults.push(
                            Diagnostic::error("missing-page", &file, known.span.clone(), message)
                                .help("write the page, or mend `needed` or `kind`"),
                        );
                        false
                    }
                    Some(page) => match self.rule_of(page) {
                        None => false,
                        Some(place) if is_derived => {
                            self.definitions[fact] = Some(place);
                            true
                        }
                        Some(place) => {
                            self.needed[fact] = Some(place);
                            self.steps.push(Step::Test { fact, needed: place });
                            true
                        }
                    },
                }
            }
        };
        self.fact_ready[fact] = Progress::Ready;
        done
    }

    /// Place of a page's `## When` or `## Needed when`.
    fn rule_of(&mut self, page: usize) -> Option<Place> {
        match self.page_progress[page] {
            Progress::Ready => return self.rules[page],
            Progress::Working => {
                let loaded = &self.draft.pages[page];
                let fault =
                    Diagnostic::error("circular", &loaded.file(), 0..0, "this page depends on itself");
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
                let fault = Diagnostic::error("page-shape", &loaded.file(), 0..0, "the page has no rule");
                self.faults.push(fault.help("add `## When` or `## Needed when`"));
            }
        }
        self.page_progress[page] = Progress::Ready;
        self.rules[page]
    }

    /// Place of what closes a concern: its rule, or the contrary of `## When`.
    fn closing_of(&mut self, page: usize) -> Option<Place> {
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

    fn push(&mut self, node: Node) -> Place {
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

    fn group(&mut self, loaded: &LoadedPage, group: &Group) -> Option<Place> {
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

    fn test(&mut self, loaded: &LoadedPage, test: &Test) -> Option<Place> {
        let file = loaded.file();
        let about_page = match test.kind {
            TestKind::Suspected => Some(false),
            TestKind::Excluded => Some(true),
            _ => None,
        };
        if let Some(excluded) = about_page {
            return self.test_of_concern(loaded, test, excluded);
        }
        let (fact, cells) = self.condition(&file, loaded.kind, test)?;
        if !self.ready_fact(fact, &file, &test.subject) {
            return None;
        }
        match (&self.draft.facts[fact].kind, self.definitions[fact]) {
            (Kind::Named { sort: Sort::Derived, values, .. }, Some(place)) => {
                let present = values.iter().position(|value| value == "present").map(|cell| 1 << cell);
                if Some(cells) == present { Some(place) } else { Some(self.push(Node::Not(place))) }
            }
            _ => {
                let places = self.places[fact].clone();
                places.into_iter().find(|place| self.nodes[*place] == Node::Fact { fact, cells })
            }
        }
    }

    fn test_of_concern(&mut self, loaded: &LoadedPage, test: &Test, excluded: bool) -> Option<Place> {
        let file = loaded.file();
        let stem = &test.subject.text;
        let found = self.draft.pages.iter().position(|page| page.stem() == stem && page.kind.is_concern());
        let Some(page) = found else {
            let known: Vec<&str> = self
                .draft
                .pages
                .iter()
                .filter(|page| page.kind.is_concern())
                .map(|page| page.stem())
                .collect();
            let help = match nearest(stem, known.iter().copied()) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => format!("the concerns are {}", known.join(", ")),
            };
            let message = format!("no page raises a concern called `{stem}`");
            self.faults.push(
                Diagnostic::error("unknown-concern", &file, test.subject.span.clone(), message).help(help),
            );
            return None;
        };
        if excluded && loaded.kind != PageKind::Disposition {
            let fault = Diagnostic::error(
                "too-early",
                &file,
                test.span.clone(),
                "only disposition pages may say `is excluded`",
            );
            self.faults.push(fault.help("write the facts that exclude it"));
            return None;
        }
        if excluded { self.closing_of(page) } else { self.rule_of(page) }
    }

    fn concerns(&mut self) -> Vec<Concern> {
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
                        let fault =
                            Diagnostic::error("unused-page", &loaded.file(), 0..0, "no fact names this page");
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

    fn concern(&mut self, index: usize, loaded: &LoadedPage) -> Option<Concern> {
        let raised = self.rule_of(index)?;
        let excluded = self.closing_of(index)?;
        let tier = loaded.page.then_phrases("tier").next().and_then(|word| Tier::of_id(&word.text));
        let Some(tier) = tier else {
            let fault =
                Diagnostic::error("concern-without-tier", &loaded.file(), 0..0, "`## Then` names no tier");
            self.faults.push(fault.help("add `- tier: emergency`, or another entry of vocabulary/tier.toml"));
            return None;
        };
        let settle = loaded.page.stuck_phrases("settle").next().and_then(|word| Tier::of_id(&word.text));
        let mut signs: Vec<Place> = Vec::new();
        if let Some(when) = &loaded.page.when {
            for test in
                tests_of(when).into_iter().filter(|test| self.is_sign(loaded, test)).collect::<Vec<_>>()
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

    /// Whether a test that holds is a sign of something: a listed danger sign,
    /// a definition or another concern, not an age or a value assumed until
    /// told otherwise.
    fn is_sign(&mut self, loaded: &LoadedPage, test: &Test) -> bool {
        if test.kind == TestKind::Suspected {
            return true;
        }
        let Some((fact, cells)) = self.condition(&loaded.file(), loaded.kind, test) else {
            return false;
        };
        let known = &self.cells[fact];
        match &self.draft.facts[fact].kind {
            Kind::Named { sort: Sort::Derived, .. } => cells & known.dangerous == cells,
            _ => known.assume.is_none() && cells & !known.dangerous == 0,
        }
    }

    fn first_step(&self, loaded: &LoadedPage) -> FirstStep {
        let images = loaded.page.then_phrases("image");
        let modalities =
            images.filter_map(|image| self.draft.vocabulary.get("image", &image.text)?.modality.as_deref());
        // The first image named is done first: `ct_whole_spine, mri_whole_spine`.
        let first = modalities.into_iter().next();
        let step = first.and_then(|modality| FirstStep::ALL.into_iter().find(|step| step.id() == modality));
        step.unwrap_or(if loaded.kind == PageKind::Scope { FirstStep::None } else { FirstStep::OtherTeam })
    }

    /// Entered facts that `places` look at, directly or through definitions and tests.
    fn facts_under(&self, places: &[Place]) -> Vec<FactIndex> {
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

    fn dispositions(&mut self, built_ins: BuiltIns) -> (Vec<Step>, Vec<Row>, Vec<Step>) {
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
                self.faults.push(fault.help("add `- go:` and an entry of vocabulary/disposition.toml"));
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
