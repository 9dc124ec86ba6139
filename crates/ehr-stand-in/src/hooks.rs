//! A CDS Hooks 2.0 client: discovery, signed calls with prefetch, cards, feedback.

pub(crate) mod ask;
pub(crate) mod call;
pub(crate) mod card;
pub(crate) mod discovery;
pub(crate) mod feedback;
pub(crate) mod prefetch;
pub(crate) mod rating;
pub(crate) mod suggestion;
