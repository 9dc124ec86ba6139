//! By when an order has to begin.

use cauda_guideline::Guideline;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::span;
use cauda_scans::Deadline;

/// By when a scan of that tier begins that was asked for then, in the words of the guideline.
/// Outpatients have a date instead.
pub fn deadline(guideline: &Guideline, tier: Tier, asked_at: i64) -> Option<Deadline> {
    if tier <= Tier::Booked {
        return None;
    }
    let phrase = guideline.vocabulary.get("tier", tier.id())?;
    let (seconds, started_by) = span(phrase.deadline.as_deref()?)?;
    Some(Deadline {
        at: asked_at.checked_add(seconds)?,
        started_at: asked_at,
        started_by: started_by.to_string(),
    })
}
