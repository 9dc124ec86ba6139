//! Keys that sign ID tokens. Those of ECDSA are made anew each time; ring makes none of RSA, so
//! two fixed ones stand in `keys/`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RsaPublicKeyComponents,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Signer {
    pub alg: &'static str,
    pub kid: String,
    pair: Pair,
}

#[derive(Clone)]
enum Pair {
    Rsa(Arc<RsaKeyPair>),
    Ecdsa(Arc<EcdsaKeyPair>),
}

impl Signer {
    /// The first fixed key, or the second.
    pub fn rsa(alg: &'static str, kid: &str, second: bool) -> Signer {
        let pem = match second {
            false => &include_bytes!("keys/test_only_rsa_first.pem")[..],
            true => &include_bytes!("keys/test_only_rsa_second.pem")[..],
        };
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
        Signer { alg, kid: kid.to_string(), pair: Pair::Rsa(Arc::new(pair)) }
    }

    pub fn ecdsa(alg: &'static str, kid: &str) -> Signer {
        let way = match alg {
            "ES256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            _ => &ECDSA_P384_SHA384_FIXED_SIGNING,
        };
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(way, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(way, der.as_ref(), &random).unwrap();
        Signer { alg, kid: kid.to_string(), pair: Pair::Ecdsa(Arc::new(pair)) }
    }

    /// Its public half, as a key set shows it.
    pub fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Rsa(pair) => {
                let key = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                let (n, e) = (encode(&key.n), encode(&key.e));
                json!({"kty": "RSA", "use": "sig", "alg": self.alg, "kid": self.kid,
                    "n": n, "e": e})
            }
            Pair::Ecdsa(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if self.alg == "ES256" { "P-256" } else { "P-384" };
                let (x, y) = (encode(x), encode(y));
                json!({"kty": "EC", "use": "sig", "alg": self.alg, "kid": self.kid, "crv": crv,
                    "x": x, "y": y})
            }
        }
    }

    pub fn sign(&self, text: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let way = if self.alg == "RS256" { &RSA_PKCS1_SHA256 } else { &RSA_PKCS1_SHA384 };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(way, &random, text.as_bytes(), &mut signature).unwrap();
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
        }
    }
}

/// A token of these two, signed like that.
pub fn compact(header: &[u8], payload: &[u8], sign: impl Fn(&str) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}
