//! A page without faults has one canonical form, and every fault lies inside it.
#![no_main]

use cauda_guideline::page::{differs_from_markdown, format, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (page, faults) = parse("red_flags/seed.md", text);
    for fault in &faults {
        assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
    }
    if faults.is_empty() {
        let canonical = format(&page);
        let (again, faults) = parse("red_flags/seed.md", &canonical);
        assert!(faults.is_empty(), "{canonical:?}: {faults:?}");
        assert_eq!(format(&again), canonical);
        let _ = differs_from_markdown(&page, text);
    }
});
