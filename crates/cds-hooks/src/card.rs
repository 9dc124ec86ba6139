//! Cards as they go over the wire (CDS Hooks 2.0, "CDS Service Response"). What is optional and
//! not there is left out: nothing is `null`, and nothing but `cards` is empty (R3).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::situation::Kind;

/// A code of a system with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coding {
    /// Address of the system.
    pub system: String,
    /// The code.
    pub code: String,
    /// As people read it.
    pub display: String,
}

/// How urgent a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Indicator {
    /// To know.
    Info,
    /// To act on.
    Warning,
    /// To act on now.
    Critical,
}

/// Who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Name of the guideline and its version.
    pub label: String,
    /// Its page.
    pub url: String,
    /// An icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What the card is about.
    pub topic: Coding,
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionType {
    /// A new resource.
    Create,
    /// The whole resource, changed.
    Update,
    /// A resource by its reference.
    Delete,
}

/// One change of the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// What it does.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// In words.
    pub description: String,
    /// Of `create` and `update`: the whole resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<Value>,
    /// Of `delete`: the reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
}

/// Changes that are made together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// In words.
    pub label: String,
    /// Named in the feedback.
    pub uuid: String,
    /// Whether it is what the guideline recommends.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_recommended: bool,
    /// Never empty.
    pub actions: Vec<Action>,
}

/// How many suggestions may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// None or one.
    AtMostOne,
}

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkType {
    /// An address as it stands.
    Absolute,
    /// The address of a SMART launch.
    Smart,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// In words.
    pub label: String,
    /// Where.
    pub url: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: LinkType,
    /// Of a SMART launch: the handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_context: Option<String>,
}

/// A card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// Named in the feedback.
    pub uuid: String,
    /// Under 140 characters.
    pub summary: String,
    /// Markdown of GitHub, without HTML.
    pub detail: String,
    /// How urgent.
    pub indicator: Indicator,
    /// Who says so, about what.
    pub source: Source,
    /// What may be done with one press.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<Suggestion>,
    /// There when there are suggestions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_behavior: Option<Selection>,
    /// Reasons for not following it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub override_reasons: Vec<Coding>,
    /// Where more is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// What it is about.
    #[serde(skip)]
    pub kind: Kind,
    /// The order it is about, `ServiceRequest/123`.
    #[serde(skip)]
    pub order: Option<String>,
}

/// A card as the record keeps it. It is for the visit's record, not for a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownCard {
    /// Its UUID.
    pub uuid: String,
    /// What it was about.
    pub kind: Kind,
    /// Its summary.
    pub summary: String,
    /// How urgent.
    pub indicator: Indicator,
    /// The order it was about.
    pub order: Option<String>,
    /// UUIDs and labels of its suggestions.
    pub suggestions: Vec<(String, String)>,
}

/// The answer to a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// At most one card; none takes back an earlier one of the same service (R78).
    pub cards: Vec<Card>,
    /// Ratings of orders, for clients that agreed to them.
    pub system_actions: Vec<Action>,
}

impl Response {
    /// The body. Ratings stand twice: where CDS Hooks has them, and where the Argonaut guide has
    /// them, which is the only place that the public sandbox reads.
    pub fn json(&self) -> Value {
        let mut body = Map::new();
        body.insert("cards".into(), list(&self.cards));
        if !self.system_actions.is_empty() {
            let actions = list(&self.system_actions);
            let mut extension = Map::new();
            extension.insert("systemActions".into(), actions.clone());
            body.insert("systemActions".into(), actions);
            body.insert("extension".into(), extension.into());
        }
        body.into()
    }

    /// What the record keeps of it.
    pub fn shown(&self) -> Vec<ShownCard> {
        let shown = self.cards.iter().map(|card| ShownCard {
            uuid: card.uuid.clone(),
            kind: card.kind,
            summary: card.summary.clone(),
            indicator: card.indicator,
            order: card.order.clone(),
            suggestions: card
                .suggestions
                .iter()
                .map(|suggestion| (suggestion.uuid.clone(), suggestion.label.clone()))
                .collect(),
        });
        shown.collect()
    }
}

/// A list as JSON. These structures always can be written; what could not is left out.
fn list<T: Serialize>(items: &[T]) -> Value {
    items.iter().filter_map(|item| serde_json::to_value(item).ok()).collect()
}
