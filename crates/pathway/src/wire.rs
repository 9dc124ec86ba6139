//! Instants in JSON: RFC 3339 text in UTC, as everywhere in the guideline.

/// An instant.
pub mod instant {
    use cauda_guideline::time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes it.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(second: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time::write(*second))
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is no instant with its offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = String::deserialize(from)?;
        time::read(&text).map_err(D::Error::custom)
    }
}

/// An instant that may be missing.
pub mod maybe_instant {
    use cauda_guideline::time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes it.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(second: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        match second {
            Some(second) => to.serialize_some(&time::write(*second)),
            None => to.serialize_none(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When the text is no instant with its offset.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| time::read(&text).map_err(D::Error::custom)).transpose()
    }
}
