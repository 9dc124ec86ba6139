//! What Cauda answers as a FHIR R4 server (4.0.1): questionnaires, plans, decided visits. Pure.
//!
//! In go the guideline, its decision or a response of a form, and [`About`]: whom it concerns and
//! when. Out come resources as JSON. No clock, no chance: the same input gives the same bytes.
//!
//! INVARIANT: what is unknown leaves here as unknown or not at all, never as absent or as false.
//! INVARIANT: what is not decided is never `success`.
//! INVARIANT: a code is LOINC where the guideline names one, else our own under the site's address.

mod about;
mod answer;
mod answered;
mod base;
mod capability;
mod decided;
mod error;
mod evidence;
mod extract;
mod form;
mod guidance;
mod id;
mod next_question;
mod observation;
mod ordered;
mod outcome;
mod parameters;
mod plan;
mod populate;
mod priority;
mod provenance;
mod request;
mod task;

pub use about::About;
pub use answered::{Answered, Read, entries_of, findings_of_response};
pub use base::{Base, version};
pub use capability::{Readable, capability_statement};
pub use decided::decided_visit_bundle;
pub use error::ServiceError;
pub use evidence::documentation;
pub use extract::{Extracted, extract};
pub use form::{Audience, Form, code_systems, questionnaire};
pub use guidance::guidance_response;
pub use next_question::{Asking, Next, next_question};
pub use observation::observations;
pub use ordered::{
    BETWEEN, Coded, Gender, Ordered, Standing, Urgency, When, Wish, ordered, standing_order,
};
pub use outcome::{Issue, Severity, operation_outcome};
pub use parameters::{form_of, parameters, part, subject_of};
pub use plan::{apply, request_group};
pub use populate::{Found, Populated, populate};
pub use priority::{of_decision as priority_of_decision, of_tier as priority_of_tier};
pub use provenance::provenance;
pub use request::{Intent, service_request};
pub use task::{Owner, task};
