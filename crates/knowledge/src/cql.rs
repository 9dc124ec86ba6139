//! The guideline as one library of the Clinical Quality Language (HL7 CQL 1.5).
//!
//! CQL's `and`, `or` and `not` are strong Kleene logic over true, false and
//! null, as the engine's are over true, false and unknown. So a page goes over
//! line by line: its words become one `define`, unknown is null, and nothing
//! else in the library is clever. Only operators whose treatment of null every
//! engine agrees on are used: `=`, `and`, `or`, `not`, `is null`, `is true`.

mod answer;
mod facts;
mod rules;
mod words;

use cauda_guideline::Guideline;
use cauda_guideline::page::PageKind;

use crate::error::KnowledgeError;
pub use facts::{CANNOT_BE_HAD, fact_name, parameter};
use rules::Rules;
pub(crate) use words::number;
pub use words::{identifier, library_name, text};

/// Most bytes of the library.
pub const LIBRARY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How to read a library.
const READING: &str = include_str!("cql/reading.cql");
/// Functions of every library: the whole of what a reader must know beside CQL itself.
const FUNCTIONS: &str = include_str!("cql/functions.cql");

/// The library of `guideline`.
///
/// # Errors
/// A page that cannot be written, or a library beyond [`LIBRARY_BYTES_MAX`].
pub fn library(guideline: &Guideline) -> Result<String, KnowledgeError> {
    let rules = Rules::new(guideline);
    let mut out = head(guideline);
    out.push_str(READING);
    heading(&mut out, "What is known of the patient: unknown, missing and not done are null");
    facts::parameters(&mut out, guideline);
    heading(&mut out, "Words that the pages use");
    out.push_str(FUNCTIONS);
    heading(&mut out, "What counts of it: words and numbers that no fact has are not known");
    facts::counted(&mut out, guideline)?;
    for kind in PageKind::ALL {
        let pages = guideline.pages.iter().filter(|loaded| loaded.kind == kind);
        for (at, loaded) in pages.enumerate() {
            if at == 0 {
                heading(&mut out, &format!("Pages of {}/", kind.folder()));
            }
            rules.page(&mut out, loaded)?;
            if kind.is_concern() {
                answer::concern(&mut out, &rules, loaded)?;
            }
        }
    }
    heading(&mut out, "All pages together");
    answer::together(&mut out, guideline);
    if out.len() > LIBRARY_BYTES_MAX {
        return Err(KnowledgeError::TooLarge {
            file: format!("{}.cql", library_name(guideline)),
            bytes: out.len(),
        });
    }
    Ok(out)
}

/// What a `define` of this page is called: the part is `when`, `raised`, `state` …
pub fn define_of(page: &str, part: &str) -> String {
    if part.is_empty() { page.to_string() } else { format!("{page} {part}") }
}

fn head(guideline: &Guideline) -> String {
    let lines = [
        format!("{}, version {}", guideline.title, guideline.version),
        format!("Status: {}", guideline.status),
        format!("Made by `cauda publish` from the pages with SHA-256 {}", guideline.sha256),
        "Not a certified medical device. The clinician decides.".to_string(),
        "Do not edit: change the page, prove it, and publish again.".to_string(),
    ];
    let mut out = String::new();
    for line in lines {
        out.push_str(&words::comment(&line));
    }
    let name = library_name(guideline);
    out.push_str(&format!("library {name} version {}\n\n", text(&guideline.version)));
    out
}

fn heading(out: &mut String, words: &str) {
    out.push_str(&format!("\n// ---- {words} ----\n"));
}
