//! What several people said at several times comes to (E3, E4, CR5, CR7, CR8):
//! time never reassures, and nobody of lower authority takes a danger away.

use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{
    Entries, Entry, Finding, Findings, Reason, Said, resolve as resolve_all, resolve_fact,
};
use cauda_guideline::visit::read_value;
use proptest::prelude::*;

use crate::shipped::{Dice, fact, guideline, runner};

const HOUR: i64 = 3600;
const START: i64 = 1_700_000_000;

fn entry(id: &str, value: &str, hour: i64, by: Role) -> Entry {
    let said = read_value(&guideline().facts[fact(id)], value).unwrap();
    Entry { said, at: Some(START + hour * HOUR), by, entered_in_error: false }
}

fn entries(id: &str, given: &[(&str, i64, Role)]) -> Entries {
    let mut entries = Entries::default();
    for (value, hour, by) in given {
        entries.add(fact(id), entry(id, value, *hour, *by));
    }
    entries
}

fn at(hour: i64) -> i64 {
    START + hour * HOUR
}

/// In words what `given` comes to at `hour`: a value, or why it is unknown.
fn words(id: &str, finding: &Finding) -> String {
    cauda_guideline::decision::said_text(&guideline().facts[fact(id)], finding)
}

fn finding(id: &str, given: &[(&str, i64, Role)], hour: i64) -> Finding {
    resolve_all(guideline(), &entries(id, given), Some(at(hour))).by_fact[fact(id)]
}

#[track_caller]
fn check(id: &str, given: &[(&str, i64, Role)], hour: i64, expect: &str) {
    assert_eq!(words(id, &finding(id, given, hour)), expect);
}

use Role::{Ehr, Laboratory, Nurse, Patient, Physician};

#[test]
fn a_reassuring_answer_goes_stale_and_a_danger_stays() {
    check("saddle_numbness", &[("absent", 0, Physician)], 4, "absent");
    check("saddle_numbness", &[("absent", 0, Physician)], 5, "too long ago, ask again");
    check("saddle_numbness", &[("longstanding", 0, Physician)], 5, "too long ago, ask again");
    check("saddle_numbness", &[("new", 0, Physician)], 500, "new");
    check("saddle_numbness", &[("absent", 0, Physician), ("absent", 3, Nurse)], 7, "absent");
    // Nothing expires without `fresh`.
    check("known_cancer", &[("absent", 0, Patient)], 5000, "absent");
}

#[test]
fn staleness_opens_only_the_reassuring_side_of_a_quantity() {
    let low = finding("post_void_residual", &[("30 mL", 0, Nurse)], 3);
    assert_eq!(
        low.said,
        Said::Between(60, 10_000),
        "at least what was measured, nothing above it excluded"
    );
    assert_eq!(low.partly, Some(Reason::Stale));
    let high = finding("post_void_residual", &[("300 mL", 0, Nurse)], 3);
    assert_eq!(high.said, Said::Between(600, 10_000));
    let power = finding("power_hip_flexion_left", &[("4", 0, Physician)], 9);
    assert_eq!(power.said, Said::Between(0, 8), "four at most, perhaps worse by now");
    let pressure = finding("systolic_pressure", &[("130 mm[Hg]", 0, Nurse)], 5);
    assert_eq!(pressure.said, Said::Between(0, 260));
}

#[test]
fn a_stale_lowest_value_is_not_known_at_all() {
    check("post_void_residual", &[("0 mL", 0, Nurse)], 3, "too long ago, ask again");
    check("power_hip_flexion_left", &[("5", 0, Physician)], 9, "too long ago, ask again");
}

