//! A call of a hook, as much of it as can be read.
//!
//! Strict where advice would be about the wrong patient or nobody, liberal everywhere else: an
//! order screen sends half-filled resources (empty codings, a Bundle without a type), and they
//! must not cost a clinician the card. A field that is `null` counts as missing.

use std::fmt;

use cauda_fhir::Supplied;
use serde_json::{Map, Value};

use crate::authorization::Authorization;
use crate::codes::Codes;
use crate::error::RequestError;
use crate::hook::{Hook, Service};
use crate::order::{ORDERS_MAX, Order, is_id};
use crate::prefetch::{self, MissingData};

/// Most selections that are looked at.
const SELECTIONS_MAX: usize = 200;
/// Longest address of a FHIR server, in bytes.
const ADDRESS_MAX: usize = 2_048;
/// Longest reference to a user, in bytes.
const USER_MAX: usize = 256;

/// A call of a hook.
#[derive(Clone)]
pub struct HookRequest<'a> {
    /// The service that was called.
    pub service: Service,
    /// What happened.
    pub hook: Hook,
    /// `hookInstance`, new at each call, in lower case.
    pub instance: String,
    /// About whom and what.
    pub context: Context<'a>,
    /// `fhirServer`. Data of whoever calls: only an address that is registered for the caller may
    /// be asked.
    pub fhir_server: Option<&'a str>,
    /// `extension` at the root.
    pub extension: Option<&'a Map<String, Value>>,
    authorization: Option<Authorization>,
    prefetch: Option<&'a Map<String, Value>>,
}

/// `context`
#[derive(Clone)]
pub struct Context<'a> {
    /// `userId`, `Practitioner/abc`.
    pub user: &'a str,
    /// `patientId`
    pub patient: &'a str,
    /// `encounterId`
    pub encounter: Option<&'a str>,
    /// The `ServiceRequest`s among the draft orders.
    pub orders: Vec<Order<'a>>,
}

impl fmt::Debug for HookRequest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("HookRequest");
        shown.field("service", &self.service.id()).field("hook", &self.hook.name());
        shown.field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl<'a> HookRequest<'a> {
    /// Reads the body of a call of the service `id`.
    ///
    /// # Errors
    /// No such service or hook; a field that must be there is missing or of another shape; the
    /// patient sent along is another one.
    pub fn read(body: &'a Value, id: &str, codes: &Codes) -> Result<HookRequest<'a>, RequestError> {
        let service = Service::of_id(id).ok_or(RequestError::NoService)?;
        let body =
            body.as_object().ok_or(RequestError::Shape { path: "body", what: "a JSON object" })?;
        let name = text(body, "hook")
            .ok_or(RequestError::Missing { path: "hook", what: "the name of the hook" })?;
        let hook = Hook::of_name(name)
            .filter(|hook| hook.service() == service)
            .ok_or(RequestError::NoHook)?;
        let instance = text(body, "hookInstance")
            .ok_or(RequestError::Missing { path: "hookInstance", what: "a new UUID" })?;
        if !is_uuid(instance) {
            return Err(RequestError::Shape { path: "hookInstance", what: "a UUID" });
        }
        let fhir_server = address(body)?;
        let authorization = match present(body, "fhirAuthorization") {
            None => None,
            Some(_) if fhir_server.is_none() => {
                let what = "the server that fhirAuthorization is for";
                return Err(RequestError::Missing { path: "fhirServer", what });
            }
            Some(value) => Some(Authorization::read(value)?),
        };
        let request = HookRequest {
            service,
            hook,
            instance: instance.to_ascii_lowercase(),
            context: Context::read(body, hook, codes)?,
            fhir_server,
            extension: present(body, "extension").and_then(Value::as_object),
            authorization,
            prefetch: present(body, "prefetch").and_then(Value::as_object),
        };
        if request.is_of_another() {
            return Err(RequestError::OtherPatient);
        }
        Ok(request)
    }

    /// What came under a key of the prefetch, in its four states.
    pub fn supplied(&self, key: &str) -> Supplied<'a> {
        Supplied::of(self.prefetch.and_then(|prefetch| prefetch.get(key)))
    }

    /// All that is asked for, each with what came, in the order of discovery.
    pub fn all_supplied(&self) -> Vec<(&'static str, Supplied<'a>)> {
        prefetch::KEYS.into_iter().map(|(key, _)| (key, self.supplied(key))).collect()
    }

    /// The draft orders, and those of this encounter that were placed before, as a
    /// [`crate::Situation`] wants them. `fetched` stands in for orders that were not sent along.
    pub fn orders<'b>(&'b self, codes: &Codes, fetched: Option<&'b Value>) -> Vec<Order<'b>> {
        let mut orders: Vec<Order<'b>> = self.context.orders.clone();
        if let Some(encounter) = self.context.encounter {
            let supplied = match fetched {
                Some(fetched) => Supplied::of(Some(fetched)),
                None => self.supplied("orders"),
            };
            orders.extend(Order::placed(&supplied, self.context.patient, encounter, codes));
        }
        orders
    }

    /// What of it did not come, and the query that would fetch it. The codes are those of
    /// discovery.
    pub fn missing(&self, observations: &[String]) -> Vec<MissingData> {
        prefetch::missing(self, observations)
    }

    /// Whether the client gave a token for its FHIR server.
    pub fn may_fetch(&self) -> bool {
        self.authorization.is_some() && self.fhir_server.is_some()
    }

    /// Takes the token out, so that it lives no longer than what it is fetched with.
    pub fn take_authorization(&mut self) -> Option<Authorization> {
        self.authorization.take()
    }

    fn is_of_another(&self) -> bool {
        let Supplied::Found(patient) = self.supplied("patient") else { return false };
        let other = |resource: &cauda_fhir::Resource| {
            resource.kind() == "Patient"
                && resource.id().is_some_and(|id| id != self.context.patient)
        };
        patient.all().iter().any(other)
    }
}

