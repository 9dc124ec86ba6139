//! Any JSON as a chart of FHIR.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::chart(data);
});
