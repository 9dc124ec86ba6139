//! The last exchanges with the service and the app, for somebody who wants to see real traffic.
//! Tokens, codes and assertions are masked before anything is kept.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Exchanges that are kept.
const EXCHANGES_MAX: usize = 50;
/// Most characters of one body.
const BODY_CHARACTERS_MAX: usize = 100_000;
/// What stands for a secret.
pub(crate) const MASK: &str = "(masked)";
/// Names whose values are secrets, in JSON and in forms.
const SECRETS: [&str; 5] =
    ["access_token", "id_token", "client_assertion", "code_verifier", "refresh_token"];

/// One request and its answer.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// Its number since the start.
    pub number: u64,
    /// When, as an instant of FHIR.
    pub at: String,
    /// Whether this EHR asked; else it was asked.
    pub asked_by_us: bool,
    /// `POST`
    pub method: String,
    /// The address, for a request to us from the path on.
    pub url: String,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// The header and the claims of the token that we sent, without its signature.
    pub token: Option<Value>,
    /// The body of the request, pretty where it is JSON.
    pub request: String,
    /// The body of the answer.
    pub response: String,
    /// In what the other side broke its standard, and why there is no answer.
    pub notes: Vec<String>,
}

/// The last of them, the newest last.
#[derive(Default)]
pub(crate) struct Traffic {
    kept: VecDeque<Exchange>,
    last: u64,
}

impl Traffic {
    pub(crate) fn add(&mut self, exchange: Exchange) {
        self.last += 1;
        if self.kept.len() == EXCHANGES_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(Exchange { number: self.last, ..exchange });
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        self.kept.iter().cloned().collect()
    }
}

/// A body as it may be shown: JSON pretty, secrets masked, not too long.
pub(crate) fn shown(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            mask(&mut value);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        // Whatever is no JSON could be a form cut in its middle, so it is shown as one or not.
        Err(_) if body.is_empty() => String::new(),
        Err(_) => format!("({} bytes that are no JSON)", body.len()),
    };
    cut(text)
}

/// A form as it may be shown, one pair a line.
pub(crate) fn shown_form(pairs: &[(String, String)]) -> String {
    let secret = |name: &str| name == "code" || SECRETS.contains(&name);
    let line = |(name, value): &(String, String)| {
        format!("{name}={}", if secret(name) { MASK } else { value.as_str() })
    };
    cut(pairs.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Header and claims of a token, which anybody may see without its signature.
pub(crate) fn unsigned(token: &str) -> Option<Value> {
    let mut parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    });
    let (header, claims) = (parts.next()??, parts.next()??);
    Some(serde_json::json!({"header": header, "claims": claims}))
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, one) in map.iter_mut() {
                match SECRETS.contains(&name.as_str()) {
                    true => *one = MASK.into(),
                    false => mask(one),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(mask),
        _ => {}
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(BODY_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}\n(cut here)", &text[..at]),
        None => text,
    }
}
