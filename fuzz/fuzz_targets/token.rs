//! Any text as the token of a call: nobody is believed who has not the key.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::token(data);
});
