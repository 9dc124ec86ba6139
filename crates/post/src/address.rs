//! Whom a message goes to, as a clerk types it. E-mail by the plain part of RFC 5321 (a dot-string
//! before the @, a name of a host after it), telephone by ITU-T E.164.

use std::fmt;

use crate::PostError;

/// Most bytes of an e-mail address; RFC 5321 leaves 254 of its path's 256.
const EMAIL_BYTES_MAX: usize = 254;
/// Most bytes before the @, RFC 5321 section 4.5.3.1.1.
const LOCAL_BYTES_MAX: usize = 64;
/// Most bytes between two dots of a name.
const LABEL_BYTES_MAX: usize = 63;
/// Fewest and most digits of a telephone number with its country.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Most bytes that are looked at.
const TYPED_BYTES_MAX: usize = 512;

/// Countries whose number has two digits; 1 and 7 have one, all others three.
const TWO_DIGITS: [u8; 44] = [
    20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
    57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
];

/// Whom a message goes to. `Display` and `Debug` mask it: nothing else may stand in a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// By e-mail.
    Email(Email),
    /// By telephone: a text message.
    Telephone(Telephone),
}

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email {
    // INVARIANT: ASCII, one @, no space, no control character, no quotation.
    text: String,
    at: usize,
}

/// A telephone number with its country: `+` and digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Telephone(String);

impl Address {
    /// Reads what somebody typed; spaces around it do no harm.
    ///
    /// # Errors
    /// [`PostError::Address`], one sentence that says how to mend it and does not repeat it.
    pub fn parse(typed: &str) -> Result<Address, PostError> {
        if typed.contains('@') {
            return Email::parse(typed).map(Address::Email);
        }
        let telephone = |letter: char| letter.is_ascii_digit() || letter == '+';
        if typed.trim().starts_with(telephone) || typed.trim().starts_with('(') {
            return Telephone::parse(typed).map(Address::Telephone);
        }
        refused("this is neither an e-mail address nor a telephone number")
    }

    /// The whole address, for the record and for the message itself, never for a log.
    pub fn reveal(&self) -> &str {
        match self {
            Address::Email(email) => email.reveal(),
            Address::Telephone(telephone) => telephone.reveal(),
        }
    }
}

impl Email {
    /// Reads an e-mail address; a domain with letters such as ü is written as the network wants it.
    ///
    /// # Errors
    /// [`PostError::Address`].
    pub fn parse(typed: &str) -> Result<Email, PostError> {
        let typed = bounded(typed)?;
        let Some((local, domain)) = typed.split_once('@') else {
            return refused("an e-mail address has an @, such as name@example.org");
        };
        if domain.contains('@') {
            return refused("an e-mail address has only one @");
        }
        check_local(local)?;
        if domain.chars().any(|letter| letter.is_whitespace()) {
            return refused("an e-mail address has no spaces");
        }
        let Ok(domain) = idna::domain_to_ascii(domain) else {
            return refused("the part after the @ is no name of a mail server");
        };
        check_domain(&domain)?;
        if local.len() + 1 + domain.len() > EMAIL_BYTES_MAX {
            return refused("an e-mail address has at most 254 characters");
        }
        Ok(Email { text: format!("{local}@{domain}"), at: local.len() })
    }

    /// The whole address.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    pub(crate) fn local(&self) -> &str {
        &self.text[..self.at]
    }

    pub(crate) fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

impl Telephone {
    /// Reads a number that begins with + and the country; spaces, dots, hyphens, slashes and
    /// brackets between the digits do no harm.
    ///
    /// # Errors
    /// [`PostError::Address`].
    pub fn parse(typed: &str) -> Result<Telephone, PostError> {
        let typed = bounded(typed)?;
        let Some(rest) = typed.strip_prefix('+') else {
            return refused("begin the number with + and the country, such as +49 170 1234567");
        };
        if rest.contains("(0)") {
            return refused("leave out the (0): from abroad it is not dialled");
        }
        let between = [' ', '\u{a0}', '-', '.', '/', '(', ')'];
        let digits: String = rest.chars().filter(|letter| !between.contains(letter)).collect();
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return refused("a telephone number has only digits after the +");
        }
        if digits.starts_with('0') {
            return refused("after the + comes the country, and no country begins with 0");
        }
        if !DIGITS.contains(&digits.len()) {
            return refused("a telephone number has 7 to 15 digits with its country");
        }
        Ok(Telephone(format!("+{digits}")))
    }

    /// The whole number, as `+491701234567`.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn country(&self) -> &str {
        let digits = match self.0.as_bytes() {
            [_, b'1' | b'7', ..] => 1,
            [_, tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..]
                if TWO_DIGITS.contains(&((tens - b'0') * 10 + (ones - b'0'))) =>
            {
                2
            }
            _ => 3,
        };
        &self.0[..=digits]
    }
}

fn bounded(typed: &str) -> Result<&str, PostError> {
    let typed = typed.trim();
    if typed.len() > TYPED_BYTES_MAX {
        return refused("this is too long for an address");
    }
    if typed.chars().any(char::is_control) {
        return refused("an address is one line without control characters");
    }
    Ok(typed)
}

fn check_local(local: &str) -> Result<(), PostError> {
    if local.is_empty() {
        return refused("the part before the @ is missing");
    }
    if local.len() > LOCAL_BYTES_MAX {
        return refused("the part before the @ has at most 64 characters");
    }
    if local.chars().any(char::is_whitespace) {
        return refused("an e-mail address has no spaces");
    }
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    if !local.bytes().all(atext) {
        return refused("before the @ only plain letters, digits and signs such as . - _ + can be");
    }
    if local.split('.').any(str::is_empty) {
        return refused("before the @ a dot stands between two other characters");
    }
    Ok(())
}

fn check_domain(domain: &str) -> Result<(), PostError> {
    if !domain.contains('.') {
        return refused("the part after the @ has a dot, such as example.org");
    }
    let fits = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_number = |last: &str| last.bytes().all(|byte| byte.is_ascii_digit());
    if !domain.split('.').all(fits) || domain.rsplit('.').next().is_none_or(last_is_number) {
        return refused("the part after the @ is no name of a mail server");
    }
    Ok(())
}

fn refused<T>(what: &'static str) -> Result<T, PostError> {
    Err(PostError::Address(what))
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Email(email) => email.fmt(out),
            Address::Telephone(telephone) => telephone.fmt(out),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.local().chars().take(1).collect::<String>();
        write!(out, "{first}…@{}", self.domain())
    }
}

impl fmt::Display for Telephone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} … {}", self.country(), &self.0[self.0.len() - 2..])
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl fmt::Debug for Telephone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
