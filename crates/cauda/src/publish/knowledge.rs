//! `--cql` and `--fhir`: the guideline in the standards of others, in folders of
//! their own beside the pages.

use std::collections::BTreeMap;

use cauda_guideline::Guideline;
use cauda_knowledge::fhir::{Beside, artifacts};
use cauda_knowledge::{Base, KnowledgeError, cql};
use cauda_pages::{MANIFEST, Publication};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::args::Publish;
use crate::error::CliError;

/// What the flags ask for, looked at before the long work begins.
pub(super) struct Asked {
    cql: bool,
    base: Option<Base>,
}

/// Reads the flags.
pub(super) fn asked(args: &Publish) -> Result<Asked, CliError> {
    let read = |base: &String| {
        Base::new(base).map_err(|fault| CliError::Argument {
            message: fault.to_string(),
            help: "write --fhir=https://ed.example.org/fhir".into(),
        })
    };
    Ok(Asked { cql: args.cql, base: args.fhir.as_ref().map(read).transpose()? })
}

/// Adds what was asked for, and its names to the list of files.
pub(super) fn add(
    made: &mut Publication,
    guideline: &Guideline,
    asked: &Asked,
) -> Result<(), CliError> {
    let mut files = BTreeMap::new();
    if asked.cql {
        let text = cql::library(guideline).map_err(refused)?;
        files.insert(format!("cql/{}.cql", cql::library_name(guideline)), text);
    }
    if let Some(base) = &asked.base {
        // Nobody has signed: the day would have to come from the signature itself.
        let found = artifacts(base, guideline, Beside::default()).map_err(refused)?;
        files.extend(found.into_iter().map(|(file, text)| (format!("fhir/{file}"), text)));
    }
    if !files.is_empty() {
        list(made, &files);
        made.files.extend(files);
    }
    Ok(())
}

fn refused(fault: KnowledgeError) -> CliError {
    CliError::Argument { message: fault.to_string(), help: "mend the guideline".into() }
}

/// A later run replaces only files that stand in the list.
fn list(made: &mut Publication, files: &BTreeMap<String, String>) {
    let Some(text) = made.files.get_mut(MANIFEST) else { return };
    let Ok(mut manifest) = serde_json::from_str::<Value>(text) else { return };
    for (file, text) in files {
        let hash: String =
            Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        manifest["files"][file] = Value::String(hash);
    }
    *text = format!("{manifest:#}\n");
}
