//! What can go wrong. No text of it holds an address, a message or a secret.

use std::path::PathBuf;

use cauda_outbound::OutboundError;
use thiserror::Error;

/// An error before a message is sent: of what was typed, set or found in a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PostError {
    /// This is no address. One sentence for whoever typed it.
    #[error("{0}")]
    Address(&'static str),
    /// This is no message.
    #[error("{0}")]
    Message(&'static str),
    /// A setting cannot be used.
    #[error("{name}: {what}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// A file cannot be used.
    #[error("{path}: {what}")]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: &'static str,
    },
    /// The other side was asked and is not ready.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Name not found, or nobody answers.
    #[error("it cannot be reached")]
    Away,
    /// The time was up. The message may have arrived all the same.
    #[error("it did not answer in time")]
    Slow,
    /// The line broke. The message may have arrived all the same.
    #[error("the line broke")]
    Cut,
    /// No encrypted line came about.
    #[error("no encrypted line came about; look at its certificate and at the authority trusted")]
    Encryption,
    /// STARTTLS is insisted on, and not offered.
    #[error("it offers no STARTTLS, and nothing is sent unencrypted")]
    NoStartTls,
    /// The login was refused, or nothing can be logged in to.
    #[error("it refuses the login")]
    Login,
    /// The mail server will not talk to us or take messages from this sender.
    #[error("the mail server refuses this sender with {0}")]
    Sender(u16),
    /// The mail server's answer for this recipient or this message.
    #[error("the mail server answered {0}")]
    Smtp(u16),
    /// The webhook's answer.
    #[error("the webhook answered {0}")]
    Http(u16),
    /// What came back is no SMTP and no HTTP.
    #[error("it hung up, or its answer cannot be understood")]
    Nonsense,
    /// A telephone number was given to the mail server.
    #[error("mail goes to e-mail addresses only")]
    NotByMail,
    /// The message cannot be written down as the protocol wants it.
    #[error("the message cannot be written in the form that is sent")]
    Unwritable,
}

impl From<OutboundError> for PostError {
    fn from(error: OutboundError) -> PostError {
        match error {
            OutboundError::Setting { name, what } => PostError::Setting { name, what },
            OutboundError::File { path, what } => PostError::File { path, what },
        }
    }
}

impl From<cauda_outbound::Fault> for Fault {
    fn from(fault: cauda_outbound::Fault) -> Fault {
        match fault {
            cauda_outbound::Fault::Away | cauda_outbound::Fault::Forbidden => Fault::Away,
            cauda_outbound::Fault::Slow => Fault::Slow,
            cauda_outbound::Fault::Cut => Fault::Cut,
            cauda_outbound::Fault::Encryption => Fault::Encryption,
            cauda_outbound::Fault::Nonsense | cauda_outbound::Fault::Large => Fault::Nonsense,
        }
    }
}
