//! Messages against a real mail server, aiosmtpd in Python, and a real web server. A machine
//! without the mail server fails; `tests/smtp/install` makes it.
#![allow(clippy::unwrap_used, missing_docs)]

mod addresses;
mod hook;
mod house;
mod letter;
mod login;
mod mail_server;
mod refused;
mod trouble;
mod trying;
mod web_server;
