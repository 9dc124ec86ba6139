//! The one way out that a department has chosen.

use std::sync::Arc;

use crate::{Fault, Message, Outcome, PostError, Smtp, Webhook};

/// Seconds since 1970 UTC, handed in so that tests bring their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The one way out that a department has chosen.
#[derive(Debug)]
pub enum Channel {
    /// To a mail server.
    Smtp(Smtp),
    /// To a program of the house, which passes it on.
    Webhook(Webhook),
}

impl Channel {
    /// Tries once to send; whether and when it is tried again is the caller's.
    pub async fn send(&self, message: &Message) -> Outcome {
        match self {
            Channel::Smtp(smtp) => smtp.send(message).await,
            Channel::Webhook(webhook) => webhook.send(message).await,
        }
    }

    /// Whether it could be sent: reaches the other side, encrypts the line, and logs in to a mail
    /// server. Sends nothing; a webhook is not asked whether it knows the secret.
    ///
    /// # Errors
    /// [`PostError::Fault`].
    pub async fn check(&self) -> Result<(), PostError> {
        let checked: Result<(), Fault> = match self {
            Channel::Smtp(smtp) => smtp.check().await,
            Channel::Webhook(webhook) => webhook.check().await,
        };
        checked.map_err(PostError::Fault)
    }
}
