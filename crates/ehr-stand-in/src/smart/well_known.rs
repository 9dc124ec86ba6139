//! What the server says of itself (SMART App Launch 2, "Conformance"; OpenID Connect Discovery).

use serde_json::{Value, json};

use crate::ehr::Ehr;

/// `.well-known/smart-configuration` below the FHIR base.
pub(crate) fn smart(ehr: &Ehr) -> Value {
    let mut document = common(ehr);
    document["capabilities"] = json!([
        "launch-ehr",
        "launch-standalone",
        "client-confidential-asymmetric",
        "sso-openid-connect",
        "context-ehr-patient",
        "context-ehr-encounter",
        "context-standalone-patient",
        "context-banner",
        "permission-patient",
        "permission-user",
        "permission-v2",
    ]);
    document
}

/// `.well-known/openid-configuration` below the issuer.
pub(crate) fn openid(ehr: &Ehr) -> Value {
    let mut document = common(ehr);
    document["subject_types_supported"] = json!(["public"]);
    document["id_token_signing_alg_values_supported"] = json!(["ES384"]);
    document
}

fn common(ehr: &Ehr) -> Value {
    let auth = ehr.auth_base();
    json!({
        "issuer": auth,
        "jwks_uri": format!("{auth}/jwks.json"),
        "authorization_endpoint": format!("{auth}/authorize"),
        "token_endpoint": ehr.token_url(),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [
            "openid", "fhirUser", "launch", "launch/patient", "patient/*.cruds", "user/*.cruds",
            "system/*.cruds",
        ],
    })
}
