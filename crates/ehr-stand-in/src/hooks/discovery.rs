//! Which services there are: `GET /cds-services` (CDS Hooks 2.0, "Discovery").

use serde_json::Value;
use tokio::time::Instant;

use crate::ehr::Ehr;
use crate::hooks::ask::{self, Missing};

/// Most services, and most prefetch templates of one.
const SERVICES_MAX: usize = 32;
const TEMPLATES_MAX: usize = 64;
/// Seconds after which the service is asked again.
const FRESH_SECONDS: i64 = 30;

/// A service as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Part of its address.
    pub id: String,
    /// The hook on which it is called.
    pub hook: String,
    /// Its name, or else its description.
    pub title: String,
    /// What it wants to be told at once: keys and queries.
    pub prefetch: Vec<(String, String)>,
}

/// What was discovered, and when.
#[derive(Default)]
pub(crate) struct Services(Option<(i64, Vec<Service>)>);

/// The services; asked for again after half a minute.
pub(crate) async fn services(ehr: &Ehr, until: Instant) -> Result<Vec<Service>, Missing> {
    let now = ehr.now();
    if let Some((at, services)) = &ehr.services().0
        && (*at..*at + FRESH_SECONDS).contains(&now)
    {
        return Ok(services.clone());
    }
    let mut asked = ask::ask(ehr, &format!("{}/cds-services", ehr.service), None, until).await;
    let mut notes = Vec::new();
    let read = match &asked.answer {
        Err(missing) => Err(*missing),
        Ok((200, bytes)) => read(bytes, &mut notes),
        Ok(_) => Err(Missing::Fault("its discovery did not answer 200")),
    };
    if !asked.says_json && asked.answer.is_ok() {
        notes.push("the Content-Type is not application/json".to_owned());
    }
    asked.exchange.notes.extend(notes);
    ehr.traffic().add(asked.exchange);
    let services = read?;
    ehr.services().0 = Some((now, services.clone()));
    Ok(services)
}

fn read(bytes: &[u8], notes: &mut Vec<String>) -> Result<Vec<Service>, Missing> {
    let value = cauda_fhir::read(bytes).map_err(|_| Missing::Fault("its discovery is no JSON"))?;
    let Some(list) = value.get("services").and_then(Value::as_array) else {
        return Err(Missing::Fault("its discovery has no list of services"));
    };
    let mut services: Vec<Service> = Vec::new();
    for one in list.iter().take(SERVICES_MAX) {
        let text = |name: &str| one.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let (Some(id), Some(hook), Some(description)) =
            (text("id"), text("hook"), text("description"))
        else {
            notes.push("a service lacks id, hook or description".to_owned());
            continue;
        };
        let templates = one.get("prefetch").and_then(Value::as_object).into_iter().flatten();
        let prefetch: Vec<(String, String)> = templates
            .take(TEMPLATES_MAX)
            .filter_map(|(key, query)| Some((key.clone(), query.as_str()?.to_owned())))
            .collect();
        for (key, query) in &prefetch {
            if query.contains("context.draftOrders") || query.contains("context.selections") {
                notes.push(format!("the prefetch {key} of {id} uses a field that is no token"));
            }
        }
        services.push(Service {
            id: id.to_owned(),
            hook: hook.to_owned(),
            title: text("title").unwrap_or(description).to_owned(),
            prefetch,
        });
    }
    Ok(services)
}
