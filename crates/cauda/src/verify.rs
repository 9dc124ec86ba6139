//! `cauda verify`: the safety properties, each with its time, and the patient
//! that breaks it.

mod against;

use std::fmt::Write;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use cauda_guideline::site::{Choice, option_folder};
use cauda_guideline::{Guideline, load_checked};
use cauda_proof::counterexample::Story;
use cauda_proof::properties::{Checked, Outcome};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, accept, check_all};
use serde::Serialize;

use crate::args::Verify;
use crate::error::CliError;
use crate::{folder, guideline, population, shares, story};

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
    let guideline = guideline::chosen(args.dir.as_deref(), args.site.as_deref())?;
    if let Some(patients) = args.population {
        return population::run(args, &guideline, patients);
    }
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
    let mut refined = true;
    if let Some(old) = &args.against {
        let begun = Instant::now();
        let checked = against::check(args.dir.as_deref(), old, &guideline)?;
        let seconds = begun.elapsed().as_secs_f64();
        refined = checked.outcome == Outcome::Holds;
        if args.json {
            shown.push(json(&checked, seconds));
        } else {
            crate::out::print(&line(&checked, seconds));
        }
    }
    let counted = args.shares.then(|| shares::count(&guideline)).transpose()?;
    if let (false, Some(counted)) = (args.json, &counted) {
        crate::out::print(&counted.text());
    }
    if args.json {
        let text = match &counted {
            None => serde_json::to_string_pretty(&shown),
            Some(counted) => serde_json::to_string_pretty(
                &serde_json::json!({ "properties": shown, "shares": counted }),
            ),
        };
        let text = text.map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    }
    let title = format!("{} {} {}", guideline.id, guideline.version, &guideline.sha256[..12]);
    let options = options(&guideline, &effort);
    if !args.json {
        for (id, broken) in &options {
            let (style, text) = match broken.as_str() {
                "" => (GREEN, "every property holds with it"),
                broken => (RED, broken),
            };
            crate::out::line(&format!("option `{id}`: {style}{text}{style:#}"));
        }
    }
    let options_hold = options.iter().all(|(_, broken)| broken.is_empty());
    let proved = accept(guideline, &report).ok().filter(|_| refined && options_hold);
    let Some(proved) = proved else {
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

/// Each option a site may turn on, with the properties it breaks.
pub fn options(guideline: &Guideline, effort: &Effort) -> Vec<(String, String)> {
    let options = guideline.policies.iter().filter(|policy| policy.choice == Choice::Option);
    let tried = options.map(|policy| {
        let with = option_folder(guideline, &policy.id).and_then(|folder| load_checked(&folder));
        let broken = match with {
            Err(_) => "the folder has faults with it".to_string(),
            Ok(with) => {
                let report = check_all(&with, effort, &mut |_| ());
                let broken = report.checked().iter().filter(|one| one.outcome != Outcome::Holds);
                let ids: Vec<&str> = broken.map(|one| one.id).collect();
                if ids.is_empty() { String::new() } else { format!("breaks {}", ids.join(", ")) }
            }
        };
        (policy.id.clone(), broken)
    });
    tried.collect()
}

fn line(checked: &Checked, seconds: f64) -> String {
    let (style, word) = match &checked.outcome {
        Outcome::Holds => (GREEN, "holds"),
        Outcome::Broken(_) | Outcome::Refuted(_) => (RED, "BROKEN"),
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
        Outcome::Refuted(sentences) => {
            for sentence in sentences {
                let _ = writeln!(text, "      {sentence}");
            }
        }
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
        Outcome::Refuted(sentences) => ("broken", Some(sentences.join("; ")), Vec::new()),
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
