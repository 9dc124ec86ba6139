//! `cauda publish`: the guideline as a publication. Everything is made in
//! memory, written beside the goal, and moved there at once, so that a folder
//! holds one whole edition or the one before.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cauda_pages::{FILES_MAX, MANIFEST, Proofs, Publication, publication};
use cauda_proof::{Effort, accept, check_all};

use crate::args::Publish;
use crate::error::CliError;
use crate::{folder, guideline, verify};

/// Most bytes of the list of files that an earlier run left.
const MANIFEST_BYTES_MAX: usize = 1024 * 1024;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A folder that cannot be read or has faults, or a goal that is not ours.
pub fn run(args: &Publish) -> Result<u8, CliError> {
    let goal = goal_of(&args.out)?;
    refuse_foreign(&goal)?;
    let guideline = guideline::chosen(args.guideline.as_deref(), args.site.as_deref())?;
    let effort = Effort::default();
    let report = check_all(&guideline, &effort, &mut |_| {});
    let options = verify::options(&guideline, &effort);
    let proved = accept(guideline.clone(), &report).ok();
    let proofs = Proofs::new(&report, &effort, proved.as_ref(), options);
    let made = publication(&guideline, &proofs).map_err(|found| CliError::Argument {
        message: match found.file.as_str() {
            "" => format!("the publication would have {} files", found.found),
            file => format!("the page {file} would have {} bytes", found.found),
        },
        help: "split the page of the guideline that it comes from".into(),
    })?;
    write(&goal, &made)?;
    let title = format!("{} {}", guideline.id, guideline.version);
    let bytes: usize = made.files.values().map(String::len).sum();
    crate::out::line(&format!(
        "{title}: {} files, {} KB, in {}; begin with index.html",
        made.files.len(),
        bytes.div_ceil(1000),
        args.out.display()
    ));
    if !proofs.all_hold() {
        anstream::eprintln!(
            "not proved: {title} may not be used, and every page of the publication says so; \
             `cauda verify` shows why"
        );
    }
    Ok(u8::from(!proofs.all_hold()))
}

fn unwritable(path: &Path, why: impl ToString) -> CliError {
    CliError::Unwritable { path: path.to_path_buf(), why: why.to_string() }
}

/// The goal by its whole path; its parent has to be there.
fn goal_of(out: &Path) -> Result<PathBuf, CliError> {
    if out.exists() {
        return out.canonicalize().map_err(|error| unwritable(out, error));
    }
    let name = out.file_name().ok_or_else(|| unwritable(out, "it is no name of a folder"))?;
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let parent = parent.canonicalize().map_err(|error| unwritable(parent, error))?;
    Ok(parent.join(name))
}

/// Refuses a goal that holds anything this command did not make.
fn refuse_foreign(goal: &Path) -> Result<(), CliError> {
    if !goal.exists() {
        return Ok(());
    }
    if !goal.is_dir() {
        return Err(unwritable(goal, "it is not a folder"));
    }
    let mut found = Vec::new();
    list(goal, goal, &mut found).map_err(|error| unwritable(goal, error))?;
    if found.is_empty() {
        return Ok(());
    }
    let own = own_files(goal).ok_or_else(|| {
        unwritable(goal, "it holds files that `cauda publish` did not make; choose an empty folder")
    })?;
    match found.iter().find(|file| !own.contains(file.as_str())) {
        None => Ok(()),
        Some(file) => Err(unwritable(
            goal,
            format!("`cauda publish` did not make {file} in it; move it away"),
        )),
    }
}

/// Files below `folder`, at most [`FILES_MAX`] and one more.
fn list(root: &Path, folder: &Path, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if found.len() > FILES_MAX {
            return Ok(());
        }
        if entry.file_type()?.is_dir() {
            list(root, &entry.path(), found)?;
            continue;
        }
        let path = entry.path();
        let inside = path.strip_prefix(root).unwrap_or(&path);
        found.push(inside.to_string_lossy().replace('\\', "/"));
    }
    Ok(())
}

/// Files of an earlier publication; `None` when there is none.
fn own_files(goal: &Path) -> Option<BTreeSet<String>> {
    let text = folder::read_text(&goal.join(MANIFEST), MANIFEST_BYTES_MAX).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    if manifest.get("made_by")?.as_str()? != "cauda publish" {
        return None;
    }
    let files = manifest.get("files")?.as_object()?;
    Some(files.keys().cloned().chain([MANIFEST.to_string()]).collect())
}

/// Writes all files beside the goal and moves them there.
fn write(goal: &Path, made: &Publication) -> Result<(), CliError> {
    let beside = |what: &str| {
        let name = goal.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
        goal.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
    };
    let (new, old) = (beside("new"), beside("old"));
    let written = write_files(&new, made).and_then(|()| swap(&new, goal, &old));
    if let Err(error) = written {
        // What was begun goes; what stood at the goal is still there.
        let _ = fs::remove_dir_all(&new);
        return Err(unwritable(goal, error));
    }
    Ok(())
}

fn write_files(new: &Path, made: &Publication) -> io::Result<()> {
    fs::create_dir(new)?;
    for (file, text) in &made.files {
        let path = new.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

fn swap(new: &Path, goal: &Path, old: &Path) -> io::Result<()> {
    if !goal.exists() {
        return fs::rename(new, goal);
    }
    fs::rename(goal, old)?;
    if let Err(error) = fs::rename(new, goal) {
        fs::rename(old, goal)?;
        return Err(error);
    }
    fs::remove_dir_all(old)
}