#[test]
fn findings_hold_up_to_the_second_they_say() {
    for (id, value) in [
        ("saddle_numbness", "absent"),
        ("post_void_residual", "30 mL"),
        ("temperature", "37.0 Cel"),
    ] {
        let given = entries(id, &[(value, 0, Nurse)]);
        let now = resolve_all(guideline(), &given, Some(at(0)));
        let until = now.valid_until.unwrap();
        let then = resolve_all(guideline(), &given, Some(until));
        assert_eq!(now.by_fact, then.by_fact, "{id}");
        let later = resolve_all(guideline(), &given, Some(until + 1));
        assert_ne!(now.by_fact, later.by_fact, "{id}");
    }
    let given = entries("saddle_numbness", &[("absent", 0, Nurse)]);
    assert_eq!(resolve_all(guideline(), &given, Some(at(0))).valid_until, Some(at(4)));
    assert_eq!(resolve_all(guideline(), &given, Some(at(9))).valid_until, None);
}

#[test]
fn a_physician_supersedes_nurse_and_patient_but_no_physician() {
    for lower in [Patient, Nurse] {
        check("saddle_numbness", &[("new", 0, lower), ("absent", 1, Physician)], 1, "absent");
    }
    let two = [("new", 0, Physician), ("absent", 1, Physician)];
    let found = finding("saddle_numbness", &two, 1);
    assert!(found.conflict);
    check("saddle_numbness", &two, 1, "new");
    check("saddle_numbness", &[("new", 0, Physician), ("absent", 1, Nurse)], 1, "new");
    check("saddle_numbness", &[("new", 0, Nurse), ("absent", 1, Nurse)], 1, "new");
    check("saddle_numbness", &[("new", 0, Nurse), ("absent", 1, Patient)], 1, "new");
    // Danger counts whoever says it.
    check("saddle_numbness", &[("absent", 0, Physician), ("new", 1, Patient)], 1, "new");
}

#[test]
fn an_electronic_record_never_supersedes_a_person() {
    for person in [Patient, Nurse, Physician] {
        let found = finding("known_cancer", &[("present", 0, person), ("absent", 1, Ehr)], 1);
        assert_eq!(words("known_cancer", &found), "present");
        assert!(found.conflict);
    }
    check("age", &[("54 a", 0, Physician), ("17 a", 1, Ehr)], 1, "54 a");
    // A child stays possible, or the record would take them into the guideline.
    let found = finding("age", &[("17 a", 0, Nurse), ("54 a", 1, Ehr)], 1);
    assert!(matches!(found.said, Said::Between(low, _) if low <= 34), "{found:?}");
}

#[test]
fn the_latest_of_equal_authority_counts_where_the_fact_says_so() {
    check("heart_rate", &[("130 /min", 0, Nurse), ("80 /min", 1, Nurse)], 1, "80 /min");
    check("heart_rate", &[("80 /min", 0, Nurse), ("130 /min", 1, Nurse)], 1, "130 /min");
    check("heart_rate", &[("130 /min", 0, Physician), ("80 /min", 1, Nurse)], 1, "80 /min");
    check("pain_controlled", &[("absent", 0, Nurse), ("present", 1, Nurse)], 1, "present");
    check("pain_controlled", &[("absent", 0, Physician), ("present", 1, Nurse)], 1, "absent");
    check("temperature", &[("38.6 Cel", 0, Nurse), ("37.0 Cel", 1, Nurse)], 1, "38.6 Cel");
    check("temperature", &[("38.6 Cel", 0, Nurse), ("37.0 Cel", 1, Physician)], 1, "38.6 Cel");
}

#[test]
fn an_entry_made_in_error_is_as_if_it_was_never_made() {
    let mut given = entries("saddle_numbness", &[("new", 0, Physician), ("absent", 1, Nurse)]);
    given.by_fact.get_mut(&fact("saddle_numbness")).unwrap()[0].entered_in_error = true;
    let found = resolve_all(guideline(), &given, Some(at(1))).by_fact[fact("saddle_numbness")];
    assert_eq!((words("saddle_numbness", &found).as_str(), found.conflict), ("absent", false));
    given.by_fact.get_mut(&fact("saddle_numbness")).unwrap()[1].entered_in_error = true;
    let found = resolve_all(guideline(), &given, Some(at(1))).by_fact[fact("saddle_numbness")];
    assert_eq!(found.said, Said::Unknown(Reason::NotAsked));
}

