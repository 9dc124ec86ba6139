//! Who comes and for what. All names are words for an example or a test, and all numbers begin
//! with SYN, so that nobody takes them for patients.

use super::draw::Draw;
use crate::{
    Coded, Designator, Encoding, Identifier, Location, PartialDate, Patient, PatientClass,
    PersonName, Sex, Visit, When,
};

/// The authority that gives the numbers of patients.
pub(super) const AUTHORITY: &str = "SYNTHETIC";

const FAMILIES: [&str; 8] =
    ["TESTFALL", "EXAMPLE", "SPECIMEN", "SAMPLE", "BEISPIEL", "EXEMPLE", "ESEMPIO", "DUMMY"];
const FAR_FAMILIES: [&str; 4] = ["PRØVE", "MÜSTER", "EJEMPLÑO", "ÉCHANTILLON"];
const FEMALE: [&str; 6] = ["ANNA", "BERTA", "CLARA", "DORA", "ELSA", "FRIDA"];
const MALE: [&str; 6] = ["ADAM", "BRUNO", "CARL", "DAVID", "EMIL", "FRITZ"];

/// An examination.
#[derive(Clone, Copy)]
pub(super) struct Exam {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    /// Fewest and most minutes on the scanner.
    pub(super) minutes: (i64, i64),
    pub(super) reason: &'static str,
    /// How often, in a thousand, something critical is found.
    pub(super) critical_per_mille: u16,
}

const fn exam(
    code: &'static str,
    text: &'static str,
    minutes: (i64, i64),
    reason: &'static str,
    critical_per_mille: u16,
) -> Exam {
    Exam { code, text, minutes, reason, critical_per_mille }
}

/// What emergencies need; the back is listed more often because this department sees it most.
pub(super) const EMERGENCY: [Exam; 6] = [
    exam("MRLSL", "MRI lumbar spine, limited", (8, 14), "suspected cauda equina syndrome", 120),
    exam("MRLSL", "MRI lumbar spine, limited", (8, 14), "new weakness of both legs", 120),
    exam("MRWS", "MRI whole spine", (25, 38), "suspected cord compression", 200),
    exam("MRHD", "MRI head, stroke", (10, 18), "suspected stroke", 250),
    exam("MRSP", "MRI cervical spine, trauma", (18, 30), "fall, neck pain, tingling", 100),
    exam("MRLS", "MRI lumbar spine", (18, 28), "back pain and fever", 150),
];
/// What wards ask for.
pub(super) const INPATIENT: [Exam; 3] = [
    exam("MRAB", "MRI abdomen with contrast", (28, 42), "unclear mass", 40),
    exam("MRHD", "MRI head", (20, 30), "headache", 40),
    exam("MRLS", "MRI lumbar spine", (20, 28), "leg pain", 30),
];
/// What is booked from outside.
pub(super) const OUTPATIENT: [Exam; 4] = [
    exam("MRKN", "MRI knee", (18, 26), "knee pain", 2),
    exam("MRSH", "MRI shoulder", (20, 28), "shoulder pain", 2),
    exam("MRLS", "MRI lumbar spine", (18, 26), "back pain for three months", 5),
    exam("MRPR", "MRI prostate with contrast", (28, 36), "raised marker", 5),
];

impl Exam {
    pub(super) fn coded(&self) -> Coded {
        let text = |text: &str| Some(text.to_string());
        Coded {
            code: text(self.code),
            text: text(self.text),
            system: text("SYN"),
            ..Coded::default()
        }
    }
}

/// The numbers of one patient: a final one, and a temporary one of somebody not yet known.
pub(super) fn identifier(number: &str) -> Identifier {
    Identifier {
        id: number.to_string(),
        authority: Some(Designator::named(AUTHORITY)),
        kind: Some("MR".to_string()),
    }
}

/// A patient with that number.
pub(super) fn patient(draw: &mut Draw, number: usize, encoding: Encoding, year: i16) -> Patient {
    let female = draw.often(500);
    let far = encoding != Encoding::Ascii && draw.often(250);
    let family = if far { draw.one(&FAR_FAMILIES) } else { draw.one(&FAMILIES) };
    let given = draw.one(if female { &FEMALE } else { &MALE });
    let age = i16::try_from(draw.between(18, 92)).unwrap_or(50);
    let small = |value: i64| i8::try_from(value).ok();
    Patient {
        identifiers: vec![identifier(&format!("SYN{number:06}"))],
        name: Some(PersonName {
            family: family.map(|family| format!("{family}-{number}")),
            given: given.map(|given| (*given).to_string()),
            ..PersonName::default()
        }),
        born: Some(PartialDate {
            year: year.saturating_sub(age),
            month: small(draw.between(1, 12)),
            day: small(draw.between(1, 28)),
        }),
        sex: Some(if female { Sex::Female } else { Sex::Male }),
        allergies: allergies(draw),
        ..Patient::default()
    }
}

fn allergies(draw: &mut Draw) -> Vec<Coded> {
    if !draw.often(100) {
        return Vec::new();
    }
    let text = |text: &str| Some(text.to_string());
    vec![Coded { code: text("PEN"), text: text("Penicillin"), ..Coded::default() }]
}

/// The same patient before anybody knew who it is.
pub(super) fn unknown(patient: &Patient, number: usize) -> Patient {
    let name = PersonName {
        family: Some(format!("UNKNOWN-{number}")),
        given: Some("SYNTHETIC".to_string()),
        ..PersonName::default()
    };
    Patient {
        identifiers: vec![identifier(&format!("SYNTMP{number:04}"))],
        name: Some(name),
        born: None,
        sex: patient.sex,
        ..Patient::default()
    }
}

/// A visit of that class.
pub(super) fn visit(draw: &mut Draw, class: PatientClass, number: usize, at: i64) -> Visit {
    let ward = match class {
        PatientClass::Emergency => "ED",
        PatientClass::Inpatient => "WARD 4",
        _ => "RADIOLOGY",
    };
    let bed = draw.between(1, 24).to_string();
    Visit {
        class: Some(class),
        location: Some(Location {
            point_of_care: Some(ward.to_string()),
            bed: (class != PatientClass::Outpatient).then_some(bed),
            ..Location::default()
        }),
        number: Some(Identifier {
            id: format!("SYNV{number:06}"),
            authority: Some(Designator::named(AUTHORITY)),
            kind: Some("VN".to_string()),
        }),
        admitted: Some(When::second(at)),
        ..Visit::default()
    }
}
