//! An ID token in its compact form: RFC 7515 section 3.1, RFC 7519.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::algorithm::{Algorithm, PublicKey};
use crate::{TokenFault, json};

/// Most bytes of an ID token.
const TOKEN_BYTES_MAX: usize = 65_536;
/// The type that a header may name.
const TYPE: &str = "JWT";

/// An ID token taken apart, of which nothing is believed yet.
pub(crate) struct IdToken<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    /// Header and payload as they were signed.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

impl<'a> IdToken<'a> {
    /// Takes it apart. Addresses and keys in the header, such as `jku` and `jwk`, are not read.
    pub(crate) fn read(text: &'a str) -> Result<IdToken<'a>, TokenFault> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        // No dot is of this alphabet, so a fourth part is found here.
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Malformed);
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        let header: Header = json::read(&decode(header)?).ok_or(TokenFault::Malformed)?;
        // RFC 7515 section 4.1.11: what is critical and not understood refuses the whole.
        if header.crit.is_some() {
            return Err(TokenFault::Malformed);
        }
        if header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case(TYPE)) {
            return Err(TokenFault::Type);
        }
        let algorithm = Algorithm::named(&header.alg).ok_or(TokenFault::Algorithm)?;
        Ok(IdToken { algorithm, kid: header.kid, signed, payload, signature })
    }

    /// Its claims, if that key signed them.
    pub(crate) fn claims(&self, key: &PublicKey) -> Result<Value, TokenFault> {
        if !key.signed(self.algorithm, self.signed.as_bytes(), &self.signature) {
            return Err(TokenFault::Signature);
        }
        json::read(&self.payload).filter(Value::is_object).ok_or(TokenFault::Malformed)
    }
}
