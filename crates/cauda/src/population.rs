//! `cauda verify --population`: generated patients through the guideline, and
//! what came out beside the ceilings.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use cauda_guideline::{Folder, Guideline};
use cauda_proof::population::report::{CeilingLine, ConditionLine, Share, Size};
use cauda_proof::population::{FILE_BYTES_MAX, Population, Report, numbers, read, run as count};

use crate::args::Verify;
use crate::error::CliError;
use crate::{folder, guideline};

/// The model of the guideline inside the program.
const SHIPPED: &str = include_str!("../../../guidelines/back_pain.population.toml");
const SHIPPED_NAME: &str = "back_pain.population.toml";

/// Most patients interviewed question by question; the rest are only decided.
const INTERVIEWS: u64 = 2_000;

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Runs the command; the number is the exit code, 1 when a ceiling is broken.
///
/// # Errors
/// A model that cannot be read or has faults, which are shown.
pub fn run(args: &Verify, guideline: &Guideline, patients: u64) -> Result<u8, CliError> {
    let population = model(args, guideline)?;
    if args.numbers {
        crate::out::print(&numbers::markdown(guideline, &population));
        return Ok(0);
    }
    let population = population.with_noise(args.noise);
    let size = Size { patients, interviews: patients.min(INTERVIEWS), seed: args.seed };
    let report = count(guideline, &population, size);
    if args.json {
        let text = serde_json::to_string_pretty(&report)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    } else {
        crate::out::print(&text(guideline, &population, &report, args.noise));
    }
    Ok(u8::from(!report.holds()))
}

fn model(args: &Verify, guideline: &Guideline) -> Result<Population, CliError> {
    let beside = args.dir.as_deref().and_then(beside).filter(|file| file.is_file());
    let (place, name, text) = match args.model.as_ref().or(beside.as_ref()) {
        Some(file) => {
            let place = file.parent().map_or_else(PathBuf::new, Path::to_path_buf);
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            let text = folder::read_text(file, FILE_BYTES_MAX)?;
            (place, name.unwrap_or_else(|| SHIPPED_NAME.to_string()), text)
        }
        None => (PathBuf::from("guidelines"), SHIPPED_NAME.to_string(), SHIPPED.to_string()),
    };
    read(guideline, &name, &text).map_err(|faults| {
        let files = Folder { files: [(name.clone(), text.clone())].into() };
        guideline::show_faults(&files, &place, &faults);
        CliError::Guideline(place.join(&name))
    })
}

/// `DIR.population.toml`.
fn beside(dir: &Path) -> Option<PathBuf> {
    let name = format!("{}.population.toml", dir.file_name()?.to_str()?);
    Some(dir.with_file_name(name))
}

fn text(guideline: &Guideline, population: &Population, report: &Report, noise: u32) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{BOLD}{}{BOLD:#}, edition {} of the model: a model, not evidence",
        population.title, report.edition
    );
    let _ = writeln!(
        out,
        "{} patients, seed {}; guideline {} {} {}; limits are 95 % (Wilson)",
        report.patients,
        report.seed,
        guideline.id,
        guideline.version,
        &report.guideline_sha256[..12]
    );
    if noise != 100 {
        let _ = writeln!(out, "danger signs of everybody else scaled to {noise} %");
    }
    ceilings(&mut out, report);
    shares(&mut out, report);
    conditions(&mut out, report);
    pages(&mut out, report);
    effort(&mut out, report);
    if !report.not_in_the_model.is_empty() {
        head(&mut out, "FACTS THE MODEL DOES NOT NAME, taken as clear");
        let _ = writeln!(out, "{}", report.not_in_the_model.join(", "));
    }
    let broken = report.ceilings.iter().filter(|ceiling| !ceiling.holds).count();
    let _ = match broken {
        0 => writeln!(out, "\n{GREEN}within{GREEN:#}: no ceiling is broken"),
        1 => writeln!(out, "\n{RED}broken{RED:#}: 1 ceiling"),
        _ => writeln!(out, "\n{RED}broken{RED:#}: {broken} ceilings"),
    };
    out
}

