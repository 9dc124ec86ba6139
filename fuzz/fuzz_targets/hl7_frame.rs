//! Any bytes as a line of HL7 messages.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::hl7_frame(data);
});
