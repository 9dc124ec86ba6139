//! What may be done, by whom.

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::StaffRole;
use cauda_queue::{Choice, State, next, plan};
use cauda_scans::{Action, Chip, Kind, Known, LimitedImages, Protocol, ScanError, Step, Will};

use crate::world::{NOW, World, actor, coordinator, protocol, text};

fn answer(chip: Chip, known: Known) -> Action {
    Action::Answer { chip, known, expected_at: None, words: None }
}

fn ready(world: &mut World, at: usize) {
    for chip in [Chip::Screening, Chip::Implants, Chip::EyeMetal] {
        world.does(at, answer(chip, Known::Yes), &coordinator()).unwrap();
    }
}

fn start(scanner: &str, performed: Option<&str>) -> Action {
    let performed = performed.map(str::to_string);
    Action::Start { scanner: scanner.into(), began: NOW, performed, despite: None }
}

#[test]
fn the_tier_follows_from_what_it_is_for() {
    let world = World::of(&Kind::ENTERED);
    let tiers: Vec<Tier> = (0..5).map(|at| world.tier(at)).collect();
    assert_eq!(
        tiers,
        [Tier::Immediate, Tier::Immediate, Tier::Emergency, Tier::Urgent, Tier::Outpatient]
    );
}

#[test]
fn nobody_who_is_not_screened_is_next_and_who_is_comes_by_tier() {
    let mut world = World::of(&[Kind::Inpatient, Kind::Stroke]);
    let wait = |world: &World| next(&world.department(), &"mr1".into());
    assert!(!matches!(wait(&world), Choice::Take { .. }));
    ready(&mut world, 0);
    // The stroke is looked ahead for; once nobody expects it, the other one goes in.
    ready(&mut world, 1);
    assert!(matches!(wait(&world), Choice::Take { entry, .. } if entry.as_str() == "s1"));
}

#[test]
fn an_unknown_kidney_delays_no_emergency_and_does_delay_a_ward() {
    let mut world = World::of(&[Kind::Emergency, Kind::Inpatient]);
    for at in 0..2 {
        ready(&mut world, at);
        let contrast = protocol("with", true, false);
        let convert = Action::Convert { protocol: Box::new(contrast), reason: None };
        world.does(at, convert, &coordinator()).unwrap();
    }
    let plan = plan(&world.department());
    let waits =
        |id: &str| plan.entries.iter().find(|one| one.id.as_str() == id).unwrap().waits_for.clone();
    assert!(waits("s0").is_empty(), "{:?}", waits("s0"));
    assert!(waits("s1").contains(&Chip::Contrast.words().to_string()));
}

#[test]
fn an_implant_is_released_by_a_radiologist_with_a_reason() {
    let mut world = World::of(&[Kind::Emergency]);
    world.does(0, answer(Chip::Implants, Known::No), &coordinator()).unwrap();
    let refused = world.does(0, answer(Chip::Implants, Known::Yes), &coordinator());
    assert!(matches!(refused, Err(ScanError::NotYours { .. })));
    let called = Action::Bring { step: Step::Called, scanner: "mr1".into() };
    assert!(matches!(world.does(0, called.clone(), &coordinator()), Err(ScanError::NotNow(_))));
    let radiologist = actor(StaffRole::Radiologist);
    let silent = world.does(0, answer(Chip::Implants, Known::Yes), &radiologist);
    assert_eq!(silent, Err(ScanError::Reason));
    let released = Action::Answer {
        chip: Chip::Implants,
        known: Known::Yes,
        expected_at: None,
        words: Some(text("model read from the card: conditional at 1.5 T")),
    };
    world.does(0, released, &radiologist).unwrap();
    world.does(0, called, &coordinator()).unwrap();
}

