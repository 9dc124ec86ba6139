//! Any text as whom a message goes to: read or refused, never shown whole, and read back alike.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::address(data);
});
