//! Any claims, rightly signed: believed only if they are of this EHR, for us, of now, and once.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::claims(data);
});
