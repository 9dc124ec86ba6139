//! One file of words: Fluent messages, each with what is known of its checking.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{self, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::{parser, serializer};
use sha2::{Digest, Sha256};

use crate::error::{WordsError, line_at};
use crate::language::Language;
use crate::offer::State;

/// Bytes of a file.
const FILE_BYTES_MAX: usize = 256 * 1024;
/// Messages of a file.
const MESSAGES_MAX: usize = 1_000;
/// Braces inside each other; the parser calls itself for each.
const DEPTH_MAX: usize = 8;
/// Bytes of a reviewer's name.
const REVIEWER_BYTES_MAX: usize = 200;
/// Digits of `.of`.
const OF_DIGITS: usize = 12;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its text as written, with its variables.
    pub text: String,
    /// The variables in it.
    pub variables: BTreeSet<String>,
    /// How far it was checked, by its file.
    pub state: State,
    /// First digits of the hash of the English text that it was made from.
    pub of: Option<String>,
    /// What it says could do harm, if it were wrong; the English file decides.
    pub safety: bool,
    /// Who checked it, and when.
    pub reviewed: Option<(String, String)>,
    /// Its line.
    pub line: usize,
}

/// A file that was read.
pub struct Source {
    /// What Fluent formats from.
    pub(crate) resource: FluentResource,
    /// Its messages by id.
    pub messages: BTreeMap<String, Message>,
}

/// The digits that stand in `.of` for an English text.
pub fn english_hash(english: &str) -> String {
    let mut digits: String =
        Sha256::digest(english).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(OF_DIGITS);
    digits
}

impl Source {
    /// Reads a file; `file` names it in errors.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(file: &str, language: Language, text: &str) -> Result<Source, WordsError> {
        let fault =
            |place, what: String, help| WordsError::new(file, line_at(text, place), what, help);
        if text.len() > FILE_BYTES_MAX {
            let what = format!("more than {FILE_BYTES_MAX} bytes");
            return Err(fault(0, what, "split the file"));
        }
        if let Some(place) = too_deep(text) {
            let what = format!("braces more than {DEPTH_MAX} deep");
            return Err(fault(place, what, "write the message anew, plainly"));
        }
        let parsed = parser::parse(text).map_err(|(_, errors)| {
            let place = errors.first().map_or(0, |error| error.pos.start);
            let what = errors.first().map_or_else(String::new, ToString::to_string);
            fault(place, what, "https://projectfluent.org/fluent/guide has the syntax")
        })?;
        let mut messages = BTreeMap::new();
        for entry in &parsed.body {
            let message = match entry {
                ast::Entry::Message(message) => message,
                ast::Entry::Comment(_) | ast::Entry::GroupComment(_) => continue,
                ast::Entry::ResourceComment(_) => continue,
                ast::Entry::Term(_) | ast::Entry::Junk { .. } => {
                    return Err(fault(
                        0,
                        "not a message".into(),
                        "write messages and comments only",
                    ));
                }
            };
            let id = message.id.name;
            let place = place_of(text, id);
            let wrong = |(what, help): Wrong| fault(place, format!("`{id}`: {what}"), help);
            if messages.len() >= MESSAGES_MAX {
                return Err(wrong((
                    format!("more than {MESSAGES_MAX} messages"),
                    "split the file",
                )));
            }
            let mut read = read(message, language).map_err(wrong)?;
            read.line = line_at(text, place);
            if messages.insert(id.to_string(), read).is_some() {
                return Err(wrong(("stands here twice".into(), "take one of them out")));
            }
        }
        let resource = FluentResource::try_new(text.to_string());
        let Ok(resource) = resource else {
            return Err(fault(0, "cannot be read".into(), "mend the syntax"));
        };
        Ok(Source { resource, messages })
    }
}

