//! Scopes of SMART App Launch 2 (`patient/Condition.rs`, `system/*.cruds`), and what a token with
//! them may do.

use std::fmt;

use serde_json::Value;

use crate::fhir::answer::Refusal;
use crate::fhir::store::Store;
use crate::fhir::valid::TYPES;

/// Most scopes that are read of one text.
const SCOPES_MAX: usize = 100;
/// Types that are about nobody, which a token for one patient may read too.
const SHARED: [&str; 10] = [
    "ActivityDefinition",
    "Device",
    "Library",
    "Location",
    "Medication",
    "Organization",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
];

/// One letter of `cruds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Letter {
    Create,
    Read,
    Update,
    Delete,
    Search,
}

/// All, in the only order that a scope may have them.
const LETTERS: [(char, Letter); 5] = [
    ('c', Letter::Create),
    ('r', Letter::Read),
    ('u', Letter::Update),
    ('d', Letter::Delete),
    ('s', Letter::Search),
];

/// On whose data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    Patient,
    User,
    System,
}

/// A scope for resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) context: Context,
    /// A type, or `*`.
    kind: String,
    letters: Vec<Letter>,
}

/// What a token allows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// Everything granted, as the client is told.
    pub(crate) scope: String,
    scopes: Vec<Scope>,
    pub(crate) patient: Option<String>,
    /// Second since 1970 from which on it is worth nothing.
    pub(crate) until: i64,
}

/// Whose resources of a type are in reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Everybody,
    Only(String),
}

impl Letter {
    /// The letter of a writing method.
    pub(crate) fn of_writing(method: &str) -> Letter {
        match method {
            "POST" => Letter::Create,
            "DELETE" => Letter::Delete,
            _ => Letter::Update,
        }
    }

    fn sign(self) -> char {
        LETTERS.iter().find(|(_, letter)| *letter == self).map_or(' ', |(sign, _)| *sign)
    }
}

impl Scope {
    /// Reads one. Those of SMART 1, such as `patient/*.read`, and those with a filter are `None`.
    pub(crate) fn read(text: &str) -> Option<Scope> {
        let (context, rest) = text.split_once('/')?;
        let context = match context {
            "patient" => Context::Patient,
            "user" => Context::User,
            "system" => Context::System,
            _ => return None,
        };
        let (kind, signs) = rest.split_once('.')?;
        let letters: Vec<Letter> = LETTERS
            .iter()
            .filter(|(sign, _)| signs.contains(*sign))
            .map(|(_, letter)| *letter)
            .collect();
        // In order, each once, and nothing else.
        let same: String = letters.iter().map(|letter| letter.sign()).collect();
        let whole = same == signs && !signs.is_empty();
        let known = kind == "*" || TYPES.contains(&kind);
        (whole && known).then(|| Scope { context, kind: kind.to_owned(), letters })
    }

    /// What both allow.
    fn meet(&self, other: &Scope) -> Option<Scope> {
        let kind = match (self.kind.as_str(), other.kind.as_str()) {
            ("*", kind) | (kind, "*") => kind,
            (one, other) if one == other => one,
            _ => return None,
        };
        let both = |letter: &&Letter| other.letters.contains(letter);
        let letters: Vec<Letter> = self.letters.iter().filter(both).copied().collect();
        let some = self.context == other.context && !letters.is_empty();
        some.then(|| Scope { context: self.context, kind: kind.to_owned(), letters })
    }

    fn allows(&self, letter: Letter, kind: &str) -> bool {
        self.letters.contains(&letter) && (self.kind == "*" || self.kind == kind)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = match self.context {
            Context::Patient => "patient",
            Context::User => "user",
            Context::System => "system",
        };
        let letters: String = self.letters.iter().map(|letter| letter.sign()).collect();
        write!(out, "{context}/{}.{letters}", self.kind)
    }
}

/// What is granted of what is asked for: no more than is registered, and of the contexts that fit.
pub(crate) fn granted(asked: &str, registered: &str, contexts: &[Context]) -> String {
    let words = |text: &str| -> Vec<String> {
        text.split_ascii_whitespace().take(SCOPES_MAX).map(str::to_owned).collect()
    };
    let registered = words(registered);
    let ours: Vec<Scope> = registered.iter().filter_map(|word| Scope::read(word)).collect();
    let mut all: Vec<String> = Vec::new();
    for word in words(asked) {
        let found = match Scope::read(&word) {
            None => registered.iter().filter(|one| **one == word).cloned().collect(),
            Some(scope) if contexts.contains(&scope.context) => {
                ours.iter().filter_map(|one| Some(scope.meet(one)?.to_string())).collect()
            }
            Some(_) => Vec::new(),
        };
        for one in found {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all.join(" ")
}

impl Access {
    /// What these scopes allow.
    pub(crate) fn new(scope: &str, patient: Option<&str>, until: i64) -> Access {
        let scopes = scope.split_ascii_whitespace().filter_map(Scope::read).collect();
        Access { scope: scope.to_owned(), scopes, patient: patient.map(str::to_owned), until }
    }

    /// Whose resources of a type may be touched in this way.
    pub(crate) fn reach(&self, letter: Letter, kind: &str) -> Result<Reach, Refusal> {
        let mut contexts =
            self.scopes.iter().filter(|one| one.allows(letter, kind)).map(|one| one.context);
        let wide = contexts.clone().any(|one| one != Context::Patient);
        match (wide, contexts.next(), &self.patient) {
            (true, _, _) => Ok(Reach::Everybody),
            (_, Some(_), Some(patient)) => Ok(Reach::Only(patient.clone())),
            _ => Err(forbidden(format!(
                "no scope of this token allows {:?} of {kind}; what it has: {}",
                letter.sign(),
                self.scope
            ))),
        }
    }

    /// Whether this resource may be touched in this way.
    pub(crate) fn check(
        &self,
        letter: Letter,
        resource: &Value,
        store: &Store,
    ) -> Result<(), Refusal> {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        match self.reach(letter, kind)? {
            Reach::Only(patient) if !self.touches(letter, resource, kind, &patient, store) => {
                Err(forbidden("this token is for one patient, and this is not theirs".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn touches(
        &self,
        letter: Letter,
        resource: &Value,
        kind: &str,
        patient: &str,
        store: &Store,
    ) -> bool {
        let reads = matches!(letter, Letter::Read | Letter::Search);
        // A device can be a patient's; then it is theirs alone.
        let shared = SHARED.contains(&kind) && resource.get("patient").is_none();
        (reads && shared) || store.is_of(resource, patient)
    }
}

fn forbidden(text: String) -> Refusal {
    Refusal::new(403, "forbidden", text)
}
