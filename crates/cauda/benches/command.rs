//! `cargo bench -p cauda`: `cauda assess` as a whole process, cold start of the
//! program each time, beside the cost of starting any program at all.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 100;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cauda = env!("CARGO_BIN_EXE_cauda");
    let visit = root.join("examples/visits/1_strain.json");
    let guideline = root.join("guidelines/back_pain");
    let visit = visit.to_string_lossy();
    let guideline = guideline.to_string_lossy();
    timed("cauda assess VISIT (guideline with its receipt)", cauda, &["assess", &visit]);
    timed("cauda assess VISIT --json", cauda, &["assess", &visit, "--json"]);
    timed(
        "cauda assess VISIT --guideline DIR (checked and proved)",
        cauda,
        &["assess", &visit, "--guideline", &guideline],
    );
    timed("cauda verify", cauda, &["verify"]);
    timed("  floor: a program that does nothing (true)", "true", &[]);
}

fn timed(name: &str, program: &str, arguments: &[&str]) {
    let mut times: Vec<Duration> = (0..RUNS)
        .filter_map(|_| {
            let begun = Instant::now();
            let status = Command::new(program)
                .args(arguments)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            status.ok().map(|_| begun.elapsed())
        })
        .collect();
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!("{name:58} median {:>10.3?}   p99 {:>10.3?}", at(50), at(99));
}