#[test]
fn not_safe_is_taken_back_by_a_physician_with_a_reason_and_in_no_other_way() {
    let mut world = World::of(&[Kind::Stroke]);
    ready(&mut world, 0);
    world.does(0, answer(Chip::Screening, Known::No), &coordinator()).unwrap();
    let called = Action::Bring { step: Step::Called, scanner: "mr1".into() };
    assert!(world.does(0, called, &coordinator()).is_err());
    assert!(world.does(0, start("mr1", None), &coordinator()).is_err());
    for known in [Known::Unknown, Known::Yes] {
        let by = coordinator();
        let refused = world.does(0, answer(Chip::Screening, known), &by);
        assert!(matches!(refused, Err(ScanError::NotYours { .. })), "{refused:?}");
    }
    let radiologist = actor(StaffRole::Radiologist);
    let silent = world.does(0, answer(Chip::Screening, Known::Yes), &radiologist);
    assert!(matches!(silent, Err(ScanError::Reason)), "{silent:?}");
    // What a scanner does is so all the same, and says what was open.
    world.does(0, start("mr1", Some("1.2.3")), &actor(StaffRole::System)).unwrap();
    let despite = world.scans[0].despite.clone().unwrap();
    assert!(despite.as_str().contains("not safe to scan"), "{}", despite.as_str());
}

#[test]
fn less_or_later_needs_a_reason_and_more_does_not() {
    let mut world = World::of(&[Kind::Emergency, Kind::Emergency]);
    let will = |will: Will, words: Option<&str>| Action::Will {
        will,
        reason: words.map(text),
        until: NOW + 3_600,
    };
    world.does(0, will(Will::First, None), &coordinator()).unwrap();
    world.does(0, will(Will::Tier(Tier::Immediate), None), &coordinator()).unwrap();
    assert!(world.does(0, will(Will::Tier(Tier::Outpatient), None), &coordinator()).is_err());
    assert!(world.does(0, will(Will::Hold, None), &coordinator()).is_err());
    world.does(0, will(Will::Hold, Some("the surgeon examines first")), &coordinator()).unwrap();
    let limited = protocol("limited", false, true);
    let convert = Action::Convert { protocol: Box::new(limited.clone()), reason: None };
    assert_eq!(world.does(1, convert, &coordinator()), Err(ScanError::Reason));
    let reason = Some(text("cannot lie for longer"));
    world.does(1, Action::Convert { protocol: Box::new(limited), reason }, &coordinator()).unwrap();
    let whole = protocol("whole", true, false);
    let convert = Action::Convert { protocol: Box::new(whole), reason: None };
    world.does(1, convert, &coordinator()).unwrap();
}

#[test]
fn what_a_scanner_does_is_so_and_told_twice_happened_once() {
    let mut world = World::of(&[Kind::Outpatient, Kind::Stroke]);
    // Nobody screened this patient here, and the scanner scans all the same.
    assert_eq!(world.does(0, start("mr1", Some("1.2.3")), &coordinator()), Ok(1));
    assert_eq!(world.does(0, start("mr1", Some("1.2.3")), &coordinator()), Ok(0));
    assert!(world.scans[0].on_table().is_some());
    // By hand nobody is begun who was not screened, or on a scanner that is busy.
    let unscreened = world.does(1, start("mr2", None), &coordinator());
    assert!(matches!(unscreened, Err(ScanError::NotNow(_))), "{unscreened:?}");
    world.does(1, answer(Chip::Screening, Known::Yes), &coordinator()).unwrap();
    let unknown = world.does(1, start("mr2", None), &coordinator());
    assert!(matches!(unknown, Err(ScanError::NotNow(_))), "an implant nobody asked about");
    ready(&mut world, 1);
    assert!(world.does(1, start("mr1", None), &coordinator()).is_err());
    let wrong = Action::WrongEntry { performed: "1.2.3".into() };
    world.does(0, wrong, &coordinator()).unwrap();
    assert_eq!(world.scans[0].state, State::Waiting, "it was another patient");
    world.does(1, start("mr1", None), &coordinator()).unwrap();
    let end = |complete| Action::End { ended: NOW + 1_500, complete, performed: None };
    assert_eq!(world.does(0, end(true), &coordinator()), Err(ScanError::NotBegun));
    world.does(1, end(false), &coordinator()).unwrap();
    assert!(!world.scans[1].has_left(), "pictures that do not suffice leave it on the list");
    world.does(1, start("mr1", None), &coordinator()).unwrap();
    world.does(1, end(true), &coordinator()).unwrap();
    assert!(world.scans[1].has_left());
    assert_eq!(world.does(1, end(true), &coordinator()), Ok(0));
}

