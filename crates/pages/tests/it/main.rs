//! The publication as files: complete, well formed, escaped, linked.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod attributes;
mod beyond_the_verdict;
mod charts;
mod escaping;
mod form;
mod guidelines;
mod html;
mod languages;
mod links;
mod parts;
mod patient;
mod structure;
