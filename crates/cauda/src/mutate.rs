//! `cauda mutate`: which small edits of a guideline would nobody notice? Each
//! survivor is told with the patient it harms and the line that would catch it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use cauda_proof::mutation::{Campaign, Fate, KILLED_PERCENT_MIN, Mutant, Survivors};
use serde::Serialize;

use crate::args::Mutate;
use crate::error::CliError;
use crate::{folder, guideline};

const GREEN: Style = AnsiColor::Green.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Largest list of survivors in bytes.
const SURVIVORS_BYTES_MAX: usize = 1024 * 1024;
/// Most mutants judged at once.
const THREADS_MAX: usize = 16;

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    operator: &'a str,
    fate: &'static str,
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A folder or list of survivors that cannot be read or has faults.
pub fn run(args: &Mutate) -> Result<u8, CliError> {
    let files = match &args.site {
        None => folder::read(&args.dir)?,
        Some(site) => guideline::chosen(Some(&args.dir), Some(site))?.folder,
    };
    let campaign = Campaign::new(&files).map_err(|faults| {
        guideline::show_faults(&files, &args.dir, &faults);
        CliError::Guideline(args.dir.clone())
    })?;
    let survivors = survivors(&args.dir)?;
    let count = if args.all { usize::MAX } else { args.sample };
    let named = files_named(&args.pages);
    let chosen = campaign.sample(args.seed, count, &named);
    let begun = Instant::now();
    let fates = judged(&campaign, &chosen);
    let judged: Vec<(&Mutant, Fate)> = chosen.into_iter().zip(fates).collect();
    let outcome = Outcome::new(&judged, &survivors, args);
    if args.json {
        let shown: Vec<Shown> =
            judged.iter().map(|(mutant, fate)| shown(mutant, fate, &survivors)).collect();
        let text = serde_json::to_string_pretty(&shown)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    } else if args.lines {
        crate::out::print(&missing_lines(&judged, &survivors));
    } else {
        let seconds = begun.elapsed().as_secs_f64();
        crate::out::print(&told(&judged, &survivors, &outcome, seconds));
    }
    Ok(u8::from(!outcome.is_good()))
}

/// Files of the pages named: `red_flags/cauda_equina`, with or without its
/// ending, also behind the path of the folder as git prints it.
fn files_named(pages: &[String]) -> Vec<String> {
    let inside = |page: &str| -> String {
        let mut parts: Vec<&str> = page.split('/').collect();
        let keep = parts.len().saturating_sub(2);
        parts.drain(..keep);
        parts.join("/")
    };
    let endings = |page: String| -> Vec<String> {
        match page.contains('.') {
            true => vec![page],
            false => vec![format!("{page}.md"), format!("{page}.toml")],
        }
    };
    pages.iter().map(|page| inside(page)).flat_map(endings).collect()
}

/// The list beside the folder: `back_pain.survivors.toml`; none is an empty one.
fn survivors(dir: &Path) -> Result<Survivors, CliError> {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".survivors.toml");
    let path: PathBuf = dir.with_file_name(name);
    if !path.exists() {
        return Ok(Survivors::default());
    }
    let text = folder::read_text(&path, SURVIVORS_BYTES_MAX)?;
    Survivors::read(&text).map_err(|why| CliError::Unreadable { path, why })
}

/// Judges every mutant, on every core.
fn judged(campaign: &Campaign, mutants: &[&Mutant]) -> Vec<Fate> {
    let next = AtomicUsize::new(0);
    let fates: Mutex<Vec<Option<Fate>>> = Mutex::new(vec![None; mutants.len()]);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(at) else { return };
                    let fate = campaign.judge(mutant);
                    if let Ok(mut fates) = fates.lock() {
                        fates[at] = Some(fate);
                    }
                }
            });
        }
    });
    let fates = fates.into_inner().unwrap_or_default();
    fates.into_iter().map(|fate| fate.unwrap_or(Fate::Survivor(None))).collect()
}

/// What the campaign comes to.
struct Outcome {
    killed: usize,
    equivalent: usize,
    /// Survivors on the list.
    listed: usize,
    /// Survivors that are not.
    unlisted: usize,
    /// On the list and not alive; known only when all were judged.
    stale: Vec<String>,
    share_counts: bool,
}

impl Outcome {
    fn new(judged: &[(&Mutant, Fate)], survivors: &Survivors, args: &Mutate) -> Outcome {
        let all = args.all;
        let is_alive = |fate: &Fate| matches!(fate, Fate::Survivor(_));
        let alive: Vec<&str> = judged
            .iter()
            .filter(|(_, fate)| is_alive(fate))
            .map(|(mutant, _)| mutant.id.as_str())
            .collect();
        let listed = alive.iter().filter(|id| survivors.why(id).is_some()).count();
        Outcome {
            killed: judged.iter().filter(|(_, fate)| fate.is_killed()).count(),
            equivalent: judged.iter().filter(|(_, fate)| *fate == Fate::Equivalent).count(),
            listed,
            unlisted: alive.len() - listed,
            stale: if all { survivors.stale(&alive) } else { Vec::new() },
            share_counts: all,
        }
    }

