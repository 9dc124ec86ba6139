//! `cauda assess`: one visit in, one answer out.

use std::path::Path;

use cauda_guideline::Guideline;
use cauda_guideline::cases;
use cauda_guideline::decision::{Decision, explain};
use cauda_guideline::facts::{Role, Stage};
use cauda_guideline::page::parse_case;
use cauda_guideline::resolve::{Entry, Findings, resolve};
use cauda_guideline::visit::{self, VISIT_BYTES_MAX, Visit};
use cauda_guideline::vocabulary::Tier;

use crate::args::{Assess, At, Who};
use crate::error::CliError;
use crate::{folder, guideline, page};

/// Runs the command; the number is the exit code.
///
/// # Errors
/// Input that cannot be read or is refused.
pub fn run(args: &Assess) -> Result<u8, CliError> {
    let proved = guideline::open(args.guideline.as_deref(), args.site.as_deref())?;
    let guideline = proved.guideline();
    let findings = match (&args.case, &args.file) {
        (Some(case), _) => findings_of_case(guideline, case)?,
        (None, Some(file)) => {
            let mut visit = read_visit(guideline, file)?;
            for setting in &args.set {
                set(guideline, &mut visit, setting)?;
            }
            resolve(guideline, &visit.entries, visit.as_of)
        }
        (None, None) => return Err(CliError::Internal("neither a file nor a case".into())),
    };
    let decision = explain(guideline, &findings, args.at.map(stage));
    if args.json {
        let text = serde_json::to_string_pretty(&decision)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    } else {
        let urgent = decision.urgency.acted_on >= Tier::Urgent;
        if matches!(args.at, Some(At::Triage)) && urgent {
            crate::out::line(page::AT_TRIAGE);
        }
        crate::out::print(&page::write(guideline, &decision, args.all));
    }
    Ok(exit_code(&decision))
}

/// 0 when decided, 1 when not.
pub fn exit_code(decision: &Decision) -> u8 {
    u8::from(!decision.decided || decision.clinician_review)
}

/// Who answers.
pub fn role(who: Who) -> Role {
    match who {
        Who::Patient => Role::Patient,
        Who::Nurse => Role::Nurse,
        Who::Physician => Role::Physician,
    }
}

/// The stage of the visit.
pub fn stage(at: At) -> Stage {
    match at {
        At::Triage => Stage::Triage,
        At::Examination => Stage::Examination,
        At::Results => Stage::Results,
        At::Discharge => Stage::Discharge,
        At::FollowUp => Stage::FollowUp,
    }
}

fn read_visit(guideline: &Guideline, file: &Path) -> Result<Visit, CliError> {
    let (name, text) = if file == Path::new("-") {
        let text = folder::read_limited(std::io::stdin(), VISIT_BYTES_MAX);
        let text =
            text.map_err(|why| CliError::Unreadable { path: "standard input".into(), why })?;
        ("standard input".to_string(), text)
    } else {
        (file.display().to_string(), folder::read_text(file, VISIT_BYTES_MAX)?)
    };
    read_text(guideline, &name, &text)
}

/// Reads a visit from a text.
///
/// # Errors
/// The visit's fault.
pub fn read_text(guideline: &Guideline, name: &str, text: &str) -> Result<Visit, CliError> {
    visit::read(guideline, text).map_err(|fault| CliError::Visit {
        fault: Box::new(fault),
        name: name.to_string(),
        text: text.to_string(),
    })
}

fn set(guideline: &Guideline, visit: &mut Visit, setting: &str) -> Result<(), CliError> {
    let refuse = |message: String, help: String| CliError::Argument {
        message: format!("--set {message}"),
        help,
    };
    let Some((id, value)) = setting.split_once('=') else {
        return Err(refuse("needs FACT=VALUE".into(), "as in --set saddle_numbness=new".into()));
    };
    let Some(fact) = guideline.fact(id.trim()) else {
        let known = guideline.entered_facts().map(|(_, fact)| fact.id.as_str());
        let guess = cauda_guideline::diagnostic::nearest(id.trim(), known);
        let help = guess.map_or("`cauda facts` lists every fact".to_string(), |guess| {
            format!("did you mean `{guess}`?")
        });
        return Err(refuse(format!("{id}: no fact has this name"), help));
    };
    let said = visit::read_value(&guideline.facts[fact], value)
        .map_err(|(message, help)| refuse(message, help))?;
    let at = visit.as_of.or_else(|| visit.entries.newest());
    // What the visit said before is replaced: this is a rehearsal, not a record.
    visit.entries.by_fact.remove(&fact);
    visit.entries.add(fact, Entry { said, at, by: Role::Physician, entered_in_error: false });
    Ok(())
}

/// The patient of a case, for replaying counterexamples.
///
/// # Errors
/// What is wrong with the case.
pub fn findings_of_case(guideline: &Guideline, text: &str) -> Result<Findings, CliError> {
    let (case, faults) = parse_case("case", text, 0);
    let found = match faults.is_empty() {
        true => cases::findings_of(guideline, "case", &case),
        false => Err(faults),
    };
    found.map_err(|faults| {
        let fault = faults.first();
        let message = fault.map_or("not a case", |fault| fault.message.as_str());
        let help = fault.and_then(|fault| fault.help.clone());
        let help = help.unwrap_or_else(|| "as in '`saddle_numbness` new; all else clear'".into());
        CliError::Argument { message: format!("--case: {message}"), help }
    })
}

/// Resolves and decides a visit, for the tour.
pub fn decide_visit(guideline: &Guideline, visit: &Visit) -> (Findings, Decision) {
    let findings = resolve(guideline, &visit.entries, visit.as_of);
    let decision = explain(guideline, &findings, None);
    (findings, decision)
}
