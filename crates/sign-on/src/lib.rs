//! Signing in by the hospital's own identity provider: OpenID Connect Core 1.0, the code flow with
//! PKCE (RFC 7636).
//!
//! [`Provider::begin`] gives the address to send a browser to and a value to keep for it;
//! [`Provider::finish`] takes both back and says who the [`Person`] is. Accounts, sessions and
//! cookies are the server's.

mod claims;
mod discovery;
mod error;
mod exchange;
mod fetching;
mod kept;
mod person;
mod provider;
mod random;
mod response;
mod settings;

pub use error::{Part, Refusal, SignOnError, TokenFault};
pub use kept::KEPT_SECONDS;
pub use person::Person;
pub use provider::{Begun, Clock, Provider};
pub use random::RandomSource;
pub use response::AuthorizationResponse;
pub use settings::Settings;
