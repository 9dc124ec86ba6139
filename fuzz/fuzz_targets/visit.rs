//! A visit is read and decided, or refused at a place inside it.
#![no_main]

use std::sync::OnceLock;

use cauda_guideline::decision::explain;
use cauda_guideline::resolve::resolve;
use cauda_guideline::visit::read;
use cauda_guideline::{Guideline, load_checked};
use libfuzzer_sys::fuzz_target;

mod shipped;

fuzz_target!(|text: &str| {
    static GUIDELINE: OnceLock<Guideline> = OnceLock::new();
    let guideline = GUIDELINE
        .get_or_init(|| load_checked(&shipped::folder()).expect("the shipped guideline loads"));
    match read(guideline, text) {
        Ok(visit) => {
            let findings = resolve(guideline, &visit.entries, visit.as_of);
            assert!(!explain(guideline, &findings, None).clinician_review);
        }
        Err(error) => assert!(text.get(error.span.clone()).is_some(), "{error:?}"),
    }
});
