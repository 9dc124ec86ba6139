//! Reads the population file and checks it against a guideline: every name,
//! every sum, every source, all faults at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use cauda_guideline::diagnostic::{Diagnostic, nearest};
use cauda_guideline::facts::{FactIndex, is_id};
use cauda_guideline::page::PageKind;
use cauda_guideline::vocabulary::FirstStep;
use cauda_guideline::{Folder, Guideline};
use toml::Spanned;

use super::file::{self, File};
use super::premise::Known;
use super::rate::WHOLE;
use super::rows::{Reader, Shape};
use super::{
    Ceiling, Condition, Counts, DRAWS_MAX, Draw, FILE_BYTES_MAX, Outcome, Population, ROWS_MAX,
    Row, UnknownRow, VALUES_MAX,
};

/// Reads `text`, the content of `file`.
///
/// # Errors
/// Every fault, each with its place and how to mend it.
pub fn read(guideline: &Guideline, file: &str, text: &str) -> Result<Population, Vec<Diagnostic>> {
    if text.len() > FILE_BYTES_MAX {
        let what = format!("the file is larger than {FILE_BYTES_MAX} bytes");
        return Err(vec![Diagnostic::error("too-large", file, 0..0, what).help("drop rows")]);
    }
    let raw: File = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        let fault = Diagnostic::error("bad-toml", file, span, error.message().to_string());
        vec![fault.help("see guidelines/back_pain.population.toml and docs/population.md")]
    })?;
    let sources = guideline.sources.keys().chain(raw.source.keys()).map(String::as_str).collect();
    let reader = Reader { file, known: Vec::new(), sources, cited: Vec::new(), faults: Vec::new() };
    let mut build = Build { guideline, reader };
    let population = build.population(&raw, text);
    let mut faults = build.reader.faults;
    faults.sort_by_key(|fault| fault.span.start);
    faults.dedup();
    if faults.is_empty() { Ok(population) } else { Err(faults) }
}

struct Build<'a> {
    guideline: &'a Guideline,
    reader: Reader<'a>,
}

impl<'a> Build<'a> {
    fn population(&mut self, raw: &'a File, text: &str) -> Population {
        let conditions = self.conditions(&raw.condition);
        let draws = self.draws(&raw.draw);
        let head = &raw.population;
        let noise = head.noise.get_ref();
        let at = head.noise.span();
        let noise_basis = self.reader.basis("noise", &at, noise.sources.clone(), noise.why.clone());
        let population = Population {
            id: head.id.clone(),
            edition: head.edition,
            title: head.title.clone(),
            sha256: hash(text),
            noise: self.reader.percent("noise", &at, &noise.percent),
            noise_basis,
            unknown: self.unknown(&raw.unknown),
            asked_together: self.asked_together(&raw.asked_together),
            leaves: self.leaves(&head.leaves),
            ceilings: raw.ceiling.iter().filter_map(|ceiling| self.ceiling(ceiling)).collect(),
            sources: raw.source.clone(),
            conditions,
            draws,
        };
        for id in raw.source.keys() {
            if !self.reader.cited.contains(id) {
                let what = format!("no number cites the source `{id}`");
                self.reader.fault("unused-source", &(0..0), what, "cite it, or delete it");
            }
        }
        population
    }

    fn conditions(&mut self, raw: &[Spanned<file::Condition>]) -> Vec<Condition> {
        let mut left = WHOLE;
        let mut conditions: Vec<Condition> = Vec::new();
        for (index, one) in raw.iter().enumerate().take(VALUES_MAX) {
            let (at, one) = (one.span(), one.get_ref());
            self.name(&one.id, &at, conditions.iter().any(|known| known.id == one.id));
            let basis = self.reader.basis(&one.id, &at, one.sources.clone(), one.why.clone());
            let is_last = index + 1 == raw.len();
            let share = match (&one.percent, is_last) {
                (Some(percent), false) => self.reader.percent(&one.id, &at, percent),
                (None, true) => left,
                _ => {
                    let what =
                        format!("`{}`: every condition but the last has a `percent`", one.id);
                    self.reader.fault("not-a-whole", &at, what, "the last one takes what is left");
                    0
                }
            };
            if share > left {
                let what = "the conditions add up to more than 100 percent".to_string();
                self.reader.fault("not-a-whole", &at, what, "lower one of them");
            }
            left = left.saturating_sub(share);
            let (id, what) = (one.id.clone(), one.what.clone());
            conditions.push(Condition { id, what, share, due: one.due, basis });
        }
        if raw.is_empty() || raw.len() > VALUES_MAX {
            let what = format!("there are {} conditions", raw.len());
            self.reader.fault("too-large", &(0..0), what, "write 1 to 64");
        }
        let values = conditions.iter().map(|condition| condition.id.clone()).collect();
        self.reader.known.push(Known { id: "condition".to_string(), values, quantity: None });
        conditions
    }

