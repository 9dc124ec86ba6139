//! Any text as an event of a visit: refused, or folded without a panic and written back alike.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::event(data);
});
