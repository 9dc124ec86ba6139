//! The one gate through which Cauda asks other machines.
//!
//! An address is a [`Place`], written in the settings or compared with one that is; a [`Client`]
//! asks it once, on a connection of its own. There are no redirects, proxies, cookies or pools,
//! and all that is read has a limit. A client that is kept within a [`Reach`] goes to no address
//! outside of it, whatever a name leads to.

mod client;
mod error;
pub mod files;
mod place;
mod reach;
mod trust;
pub mod wire;

pub use client::{Answer, Client};
pub use error::{Fault, OutboundError};
pub use hyper::body::Bytes;
pub use hyper::http;
pub use place::Place;
pub use reach::{Looking, Names, Reach, system_names};
pub use trust::Trust;
