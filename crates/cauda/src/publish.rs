//! `cauda publish`: the guideline as a publication. Everything is made in
//! memory, written beside the goal, and moved there at once, so that a folder
//! holds one whole edition or the one before.

mod knowledge;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cauda_guideline::Guideline;
use cauda_pages::publication;
use cauda_pages::{Changes, Direction, FILES_MAX, Kind, MANIFEST, Piece, Proofs, Publication};
use cauda_proof::difference::Difference;
use cauda_proof::{Effort, accept, check_all};

use crate::args::Publish;
use crate::diff::answered::{Answered, Told};
use crate::diff::written::{Fate, Line, Table, Written};
use crate::error::CliError;
use crate::{folder, guideline, shares, verify};

/// Most bytes of the list of files that an earlier run left.
const MANIFEST_BYTES_MAX: usize = 1024 * 1024;

/// Runs the command; the number is the exit code.
///
/// # Errors
/// A folder that cannot be read or has faults, or a goal that is not ours.
pub fn run(args: &Publish) -> Result<u8, CliError> {
    let asked = knowledge::asked(args)?;
    let goal = goal_of(&args.out)?;
    refuse_foreign(&goal)?;
    let guideline = guideline::chosen(args.guideline.as_deref(), args.site.as_deref())?;
    let changes = match &args.since {
        Some(old) => Some(changes(old, &guideline)?),
        None => None,
    };
    let effort = Effort::default();
    let report = check_all(&guideline, &effort, &mut |_| {});
    let options = verify::options(&guideline, &effort);
    let proved = accept(guideline.clone(), &report).ok();
    let proofs = Proofs::new(&report, &effort, proved.as_ref(), options);
    let mut made =
        publication(&guideline, &proofs, changes.as_ref()).map_err(|found| CliError::Argument {
            message: match found.file.as_str() {
                "" => format!("the publication would have {} files", found.found),
                file => format!("the page {file} would have {} bytes", found.found),
            },
            help: "split the page of the guideline that it comes from".into(),
        })?;
    knowledge::add(&mut made, &guideline, &asked)?;
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

/// The comparison with the edition in `old`, as `cauda diff` makes it. Where too
/// much changed to count who is answered otherwise, it says so.
fn changes(old: &Path, new: &Guideline) -> Result<Changes, CliError> {
    let before = crate::diff::open(Some(old))?;
    let written = Written::new(&before, new);
    let same = written.is_empty();
    let mut changes = Changes {
        old_version: before.version.clone(),
        old_sha256: before.sha256.clone(),
        written: pieces(written),
        ..Changes::default()
    };
    let found = match Difference::new(&before, new) {
        Ok(found) => found,
        Err(why) => match shares::uncounted(why) {
            CliError::Argument { message, .. } => {
                anstream::eprintln!("{message}; changes.html shows only what is written otherwise");
                changes.verdict = "who is answered otherwise is not known".to_string();
                changes.compared = format!("only what is written: {message}");
                changes.warns = true;
                return Ok(changes);
            }
            fault => return Err(fault),
        },
    };
    let answered = Answered::new([&before, new], [Some(old), None], &found)?;
    let verdict = match (answered.differs, answered.ever_less_urgent) {
        (false, _) if same => "the editions do not differ",
        (false, _) => "every patient is answered as before",
        (_, false) => "some patients are answered otherwise, nobody less urgently",
        _ if answered.less_urgent_when_all_is_known => "some patients are answered less urgently",
        _ => "some patients are answered less urgently, all with a fact that is not known",
    };
    changes.verdict = verdict.to_string();
    changes.warns = answered.ever_less_urgent;
    changes.compared =
        format!("{} facts, {} states", answered.facts, shares::power(&answered.states));
    changes.legend = shares::legend(answered.has_unknowns).replace('\n', " ");
    changes.directions = directions(answered);
    Ok(changes)
}

fn pieces(written: Written) -> Vec<Piece> {
    let lines = |lines: Vec<Line>| lines.into_iter().map(|line| (line.sign, line.text)).collect();
    let table = |table: Table| Piece {
        name: table.id,
        file: table.file,
        fate: fate(table.fate),
        sections: vec![(String::new(), lines(table.lines))],
    };
    let mut pieces = Vec::new();
    for page in written.pages {
        let sections = page.sections.into_iter();
        let sections = sections.map(|part| (part.heading, lines(part.lines))).collect();
        let (file, name, fate) = (page.file, page.title, fate(page.fate));
        pieces.push(Piece { file, name, fate, sections });
    }
    let tables = [written.facts, written.phrases, written.sources];
    pieces.extend(tables.into_iter().flatten().map(table));
    pieces.extend(written.others.into_iter().map(|part| Piece {
        name: String::new(),
        file: part.heading,
        fate: fate(part.fate),
        sections: vec![(String::new(), lines(part.lines))],
    }));
    pieces
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Added => "added",
        Fate::Removed => "removed",
        Fate::Changed => "changed",
    }
}

fn directions(answered: Answered) -> Vec<Direction> {
    let told = |told: &Told| match told.acted_on {
        "none" => format!("{} (no deadline)", told.staff),
        tier => format!("{} ({tier})", told.staff),
    };
    let share = |share: &shares::InEach| {
        let [clear, known, all] =
            [share.nearly_clear, share.all_known, share.all_states].map(shares::words);
        format!("nearly clear: {clear}; all known: {known}; all states: {all}")
    };
    let kind = |kind: crate::diff::answered::Kind| {
        let [before, now] = kind.answers;
        let mut findings = kind.findings;
        findings.push(kind.all_else.to_string());
        Kind {
            old: told(&kind.old),
            new: told(&kind.new),
            share: share(&kind.share),
            findings,
            answers: [before.text, now.text],
            case: now.case,
        }
    };
    let ways = answered.directions.into_iter().filter(|way| !way.kinds.is_empty());
    ways.map(|way| Direction {
        title: way.title.to_lowercase(),
        share: share(&way.share),
        kinds: way.kinds.into_iter().map(kind).collect(),
    })
    .collect()
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
