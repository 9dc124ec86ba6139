//! What a patient may see while waiting (CR25): phrases of the guideline that a clinician released,
//! and nothing else. No free text, so nothing private gets there by a slip.

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
        let known = |released: &Released| {
            self.guideline.vocabulary.get(&released.list, &released.id).is_some()
        };
        if phrases.len() > RELEASED_MAX || !phrases.iter().all(known) {
            let message = format!("release at most {RELEASED_MAX} phrases of the guideline");
            return Err(Refusal::new(Why::Unreadable, message));
        }
        self.record(What::Released { phrases: phrases.to_vec() })
    }
}