#[test]
fn a_reassuring_answer_dated_in_the_future_does_not_count() {
    check("saddle_numbness", &[("absent", 2, Physician)], 1, "dated in the future");
    check("saddle_numbness", &[("new", 2, Physician)], 1, "new");
    let power = finding("power_hip_flexion_left", &[("4", 2, Physician)], 1);
    assert_eq!((power.said, power.partly), (Said::Between(0, 8), Some(Reason::FutureDated)));
}

#[test]
fn somebody_who_is_not_asked_can_alarm_but_not_reassure() {
    check("injection_drug_use", &[("absent", 0, Patient)], 0, "not for this role to settle");
    check("injection_drug_use", &[("present", 0, Patient)], 0, "present");
    check("anal_tone_reduced", &[("absent", 0, Nurse)], 0, "not for this role to settle");
    check("anal_tone_reduced", &[("new", 0, Nurse)], 0, "new");
    let bladder = finding("post_void_residual", &[("150 mL", 0, Laboratory)], 0);
    assert_eq!(bladder.said, Said::Between(300, 10_000));
    assert_eq!(bladder.partly, Some(Reason::NotSettledByRole));
}

#[test]
fn an_unreliable_history_reassures_nobody_until_it_is_taken_again() {
    let mut given = entries("saddle_numbness", &[("absent", 1, Physician)]);
    given.add(fact("history_reliability"), entry("history_reliability", "intoxicated", 0, Nurse));
    let told = |given: &Entries, hour: i64| {
        let found = resolve_all(guideline(), given, Some(at(hour)));
        words("saddle_numbness", &found.by_fact[fact("saddle_numbness")])
    };
    assert_eq!(told(&given, 1), "history not reliable, ask again");
    // Reliable later: what was told before still does not count …
    given.add(fact("history_reliability"), entry("history_reliability", "good", 2, Nurse));
    assert_eq!(told(&given, 2), "history not reliable, ask again");
    // … and what is told then does.
    given.add(fact("saddle_numbness"), entry("saddle_numbness", "absent", 3, Physician));
    assert_eq!(told(&given, 3), "absent");
    // What is examined, and what alarms, was never in doubt.
    let mut given = entries("leg_touch_reduced_left", &[("absent", 1, Physician)]);
    given.add(fact("history_reliability"), entry("history_reliability", "language", 0, Nurse));
    given.add(fact("urinary_retention"), entry("urinary_retention", "new", 1, Patient));
    let found = resolve_all(guideline(), &given, Some(at(1)));
    assert_eq!(found.by_fact[fact("leg_touch_reduced_left")].said, Said::Value(0));
    assert_eq!(words("urinary_retention", &found.by_fact[fact("urinary_retention")]), "new");
}

/// CR7 speaks of answers; a duration is told like any other answer.
#[test]
fn an_unreliable_history_does_not_bound_a_duration() {
    let mut given = entries("pain_duration", &[("3 h", 1, Patient)]);
    given.add(fact("history_reliability"), entry("history_reliability", "cognitive", 0, Nurse));
    let found = resolve_all(guideline(), &given, Some(at(1))).by_fact[fact("pain_duration")];
    let top = guideline().facts[fact("pain_duration")].quantity().unwrap().range.1;
    assert!(
        matches!(found.said, Said::Between(_, high) if high == top)
            || matches!(found.said, Said::Unknown(_)),
        "three hours told by a confused patient still exclude more than 48: {found:?}"
    );
}

