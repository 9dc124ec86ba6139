//! Data types of HL7 v2 (chapter 2A) that carry people, numbers and places, each read from the
//! components of a field and written as them.

use crate::structure::Parts;
use crate::writing::Encoded;

/// Hides what a value holds from `Debug`, which ends up in logs.
macro_rules! masked {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(concat!(stringify!($name), " { … }"))
            }
        })+
    };
}
pub(crate) use masked;

/// An application, a facility or an authority that gives numbers: HD.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Designator {
    /// The name that the two sides agreed on.
    pub namespace: Option<String>,
    /// A name that is unique everywhere, such as an OID.
    pub universal_id: Option<String>,
    /// What kind of name that is, such as `ISO`.
    pub universal_id_type: Option<String>,
}

/// A number of a patient, an account or a visit: CX.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Identifier {
    /// The number.
    pub id: String,
    /// Who gave it.
    pub authority: Option<Designator>,
    /// Its kind, HL7 table 0203, such as `MR`.
    pub kind: Option<String>,
}

/// A number of an order or another thing: EI.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct EntityId {
    /// The number.
    pub id: String,
    /// Who gave it.
    pub authority: Option<Designator>,
}

/// A code with its text: CE and CWE.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Coded {
    /// The code.
    pub code: Option<String>,
    /// What it means.
    pub text: Option<String>,
    /// Its code system.
    pub system: Option<String>,
    /// The same in another system; in an ORM of IHE the protocol.
    pub alternate_code: Option<String>,
    /// What that means.
    pub alternate_text: Option<String>,
    /// Its code system.
    pub alternate_system: Option<String>,
}

/// The name of a person: XPN.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct PersonName {
    /// The family name.
    pub family: Option<String>,
    /// The first given name.
    pub given: Option<String>,
    /// More given names.
    pub middle: Option<String>,
    /// Such as `Jr`.
    pub suffix: Option<String>,
    /// Such as `Dr`.
    pub prefix: Option<String>,
}

/// Somebody who orders or treats: XCN.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Clinician {
    /// Their number.
    pub id: Option<String>,
    /// Their name.
    pub name: PersonName,
}

/// Where somebody is: PL.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Location {
    /// The ward or department.
    pub point_of_care: Option<String>,
    /// The room.
    pub room: Option<String>,
    /// The bed.
    pub bed: Option<String>,
    /// The hospital.
    pub facility: Option<String>,
    /// The building.
    pub building: Option<String>,
    /// The floor.
    pub floor: Option<String>,
}

masked!(Identifier, EntityId, Coded, PersonName, Clinician, Location);

impl Designator {
    /// An authority known by a name alone.
    pub fn named(namespace: &str) -> Designator {
        Designator { namespace: Some(namespace.to_string()), ..Designator::default() }
    }

    /// The name agreed on, or else the one that is unique everywhere.
    pub fn name(&self) -> Option<&str> {
        self.namespace.as_deref().or(self.universal_id.as_deref())
    }

    fn of(three: [Option<String>; 3]) -> Option<Designator> {
        let [namespace, universal_id, universal_id_type] = three;
        let found = Designator { namespace, universal_id, universal_id_type };
        (found != Designator::default()).then_some(found)
    }

    pub(crate) fn read(parts: &Parts, from: usize) -> Option<Designator> {
        Designator::of([parts.text(from), parts.text(from + 1), parts.text(from + 2)])
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>, from: usize) {
        out.text(from, &self.namespace);
        out.text(from + 1, &self.universal_id);
        out.text(from + 2, &self.universal_id_type);
    }
}

impl Identifier {
    pub(crate) fn read(parts: &Parts) -> Option<Identifier> {
        let authority = Designator::of([parts.sub(4, 1), parts.sub(4, 2), parts.sub(4, 3)]);
        Some(Identifier { id: parts.text(1)?, authority, kind: parts.text(5) })
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>) {
        out.text(1, &Some(self.id.clone()));
        if let Some(authority) = &self.authority {
            out.sub(4, 1, &authority.namespace);
            out.sub(4, 2, &authority.universal_id);
            out.sub(4, 3, &authority.universal_id_type);
        }
        out.text(5, &self.kind);
    }
}

impl EntityId {
    pub(crate) fn read(parts: &Parts) -> Option<EntityId> {
        Some(EntityId { id: parts.text(1)?, authority: Designator::read(parts, 2) })
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>) {
        out.text(1, &Some(self.id.clone()));
        if let Some(authority) = &self.authority {
            authority.write(out, 2);
        }
    }
}

impl Coded {
    pub(crate) fn read(parts: &Parts) -> Option<Coded> {
        let found = Coded {
            code: parts.text(1),
            text: parts.text(2),
            system: parts.text(3),
            alternate_code: parts.text(4),
            alternate_text: parts.text(5),
            alternate_system: parts.text(6),
        };
        (found != Coded::default()).then_some(found)
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>) {
        let parts = [
            &self.code,
            &self.text,
            &self.system,
            &self.alternate_code,
            &self.alternate_text,
            &self.alternate_system,
        ];
        for (at, part) in parts.into_iter().enumerate() {
            out.text(at + 1, part);
        }
    }

    /// The other code of the pair as one of its own.
    pub fn alternate(&self) -> Option<Coded> {
        let found = Coded {
            code: self.alternate_code.clone(),
            text: self.alternate_text.clone(),
            system: self.alternate_system.clone(),
            ..Coded::default()
        };
        (found != Coded::default()).then_some(found)
    }
}

impl PersonName {
    pub(crate) fn read(parts: &Parts, from: usize) -> Option<PersonName> {
        let found = PersonName {
            // From 2.4 on the family name has subcomponents, of which the first is all of it.
            family: parts.sub(from, 1),
            given: parts.text(from + 1),
            middle: parts.text(from + 2),
            suffix: parts.text(from + 3),
            prefix: parts.text(from + 4),
        };
        (found != PersonName::default()).then_some(found)
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>, from: usize) {
        let parts = [&self.family, &self.given, &self.middle, &self.suffix, &self.prefix];
        for (at, part) in parts.into_iter().enumerate() {
            out.text(from + at, part);
        }
    }

    /// As DICOM writes it: family, given, middle, prefix, suffix (PS3.5 section 6.2.1).
    pub fn dicom(&self) -> String {
        let parts = [&self.family, &self.given, &self.middle, &self.prefix, &self.suffix];
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.as_deref().unwrap_or_default()).collect();
        parts.join("^").trim_end_matches('^').to_string()
    }
}

impl Clinician {
    pub(crate) fn read(parts: &Parts) -> Option<Clinician> {
        let name = PersonName::read(parts, 2).unwrap_or_default();
        let found = Clinician { id: parts.text(1), name };
        (found != Clinician::default()).then_some(found)
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>) {
        out.text(1, &self.id);
        self.name.write(out, 2);
    }
}

impl Location {
    pub(crate) fn read(parts: &Parts) -> Option<Location> {
        let found = Location {
            point_of_care: parts.text(1),
            room: parts.text(2),
            bed: parts.text(3),
            facility: parts.sub(4, 1),
            building: parts.text(7),
            floor: parts.text(8),
        };
        (found != Location::default()).then_some(found)
    }

    pub(crate) fn write(&self, out: &mut Encoded<'_>) {
        out.text(1, &self.point_of_care);
        out.text(2, &self.room);
        out.text(3, &self.bed);
        out.text(4, &self.facility);
        out.text(7, &self.building);
        out.text(8, &self.floor);
    }
}
