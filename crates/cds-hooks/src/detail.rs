//! The long text of a card: what, why, what is unknown, what would change it, what it was read
//! from, and who says so. Everything a clinician needs to judge it without another page.

use cauda_guideline::units::value_words;
use cauda_guideline::vocabulary::Tier;

use crate::answer::{Topic, is_decided, is_for_a_back};
use crate::fit::{self, Gap};
use crate::markdown::{escape, first, section};
use crate::radiation::radiation;
use crate::situation::{Kind, Situation};
use crate::{claim, known, open};

/// Most items of a list on a card.
const ITEMS_MAX: usize = 6;
/// Most sources that are named; the page of the guideline has all of them.
const SOURCES_MAX: usize = 3;
/// What is to be done, in the order of a card.
const TO_DO: [(&str, &str); 4] =
    [("first", "First"), ("do", "Do"), ("call", "Call"), ("meanwhile", "Meanwhile")];
/// Most answers that would change it.
const CHANGES_MAX: usize = 5;

const HELD: &str =
    "The picture is the right one, and the patient must not be scanned as it stands.";

/// The text.
pub(crate) fn detail(situation: &Situation, topic: &Topic) -> String {
    let mut text = String::new();
    section(&mut text, "What", &what(situation, topic));
    section(&mut text, "Why", &why(situation, topic));
    if topic.kind != Kind::Deceased {
        let unlisted = known::unlisted(situation);
        section(&mut text, "In the chart, and not taken into account", &unlisted);
    }
    if topic.kind == Kind::Questions {
        let heading = "One signature answers a group, if each was asked and is so";
        section(&mut text, heading, &open::signatures(situation));
    }
    section(&mut text, "Not known yet", &unknown(situation, topic));
    // Of a card that asks, the questions say so already.
    if topic.kind != Kind::Questions {
        section(&mut text, "What would change this", &changes(situation));
    }
    section(&mut text, "Read from", &known::used(situation));
    section(&mut text, "Sent, and not used", &known::ignored(situation));
    section(&mut text, "Source", &source(situation));
    text
}

fn what(situation: &Situation, topic: &Topic) -> Vec<String> {
    let decision = situation.decision;
    let mut items = vec![first_line(situation, topic)];
    if topic.kind == Kind::Deceased {
        return items;
    }
    if situation.is_deceased {
        let dead = "The record that was sent says that the patient has died: check whose it is.";
        items.push(dead.to_string());
    }
    if let Some(disposition) = &decision.disposition {
        items.push(format!("Recommended: {}", escape(&disposition.staff)));
    }
    if decision.urgency.acted_on >= Tier::Urgent {
        let tier = tier_words(situation, decision.urgency.acted_on);
        items.push(format!("Acted on now: {}", escape(&tier)));
    }
    let images = decision.imaging.iter().map(|image| {
        let mut line = format!("Picture: {}", escape(&image.spoken.staff));
        if let Some(within) = &image.within {
            line.push_str(&format!(", within {}", escape(within)));
        }
        if !image.held_by.is_empty() {
            let held: Vec<String> = image.held_by.iter().map(|word| escape(&word.staff)).collect();
            line.push_str(&format!("; **not as it stands**: {}", held.join("; ")));
            for fallback in &image.patient_cannot_be_scanned {
                line.push_str(&format!("; {}", escape(&fallback.staff)));
            }
        }
        line
    });
    items.extend(first(images.collect(), ITEMS_MAX));
    items.extend(gaps(topic));
    let reasons = decision.no_imaging_because.iter().map(|reason| escape(&reason.staff));
    items.extend(first(reasons.collect(), ITEMS_MAX));
    items.extend(radiation(decision, topic.order, situation.pregnancy));
    // What is to be done is never cut: the card says all of it without the app.
    items.extend(to_do(situation));
    if topic.kind != Kind::Questions && !is_decided(situation) {
        let open = open::counted(situation);
        let open =
            open.map_or_else(String::new, |open| format!(" {open} could still change this."));
        items.push(format!("Not decided yet.{open}"));
    }
    items
}

