//! Whom an order of an EHR is about: the number in one system, the name that goes with it, and
//! whether both are those of somebody else.

use cauda_fhir_service::{Gender, Ordered};
use cauda_pathway::patient::{Day, Sex};
use cauda_queue::{Departure, State};
use cauda_scans::{About, Request};

use super::{Declined, Orders, text, unmapped};
use crate::ehr::situation::patient_of;
use crate::streams;

impl Orders<'_> {
    /// Whom it is about; what the order does not say, the department may know.
    pub(super) async fn about(
        &self,
        wanted: &Ordered,
        before: Option<&Request>,
    ) -> Result<About, Declined> {
        let before = before.map(|before| &before.about);
        let here = match self.own_numbers {
            true => patient_of(self.list.department(), &wanted.number).await?,
            false => None,
        };
        let here = here.map(|patient| patient.person);
        let said = match &wanted.name {
            Some(name) => Some(text(name, "subject.display")?),
            None => None,
        };
        let name = said
            .or_else(|| before.and_then(|before| before.name.clone()))
            .or_else(|| here.as_ref().map(|person| person.name.clone()));
        if name.is_none() {
            let why = "nobody here has this number, and the order does not say the name: \
                       subject.display, or a contained Patient";
            return Err(unmapped("required", why, "subject"));
        }
        let born = match wanted.born.as_deref() {
            Some(born) => Some(Day::read(born).map_err(|_| {
                unmapped("value", "this is no date of birth", "contained.birthDate")
            })?),
            None => None,
        };
        let sex = wanted.gender.map(|gender| match gender {
            Gender::Male => Sex::Male,
            Gender::Female => Sex::Female,
            Gender::Other => Sex::Other,
            Gender::Unknown => Sex::Unknown,
        });
        Ok(About {
            name,
            number: Some(text(&self.number_here(&wanted.number), "subject.identifier")?),
            born: born
                .or(before.and_then(|before| before.born))
                .or(here.as_ref().and_then(|person| person.born)),
            sex: sex
                .or(before.map(|before| before.sex))
                .or(here.as_ref().map(|person| person.sex))
                .unwrap_or(Sex::Unknown),
            place: before.and_then(|before| before.place.clone()),
        })
    }

    /// A number that was mistyped must not change another patient's order.
    pub(super) fn same_patient(
        &self,
        wanted: &Ordered,
        before: Option<&Request>,
    ) -> Result<(), Declined> {
        let known = before.and_then(|before| before.about.number.as_ref());
        let other = known.is_some_and(|known| {
            !streams::is_same_number(known.as_str(), &self.number_here(&wanted.number))
        });
        match other {
            true => {
                let text = "an order of this number is known of another patient";
                Err(unmapped("conflict", text, "subject.identifier"))
            }
            false => Ok(()),
        }
    }

    /// One number under two names is two patients, or one whose name changed: nobody here knows
    /// which, and the wrong one would be scanned.
    pub(super) async fn one_person(&self, wanted: &Ordered) -> Result<(), Declined> {
        let born = wanted.born.as_deref().and_then(|born| Day::read(born).ok());
        let said = Named { name: wanted.name.as_deref(), born };
        let number = self.number_here(&wanted.number);
        let here = match self.own_numbers {
            true => patient_of(self.list.department(), &wanted.number).await?,
            false => None,
        };
        let here = here.as_ref().map(|patient| &patient.person);
        let here = here.map(|it| Named { name: Some(it.name.as_str()), born: it.born });
        let scans = self.list.scans();
        let standing = scans
            .iter()
            .filter(|scan| !matches!(scan.state, State::Left(Departure::Cancelled { .. })));
        let of = standing.filter_map(|scan| scan.request.as_ref()).map(|it| &it.about);
        let known = of.filter(|about| {
            let known = about.number.as_ref();
            known.is_some_and(|known| streams::is_same_number(known.as_str(), &number))
        });
        let mut known = known
            .map(|it| Named { name: it.name.as_ref().map(|name| name.as_str()), born: it.born });
        if here.is_some_and(|one| !said.may_be(&one)) || known.any(|one| !said.may_be(&one)) {
            let text = "this patient's number is here under another name or date of birth; look \
                        whose it is, and correct the number, or send the whole birthDate of a \
                        contained Patient, which tells one person with two names";
            return Err(Declined::Conflict(text.to_string()));
        }
        Ok(())
    }

    /// A number as the board has it.
    fn number_here(&self, number: &str) -> String {
        match self.own_numbers {
            true => number.to_string(),
            false => format!("{number}@{}", self.tenant.tenant),
        }
    }

    /// The same as the EHR wrote it.
    pub(super) fn number_there<'n>(&self, number: &'n str) -> &'n str {
        let ours = number.strip_suffix(&self.tenant.tenant).and_then(|it| it.strip_suffix('@'));
        ours.filter(|_| !self.own_numbers).unwrap_or(number)
    }
}

/// A person as far as a number could be theirs.
struct Named<'a> {
    name: Option<&'a str>,
    born: Option<Day>,
}

impl Named<'_> {
    /// Whether both may be one person: born on one day and with a name in common, or, where a day
    /// is not said, with no name that goes against the other.
    fn may_be(&self, other: &Named<'_>) -> bool {
        let days = self.born.zip(other.born);
        if days.is_some_and(|(one, other)| one != other) {
            return false;
        }
        let (Some(one), Some(two)) = (self.name, other.name) else { return true };
        let (one, two) = (names(one), names(two));
        let has = |all: &[String], word: &String| all.iter().any(|known| is_one(known, word));
        match days {
            Some(_) => one.iter().any(|word| has(&two, word)),
            None => {
                one.iter().all(|word| has(&two, word)) || two.iter().all(|word| has(&one, word))
            }
        }
    }
}

fn names(text: &str) -> Vec<String> {
    let words = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// A letter alone stands for a name.
fn is_one(one: &str, other: &str) -> bool {
    let short = one.chars().count() == 1 || other.chars().count() == 1;
    one == other || (short && (one.starts_with(other) || other.starts_with(one)))
}
