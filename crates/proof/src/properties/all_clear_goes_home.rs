//! SP5: all clear is never scanned and never stuck (CR3). With every fact clear
//! the patient goes home, decided. And once every concern is excluded and every
//! fact is known, whatever pain, walking, vital signs and home are like, no scan
//! is asked for and the patient goes somewhere: home, or observed.

use cauda_guideline::Guideline;
use cauda_guideline::decide::{Verdict, decide, decide_with_truths};
use cauda_guideline::resolve::Patient;
use cauda_guideline::vocabulary::{FirstStep, Tier};

use super::{Model, Outcome};
use crate::circuit::Literal;
use crate::encode::Copy;
use crate::single::{Draft, is_all_clear};

pub(super) fn check(model: &mut Model) -> Outcome {
    let guideline = model.guideline;
    let mut draft = Draft::new(guideline);
    let clear = draft.all_clear();
    let home: Vec<Literal> = homes(guideline).map(|row| -draft.copy.stands[row]).collect();
    let mut settled = draft.copy.excluded.clone();
    for fact in (0..guideline.facts.len()).filter(|fact| is_asked(guideline, *fact)) {
        let known = draft.is_known(fact);
        settled.push(known);
    }
    let scans = [FirstStep::Mri, FirstStep::Ct, FirstStep::Xray];
    let scans = scans.map(|step| draft.copy.first_step[step as usize]);
    let (decided, scans) = (draft.copy.decided, draft.circuit.or(&scans));
    let urgent = draft.copy.acted[Tier::Outpatient as usize];
    let mut single = match draft.finish(&model.which) {
        Ok(single) => single,
        Err(why) => return Outcome::Failed(why),
    };
    let mut not_home = vec![clear];
    not_home.extend(home);
    let mut stuck = settled.clone();
    stuck.push(-decided);
    let mut scanned = settled.clone();
    scanned.push(scans);
    let mut alarmed = settled;
    alarmed.push(urgent);
    let questions: [(&[Literal], Breaks, &str); 5] = [
        (&not_home, not_sent_home, "all is clear, and the patient is not sent home"),
        (&[clear, -decided], clear_and_stuck, "all is clear, and it is not decided"),
        (
            &stuck,
            settled_and_stuck,
            "every concern is excluded and every fact known, and it is not decided",
        ),
        (&scanned, settled_and_scanned, "every concern is excluded, and a scan is asked for"),
        (&alarmed, settled_and_urgent, "every concern is excluded, and it is urgent"),
    ];
    let mut found = Outcome::Holds;
    for (question, breaks, what) in questions {
        if let Some(outcome) = single.ask("SP5", question, &breaks, what.to_string()) {
            found = outcome;
            break;
        }
    }
    model.questions += single.questions;
    found
}

type Breaks = fn(&Guideline, &Patient) -> bool;

/// Dispositions that send the patient home with nothing urgent found.
fn homes(guideline: &Guideline) -> impl Iterator<Item = usize> {
    let rows = guideline.program.rows.iter().enumerate();
    let home = rows.filter(|(_, row)| {
        let phrase = guideline.vocabulary.get("disposition", &row.go);
        row.reassuring && row.urgency == Tier::None && phrase.is_some_and(|phrase| phrase.leaves)
    });
    home.map(|(index, _)| index)
}

/// Whether urgency or disposition may hang on a fact that somebody enters.
fn is_asked(guideline: &Guideline, fact: usize) -> bool {
    let program = &guideline.program;
    program.decisive[fact] && Copy::is_entered(program, fact) && program.cells[fact].count > 1
}

fn not_sent_home(guideline: &Guideline, patient: &Patient) -> bool {
    let row = decide(&guideline.program, patient).row;
    is_all_clear(guideline, patient) && !homes(guideline).any(|home| row == Some(home))
}

fn clear_and_stuck(guideline: &Guideline, patient: &Patient) -> bool {
    is_all_clear(guideline, patient) && !decide(&guideline.program, patient).decided
}

fn settled_and_stuck(guideline: &Guideline, patient: &Patient) -> bool {
    settled(guideline, patient).is_some_and(|verdict| !verdict.decided)
}

fn settled_and_scanned(guideline: &Guideline, patient: &Patient) -> bool {
    let scans = [FirstStep::Mri, FirstStep::Ct, FirstStep::Xray];
    settled(guideline, patient).is_some_and(|verdict| scans.contains(&verdict.first_step))
}

fn settled_and_urgent(guideline: &Guideline, patient: &Patient) -> bool {
    settled(guideline, patient).is_some_and(|verdict| verdict.acted > Tier::None)
}

/// The verdict, if every concern is excluded and every fact known.
fn settled(guideline: &Guideline, patient: &Patient) -> Option<Verdict> {
    let program = &guideline.program;
    let (verdict, truths) = decide_with_truths(program, patient);
    let known = (0..guideline.facts.len()).filter(|fact| is_asked(guideline, *fact)).all(|fact| {
        let cells = patient.cells[fact];
        let unknown = cells == program.cells[fact].all() && !patient.vague[fact];
        let skipped = unknown && program.needed[fact].is_some_and(|needed| truths.is_false(needed));
        cells.count_ones() == 1 || skipped
    });
    let excluded = (0..program.concerns.len()).all(|index| verdict.excluded >> index & 1 == 1);
    (known && excluded).then_some(verdict)
}
