//! Words for patients: complete, current, plain, and offered only when somebody has checked them.

mod files;
mod guidelines;
mod offered;
mod plain;
mod read;
