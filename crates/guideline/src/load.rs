//! From a folder of pages and facts to a guideline, or every fault in it.

use std::collections::BTreeMap;

use crate::attestation;
use crate::checks;
use crate::compile::{Draft, compile};
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::{self, FACTS_MAX};
use crate::guideline::{
    FILE_BYTES_MAX, FILES_MAX, FOLDER_BYTES_MAX, Folder, Guideline, LoadedPage,
};
use crate::page::{self, PageKind};
use crate::site;
use crate::vocabulary::{Vocabulary, read_sources};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    version: String,
    title: String,
    status: String,
    #[serde(default)]
    exceptions: Vec<String>,
    #[serde(default)]
    not_noticed_at_home: Vec<String>,
    #[serde(default)]
    ambulance: Vec<String>,
}

/// Reads a folder.
///
/// # Errors
/// Every fault, if one of them is an error. Warnings of a guideline that loads
/// are the second part of the result.
pub fn load(folder: &Folder) -> Result<(Guideline, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let draft = read(folder, &mut faults);
    let sound =
        |faults: &[Diagnostic]| faults.iter().all(|fault| fault.severity != Severity::Error);
    let guideline = if sound(&faults) { compile(draft, &mut faults) } else { None };
    if let Some(guideline) = &guideline {
        checks::check_guideline(guideline, &mut faults);
        if sound(&faults) {
            checks::run_cases(guideline, &mut faults);
            site::check_options(guideline, &mut faults);
        }
    }
    faults.sort_by(|left, right| {
        (&left.file, left.span.start, left.code).cmp(&(&right.file, right.span.start, right.code))
    });
    faults.dedup();
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
    let draft = read_pages(folder, &mut faults, Form::None);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(faults);
    }
    compile(draft, &mut faults).ok_or(faults)
}

/// Reads a folder that differs from a sound one in a few files, with every check
/// but its cases. The form of a page that did not change is taken as it was.
///
/// # Errors
/// Every fault, if one of them is an error.
pub fn load_changed(folder: &Folder, sound: &Folder) -> Result<Guideline, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let draft = read_pages(folder, &mut faults, Form::UnlessIn(sound));
    let wrong =
        |faults: &[Diagnostic]| faults.iter().any(|fault| fault.severity == Severity::Error);
    if wrong(&faults) {
        return Err(faults);
    }
    let Some(guideline) = compile(draft, &mut faults) else { return Err(faults) };
    checks::check_guideline(&guideline, &mut faults);
    if wrong(&faults) { Err(faults) } else { Ok(guideline) }
}

/// Of which pages the form is checked.
#[derive(Clone, Copy)]
enum Form<'a> {
    Every,
    None,
    /// All but those that stand so in this folder.
    UnlessIn(&'a Folder),
}

impl Form<'_> {
    fn is_checked(self, path: &str, text: &str) -> bool {
        match self {
            Form::Every => true,
            Form::None => false,
            Form::UnlessIn(folder) => folder.files.get(path).is_none_or(|known| known != text),
        }
    }
}

fn read(folder: &Folder, faults: &mut Vec<Diagnostic>) -> Draft {
    read_pages(folder, faults, Form::Every)
}

fn read_pages(folder: &Folder, faults: &mut Vec<Diagnostic>, form: Form) -> Draft {
    let mut draft = Draft {
        id: String::new(),
        version: String::new(),
        title: String::new(),
        status: String::new(),
        exceptions: Vec::new(),
        not_noticed_at_home: Vec::new(),
        ambulance: Vec::new(),
        folder: folder.clone(),
        facts: Vec::new(),
        pages: Vec::new(),
        attestations: Vec::new(),
        stops: Vec::new(),
        policies: Vec::new(),
        vocabulary: Vocabulary::default(),
        sources: BTreeMap::new(),
    };
    let bytes: usize = folder.files.values().map(String::len).sum();
    if bytes > FOLDER_BYTES_MAX || folder.files.len() > FILES_MAX {
        let message =
            format!("the folder is larger than {FOLDER_BYTES_MAX} bytes or {FILES_MAX} files");
        faults.push(Diagnostic::error("too-large", "", 0..0, message));
        return draft;
    }
    for needed in ["guideline.toml", "sources.toml"] {
        if !folder.files.contains_key(needed) {
            let fault = Diagnostic::error(
                "missing-file",
                needed,
                0..0,
                format!("the folder has no `{needed}`"),
            );
            faults.push(fault.help("see guidelines/back_pain for what a folder holds"));
        }
    }
    for (path, text) in &folder.files {
        if text.len() > FILE_BYTES_MAX {
            let message = format!("the file is larger than {FILE_BYTES_MAX} bytes");
            faults.push(Diagnostic::error("too-large", path, 0..0, message).help("split it"));
            continue;
        }
        read_file(path, text, &mut draft, faults, form);
    }
    if draft.facts.len() > FACTS_MAX {
        let message = format!("more than {FACTS_MAX} facts");
        faults.push(Diagnostic::error("too-large", "facts", 0..0, message));
    }
    draft.pages.sort_by(|left, right| (left.kind, &left.id).cmp(&(right.kind, &right.id)));
    draft
}

fn read_file(path: &str, text: &str, draft: &mut Draft, faults: &mut Vec<Diagnostic>, form: Form) {
    match path {
        "guideline.toml" => match toml::from_str::<Head>(text) {
            Ok(head) => {
                (draft.id, draft.version) = (head.id, head.version);
                (draft.title, draft.status) = (head.title, head.status);
                draft.exceptions = head.exceptions;
                draft.not_noticed_at_home = head.not_noticed_at_home;
                draft.ambulance = head.ambulance;
            }
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let fault = Diagnostic::error("bad-toml", path, span, error.message().to_string());
                faults.push(fault.help("it holds `id`, `version`, `title` and `status`"));
            }
        },
        site::POLICY_FILE => draft.policies = site::read(text, faults),
        attestation::FILE => draft.attestations = attestation::read(text, faults),
        "sources.toml" => draft.sources = read_sources(path, text, faults),
        _ if path.starts_with("facts/") => draft.facts.extend(facts::read(path, text, faults)),
        _ if path.starts_with("vocabulary/") => draft.vocabulary.read(path, text, faults),
        _ if path.starts_with("cases/") => {}
        _ => read_page(path, text, draft, faults, form),
    }
}

fn read_page(path: &str, text: &str, draft: &mut Draft, faults: &mut Vec<Diagnostic>, form: Form) {
    let Some(id) = path.strip_suffix(".md") else {
        return;
    };
    let Some(kind) = id.split('/').next().and_then(PageKind::of_folder) else {
        return;
    };
    let (page, found) = page::parse(path, text);
    if found.is_empty() && form.is_checked(path, text) {
        checks::check_form(path, text, &page, faults);
    }
    faults.extend(found);
    draft.pages.push(LoadedPage { id: id.to_string(), kind, page });
}
