//! A code becomes an ID token: OpenID Connect Core section 3.1.3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cauda_jose::json;
use cauda_outbound::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use cauda_outbound::{Bytes, Client};
use form_urlencoded::{Serializer, byte_serialize};
use serde::Deserialize;
use tokio::time::Instant;

use crate::discovery::Discovery;
use crate::fetching::{self, OK};
use crate::kept::Trip;
use crate::settings::Checked;
use crate::{Part, SignOnError};

/// Most bytes of an answer of the token endpoint.
const ANSWER_BYTES_MAX: usize = 131_072;

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    token_type: String,
}

#[derive(Deserialize)]
struct Failed {
    error: String,
}

/// Asks for the ID token. The access token beside it is never looked at.
pub(crate) async fn exchange(
    client: &Client,
    discovery: &Discovery,
    settings: &Checked,
    code: &str,
    trip: &Trip,
    deadline: Instant,
) -> Result<String, SignOnError> {
    let part = Part::Token;
    let mut request = discovery
        .token
        .post()
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json");
    // What makes the form cannot go to another thread, so it ends before anything is waited for.
    let form = {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &settings.redirect_uri)
            .append_pair("code_verifier", &trip.verifier());
        match &settings.secret {
            Some(secret) => request = request.header(AUTHORIZATION, basic(settings, secret)),
            None => drop(form.append_pair("client_id", &settings.client_id)),
        }
        form.finish()
    };
    let request = request.body(Bytes::from(form));
    let request = request.map_err(|_| fetching::unwritable(part))?;
    let answer =
        fetching::ask(client, part, &discovery.token, request, ANSWER_BYTES_MAX, deadline).await?;
    match answer {
        (OK, body) => {
            let what = "it gave no ID token of a bearer";
            let tokens: Option<Tokens> = json::read(&body);
            let tokens = tokens.filter(|tokens| tokens.token_type.eq_ignore_ascii_case("bearer"));
            Ok(tokens.ok_or(SignOnError::Document { part, what })?.id_token)
        }
        (status, body) => Err(failed(status, &body)),
    }
}

/// RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
fn basic(settings: &Checked, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(&settings.client_id), encode(secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// RFC 6749 section 5.2; of a provider's own words only the code is looked at.
fn failed(status: u16, body: &[u8]) -> SignOnError {
    let error = json::read(body).map(|Failed { error }| error).unwrap_or_default();
    match error.as_str() {
        "invalid_grant" => SignOnError::CodeRefused,
        "invalid_client" | "unauthorized_client" => SignOnError::ClientRefused,
        _ => SignOnError::Status { part: Part::Token, status },
    }
}
