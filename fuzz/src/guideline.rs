//! A guideline's own files, visits and events.

use cauda_guideline::decision::explain;
use cauda_guideline::load_checked;
use cauda_guideline::page::{differs_from_markdown, format, parse};
use cauda_guideline::resolve::resolve;
use cauda_guideline::visit::read;
use cauda_pathway::event::Event;

use crate::{shipped, text};

/// A page without faults has one canonical form, and every fault lies inside it.
pub fn page(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
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
    faults.is_empty()
}

/// A file of facts beside the shipped ones loads, or is refused with places inside it.
pub fn facts(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let mut folder = shipped::folder().clone();
    // The pages are not what is tried here.
    folder.files.retain(|path, _| !path.ends_with(".md") && !path.starts_with("facts/"));
    folder.files.insert("facts/seed.toml".into(), text.to_string());
    let Err(faults) = load_checked(&folder) else { return true };
    for fault in faults.iter().filter(|fault| fault.file == "facts/seed.toml") {
        assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
    }
    false
}

/// A visit is read and decided, or refused at a place inside it.
pub fn visit(data: &[u8]) -> bool {
    let Some(text) = text(data) else { return false };
    let guideline = shipped::guideline();
    match read(guideline, text) {
        Ok(visit) => {
            let findings = resolve(guideline, &visit.entries, visit.as_of);
            assert!(!explain(guideline, &findings, None).clinician_review);
            true
        }
        Err(error) => {
            assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            false
        }
    }
}

/// Any text as an event of a visit: refused, or folded without a panic and written back alike.
pub fn event(data: &[u8]) -> bool {
    let Some(event) = text(data).and_then(|text| serde_json::from_str::<Event>(text).ok()) else {
        return false;
    };
    let written = serde_json::to_string(&event).expect("an event is JSON");
    assert_eq!(serde_json::from_str::<Event>(&written).expect("its own form"), event);
    let visit = cauda_pathway::fold([&event]);
    let _ = (visit.skeleton(), cauda_pathway::next_moment(&visit));
    true
}
