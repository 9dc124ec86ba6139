//! SP9: nobody is lost; and the search notices when somebody is.

use cauda_pathway::clocks::TaskKind;
use cauda_pathway::identity::StaffRole;
use cauda_pathway::nobody_is_lost::{Loss, nobody_is_lost, search};
use cauda_pathway::skeleton::{Duty, Table, VerdictClass};
use cauda_pathway::table::{EventKind, Phase};

#[test]
fn nobody_is_lost_in_any_state() {
    match nobody_is_lost() {
        Ok(report) => {
            println!("SP9: {} states, {} steps", report.states, report.steps);
            // Every phase can be reached, so none is kept only by the table.
            assert_eq!(report.phases.len(), Phase::ALL.len());
            assert!(report.states > 500, "only {} states", report.states);
        }
        Err(lost) => {
            let told: Vec<String> = lost.iter().take(12).map(ToString::to_string).collect();
            panic!("{} losses:\n{}", lost.len(), told.join("\n"));
        }
    }
}

/// A defect planted in the table, and what the search must say of it.
fn planted(expected: Loss, plant: impl FnOnce(&mut Table)) {
    let mut table = Table::SHIPPED;
    plant(&mut table);
    let lost = search(&table).expect_err("the defect was not noticed");
    let losses: Vec<Loss> = lost.iter().map(|lost| lost.loss).collect();
    assert!(losses.contains(&expected), "noticed only {losses:?}");
}

fn cut(table: &mut Table, phase: Phase, kind: EventKind) {
    table.moves[phase as usize][kind as usize] = None;
}

fn unwanted(table: &mut Table, phase: Phase, class: VerdictClass, duty: Duty) {
    table.wanted[phase as usize][class as usize][duty as usize] = None;
}

#[test]
fn an_undecided_patient_whom_nobody_assesses_is_noticed() {
    planted(Loss::NobodyHasTheNextStep, |table| {
        unwanted(table, Phase::Assessing, VerdictClass::Undecided, Duty::Next);
    });
}

#[test]
fn a_concern_that_nobody_owns_during_the_scan_is_noticed() {
    planted(Loss::NobodyHasTheConcern, |table| {
        unwanted(table, Phase::OnTable, VerdictClass::Emergency, Duty::Concern);
    });
}

#[test]
fn a_danger_that_cannot_be_entered_during_observation_is_noticed() {
    planted(Loss::DangerRefused, |table| {
        cut(table, Phase::Observed, EventKind::FindingsRecorded);
    });
}

#[test]
fn a_danger_that_leaves_the_patient_ready_to_go_is_noticed() {
    planted(Loss::DangerWithoutItsTier, |table| {
        table.moves[Phase::ReadyToLeave as usize][EventKind::DecidedUrgent as usize] =
            Some(Phase::ReadyToLeave);
    });
}

#[test]
fn a_danger_after_the_discharge_that_nobody_follows_is_noticed() {
    planted(Loss::DangerWithoutItsTier, |table| {
        unwanted(table, Phase::Discharged, VerdictClass::Emergency, Duty::Recall);
    });
}

#[test]
fn a_patient_who_leaves_without_a_call_is_noticed() {
    planted(Loss::LeftUnnoticed, |table| {
        unwanted(table, Phase::LeftBeforeSeen, VerdictClass::Urgent, Duty::Recall);
    });
}

#[test]
fn a_transfer_that_nobody_can_end_is_noticed() {
    planted(Loss::NoWayOut, |table| {
        use EventKind::{Absconded, Admitted, ArrivalConfirmed, TurnedBack};
        for kind in [Absconded, Admitted, ArrivalConfirmed, TurnedBack] {
            cut(table, Phase::InTransfer, kind);
        }
    });
}

#[test]
fn a_scan_that_cannot_be_ordered_in_triage_is_noticed() {
    planted(Loss::CareRefused, |table| cut(table, Phase::Triaged, EventKind::ImagingOrdered));
}

#[test]
fn a_late_report_that_is_turned_away_is_noticed() {
    planted(Loss::ReportRefused, |table| {
        cut(table, Phase::Absconded, EventKind::ReportAmended);
    });
}

#[test]
fn a_call_that_can_never_be_settled_is_noticed() {
    planted(Loss::NeverQuiet, |table| {
        cut(table, Phase::LeftAgainstAdvice, EventKind::ContactMade);
        cut(table, Phase::LeftAgainstAdvice, EventKind::Returned);
    });
}

#[test]
fn a_patient_who_cannot_come_back_is_noticed() {
    planted(Loss::NoReturn, |table| cut(table, Phase::Discharged, EventKind::Returned));
}

#[test]
fn an_escalation_that_ends_nowhere_is_noticed() {
    fn no_further(_: TaskKind, holder: StaffRole) -> Option<StaffRole> {
        (holder == StaffRole::TriageNurse).then_some(StaffRole::Physician)
    }
    planted(Loss::EscalationEndsNowhere, |table| table.escalates_to = no_further);
    fn in_a_circle(_: TaskKind, holder: StaffRole) -> Option<StaffRole> {
        let senior = holder == StaffRole::SeniorPhysician;
        Some(if senior { StaffRole::Physician } else { StaffRole::SeniorPhysician })
    }
    planted(Loss::EscalationEndsNowhere, |table| table.escalates_to = in_a_circle);
}

#[test]
fn a_merge_that_cannot_be_undone_is_noticed() {
    planted(Loss::NoWayOut, |table| cut(table, Phase::Merged, EventKind::Unmerged));
}
