//! FHIR R4 resources (4.0.1) as they come: read tolerantly, with limits, nothing guessed.
//!
//! Pure: no file, clock, network, thread or randomness. [`read`] turns bytes into JSON of bounded
//! depth in which no name stands twice. [`Resource`] looks at one resource and never fails: what
//! is missing or of another shape is `None` or empty, and the caller has to treat that as unknown.
//! [`Supplied`] holds the four states of a prefetched value (CDS Hooks), of which none means "no".

mod moment;
mod quantity;
mod read;
mod resource;
mod supplied;

pub use moment::Moment;
pub use quantity::{Comparator, Quantity};
pub use read::{BYTES_MAX, DEPTH_MAX, ReadError, read, read_within};
pub use resource::{Coding, ENTRIES_MAX, Reference, Resource};
pub use supplied::Supplied;
