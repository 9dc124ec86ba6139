//! Who it is about and where they are: PID, PV1, AL1 and MRG (HL7 v2.5.1 chapter 3).

use crate::data_types::{Clinician, Coded, Identifier, Location, PersonName, masked};
use crate::fit;
use crate::header::table;
use crate::structure::{Gather, Segment};
use crate::writing::Line;
use crate::{Code, Delimiters, PartialDate, Reject, When};

/// Most allergies that are read.
const ALLERGIES_MAX: usize = 64;

/// A patient as a message names them. What it does not say is not there.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Patient {
    /// PID-3, or PID-2 of an old message that has no other. Never empty in a message taken.
    pub identifiers: Vec<Identifier>,
    /// PID-5: the legal name, or else the first.
    pub name: Option<PersonName>,
    /// PID-7.
    pub born: Option<PartialDate>,
    /// PID-8.
    pub sex: Option<Sex>,
    /// PID-18.
    pub account: Option<Identifier>,
    /// PID-29.
    pub died_at: Option<When>,
    /// PID-30.
    pub died: Option<bool>,
    /// AL1-3. None told is not none known.
    pub allergies: Vec<Coded>,
}

/// Administrative sex, HL7 table 0001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `F`
    Female,
    /// `M`
    Male,
    /// `O`
    Other,
    /// `U`: asked, and not known.
    Unknown,
    /// `A`
    Ambiguous,
    /// `N`
    NotApplicable,
}

table!(Sex, "F" => Female, "M" => Male, "O" => Other, "U" => Unknown, "A" => Ambiguous,
    "N" => NotApplicable);

/// A visit as a message tells of it: PV1.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// PV1-2, HL7 table 0004.
    pub class: Option<PatientClass>,
    /// PV1-3.
    pub location: Option<Location>,
    /// PV1-7.
    pub attending: Option<Clinician>,
    /// PV1-8.
    pub referring: Option<Clinician>,
    /// PV1-15 as it stands, such as `B6` for pregnant.
    pub ambulatory: Vec<String>,
    /// PV1-19.
    pub number: Option<Identifier>,
    /// PV1-44.
    pub admitted: Option<When>,
    /// PV1-45.
    pub discharged: Option<When>,
}

/// Where a patient belongs, HL7 table 0004.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatientClass {
    /// `E`
    Emergency,
    /// `I`
    Inpatient,
    /// `O`
    Outpatient,
    /// `P`: admission planned.
    Preadmit,
    /// `R`: comes again and again.
    Recurring,
    /// `B`
    Obstetrics,
    /// `C`
    Commercial,
    /// `N`
    NotApplicable,
    /// `U`
    Unknown,
}

table!(PatientClass, "E" => Emergency, "I" => Inpatient, "O" => Outpatient, "P" => Preadmit,
    "R" => Recurring, "B" => Obstetrics, "C" => Commercial, "N" => NotApplicable, "U" => Unknown);

/// Two numbers that turned out to be one patient: A40.
#[derive(Clone, PartialEq, Eq)]
pub struct Merge {
    /// The patient who remains.
    pub kept: Patient,
    /// MRG-1: the numbers that are no longer used. Everything under them belongs to `kept`.
    pub lost: Vec<Identifier>,
}

masked!(Patient, Visit, Merge);

impl Patient {
    /// The medical record number: of kind `MR`, else `PI`, else the first.
    pub fn identifier(&self) -> Option<&Identifier> {
        let of = |kind: &str| self.identifiers.iter().find(|one| one.kind.as_deref() == Some(kind));
        of("MR").or_else(|| of("PI")).or_else(|| self.identifiers.first())
    }

    /// The number that this authority gave.
    pub fn identifier_of(&self, authority: &str) -> Option<&Identifier> {
        let gave = |one: &&Identifier| {
            one.authority.as_ref().is_some_and(|found| found.name() == Some(authority))
        };
        self.identifiers.iter().find(gave)
    }

    pub(crate) fn read(segment: &Segment<'_>, gather: &mut Gather<'_>) -> Result<Patient, Reject> {
        let mut identifiers = identifiers(segment, 3, gather);
        if identifiers.is_empty() {
            identifiers = self::identifiers(segment, 2, gather);
        }
        if identifiers.is_empty() {
            let why = "the patient has no number";
            return Err(Reject::new(Code::RequiredField, Some(segment.place(3)), why));
        }
        let names = segment.repetitions(5, gather);
        let legal = names.iter().find(|name| name.text(7).is_none_or(|kind| kind == "L"));
        let name = legal.or(names.first()).and_then(|parts| PersonName::read(parts, 1));
        if let Some(name) = &name {
            name_fits(segment, name, gather);
        }
        Ok(Patient {
            identifiers,
            name,
            born: gather.code(segment, 7, PartialDate::read),
            sex: gather.code(segment, 8, Sex::read),
            account: Identifier::read(&segment.parts(18)),
            died_at: gather.time(segment, 29, 1),
            died: gather.code(segment, 30, yes_or_no),
            allergies: Vec::new(),
        })
    }

