//! `cargo bench -p cauda-proof`: the figures of docs/benchmarks.md for the
//! engine and the proofs, on the shipped guideline. Peers are measured in the
//! same run: the naive reference evaluator, the second solver.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use cauda_guideline::batch::{Batch, LANES, Patients, UNKNOWN_PLACE, UNKNOWN_VALUE};
use cauda_guideline::decide::decide;
use cauda_guideline::decision::explain;
use cauda_guideline::facts::{Kind, Role};
use cauda_guideline::resolve::{Entries, Entry, Patient, Said, resolve};
use cauda_guideline::{Folder, Guideline, load, load_checked};
use cauda_proof::difference::Difference;
use cauda_proof::random::{Random, patient};
use cauda_proof::reference::{Known, Reference};
use cauda_proof::shares::{Counted, Weighting};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, check_all};

fn main() {
    let folder = folder();
    let guideline = load(&folder).map(|(guideline, _)| guideline).unwrap();
    println!(
        "guideline: {} facts, {} pages, {} concerns, {} places\n",
        guideline.entered_facts().count(),
        guideline.pages.len(),
        guideline.program.concerns.len(),
        guideline.program.nodes.len()
    );
    loading(&folder);
    one_patient(&guideline);
    resolving(&guideline);
    many_patients(&guideline);
    proving(&guideline);
    memory("engine and proofs");
    counting(&guideline);
    memory("with shares and differences");
}

fn folder() -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../guidelines/back_pain");
    let mut folder = Folder::default();
    let mut open = vec![root.clone()];
    while let Some(part) = open.pop() {
        for entry in std::fs::read_dir(part).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_string();
            if path.is_dir() {
                open.push(path);
            } else if Folder::takes(&name) {
                folder.files.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    folder
}

/// Median and 99th percentile of `runs` calls, each timed over `inner` repeats.
fn timed(name: &str, runs: usize, inner: u32, mut work: impl FnMut(usize)) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|run| {
            let begun = Instant::now();
            for _ in 0..inner {
                work(run);
            }
            begun.elapsed() / inner
        })
        .collect();
    times.sort();
    let (median, late) = (times[runs / 2], times[(runs * 99 / 100).min(runs - 1)]);
    println!("{name:58} median {median:>12.3?}   p99 {late:>12.3?}");
    median
}

fn loading(folder: &Folder) {
    timed("load: parse, compile, all checks and cases", 20, 1, |_| {
        black_box(load(folder).unwrap());
    });
    timed("load_checked: parse and compile (guideline with receipt)", 50, 1, |_| {
        black_box(load_checked(folder).unwrap());
    });
}

fn one_patient(guideline: &Guideline) {
    let mut random = Random::new(7);
    let patients: Vec<(Vec<Known>, Patient)> =
        (0..1_000).map(|_| patient(guideline, &mut random)).collect();
    let reference = Reference::new(guideline).unwrap();
    timed("decide: one patient, resolved facts in, verdict out", 1_000, 100, |run| {
        black_box(decide(&guideline.program, &patients[run].1));
    });
    timed("  peer: naive reference evaluator, same patients", 1_000, 20, |run| {
        black_box(reference.evaluate(&patients[run].0));
    });
    let entries = entries(guideline, 1);
    let findings = resolve(guideline, &entries, Some(NOW));
    timed("decide, explanation, questions, all single changes", 200, 1, |_| {
        black_box(explain(guideline, &findings, None));
    });
}

const NOW: i64 = 1_700_000_000;

/// At least 150 timed entries: every fact once, vital signs and powers again.
fn entries(guideline: &Guideline, rounds: i64) -> Entries {
    let mut entries = Entries::default();
    for round in 0..rounds.max(1) {
        for (fact, known) in guideline.entered_facts() {
            let said = match &known.kind {
                Kind::Named { clear, .. } => Said::Value(*clear),
                Kind::Quantity(quantity) => Said::Between(quantity.clear, quantity.clear),
            };
            let by = known.asked_of.iter().max().copied().unwrap_or(Role::Physician);
            entries.add(
                fact,
                Entry { said, at: Some(NOW - 3_600 + round * 600), by, entered_in_error: false },
            );
        }
    }
    entries
}

