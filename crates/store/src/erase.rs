//! Erasing a stream: its bodies and salts go, and everything that proves the rest stays.

use crate::event::is_name;
use crate::{StoreError, StreamName};

/// The kind of the audit event that an erasure leaves.
pub const ERASED_KIND: &str = "record_erased";

/// What to erase, and who says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The stream whose bodies go.
    pub stream: StreamName,
    /// Why, for the audit; it must not say anything about the patient.
    pub reason: String,
    /// The audit stream that notes it, `audit/2026-11-25`.
    pub audit: StreamName,
    /// Id of the command; a second time it does nothing.
    pub command: String,
    /// Who gave it.
    pub actor: String,
    /// When, in microseconds since 1970 UTC.
    pub recorded_at: i64,
}

impl Erasure {
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let names = [&self.reason, &self.command, &self.actor];
        if !names.into_iter().all(|name| is_name(name)) {
            return Err(StoreError::Malformed(
                "reason, command and actor of an erasure have 1 to 200 bytes on one line",
            ));
        }
        if self.audit.kind() != "audit" || self.stream.kind() == "audit" {
            return Err(StoreError::Malformed(
                "an erasure is noted in an audit stream, which itself is never erased",
            ));
        }
        Ok(())
    }

    /// The body of the audit event.
    pub(crate) fn body(&self, events: u64) -> String {
        let stream = self.stream.as_str();
        serde_json::json!({ "stream": stream, "reason": self.reason, "events": events }).to_string()
    }
}

/// The stream that an audit event says was erased.
pub(crate) fn erased_stream(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    body.get("stream")?.as_str().map(str::to_owned)
}
