//! Properties of every visit: people who do anything at any time, also what
//! makes no sense.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use cauda_guideline::facts::Role;
use cauda_guideline::time;
use cauda_guideline::vocabulary::Tier;
use cauda_pathway::check_in::{Course, Signs, Told};
use cauda_pathway::command::{Action, Command, Found};
use cauda_pathway::event::{Capacity, Event, LessReason, ReportState};
use cauda_pathway::identity::{Actor, ActorId, CommandId, StaffRole, VisitId};
use cauda_pathway::nobody_is_lost::reachable;
use cauda_pathway::skeleton::{Duty, Skeleton};
use cauda_pathway::tasks::TaskState;
use cauda_pathway::{Visit, carried, due, entries, fold, handle, next_moment, replay};
use proptest::prelude::*;

use crate::department::{Ward, actor, leaving, less, system, text};
use crate::shipped::guideline;

/// Quick: the whole of it runs with every test.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }
}

/// One try: which action, by whom, which number it means, after how long.
type Try = (u8, u8, u8, u16);

fn tries(most: usize) -> impl Strategy<Value = Vec<Try>> {
    proptest::collection::vec((0..48_u8, any::<u8>(), 1..5_u8, 0..200_u16), 5..most)
}

const DANGERS: &[(&str, &str)] = &[
    ("saddle_numbness", "new"),
    ("urinary_retention", "new"),
    ("leg_weakness_left", "new"),
    ("temperature", "38.9 Cel"),
    ("known_cancer", "present"),
    ("tearing_pain", "present"),
    ("gait_unsteady", "new"),
];
const OTHERS: &[(&str, &str)] = &[
    ("age", "54 a"),
    ("age", "15 a"),
    ("heart_rate", "80 /min"),
    ("saddle_numbness", "absent"),
    ("history_reliability", "good"),
    ("history_reliability", "intoxicated"),
    ("urinary_retention", "declined"),
    ("cauda_equina_scan", "positive"),
    ("cauda_equina_scan", "clear"),
    ("signs_after_scan", "settled"),
    ("pain_controlled", "absent"),
];

fn who(seed: u8) -> Actor {
    // Mostly those who may do most, so that visits get somewhere.
    match seed {
        0..160 => actor("dr.osei", StaffRole::Physician),
        160..200 => actor("dr.lind", StaffRole::SeniorPhysician),
        _ => {
            let role = StaffRole::ALL[usize::from(seed) % StaffRole::ALL.len()];
            actor(&format!("staff-{seed}"), role)
        }
    }
}

fn found(visit: &Visit, now: i64, seed: u8) -> Found {
    let all: Vec<_> = DANGERS.iter().chain(OTHERS).collect();
    let (fact, value) = all[usize::from(seed) % all.len()];
    let by = if visit.phase.is_seen() { Role::Physician } else { Role::Patient };
    let at = now - i64::from(seed % 7) * 60;
    let said = cauda_pathway::event::FindingSaid {
        fact: (*fact).to_string(),
        value: (*value).to_string(),
        said_by: by,
        at,
        limited_by_pain: false,
    };
    Found { findings: vec![said], signed: Vec::new() }
}

