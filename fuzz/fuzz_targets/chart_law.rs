//! Nonsense that is put into a chart takes no danger away.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::chart_law(data);
});
