//! From a situation to at most one card (CR26), or to silence.
//!
//! Undecided is an answer of its own: open questions, what is acted on already, and no rating.
//! Silence is for what adds nothing: the order agrees, a spinal service orders, the matter is
//! another one, or the same was told already. It never hides a danger that the order is too
//! little for, nor one that is about to leave.

use cauda_fhir::Moment;
use cauda_guideline::decision::{AdviceState, Classification};
use cauda_guideline::vocabulary::Tier;

use crate::card::{Card, Coding, Indicator, Link, LinkType, Response, Selection, Source};
use crate::code_systems::TOPIC_SYSTEM;
use crate::detail::detail;
use crate::fit::{self, Fit, Gap, Wanted};
use crate::headline::headline;
use crate::hook::Hook;
use crate::order::{Matter, Order};
use crate::rating;
use crate::reasons::override_reasons;
use crate::situation::{Kind, Situation};
use crate::suggest::suggestions;
use crate::summary::summary;

/// What there is to say.
pub(crate) struct Topic<'a> {
    pub kind: Kind,
    /// The order it is about.
    pub order: Option<&'a Order<'a>>,
    /// The picture that the order is short of.
    pub wanted: Option<Wanted<'a>>,
    /// In what it falls short.
    pub gaps: Vec<Gap>,
}

impl<'a> Topic<'a> {
    fn of(kind: Kind) -> Topic<'a> {
        Topic { kind, order: None, wanted: None, gaps: Vec::new() }
    }

    fn about(kind: Kind, order: &'a Order<'a>) -> Topic<'a> {
        Topic { order: Some(order), ..Topic::of(kind) }
    }
}

/// The answer to a call. `new_uuid` gives a UUID that was never given before.
pub fn answer(situation: &Situation, new_uuid: &mut dyn FnMut() -> String) -> Response {
    let topic = topic(situation).filter(|topic| !is_quiet(situation, topic));
    let cards = topic.map(|topic| card(situation, &topic, new_uuid));
    Response { cards: cards.into_iter().collect(), system_actions: rating::actions(situation) }
}

fn topic<'a>(situation: &'a Situation<'a>) -> Option<Topic<'a>> {
    match situation.hook {
        Hook::OrderSelect | Hook::OrderSign => ordering(situation),
        Hook::EncounterDischarge => leaving(situation),
        Hook::PatientView | Hook::EncounterStart => opening(situation),
    }
}

fn ordering<'a>(situation: &'a Situation<'a>) -> Option<Topic<'a>> {
    let counting = counting(situation);
    let Some(first) = counting.first().copied() else { return not_recognised(situation) };
    // A danger first, as the wrong one of the two may be that the patient has died.
    if situation.decision.urgency.acted_on >= Tier::Urgent {
        let danger = in_danger(situation, &counting);
        let dead = || Topic::about(Kind::Deceased, first);
        return danger.or_else(|| situation.is_deceased.then(dead));
    }
    if situation.is_deceased {
        return Some(Topic::about(Kind::Deceased, first));
    }
    if situation.decision.clinician_review {
        return Some(Topic::about(Kind::Review, first));
    }
    if situation.is_child == Some(true) {
        return Some(Topic::about(Kind::Outside, first));
    }
    if !is_decided(situation) || fit::has_unknown_picture(situation.decision, situation.codes) {
        return Some(Topic::about(Kind::Questions, first));
    }
    let disagreeing = counting.into_iter().find_map(|order| disagreement(situation, order));
    disagreeing.or(None)
}

/// An order for the back whose code nobody knows, while an emergency waits for a picture that no
/// order answers. It may be that picture, or far too little.
fn not_recognised<'a>(situation: &'a Situation<'a>) -> Option<Topic<'a>> {
    let is_emergency = situation.decision.urgency.acted_on >= Tier::Emergency;
    if !is_emergency {
        return None;
    }
    let now = moment(situation);
    let answered = |wanted: &Wanted| {
        situation.orders.iter().any(|order| fit::fit(order, wanted, now) == Fit::Answers)
    };
    let mut urgent = situation.wanted().into_iter().filter(|wanted| wanted.tier >= Tier::Emergency);
    let wanted = urgent.find(|wanted| !answered(wanted))?;
    let order = situation.orders.iter().find(|order| {
        order.selected
            && order.ordered.is_none()
            && order.matter == Matter::BackPain
            && !order.other_patient
    })?;
    Some(Topic { wanted: Some(wanted), ..Topic::about(Kind::NotRecognised, order) })
}

