//! The record against real databases. Every test of the record runs on a SQLite file and on a
//! PostgreSQL server that this program starts; a machine without PostgreSQL fails.
#![allow(clippy::unwrap_used, missing_docs)]

/// Runs each test, an `async fn test(home: Home)`, on both databases.
macro_rules! on_both {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { crate::home::on(crate::home::sqlite(), super::$test); })*
        }
        mod postgres {
            $(#[test] fn $test() { crate::home::on(crate::home::postgres(), super::$test); })*
        }
    };
}

mod append;
mod crash;
mod cut;
mod erase;
mod existing;
mod export;
mod gone;
mod home;
mod keys;
mod live;
mod merkle;
mod migrate;
mod notes;
mod proofs;
mod random;
mod server;
mod verify;
