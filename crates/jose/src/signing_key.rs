//! A key of ours that signs tokens, and what others may see of it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_SHA384, RsaPublicKeyComponents,
};
use serde_json::{Map, Value, json};

use crate::{Algorithm, JoseError, thumbprint};

/// Most bytes of a key in PEM.
const PEM_BYTES_MAX: usize = 16_384;
/// The lines around a key in PKCS #8, RFC 7468 section 10.
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// Characters of a line between them.
const LINE_CHARACTERS: usize = 64;

/// A private key. Nothing of it but its public half is ever shown.
pub struct SigningKey {
    pair: Pair,
    jwk: Value,
    kid: String,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(Algorithm, EcdsaKeyPair),
}

impl SigningKey {
    /// Reads the text of a PEM file with one key in PKCS #8: of EC on P-384, which signs by ES384,
    /// of RSA from 2048 bits on by RS384, or of EC on P-256 by ES256.
    ///
    /// # Errors
    /// [`JoseError::PrivateKey`].
    pub fn read(pem: &str) -> Result<SigningKey, JoseError> {
        let der = pkcs8(pem)?;
        let random = SystemRandom::new();
        if let Ok(pair) = RsaKeyPair::from_pkcs8(&der) {
            return SigningKey::of(Pair::Rsa(pair));
        }
        for (algorithm, way) in [
            (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
            (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        ] {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(way, &der, &random) {
                return SigningKey::of(Pair::Ecdsa(algorithm, pair));
            }
        }
        Err(JoseError::PrivateKey(
            "it is no EC key on P-384 or P-256 and no RSA key of 2048 to 4096 bits; make one with \
             openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        ))
    }

    /// A new key on P-384, as the text of a PEM file. ring makes no keys of RSA.
    ///
    /// # Errors
    /// [`JoseError::NoRandom`].
    pub fn new_es384_pem() -> Result<String, JoseError> {
        let made =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new());
        let text = STANDARD.encode(made.map_err(|_| JoseError::NoRandom)?.as_ref());
        let mut pem = format!("{BEGIN}\n");
        // Base64 is ASCII, so every byte is a character.
        for line in text.as_bytes().chunks(LINE_CHARACTERS) {
            pem.extend(line.iter().copied().map(char::from).chain(['\n']));
        }
        Ok(pem + END + "\n")
    }

    /// A new key on P-384, which ends with this process.
    ///
    /// # Errors
    /// [`JoseError::NoRandom`].
    pub fn generate_es384() -> Result<SigningKey, JoseError> {
        SigningKey::read(&SigningKey::new_es384_pem()?)
    }

    fn of(pair: Pair) -> Result<SigningKey, JoseError> {
        let algorithm = pair.algorithm();
        let mut jwk = pair.public();
        let kid = thumbprint(&jwk).ok_or(JoseError::PrivateKey("its public half is none"))?;
        jwk["kid"] = Value::from(kid.as_str());
        jwk["alg"] = Value::from(algorithm.name());
        jwk["use"] = Value::from("sig");
        Ok(SigningKey { pair, jwk, kid })
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.pair.algorithm()
    }

    /// Its id: the thumbprint of RFC 7638.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its public half, a JSON Web Key with `kid`, `alg` and `use`.
    pub fn public_jwk(&self) -> &Value {
        &self.jwk
    }

    /// A token with these claims. Its header has `alg`, `kid`, `typ` of `JWT` and what more is
    /// given, such as `jku`; `alg` and `kid` are always this key's.
    ///
    /// # Errors
    /// [`JoseError::NoRandom`].
    pub fn sign(&self, claims: &Value, more: &[(&str, &str)]) -> Result<String, JoseError> {
        let mut header = Map::new();
        let own = [("alg", self.algorithm().name()), ("kid", self.kid())];
        for (name, value) in [("typ", "JWT")].iter().chain(more).chain(&own) {
            header.insert((*name).to_string(), Value::from(*value));
        }
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&Value::Object(header)), encode(claims));
        let signature = self.pair.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Pair {
    fn algorithm(&self) -> Algorithm {
        match self {
            Pair::Rsa(_) => Algorithm::Rs384,
            Pair::Ecdsa(algorithm, _) => *algorithm,
        }
    }

    fn public(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Pair::Rsa(pair) => {
                let key = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": encode(&key.n), "e": encode(&key.e)})
            }
            Pair::Ecdsa(algorithm, pair) => {
                // The first byte says that the point is not compressed.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if *algorithm == Algorithm::Es256 { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": crv, "x": encode(x), "y": encode(y)})
            }
        }
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, JoseError> {
        let random = SystemRandom::new();
        let signature = match self {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA384, &random, text, &mut signature).map(|()| signature)
            }
            Pair::Ecdsa(_, pair) => pair.sign(&random, text).map(|one| one.as_ref().to_vec()),
        };
        signature.map_err(|_| JoseError::NoRandom)
    }
}

/// The public halves as a JSON Web Key Set, to be served to others.
pub fn key_set<'k>(keys: impl IntoIterator<Item = &'k SigningKey>) -> Value {
    json!({"keys": keys.into_iter().map(SigningKey::public_jwk).collect::<Vec<_>>()})
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "private key {} for {}", self.kid, self.algorithm().name())
    }
}

/// The bytes of the one key of a PEM file.
fn pkcs8(pem: &str) -> Result<Vec<u8>, JoseError> {
    let wrong = JoseError::PrivateKey;
    if pem.len() > PEM_BYTES_MAX {
        return Err(wrong("it is larger than 16 KiB"));
    }
    if pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err(wrong("it is encrypted; write it without a password, readable by us alone"));
    }
    let none = "it holds no key from BEGIN PRIVATE KEY on; bring it into that form with openssl \
        pkcs8 -topk8 -nocrypt";
    let (_, rest) = pem.split_once(BEGIN).ok_or(wrong(none))?;
    let (text, rest) = rest.split_once(END).ok_or(wrong(none))?;
    if rest.contains(BEGIN) {
        return Err(wrong("it holds more than one key"));
    }
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(text).map_err(|_| wrong("its key is no base64"))
}