/// The orders that are advised on. Those for another matter only if there are no others.
fn counting<'a>(situation: &'a Situation<'a>) -> Vec<&'a Order<'a>> {
    let all: Vec<&Order> = situation.orders.iter().filter(|order| order.counts()).collect();
    let (other, back): (Vec<&Order>, Vec<&Order>) =
        all.into_iter().partition(|order| order.matter == Matter::Other);
    if back.is_empty() { other } else { back }
}

/// The first picture in time that no order answers, and the order that comes nearest to it.
fn in_danger<'a>(situation: &'a Situation<'a>, counting: &[&'a Order<'a>]) -> Option<Topic<'a>> {
    let first = *counting.first()?;
    let now = moment(situation);
    let wanted: Vec<Wanted> =
        situation.wanted().into_iter().filter(|wanted| wanted.tier >= Tier::Urgent).collect();
    let spine: Vec<&Order> =
        situation.orders.iter().filter(|order| order.is_of_the_spine()).collect();
    let open = wanted
        .iter()
        .find(|wanted| !spine.iter().any(|order| fit::fit(order, wanted, now) == Fit::Answers));
    if let Some(open) = open {
        let gaps_of = |order: &&&'a Order<'a>| match fit::fit(order, open, now) {
            Fit::Answers => Vec::new(),
            Fit::Short(gaps) => gaps,
        };
        let nearest = counting.iter().min_by_key(|order| {
            let gaps = gaps_of(order);
            (gaps.iter().filter(|gap| gap.is_of_the_picture()).count(), gaps.len())
        });
        let order = nearest.copied().unwrap_or(first);
        let gaps = gaps_of(&&order);
        // A picture that shows more is not too little: another one comes first.
        let ordered = order.ordered.as_ref().filter(|_| !order.not_to_be_done);
        let more = ordered.is_some_and(|ordered| fit::shows_less(ordered, &open.need));
        let kind = if more && gaps == [Gap::Modality] { Kind::OtherPicture } else { Kind::Danger };
        return Some(Topic { kind, order: Some(order), wanted: Some(*open), gaps });
    }
    if wanted.is_empty() {
        return Some(Topic::about(Kind::OtherFirst, first));
    }
    let undecided = !is_decided(situation);
    undecided.then(|| Topic::about(Kind::Questions, first))
}

fn disagreement<'a>(situation: &'a Situation<'a>, order: &'a Order<'a>) -> Option<Topic<'a>> {
    let now = moment(situation);
    let wanted = situation.wanted();
    let gaps: Vec<Vec<Gap>> = wanted
        .iter()
        .map(|wanted| match fit::fit(order, wanted, now) {
            Fit::Answers => Vec::new(),
            Fit::Short(gaps) => gaps,
        })
        .collect();
    if gaps.iter().any(Vec::is_empty) {
        return None;
    }
    if let (Some(wanted), Some(gaps)) = (wanted.first(), gaps.into_iter().next()) {
        let kind = Kind::OtherPicture;
        return Some(Topic { kind, order: Some(order), wanted: Some(*wanted), gaps });
    }
    Some(Topic::about(Kind::NotIndicated, order))
}

/// Whether answers could make the picture due after the visit.
pub(crate) fn may_be_due(situation: &Situation, order: &Order) -> bool {
    let waiting = fit::follow_up(situation.decision, situation.codes, AdviceState::Waits);
    let ordered = order.ordered.as_ref();
    waiting
        .iter()
        .any(|wanted| ordered.is_some_and(|ordered| fit::is_the_picture(ordered, &wanted.need)))
}

