//! All that an answer hangs on, gathered by the server.

use cauda_guideline::Guideline;
use cauda_guideline::decision::Decision;
use serde::{Deserialize, Serialize};

use crate::codes::Codes;
use crate::hook::Hook;
use crate::order::{Matter, Order};

/// What a card is about, which is also its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something is suspected that cannot wait, and the order is too little for it.
    Danger,
    /// Something is suspected that cannot wait, and an order for the back has a code that is not
    /// in the table.
    NotRecognised,
    /// Something is suspected that cannot wait, and no picture of the spine comes first.
    OtherFirst,
    /// Something is suspected that cannot wait, and the patient is about to leave.
    Leaving,
    /// The order is for another picture than the guideline asks for.
    OtherPicture,
    /// The guideline asks for no picture of the spine.
    NotIndicated,
    /// The disposition is to stay, and the patient is about to leave.
    Stays,
    /// It cannot be decided yet.
    Questions,
    /// The patient is outside the guideline.
    Outside,
    /// The guideline contradicts itself; a clinician has to look.
    Review,
    /// The record says that the patient has died.
    Deceased,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 11] = [
        Kind::Danger,
        Kind::NotRecognised,
        Kind::OtherFirst,
        Kind::Leaving,
        Kind::OtherPicture,
        Kind::NotIndicated,
        Kind::Stays,
        Kind::Questions,
        Kind::Outside,
        Kind::Review,
        Kind::Deceased,
    ];

    /// Its code and display as a topic.
    pub fn topic(self) -> (&'static str, &'static str) {
        match self {
            Kind::Danger => ("order-too-little", "The order is too little"),
            Kind::NotRecognised => ("order-not-recognised", "The code of the order is not known"),
            Kind::OtherFirst => ("other-first", "Something else comes first"),
            Kind::Leaving => ("must-not-leave", "The patient must not leave yet"),
            Kind::OtherPicture => ("other-picture", "Another picture is recommended"),
            Kind::NotIndicated => ("not-indicated", "No picture is recommended"),
            Kind::Stays => ("stays", "The patient is to stay"),
            Kind::Questions => ("questions", "Cannot decide yet"),
            Kind::Outside => ("outside-guideline", "Outside the guideline"),
            Kind::Review => ("clinician-review", "A clinician has to review"),
            Kind::Deceased => ("deceased", "The record says that the patient has died"),
        }
    }

    /// Whether silence could harm: it is told however often it has been told before, whoever
    /// orders, and for whatever reason.
    pub fn is_never_silenced(self) -> bool {
        matches!(self, Kind::Danger | Kind::Leaving | Kind::Deceased)
    }
}

/// What a card is answered from. All texts of a patient in it are escaped on the card.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// What happened.
    pub hook: Hook,
    /// Id of the patient in the EHR.
    pub patient: &'a str,
    /// Id of the encounter in the EHR.
    pub encounter: Option<&'a str>,
    /// Draft orders and those placed before, [`crate::HookRequest::orders`].
    pub orders: &'a [Order<'a>],
    /// What the visit is about, of all the server knows: a visit of Cauda, the reason of the
    /// encounter. The reasons of an order are looked at beside it.
    pub matter: Matter,
    /// The table of codes.
    pub codes: &'a Codes,
    /// The guideline that decided.
    pub guideline: &'a Guideline,
    /// What it decided, `guideline::decision::explain`.
    pub decision: &'a Decision,
    /// Facts that were read, each with its time and source.
    pub used: &'a [UsedFact],
    /// What was sent and not used, with the reason.
    pub ignored: &'a [IgnoredFact],
    /// Diagnoses of the chart that say nothing to the guideline, those that may matter first.
    pub unlisted: &'a [UnlistedDiagnosis],
    /// Whether the patient may be pregnant, for a picture that uses radiation.
    pub pregnancy: Pregnancy,
    /// Keys of the prefetch that were neither sent nor fetched.
    pub not_supplied: &'a [&'a str],
    /// Why nothing that rests on what was sent may reassure, in words: several patients in it, a
    /// diagnosis that a clinician must see first. With one of these it counts as undecided.
    pub blocks: &'a [&'a str],
    /// Diagnoses of the chart that a clinician must see first, each in words.
    pub alarms: &'a [String],
    /// When the danger signs were last screened in Cauda in this visit, as a text; `None` if not.
    pub screened: Option<&'a str>,
    /// A spinal or oncology service orders.
    pub by_specialist: bool,
    /// Under 18; `None` if the age is unknown, which never counts as adult.
    pub is_child: Option<bool>,
    /// The record says that the patient has died.
    pub is_deceased: bool,
    /// Cards of this encounter so far.
    pub earlier: &'a [Earlier],
    /// The client wants orders rated (PAMA).
    pub rating: Option<Rating<'a>>,
    /// Where links lead.
    pub links: Links<'a>,
    /// Base of the addresses of Cauda's own code systems, without `/` at its end.
    pub base: &'a str,
}

/// A fact that the decision rests on or that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedFact {
    /// Its id; empty for a diagnosis that no finding can say.
    pub fact: String,
    /// Its name for staff.
    pub name: String,
    /// Its value as measured, in words: `38.9 °C`.
    pub value: String,
    /// What of it counts, as a decision shows it, where that is only its dangerous side:
    /// `≥ 38.9 Cel`.
    pub counted: Option<String>,
    /// When it was true, as a text; `None` if nobody says.
    pub at: Option<String>,
    /// Where it is from, `Observation/123` or a role.
    pub by: String,
}

/// Something that was sent and not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredFact {
    /// What, `Observation/123`.
    pub what: String,
    /// Why, in words.
    pub why: String,
}

/// A diagnosis of the chart that says nothing to the guideline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlistedDiagnosis {
    /// Its name as the EHR has it.
    pub label: String,
    /// It may stand for something the guideline looks for.
    pub may_matter: bool,
}

/// What is known of a pregnancy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pregnancy {
    /// Told or tested as none, or sex or age rule it out.
    No,
    /// Nobody has said.
    NotKnown,
    /// Pregnant, or could be.
    Possible,
}

/// A card of the same encounter, as the server recorded it from [`crate::Response::shown`] and
/// from the feedback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What it was about.
    pub kind: Kind,
    /// The order it was about, `ServiceRequest/123`.
    pub order: Option<String>,
    /// `Decision::facts_sha256` it was made from.
    pub facts_sha256: String,
    /// Somebody accepted or overrode it.
    pub answered: bool,
}

/// The rating that a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating<'a> {
    /// Identifier of the mechanism that is consulted, as the site gives it.
    pub consulted: &'a str,
}

/// Where links lead. All are absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Links<'a> {
    /// The open screen of Cauda, by SMART launch.
    pub launch: Option<Launch<'a>>,
    /// The guideline's page, the same for every patient.
    pub guideline: &'a str,
    /// An icon of 100 by 100 pixels.
    pub icon: Option<&'a str>,
}

/// A SMART launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    /// Address that the launch begins at.
    pub url: &'a str,
    /// A handle that says nothing by itself; the server knows what it stands for.
    pub handle: &'a str,
}
