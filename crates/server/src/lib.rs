//! The department over HTTP: accounts, sessions, staff pages, live changes.
//!
//! A request goes through `web`: who is it, may they, then the page's own handler reads, decides,
//! records, replies. The visits it shows are in `department`, always as the record has them.

pub mod access;
pub mod accounts;
pub mod audit;
pub mod audit_events;
pub mod clock;
mod config;
mod demo;
pub mod department;
pub mod ehr;
mod error;
mod following;
pub mod glass;
pub mod hl7;
pub mod ids;
mod languages;
pub mod links;
mod listening;
mod looked;
pub mod notes;
pub mod outbox;
pub mod passing;
pub mod scans;
mod server;
pub mod sessions;
pub mod streams;
pub mod subject;
mod tls;
pub mod web;

pub use config::Config;
pub use error::ServerError;
pub use looked::{Looked, Part};
pub use server::Server;
