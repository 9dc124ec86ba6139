//! Any bytes as what an EHR says in a SMART launch.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::launch(data);
});
