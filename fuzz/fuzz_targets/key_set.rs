//! Any bytes as a key set of an EHR: refused, or of public keys alone.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::key_set(data);
});
