//! CDS Hooks without the HTTP: what is listed, what is asked, what is answered, what is told back.
//!
//! [CDS Hooks 2.0](https://cds-hooks.hl7.org/2.0/), with the fields that 3.0 adds where an older
//! client may ignore them. `R83` in a comment is row 83 of the requirements of 2.0 as the Da Vinci
//! CRD test kit numbers them. The rating follows the Argonaut guide for PAMA.
//!
//! Pure: no file, clock, network, thread or randomness. A [`HookRequest`] is read from JSON, the
//! server decides with the guideline, and [`answer`] turns a [`Situation`] into a [`Response`].
//! Nothing clinical is decided here: what is urgent, asked or scanned stands in the
//! [`cauda_guideline::decision::Decision`]; this crate only compares it with the order.

mod answer;
mod authorization;
mod card;
mod claim;
mod code_systems;
mod codes;
mod detail;
mod discovery;
mod error;
mod feedback;
mod fit;
mod headline;
mod hook;
mod known;
mod markdown;
mod open;
mod order;
mod outcome;
mod prefetch;
mod radiation;
mod rating;
mod reasons;
mod request;
mod situation;
mod suggest;
mod summary;

pub use answer::answer;
pub use authorization::{Authorization, Secret};
pub use card::{
    Action, ActionType, Card, Coding, Indicator, Link, LinkType, Response, Selection, ShownCard,
    Source, Suggestion,
};
pub use code_systems::{TOPIC_SYSTEM, code_systems};
pub use codes::{Codes, CodesError, Contrast, Modality, Need, Ordered, Region};
pub use discovery::{Settings, discovery};
pub use error::RequestError;
pub use feedback::{
    COMMENT_MAX, Feedback, FeedbackItem, ITEMS_MAX, Outcome, OverrideReason, read_feedback,
};
pub use fit::{Fit, Gap};
pub use hook::{Hook, IMAGING, Service, VISIT};
pub use markdown::escape;
pub use order::{Matter, ORDERS_MAX, Order};
pub use outcome::operation_outcome;
pub use prefetch::{KEYS, MissingData, precondition_failed, templates};
pub use radiation::radiation;
pub use rating::{CONSULT_ID, QCDSM, RATING};
pub use reasons::{HL7_REASONS, OVERRIDE_SYSTEM, override_reasons};
pub use request::{Context, HookRequest};
pub use situation::{
    Earlier, IgnoredFact, Kind, Launch, Links, Pregnancy, Rating, Situation, UnlistedDiagnosis,
    UsedFact,
};
pub use summary::SUMMARY_MAX;