#[test]
fn a_clock_that_is_plainly_wrong_is_not_believed() {
    let mut world = World::of(&[Kind::Stroke]);
    let years = Action::Start {
        scanner: "mr1".into(),
        began: 0,
        performed: Some("1.9".into()),
        despite: None,
    };
    world.does(0, years, &coordinator()).unwrap();
    assert_eq!(world.scans[0].times.0, Some(NOW));
}

fn waits(world: &World, at: usize) -> Vec<String> {
    let plan = plan(&world.department());
    let id = world.scans[at].id.clone();
    plan.entries.iter().find(|one| one.id.as_str() == id).unwrap().waits_for.clone()
}

#[test]
fn a_time_of_readiness_is_counted_with_is_overdue_and_is_never_taken_for_ready() {
    let mut world = World::of(&[Kind::Stroke, Kind::Inpatient]);
    ready(&mut world, 0);
    ready(&mut world, 1);
    for chip in [Chip::Pregnancy, Chip::Consent] {
        world.does(1, answer(chip, Known::Yes), &coordinator()).unwrap();
    }
    let expect = |chip, at| Action::Expect { chip, at };
    assert!(waits(&world, 0).is_empty(), "transport is only shown");
    world.does(0, expect(Chip::Transport, Some(NOW + 480)), &coordinator()).unwrap();
    assert_eq!(waits(&world, 0), [Chip::Transport.words()]);
    let free = |world: &World, scanner: &str| next(&world.department(), &scanner.into());
    // Two scanners: on the first the stroke is looked ahead for only where that is a gain.
    let mut one = world.department();
    one.scanners.truncate(1);
    assert!(matches!(next(&one, &"mr1".into()), Choice::Hold { until, .. } if until == NOW + 480));
    world.now = NOW + 500;
    assert!(matches!(free(&world, "mr1"), Choice::Take { entry, .. } if entry.as_str() == "s1"));
    assert_eq!(waits(&world, 0), [Chip::Transport.words()], "overdue is not ready");
    world.now = NOW + 480 + 3_600;
    assert!(waits(&world, 0).is_empty(), "what is only shown keeps nobody for ever");
    assert_eq!(world.scans[0].known(Chip::Transport), Known::Unknown);
    world.does(0, expect(Chip::Transport, None), &coordinator()).unwrap();
    assert!(world.scans[0].expected.is_empty());
    for at in [world.now, world.now + 13 * 3_600] {
        assert!(world.does(0, expect(Chip::Consent, Some(at)), &coordinator()).is_err());
    }
    let known = world.does(0, expect(Chip::Screening, Some(world.now + 60)), &coordinator());
    assert!(known.is_err(), "it is signed already");
    world.does(0, expect(Chip::Consent, Some(world.now + 60)), &coordinator()).unwrap();
    world.does(0, answer(Chip::Consent, Known::Yes), &coordinator()).unwrap();
    assert!(world.scans[0].expected.is_empty(), "the answer takes it back");
}

#[test]
fn an_unknown_implant_with_a_time_stops_everybody_until_it_is_known() {
    let mut world = World::of(&[Kind::Stroke]);
    let time = Action::Expect { chip: Chip::Implants, at: Some(NOW + 60) };
    world.does(0, time, &coordinator()).unwrap();
    for later in [30, 120, 7_200] {
        world.now = NOW + later;
        assert!(waits(&world, 0).contains(&Chip::Implants.words().to_string()));
        assert!(!matches!(next(&world.department(), &"mr1".into()), Choice::Take { .. }));
    }
}

/// On the table with a limited protocol in place of the whole one.
fn limited() -> World {
    let mut world = World::of(&[Kind::Emergency]);
    ready(&mut world, 0);
    let convert = Action::Convert {
        protocol: Box::new(Protocol { minutes: [10, 15], ..protocol("limited", false, true) }),
        reason: Some(text("the table is free for 15 minutes")),
    };
    world.does(0, convert, &coordinator()).unwrap();
    world.does(0, start("mr1", None), &coordinator()).unwrap();
    world.now += 12 * 60;
    world
}

fn read(shows: LimitedImages, words: Option<&str>) -> Action {
    let whole = Some(Box::new(protocol("mri_spine", false, false)));
    Action::ReadLimited { shows, words: words.map(text), whole }
}

