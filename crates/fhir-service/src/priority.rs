//! How urgent in the words of FHIR. The one table of it.

use cauda_guideline::decision::Decision;
use cauda_guideline::vocabulary::Tier;

/// Code of `http://hl7.org/fhir/request-priority` for a tier: `stat` within hours, `asap` within
/// the day, `routine` from home.
pub fn of_tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Immediate | Tier::Emergency => "stat",
        Tier::Urgent => "asap",
        Tier::Booked | Tier::Outpatient | Tier::None => "routine",
    }
}

/// Of a whole decision. While it is not decided and the unknown could still be urgent, nothing
/// about it is routine.
pub fn of_decision(decision: &Decision) -> &'static str {
    let open = !decision.decided || decision.clinician_review;
    match of_tier(decision.urgency.acted_on) {
        "routine" if open && decision.urgency.at_most >= Tier::Urgent => "urgent",
        priority => priority,
    }
}
