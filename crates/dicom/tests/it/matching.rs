//! Matching beyond the probes, and the index held against a search of all entries.

use cauda_dicom::charset::Charset;
use cauda_dicom::entry::Status;
use cauda_dicom::query::{Query, Reading};
use cauda_dicom::worklist::View;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use proptest::prelude::*;

use crate::house::{
    READING, VIEW, baseline, baseline_start, count, entry, identifier, keys, query, worklist,
};

#[test]
fn a_list_of_uids_finds_each() {
    let worklist = worklist(50);
    let uid = |number: u32| baseline(number).procedure.study_instance_uid;
    let list = format!("{}\\{}\\1.2.3", uid(4), uid(9));
    assert_eq!(count(&worklist, &[(tags::STUDY_INSTANCE_UID, &list)], &[]), 2);
}

#[test]
fn codes_are_matched_within_their_sequence() {
    let worklist = worklist(3);
    let codes = tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE;
    for (value, scheme, expect) in
        [("CES1", "99CAUDA", 3), ("CES1", "SCT", 0), ("CES*", "", 3), ("X", "", 0)]
    {
        let mut step = keys(&[]);
        let code = [(tags::CODE_VALUE, value), (tags::CODING_SCHEME_DESIGNATOR, scheme)];
        step.items(codes, vec![keys(&code)]);
        let mut set = keys(&[]);
        set.items(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, vec![step]);
        let found = worklist.find(&query(&set).unwrap(), VIEW).items.len();
        assert_eq!(found, expect, "{value} {scheme}");
    }
}

#[test]
fn append_star_is_a_choice_of_the_site() {
    let worklist = worklist(1000);
    let set = identifier(&[(tags::PATIENT_NAME, "Smith")], &[]);
    let reading = Reading { append_star: true, ..READING };
    let found = worklist.find(&Query::of(&set, reading).unwrap(), VIEW).items.len();
    assert_eq!(found, count(&worklist, &[(tags::PATIENT_NAME, "SMITH*")], &[]));
    let physician = identifier(&[(tags::REQUESTING_PHYSICIAN, "Who")], &[]);
    assert_eq!(worklist.find(&Query::of(&physician, reading).unwrap(), VIEW).items.len(), 0);
}

#[test]
fn a_query_without_the_step_sequence_is_patient_based() {
    let worklist = worklist(20);
    let set = keys(&[(tags::PATIENT_ID, "P0000007"), (tags::PATIENT_NAME, "")]);
    assert_eq!(worklist.find(&query(&set).unwrap(), VIEW).items.len(), 1);
}

#[test]
fn step_keys_beside_the_sequence_are_not_regarded_but_told() {
    let worklist = worklist(20);
    let set = keys(&[(tags::MODALITY, "CT"), (tags::PATIENT_NAME, "")]);
    let query = query(&set).unwrap();
    assert!(query.is_warned());
    assert!(query.notes()[0].starts_with("Modality stands beside the Scheduled Procedure Step"));
    assert_eq!(worklist.find(&query, VIEW).items.len(), 20);
}

#[test]
fn no_query_retrieve_level_is_needed_and_one_does_no_harm() {
    let worklist = worklist(20);
    let level = [(tags::QUERY_RETRIEVE_LEVEL, "STUDY"), (tags::PATIENT_NAME, "")];
    let query = query(&identifier(&level, &[(tags::MODALITY, "MR")])).unwrap();
    assert!(!query.is_warned());
    assert_eq!(worklist.find(&query, VIEW).items.len(), 20);
}

#[test]
fn keys_that_are_not_supported_are_warned_of() {
    let warned = |root: &[(Tag, &str)]| query(&identifier(root, &[])).unwrap().is_warned();
    assert!(!warned(&[(tags::PATIENT_NAME, "")]));
    assert!(warned(&[(tags::PATIENT_NAME, ""), (tags::ETHNIC_GROUPS, "")]));
    assert!(warned(&[(tags::PATIENT_WEIGHT, "70")]));
    assert!(!warned(&[(tags::PATIENT_WEIGHT, "")]));
}

#[test]
fn two_values_and_two_items_are_refused() {
    let two = query(&identifier(&[], &[(tags::MODALITY, "MR\\CT")])).unwrap_err();
    assert_eq!((two.status, two.offending), (0xA900, vec![tags::MODALITY]));
    let mut set = keys(&[]);
    set.items(
        tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE,
        vec![keys(&[(tags::MODALITY, "MR")]), keys(&[(tags::MODALITY, "CT")])],
    );
    assert_eq!(query(&set).unwrap_err().offending, [tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE]);
    assert_eq!(query(&keys(&[])).unwrap_err().status, 0xA900);
}

