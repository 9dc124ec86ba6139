//! Cards, read tolerantly so that advice is shown, and checked strictly so that whoever builds a
//! service learns in what it breaks the standard (CDS Hooks 2.0, "CDS Service Response").

use pulldown_cmark::{Event, Options, Parser};
use serde_json::Value;

/// Most cards, and most of anything in a card.
const CARDS_MAX: usize = 50;
const PARTS_MAX: usize = 50;
/// Characters of a summary stay below this.
const SUMMARY_CHARACTERS: usize = 140;
/// Most complaints that are kept of one answer.
const COMPLAINTS_MAX: usize = 50;
const CARD_FIELDS: [&str; 10] = [
    "uuid",
    "summary",
    "detail",
    "indicator",
    "source",
    "suggestions",
    "selectionBehavior",
    "overrideReasons",
    "links",
    "extension",
];

/// A card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// Its id, by which feedback names it.
    pub uuid: Option<String>,
    /// One sentence.
    pub summary: String,
    /// `info`, `warning` or `critical`.
    pub indicator: String,
    /// More, as Markdown.
    pub detail: Option<String>,
    /// Who says it.
    pub source: String,
    /// Where that can be read.
    pub source_url: Option<String>,
    /// What it offers to do.
    pub suggestions: Vec<Suggestion>,
    /// `at-most-one` or `any`.
    pub selection: Option<String>,
    /// Why it may be set aside: code, system, and words.
    pub override_reasons: Vec<Value>,
    /// Where more is.
    pub links: Vec<Link>,
}

/// What a card offers to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestion {
    /// Its id.
    pub uuid: Option<String>,
    /// What its button says.
    pub label: String,
    /// Whether the service prefers it.
    pub recommended: bool,
    /// What is done, in order, all or nothing.
    pub actions: Vec<Value>,
}

/// A link of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Whether it opens a SMART app.
    pub smart: bool,
    /// What the app is told.
    pub app_context: Option<String>,
}

/// An answer taken apart.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) cards: Vec<Card>,
    pub(crate) system_actions: Vec<Value>,
    pub(crate) complaints: Vec<String>,
}

/// Reads an answer.
pub(crate) fn read(body: &Value) -> Read {
    let mut read = Read::default();
    empties(body, "", &mut read.complaints);
    match body.get("cards").and_then(Value::as_array) {
        None => read.complaints.push("the answer has no list of cards".to_owned()),
        Some(cards) => {
            for (at, one) in cards.iter().take(CARDS_MAX).enumerate() {
                let mut complaints = Vec::new();
                read.cards.push(card(one, &mut complaints));
                let at = |said: String| format!("card {}: {said}", at + 1);
                read.complaints.extend(complaints.into_iter().map(at));
            }
        }
    }
    let places = ["/systemActions", "/extension/systemActions"];
    for action in places.iter().flat_map(|place| list(body.pointer(place))).take(PARTS_MAX) {
        action_complaints(action, false, &mut read.complaints);
        read.system_actions.push(action.clone());
    }
    read.complaints.truncate(COMPLAINTS_MAX);
    read
}

/// What an `OperationOutcome` says, in one line.
pub(crate) fn said_in_outcome(body: &Value) -> Option<String> {
    let issue = body.get("issue")?.get(0)?;
    let text = issue.pointer("/details/text").or(issue.get("diagnostics"))?.as_str()?;
    Some(text.chars().take(300).collect())
}

fn card(one: &Value, complaints: &mut Vec<String>) -> Card {
    let mut say = |wrong: bool, text: &str| {
        if wrong {
            complaints.push(text.to_owned());
        }
    };
    let known = |name: &String| CARD_FIELDS.contains(&name.as_str());
    say(one.as_object().is_some_and(|map| !map.keys().all(known)), "a field is not of a card");
    let summary = text(one, "summary").unwrap_or_default();
    say(summary.is_empty(), "summary is missing");
    say(summary.chars().count() >= SUMMARY_CHARACTERS, "summary has 140 characters or more");
    let indicator = text(one, "indicator").unwrap_or_default();
    let known = ["info", "warning", "critical"].contains(&indicator.as_str());
    say(!known, "indicator is none of info, warning and critical");
    let uuid = text(one, "uuid");
    say(uuid.is_none(), "uuid is missing, so there can be no feedback");
    let source = one.get("source").cloned().unwrap_or_default();
    say(text(&source, "label").is_none(), "source.label is missing");
    let source_url = text(&source, "url");
    say(source_url.as_ref().is_some_and(|url| !is_absolute(url)), "source.url is not absolute");
    let topic = source.get("topic");
    let whole = |topic: &Value| text(topic, "code").is_some() && text(topic, "system").is_some();
    say(topic.is_some_and(|topic| !whole(topic)), "source.topic lacks code or system");
    let detail = text(one, "detail");
    say(detail.as_deref().is_some_and(has_html), "detail holds HTML");
    let selection = text(one, "selectionBehavior");
    let offers = list(one.get("suggestions"));
    let fits = selection.as_deref().is_some_and(|one| ["at-most-one", "any"].contains(&one));
    say(!offers.is_empty() && !fits, "suggestions need selectionBehavior at-most-one or any");
    let suggestions: Vec<Suggestion> =
        offers.into_iter().take(PARTS_MAX).map(|one| suggestion(one, complaints)).collect();
    let recommended = suggestions.iter().filter(|one| one.recommended).count();
    if recommended > 1 && selection.as_deref() == Some("at-most-one") {
        complaints.push("more than one suggestion of at-most-one is recommended".to_owned());
    }
    Card {
        uuid,
        summary,
        indicator: if known { indicator } else { "warning".to_owned() },
        detail,
        source: text(&source, "label").unwrap_or_else(|| "a source without a name".to_owned()),
        source_url: source_url.filter(|url| is_absolute(url)),
        suggestions,
        selection,
        override_reasons: reasons(one, complaints),
        links: links(one, complaints),
    }
}

