//! Any bytes as what an EHR's FHIR server answers.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::asking(data);
});
