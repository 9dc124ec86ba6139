//! The first lines: where the patient goes, how urgent it is, and whether that
//! is all.

use std::fmt::Write;

use cauda_guideline::decision::{Classification, Spoken};
use cauda_guideline::vocabulary::Tier;

use super::{BOLD, GREEN, Page, RED, YELLOW, capital, tier_words};

impl Page<'_> {
    /// Common back pain is said only of who goes home: a residual of 450 mL or
    /// a fever without a cause is no common pain, though every concern is excluded.
    fn classified(&self) -> String {
        let classification = self.decision.classification;
        let goes_home = |go: &Spoken| go.id == "home";
        match self.decision.disposition.as_ref().is_some_and(goes_home) {
            false if classification == Classification::CommonNonSpecific => {
                "Every concern is excluded".to_string()
            }
            _ => capital(classification.words()),
        }
    }

    pub(super) fn head(&mut self) {
        let decision = self.decision;
        let urgency = decision.urgency;
        let go = match (&decision.disposition, decision.clinician_review) {
            (_, true) => "CLINICIAN REVIEW: the guideline contradicts itself".to_string(),
            (Some(go), _) => go.staff.to_uppercase(),
            (None, _) if decision.classification == Classification::OutsideGuideline => {
                "OUTSIDE THE GUIDELINE: A CLINICIAN DECIDES".into()
            }
            (None, _) => "CANNOT DECIDE YET".to_string(),
        };
        let style = match urgency.acted_on {
            Tier::Emergency | Tier::Immediate => RED,
            Tier::Urgent | Tier::Booked => YELLOW,
            _ if decision.decided => GREEN,
            _ => BOLD,
        };
        let _ = writeln!(self.out, "{style}{go}{style:#}");
        let out = decision.classification == Classification::OutsideGuideline;
        let mut line = match (urgency.acted_on, decision.decided) {
            (tier, _) if out && tier < Tier::Urgent => "No tier for a patient under 18".to_string(),
            (Tier::None, false) => "Assessment unfinished".to_string(),
            (tier, _) => tier_words(self.guideline, tier),
        };
        if urgency.at_most > urgency.at_least {
            let _ = match urgency.acted_on == urgency.at_least && urgency.at_least > Tier::None {
                true => write!(line, "; may become {}", urgency.at_most.id()),
                false => write!(
                    line,
                    "; at least {}, perhaps {}",
                    urgency.at_least.id(),
                    urgency.at_most.id()
                ),
            };
        }
        if urgency.acted_on > urgency.at_least {
            line.push_str("; settled upward, because the rest cannot be known");
        }
        let _ = writeln!(self.out, "{line}. {}.", self.classified());
        if !decision.decided && decision.disposition.is_some() {
            let is_left = decision.missing.iter().any(|missing| !missing.detail_only);
            let on = if is_left { ", and ask on" } else { "; nothing is left to ask" };
            let _ = writeln!(self.out, "{BOLD}Not decided: act on this now{on}.{BOLD:#}");
        }
        self.out.push('\n');
    }
}