fn action(visit: &Visit, now: i64, (which, seed, number, _): Try) -> Action {
    let n = u32::from(number);
    let found = found(visit, now, seed);
    let words = text("as said");
    let owner = (seed % 2 == 0).then(|| ActorId::new("dr.next").unwrap());
    let other = VisitId::new("visit-9").unwrap();
    let capacity = Capacity::ALL[usize::from(seed) % 3];
    let image = match visit.answer.as_ref().and_then(|answer| answer.verdict.imaging.first()) {
        Some(asked) if seed % 3 > 0 => asked.image.clone(),
        _ => "mri_whole_spine".to_string(),
    };
    let why = less(LessReason::ClinicalJudgement);
    let some = (seed % 2 == 0).then(|| why.clone());
    let state = ReportState::ALL[usize::from(seed) % 3];
    let emergency = seed % 4 == 0;
    // Ends come rarely, so that visits get somewhere.
    let which = if (35..44).contains(&which) && seed % 4 > 0 { which - 24 } else { which };
    match which {
        0 | 1 => Action::Triage { acuity: 1 + seed % 5, found },
        2..6 => Action::Record { found },
        6 => Action::ChangeAcuity { to: 1 + seed % 5, reason: Some(words) },
        7 => {
            let reason = words;
            Action::Withdraw { findings: vec![n], attestations: Vec::new(), reason }
        }
        8 | 9 => Action::TakeOn,
        10..13 => Action::Examine { found },
        13..16 => {
            let earliest_start = (seed % 5 == 0).then_some(now + 36_000);
            Action::OrderImaging { image, tier: None, less: some, earliest_start }
        }
        16 => Action::DeclineImaging { image, less: why },
        17 => Action::CancelOrder { order: n, less: why },
        18 => Action::ScreenForScanner { order: n, cleared: emergency, words: None },
        19 => Action::ScheduleScan { order: n, start: now + i64::from(seed) * 300 },
        20 | 21 => Action::StartScan { order: n, despite: None },
        22 | 23 => Action::EndScan { order: n, complete: seed % 3 > 0 },
        24 | 25 => Action::ReceiveReport { order: n, state, emergency, words, found },
        26 | 27 => Action::AcknowledgeResult { result: n, found },
        28 => Action::OrderTest { name: words },
        29 => Action::ReceiveTestResult { result: n, emergency, words, found },
        30 => Action::HandOver { to: actor("dr.next", StaffRole::Physician), note: None },
        31 => Action::AcceptTransfer { accepted_by: words },
        32 => Action::Depart { plan: None },
        33 => Action::TurnBack,
        34 => Action::ConfirmArrival { by: words },
        35 => Action::Admit { ward: words, pending_owner: owner },
        36 => Action::Observe { again_at: now + 7_200 },
        37 => Action::SignPlan { plan: words, offers: vec![], taught_back: true },
        38 => Action::Discharge { less: some, card_given: true, pending_owner: owner },
        39 => Action::LeaveBeforeSeen { leaving: leaving(capacity) },
        40 => Action::LeaveAgainstAdvice { leaving: leaving(capacity) },
        41 => Action::Abscond { leaving: leaving(capacity) },
        42 if seed % 16 == 0 => Action::RecordDeath,
        42 => Action::CompleteTask { task: n, words: None },
        43 if seed % 16 == 0 => Action::MergeInto { visit: other },
        43 => Action::UndoMerge { reason: words },
        44 => Action::OpenRecall { reason: words },
        45 => Action::MakeContact { reached: emergency, settled: emergency, words: Some(words) },
        46 => {
            let signs = [Signs::None, Signs::Some, Signs::Unsure][usize::from(seed) % 3];
            let course = Course::ALL.get(usize::from(seed) % 4).copied();
            let told = Told { signs, course, ..Told::default() };
            Action::AnswerCheckIn { told, found }
        }
        _ if seed % 4 == 0 => Action::NoteReturn { visit: other },
        _ => Action::PassTime,
    }
}

fn known_states() -> &'static BTreeSet<Skeleton> {
    static STATES: OnceLock<BTreeSet<Skeleton>> = OnceLock::new();
    STATES.get_or_init(|| reachable().into_iter().collect())
}

/// What holds after every command.
fn nobody_is_lost_here(visit: &Visit) {
    let skeleton = visit.skeleton();
    assert!(known_states().contains(&skeleton), "the search never saw this: {skeleton}");
    let next = skeleton.owns(Duty::Next) || skeleton.owns(Duty::Result);
    assert!(!visit.phase.is_live() || next, "{skeleton}");
    for result in visit.pending.iter().filter(|result| result.is_awaited()) {
        let mut open = visit.open_tasks().filter(|task| {
            task.kind.clock().duty == Some(Duty::Result) && task.about == Some(result.number)
        });
        assert!(open.any(|task| task.named.is_some()), "{} has no owner", result.name());
    }
}

