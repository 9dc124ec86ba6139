//! Signing in at an issuer of our own, on a free port, that can be told to misbehave.
#![allow(clippy::unwrap_used, missing_docs)]

mod answers;
mod arriving;
mod desk;
mod documents;
mod forgery;
mod issuer;
mod people;
mod rotation;
mod settings;
mod signer;
mod tokens;
mod wire;
