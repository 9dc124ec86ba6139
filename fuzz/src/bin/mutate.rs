//! Runs every target over its seeds and over edits of them, for as long as it is told:
//! `mutate --seconds 20 --seed 7 [--only hook] [FILE]`. A file alone is tried once, with `--only`.
//!
//! What breaks a promise is written into `fuzz/artifacts`, and the same seed finds it again.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, fs};

use cauda_fuzz::{Dice, TARGETS, Target, mutated, right_token, root};

/// Most inputs of a target that are gone on from.
const KEPT_MAX: usize = 200;
/// An input of at most 64 KiB that takes longer than this is told.
const SLOW: Duration = Duration::from_secs(5);
/// Most faults of one target.
const FAULTS_MAX: usize = 5;
/// Edits before the next target has its turn.
const TURN: usize = 400;

static SAID: Mutex<String> = Mutex::new(String::new());

struct Trying {
    name: &'static str,
    target: Target,
    inputs: Vec<Vec<u8>>,
    tried: usize,
    read: usize,
    faults: BTreeMap<String, PathBuf>,
    slowest: Duration,
}

fn main() -> ExitCode {
    let (mut seconds, mut seed, mut only, mut file) = (20, 1, None, None);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_default();
        match word.as_str() {
            "--seconds" => seconds = next().parse().unwrap_or(seconds),
            "--seed" => seed = next().parse().unwrap_or(seed),
            "--only" => only = Some(next()),
            path => file = Some(path.to_string()),
        }
    }
    set_hook(Box::new(|info| {
        let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
        let text = info.payload_as_str().unwrap_or("a panic");
        if let Ok(mut said) = SAID.lock() {
            *said = format!("{}: {text}", place.unwrap_or_default());
        }
    }));
    // libFuzzer's own files are built by nightly compilers alone, so at least they have to be there.
    for (name, _) in TARGETS {
        let file = root().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(&file).unwrap_or_default();
        if !text.contains(&format!("cauda_fuzz::{name}(data)")) {
            println!("{} does not hand {name} to libFuzzer", file.display());
            return ExitCode::FAILURE;
        }
    }
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let all = TARGETS.into_iter().filter(|(name, _)| wanted(name));
    let mut all: Vec<Trying> = all.map(Trying::new).collect();
    if let Some(file) = file {
        let input = fs::read(&file).expect("the file can be read");
        all.iter_mut().for_each(|one| one.run(&input, None));
        return told(&all, seed);
    }
    for one in &mut all {
        for input in one.inputs.clone() {
            one.run(&input, None);
        }
    }
    let ends = Instant::now() + Duration::from_secs(seconds);
    let mut dice = Dice(seed);
    while Instant::now() < ends {
        for one in &mut all {
            // One of them each, in turn, by time: the slow ones take no more of it.
            let turn = Instant::now() + Duration::from_millis(60);
            for _ in 0..TURN {
                if Instant::now() > turn || one.faults.len() >= FAULTS_MAX {
                    break;
                }
                let from = dice.of(&one.inputs).clone();
                let other = dice.of(&one.inputs).clone();
                let input = mutated(&mut dice, &from, &other);
                one.run(&input, Some(&mut dice));
            }
        }
    }
    told(&all, seed)
}

impl Trying {
    fn new((name, target): (&'static str, Target)) -> Trying {
        let mut inputs = seeds(name);
        if inputs.is_empty() {
            inputs.push(Vec::new());
        }
        Trying {
            name,
            target,
            inputs,
            tried: 0,
            read: 0,
            faults: BTreeMap::new(),
            slowest: Duration::ZERO,
        }
    }

    fn run(&mut self, input: &[u8], dice: Option<&mut Dice>) {
        let begun = Instant::now();
        let target = self.target;
        let done = catch_unwind(AssertUnwindSafe(|| target(input)));
        let took = begun.elapsed();
        self.tried += 1;
        self.slowest = self.slowest.max(took);
        // The first one builds what all share.
        if took > SLOW && self.tried > 1 {
            self.keep(format!("slow: more than {SLOW:?}"), input);
        }
        match done {
            Ok(true) => {
                self.read += 1;
                let Some(dice) = dice else { return };
                match dice.below(8) {
                    0 if self.inputs.len() < KEPT_MAX => self.inputs.push(input.to_vec()),
                    0 => {
                        let at = dice.below(self.inputs.len());
                        self.inputs[at] = input.to_vec();
                    }
                    _ => {}
                }
            }
            Ok(false) => {}
            Err(_) => {
                let said = SAID.lock().map(|said| said.clone()).unwrap_or_default();
                self.keep(said, input);
            }
        }
    }

    fn keep(&mut self, said: String, input: &[u8]) {
        let said: String = said.chars().take(400).collect();
        if self.faults.len() >= FAULTS_MAX || self.faults.contains_key(&said) {
            return;
        }
        let folder = root().join("fuzz/artifacts").join(self.name);
        let path = folder.join(format!("found-{}", self.faults.len() + 1));
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
        written.expect("an artifact can be written");
        self.faults.insert(said, path);
    }
}

/// The seeds of a target, in the order of their names; charts are those of the tests, too.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let own = files(&root().join("fuzz/corpus-seeds").join(name));
    let charts = || {
        let tests = files(&root().join("crates/chart/tests/fixtures/charts"));
        files(&root().join("fuzz/corpus-seeds/chart")).into_iter().chain(tests)
    };
    match name {
        "chart" => charts().collect(),
        // Behind eight bytes of choice.
        "chart_law" => charts().map(|text| [&[1; 8][..], &text].concat()).collect(),
        "token" => own.into_iter().chain([right_token()]).collect(),
        _ => own,
    }
}

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn told(all: &[Trying], seed: u64) -> ExitCode {
    let mut faults = 0;
    for one in all {
        println!(
            "{:>10}: {:>7} tried, {:>7} read, slowest {} ms",
            one.name,
            one.tried,
            one.read,
            one.slowest.as_millis()
        );
        for (said, path) in &one.faults {
            println!("  BROKEN {said}\n  input {}", path.display());
            faults += 1;
        }
    }
    println!("seed {seed}, {faults} broken");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
