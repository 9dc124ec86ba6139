//! Shares of states as people read them, and `cauda verify --shares`.

use std::fmt::Write;

use anstyle::Style;
use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Tier;
use cauda_proof::diagram::DiagramError;
use cauda_proof::shares::{CLEAR_IN_HUNDRED, Counted, Share, Shares, Weighting};
use serde::Serialize;

use crate::error::CliError;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// One share in every weighting.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InEach {
    /// Every fact known and nearly always clear.
    pub nearly_clear: f64,
    /// Every fact known, each of its values as likely.
    pub all_known: f64,
    /// Every state once.
    pub all_states: f64,
}

impl InEach {
    /// Of shares in the order of [`Weighting::ALL`].
    pub fn new(shares: [&Share; 3]) -> InEach {
        let [all_states, all_known, nearly_clear] = shares.map(Share::ratio);
        InEach { nearly_clear, all_known, all_states }
    }

    /// The three columns, under [`COLUMNS`].
    pub fn columns(&self) -> String {
        let columns = [self.nearly_clear, self.all_known, self.all_states].map(words);
        let [clear, known, all] = columns;
        format!("{clear:>14}{known:>16}{all:>16}")
    }
}

/// Heads of the three columns.
pub const COLUMNS: &str = "  nearly clear       all known      all states";

/// What the columns mean.
pub fn legend(has_unknowns: bool) -> String {
    let mut text = format!(
        "These are shares of possible states, not of the patients who come.\n\
         nearly clear: everything is known, and each fact is at its clear value in \
         {CLEAR_IN_HUNDRED} of 100;\n\
         all known: everything is known, and each value of a fact is as likely as another;\n\
         all states: as before, and a fact may also be not asked, or asked and not to be had.\n\
         Facts count as independent. 10^-9 means one state in a thousand million."
    );
    if !has_unknowns {
        text.push('\n');
        text.push_str(KNOWN_ONLY);
    }
    text
}

/// What is said when states with unknown facts are too many to count.
pub const KNOWN_ONLY: &str = "Only states in which everything is known and no scan has reported: with \
the others there\nare too many to count, and the last column is like the one before. The proofs cover them.";

/// A share in words.
pub fn words(ratio: f64) -> String {
    match ratio {
        ratio if ratio <= 0.0 => "none".to_string(),
        ratio if ratio >= 1.0 => "all".to_string(),
        ratio if ratio > 0.999_5 => "over 99.9 %".to_string(),
        ratio if ratio >= 0.000_95 => format!("{:.1} %", ratio * 100.0),
        ratio if ratio >= 1e-6 => format!("1 in {}", thousands((1.0 / ratio).round() as u64)),
        ratio => format!("10^{}", ratio.log10().round() as i64),
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Why states could not be counted, for the person at the keyboard.
pub fn uncounted(error: DiagramError) -> CliError {
    match error {
        DiagramError::TooLarge | DiagramError::Space(_) => CliError::Argument {
            message: error.to_string(),
            help: "the text of the pages and the proofs are not affected".to_string(),
        },
        DiagramError::Disagrees | DiagramError::FreeVariable(_) => {
            CliError::Internal(error.to_string())
        }
    }
}

/// The shares of a guideline.
#[derive(Debug, Serialize)]
pub struct Shown {
    facts: usize,
    states: String,
    has_unknowns: bool,
    largest_diagram_nodes: usize,
    nodes_kept_at_once: usize,
    dispositions: Vec<Row>,
    acted_on: Vec<Row>,
    at_least: Vec<Row>,
    decided: InEach,
}

#[derive(Debug, Serialize)]
struct Row {
    /// No id is "cannot decide yet".
    id: Option<String>,
    staff: String,
    share: InEach,
}

/// Counts the states of a guideline.
///
/// # Errors
/// When there are too many decisions to count.
pub fn count(guideline: &Guideline) -> Result<Shown, CliError> {
    let counted = Counted::new(guideline).map_err(uncounted)?;
    let mut shares = Vec::new();
    for weighting in Weighting::ALL {
        shares.push(counted.shares(weighting).map_err(uncounted)?);
    }
    let [all_states, all_known, nearly_clear] = shares.as_slice() else {
        return Err(CliError::Internal("three weightings give three tables".into()));
    };
    let each = [all_states, all_known, nearly_clear];
    let disposition = |at: usize| {
        let id = all_states.dispositions[at].0.clone();
        let phrase = id.as_ref().and_then(|id| guideline.vocabulary.get("disposition", id));
        let staff = phrase.map_or("Cannot decide yet".into(), |phrase| phrase.staff.clone());
        Row { id, staff, share: InEach::new(each.map(|shares| &shares.dispositions[at].1)) }
    };
    let tier = |tier: Tier, of: fn(&Shares) -> &[Share; 6]| Row {
        id: Some(tier.id().to_string()),
        staff: tier.id().to_string(),
        share: InEach::new(each.map(|shares| &of(shares)[tier as usize])),
    };
    let tiers = |of: fn(&Shares) -> &[Share; 6]| {
        Tier::ALL.into_iter().rev().map(|at| tier(at, of)).collect::<Vec<Row>>()
    };
    Ok(Shown {
        facts: counted.facts,
        states: counted.states.to_string(),
        has_unknowns: counted.has_unknowns,
        largest_diagram_nodes: counted.largest,
        nodes_kept_at_once: counted.kept,
        dispositions: (0..all_states.dispositions.len()).map(disposition).collect(),
        acted_on: tiers(|shares| &shares.acted),
        at_least: tiers(|shares| &shares.at_least),
        decided: InEach::new(each.map(|shares| &shares.decided)),
    })
}

/// A number of states, as a power of ten when it is long.
pub fn power(states: &str) -> String {
    match states.len() {
        0..=9 => states.to_string(),
        digits => format!("{}.{} × 10^{}", &states[..1], &states[1..2], digits - 1),
    }
}

impl Shown {
    /// As a table.
    pub fn text(&self) -> String {
        let mut text = format!(
            "\n{BOLD}SHARES{BOLD:#}  {} facts, {} states\n{DIM}{:48}{COLUMNS}{DIM:#}\n",
            self.facts,
            power(&self.states),
            ""
        );
        let mut table = |head: &str, rows: &[Row]| {
            let _ = writeln!(text, "{BOLD}{head}{BOLD:#}");
            for row in rows {
                let _ = writeln!(text, "  {:46}{}", row.staff, row.share.columns());
            }
        };
        table("Where the patient goes", &self.dispositions);
        table("Urgency acted on", &self.acted_on);
        table("Urgency at least, if every unknown reassures", &self.at_least);
        let _ =
            writeln!(text, "{:48}{}", "Decided: no answer can change it", self.decided.columns());
        let _ = writeln!(text, "{DIM}{}{DIM:#}\n", legend(self.has_unknowns));
        text
    }
}