fn resolving(guideline: &Guideline) {
    let mut entries = entries(guideline, 2);
    let mut count: usize = entries.by_fact.values().map(Vec::len).sum();
    let mut facts: Vec<usize> = entries.by_fact.keys().copied().collect();
    // Exactly 150, as the bar says: drop second entries from the end.
    while count > 150 {
        let Some(fact) = facts.pop() else { break };
        if let Some(given) = entries.by_fact.get_mut(&fact) {
            given.truncate(1);
        }
        count = entries.by_fact.values().map(Vec::len).sum();
    }
    timed(&format!("resolve: {count} timed entries"), 500, 20, |_| {
        black_box(resolve(guideline, &entries, Some(NOW)));
    });
}

fn many_patients(guideline: &Guideline) {
    let program = &guideline.program;
    let mut random = Random::new(11);
    let mut planes = Patients::unknown(program);
    let mut lanes: Vec<Patient> = Vec::new();
    for lane in 0..LANES {
        let (_, patient) = patient(guideline, &mut random);
        planes.set(lane, &patient);
        lanes.push(patient);
    }
    let mut batch = Batch::new(program);
    let pass = timed("decide_batch: 256 patients from bit planes", 500, 20, |_| {
        black_box(batch.decide(&planes));
    });
    rate("  patients a second from bit planes", pass);
    let values: Vec<Vec<u8>> = program
        .cells
        .iter()
        .enumerate()
        .map(|(fact, cells)| {
            let value = |lane: &Patient| match lane.cells[fact] {
                known if known == cells.all() => UNKNOWN_VALUE,
                known => known.trailing_zeros() as u8,
            };
            lanes.iter().map(value).collect()
        })
        .collect();
    let places: Vec<Vec<i32>> = program
        .cells
        .iter()
        .enumerate()
        .map(|(fact, cells)| {
            let place = |lane: &Patient| match lane.cells[fact].trailing_zeros() as usize {
                _ if lane.cells[fact] == cells.all() => UNKNOWN_PLACE,
                0 => cells.cuts.first().map_or(0, |cut| *cut as i32 - 1),
                cell => cells.cuts.get(cell - 1).map_or(0, |cut| *cut as i32),
            };
            lanes.iter().map(place).collect()
        })
        .collect();
    let pass = timed("decide_batch: 256 patients from columns", 500, 20, |_| {
        let mut patients = Patients::unknown(program);
        for (fact, known) in guideline.entered_facts() {
            if program.places[fact].is_empty() {
                continue;
            }
            match known.quantity() {
                Some(_) => patients.set_places(program, fact, &places[fact]),
                None => patients.set_values(program, fact, &values[fact]),
            }
        }
        black_box(batch.decide(&patients));
    });
    rate("  patients a second from columns", pass);
}

fn rate(name: &str, pass: Duration) {
    println!("{name:58} {:>10.1} million", LANES as f64 / pass.as_secs_f64() / 1e6);
}

fn proving(guideline: &Guideline) {
    for (name, solvers, random_patients) in [
        ("prove: all properties (batsat, 2,000 random patients)", vec![Which::Batsat], 2_000),
        ("  peer: varisat instead", vec![Which::Varisat], 2_000),
        ("prove: both solvers, which have to agree", vec![Which::Batsat, Which::Varisat], 2_000),
        ("prove: without random patients", vec![Which::Batsat], 0),
    ] {
        let effort = Effort { solvers, random_patients, seed: 1 };
        timed(name, 10, 1, |_| {
            let report = check_all(guideline, &effort, &mut |_| {});
            assert!(report.all_hold());
        });
    }
}

fn counting(guideline: &Guideline) {
    let counted = Counted::new(guideline).unwrap();
    println!(
        "shares: {} facts, {} digits of states, largest diagram {} nodes, {} kept at once",
        counted.facts,
        counted.states.to_string().len(),
        counted.largest,
        counted.kept
    );
    timed("shares: diagrams of every answer", 10, 1, |_| {
        black_box(Counted::new(guideline).unwrap());
    });
    timed("shares: the sums, in one weighting", 10, 1, |_| {
        black_box(counted.shares(Weighting::MostlyClear).unwrap());
    });
    timed("difference: the guideline and itself", 5, 1, |_| {
        assert!(!Difference::new(guideline, guideline).unwrap().is_any());
    });
}

/// Peak resident memory of this process, where the system tells.
fn memory(of: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: not told");
    println!("peak resident memory, {of}: {}", peak.trim_start_matches("VmHWM:").trim());
}
