//! Any bytes as the identifier of a query.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = cauda_fuzz::dicom_identifier(data);
});
