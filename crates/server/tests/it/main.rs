//! A real server on a real record, asked over HTTP as a browser asks.
#![allow(clippy::unwrap_used, missing_docs)]

mod access;
mod browser;
mod canary;
mod check;
mod day;
mod downtime;
mod encrypted;
mod home;
mod house;
mod killed;
mod languages;
mod letter;
mod links;
mod live;
mod mail;
mod passwords;
#[allow(dead_code)]
#[path = "../../../store/tests/it/server.rs"]
mod postgres;
mod saved;
mod sheet;
mod starting;
mod two_servers;
