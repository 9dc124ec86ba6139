//! What may be done, by whom.

use cauda_guideline::vocabulary::Tier;
use cauda_pathway::identity::StaffRole;
use cauda_queue::{Choice, State, next, plan};
use cauda_scans::{Action, Chip, Kind, Known, ScanError, Step, Will};

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
    Action::Start { scanner: scanner.into(), began: NOW, performed }
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
    let years = Action::Start { scanner: "mr1".into(), began: 0, performed: Some("1.9".into()) };
    world.does(0, years, &coordinator()).unwrap();
    assert_eq!(world.scans[0].times.0, Some(NOW));
}
