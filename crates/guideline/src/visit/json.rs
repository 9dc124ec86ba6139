//! JSON with the place of every part, so that a fault can be shown where it is.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::{Fields, Reader, VisitError, short, shortened};

impl<'a> Reader<'a> {
    pub(super) fn truth(&self, raw: &RawValue, path: &str) -> Result<bool, VisitError> {
        match raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.refuse(raw, path, "this is neither true nor false".into(), None)),
        }
    }

    pub(super) fn string(&self, raw: &RawValue, path: &str) -> Result<String, VisitError> {
        serde_json::from_str::<String>(raw.get()).map_err(|_| {
            self.refuse(
                raw,
                path,
                "text is needed here".into(),
                Some("put it between quotation marks".into()),
            )
        })
    }

    pub(super) fn object(&self, text: &'a str, path: &str) -> Result<Fields<'a>, VisitError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let fields = deserializer
            .deserialize_map(FieldsVisitor)
            .and_then(|fields| deserializer.end().map(|()| fields))
            .map_err(|error| self.json_error(text, path, &error))?;
        let mut seen = BTreeSet::new();
        for (name, raw) in &fields {
            if !seen.insert(name.as_str()) {
                let help = "keep one, or give a list of entries".to_string();
                let message = format!("`{}` stands twice", shortened(name));
                return Err(self.refuse(raw, path, message, Some(help)));
            }
        }
        Ok(fields)
    }

    pub(super) fn list(
        &self,
        raw: &'a RawValue,
        path: &str,
    ) -> Result<Vec<&'a RawValue>, VisitError> {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        deserializer
            .deserialize_seq(ListVisitor)
            .map_err(|error| self.json_error(raw.get(), path, &error))
    }

    pub(super) fn json_error(
        &self,
        text: &str,
        path: &str,
        error: &serde_json::Error,
    ) -> VisitError {
        let start = self.offset(text);
        let line: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (start + line + error.column().saturating_sub(1)).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        // The library's own words may quote the visit; these do not.
        let message = match error.classify() {
            Category::Eof => "not a visit: the text ends too early",
            Category::Data => "not a visit: an object or a list is needed here",
            Category::Syntax | Category::Io => "not a visit: this is not JSON",
        };
        VisitError { path: short(path), span: at..at, message: message.to_string(), help: None }
    }

    pub(super) fn refuse(
        &self,
        raw: &RawValue,
        path: &str,
        message: String,
        help: Option<String>,
    ) -> VisitError {
        let start = self.offset(raw.get());
        let span = start..start + raw.get().len();
        VisitError { path: short(path), span, message: short(&message), help }
    }

    /// Where a part of the text begins in it.
    pub(super) fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object between braces")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry::<String, &'de RawValue>()? {
            fields.push(field);
        }
        Ok(fields)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<&'de RawValue>()? {
            items.push(item);
        }
        Ok(items)
    }
}
