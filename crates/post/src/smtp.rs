//! Mail by SMTP (RFC 5321): one connection a message, encrypted before anything is said.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cauda_outbound::files::{self, wrong};
use cauda_outbound::wire::{self, Stream};
use cauda_outbound::{OutboundError, Trust};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::{Error, extension::ClientId};
use rustls::ClientConfig;
use tokio::time::timeout;

use crate::line::{MailLine, starttls};
use crate::mail::{self, Head};
use crate::trying::{MailStep, by_mail};
use crate::{Address, Clock, Email, Fault, Message, Outcome, PostError};

/// Ports for submission, by STARTTLS and encrypted from the first byte (RFC 8314).
const STARTTLS_PORT: u16 = 587;
const TLS_PORT: u16 = 465;
/// The port of a mail server on this machine.
const PLAIN_PORT: u16 = 25;
/// Ways to log in; the line is encrypted by then.
const MECHANISMS: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];

/// Most bytes read of one connection. Few, because lettre reads an answer of many lines anew at
/// every line.
const READ_BYTES_MAX: usize = 32_768;

/// How the line is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// By STARTTLS, which is insisted on.
    #[default]
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all, and only to an address of this machine such as 127.0.0.1.
    None,
}

/// Where mail is handed over.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The mail server, by its name or number.
    pub host: String,
    /// Its port; without one 587, 465 or 25, by the encryption.
    pub port: Option<u16>,
    /// How the line is encrypted.
    pub encryption: Encryption,
    /// Who sends.
    pub from: Email,
    /// The name beside it.
    pub from_name: Option<String>,
    /// A file whose first line is the name to log in with, its second the password.
    pub login: Option<PathBuf>,
    /// A file with the only authorities to believe, in PEM; without one the public ones.
    pub authority: Option<PathBuf>,
    /// Where a recipient says that they want no more: `https://…` or `mailto:…`.
    pub unsubscribe: Option<String>,
    /// How long reaching the server may take, and handing over again.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// The safe ones: STARTTLS, public authorities, no login, 30 seconds.
    pub fn new(host: &str, from: Email) -> SmtpSettings {
        SmtpSettings {
            host: host.to_string(),
            port: None,
            encryption: Encryption::default(),
            from,
            from_name: None,
            login: None,
            authority: None,
            unsubscribe: None,
            timeout: Duration::from_secs(wire::TIMEOUT_SECONDS),
        }
    }
}

/// A mail server, ready to be handed messages.
pub struct Smtp {
    host: String,
    port: u16,
    line: Line,
    login: Option<Credentials>,
    head: Head,
    hello: ClientId,
    timeout: Duration,
    clock: Clock,
}

enum Line {
    StartTls(TlsParameters),
    Tls(Arc<ClientConfig>),
    Plain,
}

impl Smtp {
    /// Reads the files and connects to nothing.
    ///
    /// # Errors
    /// [`PostError::Setting`], [`PostError::File`].
    pub fn open(settings: &SmtpSettings, clock: Clock) -> Result<Smtp, PostError> {
        wire::check_host("mail server", &settings.host)?;
        if settings.encryption == Encryption::None && !wire::is_loopback(&settings.host) {
            let what = "only an address of this machine such as 127.0.0.1 goes unencrypted";
            return Err(PostError::Setting { name: "mail server", what });
        }
        let trust = Trust::read(settings.authority.as_deref())?;
        let (line, port) = match settings.encryption {
            Encryption::StartTls => {
                (Line::StartTls(starttls(&trust, &settings.host)?), STARTTLS_PORT)
            }
            Encryption::Tls => (Line::Tls(trust.client().map_err(Fault::from)?), TLS_PORT),
            Encryption::None => (Line::Plain, PLAIN_PORT),
        };
        let (name, unsubscribe) = (settings.from_name.as_deref(), settings.unsubscribe.as_deref());
        Ok(Smtp {
            host: settings.host.clone(),
            port: settings.port.unwrap_or(port),
            line,
            login: settings.login.as_deref().map(login).transpose()?,
            head: Head::new(&settings.from, name, unsubscribe)?,
            hello: ClientId::Domain(settings.from.domain().to_string()),
            timeout: settings.timeout,
            clock,
        })
    }

