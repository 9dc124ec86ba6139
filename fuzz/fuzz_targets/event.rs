//! Any text as an event of a visit: refused, or folded without a panic and written back alike.
#![no_main]

use cauda_pathway::event::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(event) = serde_json::from_str::<Event>(text) {
        let written = serde_json::to_string(&event).expect("an event is JSON");
        assert_eq!(serde_json::from_str::<Event>(&written).expect("its own form"), event);
        let visit = cauda_pathway::fold([&event]);
        let _ = (visit.skeleton(), cauda_pathway::next_moment(&visit));
    }
});