#[test]
fn worsening_needs_two_examinations_and_certainty() {
    let worsening = |given: &Entries, hour: i64| {
        let found = resolve_all(guideline(), given, Some(at(hour)));
        words("weakness_worsening", &found.by_fact[fact("weakness_worsening")])
    };
    let power = "power_hip_flexion_left";
    assert_eq!(worsening(&entries(power, &[("4", 0, Nurse)]), 1), "not asked");
    assert_eq!(worsening(&entries(power, &[("4", 0, Nurse), ("3", 1, Nurse)]), 1), "present");
    assert_eq!(worsening(&entries(power, &[("4", 0, Nurse), ("5", 1, Nurse)]), 1), "not asked");
    assert_eq!(worsening(&entries(power, &[("4", 0, Nurse), ("4", 1, Nurse)]), 1), "not asked");
    assert_eq!(
        worsening(&entries(power, &[("5", 0, Nurse), ("4", 0, Nurse)]), 1),
        "not asked",
        "at one time"
    );
    // Limited by pain: at least 3, so perhaps no fall.
    assert_eq!(worsening(&entries(power, &[("4", 0, Nurse), ("≥3", 1, Nurse)]), 1), "not asked");
    // Limited by pain at first: at least 4, so 3 is a fall.
    assert_eq!(worsening(&entries(power, &[("≥4", 0, Nurse), ("3", 1, Nurse)]), 1), "present");
    // A fall stays a fall after recovery, and outranks "no worse".
    let mut given = entries(power, &[("4", 0, Nurse), ("3", 1, Nurse), ("5", 2, Nurse)]);
    assert_eq!(worsening(&given, 2), "present");
    given.add(fact("weakness_worsening"), entry("weakness_worsening", "absent", 0, Physician));
    assert_eq!(worsening(&given, 2), "present");
    // Two muscles are two things.
    let mut given = entries(power, &[("4", 0, Nurse)]);
    given.add(fact("power_hip_flexion_right"), entry("power_hip_flexion_right", "3", 1, Nurse));
    assert_eq!(worsening(&given, 1), "not asked");
    let mut retracted = entries(power, &[("4", 0, Nurse), ("3", 1, Nurse)]);
    retracted.by_fact.get_mut(&fact(power)).unwrap()[1].entered_in_error = true;
    assert_eq!(worsening(&retracted, 1), "not asked");
}

#[test]
fn durations_grow_up_to_the_second() {
    let given = entries("pain_duration", &[("3 h", 0, Nurse)]);
    let said = |second: i64| {
        let found = resolve_all(guideline(), &given, Some(second));
        (found.by_fact[fact("pain_duration")].said, found.valid_until)
    };
    assert_eq!(said(at(0)).0, Said::Between(6, 6));
    assert_eq!(said(at(2)).0, Said::Between(10, 10));
    assert_eq!(said(at(2) + 1).0, Said::Between(11, 11));
    // Over 48 hours: from the first second after on.
    assert_eq!(said(at(0)).1, Some(at(45)), "48 hours are not yet more than 48");
    let cells = |second: i64| {
        resolve_all(guideline(), &given, Some(second)).by_fact[fact("pain_duration")].cells
    };
    assert_eq!(cells(at(45)), cells(at(0)));
    assert_ne!(cells(at(45) + 1), cells(at(0)));
}

/// A short time told is not outgrown by waiting: it stays as dangerous as told.
#[test]
fn a_short_duration_stays_dangerous_where_short_is_dangerous() {
    let found = finding("leg_pain_duration", &[("13 d", 0, Nurse)], 24 * 30);
    let Said::Between(low, _) = found.said else { panic!("{found:?}") };
    assert_eq!(low, 26);
}

#[test]
fn valid_until_is_the_last_second_for_any_duration_and_delay() {
    let strategy = (0_i64..60 * 24, 0_i64..100 * HOUR, 0_i64..200 * HOUR);
    let test = |(hours, asked, later): (i64, i64, i64)| {
        let id = fact("pain_duration");
        let said = read_value(&guideline().facts[id], &format!("{hours} h")).unwrap();
        let mut given = Entries::default();
        given.add(id, Entry { said, at: Some(START + asked), by: Nurse, entered_in_error: false });
        let now = START + asked + later;
        let cells = |second: i64| resolve_all(guideline(), &given, Some(second)).by_fact[id].cells;
        match resolve_all(guideline(), &given, Some(now)).valid_until {
            None => prop_assert_eq!(cells(now), cells(now + 10_000 * HOUR)),
            Some(until) => {
                prop_assert!(until >= now);
                prop_assert_eq!(cells(now), cells(until));
                prop_assert_ne!(cells(now), cells(until + 1));
            }
        }
        Ok(())
    };
    runner(2000).run(&strategy, test).unwrap();
}

