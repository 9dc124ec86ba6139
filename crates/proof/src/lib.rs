//! Safety properties of a guideline, proved or refuted with a patient.
//!
//! The compiled graph of `cauda-guideline`, the very one that decides, becomes
//! a circuit of which a SAT solver is asked for a patient that breaks a
//! property (`properties/`, one file a sentence). No such patient: proved. One
//! found: it is shrunk to the few facts that matter and told as a story.
//!
//! [`Proved`] is the only way to a guideline that may be used (E13).

pub mod answers;
pub mod circuit;
pub mod counterexample;
pub mod diagram;
pub mod difference;
pub mod encode;
pub mod exactness;
pub mod mutation;
pub mod population;
pub mod properties;
pub mod proved;
pub mod random;
pub mod reading;
pub mod reference;
pub mod refinement;
pub mod shares;
pub mod single;
pub mod solver;
pub mod space;

pub use proved::{
    Counterexamples, Effort, PROPERTY_SET, Proved, Receipt, Report, accept, check_all, prove,
};
