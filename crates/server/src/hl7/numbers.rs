//! Which order and which patient the numbers of a message mean. A number counts with whoever gave
//! it: the authority it comes with, else the application that placed the order.

use cauda_hl7::{Code, Control, Designator, EntityId, Order, Party, Patient, Refused};
use cauda_scans::{About, Placed, Scan, Source};

use super::request;
use super::tell::Receiver;
use super::told::{Board, never};

/// An authority as the record keeps it: a name agreed on, one that is unique everywhere, its kind.
pub type Authority = [Option<String>; 3];

/// The numbers by which a message names an order, and who says so of whom.
pub struct Named<'a> {
    /// Of who placed it.
    pub placer: Option<&'a EntityId>,
    /// Of who fills it.
    pub filler: Option<&'a EntityId>,
    /// Accession Number.
    pub accession: Option<&'a str>,
    /// Who sends the message.
    pub sender: &'a Party,
    /// The patient.
    pub patient: Option<&'a Patient>,
}

impl<'a> Named<'a> {
    /// As an order names itself.
    pub fn of(order: &'a Order, sender: &'a Party, patient: Option<&'a Patient>) -> Named<'a> {
        let (placer, filler) = (order.placer.as_ref(), order.filler.as_ref());
        Named { placer, filler, accession: order.accession(), sender, patient }
    }
}

impl Board {
    /// The order that is meant; nothing if the board has none.
    ///
    /// # Errors
    /// More than one order has the number, and nothing says which.
    pub(super) fn find(&self, of: &Named<'_>) -> Result<Option<Scan>, Refused> {
        let scans = self.list.scans();
        let placed = |scan: &&Scan| of.placer.is_some_and(|placer| is_numbered(scan, placer));
        let filler = of.filler.map(request::number);
        let filled = |scan: &&Scan| {
            let known = scan.request.as_ref().and_then(|request| request.numbers.filler.as_ref());
            known.is_some() && known == filler.as_ref()
        };
        let shown = |scan: &&Scan| of.accession.is_some_and(|it| it == scan.accession());
        let placed: Vec<&Scan> = scans.iter().filter(placed).collect();
        let own = placed.iter().copied().filter(|scan| self.is_of(scan, of.sender)).collect();
        let shown = || scans.iter().filter(shown).collect();
        let filled = || scans.iter().filter(filled).collect();
        for found in [own, shown(), filled(), placed] {
            if let Some(found) = only(found, of)? {
                return Ok(Some(found.clone()));
            }
        }
        Ok(None)
    }

    /// The order that a new one would be: one that the same system placed. What another placed is
    /// never replaced.
    ///
    /// # Errors
    /// Another system's order has this very number.
    pub(super) fn find_begun(&self, of: &Named<'_>) -> Result<Option<Scan>, Refused> {
        let Some(found) = self.find(of)? else { return Ok(None) };
        let of_visit = matches!(source(&found), Some(Source::Visit { .. }));
        if of_visit || self.is_of(&found, of.sender) {
            return Ok(Some(found));
        }
        // The same digits of two who count by themselves are two numbers.
        let gave = of.placer.and_then(|placer| placer.authority.as_ref());
        let known = placed(&found).and_then(|placed| placed.authority.as_ref());
        let only_digits = of.accession.is_none_or(|it| it != found.accession())
            && of.filler.is_none()
            && (gave.is_none() || known.is_none())
            && placed(&found).is_some_and(|placed| placed.number.is_some());
        match only_digits {
            true => Ok(None),
            false => Err(never(Code::Internal, "an order of another system has this number")),
        }
    }

    /// The number under which a new order is kept: with the application, where another order has
    /// the same digits.
    pub(super) fn number_kept(&self, placer: &EntityId, sender: &Party) -> String {
        let number = request::number(placer);
        let taken = |scan: &Scan| source_of(scan) == Some(number.as_str());
        match self.list.scans().iter().any(taken) {
            true => format!("{}/{number}", request::name_of(sender)),
            false => number,
        }
    }

    /// Whether that system placed it, by whichever of its applications. Of an order of earlier days
    /// nobody knows who did.
    pub(super) fn is_of(&self, scan: &Scan, sender: &Party) -> bool {
        let name = request::name_of(sender);
        match (source(scan), placed(scan)) {
            (Some(Source::Hl7 { .. }), None) => true,
            (_, None) => false,
            (_, Some(placed)) if placed.application.is_empty() => true,
            // Who booked a date for an order that had not come placed none.
            (Some(Source::Hl7 { .. }), Some(placed)) if placed.number.is_none() => true,
            (_, Some(placed)) => {
                let one_of =
                    |one: &Receiver| one.is_called(&name) && one.is_called(&placed.application);
                placed.application.eq_ignore_ascii_case(&name)
                    || self.list.config().receivers.iter().any(one_of)
            }
        }
    }

    /// Whether it is a system that is told of orders: it knows those of others.
    pub(super) fn is_told(&self, sender: &Party) -> bool {
        let name = request::name_of(sender);
        self.list.config().receivers.iter().any(|one| one.is_called(&name))
    }

