//! The pages of the EHR: plain HTML from the server, without a script.

pub(crate) mod app;
pub(crate) mod cards;
pub(crate) mod chart;
pub(crate) mod frame;
pub(crate) mod markdown;
pub(crate) mod order;
pub(crate) mod patients;
pub(crate) mod pick;
pub(crate) mod routes;
pub(crate) mod traffic;
