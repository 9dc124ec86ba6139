//! Readiness, item by item: yes, no or unknown, and whom each keeps from the scanner (CR27).

use cauda_guideline::Guideline;
use cauda_guideline::resolve::Patient;
use cauda_pathway::identity::Actor;
use cauda_pathway::wire;
use cauda_queue::{Answer, Blocks, Tier};
use serde::{Deserialize, Serialize};

/// An item of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chip {
    /// A named person went through the list with the patient and signed it.
    Screening,
    /// Pacemaker, stimulator, clip, stent, bullet.
    Implants,
    /// Metal in the eye.
    EyeMetal,
    /// Not pregnant.
    Pregnancy,
    /// Kidney function and contrast, where contrast is given.
    Contrast,
    /// Weight and girth fit.
    Size,
    /// Can enter the scanner.
    Fear,
    /// Can lie in it.
    Lies,
    /// Agreed.
    Consent,
    /// A cannula, where contrast is given.
    Line,
    /// Pain is relieved.
    PainRelief,
    /// Somebody brings the patient.
    Transport,
}

/// What is known of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// In order, or done.
    Yes,
    /// Not in order, or not done.
    No,
    /// Nobody knows.
    Unknown,
}

/// What somebody said of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// What.
    pub known: Known,
    /// When it will be in order, if somebody expects it.
    #[serde(with = "wire::maybe_instant")]
    pub expected_at: Option<i64>,
    /// When it was said.
    #[serde(with = "wire::instant")]
    pub at: i64,
    /// By whom; the system read it from the findings.
    pub by: Actor,
}

impl Known {
    /// As the queue takes it.
    pub fn answer(self) -> Answer {
        match self {
            Known::Yes => Answer::Yes,
            Known::No => Answer::No,
            Known::Unknown => Answer::Unknown,
        }
    }

    /// The value with that id.
    pub fn of_id(id: &str) -> Option<Known> {
        [("yes", Known::Yes), ("no", Known::No), ("unknown", Known::Unknown)]
            .into_iter()
            .find_map(|(known, value)| (known == id).then_some(value))
    }
}

impl Chip {
    /// All, in the order of the board.
    pub const ALL: [Chip; 12] = [
        Chip::Screening,
        Chip::Implants,
        Chip::EyeMetal,
        Chip::Pregnancy,
        Chip::Contrast,
        Chip::Size,
        Chip::Fear,
        Chip::Lies,
        Chip::Consent,
        Chip::Line,
        Chip::PainRelief,
        Chip::Transport,
    ];

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Chip::Screening => "safety screening signed",
            Chip::Implants => "no implant in the way",
            Chip::EyeMetal => "no metal in the eye",
            Chip::Pregnancy => "not pregnant",
            Chip::Contrast => "kidneys and contrast",
            Chip::Size => "weight and girth fit",
            Chip::Fear => "can enter the scanner",
            Chip::Lies => "can lie in it",
            Chip::Consent => "consent",
            Chip::Line => "cannula",
            Chip::PainRelief => "pain relief given",
            Chip::Transport => "transport",
        }
    }

    /// Its id in forms.
    pub fn id(self) -> &'static str {
        match self {
            Chip::Screening => "screening",
            Chip::Implants => "implants",
            Chip::EyeMetal => "eye_metal",
            Chip::Pregnancy => "pregnancy",
            Chip::Contrast => "contrast",
            Chip::Size => "size",
            Chip::Fear => "fear",
            Chip::Lies => "lies",
            Chip::Consent => "consent",
            Chip::Line => "line",
            Chip::PainRelief => "pain_relief",
            Chip::Transport => "transport",
        }
    }

    /// The item with that id.
    pub fn of_id(id: &str) -> Option<Chip> {
        Chip::ALL.into_iter().find(|chip| chip.id() == id)
    }

    /// Whether it is asked for a protocol.
    pub fn is_asked(self, contrast: bool) -> bool {
        contrast || !matches!(self, Chip::Contrast | Chip::Line)
    }

    /// Whom it keeps from the scanner until it is yes. An unknown pregnancy and an unknown kidney
    /// function delay no emergency; an unknown implant stops everybody until it is released.
    pub fn blocks(self, known: Known) -> Blocks {
        match (self, known) {
            (Chip::Screening | Chip::Implants | Chip::EyeMetal, _) => Blocks::Everybody,
            (Chip::Size, Known::No) => Blocks::Everybody,
            (Chip::Pregnancy | Chip::Contrast | Chip::Consent | Chip::Line, _) => {
                Blocks::LowerThan(Tier::Emergency)
            }
            _ => Blocks::Nobody,
        }
    }

    /// The guideline's facts it is read from: in order when each of them is clear.
    pub(crate) fn facts(self) -> &'static [&'static str] {
        match self {
            Chip::Implants => &[
                "pacemaker_or_defibrillator",
                "other_active_implant",
                "aneurysm_clip",
                "recent_stent_or_expander",
                "bullet_or_shrapnel",
            ],
            Chip::EyeMetal => &["metal_in_eye"],
            Chip::Pregnancy => &["possible_pregnancy"],
            Chip::Contrast => &["acute_kidney_injury", "contrast_reaction"],
            Chip::Size => &["over_scanner_limit"],
            Chip::Fear => &["claustrophobia"],
            Chip::Lies => &["lying_flat"],
            _ => &[],
        }
    }

    /// What was found that is in the way, as the guideline calls it; nothing where nothing was.
    pub(crate) fn found(self, guideline: &Guideline, patient: &Patient) -> Option<String> {
        if !matches!(self, Chip::Implants | Chip::EyeMetal) {
            return None;
        }
        let clear = Patient::clear(guideline);
        let found = self.facts().iter().filter_map(|fact| {
            let at = guideline.fact(fact)?;
            let (cells, wanted) = (patient.cells.get(at)?, clear.cells.get(at)?);
            (*cells & *wanted == 0)
                .then(|| guideline.facts.get(at).map(|fact| fact.staff.as_str()))?
        });
        let found: Vec<&str> = found.collect();
        (!found.is_empty()).then(|| found.join("; "))
    }

    /// What the findings of a patient say of it. One that is not clear is enough for no, one that
    /// nobody knows leaves it unknown.
    pub fn of_findings(self, guideline: &Guideline, patient: &Patient) -> Option<Known> {
        let clear = Patient::clear(guideline);
        let mut all = Some(Known::Yes).filter(|_| !self.facts().is_empty())?;
        for fact in self.facts() {
            let Some(at) = guideline.fact(fact) else { return Some(Known::Unknown) };
            let (Some(cells), Some(wanted)) = (patient.cells.get(at), clear.cells.get(at)) else {
                return Some(Known::Unknown);
            };
            all = match (cells == wanted, *cells & *wanted == 0, all) {
                (_, _, Known::No) | (false, true, _) => Known::No,
                (true, _, known) => known,
                (false, false, _) => Known::Unknown,
            };
        }
        Some(all)
    }
}
