//! The note of a visit as plain text, for copying into another record.

use std::fmt::Write as _;

use cauda_guideline::Guideline;
use cauda_guideline::decide::State;
use cauda_guideline::decision::Decision;
use cauda_pages::staff::Calendar;
use cauda_pages::staff::timeline::finding;
use cauda_pages::staff::verdict::{Level, headline};
use cauda_pathway::patient::Patient;
use cauda_pathway::visit::Visit;

/// The note.
pub fn text(
    guideline: &Guideline,
    visit: &Visit,
    patient: Option<&Patient>,
    decision: &Decision,
    calendar: &dyn Calendar,
) -> String {
    let mut text = String::new();
    let now = calendar.now();
    let mut line = |words: &str| {
        let _ = writeln!(text, "{words}");
    };
    let who = match patient.and_then(|patient| patient.age_on(now)) {
        Some(age) => format!("{age} years, back pain."),
        None => "Back pain; age not known.".to_string(),
    };
    let arrived = visit.arrived_at.unwrap_or(visit.latest);
    line(&format!("{who} Came {}, {}.", calendar.day(arrived), calendar.time(arrived)));
    line(&format!("{}: {}", Level::of(visit).word(), headline(decision)));
    for concern in decision.concerns.iter().filter(|concern| concern.state == State::Raised) {
        let because: Vec<String> =
            concern.because.iter().map(|shown| format!("{} {}", shown.name, shown.value)).collect();
        line(&format!("{} ({}).", concern.claim(), because.join("; ")));
    }
    let said = visit.findings.iter().filter(|finding| !finding.withdrawn);
    let said: Vec<String> = said
        .map(|of| format!("{}, {}", finding(guideline, &of.said), calendar.clock(of.said.at)))
        .collect();
    if !said.is_empty() {
        line("Findings:");
        said.iter().for_each(|said| line(&format!("- {said}")));
    }
    for signature in visit.signatures.iter().filter(|signature| !signature.withdrawn) {
        let known = guideline.attestations.iter().find(|known| known.id == signature.attestation);
        let words = known.map_or(signature.attestation.as_str(), |known| known.staff.as_str());
        line(&format!("- Signed as a group, {}: {words}.", calendar.clock(signature.at)));
    }
    let missing: Vec<&str> = decision
        .missing
        .iter()
        .filter(|missing| !missing.detail_only)
        .map(|missing| missing.name.as_str())
        .collect();
    if !missing.is_empty() {
        let shown = missing.iter().take(12).copied().collect::<Vec<_>>().join("; ");
        let more = missing.len().saturating_sub(12);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        line(&format!("Not known: {shown}{more}."));
    }
    for action in &decision.actions {
        line(&format!("Do: {}.", action.spoken.staff));
    }
    for less in &visit.overrides {
        line(&format!(
            "Less than the guideline says ({}): {}, “{}”.",
            less.kind.words(),
            less.less.reason.words(),
            less.less.words.as_str()
        ));
    }
    if let Some(plan) = &visit.plan {
        line(&format!("Plan: {}", plan.as_str()));
    }
    line(&format!(
        "Guideline {} {} ({}), {}. The clinician decides.",
        decision.guideline.id,
        decision.guideline.version,
        decision.guideline.sha256.get(..12).unwrap_or_default(),
        decision.guideline.status
    ));
    text
}
