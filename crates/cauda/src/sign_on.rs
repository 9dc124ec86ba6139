//! The hospital's identity provider: the part `[sign_on]` of the file of settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cauda_server::access::AccountRole;
use serde::Deserialize;

use crate::error::CliError;

/// The part of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    issuer: String,
    client_id: String,
    redirect_uri: String,
    client_secret: Option<PathBuf>,
    scopes: Option<String>,
    role_claim: Option<String>,
    name_claim: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
    #[serde(default)]
    origins: Vec<String>,
    authority: Option<PathBuf>,
    required_acr: Option<Vec<String>>,
    seal_secret: Option<PathBuf>,
}

/// As the server takes them.
///
/// # Errors
/// A role that nobody has here.
pub fn read(part: Settings) -> Result<cauda_sign_on::Settings, CliError> {
    let known: Vec<String> = AccountRole::all().map(AccountRole::id).collect();
    if let Some((value, role)) = part.roles.iter().find(|(_, role)| !known.contains(role)) {
        return Err(CliError::Argument {
            message: format!("[sign_on.roles]: {value:?} is {role:?}, which is no role"),
            help: format!("the roles are {}", known.join(", ")),
        });
    }
    let mut settings =
        cauda_sign_on::Settings::new(&part.issuer, &part.client_id, &part.redirect_uri);
    settings.client_secret = part.client_secret;
    settings.scopes = part.scopes.unwrap_or(settings.scopes);
    settings.role_claim = part.role_claim.unwrap_or(settings.role_claim);
    settings.name_claim = part.name_claim.unwrap_or(settings.name_claim);
    settings.roles = part.roles;
    settings.origins = part.origins;
    settings.authority = part.authority;
    settings.required_acr = part.required_acr;
    settings.seal_secret = part.seal_secret;
    Ok(settings)
}
