//! The audit as FHIR R4 `AuditEvent`, a line each, for a log of the hospital's own.

use std::io::Write;

use cauda_guideline::time;
use cauda_store::{ERASED_KIND, Record};
use serde_json::{Value, json};

use crate::{ServerError, streams};

const TYPES: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const TYPE: (&str, &str) = ("rest", "RESTful Operation");

/// Writes the requests from one day to another, `2026-11-26`, both included; how many there were.
///
/// # Errors
/// As the record's, and of the writer.
pub async fn write(
    record: &Record,
    from: &str,
    to: &str,
    out: &mut (dyn Write + Send),
) -> Result<u64, ServerError> {
    let (mut at, size, mut written) = (0, record.size().await?, 0);
    while at < size {
        let rows = record.log(at, cauda_store::PAGE_MAX).await?;
        let Some(last) = rows.last() else { break };
        at = last.position + 1;
        for row in &rows {
            let Some(day) = row.stream.strip_prefix("audit/") else { continue };
            if day < from || day > to {
                continue;
            }
            let Ok(Some(body)) = streams::read::<Value>(row) else { continue };
            let seconds = row.recorded_at.div_euclid(1_000_000);
            let event = match row.kind == ERASED_KIND {
                true => erased(&body, &row.actor, seconds),
                false => request(&body, seconds),
            };
            writeln!(out, "{event}").map_err(|error| ServerError::File {
                path: "the file".into(),
                what: format!("it cannot be written: {error}"),
            })?;
            written += 1;
        }
    }
    Ok(written)
}

fn request(note: &Value, recorded: i64) -> Value {
    let at = note["at"].as_i64().unwrap_or(recorded);
    let action = if note["method"] == "GET" { "R" } else { "U" };
    let about = format!(
        "{} {}",
        note["method"].as_str().unwrap_or(""),
        note["route"].as_str().unwrap_or("")
    );
    let mut event =
        event(at, action, note["actor"].as_str().unwrap_or("unknown"), note["role"].as_str());
    event["outcomeDesc"] = json!(note["act"]);
    if let Some(visit) = note["visit"].as_str() {
        event["entity"] = json!([{
            "what": { "type": "Encounter", "identifier": { "value": visit } },
            "description": about,
        }]);
    }
    event
}

fn erased(note: &Value, actor: &str, recorded: i64) -> Value {
    let mut event = event(recorded, "D", actor, None);
    event["outcomeDesc"] = json!(note["reason"]);
    event["entity"] = json!([{
        "what": { "identifier": { "value": note["stream"] } },
        "description": "bodies of a stream erased",
    }]);
    event
}

fn event(at: i64, action: &str, who: &str, role: Option<&str>) -> Value {
    let mut agent = json!({
        "who": { "identifier": { "value": who } },
        "requestor": true,
    });
    if let Some(role) = role {
        agent["role"] = json!([{ "text": role }]);
    }
    json!({
        "resourceType": "AuditEvent",
        "type": { "system": TYPES, "code": TYPE.0, "display": TYPE.1 },
        "action": action,
        "recorded": time::write(at),
        "outcome": "0",
        "agent": [agent],
        "source": { "observer": { "display": "Cauda" } },
    })
}
