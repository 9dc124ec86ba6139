//! The four states of a prefetched value (CDS Hooks 2.0, "Prefetch Template"; requirements 52, 54).

use serde_json::Value;

use crate::Resource;

/// What came under a key. None of the four means that the patient has not got something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Supplied<'a> {
    /// The key is absent: it was not asked for, or the client cannot.
    Absent,
    /// `null`: the client asked, and its server found nothing.
    NoneFound,
    /// A resource, or a Bundle of them.
    Found(Resource<'a>),
    /// An `OperationOutcome`, or something that is no resource: asking failed.
    Failed,
}

impl<'a> Supplied<'a> {
    /// What a value is, as it stands under its key.
    pub fn of(value: Option<&'a Value>) -> Supplied<'a> {
        match value {
            None => Supplied::Absent,
            Some(Value::Null) => Supplied::NoneFound,
            Some(value) => match Resource::of(value) {
                Some(resource) if resource.kind() != "OperationOutcome" => {
                    Supplied::Found(resource)
                }
                _ => Supplied::Failed,
            },
        }
    }

    /// The resources that came: one, or those of a Bundle.
    pub fn resources(&self) -> Vec<Resource<'a>> {
        match self {
            Supplied::Found(resource) => resource.all(),
            _ => Vec::new(),
        }
    }
}
