//! How messages to patients leave: the part `[messages]` of the file of settings. Passwords and
//! secrets stand in files of their own, never here and never on the command line.

use std::path::PathBuf;

use cauda_post::{Email, Encryption, PostError, Quiet, SmtpSettings, WebhookSettings};
use cauda_server::outbox::Messages;
use serde::Deserialize;

use crate::error::CliError;

/// The part of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    quiet: Option<String>,
    smtp: Option<SmtpPart>,
    webhook: Option<WebhookPart>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpPart {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    encryption: Encrypted,
    from: String,
    from_name: Option<String>,
    login: Option<PathBuf>,
    authority: Option<PathBuf>,
    unsubscribe: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookPart {
    url: String,
    secret: PathBuf,
    authority: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encrypted {
    #[default]
    Starttls,
    Tls,
    None,
}

/// As the server takes them.
///
/// # Errors
/// What cannot be used, and how to mend it.
pub fn read(settings: Settings) -> Result<Messages, CliError> {
    let wrong = |part: &'static str| {
        move |error: PostError| CliError::Argument {
            message: format!("[messages{part}]: {error}"),
            help: "docs/operations.md shows the part [messages] of the settings".into(),
        }
    };
    let quiet = settings.quiet.as_deref().map(Quiet::parse).transpose().map_err(wrong(""))?;
    let smtp = settings.smtp.map(|part| {
        let from = Email::parse(&part.from)?;
        Ok(SmtpSettings {
            port: part.port,
            encryption: match part.encryption {
                Encrypted::Starttls => Encryption::StartTls,
                Encrypted::Tls => Encryption::Tls,
                Encrypted::None => Encryption::None,
            },
            from_name: part.from_name,
            login: part.login,
            authority: part.authority,
            unsubscribe: part.unsubscribe,
            ..SmtpSettings::new(&part.host, from)
        })
    });
    let webhook = settings.webhook.map(|part| WebhookSettings {
        authority: part.authority,
        ..WebhookSettings::new(&part.url, part.secret)
    });
    Ok(Messages { smtp: smtp.transpose().map_err(wrong(".smtp"))?, webhook, quiet })
}
