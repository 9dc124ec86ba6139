//! Any JSON as a `QuestionnaireResponse`, or as `Parameters` around one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::forms(data);
});