impl<'a> Context<'a> {
    fn read(
        body: &'a Map<String, Value>,
        hook: Hook,
        codes: &Codes,
    ) -> Result<Context<'a>, RequestError> {
        let context = present(body, "context")
            .ok_or(RequestError::Missing { path: "context", what: "the context of the hook" })?;
        let context = context
            .as_object()
            .ok_or(RequestError::Shape { path: "context", what: "a JSON object" })?;
        let user = text(context, "userId").filter(|user| user.len() <= USER_MAX).ok_or(
            RequestError::Missing { path: "context.userId", what: "a reference to the user" },
        )?;
        let patient = id(context, "patientId", "Patient/", "context.patientId")?.ok_or(
            RequestError::Missing { path: "context.patientId", what: "the id of the patient" },
        )?;
        let encounter = id(context, "encounterId", "Encounter/", "context.encounterId")?;
        let (needed, _) = hook.context_fields();
        if needed.contains(&"encounterId") && encounter.is_none() {
            let what = "the id of the encounter";
            return Err(RequestError::Missing { path: "context.encounterId", what });
        }
        let orders =
            if hook.is_order() { orders(context, hook, patient, codes)? } else { Vec::new() };
        Ok(Context { user, patient, encounter, orders })
    }
}

fn orders<'a>(
    context: &'a Map<String, Value>,
    hook: Hook,
    patient: &str,
    codes: &Codes,
) -> Result<Vec<Order<'a>>, RequestError> {
    let path = "context.draftOrders";
    let drafts = present(context, "draftOrders")
        .ok_or(RequestError::Missing { path, what: "a Bundle of the draft orders" })?;
    if !drafts.is_object() {
        return Err(RequestError::Shape { path, what: "a Bundle" });
    }
    let many = drafts.get("entry").and_then(Value::as_array).map_or(0, Vec::len);
    if many > ORDERS_MAX {
        return Err(RequestError::TooMany { path, most: ORDERS_MAX });
    }
    if hook == Hook::OrderSign {
        return Ok(Order::of_bundle(drafts, None, patient, codes));
    }
    let path = "context.selections";
    let selections = present(context, "selections")
        .ok_or(RequestError::Missing { path, what: "references to the selected orders" })?;
    let selections =
        selections.as_array().ok_or(RequestError::Shape { path, what: "a list of references" })?;
    if selections.len() > SELECTIONS_MAX {
        return Err(RequestError::TooMany { path, most: SELECTIONS_MAX });
    }
    let selections: Vec<&str> = selections.iter().filter_map(Value::as_str).collect();
    Ok(Order::of_bundle(drafts, Some(&selections), patient, codes))
}

fn address(body: &Map<String, Value>) -> Result<Option<&str>, RequestError> {
    let Some(value) = present(body, "fhirServer") else { return Ok(None) };
    let is_address = |text: &&str| {
        text.len() <= ADDRESS_MAX
            && (text.starts_with("https://") || text.starts_with("http://"))
            && text.bytes().all(|sign| sign.is_ascii_graphic())
    };
    let address = value.as_str().map(str::trim).filter(is_address);
    address
        .map(Some)
        .ok_or(RequestError::Shape { path: "fhirServer", what: "the address of a FHIR server" })
}

/// An id that may stand as a reference, too.
fn id<'a>(
    context: &'a Map<String, Value>,
    field: &str,
    prefix: &str,
    path: &'static str,
) -> Result<Option<&'a str>, RequestError> {
    let Some(value) = present(context, field) else { return Ok(None) };
    let text = value.as_str().map(str::trim).map(|text| text.strip_prefix(prefix).unwrap_or(text));
    match text {
        Some("") => Ok(None),
        Some(text) if is_id(text) => Ok(Some(text)),
        _ => Err(RequestError::Shape { path, what: "an id of FHIR" }),
    }
}

fn present<'a>(map: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    map.get(field).filter(|value| !value.is_null())
}

fn text<'a>(map: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    map.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether a text is a UUID in its usual form, of any version.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|sign| sign.is_ascii_hexdigit())
        })
}
