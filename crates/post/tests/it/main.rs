//! Messages, before any of them is sent.
#![allow(clippy::unwrap_used, missing_docs)]

mod addresses;
mod trying;