#[test]
fn a_started_step_is_listed_only_when_asked_for() {
    let worklist = worklist(3);
    let mut started = baseline(1);
    started.step.status = Status::Started;
    worklist.put(&started).unwrap();
    let status = tags::SCHEDULED_PROCEDURE_STEP_STATUS;
    assert_eq!(count(&worklist, &[], &[(tags::MODALITY, "MR")]), 2);
    assert_eq!(count(&worklist, &[], &[(status, "")]), 2);
    assert_eq!(count(&worklist, &[], &[(status, "STARTED")]), 1);
    assert_eq!(count(&worklist, &[], &[(status, "SCHEDULED")]), 2);
}

#[test]
fn a_device_may_be_shown_its_own_steps_only() {
    let worklist = worklist(100);
    let query = query(&identifier(&[(tags::PATIENT_NAME, "")], &[])).unwrap();
    let view = View { charset: Charset::Utf8, only: Some("MR3"), limit: 5 };
    let found = worklist.find(&query, view);
    assert_eq!((found.items.len(), found.more), (5, true));
    assert!(found.items.iter().all(|item| item.id().ends_with('3')));
}

#[test]
fn matches_come_in_the_order_of_their_start() {
    let worklist = worklist(100);
    let query = query(&identifier(&[(tags::PATIENT_NAME, "")], &[])).unwrap();
    let ids: Vec<String> =
        worklist.find(&query, VIEW).items.iter().map(|item| item.id().to_string()).collect();
    let mut expect: Vec<u32> = (0..100).collect();
    expect.sort_by_key(|number| (baseline_start(*number), *number));
    let expect: Vec<String> = expect.iter().map(|number| format!("order-{number}")).collect();
    assert_eq!(ids, expect);
}

#[test]
fn several_stations_are_each_found() {
    let worklist = worklist(0);
    let mut both = entry(1);
    both.step.station_ae_titles = vec!["MR1".into(), "MR2".into()];
    worklist.put(&both).unwrap();
    for (title, expect) in [("MR1", 1), ("MR2", 1), ("MR3", 0), ("MR1\\MR2", 2)] {
        if expect == 2 {
            let step = [(tags::SCHEDULED_STATION_AE_TITLE, title)];
            assert!(query(&identifier(&[], &step)).is_err());
        } else {
            let found = count(&worklist, &[], &[(tags::SCHEDULED_STATION_AE_TITLE, title)]);
            assert_eq!(found, expect);
        }
    }
}

/// The same question without any index: what a reader of the standard would write first.
fn naive(number: u32, name: &str, station: &str, from: u32, to: u32) -> bool {
    let entry = baseline(number);
    let start = baseline_start(number);
    let day = 20_261_100 + u32::try_from(start.day()).unwrap();
    let prefix = name.trim_end_matches('*').to_lowercase();
    entry.patient.name.to_lowercase().starts_with(&prefix)
        && (station.is_empty() || entry.step.station_ae_titles.iter().any(|title| title == station))
        && from <= day
        && day <= to
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_index_finds_what_a_search_of_all_finds(
        name in prop_oneof![Just("*".to_string()), "[SJMKRNGCL][a-zA-Z]?\\*"],
        station in prop_oneof![Just(String::new()), "MR[0-9]"],
        from in 20_261_101..20_261_111_u32,
        days in 0..4_u32,
        hide in proptest::collection::vec(0..300_u32, 0..20),
    ) {
        let worklist = worklist(300);
        for number in &hide {
            worklist.remove(&format!("order-{number}"));
        }
        let to = from + days;
        let range = if to > 20_261_130 { format!("{from}-") } else { format!("{from}-{to}") };
        let found = count(
            &worklist,
            &[(tags::PATIENT_NAME, &name)],
            &[
                (tags::SCHEDULED_STATION_AE_TITLE, &station),
                (tags::SCHEDULED_PROCEDURE_STEP_START_DATE, &range),
            ],
        );
        let expect = (0..300)
            .filter(|number| !hide.contains(number))
            .filter(|number| naive(*number, &name, &station, from, to))
            .count();
        prop_assert_eq!(found, expect);
    }
}
