//! A file of facts beside the shipped ones loads, or is refused with places inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::facts(data);
});