    /// AL1 after PID.
    pub(crate) fn allergic(&mut self, segment: &Segment<'_>, gather: &mut Gather<'_>) {
        if self.allergies.len() >= ALLERGIES_MAX {
            gather.flag(segment.place(0), crate::flag::Odd::Many);
        } else if let Some(allergy) = Coded::read(&segment.parts(3)) {
            self.allergies.push(allergy);
        }
    }

    pub(crate) fn write(&self, delimiters: Delimiters, zone: &jiff::tz::TimeZone) -> Vec<Line> {
        let mut line = Line::new("PID", delimiters);
        line.many(3, &self.identifiers, |one, out| one.write(out));
        if let Some(name) = &self.name {
            line.one(5, |out| name.write(out, 1));
        }
        line.option(7, self.born.map(|born| born.write()).as_deref());
        line.option(8, self.sex.map(Sex::code));
        if let Some(account) = &self.account {
            line.one(18, |out| account.write(out));
        }
        line.option(29, self.died_at.and_then(|at| at.write(zone)).as_deref());
        line.option(30, self.died.map(|died| if died { "Y" } else { "N" }));
        let mut lines = vec![line];
        for (at, allergy) in self.allergies.iter().enumerate() {
            let mut line = Line::new("AL1", delimiters);
            line.set(1, (at + 1).to_string());
            line.one(3, |out| allergy.write(out));
            lines.push(line);
        }
        lines
    }
}

impl Visit {
    pub(crate) fn read(segment: &Segment<'_>, gather: &mut Gather<'_>) -> Visit {
        let clinician = |field| Clinician::read(&segment.parts(field));
        let number = Identifier::read(&segment.parts(19));
        let place = segment.place(19);
        gather.fits(place, fit::ADMISSION_ID, number.as_ref().map(|number| number.id.as_str()));
        let ambulatory = segment.repetitions(15, gather);
        Visit {
            class: gather.code(segment, 2, PatientClass::read),
            location: Location::read(&segment.parts(3)),
            attending: clinician(7),
            referring: clinician(8),
            ambulatory: ambulatory.iter().filter_map(|parts| parts.text(1)).collect(),
            number,
            admitted: gather.time(segment, 44, 1),
            discharged: gather.time(segment, 45, 1),
        }
    }

    pub(crate) fn write(&self, delimiters: Delimiters, zone: &jiff::tz::TimeZone) -> Line {
        let mut line = Line::new("PV1", delimiters);
        line.option(2, self.class.map(PatientClass::code));
        if let Some(location) = &self.location {
            line.one(3, |out| location.write(out));
        }
        for (field, clinician) in [(7, &self.attending), (8, &self.referring)] {
            if let Some(clinician) = clinician {
                line.one(field, |out| clinician.write(out));
            }
        }
        line.many(15, &self.ambulatory, |code, out| out.plain(1, code));
        if let Some(number) = &self.number {
            line.one(19, |out| number.write(out));
        }
        line.option(44, self.admitted.and_then(|at| at.write(zone)).as_deref());
        line.option(45, self.discharged.and_then(|at| at.write(zone)).as_deref());
        line
    }
}

impl Merge {
    /// MRG after its PID.
    pub(crate) fn read(
        kept: Patient,
        segment: &Segment<'_>,
        gather: &mut Gather<'_>,
    ) -> Result<Merge, Reject> {
        let lost = identifiers(segment, 1, gather);
        let refuse = |code, why| Err(Reject::new(code, Some(segment.place(1)), why));
        if lost.is_empty() {
            return refuse(Code::RequiredField, "the merge does not say which number is lost");
        }
        let same = |one: &Identifier| {
            kept.identifiers
                .iter()
                .any(|kept| (&kept.id, &kept.authority) == (&one.id, &one.authority))
        };
        if lost.iter().all(same) {
            return refuse(Code::DataType, "the merge loses no number but those it keeps");
        }
        Ok(Merge { kept, lost })
    }

    pub(crate) fn write(&self, delimiters: Delimiters) -> Line {
        let mut line = Line::new("MRG", delimiters);
        line.many(1, &self.lost, |one, out| one.write(out));
        line
    }
}

fn identifiers(segment: &Segment<'_>, field: usize, gather: &mut Gather<'_>) -> Vec<Identifier> {
    let found: Vec<Identifier> =
        segment.repetitions(field, gather).iter().filter_map(Identifier::read).collect();
    for one in &found {
        gather.fits(segment.place(field), fit::PATIENT_ID, Some(&one.id));
    }
    found
}

fn name_fits(segment: &Segment<'_>, name: &PersonName, gather: &mut Gather<'_>) {
    let place = segment.place(5);
    let parts = [&name.family, &name.given, &name.middle, &name.suffix, &name.prefix];
    let before = gather.flags.len();
    for part in parts.into_iter().flatten() {
        gather.fits(place, fit::PATIENT_NAME, Some(part));
    }
    // Whole groups have the limit as well; a flag for a part says enough.
    if gather.flags.len() == before && name.dicom().chars().count() > 64 {
        let odd = crate::flag::Odd::TooLong { characters_max: 64, attribute: "Patient's Name" };
        gather.flag(place, odd);
    }
}

fn yes_or_no(code: &str) -> Option<bool> {
    match code {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    }
}
