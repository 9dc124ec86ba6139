//! Bytes become JSON, within limits. A name that stands twice in one object is refused: two readers
//! would read two different patients.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// Most bytes that are read at once.
pub const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most levels inside each other.
pub const DEPTH_MAX: usize = 32;

/// Why bytes are no JSON that is read here. It repeats nothing of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// Too large.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// No JSON, too deep, or a name that stands twice.
    #[error("{what}, line {line}, column {column}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
}

/// Reads JSON of at most [`BYTES_MAX`] bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read(bytes: &[u8]) -> Result<Value, ReadError> {
    read_within(bytes, BYTES_MAX)
}

/// Reads JSON of at most that many bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read_within(bytes: &[u8], bytes_max: usize) -> Result<Value, ReadError> {
    if bytes.len() > bytes_max {
        return Err(ReadError::TooLarge(bytes_max));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Level(0).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        let said = error.to_string();
        let what = match () {
            () if said.starts_with(DEEP) => DEEP,
            () if said.starts_with(TWICE) => TWICE,
            () if error.is_eof() => "it ends too early",
            () => "it is no JSON",
        };
        ReadError::Malformed { what, line: error.line(), column: error.column() }
    })
}

const DEEP: &str = "more than 32 levels inside each other";
const TWICE: &str = "a name stands twice in one object";

#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn deeper<E: serde::de::Error>(self) -> Result<Level, E> {
        match self.0 < DEPTH_MAX {
            true => Ok(Level(self.0 + 1)),
            false => Err(E::custom(DEEP)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let level = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(level)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let level = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(level)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(map))
    }
}
