//! The guideline in this repository, read once, and patients drawn from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cauda_guideline::decide::decide_with_truths;
use cauda_guideline::diagnostic::Diagnostic;
use cauda_guideline::facts::FactIndex;
use cauda_guideline::resolve::Patient;
use cauda_guideline::{Folder, Guideline, load};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Where the repository begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of `guidelines/back_pain`.
pub fn folder() -> &'static Folder {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let start = root().join("guidelines/back_pain");
        let mut folder = Folder::default();
        let mut open = vec![start.clone()];
        while let Some(place) = open.pop() {
            for entry in fs::read_dir(&place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                    continue;
                }
                let parts = path.strip_prefix(&start).unwrap().components();
                let parts: Vec<&str> =
                    parts.map(|part| part.as_os_str().to_str().unwrap()).collect();
                let name = parts.join("/");
                if Folder::takes(&name) {
                    folder.files.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        folder
    })
}

/// The guideline of that folder.
pub fn guideline() -> &'static Guideline {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    GUIDELINE.get_or_init(|| match load(folder()) {
        Ok((guideline, _)) => guideline,
        Err(faults) => panic!("the shipped guideline does not load: {faults:#?}"),
    })
}

/// Its rule pages, path and text.
pub fn pages() -> Vec<(&'static str, &'static str)> {
    let is_patients = |path: &str| path.starts_with("cases/") || path.contains("/cases/");
    let is_page = |path: &str| path.ends_with(".md") && !is_patients(path);
    let files = folder().files.iter().filter(|(path, _)| is_page(path));
    files.map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// The text of one of its files.
pub fn text(path: &str) -> &'static str {
    folder().files.get(path).unwrap_or_else(|| panic!("no file {path}"))
}

/// What loading says when one file reads differently; the text itself if it loads.
pub fn load_with(path: &str, text: &str) -> Result<Guideline, Vec<Diagnostic>> {
    let mut folder = folder().clone();
    folder.files.insert(path.to_string(), text.to_string());
    load(&folder).map(|(guideline, _)| guideline)
}

/// Index of a fact.
pub fn fact(id: &str) -> FactIndex {
    guideline().fact(id).unwrap_or_else(|| panic!("no fact {id}"))
}

/// Where the patient goes and the urgency acted on: `home, none`.
pub fn answer(patient: &Patient) -> String {
    let program = &guideline().program;
    let (verdict, _) = decide_with_truths(program, patient);
    let go = verdict.row.map_or("cannot_decide_yet", |row| program.rows[row].go.as_str());
    format!("{go}, {}", verdict.acted.id())
}

/// A proptest runner whose draws are the same at every run.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// SplitMix64: the same numbers for the same seed, on every machine.
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A patient drawn from the facts: `known` percent of them are known, of those
/// `clear` percent at their clear value, the others anywhere, some of them
/// as a range; some unknown ones cannot be had.
pub fn patient(dice: &mut Dice, known: usize, clear: usize) -> Patient {
    let guideline = guideline();
    let mut patient = Patient::unknown(guideline);
    for (fact, description) in guideline.entered_facts() {
        let cells = &guideline.program.cells[fact];
        if !dice.chance(known) {
            patient.cannot_be_had[fact] = dice.chance(30);
            continue;
        }
        patient.cells[fact] = if dice.chance(clear) {
            1 << cells.clear
        } else if description.quantity().is_some() && dice.chance(30) {
            let (one, other) = (dice.below(cells.count), dice.below(cells.count));
            (one.min(other)..=one.max(other)).fold(0, |set, cell| set | 1 << cell)
        } else {
            1 << dice.below(cells.count)
        };
        patient.vague[fact] = cells.count > 1 && patient.cells[fact] == cells.all();
    }
    patient
}

/// Patients from nearly nothing known to nearly everything clear.
pub fn patients(seed: u64, count: usize) -> Vec<Patient> {
    let mut dice = Dice(seed);
    let shapes = [(95, 97), (100, 95), (90, 90), (70, 95), (40, 80), (10, 50), (98, 99), (100, 60)];
    (0..count)
        .map(|at| {
            let (known, clear) = shapes[at % shapes.len()];
            patient(&mut dice, known, clear)
        })
        .collect()
}
