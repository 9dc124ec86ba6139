//! The population file as it is written.

use std::collections::BTreeMap;

use cauda_guideline::facts::By;
use cauda_guideline::vocabulary::{Source, Tier};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) population: Head,
    pub(super) condition: Vec<Spanned<Condition>>,
    pub(super) draw: Vec<Spanned<Draw>>,
    #[serde(default)]
    pub(super) unknown: Vec<Spanned<Unknown>>,
    #[serde(default)]
    pub(super) asked_together: Vec<Spanned<AskedTogether>>,
    pub(super) ceiling: Vec<Spanned<Ceiling>>,
    #[serde(default)]
    pub(super) source: BTreeMap<String, Source>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) edition: u32,
    pub(super) title: String,
    pub(super) leaves: Spanned<Vec<String>>,
    pub(super) noise: Spanned<Noise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noise {
    pub(super) percent: String,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    pub(super) id: String,
    pub(super) what: String,
    /// The last one has none: it takes what the others leave.
    pub(super) percent: Option<String>,
    pub(super) due: Option<Tier>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draw {
    /// Facts of the guideline, each drawn by itself from the same rows. The
    /// guideline may lack one whose name ends with `?`.
    #[serde(default)]
    pub(super) facts: Vec<String>,
    /// Something nobody sees, with its values.
    pub(super) hidden: Option<String>,
    #[serde(default)]
    pub(super) values: Vec<String>,
    pub(super) rows: Vec<Spanned<Row>>,
    #[serde(default)]
    pub(super) unknown: Vec<Spanned<Unknown>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    #[serde(default, rename = "if")]
    pub(super) premises: Vec<String>,
    pub(super) percent: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unknown {
    /// Only outside a draw.
    pub(super) by: Option<By>,
    #[serde(default, rename = "if")]
    pub(super) premises: Vec<String>,
    pub(super) not_known: Option<String>,
    pub(super) declined: Option<String>,
    pub(super) unable: Option<String>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedTogether {
    pub(super) facts: Vec<String>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ceiling {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) percent: String,
    pub(super) first_step: Option<String>,
    #[serde(default)]
    pub(super) tiers: Vec<Tier>,
    pub(super) needs: Option<String>,
    #[serde(default)]
    pub(super) undecided: bool,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) why: String,
}
