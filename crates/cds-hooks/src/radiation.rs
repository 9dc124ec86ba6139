//! CT and X-ray of a patient who may be pregnant.
//!
//! The guideline asks for a possible pregnancy from 12 to 55 years, tests whoever could be
//! pregnant, and lets no unknown pregnancy delay an emergency. Of doses it has no source, so
//! none is named here.

use cauda_guideline::decision::Decision;
use cauda_guideline::vocabulary::Tier;

use crate::codes::Modality;
use crate::order::Order;
use crate::situation::Pregnancy;

/// What is said of radiation to whoever proposes or orders a picture that uses it; nothing where
/// no such picture is meant, or no pregnancy is possible.
pub fn radiation(
    decision: &Decision,
    order: Option<&Order>,
    pregnancy: Pregnancy,
) -> Option<String> {
    let mut proposed = decision.imaging.iter().map(|image| image.modality.as_str());
    let ordered = order.and_then(|order| order.ordered.as_ref());
    let ordered = ordered.is_some_and(|it| matches!(it.modality, Modality::Ct | Modality::Xray));
    if !ordered && !proposed.any(|modality| modality == "ct" || modality == "xray") {
        return None;
    }
    let said = match pregnancy {
        Pregnancy::No => return None,
        Pregnancy::NotKnown => {
            "CT and X-ray use radiation, and whether the patient may be pregnant is not known: ask, \
             and test whoever could be."
        }
        Pregnancy::Possible => {
            "CT and X-ray use radiation, and the patient is or may be pregnant: test where it is \
             not sure, and settle the picture with the radiologist."
        }
    };
    let waits = match decision.urgency.acted_on >= Tier::Emergency {
        true => "This is an emergency and does not wait for it.",
        false => "An emergency does not wait for it.",
    };
    Some(format!("{said} {waits}"))
}
