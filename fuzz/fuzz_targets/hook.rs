//! Any body as a call of CDS Hooks, all the way to its card.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::hook(data);
});