    /// Tries once to hand a message over.
    pub async fn send(&self, message: &Message) -> Outcome {
        let Address::Email(email) = message.to() else {
            return Outcome::Never { what: Fault::NotByMail };
        };
        let written = mail::address(email).and_then(|to| {
            self.head.write(message, to.clone(), (self.clock)()).map(|mail| (to, mail))
        });
        let (to, mail) = match written {
            Ok(written) => written,
            Err(what) => return Outcome::Never { what },
        };
        let mut connection = match self.reach().await {
            Ok(connection) => connection,
            Err(what) => return Outcome::later(what),
        };
        let handed = self.hand_over(&mut connection, to, &mail);
        match timeout(self.timeout, handed).await {
            Err(_) => Outcome::later(Fault::Slow),
            Ok(outcome) => {
                leave(connection).await;
                outcome
            }
        }
    }

    /// Reaches the server, encrypts, logs in, and leaves.
    ///
    /// # Errors
    /// Why that failed.
    pub async fn check(&self) -> Result<(), Fault> {
        leave(self.reach().await?).await;
        Ok(())
    }

    async fn reach(&self) -> Result<AsyncSmtpConnection, Fault> {
        timeout(self.timeout, self.greet()).await.unwrap_or(Err(Fault::Slow))
    }

    async fn greet(&self) -> Result<AsyncSmtpConnection, Fault> {
        let wire = wire::dial(&self.host, self.port, READ_BYTES_MAX).await?;
        let stream = match &self.line {
            Line::Tls(config) => wire::encrypt(wire, &self.host, config).await?,
            Line::StartTls(_) | Line::Plain => Stream::Plain(wire),
        };
        let greeted =
            AsyncSmtpConnection::connect_with_transport(Box::new(MailLine(stream)), &self.hello);
        let mut connection = greeted.await.map_err(|error| refused(&error, MailStep::Sender))?;
        if let Line::StartTls(parameters) = &self.line {
            if !connection.can_starttls() {
                leave(connection).await;
                return Err(Fault::NoStartTls);
            }
            let encrypted = connection.starttls(parameters.clone(), &self.hello).await;
            encrypted.map_err(|error| match error.status() {
                Some(_) => refused(&error, MailStep::Sender),
                None => Fault::Encryption,
            })?;
        }
        if let Some(credentials) = &self.login {
            let admitted = connection.auth(MECHANISMS, credentials).await;
            admitted.map_err(|error| match error {
                error if error.is_permanent() || error.is_client() => Fault::Login,
                error => refused(&error, MailStep::Sender),
            })?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: lettre::Address,
        mail: &[u8],
    ) -> Outcome {
        let from = Mail::new(Some(self.head.sender()), Vec::new());
        if let Err(error) = connection.command(from).await {
            return answered(&error, MailStep::Sender);
        }
        if let Err(error) = connection.command(Rcpt::new(to, Vec::new())).await {
            return answered(&error, MailStep::Recipient);
        }
        if let Err(error) = connection.command(Data).await {
            return answered(&error, MailStep::Text);
        }
        match connection.message(mail).await {
            Ok(_) => Outcome::Sent,
            Err(error) => answered(&error, MailStep::Text),
        }
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "mail server {} port {}", self.host, self.port)
    }
}

/// Name and password from a file.
fn login(path: &std::path::Path) -> Result<Credentials, OutboundError> {
    let what = "write the name to log in with on its first line, and the password on its second";
    match <[String; 2]>::try_from(files::secret_lines(path)?) {
        Ok([name, password]) if !name.is_empty() && !password.is_empty() => {
            Ok(Credentials::new(name, password))
        }
        _ => Err(wrong(path, what)),
    }
}

/// Says goodbye. What was answered before stands, whatever becomes of this.
async fn leave(mut connection: AsyncSmtpConnection) {
    let limit = Duration::from_secs(wire::FAREWELL_SECONDS);
    drop(timeout(limit, connection.quit()).await);
}

// Only the code is looked at: a server's own words may repeat the address.
fn answered(error: &Error, step: MailStep) -> Outcome {
    match error.status() {
        Some(code) => by_mail(step, u16::from(code)),
        None if error.is_response() || error.is_client() => Outcome::later(Fault::Nonsense),
        None => Outcome::later(Fault::Cut),
    }
}

fn refused(error: &Error, step: MailStep) -> Fault {
    match answered(error, step) {
        Outcome::Later { what, .. } | Outcome::Never { what } => what,
        Outcome::Sent => Fault::Nonsense,
    }
}
