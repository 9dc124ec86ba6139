//! What a patient may see while waiting (CR25): phrases of the guideline that a clinician released,
//! and nothing else. No free text, so nothing private gets there by a slip.

use cauda_guideline::Guideline;
use serde::{Deserialize, Serialize};

use crate::closed_list::closed_list;
use crate::event::What;
use crate::handle::Writing;
use crate::refusal::{Refusal, Why};

/// Most phrases of one release.
pub const RELEASED_MAX: usize = 40;

closed_list! {
    /// A part of the page.
    Part {
        Checked = "what was checked",
        Scan = "why a scan, or why none",
        Next = "what comes next",
    }
}

/// What is never shown on a patient's page, whoever releases it: it would tell of pregnancy or of
/// sexual function to whoever looks over the patient's shoulder (CR25).
pub const PRIVATE: &[(&str, &str)] = &[
    (SIGNED, "sexual_feeling_as_before"),
    ("action", "test_for_pregnancy"),
    ("action", "ultrasound_first_if_pregnant"),
    ("concern", "ectopic_pregnancy"),
];
/// The list that groups signed as clear are released under.
pub const SIGNED: &str = "attestation";

/// The words of a phrase for a patient; nothing for what is private or not in the guideline.
pub fn words<'a>(guideline: &'a Guideline, list: &str, id: &str) -> Option<&'a str> {
    if PRIVATE.contains(&(list, id)) {
        return None;
    }
    if list == SIGNED {
        let known = guideline.attestations.iter().find(|known| known.id == id);
        return known.map(|known| known.patient.as_str());
    }
    guideline.vocabulary.get(list, id).map(|phrase| phrase.patient.as_str())
}

/// A phrase of the guideline that the patient may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Where it stands.
    pub part: Part,
    /// List of the vocabulary.
    pub list: String,
    /// Its id there.
    pub id: String,
}

impl Writing<'_> {
    /// Takes the place of what was released before; nothing takes it all back.
    pub(crate) fn release(&mut self, phrases: &[Released]) -> Result<(), Refusal> {
        let known =
            |released: &Released| words(self.guideline, &released.list, &released.id).is_some();
        if phrases.len() > RELEASED_MAX || !phrases.iter().all(known) {
            let message = format!("release at most {RELEASED_MAX} phrases of the guideline");
            return Err(Refusal::new(Why::Unreadable, message));
        }
        self.record(What::Released { phrases: phrases.to_vec() })
    }
}
