//! A day: three hundred patients, a nurse and a physician, through the real forms; every verdict
//! on the page is the engine's.

use cauda_pages::staff::verdict::headline;
use cauda_pathway::identity::VisitId;

use crate::browser::Browser;
use crate::house::{House, guideline};

const VISITS: usize = 300;

/// Small numbers that follow each other in no order.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const DANGERS: [(&str, &str); 12] = [
    ("f.saddle_numbness", "new"),
    ("f.urinary_retention", "new"),
    ("f.leg_weakness_left", "new"),
    ("f.known_cancer", "present"),
    ("f.injection_drug_use", "present"),
    ("f.fever_history", "present"),
    ("f.tearing_pain", "present"),
    ("f.collapse", "present"),
    ("f.high_energy_trauma", "present"),
    ("f.osteoporosis", "present"),
    ("f.anticoagulant", "present"),
    ("f.leg_pain_right", "new"),
];
const NURSE: [(&str, &str); 5] = [
    ("a.bladder_as_before", "signed"),
    ("a.bowel_as_before", "signed"),
    ("a.saddle_as_before", "signed"),
    ("a.sexual_feeling_as_before", "signed"),
    ("a.no_infection_or_cancer_risk", "signed"),
];
const PHYSICIAN: [(&str, &str); 7] = [
    ("a.legs_examined", "signed"),
    ("a.no_trauma_or_fragile_spine", "signed"),
    ("a.no_vascular_or_other_sign", "signed"),
    ("f.pain_controlled", "present"),
    ("f.walking_as_before", "present"),
    ("f.vital_signs_settled", "present"),
    ("f.home_safe", "present"),
];

fn triage(dice: &mut Dice) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![
        ("f.history_reliability", "good"),
        ("f.temperature", "36.8"),
        ("f.heart_rate", "80"),
        ("f.respiratory_rate", "14"),
        ("f.systolic_pressure", "125"),
        ("f.oxygen_saturation", "98"),
        ("f.pain_score", "5"),
        ("f.back_pain_course", "new"),
        ("f.pain_duration", "48"),
        ("acuity", "4"),
    ];
    fields.extend(NURSE.iter().filter(|_| dice.roll(10) > 0));
    for danger in DANGERS {
        if dice.roll(14) == 0 {
            fields.push(danger);
        }
    }
    fields
}

fn one(
    house: &House,
    nurse: &mut Browser,
    doctor: &mut Browser,
    number: usize,
    dice: &mut Dice,
) -> &'static str {
    let page = nurse.get("/arrival");
    let (name, born) =
        (format!("Day Patient{number}"), format!("19{:02}-05-05", 40 + dice.roll(60)));
    let sent = nurse.send(
        &page,
        "/arrival",
        &[("name", &name), ("born", &born), ("sex", "female"), ("allergies", "none")],
    );
    let path = sent.location.unwrap_or_else(|| panic!("{}", sent.text));
    let id = path.split('/').nth(2).unwrap().to_string();
    let saved = nurse.fill(&path, &path, &triage(dice));
    assert_eq!(saved.status, 200, "{}", saved.text);
    check(house, &id, &saved.text);
    house.clock.pass(60);
    let exam = format!("/visit/{id}/examination");
    let fields: Vec<(&str, &str)> =
        PHYSICIAN.iter().copied().filter(|_| dice.roll(12) > 0).collect();
    let decided = doctor.fill(&exam, &exam, &fields);
    assert_eq!(decided.status, 200, "{}", decided.text);
    check(house, &id, &decided.text);
    let order = format!("/visit/{id}/decide/order");
    let leave = format!("/visit/{id}/decide/discharge");
    let scan_asked = decided.has("name=\"image\" value=");
    let (next, what) = if scan_asked {
        (doctor.send(&decided, &order, &[]), "ordered")
    } else if decided.has(">Send home</button>") && !decided.has("Send home although") {
        (doctor.send(&decided, &leave, &[("plan", "stay active"), ("card", "given")]), "home")
    } else {
        let admit = format!("/visit/{id}/decide/admit");
        (doctor.send(&decided, &admit, &[("ward", "short stay")]), "kept")
    };
    assert_eq!(next.status, 303, "{what}: {}", next.text);
    what
}

/// The page says what the engine says of the events in the record.
fn check(house: &House, id: &str, text: &str) {
    let id = VisitId::new(id).unwrap();
    let department = &house.server().department;
    let events = house.runtime.block_on(department.events(&id)).unwrap();
    let visit = cauda_pathway::fold(&events);
    let now = department.now().max(visit.latest);
    let decision = cauda_pathway::explained(&visit, &guideline(), now, None);
    let answer = cauda_pathway::answer(&visit, &guideline(), now);
    assert_eq!(visit.answer.as_ref().unwrap().verdict, answer.verdict, "the record's verdict");
    let seen = headline(&decision)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('>', "&gt;");
    // What is asked next depends on where the patient is; where the patient goes does not.
    if decision.disposition.is_some() {
        assert!(text.contains(&seen), "{seen}");
    }
}

#[test]
fn a_day_of_three_hundred_visits_without_an_error() {
    let house =
        House::with(cauda_server::Config { demo: true, idle_minutes: 720, ..House::config() });
    let (mut nurse, mut doctor) = (house.as_role("Triage nurse"), house.as_role("Physician"));
    let mut dice = Dice(42);
    let mut counts = std::collections::BTreeMap::new();
    for number in 0..VISITS {
        *counts.entry(one(&house, &mut nurse, &mut doctor, number, &mut dice)).or_insert(0) += 1;
        house.clock.pass(120);
        if number % 50 == 0 {
            // A shift is shorter than the day.
            nurse = house.as_role("Triage nurse");
            doctor = house.as_role("Physician");
        }
    }
    assert!(counts.values().all(|count| *count >= 20) && counts.len() == 3, "{counts:?}");
    assert_eq!(doctor.get("/waiting").status, 200);
    let report = house.runtime.block_on(async {
        let record = house.server().department.record();
        record.verify(&cauda_store::Trust::default(), &mut |_, _| ()).await.unwrap()
    });
    assert_eq!(report.faults, []);
}
