//! Which codes stand for a picture of the spine, which reasons for a back, and what each picture
//! of the guideline needs of an order: a closed table, `codes.toml`, to which a site may add.

use std::collections::BTreeMap;

use cauda_fhir::Resource;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::order::Matter;

/// Most bytes of a table.
const TABLE_MAX: usize = 256 * 1024;
/// Most codes of a table.
const CODES_MAX: usize = 5_000;

/// How the picture is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Magnetic resonance.
    Mri,
    /// Computed tomography.
    Ct,
    /// Plain X-ray.
    Xray,
}

/// Which part of the spine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// The neck.
    Cervical,
    /// The upper back.
    Thoracic,
    /// The lower back, with or without the sacrum.
    Lumbar,
    /// Both parts of the back.
    Thoracolumbar,
    /// All of it.
    Whole,
    /// The code does not say.
    Unsaid,
}

/// With or without contrast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// Without.
    Without,
    /// With.
    With,
    /// Without, then with.
    Both,
    /// The code does not say.
    Unsaid,
}

/// A picture of the spine as ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ordered {
    /// The picture of the guideline's vocabulary it comes nearest to, where there is one.
    pub image: Option<&'static str>,
    /// How.
    pub modality: Modality,
    /// Where.
    pub region: Region,
    /// With what.
    pub contrast: Contrast,
}

/// What a picture of the guideline needs of an order. `None` of a region is any level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// How.
    pub modality: Modality,
    /// Where; `None` is any level, which the guideline leaves to the examiner.
    pub region: Option<Region>,
    /// Whether contrast belongs to it.
    pub contrast: bool,
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// Name of a system by its address.
    systems: BTreeMap<String, String>,
    /// By name of a system and code.
    orders: BTreeMap<(String, String), (Modality, Region, Contrast)>,
    displays: BTreeMap<(String, String), String>,
    /// By name of a system.
    reasons: BTreeMap<String, Vec<String>>,
    /// By picture; `None` is no picture of the spine.
    needs: BTreeMap<String, Option<Need>>,
}

/// Why a table of codes cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CodesError {
    /// Not the form.
    #[error("the table of codes cannot be read: {0}")]
    Form(String),
    /// Too large.
    #[error("the table of codes is larger than {TABLE_MAX} bytes or {CODES_MAX} codes")]
    TooLarge,
    /// A code of a system that is not named.
    #[error("the table of codes has codes of `{0}`, and no address for it under [systems]")]
    NoSystem(String),
    /// A code that is there with another meaning.
    #[error("the code {0} is there already with another meaning; leave it out")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    systems: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    order: BTreeMap<String, Vec<Row>>,
    #[serde(default)]
    reason: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    need: BTreeMap<String, (Modality, NeedRegion, Contrast)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    display: Option<String>,
    image: (Modality, Region, Contrast),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NeedRegion {
    Cervical,
    Thoracic,
    Lumbar,
    Whole,
    Any,
    Other,
}

impl Codes {
    /// The table that comes with Cauda.
    ///
    /// # Errors
    /// Never, as a test checks; a fault of the file is told instead of hidden.
    pub fn shipped() -> Result<Codes, CodesError> {
        let mut codes = Codes::default();
        codes.add(include_str!("codes.toml"))?;
        Ok(codes)
    }

    /// Adds the codes of a site, in the same form.
    ///
    /// # Errors
    /// The text is no table, or gives a code that is there another meaning. Nothing is added then.
    pub fn add(&mut self, text: &str) -> Result<(), CodesError> {
        if text.len() > TABLE_MAX {
            return Err(CodesError::TooLarge);
        }
        let file: File =
            toml::from_str(text).map_err(|fault| CodesError::Form(fault.message().to_string()))?;
        let mut grown = self.clone();
        grown.take(file)?;
        *self = grown;
        Ok(())
    }

    fn take(&mut self, file: File) -> Result<(), CodesError> {
        for (name, addresses) in file.systems {
            for address in addresses {
                self.systems.insert(address, name.clone());
            }
        }
        let named = |systems: &BTreeMap<String, String>, name: &String| {
            let known = systems.values().any(|known| known == name);
            if known { Ok(()) } else { Err(CodesError::NoSystem(name.clone())) }
        };
        for (name, rows) in file.order {
            named(&self.systems, &name)?;
            for row in rows {
                let key = (name.clone(), row.code);
                let known = self.orders.insert(key.clone(), row.image);
                if known.is_some_and(|known| known != row.image) {
                    return Err(CodesError::Twice(key.1));
                }
                if let Some(display) = row.display {
                    self.displays.insert(key, display);
                }
            }
        }
        for (name, codes) in file.reason {
            named(&self.systems, &name)?;
            self.reasons.entry(name).or_default().extend(codes);
        }
        for (image, (modality, region, contrast)) in file.need {
            let contrast = matches!(contrast, Contrast::With | Contrast::Both);
            let need = region.read().map(|region| Need { modality, region, contrast });
            self.needs.insert(image, need);
        }
        let reasons: usize = self.reasons.values().map(Vec::len).sum();
        if self.orders.len() + reasons > CODES_MAX { Err(CodesError::TooLarge) } else { Ok(()) }
    }