#[test]
fn a_limited_scan_is_extended_on_the_table_and_the_plan_with_it() {
    let mut world = limited();
    let ends = |world: &World| plan(&world.department()).entries[0].predicted.unwrap().end_p50;
    assert_eq!(world.scans[0].ordered.as_deref(), Some("mri_spine"));
    assert!(ends(&world) <= NOW + 15 * 60);
    world.does(0, read(LimitedImages::Compression, None), &coordinator()).unwrap();
    let request = world.scans[0].request.as_ref().unwrap();
    assert!(!request.protocol.limited && world.scans[0].on_table().is_some());
    // 20 to 30 minutes, of which 10 to 15 are done, from the twelfth minute on.
    assert_eq!(world.scans[0].extended, Some([22, 30]));
    assert_eq!(ends(&world), NOW + 26 * 60);
    assert_eq!(world.does(0, read(LimitedImages::Compression, None), &coordinator()), Ok(0));
    let end = Action::End { ended: world.now, complete: true, performed: None };
    world.does(0, end, &coordinator()).unwrap();
    assert!(world.scans[0].has_left() && !world.scans[0].is_unread());
}

#[test]
fn explained_is_a_physicians_and_a_scan_that_nobody_read_is_flagged_and_comes_back() {
    let mut world = limited();
    let explained = || read(LimitedImages::ClearExplained, Some("old, as in the letter"));
    let refused = world.does(0, explained(), &coordinator());
    assert!(matches!(refused, Err(ScanError::NotYours { .. })));
    let radiologist = actor(StaffRole::Radiologist);
    let silent = world.does(0, read(LimitedImages::ClearExplained, None), &radiologist);
    assert_eq!(silent, Err(ScanError::Reason));
    let end = || Action::End { ended: NOW + 800, complete: true, performed: None };
    world.does(0, end(), &coordinator()).unwrap();
    assert!(world.scans[0].is_unread(), "it does not close in silence");
    world.now += 3 * 86_400;
    assert!(world.scans[0].is_watched(world.now), "not after days either");
    world.does(0, read(LimitedImages::NotReadable, None), &coordinator()).unwrap();
    assert_eq!(world.scans[0].state, State::Waiting, "the rest is still to be scanned");
    assert!(!world.scans[0].is_unread());
    let mut world = limited();
    world.does(0, explained(), &radiologist).unwrap();
    world.does(0, end(), &coordinator()).unwrap();
    assert!(!world.scans[0].is_unread());
}

#[test]
fn the_report_of_an_emergency_is_due_within_an_hour_and_has_an_owner() {
    let mut world = World::of(&[Kind::Emergency, Kind::Inpatient]);
    ready(&mut world, 0);
    ready(&mut world, 1);
    let end = |at| Action::End { ended: at, complete: true, performed: None };
    for (at, scanner) in [(0, "mr1"), (1, "mr2")] {
        world.does(at, start(scanner, None), &coordinator()).unwrap();
        world.now += 60;
        let ended = world.now;
        world.does(at, end(ended), &coordinator()).unwrap();
    }
    let ended = NOW + 60;
    let due = world.scans[0].report_due(world.now).unwrap();
    assert_eq!((due.due, due.holder), (ended + 3_600, StaffRole::Radiologist));
    assert_eq!(world.scans[1].report_due(world.now), None, "nothing says when a ward's is due");
    assert!(world.does(0, Action::TakeReport, &coordinator()).is_err());
    let radiologist = actor(StaffRole::Radiologist);
    world.does(0, Action::TakeReport, &radiologist).unwrap();
    assert_eq!(world.does(0, Action::TakeReport, &radiologist), Ok(0));
    assert_eq!(world.scans[0].report_due(world.now).unwrap().named, Some(radiologist.id));
    world.now = ended + 90 * 60;
    let late = world.scans[0].report_due(world.now).unwrap();
    assert_eq!((late.due, late.holder), (ended + 3_600, StaffRole::SeniorPhysician));
    let report = |state: &str| Action::Report {
        state: state.into(),
        critical: false,
        is_final: state == "final",
    };
    world.does(0, report("withdrawn"), &coordinator()).unwrap();
    assert!(world.scans[0].report_due(world.now).is_some(), "taken back is not there");
    world.does(0, report("preliminary"), &coordinator()).unwrap();
    assert_eq!(world.scans[0].report_due(world.now), None);
}
