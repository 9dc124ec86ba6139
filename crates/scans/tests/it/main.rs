//! The scan list: what may be done with an order, and that none is lost.
#![allow(clippy::unwrap_used, missing_docs)]

mod acting;
mod nobody_is_lost;
mod numbers;
mod world;
