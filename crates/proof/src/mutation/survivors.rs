//! The list of survivors that somebody looked at, each with a reason. It lies
//! beside the guideline and is no part of it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Survivors that are known, with why each is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survivors {
    /// Who signed the list.
    pub signed: String,
    why: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    signed: String,
    #[serde(default)]
    survivor: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    mutation: String,
    why: String,
}

impl Survivors {
    /// Reads the list.
    ///
    /// # Errors
    /// One sentence: what is no TOML, stands twice, or has no reason.
    pub fn read(text: &str) -> Result<Survivors, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut why = BTreeMap::new();
        for listed in file.survivor {
            if listed.why.trim().is_empty() {
                return Err(format!("`{}` has no reason", listed.mutation));
            }
            if why.insert(listed.mutation.clone(), listed.why).is_some() {
                return Err(format!("`{}` stands twice", listed.mutation));
            }
        }
        Ok(Survivors { signed: file.signed, why })
    }

    /// Why this mutant is left alive.
    pub fn why(&self, mutation: &str) -> Option<&str> {
        self.why.get(mutation).map(String::as_str)
    }

    /// Mutations listed that are not among `alive`.
    pub fn stale(&self, alive: &[&str]) -> Vec<String> {
        self.why.keys().filter(|id| !alive.contains(&id.as_str())).cloned().collect()
    }
}
