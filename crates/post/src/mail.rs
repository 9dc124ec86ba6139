//! A message as mail: RFC 5322 and MIME, plain text, marked as sent by a program (RFC 3834).

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, MessageBuilder};
use ring::digest::{SHA256, digest};

use crate::{Email, Fault, Message, PostError};

/// The last second that the header `Date` can say, at the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;
/// Most characters of the sender's name and of the address for unsubscribing.
const NAME_CHARACTERS_MAX: usize = 100;
const UNSUBSCRIBE_BYTES_MAX: usize = 500;
/// Bytes of the hash that a `Message-ID` is made of.
const ID_BYTES: usize = 16;

/// What is the same in every mail.
#[derive(Clone)]
pub(crate) struct Head {
    from: Mailbox,
    unsubscribe: Option<String>,
}

impl Head {
    /// # Errors
    /// [`PostError::Setting`].
    pub(crate) fn new(
        from: &Email,
        name: Option<&str>,
        unsubscribe: Option<&str>,
    ) -> Result<Head, PostError> {
        let wrong = |name, what| Err(PostError::Setting { name, what });
        if name.is_some_and(|name| {
            name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control)
        }) {
            return wrong("name of the sender", "write one line of at most 100 characters");
        }
        if unsubscribe.is_some_and(|link| !is_link(link)) {
            let what = "write one address that begins with https: or mailto:";
            return wrong("address for unsubscribing", what);
        }
        let from = address(from).map_err(|_| PostError::Setting {
            name: "sender",
            what: "this address cannot stand in a mail",
        })?;
        let from = Mailbox::new(name.map(str::to_string), from);
        Ok(Head { from, unsubscribe: unsubscribe.map(str::to_string) })
    }

    pub(crate) fn sender(&self) -> lettre::Address {
        self.from.email.clone()
    }

    /// The mail's bytes, all of them ASCII.
    pub(crate) fn write(
        &self,
        message: &Message,
        to: lettre::Address,
        now: i64,
    ) -> Result<Vec<u8>, Fault> {
        let now = u64::try_from(now.clamp(0, LAST_SECOND)).unwrap_or(0);
        let builder = MessageBuilder::new()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(UNIX_EPOCH + Duration::from_secs(now))
            .message_id(Some(self.message_id(message.key())))
            .subject(message.subject())
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .raw_header(header("Auto-Submitted", "auto-generated"));
        let builder = match &self.unsubscribe {
            Some(link) => builder.raw_header(header("List-Unsubscribe", &format!("<{link}>"))),
            None => builder,
        };
        // The end of the last line is written with the end of the mail.
        let text = message.text().trim_end_matches('\n').to_string();
        let mail = builder.body(text).map_err(|_| Fault::Unwritable)?;
        Ok(mail.formatted())
    }

    /// The same for every try, so that a mail that arrives twice is known by it. The key is
    /// hashed: whatever it is, it says nothing and fits RFC 5322.
    fn message_id(&self, key: &str) -> String {
        let hash = digest(&SHA256, format!("cauda message {key}").as_bytes());
        let hash = hash.as_ref().iter().take(ID_BYTES);
        let hash: String = hash.map(|byte| format!("{byte:02x}")).collect();
        format!("<{hash}@{}>", self.from.email.domain())
    }
}

/// An address as lettre wants it.
pub(crate) fn address(email: &Email) -> Result<lettre::Address, Fault> {
    lettre::Address::new(email.local(), email.domain()).map_err(|_| Fault::Unwritable)
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_string())
}

fn is_link(link: &str) -> bool {
    (link.starts_with("https://") || link.starts_with("mailto:"))
        && link.len() <= UNSUBSCRIBE_BYTES_MAX
        && link.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,\"".contains(&byte))
}