/// The engine's reader of visits sees the same as the visit hands to it.
fn same_as_the_engines_reader(visit: &Visit) {
    let mut findings = serde_json::Map::new();
    for finding in visit.findings.iter().filter(|finding| !finding.withdrawn) {
        let said = &finding.said;
        let list = findings.entry(said.fact.clone()).or_insert_with(|| serde_json::json!([]));
        let mut entry = serde_json::json!({
            "value": said.value, "at": time::write(said.at), "by": said.said_by.id(),
        });
        if said.limited_by_pain {
            entry["limited_by_pain"] = true.into();
        }
        list.as_array_mut().unwrap().push(entry);
    }
    let mut signed = serde_json::Map::new();
    for signature in visit.signatures.iter().filter(|signature| !signature.withdrawn) {
        let id = signature.attestation.clone();
        let list = signed.entry(id).or_insert_with(|| serde_json::json!([]));
        list.as_array_mut().unwrap().push(serde_json::json!({
            "at": time::write(signature.at), "by": signature.said_by.id(),
            "signed": signature.signed.as_str(),
        }));
    }
    let text = serde_json::json!({ "findings": findings, "attestations": signed }).to_string();
    let mut read = cauda_guideline::visit::read(guideline(), &text).unwrap().entries;
    let (mut own, unreadable) = entries(visit, guideline());
    assert_eq!(unreadable, Vec::<String>::new());
    // Signatures count in the order of the guideline in one, of time in the other.
    read.attested.sort_by_key(|attested| (attested.attestation, attested.at));
    own.attested.sort_by_key(|attested| (attested.attestation, attested.at));
    assert_eq!(own, read);
}

#[test]
fn a_screened_patient_and_power_limited_by_pain_are_read_as_the_engine_reads_them() {
    let mut ward = Ward::strain("2026-11-24T09:00:00Z", "34 a");
    let mut found = ward.found(Role::Physician, &[("power_knee_extension_left", "3")]);
    found.findings[0].limited_by_pain = true;
    ward.go(&who(0), Action::Record { found });
    same_as_the_engines_reader(&ward.visit);
}

/// Nothing blocks an escalation while the patient is here or on the way.
fn care_is_never_refused(ward: &Ward) {
    if !ward.visit.phase.is_live() {
        return;
    }
    let found = Found { findings: ward.said(Role::Patient, &DANGERS[..1]), signed: Vec::new() };
    let asked = ward.visit.answer.as_ref().and_then(|answer| answer.verdict.imaging.first());
    let image = asked.map_or("mri_whole_spine".to_string(), |asked| asked.image.clone());
    let tier = Some(Tier::Immediate);
    let mut actions = vec![
        Action::Record { found },
        Action::ChangeAcuity { to: 1, reason: None },
        Action::Refer { to: text("spinal surgery") },
        Action::RequestTransfer { site: text("City hospital"), telephone: None },
        Action::OrderImaging { image, tier, less: None, earliest_start: None },
        Action::HandOver { to: actor("dr.lind", StaffRole::SeniorPhysician), note: None },
        Action::Admit { ward: text("spinal unit"), pending_owner: None },
    ];
    let open = ward.visit.open_tasks().map(|task| Action::EscalateTask { task: task.number });
    actions.extend(open);
    for action in actions {
        let (id, by) = (CommandId::new("more-care").unwrap(), who(0));
        let command = Command { id, by, action };
        let result = handle(&ward.visit, &command, ward.now, guideline());
        assert!(result.is_ok(), "{:?}: {}", command.action, result.unwrap_err());
    }
}