    fn draws(&mut self, raw: &'a [Spanned<file::Draw>]) -> Vec<Draw> {
        let mut draws: Vec<Draw> = Vec::new();
        for (list, one) in raw.iter().enumerate() {
            let (at, one) = (one.span(), one.get_ref());
            let start = draws.len();
            // A fact the guideline lacks still cites its sources.
            let cited = one.rows.iter().flat_map(|row| row.get_ref().sources.iter().cloned());
            self.reader.cited.extend(cited);
            match (&one.hidden, one.facts.is_empty()) {
                (Some(id), true) => draws.extend(self.hidden(id, one, &at)),
                (None, false) => {
                    for name in &one.facts {
                        draws.extend(self.fact(name, one, &at));
                    }
                }
                _ => {
                    let what = "a draw has either `facts` or `hidden`".to_string();
                    self.reader.fault("bad-draw", &at, what, "keep one of them");
                }
            }
            // Drawn by itself: facts of one list do not see each other.
            for draw in &mut draws[start..] {
                draw.list = list;
                self.reader.known.push(self.known(draw));
            }
        }
        if draws.len() > DRAWS_MAX {
            let what = format!("more than {DRAWS_MAX} draws");
            self.reader.fault("too-large", &(0..0), what, "drop some");
        }
        draws
    }

