//! Age in completed years, also of a date of birth that is not whole.

use serde_json::{Value, json};

use crate::shipped::{bundle, chart_of};

fn age(patient: Value) -> Option<String> {
    let chart = chart_of(&bundle(vec![patient]));
    chart.findings.into_iter().find(|found| found.fact == "age").map(|found| found.value)
}

fn born(date: &str) -> Option<String> {
    age(json!({"resourceType": "Patient", "id": "p1", "birthDate": date}))
}

#[test]
fn whole_dates_give_completed_years() {
    assert_eq!(born("1971-03-02").as_deref(), Some("55 a"));
    assert_eq!(born("1971-12-02").as_deref(), Some("54 a"));
    assert_eq!(born("2026-11-01").as_deref(), Some("0 a"));
    assert_eq!(born("1960-02-29").as_deref(), Some("66 a"));
}

#[test]
fn on_the_birthday_it_is_already_so_somewhere_on_earth_and_elsewhere_not_yet() {
    assert_eq!(born("2008-11-26").as_deref(), Some(">=17 a"));
    assert_eq!(born("2008-11-24").as_deref(), Some("18 a"));
    assert_eq!(born("2008-11-28").as_deref(), Some("17 a"));
}

#[test]
fn a_year_or_a_month_gives_the_lower_end() {
    assert_eq!(born("1971").as_deref(), Some(">=54 a"));
    assert_eq!(born("1971-03").as_deref(), Some("55 a"));
    assert_eq!(born("1971-11").as_deref(), Some(">=54 a"));
    assert_eq!(born("2008").as_deref(), Some(">=17 a"));
}

#[test]
fn nonsense_is_no_age() {
    for date in ["", "1871-01-01", "2027-01-01", "71-03-02", "1971-13-01", "1971-02-30", "x"] {
        assert_eq!(born(date), None, "{date}");
    }
}

#[test]
fn an_age_of_which_the_meaning_may_be_changed_is_none() {
    let marked = json!({
        "resourceType": "Patient", "id": "p1", "birthDate": "1971-03-02",
        "modifierExtension": [{"url": "https://example.org/x", "valueBoolean": true}],
    });
    assert_eq!(age(marked), None);
}
