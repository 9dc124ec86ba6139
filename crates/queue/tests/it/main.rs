//! The queue's rules, its forecast, and its waits against what queueing theory says.

#![allow(clippy::unwrap_used, missing_docs)]

mod breaching;
mod chance;
mod choosing;
mod conservation;
mod day;
mod deciding;
mod department;
mod driver;
mod formulas;
mod hostile;
mod looking;
mod naive;
mod ordering;
mod planning;
mod reductions;
mod speed;
mod starving;
mod waits;
