//! What a test makes go wrong in an EHR that is otherwise well.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

/// The faults at work. The default is none.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Every answer of the FHIR server to others waits until the test opens it.
    pub fhir_gate: Option<Gate>,
    /// Every answer of the FHIR server is an error of this status, 500 for instance.
    pub fhir_status: Option<u16>,
    /// Bodies of the FHIR server end in their middle.
    pub truncated: bool,
    /// Bundles of searches hold at most so many entries, those of a prefetch too, and say that
    /// there is a next page.
    pub page_size: Option<usize>,
    /// What becomes of a prefetch key; `*` is every key.
    pub prefetch: BTreeMap<String, PrefetchFault>,
    /// Draft orders come as some order screens send them before anything is chosen: an empty
    /// object as coding, an empty `reasonCode`, and a Bundle without a type. It is no valid FHIR.
    pub empty_coding: bool,
    /// A hook comes without `fhirServer` and `fhirAuthorization`.
    pub no_access: bool,
    /// The answer of the authorization server to a request for a token is an error of this status.
    pub token_status: Option<u16>,
}

/// What becomes of a prefetched value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefetchFault {
    /// It is `null`.
    Null,
    /// It is an `OperationOutcome`.
    Outcome,
    /// Its key is not there.
    Absent,
}

impl Faults {
    pub(crate) fn of_prefetch(&self, key: &str) -> Option<PrefetchFault> {
        self.prefetch.get(key).or_else(|| self.prefetch.get("*")).copied()
    }
}

/// A door that is closed until the test opens it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<Passing>>);

#[derive(Clone, Copy, Debug, Default)]
struct Passing {
    open: bool,
    came: usize,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate(Arc::new(watch::Sender::new(Passing::default())))
    }
}

impl Gate {
    /// Opens it for good.
    pub fn open(&self) {
        self.0.send_modify(|passing| passing.open = true);
    }

    /// Waits until so many requests have come to it.
    pub async fn came(&self, count: usize) {
        // The sender is held here, so the wait cannot fail.
        drop(self.0.subscribe().wait_for(|passing| passing.came >= count).await);
    }

    /// Waits until it is open.
    pub(crate) async fn pass(&self) {
        let mut seen = self.0.subscribe();
        self.0.send_modify(|passing| passing.came += 1);
        drop(seen.wait_for(|passing| passing.open).await);
    }
}