/// Carries the tries out, whatever becomes of them.
fn carry_out(tries: &[Try]) -> Ward {
    let mut ward = Ward::at("2026-11-24T09:00:00Z");
    for one in tries {
        ward.now += i64::from(one.3) * 60;
        let action = action(&ward.visit, ward.now, *one);
        let tier = ward.visit.tier();
        let before = ward.visit.clone();
        let by = who(one.1);
        match ward.try_to(&by, action.clone()) {
            Ok(_) => {}
            Err(refusal) => {
                assert_eq!(ward.visit, before);
                assert!(!refusal.message.is_empty());
            }
        }
        if let Action::Record { found } = &action {
            let danger = found
                .findings
                .iter()
                .any(|said| DANGERS.contains(&(said.fact.as_str(), said.value.as_str())));
            let same = ward.visit.phase == before.phase || before.phase.is_live();
            assert!(!danger || !same || ward.visit.tier() >= tier, "a danger sign lowered");
        }
        nobody_is_lost_here(&ward.visit);
        if one.1 % 4 == 0 {
            care_is_never_refused(&ward);
        }
    }
    ward
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nobody_is_lost_whatever_is_done(tries in tries(60)) {
        let ward = carry_out(&tries);
        same_as_the_engines_reader(&ward.visit);
        // The record is exactly what happened, and says the same again.
        let text: Vec<String> =
            ward.events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let read: Vec<Event> =
            text.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        prop_assert_eq!(&read, &ward.events);
        prop_assert_eq!(fold(&read), ward.visit.clone());
        prop_assert_eq!(replay(&read, guideline()), Vec::new());
    }

    #[test]
    fn a_fold_of_any_events_in_any_order_never_panics(
        tries in tries(20), keep in any::<u64>(), turned in any::<bool>()
    ) {
        let mut events = carry_out(&tries).events;
        let mut place = 0_u32;
        events.retain(|_| { place += 1; keep >> (place % 64) & 1 == 1 });
        if turned {
            events.reverse();
        }
        let visit = fold(&events);
        let command = Command {
            id: CommandId::new("later").unwrap(), by: system(), action: Action::PassTime,
        };
        // A broken record is noted, and what it says of danger is kept.
        let _ = handle(&visit, &command, visit.latest + 60, guideline());
        let _ = (visit.skeleton(), due(&visit, visit.latest), next_moment(&visit));
        let _ = carried(&visit, guideline());
    }

    #[test]
    fn two_independent_findings_in_either_order_say_the_same(
        one in any::<u8>(), other in any::<u8>()
    ) {
        let all: Vec<_> = DANGERS.iter().chain(OTHERS).collect();
        let one = *all[usize::from(one) % all.len()];
        let other = *all[usize::from(other) % all.len()];
        prop_assume!(one.0 != other.0);
        let verdict = |first: (&str, &str), second: (&str, &str)| {
            let mut ward = Ward::at("2026-11-24T09:00:00Z");
            ward.told(&[first]);
            ward.told(&[second]);
            ward.visit.answer.unwrap().verdict
        };
        prop_assert_eq!(verdict(one, other), verdict(other, one));
    }

    #[test]
    fn unanswered_tasks_end_with_the_senior_and_stay(tries in tries(12)) {
        let mut ward = carry_out(&tries);
        let open: Vec<u32> = ward.visit.open_tasks().map(|task| task.number).collect();
        for _ in 0..8 {
            let Some(moment) = next_moment(&ward.visit) else { break };
            ward.now = ward.now.max(moment);
            ward.later(0);
        }
        // After a long silence each role in between still gets its turn.
        (0..3).for_each(|_| drop(ward.later(2_000 * 3_600)));
        for task in ward.visit.open_tasks().filter(|task| open.contains(&task.number)) {
            prop_assert_eq!((task.holder, task.escalates), (StaffRole::SeniorPhysician, None));
            prop_assert!(task.state > TaskState::Open);
        }
        let row = due(&ward.visit, ward.now);
        prop_assert!(row.is_empty(), "{:?}", row);
    }
}
