//! What patients read, in every language that was checked.
//!
//! `assets/en` holds the words of the pages, `assets/es` their translation, and that of the
//! guideline's phrases. A translation is read beside the English it was made from: when that
//! changes, it is outdated. A page is offered in a language only if somebody has checked
//! everything on it that could do harm.
//!
//! Pure: no file, clock, network, thread or randomness. Messages are Project Fluent's.

mod error;
mod language;
mod offer;
mod page;
mod phrases;
pub mod reading;
mod says;
mod signatures;
mod source;
mod words;

pub use error::WordsError;
pub use language::Language;
pub use offer::{Count, Lack, Missing, Offered, State};
pub use page::Page;
pub use phrases::{Needed, needed};
pub use says::{Line, Says};
pub use signatures::{Signature, Signatures, hash};
pub use source::{Message, Source, english_hash};
pub use words::{Entry, Words};
