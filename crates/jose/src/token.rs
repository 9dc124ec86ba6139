//! A token in its compact form: RFC 7515 section 3.1, RFC 7519.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, PublicKey};
use crate::{JoseError, Keys, json};

/// Most bytes of a token.
pub const TOKEN_BYTES_MAX: usize = 65_536;

/// A token taken apart, of which nothing is believed yet.
pub struct Token<'a> {
    /// What its header says.
    pub header: Header,
    /// Header and payload as they were signed.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What is read of a header. Keys and certificates that a token brings itself, such as `jwk` and
/// `x5u`, are not.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The id of its key.
    pub kid: Option<String>,
    /// Its type, as it is written.
    pub typ: Option<String>,
    /// Where its keys are, as it is written. To be compared with what is registered, and never to
    /// be asked because a token says so.
    pub jku: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jku: Option<String>,
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    /// Takes it apart.
    ///
    /// # Errors
    /// [`JoseError::Malformed`], [`JoseError::Header`], [`JoseError::Algorithm`].
    pub fn read(text: &'a str) -> Result<Token<'a>, JoseError> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(JoseError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JoseError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JoseError::Malformed)?;
        // No dot is of this alphabet, so a fourth part is found here.
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Malformed);
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        let header = decode(header)?;
        let header: Written = json::read(&header).ok_or_else(|| ill_headed(&header))?;
        // RFC 7515 section 4.1.11: what is critical and not understood refuses the whole.
        if header.crit.is_some() {
            return Err(JoseError::Header("crit"));
        }
        let Written { alg, kid, typ, jku, .. } = header;
        let algorithm = Algorithm::named(&alg).ok_or(JoseError::Algorithm)?;
        Ok(Token { header: Header { algorithm, kid, typ, jku }, signed, payload, signature })
    }

    /// Its claims, if the one key of that set which fits it signed it.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`], [`JoseError::Algorithm`], [`JoseError::Signature`],
    /// [`JoseError::Malformed`].
    pub fn verify(&self, keys: &Keys) -> Result<Value, JoseError> {
        self.claims(keys.find(self.header.algorithm, self.header.kid.as_deref())?)
    }

    /// Whether the one key of that set which fits it signed it; what it claims is not looked at.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`], [`JoseError::Algorithm`], [`JoseError::Signature`].
    pub fn check(&self, keys: &Keys) -> Result<(), JoseError> {
        self.is_signed_by(keys.find(self.header.algorithm, self.header.kid.as_deref())?)
    }

    fn is_signed_by(&self, key: &PublicKey) -> Result<(), JoseError> {
        match key.signed(self.header.algorithm, self.signed.as_bytes(), &self.signature) {
            true => Ok(()),
            false => Err(JoseError::Signature),
        }
    }

    /// Its claims, an object, if that key signed them.
    ///
    /// # Errors
    /// [`JoseError::Signature`], [`JoseError::Malformed`].
    pub fn claims(&self, key: &PublicKey) -> Result<Value, JoseError> {
        self.is_signed_by(key)?;
        self.unverified().ok_or(JoseError::Malformed)
    }

    /// What it claims, which anybody may have written: good to find the registered issuer whose
    /// keys are then asked, and for nothing else.
    pub fn unverified(&self) -> Option<Value> {
        json::read(&self.payload).filter(Value::is_object)
    }
}

/// Which parameter of a header is to blame; its value is told to nobody.
fn ill_headed(header: &[u8]) -> JoseError {
    let Some(header) = json::read::<Map<String, Value>>(header) else {
        return JoseError::Malformed;
    };
    let optional = |name: &&str| header.get(*name).is_some_and(|one| !one.is_string());
    match header.get("alg").is_some_and(Value::is_string) {
        true => ["kid", "typ", "jku"]
            .into_iter()
            .find(optional)
            .map_or(JoseError::Malformed, JoseError::Header),
        false => JoseError::Header("alg"),
    }
}

/// A token is a secret, so only its header is shown.
impl fmt::Debug for Token<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "token signed by {}", self.header.algorithm.name())
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "header of a token signed by {}", self.algorithm.name())
    }
}
