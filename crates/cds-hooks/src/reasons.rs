//! Reasons for not following a card: few, each with an owner who can act on it.
//!
//! What HL7 has a code for carries that code (CDS Hooks 3.0, an example code system of trial use);
//! the rest is Cauda's own. More care than is recommended needs none of them, and feedback
//! without a reason is taken.

use crate::card::Coding;

/// The code system of HL7.
pub const HL7_REASONS: &str = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes";
/// Path of Cauda's own code system under the base.
pub const OVERRIDE_SYSTEM: &str = "/CodeSystem/override-reason";

/// Codes of HL7 with its displays.
const OF_HL7: [(&str, &str); 5] = [
    ("action-completed", "Recommended action was already completed"),
    ("expert-contradicts", "Advice from expert contradicts the recommended action"),
    ("patient-contraindication", "Patient has contraindication to recommended action"),
    ("service-not-available", "Treatment or service is not practically available"),
    ("recipient-does-not-trust", "Recipient does not agree with or trust the recommended action"),
];

/// Cauda's own.
pub(crate) const OWN: [(&str, &str); 2] = [
    ("fact-wrong", "A fact on this card is wrong or out of date"),
    ("other-question", "The order is for another question than the back pain"),
];

/// All of them, for a card. `base` is that of the situation.
pub fn override_reasons(base: &str) -> Vec<Coding> {
    let coding = |system: String| {
        move |(code, display): (&str, &str)| Coding {
            system: system.clone(),
            code: code.to_string(),
            display: display.to_string(),
        }
    };
    let own = OWN.into_iter().map(coding(format!("{base}{OVERRIDE_SYSTEM}")));
    own.chain(OF_HL7.into_iter().map(coding(HL7_REASONS.to_string()))).collect()
}
