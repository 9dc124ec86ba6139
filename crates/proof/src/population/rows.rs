//! Rows of the population file: chances, outcomes, and where they are from.

use std::ops::Range;

use cauda_guideline::diagnostic::Diagnostic;
use cauda_guideline::facts::{Kind, Quantity};

use super::file;
use super::premise::{Known, Premise};
use super::rate::{self, Millionths, WHOLE};
use super::{Basis, Outcome, Row, UnknownRow, VALUES_MAX};

/// What the reading of rows needs to know, and where it tells its faults.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    /// What was drawn before.
    pub(super) known: Vec<Known<'a>>,
    /// Every source that may be cited.
    pub(super) sources: Vec<&'a str>,
    /// Those that were.
    pub(super) cited: Vec<String>,
    pub(super) faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Tells a fault.
    pub(super) fn fault(
        &mut self,
        code: &'static str,
        at: &Range<usize>,
        what: String,
        help: &str,
    ) {
        self.faults.push(Diagnostic::error(code, self.file, at.clone(), what).help(help));
    }

    /// Where a number is from: a source, or a reason.
    pub(super) fn basis(
        &mut self,
        of: &str,
        at: &Range<usize>,
        sources: Vec<String>,
        why: String,
    ) -> Basis {
        if sources.is_empty() && why.trim().is_empty() {
            let what = format!("a number of `{of}` has neither source nor reason");
            self.fault(
                "number-without-source",
                at,
                what,
                "add `sources`, or say in `why` why you judge so",
            );
        }
        for source in &sources {
            if !self.sources.contains(&source.as_str()) {
                let what = format!("`{of}` cites `{source}`, which is not listed");
                let help = "list it in sources.toml of the guideline, or as `[source.<id>]` here";
                self.fault("unknown-source", at, what, help);
            }
        }
        self.cited.extend(sources.iter().cloned());
        Basis { sources, why }
    }

    /// A percentage.
    pub(super) fn percent(&mut self, of: &str, at: &Range<usize>, text: &str) -> Millionths {
        rate::percent(text).unwrap_or_else(|| {
            let what = format!("`{of}`: `{text}` is not a percentage");
            self.fault(
                "bad-percent",
                at,
                what,
                "write 0 to 100 with at most four decimals, in quotes",
            );
            0
        })
    }

    fn premises(&mut self, of: &str, at: &Range<usize>, texts: &[String]) -> Vec<Premise> {
        let mut premises = Vec::new();
        for text in texts {
            match Premise::parse(text, &self.known) {
                Ok(premise) => premises.push(premise),
                Err(why) => self.fault(
                    "bad-premise",
                    at,
                    format!("`{of}`, `{text}`: {why}"),
                    "a row may look at the condition and at what stands above it",
                ),
            }
        }
        premises
    }

    /// One row of something with these values or this grid.
    pub(super) fn row(&mut self, of: &Shape<'_>, at: &Range<usize>, raw: &file::Row) -> Row {
        let premises = self.premises(of.id, at, &raw.premises);
        let basis = self.basis(of.id, at, raw.sources.clone(), raw.why.clone());
        let mut outcomes = Vec::new();
        let mut sum: Millionths = 0;
        for (name, percent) in &raw.percent {
            let chance = self.percent(of.id, at, percent);
            sum = sum.saturating_add(chance);
            match of.outcome(name) {
                Ok(outcome) => outcomes.push((chance, outcome)),
                Err(why) => self.fault("unknown-value", at, why, "correct the value or the number"),
            }
        }
        let rest = WHOLE.saturating_sub(sum);
        match of.rest {
            _ if sum > WHOLE => {
                let what = format!("a row of `{}` adds up to {} percent", of.id, rate::text(sum));
                self.fault("not-a-whole", at, what, "make its percentages add up to at most 100");
            }
            // Even when nothing is left: the clear value always comes last.
            Some(value) => outcomes.push((rest, Outcome::Value(value))),
            None if rest > 0 => {
                let what = format!("a row of `{}` adds up to {} percent", of.id, rate::text(sum));
                self.fault("not-a-whole", at, what, "numbers have no rest: make it 100");
            }
            _ => {}
        }
        Row { premises, outcomes, basis }
    }

    /// One row of answers that cannot be had.
    pub(super) fn unknown(
        &mut self,
        of: &str,
        at: &Range<usize>,
        raw: &file::Unknown,
    ) -> UnknownRow {
        let premises = self.premises(of, at, &raw.premises);
        let basis = self.basis(of, at, raw.sources.clone(), raw.why.clone());
        let mut one = |text: &Option<String>| match text {
            Some(text) => self.percent(of, at, text),
            None => 0,
        };
        let (not_known, declined) = (one(&raw.not_known), one(&raw.declined));
        let unable = one(&raw.unable);
        if not_known + declined + unable > WHOLE {
            let what =
                format!("answers of `{of}` that cannot be had add up to more than 100 percent");
            self.fault("not-a-whole", at, what, "lower one of them");
        }
        UnknownRow { premises, not_known, declined, unable, basis }
    }
}

/// What a draw can be.
pub(super) struct Shape<'a> {
    pub(super) id: &'a str,
    /// Its values, where they have names.
    pub(super) values: &'a [String],
    /// Its grid, where it is a number.
    pub(super) quantity: Option<&'a Quantity>,
    /// The value that takes what a row leaves.
    pub(super) rest: Option<usize>,
}

impl<'a> Shape<'a> {
    /// Of a fact.
    pub(super) fn of_fact(id: &'a str, kind: &'a Kind) -> Shape<'a> {
        match kind {
            Kind::Named { values, clear, .. } => {
                Shape { id, values, quantity: None, rest: Some(*clear) }
            }
            Kind::Quantity(quantity) => {
                Shape { id, values: &[], quantity: Some(quantity), rest: None }
            }
        }
    }

    /// Of something nobody sees: the first value takes the rest.
    pub(super) fn hidden(id: &'a str, values: &'a [String]) -> Shape<'a> {
        Shape { id, values, quantity: None, rest: Some(0) }
    }

    fn outcome(&self, name: &str) -> Result<Outcome, String> {
        let Some(quantity) = self.quantity else {
            let value = self.values.iter().take(VALUES_MAX).position(|value| value == name);
            return value.map(Outcome::Value).ok_or_else(|| {
                format!("`{}` is never `{name}`; it is {}", self.id, self.values.join(", "))
            });
        };
        let place = |text: &str| quantity.place(text.trim(), Some(&quantity.unit));
        if let Some(least) = name.strip_prefix("at least ") {
            return place(least).map(Outcome::AtLeast);
        }
        let (low, high) = name.split_once(" to ").unwrap_or((name, name));
        let (low, high) = (place(low)?, place(high)?);
        let on_grid = low % 2 == 0 && high % 2 == 0;
        if low > high || !on_grid {
            return Err(format!("`{name}` of `{}` is no range of whole steps", self.id));
        }
        Ok(Outcome::Between(low, high))
    }
}
