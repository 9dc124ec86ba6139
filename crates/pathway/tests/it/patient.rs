//! Names, births, ages.

use cauda_pathway::identity::{Actor, PatientId, Text};
use cauda_pathway::patient::{
    Day, NAME_MAX, Patient, PatientEvent, PatientWhat, Person, Sex, VERSION,
};

fn person(name: &str, born: Option<&str>) -> Person {
    Person {
        name: Text::new(name).unwrap(),
        born: born.map(|day| Day::read(day).unwrap()),
        sex: Sex::Female,
        number: None,
        allergies: None,
        telephone: None,
        write_to: None,
    }
}

fn registered(person: Person) -> PatientEvent {
    let what = PatientWhat::Registered { person };
    PatientEvent { version: VERSION, at: 0, by: Actor::system(), what }
}

#[test]
fn days_are_read_and_written_so_that_nobody_misreads_them() {
    let day = Day::read(" 1981-03-04 ").unwrap();
    assert_eq!(day.words(), "04-Mar-1981");
    assert_eq!(String::from(day), "1981-03-04");
    assert!(Day::read("2024-02-29").is_ok() && Day::read("2000-02-29").is_ok());
    for wrong in [
        "2023-02-29",
        "1900-02-29",
        "1981-13-01",
        "1981-04-31",
        "1981-00-10",
        "1981-03-00",
        "04.03.1981",
        "1981-03",
        "1849-01-01",
        "",
        "1981-03-04-05",
        "x-y-z",
        "99999-01-01",
    ] {
        let fault = Day::read(wrong).unwrap_err();
        assert!(fault.contains("year-month-day"), "{wrong}: {fault}");
    }
}

#[test]
fn an_age_is_whole_years_lived() {
    let age = |born: &str, on: &str| Day::read(born).unwrap().years_to(Day::read(on).unwrap());
    assert_eq!(age("1981-03-04", "2026-03-03"), Some(44));
    assert_eq!(age("1981-03-04", "2026-03-04"), Some(45));
    assert_eq!(age("2008-11-27", "2026-11-26"), Some(17));
    assert_eq!(age("2004-02-29", "2025-02-28"), Some(20));
    assert_eq!(age("2026-11-27", "2026-11-26"), None);
    let id = PatientId::new("p").unwrap();
    let patient = Patient { id, person: person("A B", Some("1980-01-01")) };
    assert_eq!(patient.age_on(1_795_683_600), Some(46));
}

#[test]
fn the_last_registration_counts_and_an_erased_one_is_nobody() {
    let id = PatientId::new("p").unwrap();
    let events = [
        registered(person("Wrong Name", None)),
        registered(person("Right Name", Some("1980-01-01"))),
    ];
    assert_eq!(Patient::fold(&id, &events).unwrap().person.name.as_str(), "Right Name");
    assert_eq!(Patient::fold(&id, &[]), None);
    let written = serde_json::to_string(&events[1]).unwrap();
    assert_eq!(serde_json::from_str::<PatientEvent>(&written).unwrap(), events[1]);
    assert!(serde_json::from_str::<PatientEvent>(&written.replace("born", "bron")).is_err());
}

#[test]
fn a_name_that_fills_the_page_is_refused() {
    assert!(person(&"x".repeat(NAME_MAX), None).check().is_ok());
    assert!(person(&"x".repeat(NAME_MAX + 1), None).check().is_err());
    assert!(person("two\nlines", None).check().is_err());
    let mut numbered = person("A B", None);
    numbered.number = Some("7".repeat(NAME_MAX + 1));
    assert!(numbered.check().is_err());
}
