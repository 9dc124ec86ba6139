//! Every number of the model with where it is from, as Markdown: the table of
//! docs/population.md.

use std::fmt::Write;

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Source;

use super::premise::Premise;
use super::{Basis, Draw, Outcome, Population, Row, UnknownRow, rate};

/// The tables, one after the other.
pub fn markdown(guideline: &Guideline, population: &Population) -> String {
    let mut text = Text { guideline, population, out: String::new() };
    text.conditions();
    text.draws();
    text.unknown();
    text.ceilings();
    text.sources();
    text.out
}

struct Text<'a> {
    guideline: &'a Guideline,
    population: &'a Population,
    out: String,
}

impl Text<'_> {
    fn head(&mut self, title: &str, columns: &[&str]) {
        let rule = columns.iter().map(|_| "---").collect::<Vec<_>>().join("|");
        let _ = write!(self.out, "\n### {title}\n\n| {} |\n|{rule}|\n", columns.join(" | "));
    }

    fn line(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(self.out, "| {} |", cells.join(" | "));
    }

    fn conditions(&mut self) {
        self.head("What the patients have", &["condition", "%", "due", "from"]);
        for one in &self.population.conditions {
            let due = one.due.map_or("no page is meant to find it", |tier| tier.id());
            let name = format!("`{}`: {}", one.id, one.what);
            self.line(&[&name, &rate::text(one.share), due, &self.basis(&one.basis)]);
        }
    }

    fn draws(&mut self) {
        self.head("What follows from it", &["drawn", "if", "%", "from"]);
        let draws = &self.population.draws;
        for (at, draw) in draws.iter().enumerate() {
            // Facts of one list share their rows: they are told once.
            if at > 0 && same(&draws[at - 1], draw) {
                continue;
            }
            let alike = draws[at..].iter().take_while(|other| same(draw, other));
            let names: Vec<String> = alike.map(|draw| format!("`{}`", draw.id)).collect();
            for row in &draw.rows {
                let chances = self.chances(draw, row);
                self.line(&[
                    &names.join(", "),
                    &premises(&row.premises),
                    &chances,
                    &self.basis(&row.basis),
                ]);
            }
        }
        let (noise, basis) = (rate::text(self.population.noise), &self.population.noise_basis);
        let chances = format!("a danger sign {noise}");
        self.line(&["a fact not named here", "always", &chances, &self.basis(basis)]);
    }

    fn chances(&self, draw: &Draw, row: &Row) -> String {
        let chances =
            row.outcomes.iter().filter(|(chance, _)| *chance > 0).map(|(chance, outcome)| {
                format!("{} {}", self.outcome(draw, *outcome), rate::text(*chance))
            });
        chances.collect::<Vec<_>>().join("; ")
    }

    fn outcome(&self, draw: &Draw, outcome: Outcome) -> String {
        let quantity = draw.fact.and_then(|fact| self.guideline.facts[fact].quantity());
        match (outcome, quantity) {
            (Outcome::Value(value), _) => draw.values.get(value).cloned().unwrap_or_default(),
            (Outcome::AtLeast(place), Some(of)) => format!("at least {}", of.text(place)),
            (Outcome::Between(low, high), Some(of)) => of.interval_text(low, high),
            _ => String::new(),
        }
    }

    fn unknown(&mut self) {
        let columns = ["answer that cannot be had", "if", "%", "from"];
        self.head("What cannot be had", &columns);
        let draws = &self.population.draws;
        for (at, draw) in draws.iter().enumerate() {
            let first = at == 0 || !same(&draws[at - 1], draw);
            for row in draw.unknown.iter().filter(|_| first) {
                self.unknown_line(&format!("`{}`", draw.id), row);
            }
        }
        for (by, rows) in &self.population.unknown {
            for row in rows {
                self.unknown_line(&format!("any other fact by {by:?}").to_lowercase(), row);
            }
        }
    }

    fn unknown_line(&mut self, name: &str, row: &UnknownRow) {
        let parts =
            [("not known", row.not_known), ("declined", row.declined), ("unable", row.unable)];
        let parts = parts.iter().filter(|(_, share)| *share > 0);
        let parts: Vec<String> =
            parts.map(|(name, share)| format!("{name} {}", rate::text(*share))).collect();
        let parts = if parts.is_empty() { "never".to_string() } else { parts.join("; ") };
        self.line(&[name, &premises(&row.premises), &parts, &self.basis(&row.basis)]);
    }

    fn ceilings(&mut self) {
        self.head("Ceilings", &["ceiling", "% at most", "from"]);
        for one in &self.population.ceilings {
            let name = format!("`{}`: {}", one.id, one.what);
            self.line(&[&name, &rate::text(one.most), &self.basis(&one.basis)]);
        }
    }

    fn sources(&mut self) {
        self.head("Sources cited above", &["id", "read", "says"]);
        let mut cited: Vec<&String> = Vec::new();
        let population = self.population;
        let bases = population.conditions.iter().map(|one| &one.basis);
        let rows = population.draws.iter().flat_map(|draw| {
            let rows = draw.rows.iter().map(|row| &row.basis);
            rows.chain(draw.unknown.iter().map(|row| &row.basis))
        });
        let unknown = population.unknown.values().flatten().map(|row| &row.basis);
        let ceilings = population.ceilings.iter().map(|one| &one.basis);
        for basis in bases.chain(rows).chain(unknown).chain(ceilings) {
            cited.extend(&basis.sources);
        }
        cited.sort_unstable();
        cited.dedup();
        for id in cited {
            if let Some(source) = self.source(id) {
                let (read, says) = (source.read.words().to_string(), source.says.clone());
                self.line(&[&format!("`{id}`"), &read, &says]);
            }
        }
    }

    fn source(&self, id: &str) -> Option<&Source> {
        self.guideline.sources.get(id).or_else(|| self.population.sources.get(id))
    }

    fn basis(&self, basis: &Basis) -> String {
        let from = match basis.sources.as_slice() {
            [] => "(judgement)".to_string(),
            sources => {
                let ids: Vec<String> = sources.iter().map(|id| format!("`{id}`")).collect();
                ids.join(", ")
            }
        };
        if basis.why.is_empty() { from } else { format!("{from} {}", basis.why) }
    }
}

fn premises(premises: &[Premise]) -> String {
    if premises.is_empty() {
        return "else".to_string();
    }
    let texts: Vec<&str> = premises.iter().map(|premise| premise.text.as_str()).collect();
    texts.join(", and ")
}

/// Whether two draws stand in one list of facts.
fn same(left: &Draw, right: &Draw) -> bool {
    left.list == right.list
}
