//! `cauda verify`: the safety properties, each with its time, and the patient
//! that breaks it.

use std::fmt::Write;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use cauda_guideline::load;
use cauda_proof::counterexample::Story;
use cauda_proof::properties::{Checked, Outcome};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, accept, check_all};
use serde::Serialize;

use crate::args::Verify;
use crate::error::CliError;
use crate::{folder, guideline, story};

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

#[derive(Serialize)]
struct Shown {
    id: &'static str,
    sentence: &'static str,
    outcome: &'static str,
    questions: u64,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patients: Vec<Patient>,
}

#[derive(Serialize)]
struct Patient {
    facts: Vec<String>,
    all_else: &'static str,
    case: String,
    answer: String,
}

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A folder that cannot be read or has faults.
pub fn run(args: &Verify) -> Result<u8, CliError> {
    let guideline = match &args.dir {
        Some(dir) => guideline::checked(dir)?,
        None => {
            let (guideline, _) = load(&folder::shipped()).map_err(|faults| {
                CliError::Internal(format!("the shipped guideline has {} faults", faults.len()))
            })?;
            guideline
        }
    };
    let mut solvers = vec![Which::Batsat];
    if args.second_solver {
        solvers.push(Which::Varisat);
    }
    let effort = Effort { solvers, random_patients: args.patients, seed: args.seed };
    let begun = Instant::now();
    let mut last = begun;
    let mut shown = Vec::new();
    let report = check_all(&guideline, &effort, &mut |checked| {
        let seconds = last.elapsed().as_secs_f64();
        last = Instant::now();
        if args.json {
            shown.push(json(checked, seconds));
        } else {
            crate::out::print(&line(checked, seconds));
        }
    });
    if args.json {
        let text = serde_json::to_string_pretty(&shown)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    }
    let title = format!("{} {} {}", guideline.id, guideline.version, &guideline.sha256[..12]);
    let Ok(proved) = accept(guideline, &report) else {
        if !args.json {
            crate::out::line(&format!("{RED}refused{RED:#}: {title} may not be used"));
        }
        return Ok(1);
    };
    if let Some(file) = &args.write_receipt {
        folder::replace(file, &proved.receipt().write())?;
    }
    if !args.json {
        crate::out::line(&format!(
            "{GREEN}proved{GREEN:#}: {title} in {:.3} s",
            begun.elapsed().as_secs_f64()
        ));
    }
    Ok(0)
}

fn line(checked: &Checked, seconds: f64) -> String {
    let (style, word) = match &checked.outcome {
        Outcome::Holds => (GREEN, "holds"),
        Outcome::Broken(_) => (RED, "BROKEN"),
        Outcome::Failed(_) => (RED, "FAILED"),
    };
    let unit = if checked.id == "SP12" { "patients" } else { "questions" };
    let mut text = format!(
        "{:5} {style}{word:6}{style:#} {:>8} {unit:9} {:>7.3} s  {DIM}{}{DIM:#}\n",
        checked.id, checked.questions, seconds, checked.sentence
    );
    match &checked.outcome {
        Outcome::Holds => {}
        Outcome::Broken(counterexample) => text.push_str(&story::told(counterexample)),
        Outcome::Failed(why) => {
            let _ = writeln!(text, "      {why}");
        }
    }
    text
}

fn json(checked: &Checked, seconds: f64) -> Shown {
    let (outcome, why, stories) = match &checked.outcome {
        Outcome::Holds => ("holds", None, Vec::new()),
        Outcome::Broken(found) => {
            let stories = std::iter::once(&found.first).chain(&found.second).map(patient).collect();
            ("broken", Some(found.what.clone()), stories)
        }
        Outcome::Failed(why) => ("failed", Some(why.clone()), Vec::new()),
    };
    Shown {
        id: checked.id,
        sentence: checked.sentence,
        outcome,
        questions: checked.questions,
        seconds,
        why,
        patients: stories,
    }
}

fn patient(story: &Story) -> Patient {
    Patient {
        facts: story.facts.clone(),
        all_else: story.all_else,
        case: story.case.clone(),
        answer: story.answer.clone(),
    }
}
