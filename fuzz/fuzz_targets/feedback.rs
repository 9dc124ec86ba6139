//! Any body of feedback: taken whole and within its limits, or refused whole.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::feedback(data);
});
