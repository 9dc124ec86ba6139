//! The document is what the table says.

use std::fs;

use crate::shipped::{guideline, root, table};

const DOCUMENT: &str = "docs/fhir-mapping.md";

#[test]
fn the_document_is_what_the_table_says() {
    let path = root().join(DOCUMENT);
    let rendered = table().markdown(guideline());
    if std::env::var_os("CAUDA_WRITE").is_some() {
        fs::write(&path, rendered).unwrap();
        return;
    }
    let shown = fs::read_to_string(&path).unwrap_or_default();
    let renew = "write it anew: `CAUDA_WRITE=1 cargo test -p cauda-chart --test it document`";
    assert_eq!(shown, rendered, "{DOCUMENT} is not what crates/chart/table.toml says; {renew}");
}
