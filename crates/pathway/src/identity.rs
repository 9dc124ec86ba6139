//! Who a visit is about and who acts in it: patient, episode, visit, actor,
//! command. All ids come from outside and are opaque.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::closed_list::closed_list;

/// Most bytes of an id.
pub const ID_MAX: usize = 64;
/// Most characters of a text that a person wrote.
pub const TEXT_MAX: usize = 2_000;

/// Why an id or a text is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

macro_rules! opaque_id {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an id of 1 to [`ID_MAX`] printable ASCII characters without blanks.
            ///
            /// # Errors
            /// One sentence.
            pub fn new(id: impl Into<String>) -> Result<$name, Malformed> {
                let id = id.into();
                let fits = !id.is_empty() && id.len() <= ID_MAX;
                if fits && id.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Ok($name(id));
                }
                let what = stringify!($name);
                Err(Malformed(format!("{what}: 1 to {ID_MAX} characters, letters, digits, signs")))
            }

            /// An id that is a number, which always fits.
            pub fn of_number(number: u64) -> $name {
                $name(number.to_string())
            }

            /// The id as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(id: String) -> Result<$name, Malformed> {
                $name::new(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// A person, across all episodes.
    PatientId
);
opaque_id!(
    /// One episode of back pain: a visit, its return, its check-ins.
    EpisodeId
);
opaque_id!(
    /// One encounter in one department, one stream of events.
    VisitId
);
opaque_id!(
    /// A member of staff, by staff number or account.
    ActorId
);
opaque_id!(
    /// One command. The same id twice is one command (it is applied once).
    CommandId
);

/// A text that a person wrote: 1 to [`TEXT_MAX`] characters, no control
/// characters but line ends and tabs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// Takes a text, without the blanks around it.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(text: impl Into<String>) -> Result<Text, Malformed> {
        let text = text.into().trim().to_string();
        let steers = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\t');
        if text.is_empty() {
            return Err(Malformed("a few words are needed".into()));
        }
        if text.chars().count() > TEXT_MAX || text.chars().any(steers) {
            return Err(Malformed(format!(
                "at most {TEXT_MAX} characters, without control characters"
            )));
        }
        Ok(Text(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Text {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Text, Malformed> {
        Text::new(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        text.0
    }
}

closed_list! {
    /// What a person is in the department (CR24).
    StaffRole {
        Clerk = "clerk",
        FollowUpNurse = "follow-up nurse",
        TriageNurse = "triage nurse",
        BedsideNurse = "bedside nurse",
        MriCoordinator = "MRI coordinator",
        Radiologist = "radiologist",
        Physician = "physician",
        SpinalSurgeon = "spinal surgeon on call",
        SeniorPhysician = "senior physician",
        System = "system",
    }
}

impl StaffRole {
    /// A doctor of any kind.
    pub fn is_physician(self) -> bool {
        matches!(
            self,
            StaffRole::Physician
                | StaffRole::SeniorPhysician
                | StaffRole::SpinalSurgeon
                | StaffRole::Radiologist
        )
    }

    /// Who may order, discharge and confirm: a doctor at the bedside (CR9).
    pub fn treats(self) -> bool {
        self.is_physician() && self != StaffRole::Radiologist
    }

    /// A nurse of any kind.
    pub fn is_nurse(self) -> bool {
        matches!(self, StaffRole::TriageNurse | StaffRole::BedsideNurse | StaffRole::FollowUpNurse)
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Which person.
    pub id: ActorId,
    /// As what.
    pub role: StaffRole,
}

impl Actor {
    /// What the program itself writes down: decisions, tasks, time.
    pub fn system() -> Actor {
        Actor { id: ActorId("cauda".into()), role: StaffRole::System }
    }
}

/// Which patient, episode and visit a stream is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The person.
    pub patient: PatientId,
    /// The episode; a return belongs to the same one.
    pub episode: EpisodeId,
    /// The encounter.
    pub visit: VisitId,
}
