//! A page without faults has one canonical form, and every fault lies inside it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::page(data);
});
