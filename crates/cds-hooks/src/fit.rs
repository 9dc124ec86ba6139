//! An order beside what the guideline asks for.

use cauda_guideline::decision::{AdviceState, Decision};
use cauda_guideline::vocabulary::Tier;
use serde::Serialize;

use crate::codes::{Codes, Contrast, Modality, Need, Ordered, Region};
use crate::order::Order;

/// Seconds after the moment decided about from which on an order of somebody in danger is dated
/// too late, whatever the deadline: another day.
const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// In what an order falls short of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// Another modality.
    Modality,
    /// It leaves out a part of the spine, or does not say which.
    Region,
    /// The contrast is missing, or not said.
    Contrast,
    /// Its priority is too low.
    Priority,
    /// It is dated too late.
    Later,
    /// The patient must not be scanned as it stands.
    Held,
}

impl Gap {
    /// Whether the picture itself is another one.
    pub fn is_of_the_picture(self) -> bool {
        matches!(self, Gap::Modality | Gap::Region | Gap::Contrast)
    }
}

/// How an order fits a picture that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is that picture or a wider one, in time.
    Answers,
    /// It falls short.
    Short(Vec<Gap>),
}

/// A picture of the spine that the guideline asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub id: &'a str,
    pub staff: &'a str,
    pub tier: Tier,
    /// It must not be made as it stands.
    pub held: bool,
    pub need: Need,
}

/// The pictures of the spine that are asked for now or after the visit, the most urgent first.
pub(crate) fn wanted<'a>(decision: &'a Decision, codes: &Codes) -> Vec<Wanted<'a>> {
    let now = decision.imaging.iter().filter_map(|image| {
        let need = codes.need(&image.spoken.id)?;
        let held = !image.held_by.is_empty();
        let (id, staff) = (image.spoken.id.as_str(), image.spoken.staff.as_str());
        Some(Wanted { id, staff, tier: image.tier, held, need })
    });
    let later = follow_up(decision, codes, AdviceState::Given);
    now.chain(later).collect()
}

/// Pictures of the follow-up, for certain or if answers say so.
pub(crate) fn follow_up<'a>(
    decision: &'a Decision,
    codes: &Codes,
    state: AdviceState,
) -> Vec<Wanted<'a>> {
    let pages = decision.follow_up.iter().filter(|page| page.state == state);
    let lines = pages.flat_map(|page| &page.says).filter(|line| line.key == "image");
    let wanted = lines.filter_map(|line| {
        let need = codes.need(&line.spoken.id)?;
        let (id, staff) = (line.spoken.id.as_str(), line.spoken.staff.as_str());
        Some(Wanted { id, staff, tier: Tier::Outpatient, held: false, need })
    });
    wanted.collect()
}

/// Whether pictures are asked for that no table of codes knows: nothing can be said of an order
/// then.
pub(crate) fn has_unknown_picture(decision: &Decision, codes: &Codes) -> bool {
    let spine = decision.imaging.iter().filter(|image| image.modality != "none");
    spine.into_iter().any(|image| !codes.knows(&image.spoken.id))
}

/// How an order fits a picture at the moment `now`, in seconds.
pub(crate) fn fit(order: &Order, wanted: &Wanted, now: Option<i64>) -> Fit {
    let Some(ordered) = &order.ordered else { return Fit::Short(vec![Gap::Modality]) };
    if order.not_to_be_done {
        return Fit::Short(vec![Gap::Modality]);
    }
    let mut gaps = picture_gaps(ordered, &wanted.need);
    if wanted.held {
        gaps.push(Gap::Held);
    }
    if wanted.tier >= Tier::Urgent {
        if rank(order.priority) < rank(Some(priority(wanted.tier))) {
            gaps.push(Gap::Priority);
        }
        let within = match wanted.tier {
            Tier::Immediate => HOUR,
            Tier::Emergency => 4 * HOUR,
            _ => DAY,
        };
        let late =
            order.occurs.zip(now).is_some_and(|(occurs, now)| occurs.earliest > now + within);
        if late || order.some_time {
            gaps.push(Gap::Later);
        }
    }
    if gaps.is_empty() { Fit::Answers } else { Fit::Short(gaps) }
}

/// Whether it is the picture, or a wider one, whenever it is made.
pub(crate) fn is_the_picture(ordered: &Ordered, need: &Need) -> bool {
    picture_gaps(ordered, need).is_empty()
}

fn picture_gaps(ordered: &Ordered, need: &Need) -> Vec<Gap> {
    let mut gaps = Vec::new();
    // Bone is seen on a CT at least as well as on an X-ray.
    let seen = (ordered.modality, need.modality) == (Modality::Ct, Modality::Xray);
    if ordered.modality != need.modality && !seen {
        gaps.push(Gap::Modality);
    }
    if need.region.is_some_and(|region| !covers(ordered.region, region)) {
        gaps.push(Gap::Region);
    }
    let dyed = matches!(ordered.contrast, Contrast::With | Contrast::Both);
    if need.contrast && !dyed {
        gaps.push(Gap::Contrast);
    }
    gaps
}

/// Whether the kind of picture that is asked for shows less than the one that was ordered: an
/// X-ray or a CT in place of an MRI, an X-ray in place of a CT.
pub(crate) fn shows_less(ordered: &Ordered, need: &Need) -> bool {
    let from_mri = ordered.modality == Modality::Mri && need.modality != Modality::Mri;
    let to_xray = ordered.modality == Modality::Ct && need.modality == Modality::Xray;
    from_mri || to_xray
}

fn covers(ordered: Region, needed: Region) -> bool {
    match ordered {
        Region::Whole => true,
        Region::Thoracolumbar => {
            matches!(needed, Region::Thoracic | Region::Lumbar | Region::Thoracolumbar)
        }
        Region::Unsaid => false,
        _ => ordered == needed,
    }
}

/// The priority of FHIR that a tier stands for.
pub(crate) fn priority(tier: Tier) -> &'static str {
    match tier {
        Tier::Immediate | Tier::Emergency => "stat",
        Tier::Urgent => "urgent",
        Tier::Booked | Tier::Outpatient | Tier::None => "routine",
    }
}

/// Priorities in their order; what is not known counts as the lowest. `asap` is above `urgent`
/// and below `stat`, as FHIR says.
pub(crate) fn rank(priority: Option<&str>) -> u8 {
    match priority {
        Some("stat") => 3,
        Some("asap") => 2,
        Some("urgent") => 1,
        _ => 0,
    }
}
