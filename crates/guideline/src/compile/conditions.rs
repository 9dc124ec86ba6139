//! Tests of a page: names looked up, values and constants checked.

use super::builder::{Builder, Progress};
use super::cut_of;
use crate::diagnostic::{Diagnostic, nearest};
use crate::facts::{FactIndex, Kind, Sort};
use crate::guideline::LoadedPage;
use crate::page::{Comparison, PageKind, Test, TestKind, Word};
use crate::program::{Cells, Node, Place, Step, all_cells};

impl Builder<'_> {
    /// Fact and cells of a test on a fact; faults when a name or value is wrong.
    pub(super) fn condition(
        &mut self,
        file: &str,
        kind: PageKind,
        test: &Test,
    ) -> Option<(FactIndex, Cells)> {
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
            self.faults.push(
                Diagnostic::error("unknown-fact", file, test.subject.span.clone(), message)
                    .help(help),
            );
            return None;
        };
        let is_built_in =
            matches!(self.draft.facts[fact].kind, Kind::Named { sort: Sort::BuiltIn, .. });
        if is_built_in && !kind.is_late() {
            let message = format!("`{id}` is known only once all concerns are decided");
            let fault = Diagnostic::error("too-early", file, test.subject.span.clone(), message);
            let help = "only disposition, treatment, scanner and follow-up pages may look at it";
            self.faults.push(fault.help(help));
            return None;
        }
        let cells = match (&test.kind, &self.draft.facts[fact].kind) {
            (TestKind::Is(values), Kind::Named { values: known, .. }) => {
                let known = known.clone();
                self.named_cells(file, id, values, &known)?
            }
            (TestKind::Compares { comparison, number, unit }, Kind::Quantity(quantity)) => {
                let place = quantity
                    .place(&number.text, unit.as_ref().map(|unit| unit.text.as_str()))
                    .ok()?;
                let cut = cut_of(*comparison, place);
                // A cut beyond the range is no cut: nobody lies above it.
                let upper = if cut > quantity.range.1 {
                    0
                } else {
                    all_cells(self.cells[fact].count) & !all_cells(self.cells[fact].cell_of(cut))
                };
                match comparison {
                    Comparison::AtLeast | Comparison::Above => upper,
                    Comparison::AtMost | Comparison::Below => {
                        all_cells(self.cells[fact].count) & !upper
                    }
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
                let fault = Diagnostic::error(
                    "not-a-choice",
                    file,
                    test.span.clone(),
                    format!("`{id}` is a number"),
                );
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

    pub(super) fn named_cells(
        &mut self,
        file: &str,
        id: &str,
        values: &[Word],
        known: &[String],
    ) -> Option<Cells> {
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
                    let fault =
                        Diagnostic::error("unknown-value", file, value.span.clone(), message);
                    self.faults.push(fault.help(format!("its values are {}", known.join(", "))));
                    return None;
                }
            }
        }
        Some(cells)
    }

    /// Makes the conditions on `fact` ready to be looked at.
    pub(super) fn ready_fact(&mut self, fact: FactIndex, file: &str, at: &Word) -> bool {
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
                        let file = known.file();
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

    pub(super) fn test(&mut self, loaded: &LoadedPage, test: &Test) -> Option<Place> {
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
                let present =
                    values.iter().position(|value| value == "present").map(|cell| 1 << cell);
                if Some(cells) == present { Some(place) } else { Some(self.push(Node::Not(place))) }
            }
            _ => {
                let places = self.places[fact].clone();
                places.into_iter().find(|place| self.nodes[*place] == Node::Fact { fact, cells })
            }
        }
    }

    pub(super) fn test_of_concern(
        &mut self,
        loaded: &LoadedPage,
        test: &Test,
        excluded: bool,
    ) -> Option<Place> {
        let file = loaded.file();
        let stem = &test.subject.text;
        let found =
            self.draft.pages.iter().position(|page| page.stem() == stem && page.kind.is_concern());
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
                Diagnostic::error("unknown-concern", &file, test.subject.span.clone(), message)
                    .help(help),
            );
            return None;
        };
        if excluded && !loaded.kind.is_late() {
            let fault = Diagnostic::error(
                "too-early",
                &file,
                test.span.clone(),
                "`is excluded` is known only once all concerns are decided",
            );
            self.faults.push(fault.help("write the facts that exclude it"));
            return None;
        }
        match (excluded, loaded.kind.is_late()) {
            (true, _) => self.excluded_of(page),
            (false, true) => self.raised_of(page),
            (false, false) => self.rule_of(page),
        }
    }

    /// Whether a test that holds is a sign of something: a listed danger sign,
    /// a definition or another concern, not an age or a value assumed until
    /// told otherwise.
    pub(super) fn is_sign(&mut self, loaded: &LoadedPage, test: &Test) -> bool {
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
}
