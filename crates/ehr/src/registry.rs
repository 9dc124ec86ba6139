//! The registered EHRs, and which of them calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cauda_jose::{Algorithm, Keys, Token};
use cauda_outbound::Names;
use serde_json::Value;
use tokio::time::timeout;

use crate::claims::Claims;
use crate::settings::{Mode, Settings};
use crate::{Address, Caller, EhrError, Refused, Replays, ReplaysInMemory, Tenant};

/// Most EHRs.
const TENANTS_MAX: usize = 64;
/// Most bytes of a token.
const TOKEN_BYTES_MAX: usize = 16_384;
/// How long a call waits for newer keys where old ones are at hand: half of what it may take.
const PATIENCE: Duration = Duration::from_millis(250);
/// The type that a header must name.
const TYPE: &str = "JWT";

/// Seconds since 1970 UTC, handed in so that tests bring their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a registry works with.
pub struct Parts {
    /// What time it is.
    pub clock: Clock,
    /// Remembers tokens; without a shared one, this process alone does.
    pub replays: Arc<dyn Replays>,
    /// Looks up names; without it, this machine does.
    pub names: Option<Names>,
    /// How long a call waits for newer keys where old ones are at hand.
    pub patience: Duration,
}

impl Parts {
    /// The usual ones.
    pub fn new(clock: Clock) -> Parts {
        let replays = Arc::new(ReplaysInMemory::new());
        Parts { clock, replays, names: None, patience: PATIENCE }
    }
}

/// The registered EHRs.
pub struct Registry {
    tenants: Arc<BTreeMap<String, Arc<Tenant>>>,
    /// From what stands in `iss` to the EHRs that sign so.
    by_issuer: BTreeMap<String, Vec<String>>,
    origins: BTreeSet<String>,
    replays: Arc<dyn Replays>,
    clock: Clock,
    patience: Duration,
}

/// A call whose token is right in all but its signature.
struct Unproved<'r, 't> {
    token: Token<'t>,
    tenant: &'r Tenant,
    issuer: String,
    claims: Claims,
}

impl Registry {
    /// Reads the settings and their files, and connects to nothing. Without an EHR nobody is
    /// believed.
    ///
    /// # Errors
    /// [`EhrError::Setting`], [`EhrError::File`].
    pub fn open(all: &[Settings], mode: Mode, parts: Parts) -> Result<Registry, EhrError> {
        let wrong = |tenant: &str, name, what| {
            Err(EhrError::Setting { tenant: tenant.to_string(), name, what })
        };
        if all.len() > TENANTS_MAX {
            return wrong("65", "tenant", "there are more than 64 EHRs");
        }
        let mut tenants: BTreeMap<String, Arc<Tenant>> = BTreeMap::new();
        let mut by_issuer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for settings in all {
            let id = &settings.tenant;
            let tenant = Tenant::new(settings, mode, parts.names.as_ref())?;
            for issuer in &settings.issuers {
                let same = by_issuer.entry(issuer.clone()).or_default();
                let claim = |other: &String| tenants.get(other).map(|other| other.claim());
                if same.contains(id) || same.iter().any(|one| claim(one) == Some(tenant.claim())) {
                    let what = "it is written twice; tell EHRs of one issuer apart by tenant_claim";
                    return wrong(id, "issuers", what);
                }
                same.push(id.clone());
            }
            if tenants.insert(id.clone(), Arc::new(tenant)).is_some() {
                return wrong(id, "tenant", "two EHRs have this id");
            }
        }
        let origins = all.iter().flat_map(|settings| settings.origins.clone()).collect();
        let Parts { clock, replays, patience, .. } = parts;
        let tenants = Arc::new(tenants);
        Ok(Registry { tenants, by_issuer, origins, replays, clock, patience })
    }

    /// Which EHR calls this address, by the value of the header `Authorization`. It waits only
    /// where the EHR's keys have to be fetched first.
    ///
    /// # Errors
    /// Why the call is not believed: for the log, and never for the caller.
    pub async fn authenticate(
        &self,
        authorization: Option<&str>,
        address: &str,
    ) -> Result<Caller, Refused> {
        let call = self.read(authorization, address)?;
        let now = (self.clock)();
        let at_hand = call.tenant.keys.at_hand(now);
        if at_hand.soon {
            drop(call.tenant.keys.begin(&self.clock));
        }
        let newer = self.newer(call.tenant);
        let keys = match at_hand.keys {
            Some(keys) if !at_hand.ask => keys,
            Some(old) => timeout(self.patience, newer).await.unwrap_or(Ok(old))?,
            None => self.tell(&call, newer.await)?,
        };
        match self.prove(&call, &keys) {
            Err(Refused::UnknownKey) if call.tenant.keys.at_hand(now).may_ask => {
                let newer = self.newer(call.tenant).await?;
                self.tell(&call, self.prove(&call, &newer))
            }
            proved => self.tell(&call, proved),
        }
    }

    /// The same at once, where no keys have to be fetched; else `None`, and
    /// [`Registry::authenticate`] is to be asked.
    ///
    /// # Errors
    /// As there.
    pub fn authenticate_now(
        &self,
        authorization: Option<&str>,
        address: &str,
    ) -> Result<Option<Caller>, Refused> {
        let call = self.read(authorization, address)?;
        let at_hand = call.tenant.keys.at_hand((self.clock)());
        if at_hand.ask {
            return Ok(None);
        }
        if at_hand.soon {
            drop(call.tenant.keys.begin(&self.clock));
        }
        let proved = match at_hand.keys {
            Some(keys) => self.prove(&call, &keys),
            None => Err(Refused::NoKeys),
        };
        match proved {
            Err(Refused::UnknownKey) if at_hand.may_ask => Ok(None),
            proved => self.tell(&call, proved).map(Some),
        }
    }