fn leaving<'a>(situation: &'a Situation<'a>) -> Option<Topic<'a>> {
    let decision = situation.decision;
    // Who came for something else is told of what only a spine explains, and of nothing that a
    // fever, an old cancer or an old fracture would be told of every day.
    let of_other = situation.matter == Matter::Other && !needs_the_spine_seen(situation);
    if decision.urgency.acted_on >= Tier::Urgent && !of_other {
        return Some(Topic::of(Kind::Leaving));
    }
    if situation.is_deceased || situation.matter != Matter::BackPain {
        return None;
    }
    if decision.clinician_review && !situation.blocks.is_empty() {
        return Some(Topic::of(Kind::Review));
    }
    if situation.is_child == Some(true) {
        return Some(Topic::of(Kind::Outside));
    }
    if decision.clinician_review {
        return Some(Topic::of(Kind::Review));
    }
    let Some(disposition) = decision.disposition.as_ref().filter(|_| is_decided(situation)) else {
        return Some(Topic::of(Kind::Questions));
    };
    let phrase = situation.guideline.vocabulary.get("disposition", &disposition.id);
    let leaves = phrase.is_some_and(|phrase| phrase.leaves);
    (!leaves).then(|| Topic::of(Kind::Stays))
}

/// When a record is opened, only what is an emergency already.
fn opening<'a>(situation: &'a Situation<'a>) -> Option<Topic<'a>> {
    if !situation.alarms.is_empty() && situation.screened.is_none() {
        let urgent = situation.decision.urgency.acted_on >= Tier::Emergency;
        return Some(Topic::of(if urgent { Kind::Leaving } else { Kind::Review }));
    }
    let now = situation.decision.urgency.acted_on >= Tier::Emergency;
    let of_the_back = situation.matter == Matter::BackPain || needs_the_spine_seen(situation);
    (now && of_the_back && situation.screened.is_none()).then(|| Topic::of(Kind::Leaving))
}

/// Whether a picture of the spine is due as an emergency, whatever the patient came for.
pub(crate) fn needs_the_spine_seen(situation: &Situation) -> bool {
    situation.wanted().iter().any(|wanted| wanted.tier >= Tier::Emergency)
}

/// Whether nobody said what the patient came for, and what is told holds only if it is the back.
pub(crate) fn is_for_a_back(situation: &Situation) -> bool {
    situation.matter == Matter::NotSaid && !needs_the_spine_seen(situation)
}

fn is_quiet(situation: &Situation, topic: &Topic) -> bool {
    let is_emergency = situation.decision.urgency.acted_on >= Tier::Emergency;
    if topic.kind.is_never_silenced() || (topic.kind == Kind::OtherFirst && is_emergency) {
        return false;
    }
    // What a clinician has to see first is no question that was asked before.
    if topic.kind == Kind::Review && !situation.blocks.is_empty() {
        return false;
    }
    if situation.hook.is_order() {
        let other = topic.order.is_some_and(|order| {
            order.matter == Matter::Other
                || (order.matter == Matter::NotSaid && situation.matter == Matter::Other)
        });
        if other || situation.by_specialist {
            return true;
        }
    }
    let is_question =
        matches!(topic.kind, Kind::Questions | Kind::Outside | Kind::Review | Kind::NotRecognised);
    if is_question && situation.screened.is_some() && situation.blocks.is_empty() {
        return true;
    }
    was_told(situation, topic, is_question)
}

/// The same about the same facts was told in this encounter, and either somebody answered it or
/// it stands at another order. The same order gets the same card again: a client drops the old
/// one when it asks anew (R78). Whoever leaves is told unless somebody answered: a card beside an
/// order that nobody looked at is no screening. A card on a danger listed the open questions as
/// well: whoever answered it is not held up by them.
fn was_told(situation: &Situation, topic: &Topic, is_question: bool) -> bool {
    let here = topic.order.and_then(|order| order.reference.as_deref());
    situation.earlier.iter().any(|earlier| {
        let asked = topic.kind == Kind::Questions && earlier.kind == Kind::Danger;
        let same = earlier.kind == topic.kind || asked;
        let facts = earlier.facts_sha256 == situation.decision.facts_sha256;
        let order = earlier.order.as_deref();
        let elsewhere = situation.hook.is_order() && order.is_some() && order != here;
        same && ((facts && earlier.answered) || (is_question && elsewhere))
    })
}

