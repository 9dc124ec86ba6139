//! A code, or our own name, becomes an access token: RFC 6749 sections 4.1.3 and 4.4, with the
//! client authenticated by a signed assertion (RFC 7523, SMART App Launch 2.2 "Asymmetric
//! Authentication").

use cauda_jose::{SigningKey, json};
use cauda_outbound::Bytes;
use cauda_outbound::http::header::{ACCEPT, CONTENT_TYPE};
use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::discovery::Discovery;
use crate::ehr::{Ehr, OK, unwritable};
use crate::{Part, RandomSource, Secret, SmartError, random};

/// Most bytes of an answer of the token endpoint.
const ANSWER_BYTES_MAX: usize = 131_072;
/// Most bytes of an access token, so that it fits into a header (RFC 6750 section 2.1).
const ACCESS_TOKEN_BYTES_MAX: usize = 12_288;
/// How long an assertion is good, in seconds: five minutes are the most, also for a server whose
/// clock is a minute behind.
const ASSERTION_SECONDS: i64 = 240;
/// How long a token counts that does not say it, and the longest one that says it, in seconds.
const EXPIRES_UNSAID_SECONDS: i64 = 300;
const EXPIRES_SECONDS_MAX: i64 = 43_200;
/// What an assertion is: RFC 7523 section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// For what a token is asked.
pub(crate) enum Grant<'a> {
    Code { code: &'a str, verifier: &'a str },
    Client { scopes: &'a str },
}

/// What is read of an answer. A refresh token beside it is never looked at.
#[derive(Deserialize)]
pub(crate) struct Answer {
    access_token: String,
    token_type: String,
    expires_in: Option<Value>,
    scope: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) patient: Option<Value>,
    pub(crate) encounter: Option<Value>,
    pub(crate) need_patient_banner: Option<Value>,
    #[serde(rename = "appContext")]
    pub(crate) app_context: Option<Value>,
    #[serde(rename = "fhirContext")]
    pub(crate) fhir_context: Option<Value>,
}

/// A token, and what came with it.
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    /// The second at which it ends.
    pub(crate) expires_at: i64,
    /// What was granted, as it was written.
    pub(crate) scope: String,
    pub(crate) answer: Answer,
}

#[derive(Deserialize)]
struct Failed {
    error: String,
}

/// Asks for a token.
pub(crate) async fn exchange(
    ehr: &Ehr,
    discovery: &Discovery,
    grant: Grant<'_>,
    random: &dyn RandomSource,
    now: i64,
    deadline: Instant,
) -> Result<Tokens, SmartError> {
    let (part, address) = (Part::Token, &discovery.token);
    let form = form(ehr, &address.url, &grant, random, now)?;
    let request = address
        .place
        .post()
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(Bytes::from(form))
        .map_err(|_| unwritable(part))?;
    match ehr.ask(part, address, request, ANSWER_BYTES_MAX, deadline).await? {
        (OK, body) => Tokens::read(&body, now),
        (status, body) => Err(failed(status, &body, &grant)),
    }
}

/// What is posted. What makes a form cannot go to another thread, so it ends here.
fn form(
    ehr: &Ehr,
    audience: &str,
    grant: &Grant<'_>,
    random: &dyn RandomSource,
    now: i64,
) -> Result<String, SmartError> {
    let settings = &ehr.settings;
    let mut form = Serializer::new(String::new());
    match grant {
        Grant::Code { code, verifier } => form
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &settings.redirect_uri)
            .append_pair("code_verifier", verifier),
        Grant::Client { scopes } => {
            form.append_pair("grant_type", "client_credentials").append_pair("scope", scopes)
        }
    };
    match &settings.key {
        Some(key) => {
            let assertion = assertion(key, &settings.client_id, audience, random, now)?;
            form.append_pair("client_assertion_type", ASSERTION_TYPE)
                .append_pair("client_assertion", &assertion);
        }
        None => drop(form.append_pair("client_id", &settings.client_id)),
    }
    Ok(form.finish())
}

/// Who we are, signed: for one server, once, for a few minutes.
fn assertion(
    key: &SigningKey,
    client_id: &str,
    audience: &str,
    random: &dyn RandomSource,
    now: i64,
) -> Result<Zeroizing<String>, SmartError> {
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": now.saturating_add(ASSERTION_SECONDS),
        "jti": *random::text(random)?,
    });
    key.sign(&claims, &[]).map(Zeroizing::new).map_err(|_| SmartError::NoRandom)
}

impl Tokens {
    fn read(body: &[u8], now: i64) -> Result<Tokens, SmartError> {
        let wrong = |what| SmartError::Document { part: Part::Token, what };
        let answer: Option<Answer> = json::read(body);
        let mut answer = answer
            .filter(|answer| answer.token_type.eq_ignore_ascii_case("bearer"))
            .ok_or_else(|| wrong("it gave no access token of a bearer"))?;
        let access = Zeroizing::new(std::mem::take(&mut answer.access_token));
        let signs =
            access.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
        if !signs || !(1..=ACCESS_TOKEN_BYTES_MAX).contains(&access.len()) {
            return Err(wrong("its access token fits into no header"));
        }
        // What was granted may be less than was asked, so silence grants nothing.
        let scope = answer.scope.take().ok_or_else(|| wrong("it does not say what it granted"))?;
        let seconds = match &answer.expires_in {
            None => EXPIRES_UNSAID_SECONDS,
            // Some write the number as a text.
            Some(value) => {
                let number = value.as_str().and_then(|text| text.parse().ok());
                let number: Option<i64> = number.or_else(|| value.as_i64());
                let number = number.filter(|seconds| *seconds > 0);
                number.ok_or_else(|| wrong("its expires_in is no number of seconds"))?
            }
        };
        let expires_at = now.saturating_add(seconds.min(EXPIRES_SECONDS_MAX));
        Ok(Tokens { access: Secret::new(access), expires_at, scope, answer })
    }
}

/// RFC 6749 section 5.2; of an EHR's own words only the code is looked at.
fn failed(status: u16, body: &[u8], grant: &Grant<'_>) -> SmartError {
    let error = json::read(body).map(|Failed { error }| error).unwrap_or_default();
    match (error.as_str(), grant) {
        ("invalid_grant", Grant::Code { .. }) => SmartError::CodeRefused,
        ("invalid_client" | "unauthorized_client", _) => SmartError::ClientRefused,
        ("invalid_scope", _) => SmartError::ScopeRefused,
        _ => SmartError::Status { part: Part::Token, status },
    }
}
