//! SMART App Launch 2.2 as an app: opened from an EHR with its chart, or on its own with a patient
//! that the user chooses; and the services behind, without a user.
//!
//! [`Launches::begin`] gives the address to send a browser to; [`Launches::finish`] takes what it
//! brings back, and says what was [`Launched`]. [`Backend::token`] gives a token of ours.
//! [`KeySet`] is what we publish. Pages, cookies and sessions are the server's.
//!
//! Only EHRs of the settings are asked: the `iss` that a browser brings is compared with them taken
//! apart, and then the registered address is used. Refresh tokens are neither asked for nor read.

mod address;
mod backend;
mod discovery;
mod ehr;
mod error;
mod exchange;
mod id_token;
mod kept;
mod key_set;
mod launched;
mod launches;
mod random;
mod response;
mod scopes;
mod secret;
mod settings;

pub use backend::{AccessToken, Backend};
pub use error::{Mismatch, Part, Refusal, SmartError, TokenFault};
pub use kept::{FRAME_SECONDS, KEPT_SECONDS, Shown, Tie};
pub use key_set::KeySet;
pub use launched::{FhirContext, FhirUser, Launched};
pub use launches::{Begun, Launches};
pub use random::RandomSource;
pub use scopes::{Action, Granted, Reach};
pub use secret::Secret;
pub use settings::{SCOPES, Settings};
