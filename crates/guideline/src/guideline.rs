//! A guideline: the folder it is read from, its pages, and what they compile to.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::attestation::Attestation;
use crate::facts::{Fact, FactIndex};
use crate::page::{Page, PageKind};
use crate::program::Program;
use crate::site::{OPTIONS, Policy};
use crate::vocabulary::{Source, Vocabulary};

/// Most bytes of a guideline folder.
pub const FOLDER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most bytes of one file of a guideline folder.
pub const FILE_BYTES_MAX: usize = 128 * 1024;
/// Most files of a guideline folder.
pub const FILES_MAX: usize = 500;

/// The files of a guideline, by path inside the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Path, with `/` between its parts, to text.
    pub files: BTreeMap<String, String>,
}

impl Folder {
    /// SHA-256 of all files that take part, as lower-case hexadecimal.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            for part in [path.as_bytes(), text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a file of that path is part of a guideline.
    pub fn takes(path: &str) -> bool {
        let (folder, name) = path.split_once('/').unwrap_or(("", path));
        match folder {
            "" => matches!(
                name,
                "guideline.toml" | "sources.toml" | "attestations.toml" | "local_policy.toml"
            ),
            "facts" | "vocabulary" => name.ends_with(".toml") && !name.contains('/'),
            "cases" => name.ends_with(".md") && !name.contains('/'),
            OPTIONS => name.split_once('/').is_some_and(|(_, page)| {
                let kind = page.split_once('/').map(|(folder, _)| folder);
                let is_kind = |kind| PageKind::of_folder(kind).is_some();
                kind.is_some_and(|kind| is_kind(kind) || matches!(kind, "facts" | "cases"))
                    && Folder::takes(page)
            }),
            _ => {
                PageKind::of_folder(folder).is_some()
                    && name.ends_with(".md")
                    && !name.contains('/')
            }
        }
    }
}

/// A page of the guideline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedPage {
    /// Its id, `red_flags/cauda_equina`.
    pub id: String,
    /// What it is for.
    pub kind: PageKind,
    /// What it says.
    pub page: Page,
}

impl LoadedPage {
    /// The last part of its id.
    pub fn stem(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }

    /// Its file in the folder.
    pub fn file(&self) -> String {
        format!("{}.md", self.id)
    }
}

/// A guideline that is well formed. Whether it is safe is for the proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guideline {
    /// `back_pain`
    pub id: String,
    /// `0.1.0`
    pub version: String,
    /// Its name for people.
    pub title: String,
    /// Draft, and who signed it.
    pub status: String,
    /// Facts without a direction of danger that rules may look at: the only
    /// exceptions of SP2 (E7).
    pub exceptions: Vec<String>,
    /// Facts a patient is asked about that cannot begin at home, such as an
    /// operation: the return list need not name them (CR25).
    pub not_noticed_at_home: Vec<String>,
    /// Facts of which a danger told at home is for an ambulance, whatever else is told.
    pub ambulance: Vec<String>,
    /// SHA-256 of its files.
    pub sha256: String,
    /// Facts in their order, the built-in ones last.
    pub facts: Vec<Fact>,
    /// Places of the facts by id.
    pub(crate) by_id: BTreeMap<String, FactIndex>,
    /// Pages in reading order.
    pub pages: Vec<LoadedPage>,
    /// Groups of facts that may be signed as clear in one action.
    pub attestations: Vec<Attestation>,
    /// What a site may choose (E14).
    pub policies: Vec<Policy>,
    /// Phrases.
    pub vocabulary: Vocabulary,
    /// Sources.
    pub sources: BTreeMap<String, Source>,
    /// The compiled graph.
    pub program: Program,
    /// The files it was read from.
    pub folder: Folder,
}

impl Guideline {
    /// The fact with that id.
    pub fn fact(&self, id: &str) -> Option<FactIndex> {
        self.by_id.get(id).copied()
    }

    /// The facts a person can enter, with their index.
    pub fn entered_facts(&self) -> impl Iterator<Item = (FactIndex, &Fact)> {
        self.facts.iter().enumerate().filter(|(_, fact)| !fact.is_computed())
    }
}