/// Whether urgency and disposition stand, for a patient whom the guideline is for, and nothing
/// keeps what was sent from reassuring.
pub(crate) fn is_decided(situation: &Situation) -> bool {
    let decision = situation.decision;
    decision.decided
        && decision.disposition.is_some()
        && !decision.clinician_review
        && situation.is_child.is_some()
        && situation.blocks.is_empty()
        && decision.classification != Classification::CannotDecideYet
}

fn moment(situation: &Situation) -> Option<i64> {
    situation.decision.as_of.as_deref().and_then(Moment::read).map(|moment| moment.latest)
}

fn card(situation: &Situation, topic: &Topic, new_uuid: &mut dyn FnMut() -> String) -> Card {
    let suggestions = suggestions(situation, topic, new_uuid);
    Card {
        uuid: new_uuid(),
        summary: headline(situation, topic),
        detail: detail(situation, topic),
        indicator: indicator(situation, topic),
        source: source(situation, topic),
        selection_behavior: (!suggestions.is_empty()).then_some(Selection::AtMostOne),
        suggestions,
        override_reasons: match topic.kind {
            Kind::Deceased => Vec::new(),
            Kind::Review if situation.alarms.is_empty() => Vec::new(),
            _ => override_reasons(situation.base),
        },
        links: links(situation),
        kind: topic.kind,
        order: topic.order.and_then(|order| order.reference.clone()),
    }
}

fn indicator(situation: &Situation, topic: &Topic) -> Indicator {
    match topic.kind {
        Kind::Deceased => Indicator::Warning,
        // A diagnosis of the chart that is an emergency by its name.
        Kind::Review if !situation.alarms.is_empty() => Indicator::Critical,
        // What holds only if it is the back is asked; the order that fits is no alarm.
        Kind::Leaving if is_for_a_back(situation) => {
            let urgent = situation.decision.urgency.acted_on >= Tier::Emergency;
            if urgent { Indicator::Warning } else { Indicator::Info }
        }
        Kind::Questions if situation.blocks.is_empty() => Indicator::Info,
        Kind::Outside => Indicator::Warning,
        _ if situation.decision.urgency.acted_on >= Tier::Emergency => Indicator::Critical,
        _ if situation.decision.urgency.acted_on >= Tier::Urgent => Indicator::Warning,
        Kind::OtherPicture | Kind::NotIndicated | Kind::Stays => Indicator::Warning,
        _ if !situation.blocks.is_empty() => Indicator::Warning,
        _ => Indicator::Info,
    }
}

fn source(situation: &Situation, topic: &Topic) -> Source {
    let basis = &situation.decision.guideline;
    let (code, display) = topic.kind.topic();
    // The status of a draft says it already.
    let device = match basis.status.contains("not a certified") {
        true => "",
        false => "; not a certified device",
    };
    Source {
        label: summary(&[&format!(
            "Cauda, {} {}, {}{device}",
            situation.guideline.title, basis.version, basis.status
        )]),
        url: situation.links.guideline.to_string(),
        icon: situation.links.icon.map(str::to_string),
        topic: Coding {
            system: format!("{}{TOPIC_SYSTEM}", situation.base),
            code: code.to_string(),
            display: display.to_string(),
        },
    }
}

fn links(situation: &Situation) -> Vec<Link> {
    let launch = situation.links.launch.map(|launch| Link {
        label: "Answer the open questions in Cauda".into(),
        url: launch.url.to_string(),
        kind: LinkType::Smart,
        app_context: Some(launch.handle.to_string()),
    });
    let page = Link {
        label: "The guideline and its sources".into(),
        url: situation.links.guideline.to_string(),
        kind: LinkType::Absolute,
        app_context: None,
    };
    launch.into_iter().chain([page]).collect()
}
