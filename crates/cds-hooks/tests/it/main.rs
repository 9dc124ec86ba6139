//! CDS Hooks, row by row of the requirements, and over whatever JSON and patients there may be.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]
