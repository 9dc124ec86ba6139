//! `cauda verify --against`: SP8 between two editions, and its signed list.

use std::path::Path;

use cauda_guideline::{Guideline, load_checked};
use cauda_proof::properties::{Checked, Outcome};
use cauda_proof::refinement::{Lowered, Refinement, named};

use crate::error::CliError;
use crate::{folder, shares};

/// Largest signed list in bytes.
const LIST_BYTES_MAX: usize = 256 * 1024;

/// Proves that `new` is never less urgent than the edition in `old`.
///
/// # Errors
/// A folder or list that cannot be read, or too many decisions to compare.
pub fn check(dir: Option<&Path>, old: &Path, new: &Guideline) -> Result<Checked, CliError> {
    // Its own cases were for its own time: that it compiles is enough.
    let before =
        load_checked(&folder::read(old)?).map_err(|_| CliError::Guideline(old.to_path_buf()))?;
    let list = list(dir)?;
    let found = Refinement::new(&before, new, &list).map_err(shares::uncounted)?;
    let mut wrong: Vec<String> = Vec::new();
    for (change, why) in &found.lowered {
        if why.is_none() {
            let [case, _] = &change.example.cases;
            wrong.push(format!(
                "from `{}` to `{}`, and nobody signed for it: {case}",
                named(&change.old),
                named(&change.new)
            ));
        }
    }
    wrong.extend(found.stale.iter().map(|entry| format!("{entry} is signed, and is no change")));
    let questions = found.lowered.len() as u64;
    let outcome = if found.holds() { Outcome::Holds } else { Outcome::Refuted(wrong) };
    let sentence = match found.known_only {
        false => "no answer is less urgent than in the older edition, but for those signed",
        true => "the same, of patients of whom everything is known: with unknowns it is too large",
    };
    Ok(Checked { id: "SP8", sentence, questions, outcome })
}

/// The list beside the folder: `back_pain.lowered.toml`; none is an empty one.
fn list(dir: Option<&Path>) -> Result<Lowered, CliError> {
    let Some(dir) = dir else { return Ok(Lowered::default()) };
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".lowered.toml");
    let path = dir.with_file_name(name);
    if !path.exists() {
        return Ok(Lowered::default());
    }
    let text = folder::read_text(&path, LIST_BYTES_MAX)?;
    Lowered::read(&text).map_err(|why| CliError::Unreadable { path, why })
}
