//! Protocols: what is scanned, how long it takes, which coil, whether with contrast.
//!
//! Those of back pain are the guideline's images; the rest is local policy of a site.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Phrase;
use serde::{Deserialize, Serialize};

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
}

impl Catalogue {
    /// The guideline's MRI images, and the site's protocols.
    pub fn new(guideline: &Guideline, site: Vec<Protocol>) -> Catalogue {
        let images = guideline.vocabulary.ids("image");
        let named = images.filter_map(|id| Some((id, guideline.vocabulary.get("image", id)?)));
        let of_mri = named.filter(|(_, image)| image.modality.as_deref() == Some("mri"));
        let of_mri: Vec<(&str, &Phrase)> = of_mri.collect();
        // What another picture covers, and what covers none itself, shows less than others.
        let is_covered =
            |id: &str| of_mri.iter().any(|(_, one)| one.covers.iter().any(|c| c == id));
        let limited = |id: &str, image: &Phrase| image.covers.is_empty() && is_covered(id);
        let guideline = of_mri
            .iter()
            .map(|(id, image)| Protocol { limited: limited(id, image), ..of_image(id, image) })
            .collect();
        Catalogue { site: site.into_iter().take(PROTOCOLS_MAX).collect(), guideline }
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
