//! `cauda generate ehr-key` and `ehr-call`: an EHR that is none, for whoever connects one and wants
//! to see a card first. Keys and tokens stand in files of their owner, never in an argument, and
//! are never printed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cauda_cds_hooks::Service;
use cauda_guideline::time;
use cauda_jose::{SigningKey, key_set};
use serde_json::{Value, json};

use crate::args::{EhrCall, EhrKey};
use crate::ehr::write_secret;
use crate::error::CliError;
use crate::{folder, out};

/// Most bytes of a key in PEM.
const KEY_BYTES_MAX: usize = 16 * 1024;
/// How long a token is good, in seconds, as `token_seconds` has it where nothing is said.
const TOKEN_SECONDS: i64 = 300;
/// The invented patient.
const PATIENT: &str = "try-out";

/// A new key pair; nothing is overwritten.
///
/// # Errors
/// A folder that cannot be written, or holds a key already.
pub fn key(args: &EhrKey) -> Result<u8, CliError> {
    folder_at(&args.out)?;
    let internal = |error: cauda_jose::JoseError| CliError::Internal(error.to_string());
    let pem = SigningKey::new_es384_pem().map_err(internal)?;
    let set = key_set([&SigningKey::read(&pem).map_err(internal)?]);
    let (secret, public) = (args.out.join("key.pem"), args.out.join("keys.json"));
    write_secret(&secret, &pem)?;
    write(&public, &set)?;
    out::line(&format!("{}: the private key, for its owner alone", secret.display()));
    out::line(&format!("{}: its public half, for `keys` of [[ehr.registered]]", public.display()));
    Ok(0)
}

/// A signed call, and how curl sends it.
///
/// # Errors
/// A key that cannot be used, an address that is none, a folder that cannot be written.
pub fn call(args: &EhrCall) -> Result<u8, CliError> {
    let path = path_of(&args.to)?;
    let pem = folder::read_text(&args.key, KEY_BYTES_MAX)?;
    let key = SigningKey::read(&pem).map_err(|error| {
        let message = format!("{}: {error}", args.key.display());
        wrong(&message, "make one with `cauda generate ehr-key DIR`")
    })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let claims = json!({
        "iss": args.issuer, "aud": args.to, "iat": now, "exp": now + TOKEN_SECONDS,
        "jti": cauda_server::ids::new_id(),
    });
    let token = key.sign(&claims, &[]).map_err(|error| CliError::Internal(error.to_string()))?;
    folder_at(&args.out)?;
    let (header, sent) = (args.out.join("authorization.txt"), args.out.join("body.json"));
    for old in [&header, &sent] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unwritable(old, &error));
            }
            _ => {}
        }
    }
    write_secret(&header, &format!("Authorization: Bearer {token}\n"))?;
    let mut curl = format!("curl --header {}", typed(&format!("@{}", header.display())));
    if let Some(body) = body(path, now) {
        write(&sent, &body)?;
        curl += &format!(" --json {}", typed(&format!("@{}", sent.display())));
    } else if is_sent_to(path) {
        curl += " --request POST --json @YOUR-FILE";
    }
    let to = typed(&args.to);
    out::line(&format!("Signed for five minutes and one call; send it with\n{curl} {to}"));
    Ok(0)
}

/// Whether an address takes a body that only who calls has.
fn is_sent_to(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    path == "/fhir/ServiceRequest" || last == "feedback" || last.starts_with('$')
}

/// A word as a shell takes it.
fn typed(word: &str) -> String {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || "/:.@_-=+,%".contains(sign);
    match word.chars().all(plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// The path of an address, without what `aud` must not have.
fn path_of(to: &str) -> Result<&str, CliError> {
    let rest = to.strip_prefix("https://").or_else(|| to.strip_prefix("http://"));
    let path = rest.and_then(|rest| rest.find('/').and_then(|at| rest.get(at..)));
    let plain = |sign: char| sign.is_ascii_graphic() && !"?#\"'\\".contains(sign);
    match path {
        Some(path) if to.chars().all(plain) && !path.ends_with('/') => Ok(path),
        _ => Err(wrong(
            "--to is no address that can be called",
            "write `url` of the settings and the path, such as \
             http://127.0.0.1:7070/cds-services/back-pain-imaging: no ?, no slash at the end",
        )),
    }
}

/// What a service is sent; nothing for an address that is only read.
fn body(path: &str, now: i64) -> Option<Value> {
    let service = Service::of_id(path.strip_prefix("/cds-services/")?)?;
    let at = time::write(now.saturating_sub(600));
    let patient = json!({ "reference": format!("Patient/{PATIENT}") });
    let encounter = json!({ "reference": format!("Encounter/{PATIENT}-visit") });
    let order = json!({
        "resourceType": "ServiceRequest", "id": "order-1", "status": "draft", "intent": "order",
        "code": {
            "coding": [{ "system": "http://loinc.org", "code": "24972-2" }],
            "text": "X-ray lumbar spine",
        },
        "reasonCode": [back_pain()], "subject": patient, "encounter": encounter,
    });
    let measured = |id: &str, code: &str, value: f64, unit: &str| {
        json!({ "resource": {
            "resourceType": "Observation", "id": id, "status": "final",
            "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
            "subject": patient, "effectiveDateTime": at,
            "valueQuantity": {
                "value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit,
            },
        }})
    };
    let mut context = json!({
        "userId": "Practitioner/try-out", "patientId": PATIENT,
        "encounterId": format!("{PATIENT}-visit"),
    });
    let hook = match service {
        Service::Imaging => {
            context["selections"] = json!(["ServiceRequest/order-1"]);
            context["draftOrders"] = json!({
                "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": order }],
            });
            "order-select"
        }
        Service::Visit => "encounter-discharge",
    };
    // `null` is "asked, and nothing found", as an EHR says it.
    Some(json!({
        "hook": hook, "hookInstance": cauda_server::ids::new_id(), "context": context,
        "prefetch": {
            "patient": { "resourceType": "Patient", "id": PATIENT, "birthDate": "1961-04-12" },
            "encounter": {
                "resourceType": "Encounter", "id": format!("{PATIENT}-visit"),
                "status": "in-progress",
                "class": {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER",
                },
                "subject": patient, "reasonCode": [back_pain()],
            },
            "observations": { "resourceType": "Bundle", "type": "searchset", "entry": [
                measured("temperature-1", "8310-5", 38.9, "Cel"),
                measured("crp-1", "1988-5", 140.0, "mg/L"),
            ]},
            "conditions": null, "medications": null, "allergies": null, "procedures": null,
            "orders": null, "statements": null, "devices": null,
        },
    }))
}

fn back_pain() -> Value {
    json!({
        "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M54.50" }],
        "text": "Low back pain",
    })
}

fn folder_at(path: &Path) -> Result<(), CliError> {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error))
}

fn write(path: &Path, value: &Value) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::Internal(error.to_string()))?;
    fs::write(path, text + "\n").map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Unwritable { path: path.to_path_buf(), why: error.to_string() }
}

fn wrong(message: &str, help: &str) -> CliError {
    CliError::Argument { message: message.to_string(), help: help.to_string() }
}
