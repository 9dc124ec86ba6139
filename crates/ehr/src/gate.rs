//! The only way to an EHR's FHIR server.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use crate::registry::Clock;
use crate::{FhirClient, GateError, Registry, Secret, Tenant};

/// Leads to the FHIR servers of registered EHRs, and nowhere else.
#[derive(Clone)]
pub struct Gate {
    tenants: Arc<BTreeMap<String, Arc<Tenant>>>,
    clock: Clock,
}

impl Gate {
    /// The gate to the EHRs of a registry.
    pub fn of(registry: &Registry) -> Gate {
        let (tenants, clock) = registry.shared();
        Gate { tenants, clock }
    }

    /// A client of this EHR's FHIR server, if the server that the call names (`fhirServer`, or
    /// `iss` of a launch) is the registered one. What is named is compared part by part, and what
    /// is asked is built of what is registered. Nothing is asked after the deadline; without a
    /// token an open server is asked.
    ///
    /// # Errors
    /// [`GateError`]; the call then goes on with what it brought itself.
    pub fn fhir(
        &self,
        tenant: &str,
        claimed: &str,
        token: Option<&Secret>,
        deadline: Instant,
    ) -> Result<FhirClient, GateError> {
        let tenant = self.tenants.get(tenant).ok_or(GateError::UnknownTenant)?;
        // INVARIANT: a token goes to the registered origin, and to no other.
        if !tenant.is_at(claimed) {
            return Err(GateError::OtherServer);
        }
        Ok(FhirClient::new(tenant.clone(), token.cloned(), deadline, self.clock.clone()))
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "gate to {} EHRs", self.tenants.len())
    }
}
