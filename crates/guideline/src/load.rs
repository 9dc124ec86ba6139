//! From a folder of pages and facts to a guideline, or every fault in it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::checks;
use crate::compile::{Draft, compile};
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::{self, FACTS_MAX, Fact, FactIndex};
use crate::page::{self, Page, PageKind};
use crate::program::Program;
use crate::vocabulary::{Source, Vocabulary, read_sources};

/// Most bytes of a guideline folder.
pub const FOLDER_BYTES_MAX: usize = 4 * 1024 * 1024;
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
            "" => matches!(name, "guideline.toml" | "sources.toml"),
            "facts" | "vocabulary" => name.ends_with(".toml") && !name.contains('/'),
            "cases" => name.ends_with(".md") && !name.contains('/'),
            _ => PageKind::of_folder(folder).is_some() && name.ends_with(".md") && !name.contains('/'),
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
    /// SHA-256 of its files.
    pub sha256: String,
    /// Facts in their order, the built-in ones last.
    pub facts: Vec<Fact>,
    /// Pages in reading order.
    pub pages: Vec<LoadedPage>,
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
        self.facts.iter().position(|fact| fact.id == id)
    }

    /// The facts a person can enter, with their index.
    pub fn entered_facts(&self) -> impl Iterator<Item = (FactIndex, &Fact)> {
        self.facts.iter().enumerate().filter(|(_, fact)| !fact.is_computed())
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    version: String,
    title: String,
    status: String,
}

/// Reads a folder.
///
/// # Errors
/// Every fault, if one of them is an error. Warnings of a guideline that loads
/// are the second part of the result.
pub fn load(folder: &Folder) -> Result<(Guideline, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let draft = read(folder, &mut faults);
    let sound = |faults: &[Diagnostic]| faults.iter().all(|fault| fault.severity != Severity::Error);
    let guideline = if sound(&faults) { compile(draft, &mut faults) } else { None };
    if let Some(guideline) = &guideline {
        checks::check_guideline(guideline, &mut faults);
        if sound(&faults) {
            checks::run_cases(guideline, &mut faults);
        }
    }
    faults.sort_by(|left, right| {
        (&left.file, left.span.start, left.code).cmp(&(&right.file, right.span.start, right.code))
    });
    match guideline {
        Some(guideline) if sound(&faults) => Ok((guideline, faults)),
        _ => Err(faults),
    }
}

/// Reads a folder whose pages were checked before, without running its cases
/// and style checks again. Used for the guideline inside the program, whose
/// bytes `./test` checks.
///
/// # Errors
/// Every fault that keeps it from compiling.
pub fn load_checked(folder: &Folder) -> Result<Guideline, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let draft = read_pages(folder, &mut faults, false);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(faults);
    }
    compile(draft, &mut faults).ok_or(faults)
}

fn read(folder: &Folder, faults: &mut Vec<Diagnostic>) -> Draft {
    read_pages(folder, faults, true)
}

fn read_pages(folder: &Folder, faults: &mut Vec<Diagnostic>, check_form: bool) -> Draft {
    let mut draft = Draft {
        id: String::new(),
        version: String::new(),
        title: String::new(),
        status: String::new(),
        folder: folder.clone(),
        facts: Vec::new(),
        pages: Vec::new(),
        vocabulary: Vocabulary::default(),
        sources: BTreeMap::new(),
    };
    let bytes: usize = folder.files.values().map(String::len).sum();
    if bytes > FOLDER_BYTES_MAX || folder.files.len() > FILES_MAX {
        let message = format!("the folder is larger than {FOLDER_BYTES_MAX} bytes or {FILES_MAX} files");
        faults.push(Diagnostic::error("too-large", "", 0..0, message));
        return draft;
    }
    for needed in ["guideline.toml", "sources.toml"] {
        if !folder.files.contains_key(needed) {
            let fault =
                Diagnostic::error("missing-file", needed, 0..0, format!("the folder has no `{needed}`"));
            faults.push(fault.help("see guidelines/back_pain for what a folder holds"));
        }
    }
    for (path, text) in &folder.files {
        read_file(path, text, &mut draft, faults, check_form);
    }
    if draft.facts.len() > FACTS_MAX {
        let message = format!("more than {FACTS_MAX} facts");
        faults.push(Diagnostic::error("too-large", "facts", 0..0, message));
    }
    draft.pages.sort_by(|left, right| (left.kind, &left.id).cmp(&(right.kind, &right.id)));
    draft
}

fn read_file(path: &str, text: &str, draft: &mut Draft, faults: &mut Vec<Diagnostic>, check_form: bool) {
    match path {
        "guideline.toml" => match toml::from_str::<Head>(text) {
            Ok(head) => {
                (draft.id, draft.version) = (head.id, head.version);
                (draft.title, draft.status) = (head.title, head.status);
            }
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let fault = Diagnostic::error("bad-toml", path, span, error.message().to_string());
                faults.push(fault.help("it holds `id`, `version`, `title` and `status`"));
            }
        },
        "sources.toml" => draft.sources = read_sources(path, text, faults),
        _ if path.starts_with("facts/") => draft.facts.extend(facts::read(path, text, faults)),
        _ if path.starts_with("vocabulary/") => draft.vocabulary.read(path, text, faults),
        _ if path.starts_with("cases/") => {}
        _ => read_page(path, text, draft, faults, check_form),
    }
}

fn read_page(path: &str, text: &str, draft: &mut Draft, faults: &mut Vec<Diagnostic>, check_form: bool) {
    let Some(id) = path.strip_suffix(".md") else {
        return;
    };
    let Some(kind) = id.split('/').next().and_then(PageKind::of_folder) else {
        return;
    };
    let (page, found) = page::parse(path, text);
    if found.is_empty() && check_form {
        checks::check_form(path, text, &page, faults);
    }
    faults.extend(found);
    draft.pages.push(LoadedPage { id: id.to_string(), kind, page });
}
