//! [`Proved`]: a guideline all of whose properties hold (E13), and the receipt
//! that says so for one guideline, property set and engine.

use cauda_guideline::{ENGINE_VERSION, Guideline, load_checked};
use serde::{Deserialize, Serialize};

use crate::counterexample::Counterexample;
use crate::properties::{ALL, Checked, Model, Outcome};
use crate::solver::Which;

/// Version of the set of properties. Raised whenever a property is added or
/// made stronger, so that older receipts no longer count.
pub const PROPERTY_SET: u32 = 4;

/// Fewest random patients of SP12 that count as a proof.
pub const RANDOM_PATIENTS_MIN: u64 = 2_000;

/// A guideline that may be used.
#[derive(Clone, Debug)]
pub struct Proved {
    guideline: Guideline,
    receipt: Receipt,
}

impl Proved {
    /// The guideline.
    pub fn guideline(&self) -> &Guideline {
        &self.guideline
    }

    /// What was proved of it.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Takes a guideline that was proved before. `None` when the receipt is of
    /// another guideline, property set or engine.
    pub fn from_receipt(guideline: Guideline, receipt: &Receipt) -> Option<Proved> {
        let guideline = recompiled(&guideline)?;
        let same = receipt == &Receipt::of(&guideline);
        same.then(|| Proved { guideline, receipt: receipt.clone() })
    }
}

/// The guideline compiled anew from its own files, so that what was changed in
/// memory after the proof is left behind.
fn recompiled(guideline: &Guideline) -> Option<Guideline> {
    let anew = load_checked(&guideline.folder).ok()?;
    (anew.sha256 == guideline.sha256).then_some(anew)
}

/// Says that a guideline was proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// SHA-256 of the guideline's files.
    pub guideline_sha256: String,
    /// Version of the set of properties.
    pub property_set: u32,
    /// Version of the engine.
    pub engine: String,
    /// Ids of the properties proved.
    pub properties: Vec<String>,
}

impl Receipt {
    /// The receipt a guideline gets when everything holds.
    fn of(guideline: &Guideline) -> Receipt {
        Receipt {
            guideline_sha256: guideline.sha256.clone(),
            property_set: PROPERTY_SET,
            engine: ENGINE_VERSION.to_string(),
            properties: ALL.iter().map(|property| property.id.to_string()).collect(),
        }
    }

    /// Name under which it is kept.
    pub fn key(&self) -> String {
        format!("{}-{}-{}", self.guideline_sha256, self.property_set, self.engine)
    }

    /// Reads a receipt; `None` if it is not one.
    pub fn read(text: &str) -> Option<Receipt> {
        toml::from_str(text).ok()
    }

    /// Writes it as TOML.
    pub fn write(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

/// Why a guideline may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexamples {
    /// Patients that break a property.
    pub broken: Vec<Counterexample>,
    /// Properties that could not be decided, and why.
    pub failed: Vec<(&'static str, String)>,
}

/// Outcomes of all properties of one guideline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    guideline_sha256: String,
    checked: Vec<Checked>,
}

impl Report {
    /// The outcomes, in the order of the properties.
    pub fn checked(&self) -> &[Checked] {
        &self.checked
    }

    /// Whether every property holds.
    pub fn all_hold(&self) -> bool {
        self.checked.len() == ALL.len()
            && self.checked.iter().all(|checked| checked.outcome == Outcome::Holds)
    }
}

/// Proves all properties of a guideline.
///
/// # Errors
/// A patient for each property that does not hold.
pub fn prove(guideline: Guideline) -> Result<Proved, Counterexamples> {
    let report = check_all(&guideline, &Effort::default(), &mut |_| {});
    accept(guideline, &report)
}

/// How much to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Solvers that have to agree.
    pub solvers: Vec<Which>,
    /// Random patients of SP12.
    pub random_patients: u64,
    /// Seed of the random patients.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Effort {
        Effort { solvers: vec![Which::Batsat], random_patients: 2_000, seed: 1 }
    }
}

/// Checks every property; `each` is told of each as it is done.
pub fn check_all(guideline: &Guideline, effort: &Effort, each: &mut dyn FnMut(&Checked)) -> Report {
    let mut model = Model::new(guideline, &effort.solvers);
    let checked = ALL.iter().map(|property| {
        let checked = match &mut model {
            Ok(model) => {
                (model.random_patients, model.seed) = (effort.random_patients, effort.seed);
                model.check(property)
            }
            Err(why) => Checked {
                id: property.id,
                sentence: property.sentence,
                questions: 0,
                outcome: Outcome::Failed(why.clone()),
            },
        };
        each(&checked);
        checked
    });
    Report { checked: checked.collect(), guideline_sha256: guideline.sha256.clone() }
}

/// Turns a report into a proved guideline, if everything holds.
///
/// # Errors
/// The properties that do not.
pub fn accept(guideline: Guideline, report: &Report) -> Result<Proved, Counterexamples> {
    let mut found = Counterexamples { broken: Vec::new(), failed: Vec::new() };
    if report.guideline_sha256 != guideline.sha256 {
        found.failed.push(("all", "the report is of another guideline".to_string()));
    }
    for property in &ALL {
        match report
            .checked
            .iter()
            .find(|checked| checked.id == property.id)
            .map(|checked| &checked.outcome)
        {
            Some(Outcome::Holds) => {}
            Some(Outcome::Broken(counterexample)) => found.broken.push((**counterexample).clone()),
            Some(Outcome::Refuted(why)) => found.failed.push((property.id, why.join("; "))),
            Some(Outcome::Failed(why)) => found.failed.push((property.id, why.clone())),
            None => found.failed.push((property.id, "was not checked".to_string())),
        }
    }
    let tried = report.checked.iter().find(|checked| checked.id == "SP12");
    if tried.is_none_or(|checked| {
        checked.outcome == Outcome::Holds && checked.questions < RANDOM_PATIENTS_MIN
    }) {
        let why = format!("fewer than {RANDOM_PATIENTS_MIN} random patients were tried");
        found.failed.push(("SP12", why));
    }
    let Some(guideline) = recompiled(&guideline) else {
        found.failed.push(("all", "the guideline does not compile".to_string()));
        return Err(found);
    };
    if found.broken.is_empty() && found.failed.is_empty() {
        let receipt = Receipt::of(&guideline);
        Ok(Proved { guideline, receipt })
    } else {
        Err(found)
    }
}