#[test]
fn without_a_moment_the_newest_entry_gives_it() {
    let given = entries("saddle_numbness", &[("absent", 5, Nurse), ("absent", 2, Nurse)]);
    assert_eq!(resolve_all(guideline(), &given, None).as_of, Some(at(5)));
    assert_eq!(resolve_all(guideline(), &Entries::default(), None).as_of, None);
    let mut timeless = Entries::default();
    timeless.add(
        fact("saddle_numbness"),
        Entry { at: None, ..entry("saddle_numbness", "absent", 0, Nurse) },
    );
    let found = resolve_all(guideline(), &timeless, None);
    assert_eq!((found.as_of, found.valid_until), (None, None));
    assert_eq!(found.by_fact[fact("saddle_numbness")].said, Said::Value(0));
}

#[test]
fn an_answer_that_is_refused_later_no_longer_reassures() {
    check("saddle_numbness", &[("absent", 0, Nurse), ("declined", 1, Nurse)], 1, "declined");
    check("saddle_numbness", &[("absent", 0, Physician), ("declined", 1, Nurse)], 1, "absent");
    check("saddle_numbness", &[("new", 0, Nurse), ("declined", 1, Physician)], 1, "new");
    check("saddle_numbness", &[("absent", 0, Nurse), ("not asked", 1, Nurse)], 1, "absent");
    let power = finding("power_hip_flexion_left", &[("5", 0, Nurse), ("unable", 1, Physician)], 1);
    assert_eq!(power.said, Said::Unknown(Reason::Unable));
    let power = finding("power_hip_flexion_left", &[("4", 0, Nurse), ("unable", 1, Physician)], 1);
    assert_eq!(power.said, Said::Between(0, 8));
}

#[test]
fn of_entries_at_one_time_the_more_dangerous_counts_in_any_order() {
    for id in ["saddle_numbness", "urinary_retention", "known_cancer", "clonus"] {
        let danger = if id == "known_cancer" { "present" } else { "new" };
        for by in [Nurse, Physician] {
            let one = [(danger, 0, by), ("absent", 0, by)];
            let other = [("absent", 0, by), (danger, 0, by)];
            check(id, &one, 0, danger);
            check(id, &other, 0, danger);
        }
    }
    let fevers = [("38.6 Cel", 0, Nurse), ("37.0 Cel", 0, Nurse)];
    check("temperature", &fevers, 0, "38.6 Cel");
    check("temperature", &[fevers[1], fevers[0]], 0, "38.6 Cel");
}

/// Entries of one fact at distinct hours, drawn.
fn drawn(dice: &mut Dice, id: usize, count: usize) -> Vec<Entry> {
    let description = &guideline().facts[id];
    let roles = [Ehr, Patient, Nurse, Laboratory, Physician];
    (0..count)
        .map(|hour| {
            let said = match description.quantity() {
                _ if dice.chance(20) => {
                    let reasons =
                        [Reason::NotAsked, Reason::NotKnown, Reason::Declined, Reason::Unable];
                    Said::Unknown(reasons[dice.below(4)])
                }
                Some(quantity) => {
                    let (low, high) = quantity.range;
                    let place = low + dice.below((high - low + 1) as usize) as i64;
                    match dice.below(4) {
                        0 => Said::Between(place, high),
                        1 => Said::Between(low, place),
                        _ => Said::Between(place, place),
                    }
                }
                None => Said::Value(dice.below(guideline().program.cells[id].count)),
            };
            let at = Some(START + hour as i64 * HOUR + dice.below(HOUR as usize) as i64);
            Entry { said, at, by: roles[dice.below(5)], entered_in_error: dice.chance(10) }
        })
        .collect()
}