    /// The picture of the spine that a `CodeableConcept` orders. Of several known codes the parts
    /// count in which they agree; codes of two modalities are no order of either.
    pub fn ordered(&self, order: &Resource) -> Option<Ordered> {
        let known = order.codings("code").into_iter().filter_map(|coding| {
            let name = self.systems.get(coding.system)?;
            self.orders.get(&(name.clone(), coding.code.to_string())).copied()
        });
        let mut found: Option<(Modality, Region, Contrast)> = None;
        for (modality, region, contrast) in known {
            found = match found {
                None => Some((modality, region, contrast)),
                Some((other, ..)) if other != modality => return None,
                Some((_, here, with)) => {
                    let region = common(here, region, Region::Unsaid);
                    Some((modality, region, common(with, contrast, Contrast::Unsaid)))
                }
            };
        }
        let (modality, region, contrast) = found?;
        Some(Ordered { image: nearest(modality, region, contrast), modality, region, contrast })
    }

    /// Whether the reasons in a field speak of the back.
    pub fn matter(&self, resource: &Resource, field: &str) -> Matter {
        let codings = resource.codings(field);
        if codings.iter().any(|coding| self.is_reason(coding.system, coding.code)) {
            return Matter::BackPain;
        }
        // In words the back is recognised, so that somebody asks; nothing else is read from them.
        let concepts = resource.list(field);
        let words = concepts.iter().filter_map(|one| one.get("text")?.as_str());
        let shown = codings.iter().filter_map(|coding| coding.display);
        if words.chain(shown).any(is_of_the_back) {
            return Matter::BackPain;
        }
        // A reason in words, or without a complete code, may be anything.
        let coded = |concept: &&serde_json::Value| {
            let codings = concept.get("coding").and_then(|list| list.as_array());
            codings.is_some_and(|list| {
                let known = |coding: &serde_json::Value| {
                    let system = coding.get("system").and_then(|text| text.as_str());
                    let code = coding.get("code").and_then(|text| text.as_str());
                    let name = system.and_then(|system| self.systems.get(system));
                    name.is_some() && code.is_some_and(|code| !code.trim().is_empty())
                };
                list.iter().any(known)
            })
        };
        let other = !concepts.is_empty() && concepts.iter().all(coded);
        if other { Matter::Other } else { Matter::NotSaid }
    }

    fn is_reason(&self, system: &str, code: &str) -> bool {
        let Some(name) = self.systems.get(system) else { return false };
        let Some(reasons) = self.reasons.get(name) else { return false };
        // Codes of ICD-10 are a tree, and their text begins with the code above them.
        let is_tree = name == "icd10";
        reasons.iter().any(|known| {
            if is_tree {
                let begins = code.get(..known.len());
                begins.is_some_and(|begins| begins.eq_ignore_ascii_case(known))
            } else {
                code == known
            }
        })
    }

    /// What a picture of the guideline needs of an order; `None` for one that is not of the spine
    /// or is not in the table.
    pub fn need(&self, image: &str) -> Option<Need> {
        self.needs.get(image).copied().flatten()
    }

    /// Whether a picture of the guideline is in the table.
    pub fn knows(&self, image: &str) -> bool {
        self.needs.contains_key(image)
    }

    /// Every order code: address of its system, code, display.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
        self.orders.keys().map(|key| {
            let mut addresses = self.systems.iter().filter(|(_, name)| **name == key.0);
            let address = addresses.next().map_or("", |(address, _)| address.as_str());
            (address, key.1.as_str(), self.displays.get(key).map(String::as_str))
        })
    }
}

impl NeedRegion {
    /// `None` for no picture of the spine; `Some(None)` for any level.
    fn read(self) -> Option<Option<Region>> {
        match self {
            NeedRegion::Cervical => Some(Some(Region::Cervical)),
            NeedRegion::Thoracic => Some(Some(Region::Thoracic)),
            NeedRegion::Lumbar => Some(Some(Region::Lumbar)),
            NeedRegion::Whole => Some(Some(Region::Whole)),
            NeedRegion::Any => Some(None),
            NeedRegion::Other => None,
        }
    }
}

/// What both say; one that does not say follows the other, and two that differ say nothing.
fn common<T: PartialEq + Copy>(left: T, right: T, unsaid: T) -> T {
    match (left == unsaid, right == unsaid) {
        (true, _) => right,
        (_, true) => left,
        _ if left == right => left,
        _ => unsaid,
    }
}

fn nearest(modality: Modality, region: Region, contrast: Contrast) -> Option<&'static str> {
    let dyed = matches!(contrast, Contrast::With | Contrast::Both);
    match (modality, region) {
        (Modality::Mri, Region::Lumbar) if !dyed => Some("mri_lumbar"),
        (Modality::Mri, Region::Whole) if dyed => Some("mri_whole_spine_with_contrast"),
        (Modality::Mri, Region::Whole) => Some("mri_whole_spine"),
        (Modality::Mri, _) => None,
        (Modality::Ct, Region::Whole) => Some("ct_whole_spine"),
        (Modality::Ct, Region::Cervical) => Some("ct_neck"),
        (Modality::Ct, _) => Some("ct_level_of_injury"),
        (Modality::Xray, _) => Some("xray_painful_level"),
    }
}

/// Words for pain of the back in a reason that somebody typed.
const BACK_WORDS: [&str; 7] =
    ["back pain", "backache", "back ache", "low back", "lower back", "lumbago", "sciatica"];

/// Whether a typed reason speaks of the back. More than half a kilobyte is no reason.
fn is_of_the_back(words: &str) -> bool {
    let words = words.get(..512).unwrap_or(words).to_lowercase();
    BACK_WORDS.iter().any(|word| words.contains(word))
}
