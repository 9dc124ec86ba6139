//! Groups signed as clear: `{"by": "nurse", "at": "…", "signed": "…"}`.

use serde_json::value::RawValue;

use super::{Reader, VisitError, shortened};
use crate::diagnostic::nearest;
use crate::facts::Role;
use crate::resolve::{Attested, ENTRIES_MAX, Entries};

/// Most characters of a signature.
const SIGNED_MAX: usize = 100;

impl<'a> Reader<'a> {
    pub(super) fn attestation(
        &self,
        id: &str,
        raw: &'a RawValue,
        entries: &mut Entries,
    ) -> Result<(), VisitError> {
        let path = format!("attestations.{}", shortened(id));
        let known = || self.guideline.attestations.iter();
        let Some(attestation) = known().position(|attestation| attestation.id == id) else {
            let help = match nearest(id, known().map(|attestation| attestation.id.as_str())) {
                Some(guess) => format!("did you mean `{guess}`?"),
                None => "`cauda facts` lists every attestation".to_string(),
            };
            let message = "no attestation has this name".to_string();
            return Err(self.refuse(raw, &path, message, Some(help)));
        };
        if raw.get().as_bytes().first() != Some(&b'[') {
            entries.attested.push(self.signature(attestation, raw, &path)?);
            return Ok(());
        }
        let list = self.list(raw, &path)?;
        if list.len() > ENTRIES_MAX {
            let message = format!("more than {ENTRIES_MAX} entries");
            return Err(self.refuse(raw, &path, message, None));
        }
        for (at, item) in list.into_iter().enumerate() {
            let path = format!("{path}[{at}]");
            entries.attested.push(self.signature(attestation, item, &path)?);
        }
        Ok(())
    }

    fn signature(
        &self,
        attestation: usize,
        raw: &'a RawValue,
        path: &str,
    ) -> Result<Attested, VisitError> {
        let (mut at, mut by, mut signed, mut entered_in_error) = (None, None, None, false);
        if raw.get().as_bytes().first() != Some(&b'{') {
            let help = r#"write `{"by": "nurse", "signed": "who"}`"#.to_string();
            let message = "an attestation is signed".to_string();
            return Err(self.refuse(raw, path, message, Some(help)));
        }
        for (name, raw) in self.object(raw.get(), path)? {
            let path = format!("{path}.{name}");
            match name.as_str() {
                "at" => at = self.instant(raw, &path)?,
                "by" => by = Some(self.signing_role(attestation, raw, &path)?),
                "signed" => signed = Some(self.signer(raw, &path)?),
                "entered_in_error" => entered_in_error = self.truth(raw, &path)?,
                _ => {
                    let help = "its parts are by, signed, at, entered_in_error".to_string();
                    let message = "an attestation has no such part".to_string();
                    return Err(self.refuse(raw, &path, message, Some(help)));
                }
            }
        }
        let (Some(by), Some(signed)) = (by, signed) else {
            let help = r#"write `{"by": "nurse", "signed": "who"}`"#.to_string();
            let message = "it does not say who signed, and as what".to_string();
            return Err(self.refuse(raw, path, message, Some(help)));
        };
        Ok(Attested { attestation, at, by, signed, entered_in_error })
    }

    fn signing_role(
        &self,
        attestation: usize,
        raw: &RawValue,
        path: &str,
    ) -> Result<Role, VisitError> {
        let role = self.role(raw, path)?;
        let allowed = &self.guideline.attestations[attestation].of;
        if allowed.contains(&role) {
            return Ok(role);
        }
        let who: Vec<&str> = allowed.iter().map(|role| role.words()).collect();
        let message = format!("{} may not sign this", role.words());
        Err(self.refuse(raw, path, message, Some(format!("it is for {}", who.join(" or ")))))
    }

    fn signer(&self, raw: &RawValue, path: &str) -> Result<String, VisitError> {
        let text = self.string(raw, path)?;
        let count = text.trim().chars().count();
        if count == 0 || count > SIGNED_MAX || text.chars().any(char::is_control) {
            let help = format!("a name or staff number of 1 to {SIGNED_MAX} characters");
            return Err(self.refuse(raw, path, "nobody signed".into(), Some(help)));
        }
        Ok(text.trim().to_string())
    }
}
