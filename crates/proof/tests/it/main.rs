//! What the proofs promise: the shipped guideline holds, planted defects are
//! found and told as a patient, and engines and solvers agree.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod circuit;
mod codes;
mod defects;
mod difference;
mod engines;
mod exactness;
mod mutation;
mod options;
mod planted;
mod population;
mod shares;
mod shipped;
mod small;