    fn known(&self, draw: &Draw) -> Known<'a> {
        let quantity = draw.fact.and_then(|fact| self.guideline.facts[fact].quantity());
        Known { id: draw.id.clone(), values: draw.values.clone(), quantity }
    }

    fn hidden(&mut self, id: &str, raw: &file::Draw, at: &Range<usize>) -> Option<Draw> {
        let taken = self.guideline.fact(id).is_some();
        self.name(id, at, taken || self.reader.known.iter().any(|known| known.id == id));
        let distinct: BTreeSet<&String> = raw.values.iter().collect();
        if !(2..=VALUES_MAX).contains(&raw.values.len()) || distinct.len() < raw.values.len() {
            let what = format!("`{id}` needs 2 to 64 values, each once");
            self.reader.fault("bad-draw", at, what, "the first value takes what a row leaves");
            return None;
        }
        if let Some(unknown) = raw.unknown.first() {
            let what = format!("`{id}` is hidden, so nobody asks for it");
            self.reader.fault("bad-draw", &unknown.span(), what, "delete `unknown`");
        }
        let rows = self.rows(&Shape::hidden(id, &raw.values), raw, at);
        let (id, values) = (id.to_string(), raw.values.clone());
        Some(Draw { id, list: 0, fact: None, values, rows, unknown: Vec::new() })
    }

    fn fact(&mut self, name: &str, raw: &file::Draw, at: &Range<usize>) -> Option<Draw> {
        let fact = self.fact_named(name, at)?;
        let known = &self.guideline.facts[fact];
        let id = known.id.as_str();
        if self.reader.known.iter().any(|known| known.id == id) {
            let what = format!("`{id}` is drawn twice");
            self.reader.fault("same-id-twice", at, what, "keep one of the two");
            return None;
        }
        let shape = Shape::of_fact(id, &known.kind);
        let rows = self.rows(&shape, raw, at);
        let unknown: Vec<UnknownRow> = raw
            .unknown
            .iter()
            .map(|row| self.reader.unknown(id, &row.span(), row.get_ref()))
            .collect();
        Some(Draw {
            id: id.to_string(),
            list: 0,
            fact: Some(fact),
            values: shape.values.to_vec(),
            rows,
            unknown,
        })
    }

    fn rows(&mut self, shape: &Shape<'_>, raw: &file::Draw, at: &Range<usize>) -> Vec<Row> {
        let last = raw.rows.last();
        let ends = last.is_some_and(|row| row.get_ref().premises.is_empty());
        let early = raw.rows.iter().rev().skip(1).find(|row| row.get_ref().premises.is_empty());
        if !ends || raw.rows.len() > ROWS_MAX {
            let what = format!("`{}` needs up to {ROWS_MAX} rows, the last without `if`", shape.id);
            self.reader.fault("no-last-row", at, what, "the last row is for everybody else");
        }
        if let Some(row) = early {
            let what = format!("rows of `{}` after this one are never reached", shape.id);
            self.reader.fault("no-last-row", &row.span(), what, "only the last row has no `if`");
        }
        let rows = raw.rows.iter().map(|row| self.reader.row(shape, &row.span(), row.get_ref()));
        rows.collect()
    }

    /// A fact that can be entered; one written with `?` may be missing.
    fn fact_named(&mut self, name: &str, at: &Range<usize>) -> Option<FactIndex> {
        let (id, optional) = match name.strip_suffix('?') {
            Some(id) => (id, true),
            None => (name, false),
        };
        let found = self.guideline.entered_facts().find(|(_, fact)| fact.id == id);
        if found.is_none() && !optional {
            let ids = self.guideline.entered_facts().map(|(_, fact)| fact.id.as_str());
            let near = nearest(id, ids).map_or(String::new(), |near| format!(", perhaps `{near}`"));
            let what = format!("no fact called `{id}` can be entered{near}");
            let help = "correct the name, or write `?` after it if the guideline may lack it";
            self.reader.fault("unknown-fact", at, what, help);
        }
        found.map(|(fact, _)| fact)
    }

    fn name(&mut self, id: &str, at: &Range<usize>, taken: bool) {
        if !is_id(id) {
            let help = "use lower-case letters, digits and `_`, beginning with a letter";
            self.reader.fault("bad-id", at, format!("`{id}` is not an id"), help);
        }
        if taken {
            let what = format!("`{id}` stands twice, or is a fact");
            self.reader.fault("same-id-twice", at, what, "rename one of the two");
        }
    }

    fn unknown(
        &mut self,
        raw: &[Spanned<file::Unknown>],
    ) -> BTreeMap<cauda_guideline::facts::By, Vec<UnknownRow>> {
        let mut by_kind: BTreeMap<_, Vec<UnknownRow>> = BTreeMap::new();
        for row in raw {
            let (at, row) = (row.span(), row.get_ref());
            match row.by {
                Some(by) => {
                    let read = self.reader.unknown("unknown", &at, row);
                    by_kind.entry(by).or_default().push(read);
                }
                None => {
                    let what = "an `[[unknown]]` row does not say `by`".to_string();
                    self.reader.fault("bad-draw", &at, what, "write by = \"ask\" or another way");
                }
            }
        }
        by_kind
    }

    fn asked_together(&mut self, raw: &[Spanned<file::AskedTogether>]) -> Vec<Vec<FactIndex>> {
        let mut groups = Vec::new();
        let mut seen = BTreeSet::new();
        for group in raw {
            let (at, group) = (group.span(), group.get_ref());
            self.reader.basis("asked_together", &at, group.sources.clone(), group.why.clone());
            let facts: Vec<FactIndex> =
                group.facts.iter().filter_map(|name| self.fact_named(name, &at)).collect();
            for fact in &facts {
                if !seen.insert(*fact) {
                    let what = format!("`{}` is in two groups", self.guideline.facts[*fact].id);
                    self.reader.fault("same-id-twice", &at, what, "keep it in one");
                }
            }
            groups.push(facts);
        }
        groups
    }

    fn leaves(&mut self, raw: &Spanned<Vec<String>>) -> Vec<String> {
        for go in raw.get_ref() {
            if self.guideline.vocabulary.get("disposition", go).is_none() {
                let what = format!("no disposition is called `{go}`");
                self.reader.fault(
                    "unknown-value",
                    &raw.span(),
                    what,
                    "see vocabulary/disposition.toml",
                );
            }
        }
        raw.get_ref().clone()
    }

    fn ceiling(&mut self, raw: &Spanned<file::Ceiling>) -> Option<Ceiling> {
        let (at, raw) = (raw.span(), raw.get_ref());
        let step = raw.first_step.as_deref().map(|id| {
            let step = FirstStep::ALL.into_iter().find(|step| step.id() == id);
            step.ok_or_else(|| format!("`{id}` is no first step"))
        });
        let counts = match (step, &raw.needs, raw.undecided) {
            (Some(Err(why)), _, _) => Err(why),
            (Some(Ok(step)), None, false) if !raw.tiers.is_empty() => {
                Ok(Counts::FirstStep(step, raw.tiers.clone()))
            }
            (None, Some(page), false) => self.test_page(page).map(Counts::Needs),
            (None, None, true) => Ok(Counts::Undecided),
            _ => Err("say who counts in one way".to_string()),
        };
        let basis = self.reader.basis(&raw.id, &at, raw.sources.clone(), raw.why.clone());
        let most = self.reader.percent(&raw.id, &at, &raw.percent);
        match counts {
            Ok(counts) => {
                let (id, what) = (raw.id.clone(), raw.what.clone());
                Some(Ceiling { id, what, counts, most, basis })
            }
            Err(why) => {
                let help =
                    "`first_step` with `tiers`, or `needs` a page of tests/, or `undecided = true`";
                self.reader.fault("bad-ceiling", &at, format!("`{}`: {why}", raw.id), help);
                None
            }
        }
    }

    fn test_page(&self, page: &str) -> Result<String, String> {
        let pages = self.guideline.pages.iter().filter(|page| page.kind == PageKind::Test);
        let known = pages.map(|page| page.id.as_str()).find(|id| *id == page);
        known.map(str::to_string).ok_or_else(|| format!("there is no page `{page}`"))
    }
}

fn hash(text: &str) -> String {
    Folder { files: [("population".to_string(), text.to_string())].into() }.sha256()
}

impl Outcome {
    /// What it is drawn as, when `at` is a random number.
    pub(super) fn pick(self, at: u64) -> i64 {
        match self {
            Outcome::Value(value) => value as i64,
            Outcome::AtLeast(place) => place,
            // Whole steps are the even places.
            Outcome::Between(low, high) => {
                let steps = (high - low) / 2 + 1;
                low + 2 * (at % steps.unsigned_abs()) as i64
            }
        }
    }
}
