//! Mistakes a committee or a programmer could make, each small enough to slip
//! through a review, with the property that has to find it.

use std::sync::OnceLock;
use std::thread;

use cauda_guideline::program::{Node, Place};
use cauda_guideline::vocabulary::{FirstStep, Tier};
use cauda_guideline::{Guideline, load_checked};
use cauda_proof::solver::Which;
use cauda_proof::{Effort, Report, check_all};

use crate::shipped;

/// A change to the texts of the guideline.
pub enum Edit {
    /// In this file, this text (found once) reads so instead.
    Replace(&'static str, &'static str, &'static str),
    /// This file is gone.
    Delete(&'static str),
}

/// A mistake in the texts.
pub struct Defect {
    pub name: &'static str,
    pub property: &'static str,
    pub edits: &'static [Edit],
}

use Edit::{Delete, Replace};

const CAUDA_EQUINA: &str = "red_flags/cauda_equina.md";
const LOW_ENERGY: &str = "red_flags/fracture_low_energy.md";
const WORSENING: &str = "red_flags/cauda_equina_worsening.md";
const ANEURYSM: &str = "gate/aortic_aneurysm.md";
const HOME: &str = "disposition/home.md";
const INFECTION_FACTS: &str = "facts/infection.toml";

/// All mistakes in the texts.
pub static DEFECTS: [Defect; 30] = [
    Defect {
        name: "nobody is told to come back with a fever",
        property: "CR25",
        edits: &[Replace(
            "vocabulary/return.toml",
            "facts = [\"fever_history\", \"temperature\"]",
            "facts = [\"temperature\"]",
        )],
    },
    Defect {
        name: "home asks for a danger sign",
        property: "SP5",
        edits: &[Replace(
            HOME,
            "- `ready_to_leave` is present\n",
            "- `ready_to_leave` is present\n- `diabetes` is present\n",
        )],
    },
    Defect {
        name: "an NSAID beside an anticoagulant",
        property: "SP7",
        edits: &[Replace("definitions/nsaid_barred.md", "- `anticoagulant` is present\n", "")],
    },
    Defect {
        name: "an unsafe device holds only the MRI that comes first",
        property: "SP7",
        edits: &[Replace(
            "scanner/unsafe_device.md",
            "- `first_step` is mri or ct or xray or laboratory or other_team\n",
            "- `first_step` is mri\n",
        )],
    },
    Defect {
        name: "two orders that contradict",
        property: "SP7",
        edits: &[Replace(
            "vocabulary/action.toml",
            "[nil_by_mouth]\n",
            "[nil_by_mouth]\nconflicts = [\"neuro_check_hourly\"]\n",
        )],
    },
    Defect {
        name: "a page waits for an answer that changes nothing",
        property: "SP11",
        edits: &[Replace(
            CAUDA_EQUINA,
            "## Excluded when all of\n",
            "## Excluded when all of\n- any of\n  - `fever_history` is present\n  - `fever_history` is absent\n",
        )],
    },
    Defect {
        name: "a small residual stands in for saddle numbness",
        property: "E8",
        edits: &[Replace(
            CAUDA_EQUINA,
            "- `saddle_numbness` is absent or longstanding\n",
            "- any of\n  - `saddle_numbness` is absent or longstanding\n  - `post_void_residual` < 200 mL\n",
        )],
    },
    Defect {
        name: "unknown saddle numbness is read as absent",
        property: "SP3",
        edits: &[Replace(CAUDA_EQUINA, "- `saddle_numbness` is absent or longstanding\n", "")],
    },
    Defect {
        name: "unknown leakage of urine is read as absent",
        property: "SP3",
        edits: &[Replace(CAUDA_EQUINA, "- `urinary_incontinence` is absent or longstanding\n", "")],
    },
    Defect {
        name: "midline tenderness is asked for the wrong way round",
        property: "SP2",
        edits: &[Replace(
            LOW_ENERGY,
            "- `midline_tenderness` is present",
            "- `midline_tenderness` is absent",
        )],
    },
    Defect {
        name: "a full bladder counts as an empty one",
        property: "SP2",
        edits: &[Replace(
            CAUDA_EQUINA,
            "- `post_void_residual` ≥ 200 mL",
            "- `post_void_residual` < 200 mL",
        )],
    },
    Defect {
        name: "a high pressure counts as a low one",
        property: "SP2",
        edits: &[Replace(
            ANEURYSM,
            "- `systolic_pressure` < 100 mm[Hg]",
            "- `systolic_pressure` > 100 mm[Hg]",
        )],
    },
    Defect {
        name: "a danger sign excludes a concern",
        property: "SP2",
        edits: &[Replace(
            WORSENING,
            "## If it cannot be known",
            "## Excluded when any of\n- `diabetes` is present\n\n## If it cannot be known",
        )],
    },
    Defect {
        name: "longer pain is called less dangerous",
        property: "SP2",
        edits: &[Replace(
            INFECTION_FACTS,
            "range = [\"0\", \"876000\"]\ndanger = \"higher\"",
            "range = [\"0\", \"876000\"]\ndanger = \"lower\"",
        )],
    },
    Defect {
        name: "another cause of fever is called dangerous, and still clears",
        property: "SP2",
        edits: &[Replace(
            INFECTION_FACTS,
            "kind = \"finding\"\ndanger = \"none\"\nclear = \"absent\"\nassume = \"absent\"\nby = \"record\"",
            "kind = \"finding\"\ndanger = [\"present\"]\nclear = \"absent\"\nby = \"record\"",
        )],
    },
    Defect {
        name: "a risk of infection makes its blood tests unneeded",
        property: "SP2",
        edits: &[Replace(
            "tests/inflammatory_markers.md",
            "- `infection_risk_high` is present",
            "- `infection_risk_high` is absent",
        )],
    },
    Defect {
        name: "one answer both raises and excludes",
        property: "SP1",
        edits: &[Replace(
            CAUDA_EQUINA,
            "- `urinary_retention` is absent or longstanding",
            "- `urinary_retention` is new or longstanding",
        )],
    },
    Defect {
        name: "the exclusion of a residual reaches above its threshold",
        property: "SP1",
        edits: &[Replace(
            CAUDA_EQUINA,
            "  - `post_void_residual` < 200 mL (",
            "  - `post_void_residual` < 300 mL (",
        )],
    },
    Defect {
        name: "seventeen is a child and an adult",
        property: "SP1",
        edits: &[Replace(
            "scope/adults_only.md",
            "## Excluded when all of\n- `age` ≥ 18 a",
            "## Excluded when all of\n- `age` ≥ 17 a",
        )],
    },
    Defect {
        name: "a disposition is widened over its neighbour",
        property: "SP1",
        edits: &[Replace(
            "disposition/mri_within_24_hours.md",
            "- `urgency` is urgent\n",
            "- `urgency` is urgent or emergency\n",
        )],
    },
    Defect {
        name: "home forgets whether home is safe",
        property: "SP1",
        edits: &[Replace("definitions/ready_to_leave.md", "- `home_safe` is present\n", "")],
    },
    Defect {
        name: "home forgets the age",
        property: "SP1",
        edits: &[Replace(HOME, "- `age` ≥ 18 a (department-requirements)\n", "")],
    },
    Defect {
        name: "a disposition is lost",
        property: "SP1",
        edits: &[Delete("disposition/mri_within_24_hours.md")],
    },
    Defect {
        name: "a disposition demands what is never true",
        property: "SP1",
        edits: &[Replace(
            "disposition/mri_now.md",
            "- `first_step` is mri\n",
            "- `first_step` is mri\n- `urgency` is none\n",
        )],
    },
    Defect {
        name: "age alone asks for a picture",
        property: "SP4",
        edits: &[Replace(
            LOW_ENERGY,
            "  - `spinal_bruise` is present\n",
            "  - `age` ≥ 65 a (local policy)\n  - `spinal_bruise` is present\n",
        )],
    },
    Defect {
        name: "the alarm of temperature is moved",
        property: "SP4",
        edits: &[Replace(INFECTION_FACTS, "alarm = \"38.0\"", "alarm = \"39.0\"")],
    },
    Defect {
        name: "the alarm of the residual is lost",
        property: "SP4",
        edits: &[Replace("facts/bladder.toml", "alarm = \"200\"\n", "")],
    },
    Defect {
        name: "the clear temperature is a fever, and none alarms",
        property: "SP4",
        edits: &[Replace(
            INFECTION_FACTS,
            "alarm = \"38.0\"\nclear = \"36.8\"",
            "clear = \"38.5\"",
        )],
    },
    Defect {
        name: "an absent bruise raises",
        property: "SP4",
        edits: &[Replace(
            LOW_ENERGY,
            "- `spinal_bruise` is present\n",
            "- `spinal_bruise` is absent\n",
        )],
    },
    Defect {
        name: "home neither reassures nor looks at the open concerns",
        property: "SP3",
        edits: &[
            Replace(
                "vocabulary/disposition.toml",
                "urgency = \"none\"\nreassuring = true\nleaves = true\n\n[outside_guideline]",
                "urgency = \"none\"\nreassuring = false\nleaves = true\n\n[outside_guideline]",
            ),
            Replace(HOME, "- `concerns` is excluded\n", "- `urgency` is none\n"),
        ],
    },
];

impl Defect {
    /// The guideline with this mistake in it.
    pub fn plant(&self) -> Guideline {
        let mut folder = shipped::folder().clone();
        for edit in self.edits {
            match edit {
                Delete(path) => {
                    folder.files.remove(*path).unwrap_or_else(|| panic!("no file {path}"));
                }
                Replace(path, from, to) => {
                    let text = folder.files.get_mut(*path).unwrap();
                    let found = text.matches(from).count();
                    assert_eq!(found, 1, "{}: {path} holds the text {found} times", self.name);
                    *text = text.replace(from, to);
                }
            }
        }
        load_checked(&folder).unwrap_or_else(|faults| panic!("{}: {faults:#?}", self.name))
    }
}

/// A planted guideline with what both solvers say of it.
pub struct Examined {
    pub defect: &'static Defect,
    pub guideline: Guideline,
    pub report: Report,
}

/// Every defect of [`DEFECTS`], examined once for all tests that ask.
pub fn examined() -> &'static [Examined] {
    static EXAMINED: OnceLock<Vec<Examined>> = OnceLock::new();
    EXAMINED.get_or_init(|| {
        let (some, others) = DEFECTS.split_at(DEFECTS.len() / 2);
        let all = |defects: &'static [Defect]| defects.iter().map(examine).collect::<Vec<_>>();
        thread::scope(|scope| {
            let other = scope.spawn(|| all(others));
            let mut examined = all(some);
            examined.extend(other.join().expect("the defects are examined"));
            examined
        })
    })
}

fn examine(defect: &'static Defect) -> Examined {
    let guideline = defect.plant();
    let both = Effort { solvers: vec![Which::Batsat, Which::Varisat], ..Effort::default() };
    let report = check_all(&guideline, &both, &mut |_| {});
    Examined { defect, guideline, report }
}

/// A fault in the compiled program, behind the back of the pages.
pub struct Tampering {
    pub name: &'static str,
    tamper: fn(&mut Guideline),
}

/// Mistakes that no single patient shows: what is wrong is told in words.
pub const WITHOUT_A_PATIENT: [Defect; 3] = [
    Defect {
        name: "a line that changes nobody's answer",
        property: "SP6",
        edits: &[Replace(
            "definitions/fever.md",
            "## When any of\n",
            "## When any of\n- all of\n  - `fever_history` is present\n  - `diabetes` is present\n",
        )],
    },
    Defect {
        name: "a page that can never be raised",
        property: "SP6",
        edits: &[Replace(
            "red_flags/shingles.md",
            "## When any of\n- `skin_blisters` is present\n",
            "## When all of\n- `skin_blisters` is present\n- `skin_blisters` is absent\n",
        )],
    },
    Defect {
        name: "a disposition nobody reaches",
        property: "SP6",
        edits: &[Replace(
            "disposition/specialist_today.md",
            "## When all of\n",
            "## When all of\n- `urgency` is none\n",
        )],
    },
];

/// All such faults; SP12 has to find each.
pub const TAMPERINGS: [Tampering; 6] = [
    Tampering { name: "all becomes any in one node", tamper: all_becomes_any },
    Tampering { name: "a threshold is moved by one step", tamper: threshold_moved },
    Tampering { name: "cauda equina no longer settles upward", tamper: never_settles },
    Tampering { name: "cauda equina is less urgent", tamper: less_urgent },
    Tampering { name: "cord compression begins with an X-ray", tamper: wrong_first_step },
    Tampering { name: "home is not guarded, or another row is", tamper: guard_moved },
];

impl Tampering {
    /// The shipped guideline with this fault in its program.
    pub fn plant(&self) -> Guideline {
        let mut guideline = shipped::guideline().clone();
        let before = guideline.program.clone();
        (self.tamper)(&mut guideline);
        assert_ne!(guideline.program, before, "{}: nothing changed", self.name);
        guideline
    }
}

/// Index of a concern page in the program.
pub fn concern(guideline: &Guideline, page: &str) -> usize {
    let is_it = |index: usize| guideline.pages[guideline.program.concerns[index].page].id == page;
    (0..guideline.program.concerns.len()).find(|index| is_it(*index)).expect("a concern page")
}

fn all_becomes_any(guideline: &mut Guideline) {
    let index = concern(guideline, "red_flags/metastatic_cord_compression");
    let place: Place = guideline.program.concerns[index].raised;
    let node = &mut guideline.program.nodes[place];
    let Node::All(children) = node else { panic!("not a conjunction: {node:?}") };
    *node = Node::Any(std::mem::take(children));
}

fn threshold_moved(guideline: &mut Guideline) {
    let fact = guideline.fact("temperature").unwrap();
    // The fever threshold, 38.0 on a grid of tenths, counted in halves.
    let cuts = &mut guideline.program.cells[fact].cuts;
    let fever = cuts.iter().position(|cut| *cut == 760).unwrap();
    cuts[fever] += 2;
}

fn never_settles(guideline: &mut Guideline) {
    let index = concern(guideline, "red_flags/cauda_equina");
    guideline.program.concerns[index].settle = None;
}

fn less_urgent(guideline: &mut Guideline) {
    let index = concern(guideline, "red_flags/cauda_equina");
    guideline.program.concerns[index].tier = Tier::Urgent;
}

fn wrong_first_step(guideline: &mut Guideline) {
    let index = concern(guideline, "red_flags/cord_compression");
    guideline.program.concerns[index].first_step = FirstStep::Xray;
}

fn guard_moved(guideline: &mut Guideline) {
    for row in &mut guideline.program.rows {
        row.reassuring = !row.reassuring;
    }
}
