//! A question to a FHIR server, built of parts of which each is checked (FHIR R4, "RESTful API").

use std::fmt;

use form_urlencoded::Serializer;

use crate::Address;
use crate::address::query_text;

/// Most bytes of a question.
const QUESTION_BYTES_MAX: usize = 4_096;
/// Most letters of a type, and most characters of an id: FHIR R4, "Data Types", `id`.
const KIND_BYTES_MAX: usize = 64;
const ID_BYTES_MAX: usize = 64;

/// What is asked: one resource, or a search.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    kind: String,
    id: Option<String>,
    query: String,
}

impl Question {
    /// One resource, such as `Patient` and `123`.
    pub fn resource(kind: &str, id: &str) -> Option<Question> {
        let right = is_kind(kind) && is_id(id);
        right.then(|| Question {
            kind: kind.to_string(),
            id: Some(id.to_string()),
            query: String::new(),
        })
    }

    /// A search by names and values, which are encoded here.
    pub fn search(kind: &str, parameters: &[(&str, &str)]) -> Option<Question> {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        let query = query.finish();
        let right = is_kind(kind) && query.len() <= QUESTION_BYTES_MAX;
        right.then(|| Question { kind: kind.to_string(), id: None, query })
    }

    /// The text of a prefetch template once its tokens are replaced: `Patient/123`, or
    /// `Observation?patient=123&code=…`. Whoever replaces a token inside a query encodes what he
    /// puts in; a token inside a path can lead nowhere but to another id.
    pub fn read(text: &str) -> Option<Question> {
        if text.len() > QUESTION_BYTES_MAX || !text.is_ascii() {
            return None;
        }
        match text.split_once('?') {
            Some((kind, query)) if is_kind(kind) => {
                Some(Question { kind: kind.to_string(), id: None, query: query_text(query)? })
            }
            Some(_) => None,
            None => {
                let (kind, id) = text.split_once('/')?;
                Question::resource(kind, id)
            }
        }
    }

    /// The resource that a reference names: `Patient/123`, or an address below this base. `None`
    /// of one elsewhere, which is never followed.
    pub fn reference(base: &Address, text: &str) -> Option<Question> {
        let below = match text.contains(':') {
            true => base.below(&Address::read(text)?)?,
            false => text.to_string(),
        };
        let current = below.split("/_history/").next()?;
        let (kind, id) = current.split_once('/')?;
        Question::resource(kind, id)
    }

    /// The type of the resources asked for.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The id of the one asked for; of a search there is none.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What stands below the base.
    pub(crate) fn below(&self) -> String {
        match &self.id {
            Some(id) => format!("{}/{id}", self.kind),
            None => format!("{}?{}", self.kind, self.query),
        }
    }
}

fn is_kind(text: &str) -> bool {
    let letters = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let first = text.starts_with(|sign: char| sign.is_ascii_uppercase());
    letters && first && text.len() <= KIND_BYTES_MAX
}

fn is_id(text: &str) -> bool {
    let signs = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let dots = matches!(text, "." | "..");
    text.bytes().all(signs) && !dots && (1..=ID_BYTES_MAX).contains(&text.len())
}

/// An id is a patient's, so it is not shown.
impl fmt::Debug for Question {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "question for {}", self.kind)
    }
}