fn resolved(id: usize, given: &[Entry], reliability: &[Entry], as_of: i64) -> Findings {
    let mut entries = Entries::default();
    given.iter().for_each(|entry| entries.add(id, *entry));
    reliability.iter().for_each(|entry| entries.add(fact("history_reliability"), *entry));
    resolve_all(guideline(), &entries, Some(as_of))
}

#[test]
fn the_order_of_entry_does_not_matter_when_the_times_differ() {
    let strategy = (any::<u64>(), 2_usize..6);
    let test = |(seed, count): (u64, usize)| {
        let mut dice = Dice(seed);
        let entered: Vec<usize> = guideline().entered_facts().map(|(index, _)| index).collect();
        let id = entered[dice.below(entered.len())];
        let mut given = drawn(&mut dice, id, count);
        let mut reliability = drawn(&mut dice, fact("history_reliability"), 2);
        let as_of = START + dice.below(12 * HOUR as usize) as i64;
        let before = resolved(id, &given, &reliability, as_of);
        for at in (1..given.len()).rev() {
            given.swap(at, dice.below(at + 1));
        }
        reliability.reverse();
        prop_assert_eq!(before, resolved(id, &given, &reliability, as_of));
        Ok(())
    };
    runner(3000).run(&strategy, test).unwrap();
}

#[test]
fn one_fact_alone_resolves_as_among_all() {
    let test = |seed: u64| {
        let mut dice = Dice(seed);
        let entered: Vec<usize> = guideline().entered_facts().map(|(index, _)| index).collect();
        let id = entered[dice.below(entered.len())];
        let given = drawn(&mut dice, id, 3);
        let mut entries = Entries::default();
        given.iter().for_each(|entry| entries.add(id, *entry));
        let as_of = START + dice.below(12 * HOUR as usize) as i64;
        let all = resolve_all(guideline(), &entries, Some(as_of));
        prop_assert_eq!(all.by_fact[id], resolve_fact(guideline(), id, &entries, as_of));
        Ok(())
    };
    runner(1000).run(&any::<u64>(), test).unwrap();
}

/// SP13 on one fact: later, or with one more entry of lower authority, no
/// dangerous cell that was possible becomes impossible.
#[test]
fn time_and_lower_authority_never_take_a_danger_away() {
    let test = |seed: u64| {
        let mut dice = Dice(seed);
        let entered: Vec<usize> = guideline().entered_facts().map(|(index, _)| index).collect();
        let id = entered[dice.below(entered.len())];
        let cells = &guideline().program.cells[id];
        if cells.assume.is_some() || cells.dangerous == 0 {
            return Ok(());
        }
        let count = 1 + dice.below(3);
        let given = drawn(&mut dice, id, count);
        let now = START + 3 * HOUR + dice.below(12 * HOUR as usize) as i64;
        let before = resolved(id, &given, &[], now).by_fact[id];
        let later =
            resolved(id, &given, &[], now + dice.below(1000 * HOUR as usize) as i64).by_fact[id];
        prop_assert_eq!(before.cells & cells.dangerous & !later.cells, 0, "time: {:?}", &given);
        let mut more = given.clone();
        let mut added = drawn(&mut dice, id, 1)[0];
        (added.at, added.by, added.entered_in_error) = (Some(now), Ehr, false);
        more.push(added);
        let after = resolved(id, &more, &[], now).by_fact[id];
        // The record may take back what it said itself.
        if before.by.is_some_and(|by| by != Ehr) {
            let certain = before.cells & !cells.dangerous == 0;
            if certain {
                prop_assert_eq!(after.cells & !cells.dangerous, 0, "authority: {:?}", &more);
            }
        }
        Ok(())
    };
    runner(5000).run(&any::<u64>(), test).unwrap();
}
