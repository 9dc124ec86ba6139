//! Any query a provider or a stranger sends back with: read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = cauda_sign_on::AuthorizationResponse::read(text);
});
