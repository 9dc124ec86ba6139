//! A TOML file of plain `[id]` tables as lines, so that one key can be changed
//! and every other byte stays.

use std::ops::Range;

/// One table: its id and the lines under its heading.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The id between the brackets.
    pub(super) id: String,
    /// Each key with the bytes of its line or lines.
    keys: Vec<(String, Range<usize>)>,
    /// Where a new key may stand.
    end: usize,
}

impl Table {
    /// The value of a key.
    pub(super) fn value(&self, text: &str, key: &str) -> Option<toml::Value> {
        let (_, range) = self.keys.iter().find(|(known, _)| known == key)?;
        let table: toml::Table = toml::from_str(&text[range.clone()]).ok()?;
        table.get(key).cloned()
    }

    /// The value of a key that holds a text.
    pub(super) fn text(&self, text: &str, key: &str) -> Option<String> {
        self.value(text, key)?.as_str().map(String::from)
    }

    /// The values of a key that holds a list of texts.
    pub(super) fn list(&self, text: &str, key: &str) -> Vec<String> {
        match self.value(text, key) {
            Some(toml::Value::Array(values)) => {
                values.iter().filter_map(|value| value.as_str().map(String::from)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The file with this value in place of the key's, or as a new key.
    pub(super) fn set(&self, text: &str, key: &str, value: &str) -> String {
        let line = format!("{key} = {value}\n");
        match self.keys.iter().find(|(known, _)| known == key) {
            Some((_, range)) => replaced(text, range.clone(), &line),
            None => replaced(text, self.end..self.end, &line),
        }
    }

    /// The file without the key.
    pub(super) fn without(&self, text: &str, key: &str) -> Option<String> {
        let (_, range) = self.keys.iter().find(|(known, _)| known == key)?;
        Some(replaced(text, range.clone(), ""))
    }
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..range.start], &text[range.end..])
}

/// The tables of a file in their order.
pub(super) fn tables(text: &str) -> Vec<Table> {
    let mut found: Vec<Table> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let heading = line.trim_end().strip_prefix('[').and_then(|rest| rest.split_once(']'));
        if let Some((id, _)) = heading {
            found.push(Table { id: id.to_string(), keys: Vec::new(), end: range.end });
            continue;
        }
        let Some(table) = found.last_mut() else { continue };
        let key = line.split_once(" = ").map(|(key, _)| key);
        let is_key = |key: &str| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match key.filter(|key| !key.is_empty() && is_key(key)) {
            Some(key) => {
                table.keys.push((key.to_string(), range.clone()));
                table.end = range.end;
            }
            // A value that goes on; blank lines and comments belong to nobody.
            None if line.trim().is_empty() || line.starts_with('#') => {}
            None => {
                if let Some((_, last)) = table.keys.last_mut() {
                    last.end = range.end;
                    table.end = range.end;
                }
            }
        }
    }
    found
}

/// A list of texts as TOML writes it.
pub(super) fn list_text(values: &[String]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    format!("[{}]", quoted.join(", "))
}
