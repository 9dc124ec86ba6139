//! An app asks whether it may (SMART App Launch 2, "Obtain authorization code"; RFC 7636).
//!
//! The clinician is signed in here already and there is nobody else, so nobody is asked again.

use crate::config::Client;
use crate::ehr::Ehr;
use crate::samples;
use crate::smart::grants::{Code, LaunchContext};
use crate::smart::scope::{self, Context};

/// Characters of a challenge by S256, RFC 7636 section 4.2.
const CHALLENGE_CHARACTERS: usize = 43;
/// Shortest and longest `state`; a guessable one is refused (SMART: 122 bits).
const STATE_CHARACTERS: std::ops::RangeInclusive<usize> = 20..=2_000;

/// What becomes of an authorization.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The browser goes back to the app, with a code or with an error.
    Back(String),
    /// Somebody has to say for which patient.
    Pick,
    /// It goes nowhere, because nobody knows whether that address is the app's.
    Refused(&'static str),
}

/// Reads what an app asks and decides.
pub(crate) fn decide(ehr: &Ehr, pairs: &[(String, String)]) -> Outcome {
    let asked = Asked(pairs);
    let Some(client) = asked.one("client_id").and_then(|id| ehr.client(id)) else {
        return Outcome::Refused("client_id is no registered app");
    };
    let uri = asked.one("redirect_uri").unwrap_or_default();
    if !client.redirect_uris.iter().any(|registered| registered == uri) {
        return Outcome::Refused("redirect_uri is not registered for this app");
    }
    let state = asked.one("state").unwrap_or_default();
    match consent(ehr, client, &asked, uri) {
        Ok(None) => Outcome::Pick,
        Ok(Some(code)) => Outcome::Back(back(uri, &[("code", &code), ("state", state)])),
        Err((error, text)) => {
            let said = [("error", error), ("error_description", text), ("state", state)];
            Outcome::Back(back(uri, &said))
        }
    }
}

fn consent(
    ehr: &Ehr,
    client: &Client,
    asked: &Asked,
    redirect_uri: &str,
) -> Result<Option<String>, (&'static str, &'static str)> {
    let wrong = |text| ("invalid_request", text);
    let is = |name: &str, value: &str| asked.one(name) == Some(value);
    if asked.repeats() {
        return Err(wrong("a parameter stands twice"));
    }
    if !is("response_type", "code") {
        return Err(("unsupported_response_type", "response_type is not code"));
    }
    if !is("aud", &ehr.fhir_base()) {
        return Err(wrong("aud is not the FHIR server of this EHR"));
    }
    if !is("code_challenge_method", "S256") {
        return Err(wrong("code_challenge_method is not S256"));
    }
    let challenge = asked.one("code_challenge").unwrap_or_default();
    if challenge.len() != CHALLENGE_CHARACTERS {
        return Err(wrong("code_challenge is no SHA-256 in base64url"));
    }
    if !STATE_CHARACTERS.contains(&asked.one("state").unwrap_or_default().len()) {
        return Err(wrong("state is missing or can be guessed"));
    }
    let scopes = asked.one("scope").unwrap_or_default();
    let wants = |scope: &str| scopes.split(' ').any(|one| one == scope);
    let now = ehr.now();
    let context = match (asked.one("launch"), asked.one("picked")) {
        (Some(_), _) if !wants("launch") => {
            return Err(("invalid_scope", "launch needs the scope launch"));
        }
        (Some(launch), _) => {
            let context = ehr.grants().take_launch(launch, &client.id, now);
            Some(context.ok_or(wrong("launch is unknown, used, too old or of another app"))?)
        }
        (None, Some(patient)) if wants("launch/patient") => Some(picked(ehr, client, patient)?),
        (None, _) if wants("launch/patient") => return Ok(None),
        (None, _) => None,
    };
    let contexts: &[Context] =
        if context.is_some() { &[Context::Patient, Context::User] } else { &[Context::User] };
    let scope = scope::granted(scopes, &client.scopes, contexts);
    if scope.is_empty() {
        return Err(("invalid_scope", "nothing that is asked for is registered"));
    }
    let code = Code {
        client: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: challenge.to_owned(),
        scope,
        nonce: asked.one("nonce").map(str::to_owned),
        context,
    };
    let made = ehr.grants().code(code, now);
    made.map(Some).map_err(|_| ("server_error", "the stand-in is full or has no random numbers"))
}

fn picked(
    ehr: &Ehr,
    client: &Client,
    patient: &str,
) -> Result<LaunchContext, (&'static str, &'static str)> {
    let store = ehr.store();
    if store.get("Patient", patient).is_err() {
        return Err(("invalid_request", "there is no such patient"));
    }
    Ok(LaunchContext {
        client_id: client.id.clone(),
        patient: patient.to_owned(),
        encounter: samples::open_visit(&store, patient),
        app_context: None,
        need_patient_banner: true,
    })
}

struct Asked<'a>(&'a [(String, String)]);

impl Asked<'_> {
    fn one(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter().filter(|(of, _)| of == name);
        match (all.next(), all.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    fn repeats(&self) -> bool {
        let twice = |(at, (name, _)): (usize, &(String, String))| {
            self.0[..at].iter().any(|(other, _)| other == name)
        };
        self.0.iter().enumerate().any(twice)
    }
}

/// The app's address with these pairs after those it has.
fn back(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{}", query.finish())
}