fn suggestion(one: &Value, complaints: &mut Vec<String>) -> Suggestion {
    let label = text(one, "label").unwrap_or_default();
    if label.is_empty() {
        complaints.push("a suggestion has no label".to_owned());
    }
    if text(one, "uuid").is_none() {
        complaints.push("a suggestion has no uuid, so there can be no feedback".to_owned());
    }
    let actions: Vec<Value> =
        list(one.get("actions")).into_iter().take(PARTS_MAX).cloned().collect();
    actions.iter().for_each(|action| action_complaints(action, true, complaints));
    let recommended = one.get("isRecommended").and_then(Value::as_bool).unwrap_or(false);
    Suggestion { uuid: text(one, "uuid"), label, recommended, actions }
}

fn action_complaints(action: &Value, described: bool, complaints: &mut Vec<String>) {
    let mut say = |wrong: bool, text: &str| {
        if wrong {
            complaints.push(text.to_owned());
        }
    };
    let kind = text(action, "type").unwrap_or_default();
    let resource = action.get("resource").is_some_and(Value::is_object);
    say(!["create", "update", "delete"].contains(&kind.as_str()), "an action has no known type");
    say(described && text(action, "description").is_none(), "an action has no description");
    say(kind != "delete" && !resource, "an action lacks its resource");
    let id = action.get("resourceId").is_some();
    say(kind == "delete" && !id, "a delete lacks its resourceId");
}

fn reasons(card: &Value, complaints: &mut Vec<String>) -> Vec<Value> {
    let mut whole = Vec::new();
    for reason in list(card.get("overrideReasons")).into_iter().take(PARTS_MAX) {
        match ["code", "system", "display"].iter().all(|name| text(reason, name).is_some()) {
            true => whole.push(reason.clone()),
            false => complaints.push("an override reason lacks code, system or display".to_owned()),
        }
    }
    whole
}

fn links(card: &Value, complaints: &mut Vec<String>) -> Vec<Link> {
    let mut links = Vec::new();
    for one in list(card.get("links")).into_iter().take(PARTS_MAX) {
        let kind = text(one, "type").unwrap_or_default();
        let link = Link {
            label: text(one, "label").unwrap_or_default(),
            url: text(one, "url").unwrap_or_default(),
            smart: kind == "smart",
            app_context: text(one, "appContext"),
        };
        if !["absolute", "smart"].contains(&kind.as_str()) || link.label.is_empty() {
            complaints.push("a link lacks its label or a known type".to_owned());
        } else if !is_absolute(&link.url) {
            complaints.push("the address of a link is not absolute".to_owned());
        } else if link.app_context.is_some() && !link.smart {
            complaints.push("appContext stands at a link that is not smart".to_owned());
        } else {
            links.push(link);
        }
    }
    links
}

/// Elements are neither `null` nor empty; the list of cards alone may be.
fn empties(value: &Value, at: &str, complaints: &mut Vec<String>) {
    let empty = match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty() && at != ".cards",
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    if empty && complaints.len() < COMPLAINTS_MAX {
        complaints.push(format!("{} is null or empty", at.trim_start_matches('.')));
    }
    match value {
        Value::Object(map) => {
            for (name, one) in map {
                empties(one, &format!("{at}.{name}"), complaints);
            }
        }
        Value::Array(list) => list.iter().for_each(|one| empties(one, at, complaints)),
        _ => {}
    }
}

fn has_html(text: &str) -> bool {
    Parser::new_ext(text, Options::ENABLE_TABLES)
        .any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)))
}

/// Whether an address begins with a scheme that a browser may be sent to.
pub(crate) fn is_absolute(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn list(value: Option<&Value>) -> Vec<&Value> {
    value.and_then(Value::as_array).map(|list| list.iter().collect()).unwrap_or_default()
}