    /// Keeps for a doctor of the settings why a call in an EHR's name was refused.
    fn tell<T>(&self, call: &Unproved<'_, '_>, told: Result<T, Refused>) -> Result<T, Refused> {
        told.inspect_err(|refused| call.tenant.refused(*refused, (self.clock)()))
    }

    /// Fetches the keys of every EHR, whatever is at hand, and says of each whether that worked.
    pub async fn check(&self) -> Vec<(String, Result<(), EhrError>)> {
        let mut found = Vec::new();
        for (id, tenant) in self.tenants.iter() {
            found.push((id.clone(), tenant.keys.check((self.clock)()).await));
        }
        found
    }

    /// The EHR of that id.
    pub fn tenant(&self, id: &str) -> Option<&Tenant> {
        self.tenants.get(id).map(|one| &**one)
    }

    /// All of them, by their ids.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.tenants.values().map(|one| &**one)
    }

    /// The EHRs whose FHIR server has exactly that base: whom a SMART launch names in `iss`.
    pub fn at(&self, fhir_base: &str) -> Vec<&Tenant> {
        let Some(claimed) = Address::read(fhir_base) else { return Vec::new() };
        self.tenants().filter(|tenant| *tenant.fhir_base() == claimed).collect()
    }

    /// Whether scripts of that origin, as a browser writes it, may call (CORS).
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.contains(origin)
    }

    pub(crate) fn shared(&self) -> (Arc<BTreeMap<String, Arc<Tenant>>>, Clock) {
        (self.tenants.clone(), self.clock.clone())
    }

    /// All but signature and replay, so that a bad call costs little.
    fn read<'r, 't>(
        &'r self,
        authorization: Option<&'t str>,
        address: &str,
    ) -> Result<Unproved<'r, 't>, Refused> {
        let token = Token::read(bearer(authorization)?)?;
        let header = &token.header;
        // ES384 and RS384 are what CDS Hooks recommends, and all its clients sign by one of them.
        if !matches!(header.algorithm, Algorithm::Es384 | Algorithm::Rs384) {
            return Err(Refused::Algorithm);
        }
        if !header.typ.as_ref().is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE)) {
            return Err(Refused::Type);
        }
        if header.kid.is_none() {
            return Err(Refused::NoKeyId);
        }
        let claims = token.unverified().ok_or(Refused::Malformed)?;
        let issuer = claims.get("iss").and_then(Value::as_str).ok_or(Refused::Claim("iss"))?;
        let tenant = self.signer(issuer, claims.get("tenant"))?;
        let issuer = issuer.to_string();
        let now = (self.clock)();
        let claims = key_set_address(header.jku.as_deref(), tenant)
            .and_then(|()| Claims::check(&claims, tenant, address, now))
            .inspect_err(|refused| tenant.refused(*refused, now))?;
        Ok(Unproved { token, tenant, issuer, claims })
    }

    /// The EHR of that issuer; where there are several, the one that the token names.
    fn signer(&self, issuer: &str, claim: Option<&Value>) -> Result<&Tenant, Refused> {
        let ids = self.by_issuer.get(issuer).ok_or(Refused::Issuer)?;
        let mut fitting = ids.iter().filter_map(|id| self.tenants.get(id)).filter(|tenant| {
            // A tenant that is no text is none of ours.
            claim.is_none_or(|claim| claim.as_str() == Some(tenant.claim()))
        });
        match (fitting.next(), fitting.next()) {
            (Some(tenant), None) => Ok(tenant),
            _ => Err(Refused::Tenant),
        }
    }

    /// The signature first, so that only what an EHR has signed is remembered.
    fn prove(&self, call: &Unproved<'_, '_>, keys: &Keys) -> Result<Caller, Refused> {
        call.token.check(keys)?;
        let now = (self.clock)();
        let (issuer, Claims { jti, until }) = (&call.issuer, &call.claims);
        if !self.replays.first_time(issuer, jti, *until, now) {
            return Err(Refused::Replayed);
        }
        let tenant = call.tenant.id().to_string();
        Ok(Caller { tenant, issuer: issuer.clone(), jti: jti.clone() })
    }

    async fn newer(&self, tenant: &Tenant) -> Result<Arc<Keys>, Refused> {
        tenant.keys.newer(&self.clock).await.ok_or(Refused::NoKeys)
    }
}

/// INVARIANT: where a token says its keys are is compared, and never asked.
fn key_set_address(jku: Option<&str>, tenant: &Tenant) -> Result<(), Refused> {
    let Some(jku) = jku else { return Ok(()) };
    match (Address::read(jku), tenant.jku()) {
        (Some(named), Some(own)) if named == *own => Ok(()),
        _ => Err(Refused::KeySetAddress),
    }
}

/// The token of a header's value, RFC 6750 section 2.1.
fn bearer(authorization: Option<&str>) -> Result<&str, Refused> {
    let value = authorization.ok_or(Refused::NoToken)?;
    let (scheme, token) = value.split_once(' ').ok_or(Refused::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refused::NoToken);
    }
    if token.len() > TOKEN_BYTES_MAX { Err(Refused::Malformed) } else { Ok(token) }
}

impl fmt::Debug for Registry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} registered EHRs", self.tenants.len())
    }
}
