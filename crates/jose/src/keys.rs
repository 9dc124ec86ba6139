//! Public keys of somebody who signs: a JSON Web Key Set (RFC 7517, RFC 7518 section 6).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::RsaPublicKeyComponents;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Public, PublicKey};
use crate::{JoseError, json};

/// Most bytes of a key set.
pub const KEYS_BYTES_MAX: usize = 262_144;
/// Most keys of a set.
const KEYS_MAX: usize = 100;
/// Most bytes of a key's id.
const KID_BYTES_MAX: usize = 256;
/// Most bytes of an RSA modulus and exponent.
const MODULUS_BYTES_MAX: usize = 1_024;
const EXPONENT_BYTES_MAX: usize = 8;
/// First byte of an uncompressed point, SEC 1 section 2.3.3.
const UNCOMPRESSED: u8 = 4;
/// Bytes of a coordinate.
const P256_BYTES: usize = 32;
const P384_BYTES: usize = 48;

/// The keys of a set with which tokens may be signed.
pub struct Keys(Vec<Key>);

struct Key {
    kid: Option<String>,
    /// The only algorithm, where the key names one.
    only: Option<Algorithm>,
    public: PublicKey,
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a set. Keys for other purposes are left out, as RFC 7517 section 5 wants it.
    ///
    /// # Errors
    /// [`JoseError::KeySet`].
    pub fn read(bytes: &[u8]) -> Result<Keys, JoseError> {
        let wrong = JoseError::KeySet;
        if bytes.len() > KEYS_BYTES_MAX {
            return Err(wrong("it is larger than 256 KiB"));
        }
        let set: WrittenSet = json::read(bytes).ok_or_else(|| wrong("it is no key set in JSON"))?;
        if set.keys.len() > KEYS_MAX {
            return Err(wrong("it holds more than 100 keys"));
        }
        // Whoever reads the set could sign with such a key, so nothing it signs says anything.
        if set.keys.iter().any(|key| key.contains_key("d")) {
            return Err(JoseError::Shown);
        }
        let keys: Vec<Key> = set.keys.into_iter().filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(wrong("no key of it signs with RS256, RS384, ES256 or ES384"));
        }
        Ok(Keys(keys))
    }

    /// The key of that id which signs in this way; without an id, the only one that does.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`], or [`JoseError::Algorithm`] of a key that signs otherwise.
    pub fn find(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<&PublicKey, JoseError> {
        let named = |key: &&Key| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        let mut fitting = self.0.iter().filter(named).filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(&key.public),
            (None, _) if kid.is_some() && self.0.iter().any(|key| named(&key)) => {
                Err(JoseError::Algorithm)
            }
            _ => Err(JoseError::UnknownKey),
        }
    }
}

impl Key {
    fn read(members: Map<String, Value>) -> Option<Key> {
        let key: Written = serde_json::from_value(members.into()).ok()?;
        let signs = key.usage.as_deref().is_none_or(|usage| usage == "sig");
        let verifies = key.key_ops.as_ref().is_none_or(|all| all.iter().any(|op| op == "verify"));
        let short = key.kid.as_ref().is_none_or(|kid| kid.len() <= KID_BYTES_MAX);
        if !(signs && verifies && short) {
            return None;
        }
        let only = match &key.alg {
            Some(name) => Some(Algorithm::named(name)?),
            None => None,
        };
        let public = match (key.kty.as_str(), key.crv.as_deref()) {
            ("RSA", _) => Public::Rsa(RsaPublicKeyComponents {
                n: number(key.n?, MODULUS_BYTES_MAX)?,
                e: number(key.e?, EXPONENT_BYTES_MAX)?,
            }),
            ("EC", Some("P-256")) => Public::P256(point(key.x?, key.y?, P256_BYTES)?),
            ("EC", Some("P-384")) => Public::P384(point(key.x?, key.y?, P384_BYTES)?),
            _ => return None,
        };
        Some(Key { kid: key.kid, only, public: PublicKey(public) })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        self.only.is_none_or(|only| only == algorithm) && self.public.fits(algorithm)
    }
}

/// A number without its leading zeros, which some write and ring does not take.
fn number(text: String, bytes_max: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    (bytes.len() <= bytes_max + first).then(|| bytes[first..].to_vec())
}

fn point(x: String, y: String, bytes: usize) -> Option<Vec<u8>> {
    let (x, y) = (URL_SAFE_NO_PAD.decode(x).ok()?, URL_SAFE_NO_PAD.decode(y).ok()?);
    let whole = (x.len(), y.len()) == (bytes, bytes);
    whole.then(|| [&[UNCOMPRESSED][..], &x[..], &y[..]].concat())
}

/// The thumbprint of a public key, RFC 7638: SHA-256 over its required members, in base64url.
/// `None` of what is neither an RSA nor an EC key.
pub fn thumbprint(jwk: &Value) -> Option<String> {
    // In the order of the alphabet, without blanks: section 3.2.
    let names: &[&str] = match jwk.get("kty").and_then(Value::as_str)? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        _ => return None,
    };
    let member = |name: &&str| {
        let value = jwk.get(*name).filter(|value| value.is_string())?;
        Some(format!("\"{name}\":{value}"))
    };
    let members = names.iter().map(member).collect::<Option<Vec<_>>>()?.join(",");
    Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{{{members}}}").as_bytes())))
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} public keys", self.0.len())
    }
}
