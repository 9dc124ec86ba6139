//! Words for patients: complete, current, plain, and offered only when somebody has checked them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod files;
mod guidelines;
mod offered;
mod plain;
mod read;