fn head(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{BOLD}{title}{BOLD:#}");
}

fn share(share: &Share) -> String {
    format!("{:6.2} % {:>15}", share.percent, format!("{:.2} to {:.2}", share.low, share.high))
}

fn ceilings(out: &mut String, report: &Report) {
    head(out, "CEILINGS (local)");
    for ceiling in &report.ceilings {
        let (style, word) = if ceiling.holds { (GREEN, "within") } else { (RED, "BROKEN") };
        let _ = writeln!(
            out,
            "{style}{word:7}{style:#} {:38} {}   at most {} %",
            ceiling.what,
            share(&ceiling.share),
            ceiling.most
        );
        causes(out, ceiling);
    }
}

fn causes(out: &mut String, ceiling: &CeilingLine) {
    for cause in &ceiling.causes {
        let name = match cause.id.as_str() {
            "several" => "several concerns together".to_string(),
            id => format!("{id} alone"),
        };
        let _ = writeln!(out, "{DIM}          {name:36} {:6.2} %{DIM:#}", cause.share.percent);
    }
    if !ceiling.signs.is_empty() && !ceiling.holds {
        let signs: Vec<String> = ceiling
            .signs
            .iter()
            .map(|sign| format!("{} {:.2}", sign.id, sign.share.percent))
            .collect();
        let _ = writeln!(
            out,
            "{DIM}          danger signs of those who count and are not seriously ill, in %:\n          \
             {}{DIM:#}",
            signs.join(", ")
        );
    }
}

fn shares(out: &mut String, report: &Report) {
    head(out, "TIERS ACTED ON");
    for line in &report.tiers {
        let _ = writeln!(out, "{:46} {}", line.id, share(&line.share));
    }
    head(out, "DISPOSITIONS");
    for line in &report.dispositions {
        let _ = writeln!(out, "{:46} {}", line.id, share(&line.share));
    }
    let _ = writeln!(out, "{:46} {}", "at least one danger sign", share(&report.any_danger_sign));
}

fn conditions(out: &mut String, report: &Report) {
    head(out, "WHAT THE PATIENTS HAVE, and whether the tier that is due was reached");
    let _ = writeln!(
        out,
        "{DIM}{:24} {:>9} {:>10} {:>8} {:>15} {:>6} {:>9} {:>6} {:>7}{DIM:#}",
        "", "patients", "due", "reached", "", "stays", "undecided", "leaves", "MRI"
    );
    for line in &report.conditions {
        let _ = writeln!(out, "{}", condition(line));
    }
    let _ = writeln!(
        out,
        "{DIM}leaves: below the tier that is due and out of the department, so missed{DIM:#}"
    );
}

fn condition(line: &ConditionLine) -> String {
    let mri = line.mri.percent;
    let Some(due) = line.due else {
        return format!("{:24} {:>9} {:>10} {:>58.2} %", line.id, line.patients, "-", mri);
    };
    format!(
        "{:24} {:>9} {:>10} {:>24} {:>6} {:>9} {:>6} {:>6.2} %",
        line.id,
        line.patients,
        due.id(),
        share(&line.found),
        line.stays,
        line.undecided,
        line.leaves,
        mri
    )
}

fn pages(out: &mut String, report: &Report) {
    head(
        out,
        "PAGES: raised in; alone the cause of urgency and first step; of those raised, seriously ill",
    );
    for line in &report.pages {
        let _ = writeln!(
            out,
            "{:44} {:>10} {:>10} {:6.2} % {:6.2} % {:6.1} %",
            line.id,
            line.tier.id(),
            line.first_step,
            line.raised.percent,
            line.alone.percent,
            line.serious.percent
        );
    }
}

fn effort(out: &mut String, report: &Report) {
    let title = format!(
        "TO A DECISION: the first {} patients, asked in the engine's order (median, 90th, 99th)",
        report.interviews.of
    );
    head(out, &title);
    for line in &report.effort {
        let three =
            |numbers: [u32; 3]| format!("{:>4} {:>4} {:>4}", numbers[0], numbers[1], numbers[2]);
        let _ = writeln!(
            out,
            "{:34} {:>7} patients   actions {}   facts {}",
            line.id,
            line.patients,
            three(line.actions),
            three(line.questions)
        );
    }
}
