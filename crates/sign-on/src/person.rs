//! Who signs in, as the provider's claims tell.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::settings::Checked;
use crate::{SignOnError, TokenFault};

/// Most bytes of a subject, OpenID Connect Core section 2.
const SUBJECT_BYTES_MAX: usize = 255;
/// Most characters of a name.
const NAME_CHARACTERS_MAX: usize = 200;

/// Who signs in.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Never given to anybody else by this issuer, and the only thing to know a person again by.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// A name to show. It may change, and two people may have one.
    pub name: String,
    /// The roles of the settings that the provider's values lead to: sorted, one at least.
    pub roles: Vec<String>,
}

impl Person {
    pub(crate) fn read(claims: &Value, settings: &Checked) -> Result<Person, SignOnError> {
        let subject = claims.get("sub").and_then(Value::as_str).filter(|subject| {
            let ascii = subject.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            ascii && (1..=SUBJECT_BYTES_MAX).contains(&subject.len())
        });
        let subject = subject.ok_or(TokenFault::Subject)?;
        let roles: BTreeSet<&String> = claim(claims, &settings.role_claim)
            .map_or(&[][..], texts)
            .iter()
            .filter_map(Value::as_str)
            .filter_map(|value| settings.roles.get(value))
            .collect();
        if roles.is_empty() {
            return Err(SignOnError::NoRole);
        }
        let name = claim(claims, &settings.name_claim).and_then(Value::as_str).map(str::trim);
        let name = name.filter(|name| {
            let characters = name.chars().count();
            (1..=NAME_CHARACTERS_MAX).contains(&characters) && !name.chars().any(char::is_control)
        });
        Ok(Person {
            subject: subject.to_string(),
            issuer: settings.issuer.clone(),
            name: name.ok_or(SignOnError::NoName)?.to_string(),
            roles: roles.into_iter().cloned().collect(),
        })
    }
}

/// A claim by its name, or, from a `/` on, by a JSON Pointer (RFC 6901).
fn claim<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { claims.pointer(name) } else { claims.get(name) }
}

/// A list, or a single value as one.
fn texts(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Nothing of a person is shown.
impl fmt::Debug for Person {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("person")
    }
}
