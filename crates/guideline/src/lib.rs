//! The back-pain guideline: pages and facts in, decisions with reasons out.
//!
//! Pure: no file, clock, network, thread or randomness. Data flows one way:
//! `load` reads a folder of Markdown pages and TOML facts into a [`Guideline`]
//! with its compiled [`program::Program`]; `visit` and `resolve` turn what
//! people entered, with its times and units, into [`resolve::Findings`];
//! `decide` answers; `explain`, `ask` and `change` say why, what is missing and
//! what would alter the answer.

pub mod ask;
pub mod attestation;
pub mod batch;
pub mod cases;
pub mod change;
mod checks;
mod compile;
pub mod decide;
pub mod decimal;
pub mod decision;
pub mod diagnostic;
pub mod explain;
pub mod facts;
mod guideline;
mod load;
pub mod page;
pub mod program;
pub mod reading;
pub mod resolve;
pub mod site;
pub mod time;
pub mod units;
pub mod visit;
pub mod vocabulary;

pub use guideline::{FILE_BYTES_MAX, FILES_MAX, FOLDER_BYTES_MAX, Folder, Guideline, LoadedPage};
pub use load::{load, load_changed, load_checked};

/// Version of the engine. Decisions are bit-equal for the same one (E12).
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