/// Everything to do, a line for each moment; what two pages ask for is said once.
fn to_do(situation: &Situation) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for (when, label) in TO_DO {
        let actions = situation.decision.actions.iter().filter(|action| action.when == when);
        let mut words = Vec::new();
        for action in actions.map(|action| escape(&action.spoken.staff)) {
            if !said.contains(&action) {
                said.push(action.clone());
                words.push(action);
            }
        }
        if !words.is_empty() {
            lines.push(format!("{label}: {}", words.join("; ")));
        }
    }
    lines
}

fn first_line(situation: &Situation, topic: &Topic) -> String {
    let open = open::counted(situation).unwrap_or_else(|| "what is not known".to_string());
    match topic.kind {
        Kind::Danger if topic.gaps == [Gap::Held] => HELD.into(),
        Kind::NotRecognised => "The code of this order is not in the table of codes, so nothing \
                                can be said of it. Check that it is what is recommended."
            .into(),
        Kind::OtherFirst => {
            "What is suspected asks for something else than a picture of the spine first.".into()
        }
        Kind::Danger => "This order is too little for what is suspected.".into(),
        Kind::Leaving if is_for_a_back(situation) => {
            "Nobody said why the patient came. If it is pain of the back or legs, what follows \
             holds; if not, it does not."
                .into()
        }
        Kind::Leaving => "What is suspected cannot wait until after the visit.".into(),
        Kind::OtherPicture if topic.gaps == [Gap::Held] => HELD.into(),
        Kind::OtherPicture if is_more(topic) => "Another picture comes first. The one that was \
                                                 ordered is not wrong for it: it may show more."
            .into(),
        Kind::OtherPicture => "The guideline asks for another picture than this one.".into(),
        Kind::NotIndicated => "The guideline asks for no picture of the spine. You can order it \
                               all the same; more care needs no reason."
            .into(),
        Kind::Stays => "The guideline says that the patient stays.".into(),
        Kind::Questions if situation.decision.urgency.acted_on >= Tier::Urgent => format!(
            "This order answers what is suspected so far. Still open: {open}. That could ask for \
             more, so there is no rating yet."
        ),
        Kind::Questions => format!(
            "The guideline cannot decide yet. Open: {open}. Unknown counts neither as yes nor as \
             no, so there is no advice on this order and no rating."
        ),
        Kind::Outside => "The patient is under 18, and this guideline is for adults: it gives no \
                          advice and sends nobody home. A senior clinician and paediatrics decide."
            .into(),
        Kind::Review if !situation.alarms.is_empty() => format!(
            "The chart holds {}. Confirm or refute it at the bedside now, and call a senior. No \
             X-ray rules it out, and nothing else in the chart reassures.",
            situation.alarms.iter().map(|alarm| escape(alarm)).collect::<Vec<_>>().join(", ")
        ),
        Kind::Review if !situation.blocks.is_empty() => {
            "What is known of this patient must not reassure anybody: a clinician has to look \
             first. There is no advice on this order."
                .into()
        }
        Kind::Review => "The guideline contradicts itself for this patient. A clinician has to \
                         review; there is no advice on this order."
            .into(),
        Kind::Deceased => "The record that was sent says that the patient has died. Check whose \
                           order this is. There is no advice on it."
            .into(),
    }
}

/// Whether the order is for a picture that shows more than the one that comes first.
fn is_more(topic: &Topic) -> bool {
    let ordered = topic.order.and_then(|order| order.ordered.as_ref());
    let both = ordered.zip(topic.wanted.as_ref());
    both.is_some_and(|(ordered, wanted)| fit::shows_less(ordered, &wanted.need))
}

fn gaps(topic: &Topic) -> Vec<String> {
    let words = |gap: &Gap| match gap {
        Gap::Modality => "The order is for another kind of picture.",
        Gap::Region => "The order leaves out a part of the spine, or does not say which it is.",
        Gap::Contrast => "The order does not say that contrast is given.",
        Gap::Priority => "The priority of the order is too low.",
        Gap::Later => "The order is dated too late.",
        Gap::Held => "The patient must not be scanned as it stands.",
    };
    topic.gaps.iter().map(|gap| words(gap).to_string()).collect()
}

