//! The behaviour that was measured at the peers and is wrong at one of them or both: a window
//! over midnight, open ranges, case, wildcards, single values, an ill-formed date.

use cauda_dicom::command::status;
use dicom_dictionary_std::tags;
use jiff::civil::{DateTime, date};

use crate::house::{baseline_start, count, identifier, query, worklist};

const DATE: dicom_core::Tag = tags::SCHEDULED_PROCEDURE_STEP_START_DATE;
const TIME: dicom_core::Tag = tags::SCHEDULED_PROCEDURE_STEP_START_TIME;

/// How many of the first 1,000 start in a window, counted without the index.
fn counted(from: DateTime, to: DateTime) -> usize {
    (0..1000).map(baseline_start).filter(|start| from <= *start && *start <= to).count()
}

#[test]
fn a_date_range_and_a_time_range_are_one_window() {
    let worklist = worklist(1000);
    let day = |day, hour| date(2026, 11, day).at(hour, 0, 0, 0);
    let expect = counted(day(1, 22), day(2, 2));
    assert!(expect > 0);
    let found = count(&worklist, &[], &[(DATE, "20261101-20261102"), (TIME, "220000-020000")]);
    assert_eq!(found, expect);
    let expect = counted(day(1, 8), day(2, 12));
    let found = count(&worklist, &[], &[(DATE, "20261101-20261102"), (TIME, "080000-120000")]);
    assert_eq!(found, expect);
}

#[test]
fn one_day_and_a_time_range_are_tested_apart() {
    let worklist = worklist(1000);
    let expect = counted(date(2026, 11, 3).at(8, 0, 0, 0), date(2026, 11, 3).at(12, 0, 0, 0));
    assert_eq!(count(&worklist, &[], &[(DATE, "20261103"), (TIME, "0800-120000")]), expect);
    // A time alone is a time of every day.
    let every = (0..1000).filter(|number| baseline_start(*number).hour() < 6).count();
    assert_eq!(count(&worklist, &[], &[(TIME, "000000-055959")]), every);
}

#[test]
fn ranges_may_be_open() {
    let worklist = worklist(1000);
    let from = counted(date(2026, 11, 9).at(0, 0, 0, 0), date(2026, 12, 1).at(0, 0, 0, 0));
    assert_eq!(count(&worklist, &[], &[(DATE, "20261109-")]), from);
    let to = counted(date(2026, 1, 1).at(0, 0, 0, 0), date(2026, 11, 2).at(23, 59, 59, 0));
    assert_eq!(count(&worklist, &[], &[(DATE, "-20261102")]), to);
    let after = counted(date(2026, 11, 9).at(12, 0, 0, 0), date(2026, 12, 1).at(0, 0, 0, 0));
    assert_eq!(count(&worklist, &[], &[(DATE, "20261109-"), (TIME, "120000-")]), after);
}

#[test]
fn small_letters_find_a_name_in_capitals() {
    let worklist = worklist(1000);
    let smiths = (0..1000).filter(|number| number % 12 == 0).count();
    assert_eq!(count(&worklist, &[(tags::PATIENT_NAME, "smith*")], &[]), smiths);
    assert_eq!(count(&worklist, &[(tags::PATIENT_NAME, "SMITH*")], &[]), smiths);
}

#[test]
fn a_question_mark_is_one_letter() {
    let worklist = worklist(1000);
    let expect = (0..1000).filter(|number| number % 12 == 0 && number % 97 < 10).count();
    assert_eq!(count(&worklist, &[(tags::PATIENT_NAME, "SMITH0?^ANNA")], &[]), expect);
}

#[test]
fn a_family_name_without_a_star_is_not_a_beginning() {
    let worklist = worklist(1000);
    assert_eq!(count(&worklist, &[(tags::PATIENT_NAME, "SMITH05")], &[]), 0);
    assert!(count(&worklist, &[(tags::PATIENT_NAME, "SMITH05*")], &[]) <= 2);
}

#[test]
fn the_station_and_the_patient_id_are_single_values() {
    let worklist = worklist(1000);
    let station = tags::SCHEDULED_STATION_AE_TITLE;
    assert_eq!(count(&worklist, &[], &[(station, "MR*")]), 0);
    assert_eq!(count(&worklist, &[], &[(station, "MR3")]), 100);
    assert_eq!(count(&worklist, &[(tags::PATIENT_ID, "P00000*")], &[]), 0);
    assert_eq!(count(&worklist, &[(tags::PATIENT_ID, "P0000042")], &[]), 1);
}

#[test]
fn accession_and_procedure_id_are_found() {
    let worklist = worklist(1000);
    assert_eq!(count(&worklist, &[(tags::ACCESSION_NUMBER, "A0000042")], &[]), 1);
    assert_eq!(count(&worklist, &[(tags::REQUESTED_PROCEDURE_ID, "RP0000042")], &[]), 1);
}

#[test]
fn an_ill_formed_date_is_an_error_and_not_an_empty_list() {
    for value in ["2026-11-03", "20261301", "yesterday", "-", "20261103-2026110"] {
        let refused = query(&identifier(&[], &[(DATE, value)])).unwrap_err();
        assert_eq!(refused.status, status::IDENTIFIER_MISMATCH, "{value}");
        assert_eq!(refused.offending, [DATE]);
        assert_eq!(refused.comment, "SPS start date is not yyyymmdd");
    }
    for value in ["8:30", "2500", "083", "0830-2460", "083000.1234567"] {
        let refused = query(&identifier(&[], &[(TIME, value)])).unwrap_err();
        assert_eq!((refused.status, refused.offending), (0xA900, vec![TIME]), "{value}");
    }
}
