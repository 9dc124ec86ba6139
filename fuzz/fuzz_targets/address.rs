//! Any text as whom a message goes to: read or refused, never shown whole, and read back alike.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(address) = cauda_post::Address::parse(text) {
        let again = cauda_post::Address::parse(address.reveal()).expect("its own form");
        assert_eq!(again.reveal(), address.reveal());
        assert!(!address.reveal().contains(['\r', '\n', '\0', ' ']));
        assert_ne!(address.to_string(), address.reveal());
    }
});
