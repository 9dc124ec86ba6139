//! Calls of an EHR at a fixed rate.
fn main() {}
