//! Protocols: what is scanned, how long it takes, which coil, whether with contrast.
//!
//! Those of back pain are the guideline's images; the rest is local policy of a site.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Phrase;
use cauda_pathway::limited::{is_limited, whole_of};
use serde::{Deserialize, Serialize};

use crate::scan::Scan;

/// Most protocols of a site.
pub const PROTOCOLS_MAX: usize = 200;
/// The coil of the spine, as the guideline's images need it.
const SPINE: &str = "spine";

/// What is scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Its id, of the guideline's images or of the site's protocols.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Minutes on the table, least and most as expected.
    pub minutes: [u32; 2],
    /// The coil it needs.
    #[serde(default)]
    pub coil: Option<String>,
    /// With contrast.
    #[serde(default)]
    pub contrast: bool,
    /// A limited protocol: extended if it shows something, or while a deficit is unexplained.
    #[serde(default)]
    pub limited: bool,
}

/// All protocols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Of the site, in its order.
    pub site: Vec<Protocol>,
    /// Of the guideline, by its images.
    pub guideline: Vec<Protocol>,
    /// What the limited form of each image is extended to.
    pub whole: BTreeMap<String, String>,
}

impl Catalogue {
    /// The guideline's MRI images, and the site's protocols.
    pub fn new(guideline: &Guideline, site: Vec<Protocol>) -> Catalogue {
        let images = guideline.vocabulary.ids("image");
        let named = images.filter_map(|id| Some((id, guideline.vocabulary.get("image", id)?)));
        let of_mri = named.filter(|(_, image)| image.modality.as_deref() == Some("mri"));
        let of_mri: Vec<(&str, &Phrase)> = of_mri.collect();
        let whole = of_mri.iter().filter_map(|(id, _)| Some((*id, whole_of(guideline, id)?)));
        let whole = whole.map(|(id, whole)| (id.to_string(), whole.to_string())).collect();
        let of_guideline = of_mri.iter().map(|(id, image)| Protocol {
            limited: is_limited(guideline, id),
            ..of_image(id, image)
        });
        let guideline = of_guideline.collect();
        Catalogue { site: site.into_iter().take(PROTOCOLS_MAX).collect(), guideline, whole }
    }

    /// What a limited protocol is extended to: of the guideline's, the least picture of the whole
    /// spine that answers what was ordered; of a site's, what was ordered before it was limited.
    pub fn whole_of(&self, scan: &Scan) -> Option<&Protocol> {
        let limited = scan.request.as_ref().map(|request| request.protocol.id.as_str());
        let ordered = scan.ordered.as_deref().or(limited)?;
        let whole = self.whole.get(ordered).map_or(ordered, String::as_str);
        self.get(whole).filter(|whole| !whole.limited)
    }

    /// The protocol of that id.
    pub fn get(&self, id: &str) -> Option<&Protocol> {
        self.guideline.iter().chain(&self.site).find(|protocol| protocol.id == id)
    }

    /// All of them, the site's first.
    pub fn all(&self) -> impl Iterator<Item = &Protocol> {
        self.site.iter().chain(&self.guideline)
    }
}

fn of_image(id: &str, image: &Phrase) -> Protocol {
    Protocol {
        id: id.to_string(),
        name: image.staff.clone(),
        minutes: image.minutes.unwrap_or([30, 60]),
        coil: Some(SPINE.to_string()),
        contrast: image.contrast.as_deref().is_some_and(|contrast| contrast != "none"),
        limited: false,
    }
}