/// What is wrong with a message, and how to mend it.
type Wrong = (String, &'static str);

fn read(message: &ast::Message<&str>, language: Language) -> Result<Message, Wrong> {
    let Some(pattern) = &message.value else {
        return Err(("has no text".into(), "write the text behind `=`"));
    };
    let mut variables = BTreeSet::new();
    collect(pattern, &mut variables)?;
    let mut about: BTreeMap<&str, String> = BTreeMap::new();
    for attribute in &message.attributes {
        let known = ["of", "state", "reviewer", "reviewed", "safety"];
        let name = attribute.id.name;
        if !known.contains(&name) || about.insert(name, plain(&attribute.value)?).is_some() {
            let what = format!("`.{name}` is not known, or is there twice");
            return Err((what, "the attributes are of, state, reviewer, reviewed, safety"));
        }
    }
    let state = match about.get("state").map(String::as_str) {
        Some("draft") => State::Draft,
        Some("translated") => State::Translated,
        Some("reviewed") => State::Reviewed,
        _ => {
            return Err((
                "`.state` is missing or not known".into(),
                "write draft, translated or reviewed",
            ));
        }
    };
    let reviewed = match (about.remove("reviewer"), about.remove("reviewed")) {
        (Some(who), Some(day)) if is_name(&who) && is_day(&day) => Some((who, day)),
        (None, None) => None,
        _ => {
            let what = "`.reviewer` and `.reviewed` do not fit together".into();
            return Err((what, "give a name and a day, 2026-11-26"));
        }
    };
    if (state == State::Reviewed) != reviewed.is_some() {
        let what = "`reviewed` without a reviewer, or a reviewer without `reviewed`".into();
        return Err((what, "say who checked it and when, or call it a draft"));
    }
    let of = about.remove("of");
    let is_hash = |of: &String| of.len() == OF_DIGITS && of.chars().all(|c| c.is_ascii_hexdigit());
    let safety = about.remove("safety");
    match language {
        Language::English if of.is_some() => {
            return Err(("English has no `.of`".into(), "take it out"));
        }
        Language::English if !matches!(safety.as_deref(), Some("yes" | "no")) => {
            return Err(("`.safety` is missing".into(), "write yes or no"));
        }
        Language::English => {}
        _ if safety.is_some() => {
            return Err(("`.safety` is for the English file to say".into(), "take it out"));
        }
        _ if !of.as_ref().is_some_and(is_hash) => {
            let what = "`.of` is missing or not a hash".into();
            return Err((what, "CAUDA_WRITE=1 cargo test -p cauda-words writes it"));
        }
        _ => {}
    }
    Ok(Message {
        text: written(pattern),
        variables,
        state,
        of,
        safety: safety.as_deref() != Some("no"),
        reviewed,
        line: 0,
    })
}

/// The text as the file has it, in one form whatever its indentation.
fn written(pattern: &Pattern<&str>) -> String {
    let message = ast::Message {
        id: ast::Identifier { name: "x" },
        value: Some(pattern.clone()),
        attributes: Vec::new(),
        comment: None,
    };
    let whole = serializer::serialize(&ast::Resource { body: vec![ast::Entry::Message(message)] });
    whole.trim_start_matches("x =").trim().to_string()
}

/// Words with variables, and choices by them; nothing that looks elsewhere.
fn collect(pattern: &Pattern<&str>, into: &mut BTreeSet<String>) -> Result<(), Wrong> {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => variable(inline, into)?,
            Expression::Select { selector, variants } => {
                variable(selector, into)?;
                for variant in variants {
                    collect(&variant.value, into)?;
                }
            }
        }
    }
    Ok(())
}

fn variable(inline: &InlineExpression<&str>, into: &mut BTreeSet<String>) -> Result<(), Wrong> {
    match inline {
        InlineExpression::VariableReference { id } => {
            into.insert(id.name.to_string());
            Ok(())
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => Ok(()),
        _ => Err(("only variables stand in braces here".into(), "write `{ $name }`")),
    }
}

fn plain(pattern: &Pattern<&str>) -> Result<String, Wrong> {
    match pattern.elements.as_slice() {
        [PatternElement::TextElement { value }] => Ok(value.trim().to_string()),
        _ => Err(("an attribute is not plain text".into(), "write one line without braces")),
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= REVIEWER_BYTES_MAX
}

/// `2026-11-26`
pub(crate) fn is_day(day: &str) -> bool {
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.chars().all(|sign| sign.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

/// Where braces stand deeper than the parser shall go.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Some(place);
        }
    }
    None
}

/// Where a message begins.
fn place_of(text: &str, id: &str) -> usize {
    let mut place = 0;
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix(id);
        if rest.is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return place;
        }
        place += line.len();
    }
    0
}
