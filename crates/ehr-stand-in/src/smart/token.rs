//! Codes and assertions become access tokens (RFC 6749 section 5, SMART App Launch 2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::StandInError;
use crate::config::Client;
use crate::ehr::Ehr;
use crate::samples::PRACTITIONER;
use crate::smart::assertion;
use crate::smart::grants::{Code, LaunchContext, TOKEN_SECONDS};
use crate::smart::scope::{self, Access, Context};

/// Shortest and longest verifier, RFC 7636 section 4.1.
const VERIFIER_CHARACTERS: std::ops::RangeInclusive<usize> = 43..=128;

/// Why there is no token: a status, a code of RFC 6749 and a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) text: &'static str,
}

impl Failed {
    pub(crate) fn client(text: &'static str) -> Failed {
        Failed { status: 401, error: "invalid_client", text }
    }

    pub(crate) fn request(error: &'static str, text: &'static str) -> Failed {
        Failed { status: 400, error, text }
    }

    pub(crate) fn server() -> Failed {
        Failed { status: 500, error: "server_error", text: "the stand-in is full or has no random" }
    }
}

impl From<StandInError> for Failed {
    fn from(_: StandInError) -> Failed {
        Failed::server()
    }
}

/// The answer to one request for a token.
pub(crate) async fn answer(ehr: &Ehr, form: &[(String, String)]) -> Result<Value, Failed> {
    for (at, (name, _)) in form.iter().enumerate() {
        if form[..at].iter().any(|(other, _)| other == name) {
            return Err(Failed::request("invalid_request", "a parameter stands twice"));
        }
    }
    let value =
        |name: &str| form.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
    let client = assertion::client(ehr, form).await?;
    match value("grant_type") {
        Some("authorization_code") => {
            let need = |name| value(name).unwrap_or_default();
            let (code, uri) = (need("code"), need("redirect_uri"));
            by_code(ehr, &client, code, uri, need("code_verifier"))
        }
        Some("client_credentials") => backend(ehr, &client, value("scope").unwrap_or_default()),
        _ => Err(Failed::request("unsupported_grant_type", "this grant_type is not given")),
    }
}

fn by_code(
    ehr: &Ehr,
    client: &Client,
    text: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Value, Failed> {
    let now = ehr.now();
    let refused = |text| Failed::request("invalid_grant", text);
    let code = ehr.grants().take_code(text, now);
    let code = code.ok_or(refused("the code is unknown, used or too old"))?;
    if code.client != client.id {
        return Err(refused("the code was given to another client"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(refused("redirect_uri is not that of the authorization"));
    }
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    if !VERIFIER_CHARACTERS.contains(&verifier.len()) || challenge != code.challenge {
        return Err(refused("code_verifier does not fit the challenge"));
    }
    let patient = code.context.as_ref().map(|context| context.patient.as_str());
    let access = Access::new(&code.scope, patient, now + TOKEN_SECONDS);
    let token = ehr.grants().token(access, now)?;
    ehr.grants().became(text, &token, now)?;
    let mut answer = reply(&token, &code.scope);
    if let Some(context) = &code.context {
        tell(&mut answer, context);
    }
    if code.scope.split(' ').any(|scope| scope == "openid") {
        answer["id_token"] = id_token(ehr, client, &code, now)?.into();
    }
    Ok(answer)
}

fn tell(answer: &mut Value, context: &LaunchContext) {
    answer["patient"] = context.patient.as_str().into();
    answer["need_patient_banner"] = context.need_patient_banner.into();
    let optional = [("encounter", &context.encounter), ("appContext", &context.app_context)];
    for (name, value) in optional {
        if let Some(value) = value {
            answer[name] = value.as_str().into();
        }
    }
}

fn id_token(ehr: &Ehr, client: &Client, code: &Code, now: i64) -> Result<String, Failed> {
    let mut claims = json!({
        "iss": ehr.auth_base(),
        "sub": PRACTITIONER,
        "aud": client.id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
    });
    if code.scope.split(' ').any(|scope| scope == "fhirUser") {
        claims["fhirUser"] = format!("{}/Practitioner/{PRACTITIONER}", ehr.fhir_base()).into();
    }
    if let Some(nonce) = &code.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    ehr.openid_key.sign(&claims, &[]).map_err(|_| Failed::server())
}

fn backend(ehr: &Ehr, client: &Client, asked: &str) -> Result<Value, Failed> {
    let scope = scope::granted(asked, &client.scopes, &[Context::System]);
    let scope: Vec<&str> = scope.split(' ').filter(|one| one.starts_with("system/")).collect();
    let scope = scope.join(" ");
    if scope.is_empty() {
        return Err(Failed::request("invalid_scope", "no system scope asked for is registered"));
    }
    let now = ehr.now();
    let token = ehr.grants().token(Access::new(&scope, None, now + TOKEN_SECONDS), now)?;
    Ok(reply(&token, &scope))
}

fn reply(token: &str, scope: &str) -> Value {
    json!({
        "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": scope,
    })
}
