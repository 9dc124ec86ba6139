//! What EHRs ask over HTTP. None of it is reached by a session of staff: CDS Hooks and FHIR by a
//! signed token of a registered EHR, the app by a launch that such an EHR began.

pub(super) mod app;
pub(super) mod calling;
pub(super) mod discovery;
pub(super) mod feedback;
pub(super) mod fhir;
mod gathering;
pub(super) mod launch;
pub(super) mod orders;
pub(super) mod service;
pub(super) mod source;
mod whose;