fn why(situation: &Situation, topic: &Topic) -> Vec<String> {
    let decision = situation.decision;
    if topic.kind == Kind::Deceased {
        return Vec::new();
    }
    let fact = |shown| known::fact(situation, shown);
    let concerns = claim::raised(situation).into_iter().map(|concern| {
        let facts: Vec<String> = concern.because.iter().map(fact).collect();
        let (title, facts) = (escape(&claim::words(situation, concern)), facts.join("; "));
        if facts.is_empty() { title } else { format!("{title}: {facts}") }
    });
    let mut lines: Vec<String> = Vec::new();
    for line in concerns {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return first(decision.why.iter().map(fact).collect(), ITEMS_MAX);
    }
    first(lines, ITEMS_MAX)
}

fn unknown(situation: &Situation, topic: &Topic) -> Vec<String> {
    let mut items = Vec::new();
    if situation.is_child.is_none() {
        items.push("The age: it was not sent, so nothing here reassures".to_string());
    }
    items.extend(open::questions(situation, topic.kind));
    let cannot = situation.decision.cannot_be_had.iter().map(|shown| known::fact(situation, shown));
    let cannot = first(cannot.collect(), ITEMS_MAX);
    items.extend(cannot.into_iter().map(|item| format!("No answer: {item}")));
    let blocks =
        situation.blocks.iter().map(|block| format!("Nothing reassures: {}", escape(block)));
    items.extend(first(blocks.collect(), ITEMS_MAX));
    if !situation.not_supplied.is_empty() {
        let keys: Vec<String> = situation.not_supplied.iter().map(|key| escape(key)).collect();
        items.push(format!("The record did not send: {}", keys.join(", ")));
    }
    items
}

fn changes(situation: &Situation) -> Vec<String> {
    let phrases = &situation.guideline.vocabulary;
    let changes = situation.decision.would_change.iter().map(|change| {
        let mut line = format!("{}: {}", escape(&change.name), escape(&value_words(&change.value)));
        match &change.disposition {
            Some(place) => {
                let words = phrases.get("disposition", place).map_or(place, |it| &it.staff);
                line.push_str(&format!(" → {}", escape(words)));
                if change.acted_on != situation.decision.urgency.acted_on {
                    line.push_str(&format!(" ({})", change.acted_on.id()));
                }
            }
            None => line.push_str(&format!(
                " → cannot decide yet, acted on as: {}",
                escape(&tier_words(situation, change.acted_on))
            )),
        }
        line
    });
    first(changes.collect(), CHANGES_MAX)
}

fn source(situation: &Situation) -> Vec<String> {
    let (guideline, basis) = (situation.guideline, &situation.decision.guideline);
    let mut items = vec![format!(
        "{}, `{}` version {}, {}",
        escape(&guideline.title),
        escape(&basis.id).replace('\\', ""),
        escape(&basis.version),
        escape(&basis.status)
    )];
    items.extend(cited(situation));
    if let Some(until) = &situation.decision.valid_until {
        items.push(format!("Holds until {} if nothing new is known", escape(until)));
    }
    items.push("Not a certified medical device. The clinician decides.".into());
    items
}

/// The sources of the most urgent concerns, on which the card rests, once each.
fn cited(situation: &Situation) -> Vec<String> {
    let raised = claim::raised(situation);
    let tier = raised.iter().map(|concern| concern.tier).max();
    let urgent = raised.iter().filter(|concern| Some(concern.tier) == tier);
    let mut named: Vec<String> = Vec::new();
    for cited in urgent.flat_map(|concern| &concern.sources) {
        let known = situation.guideline.sources.get(&cited.id);
        let title = known.map_or(cited.id.as_str(), |source| &source.title);
        let line = format!("{} ({})", escape(title), cited.read);
        if !named.contains(&line) {
            named.push(line);
        }
    }
    if named.len() > SOURCES_MAX {
        named.truncate(SOURCES_MAX);
        named.push("The others stand on the page of the guideline, linked below".into());
    }
    named
}

/// How staff read a tier.
pub(crate) fn tier_words(situation: &Situation, tier: Tier) -> String {
    let phrase = situation.guideline.vocabulary.get("tier", tier.id());
    phrase.map_or_else(|| tier.id().to_string(), |phrase| phrase.staff.clone())
}

impl Situation<'_> {
    /// Pictures of the spine that are asked for.
    pub(crate) fn wanted(&self) -> Vec<fit::Wanted<'_>> {
        fit::wanted(self.decision, self.codes)
    }
}
