//! A real server on a real record, asked over HTTP as a browser asks.
#![allow(clippy::unwrap_used, missing_docs)]

mod access;
mod browser;
mod canary;
mod check;
mod day;
mod downtime;
mod ehr;
mod ehr_app;
mod ehr_chaos;
mod ehr_fhir;
mod ehr_hooks;
mod ehr_midnight;
mod ehr_orders;
mod ehr_rows;
mod ehr_sense;
mod encrypted;
mod glass;
mod hl7;
mod hl7_out;
mod home;
mod house;
#[allow(dead_code)]
#[path = "../../../sign-on/tests/it/issuer.rs"]
mod issuer;
mod killed;
mod languages;
mod letter;
mod links;
mod live;
mod mail;
mod merge;
mod mri;
mod mri_table;
mod passwords;
#[allow(dead_code)]
#[path = "../../../store/tests/it/server.rs"]
mod postgres;
mod privacy;
mod saved;
mod sheet;
mod sign_on;
#[allow(dead_code)]
#[path = "../../../sign-on/tests/it/signer.rs"]
mod signer;
mod starting;
mod told_to;
mod two_servers;
