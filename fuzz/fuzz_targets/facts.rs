//! A file of facts beside the shipped ones loads, or is refused with places inside it.
#![no_main]

use std::sync::OnceLock;

use cauda_guideline::{Folder, load_checked};
use libfuzzer_sys::fuzz_target;

mod shipped;

fuzz_target!(|text: &str| {
    static FOLDER: OnceLock<Folder> = OnceLock::new();
    let mut folder = FOLDER.get_or_init(shipped::folder).clone();
    // The pages are not what is tried here.
    folder.files.retain(|path, _| !path.ends_with(".md") && !path.starts_with("facts/"));
    folder.files.insert("facts/seed.toml".into(), text.to_string());
    if let Err(faults) = load_checked(&folder) {
        for fault in faults.iter().filter(|fault| fault.file == "facts/seed.toml") {
            assert!(text.get(fault.span.clone()).is_some(), "{fault:?}");
        }
    }
});
