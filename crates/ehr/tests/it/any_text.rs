//! Any text, as a header, an address, a question: refused, and never a panic.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cauda_ehr::{Address, Gate, Question, Registry, Secret};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::desk::{AUD, Desk, soon};

fn at_hand() -> &'static (Runtime, Desk, Registry) {
    static AT_HAND: OnceLock<(Runtime, Desk, Registry)> = OnceLock::new();
    AT_HAND.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let desk = runtime.block_on(Desk::new());
        let registry = desk.registry();
        (runtime, desk, registry)
    })
}

/// Texts that are nearly addresses.
fn nearly() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("http"),
        Just("https"),
        Just("://"),
        Just(":"),
        Just("/"),
        Just("//"),
        Just("."),
        Just(".."),
        Just("@"),
        Just("#"),
        Just("?"),
        Just("%2e"),
        Just("\\"),
        Just("["),
        Just("]"),
        Just("::1"),
        Just("127.0.0.1"),
        Just("ehr.example.org"),
        Just("fhir"),
        Just("r4"),
        Just(" "),
        Just("\t"),
        Just("ü"),
        Just("Patient"),
        Just("443"),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_is_a_token(
        text in any::<String>(),
        header in any::<String>(),
        rest in any::<Vec<u8>>(),
    ) {
        let (runtime, _, registry) = at_hand();
        let parts = [
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(&rest),
            URL_SAFE_NO_PAD.encode(&rest),
        ];
        let joined = format!("Bearer {}", parts.join("."));
        for value in [text.clone(), format!("Bearer {text}"), joined] {
            prop_assert!(registry.authenticate_now(Some(&value), AUD).is_err());
            let called = runtime.block_on(registry.authenticate(Some(&value), AUD));
            prop_assert!(called.is_err());
        }
        drop(Secret::read(&text));
    }

    #[test]
    fn an_address_is_read_in_one_way_or_not_at_all(text in prop_oneof![any::<String>(), nearly()]) {
        let (_, desk, registry) = at_hand();
        if let Some(address) = Address::read(&text) {
            // What is written of it is read as the same, and in one way.
            let written = address.to_string();
            prop_assert_eq!(Address::read(&written), Some(address));
            prop_assert!(written.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(!written.contains(['@', '\\', '#', '?', '%']));
        }
        let base = format!("{}/fhir/r4", desk.ehr.origin());
        let gate = Gate::of(registry);
        prop_assert_eq!(gate.fhir("here", &text, None, soon()).is_ok(), text == base);
        drop(Question::read(&text));
        drop(Question::reference(&Address::read(&base).unwrap(), &text));
        drop(Question::resource(&text, &text));
        drop(Question::search(&text, &[(&text, &text)]));
    }
}
