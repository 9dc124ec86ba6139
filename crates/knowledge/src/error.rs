//! What can keep a guideline from being published as knowledge.

/// Why nothing was made. A guideline that loads never meets the first two: they
/// stand for a fault of this crate, and it tells of it instead of guessing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeError {
    /// A line of a page names something that cannot be found.
    #[error("{page}: `{subject}` cannot be written as CQL; run `cauda check` on the folder")]
    Unresolved {
        /// Id of the page.
        page: String,
        /// What it names.
        subject: String,
    },
    /// Two things would bear one FHIR id.
    #[error("`{first}` and `{second}` would both be {id}; rename one of them")]
    SameId {
        /// The id, with its kind before it.
        id: String,
        /// What has it already.
        first: String,
        /// What would have it too.
        second: String,
    },
    /// The output would be too large.
    #[error("{file} would have {bytes} bytes; split the guideline")]
    TooLarge {
        /// The file.
        file: String,
        /// Its bytes.
        bytes: usize,
    },
}