    /// Killed and alive; what changes nothing does not count.
    fn counted(&self) -> usize {
        self.killed + self.listed + self.unlisted
    }

    fn is_good(&self) -> bool {
        let share = self.killed * 100 >= KILLED_PERCENT_MIN * self.counted();
        self.unlisted == 0 && self.stale.is_empty() && (share || !self.share_counts)
    }
}

fn shown<'a>(mutant: &'a Mutant, fate: &'a Fate, survivors: &'a Survivors) -> Shown<'a> {
    let (name, by, line) = match fate {
        Fate::Check(code) => ("check", Some(*code), None),
        Fate::Case(file) => ("case", Some(file.as_str()), None),
        Fate::Proof(property) => ("proof", Some(*property), None),
        Fate::Equivalent => ("equivalent", None, None),
        Fate::Survivor(line) => ("survivor", None, line.as_ref()),
    };
    Shown {
        id: &mutant.id,
        operator: mutant.operator,
        fate: name,
        by,
        file: line.map(|line| line.file.as_str()),
        line: line.map(|line| line.text.as_str()),
        why: survivors.why(&mutant.id).filter(|_| matches!(fate, Fate::Survivor(_))),
    }
}

fn told(
    judged: &[(&Mutant, Fate)],
    survivors: &Survivors,
    outcome: &Outcome,
    seconds: f64,
) -> String {
    let mut text = String::new();
    for (mutant, fate) in judged {
        let Fate::Survivor(line) = fate else { continue };
        let known = survivors.why(&mutant.id);
        let style = if known.is_some() { DIM } else { RED };
        let _ = writeln!(text, "{style}survives{style:#} {}", mutant.id);
        match (known, line) {
            (Some(why), _) => {
                let _ = writeln!(text, "         known: {why}");
            }
            (None, Some(line)) => {
                let _ = writeln!(text, "         missing in {}: {}", line.file, line.text);
            }
            (None, None) => {
                let _ = writeln!(text, "         no patient found in words");
            }
        }
    }
    text.push_str(&by_operator(judged));
    for id in &outcome.stale {
        let _ = writeln!(text, "{RED}stale{RED:#}    on the list, and not alive: {id}");
    }
    let counted = outcome.counted();
    // Rounded down: with a survivor it is never a hundred.
    let share = (outcome.killed * 1000 / counted.max(1)) as f64 / 10.0;
    let (style, word) = if outcome.is_good() { (GREEN, "good") } else { (RED, "refused") };
    let _ = writeln!(
        text,
        "{style}{word}{style:#}: {} of {counted} killed ({share:.1} %), {} alive and listed, \
         {} alive and not, {} change nothing, {seconds:.1} s",
        outcome.killed, outcome.listed, outcome.unlisted, outcome.equivalent
    );
    text
}

/// The missing lines by file, those of one patient and answer as one.
fn missing_lines(judged: &[(&Mutant, Fate)], survivors: &Survivors) -> String {
    let mut lines: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, Vec<&str>>>> = BTreeMap::new();
    for (mutant, fate) in judged {
        let Fate::Survivor(Some(line)) = fate else { continue };
        if survivors.why(&mutant.id).is_some() {
            continue;
        }
        let after = line.text.find(" → ").unwrap_or(0);
        let clause = line.text[after..].find("; ").map(|at| after + at);
        let (patient, clause) = line.text.split_at(clause.unwrap_or(line.text.len()));
        let clauses = lines.entry(&line.file).or_default().entry(patient).or_default();
        if let Some((verb, words)) = clause.trim_start_matches("; ").split_once(' ') {
            let known = clauses.entry(verb).or_default();
            for word in words.split(", ").filter(|word| !word.is_empty()) {
                if !known.contains(&word) {
                    known.push(word);
                }
            }
        }
    }
    let mut text = String::new();
    for (file, patients) in lines {
        let _ = writeln!(text, "## {file}");
        for (patient, clauses) in patients {
            let _ = write!(text, "{patient}");
            for (verb, words) in clauses {
                let _ = write!(text, "; {verb} {}", words.join(", "));
            }
            text.push('\n');
        }
    }
    text
}

fn by_operator(judged: &[(&Mutant, Fate)]) -> String {
    let mut counts: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for (mutant, fate) in judged {
        let at = match fate {
            Fate::Check(_) => 0,
            Fate::Case(_) => 1,
            Fate::Proof(_) => 2,
            Fate::Equivalent => 3,
            Fate::Survivor(_) => 4,
        };
        for key in [mutant.operator, "all"] {
            counts.entry(key).or_default()[at] += 1;
        }
    }
    let heads = ["check", "case", "proof", "alike", "alive"];
    let mut text = format!("{:20}", "");
    for head in heads {
        let _ = write!(text, "{head:>7}");
    }
    text.push('\n');
    for (operator, counts) in counts {
        let _ = write!(text, "{operator:20}");
        for count in counts {
            let _ = write!(text, "{count:>7}");
        }
        text.push('\n');
    }
    text
}
