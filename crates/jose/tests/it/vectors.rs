//! Tokens that others have signed: RFC 7515 appendix A, and Python's `cryptography` with the keys
//! of `keys/`, written down in `vectors.json`.

use cauda_jose::{Algorithm, Keys, SigningKey, Token, thumbprint};
use serde_json::{Value, json};

use crate::{P256, P384, RSA};

/// RFC 7515 section A.2.
const RS256_N: &str = concat!(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP",
    "1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63k",
    "paSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9",
    "kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp",
    "oQ",
);
const RS256: &str = concat!(
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3X",
    "OiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB-",
    "-f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j",
    "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhW",
    "kWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
);
/// RFC 7515 section A.3.
const ES256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const ES256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const ES256: &str = concat!(
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5d",
    "jxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
);

fn set(keys: Value) -> Keys {
    Keys::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

#[test]
fn the_examples_of_rfc_7515() {
    let rsa = set(json!([{"kty": "RSA", "n": RS256_N, "e": "AQAB"}]));
    let ec = set(json!([{"kty": "EC", "crv": "P-256", "x": ES256_X, "y": ES256_Y}]));
    for (token, keys) in [(RS256, rsa), (ES256, ec)] {
        let claims = Token::read(token).unwrap().verify(&keys).unwrap();
        assert_eq!(claims["iss"], "joe");
        assert_eq!(claims["exp"], 1_300_819_380);
    }
}

#[test]
fn tokens_signed_by_another_library() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let mut jwk = vector["jwk"].clone();
        assert_eq!(vector["kid"], json!(thumbprint(&jwk)));
        jwk["kid"] = vector["kid"].clone();
        let token = Token::read(vector["token"].as_str().unwrap()).unwrap();
        assert_eq!(vector["alg"], token.header.algorithm.name());
        assert_eq!(token.header.typ.as_deref(), Some("JWT"));
        assert_eq!(token.verify(&set(json!([jwk]))).unwrap(), json!({"iss": "vector", "n": 7}));
    }
}

#[test]
fn our_public_halves_are_those_another_library_sees() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    for (pem, algorithm) in
        [(RSA, Algorithm::Rs384), (P384, Algorithm::Es384), (P256, Algorithm::Es256)]
    {
        let key = SigningKey::read(pem).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let vector = vectors.iter().find(|one| one["alg"] == algorithm.name()).unwrap();
        assert_eq!(vector["kid"], key.kid());
        for (name, value) in vector["jwk"].as_object().unwrap() {
            assert_eq!(&key.public_jwk()[name], value, "{name}");
        }
    }
}

/// RFC 7638 section 3.1.
#[test]
fn the_thumbprint_of_the_rfc() {
    let jwk = json!({
        "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
        "n": concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFx",
            "uhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_",
            "RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQv",
            "RL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_",
            "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        ),
    });
    let expect = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(thumbprint(&jwk).as_deref(), Some(expect));
    for none in [json!({}), json!({"kty": "oct"}), json!({"kty": "RSA", "n": 7, "e": "AQAB"})] {
        assert_eq!(thumbprint(&none), None);
    }
}

/// Members without their names: a list in the place of an object, of a set or of a key.
#[test]
fn a_list_is_no_key_set() {
    let key = json!({"kty": "EC", "crv": "P-256", "x": ES256_X, "y": ES256_Y});
    let unnamed = json!(["EC", null, null, null, null, "P-256", null, null, ES256_X, ES256_Y]);
    assert!(Keys::read(json!({"keys": [key]}).to_string().as_bytes()).is_ok());
    for wrong in [json!([[key]]), json!({"keys": [unnamed]}), json!({"keys": [key, unnamed]})] {
        assert!(Keys::read(wrong.to_string().as_bytes()).is_err(), "{wrong}");
    }
}
