//! Draft orders of a hook: which of them are pictures of the spine, and why they are ordered.

use std::collections::BTreeSet;

use cauda_fhir::{Moment, Resource, Supplied};
use serde::Serialize;
use serde_json::Value;

use crate::codes::{Codes, Ordered};

/// Most draft orders that are looked at.
pub const ORDERS_MAX: usize = 200;

/// What a matter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// The back.
    BackPain,
    /// Nobody has said.
    NotSaid,
    /// Something else: every reason has a code, and none is of the back.
    Other,
}

/// One draft `ServiceRequest`.
#[derive(Clone, Debug, PartialEq)]
pub struct Order<'a> {
    /// Its id. Without one it can be neither changed nor rated.
    pub id: Option<&'a str>,
    /// `ServiceRequest/123`
    pub reference: Option<String>,
    /// `draft`, `active` …
    pub status: Option<&'a str>,
    /// `stat`, `asap`, `urgent`, `routine`; nothing counts as routine.
    pub priority: Option<&'a str>,
    /// From when on it may be done.
    pub occurs: Option<Moment>,
    /// It says when in a way that cannot be read, so nobody knows that it is in time.
    pub some_time: bool,
    /// It says that it is not to be done, or something that may change all it says.
    pub not_to_be_done: bool,
    /// When it was ordered.
    pub authored: Option<Moment>,
    /// The picture of the spine that it is, if it is one.
    pub ordered: Option<Ordered>,
    /// What its reasons say.
    pub matter: Matter,
    /// Whether it is what the clinician is busy with: selected, or about to be signed.
    pub selected: bool,
    /// Whether it is a draft, and not one that was placed before.
    pub is_draft: bool,
    /// Whether it names another patient than the context. It is not advised on then.
    pub other_patient: bool,
    /// The resource as it came.
    pub raw: &'a Value,
}

impl<'a> Order<'a> {
    /// Every `ServiceRequest` of a Bundle of draft orders, of which some are selected; `None` of
    /// `selections` counts all as selected. A Bundle without a type, and entries that are none,
    /// are read for what they hold.
    pub(crate) fn of_bundle(
        bundle: &'a Value,
        selections: Option<&[&str]>,
        patient: &str,
        codes: &Codes,
    ) -> Vec<Order<'a>> {
        let entries = bundle.get("entry").and_then(Value::as_array);
        let resources = entries.into_iter().flatten().filter_map(|entry| {
            let resource = entry.get("resource").and_then(Resource::of)?;
            (resource.kind() == "ServiceRequest").then_some((entry, resource))
        });
        let chosen: Option<BTreeSet<&str>> = selections.map(|list| list.iter().copied().collect());
        let orders = resources.take(ORDERS_MAX).map(|(entry, resource)| {
            let mut order = Order::read(&resource, patient, codes);
            let full = entry.get("fullUrl").and_then(Value::as_str);
            if let Some(chosen) = &chosen {
                let names = [order.reference.as_deref(), order.id, full];
                // A reference may be absolute, or of a version.
                let same = |name: &&str| {
                    let bare = name.split("/_history/").next().unwrap_or_default();
                    order
                        .reference
                        .as_deref()
                        .is_some_and(|own| bare == own || bare.ends_with(&format!("/{own}")))
                };
                order.selected = names.into_iter().flatten().any(|name| chosen.contains(name))
                    || chosen.iter().any(same);
            }
            order
        });
        orders.collect()
    }

    fn read(resource: &Resource<'a>, patient: &str, codes: &Codes) -> Order<'a> {
        let id = resource.id().filter(|id| is_id(id));
        let subject = resource.reference("subject");
        Order {
            id,
            reference: id.map(|id| format!("ServiceRequest/{id}")),
            status: resource.text("status"),
            priority: resource.text("priority"),
            occurs: occurs(resource),
            some_time: occurs(resource).is_none() && says_when(resource),
            not_to_be_done: is_not_to_be_done(resource),
            authored: resource.moment("authoredOn"),
            ordered: codes.ordered(resource),
            matter: codes.matter(resource, "reasonCode"),
            selected: true,
            is_draft: true,
            other_patient: subject
                .is_some_and(|subject| subject.kind == "Patient" && subject.id != patient),
            raw: resource.json(),
        }
    }

    /// Orders of this encounter that were placed before, among those of a prefetch. They are not
    /// advised on and not rated, and a danger that one of them answers is answered.
    pub(crate) fn placed(
        supplied: &Supplied<'a>,
        patient: &str,
        encounter: &str,
        codes: &Codes,
    ) -> Vec<Order<'a>> {
        let of_this = supplied.resources().into_iter().filter(|resource| {
            resource.kind() == "ServiceRequest"
                && resource.text("status") == Some("active")
                && resource.text("intent") == Some("order")
                && resource.reference("encounter").is_some_and(|it| it.id == encounter)
                && resource.reference("subject").is_some_and(|it| it.id == patient)
        });
        let orders = of_this.take(ORDERS_MAX).map(|resource| Order {
            selected: false,
            is_draft: false,
            ..Order::read(&resource, patient, codes)
        });
        orders.collect()
    }

    /// Whether it is advised on: a picture of the spine, of this patient, that the clinician is
    /// busy with.
    pub fn counts(&self) -> bool {
        self.selected && self.is_of_the_spine()
    }

    /// Whether it is a picture of the spine of this patient that is not called off.
    pub fn is_of_the_spine(&self) -> bool {
        let gone = matches!(self.status, Some("revoked" | "entered-in-error" | "completed"));
        self.ordered.is_some() && !self.other_patient && !gone
    }

    /// Whether it was placed before something that is known now: it cannot answer that.
    pub fn is_older_than(&self, moment: i64) -> bool {
        !self.is_draft && self.authored.is_none_or(|authored| authored.earliest < moment)
    }
}

/// Whether it says anything of when.
fn says_when(resource: &Resource) -> bool {
    ["occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"]
        .iter()
        .any(|field| resource.json().get(*field).is_some())
}

fn is_not_to_be_done(resource: &Resource) -> bool {
    let forbids = resource.json().get("doNotPerform");
    let changed = resource.json().get("modifierExtension");
    forbids.is_some_and(|value| *value != Value::Bool(false)) || changed.is_some()
}

fn occurs(resource: &Resource) -> Option<Moment> {
    let period = resource.field("occurrencePeriod").and_then(|period| period.get("start"));
    let start = period.and_then(Value::as_str).and_then(Moment::read);
    resource.moment("occurrenceDateTime").or(start)
}

/// Whether a text is an id of FHIR.
pub(crate) fn is_id(text: &str) -> bool {
    let plain = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}