    /// Whether a message that does not say whose the order is may change it, take it back or hold
    /// it: of who placed it, or of who fills it and was told of it.
    ///
    /// # Errors
    /// It may not.
    pub(super) fn may_change(
        &self,
        scan: &Scan,
        order: &Order,
        of: &Named<'_>,
    ) -> Result<(), Refused> {
        let fills = !matches!(
            order.control,
            Control::Cancel
                | Control::Discontinue
                | Control::Change
                | Control::Replace
                | Control::Hold
                | Control::Release
        );
        let known = of.patient.is_some() || self.is_of(scan, of.sender);
        if known || (fills && self.is_told(of.sender)) {
            return Ok(());
        }
        Err(unsaid())
    }
}

/// The one that is meant of several with that number.
fn only<'s>(all: Vec<&'s Scan>, of: &Named<'_>) -> Result<Option<&'s Scan>, Refused> {
    let Some(first) = all.first() else { return Ok(None) };
    if all.len() == 1 {
        return Ok(Some(first));
    }
    let number = of.patient.and_then(Patient::identifier);
    let of_patient = |scan: &&&Scan| {
        number.is_some_and(|number| {
            is_patient(scan, &number.id, number.authority.as_ref().map(authority).as_ref())
        })
    };
    let shown = |scan: &&&Scan| of.accession.is_some_and(|it| it == scan.accession());
    let waits = |scan: &&&Scan| !scan.has_left();
    let one = |found: Vec<&&'s Scan>| (found.len() == 1).then(|| found.first().map(|it| **it));
    let found = one(all.iter().filter(shown).collect())
        .or_else(|| one(all.iter().filter(of_patient).collect()))
        .or_else(|| one(all.iter().filter(of_patient).filter(waits).collect()));
    let why = "more than one order has this number, and nothing says which is meant";
    found.ok_or_else(|| never(Code::Internal, why))
}

/// Whether an order has that number: as it came, as it was told to others, or as ours where it has
/// none of a placer.
fn is_numbered(scan: &Scan, placer: &EntityId) -> bool {
    if source_of(scan) == Some(request::number(placer).as_str()) {
        return true;
    }
    let placed = placed(scan);
    match placed.and_then(|placed| Some((placed.number.as_deref()?, placed))) {
        Some((number, placed)) => {
            let gave = placer.authority.as_ref().map(authority);
            number == placer.id && !differ(gave.as_ref(), placed.authority.as_ref())
        }
        None => scan.accession() == placer.id,
    }
}

/// A message that does not say whose the order is, of who did not place it. It is not tried again
/// by itself: another order of the number changes nothing of it.
pub(super) fn unsaid() -> Refused {
    let why = "another system placed the order, and the message does not say whose it is, PID";
    never(Code::RequiredField, why)
}

/// Whether that application sent an order, or a date that waits for one, first; of one of earlier
/// days nobody knows.
pub(super) fn sent_by(scan: &Scan, sender: &Party) -> bool {
    let of_hl7 = matches!(source(scan), Some(Source::Hl7 { .. }));
    placed(scan).map_or(of_hl7, |placed| {
        placed.application.is_empty()
            || placed.application.eq_ignore_ascii_case(&request::name_of(sender))
    })
}

fn source(scan: &Scan) -> Option<&Source> {
    Some(&scan.request.as_ref()?.source)
}

fn placed(scan: &Scan) -> Option<&Placed> {
    scan.request.as_ref()?.numbers.placed.as_ref()
}

/// The number of an order that came by HL7.
pub(super) fn source_of(scan: &Scan) -> Option<&str> {
    match source(scan)? {
        Source::Hl7 { placer } => Some(placer.as_str()),
        _ => None,
    }
}

/// Whether an order is of the patient of that number. Where both sides say who gave it and they
/// differ, it is another's.
pub(super) fn is_patient(scan: &Scan, number: &str, gave: Option<&Authority>) -> bool {
    let Some(request) = scan.request.as_ref() else { return false };
    let known = request.about.number.as_ref();
    known.is_some_and(|known| same_number(known.as_str(), number))
        && !differ(gave, request.numbers.patient_authority.as_ref())
}

/// Whether two numbers of patients are the same, but for signs nobody sees and for capitals.
pub(super) fn same_number(one: &str, other: &str) -> bool {
    seen(one) == seen(other)
}

/// A number as it is seen.
pub(super) fn seen(number: &str) -> String {
    let seen = |sign: &char| sign.is_alphanumeric() || sign.is_ascii_punctuation();
    number.chars().filter(seen).collect::<String>().to_uppercase()
}

/// An authority as the record keeps it.
pub(super) fn authority(one: &Designator) -> Authority {
    [one.namespace.clone(), one.universal_id.clone(), one.universal_id_type.clone()]
}

/// Whether two authorities are surely two: both say the same kind of name, and another one.
pub(super) fn differ(one: Option<&Authority>, other: Option<&Authority>) -> bool {
    let (Some([name, unique, _]), Some([other_name, other_unique, _])) = (one, other) else {
        return false;
    };
    let other = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(!one.eq_ignore_ascii_case(other)),
        _ => None,
    };
    other(unique, other_unique).or_else(|| other(name, other_name)).unwrap_or(false)
}

/// Whether both the family name and the birth date are another's.
pub(super) fn contradicts(known: &About, told: &About) -> bool {
    let family = |about: &About| {
        let name = about.name.as_ref()?.as_str();
        Some(name.split(',').next().unwrap_or(name).trim().to_lowercase())
    };
    let (Some(one), Some(other)) = (family(known), family(told)) else { return false };
    one != other && known.born.is_some() && told.born.is_some() && known.born != told.born
}
