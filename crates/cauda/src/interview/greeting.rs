//! What is said before the first question: who answers, and what is kept where.

use cauda_guideline::Guideline;
use cauda_guideline::facts::{Role, Stage};

use super::record::Record;
use super::screen::Asked;
use super::{BOLD, count};

/// The first lines of an interview.
pub fn text(guideline: &Guideline, asked: &Asked, record: &Record) -> String {
    let stage = match asked.stage {
        Some(stage) if asked.only_stage => format!(", only what belongs to {}", words(stage)),
        _ => String::new(),
    };
    let who = match asked.role {
        Role::Patient => "the patient or for the patient",
        role => role.words(),
    };
    let kept = match (record.file(), record.counts()) {
        (None, _) => "Nothing is saved: name a file to keep the visit.".to_string(),
        (Some(file), (0, 0)) => format!("Every answer is saved to {} at once.", file.display()),
        (Some(file), (answers, groups)) => format!(
            "Goes on with {}.\n{} and {} are in it; every answer is saved at once.",
            file.display(),
            count(answers, "answer"),
            count(groups, "signed group"),
        ),
    };
    format!(
        "{BOLD}{}, {}.{BOLD:#}\nYou answer as {who}{stage}. The clinician decides.\n{kept}",
        guideline.title, guideline.version
    )
}

fn words(stage: Stage) -> &'static str {
    match stage {
        Stage::Triage => "triage",
        Stage::Examination => "the examination",
        Stage::Results => "the results",
        Stage::Discharge => "going home",
        Stage::FollowUp => "the follow-up",
    }
}
