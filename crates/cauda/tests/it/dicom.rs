//! `docs/dicom-conformance.md` is what the program answers scanners, and not what somebody wrote.

use std::fs;
use std::sync::Arc;

use cauda_dicom::conformance::conformance;
use cauda_dicom::{Device, Limits, Settings};

#[test]
fn the_conformance_statement_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dicom-conformance.md");
    let made = conformance(&Settings {
        ae_title: "CAUDA".to_string(),
        devices: vec![Device::scanner("MR1", "mr1")],
        limits: Limits::default(),
        tls: None,
        clock: Arc::new(|| 0),
    });
    if std::env::var_os("CAUDA_WRITE").is_some() {
        fs::write(path, &made).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    assert!(kept == made, "docs/dicom-conformance.md is not current: ./test --write");
}
