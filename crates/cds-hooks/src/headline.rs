//! The one line of a card, by what it is about.

use cauda_guideline::decision::Decision;
use cauda_guideline::vocabulary::Tier;

use crate::answer::{Topic, is_for_a_back};
use crate::detail::tier_words;
use crate::fit::Gap;
use crate::hook::Hook;
use crate::situation::{Kind, Situation};
use crate::summary::summary;
use crate::{claim, known, open};

/// The line.
pub(crate) fn headline(situation: &Situation, topic: &Topic) -> String {
    let decision = situation.decision;
    let disposition = decision.disposition.as_ref().map(|place| place.staff.as_str());
    let tier = tier_words(situation, decision.urgency.acted_on);
    let tier = tier.split(':').next().unwrap_or_default();
    // What the picture is for, and never more than was said.
    let concern = claim::first(situation);
    let acted = disposition.unwrap_or("Act on this now");
    // An adult's guideline says nothing of a child but that it is one, and every alarm.
    let acted = match situation.is_child {
        Some(true) => format!("Under 18. {acted}"),
        _ => acted.to_string(),
    };
    let lead = format!("{acted} ({})", tier.to_lowercase());
    match topic.kind {
        Kind::Danger => {
            let held = topic.gaps.iter().find(|gap| **gap == Gap::Held);
            let gap = held.or(topic.gaps.first()).map(|gap| gap_words(*gap));
            summary(&[&lead, gap.unwrap_or_default(), concern])
        }
        Kind::NotRecognised => {
            summary(&[&lead, "The code of this order is not known here", concern])
        }
        Kind::OtherFirst => {
            summary(&[&lead, "Something else than this order comes first", concern])
        }
        Kind::Leaving if is_for_a_back(situation) => {
            summary(&["Back or leg pain? Then not to leave yet", &lead, concern])
        }
        Kind::Leaving if situation.hook == Hook::EncounterDischarge => {
            summary(&["Not to leave yet", &lead, concern])
        }
        Kind::Leaving => summary(&[&lead, concern]),
        Kind::OtherPicture if topic.gaps == [Gap::Held] => {
            let wanted = topic.wanted.map_or("", |wanted| wanted.staff);
            summary(&[gap_words(Gap::Held), wanted])
        }
        Kind::OtherPicture if decision.urgency.acted_on >= Tier::Urgent => {
            let wanted = topic.wanted.map_or("another picture", |wanted| wanted.staff);
            summary(&[&lead, &format!("First: {wanted}"), concern])
        }
        Kind::OtherPicture => {
            let wanted = topic.wanted.map_or("another picture", |wanted| wanted.staff);
            summary(&["The guideline asks for another picture", wanted])
        }
        Kind::NotIndicated => {
            let because = decision.no_imaging_because.first();
            let because = because.map_or("", |reason| reason.staff.as_str());
            let chart = known::first_unlisted(situation).unwrap_or_default();
            summary(&["No picture of the spine is recommended", &chart, because])
        }
        Kind::Stays => summary(&["The guideline says that the patient stays", &acted]),
        Kind::Questions => {
            let open = match open::counted(situation) {
                None => "Cannot decide yet".to_string(),
                Some(open) => format!("Cannot decide yet: {open}"),
            };
            if decision.urgency.acted_on >= Tier::Urgent {
                return summary(&["This order fits what is suspected", &open, concern]);
            }
            summary(
                &[&open, "Some answers would mean an emergency MRI"][..questions_shown(decision)],
            )
        }
        Kind::Outside => {
            summary(&["Under 18: the guideline is for adults. Call a senior and paediatrics"])
        }
        Kind::Review if !situation.alarms.is_empty() => {
            let named = format!("In the chart: {}", situation.alarms.join(", "));
            summary(&[&named, "Confirm or refute it at the bedside now; call a senior"])
        }
        Kind::Review => match situation.blocks.first() {
            Some(block) => summary(&["A clinician has to look first", block]),
            None => summary(&["A clinician has to review: the guideline contradicts itself"]),
        },
        Kind::Deceased => {
            summary(&["The record says that this patient has died: check whose order this is"])
        }
    }
}

/// Whether the line on an emergency is shown: only if one is still possible.
fn questions_shown(decision: &Decision) -> usize {
    if decision.urgency.at_most >= Tier::Emergency { 2 } else { 1 }
}

fn gap_words(gap: Gap) -> &'static str {
    match gap {
        Gap::Modality => "This order is for another kind of picture",
        Gap::Region => "This order leaves out a part of the spine",
        Gap::Contrast => "This order is without contrast",
        Gap::Priority => "The priority of this order is too low",
        Gap::Later => "This order is dated too late",
        Gap::Held => "The patient must not be scanned as it stands",
    }
}
