//! Pages that people read: view model in, markup out.
//!
//! Pure: no file, clock, network, thread or randomness. The same guideline and
//! the same proofs give the same bytes. Text is escaped by maud, so a title
//! may hold any character; no page holds a script or an inline style, and no
//! page asks another host for anything.

mod blocks;
mod chart;
mod document;
pub mod ehr;
pub mod patient;
mod publication;
mod source_attributes;
pub mod staff;

pub use publication::{
    Changes, Direction, FILES_MAX, Kind, MANIFEST, PAGE_BYTES_MAX, Piece, Proofs, Publication,
    TooLarge, publication,
};
pub use source_attributes::{SourceAttribute, source_attributes, source_attributes_json};
