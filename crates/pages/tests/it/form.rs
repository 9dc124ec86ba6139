//! What every page is: well formed, small, without script or style, the same
//! each time.

use crate::guidelines::{refused, shipped, shipped_publication, small};
use crate::html::pages;
use cauda_pages::{MANIFEST, PAGE_BYTES_MAX};

#[test]
fn every_page_is_well_formed_and_has_its_frame() {
    for (file, elements) in pages(shipped_publication()) {
        let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
        for name in ["title", "header", "nav", "main", "footer", "h1"] {
            let least = if name == "title" { count("title") >= 1 } else { count(name) == 1 };
            assert!(least, "{file}: {} of {name}", count(name));
        }
        let html = elements.iter().find(|element| element.name == "html").unwrap();
        assert_eq!(html.attribute("lang"), Some("en"), "{file}");
    }
}

#[test]
fn headings_are_in_order() {
    for (file, elements) in pages(shipped_publication()) {
        let mut last = 0;
        for element in elements.iter().filter(|element| {
            element.name.len() == 2 && element.name.starts_with('h') && element.name != "hr"
        }) {
            let level: usize = element.name[1..].parse().unwrap();
            assert!(level <= last + 1, "{file}: {level} after {last}");
            last = level;
        }
    }
}

#[test]
fn table_headers_have_a_scope_and_tables_a_caption() {
    for (file, elements) in pages(shipped_publication()) {
        for header in elements.iter().filter(|element| element.name == "th") {
            assert!(header.attribute("scope").is_some(), "{file}: {header:?}");
        }
        let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
        assert_eq!(count("table"), count("caption"), "{file}");
    }
}

#[test]
fn no_script_no_inline_style_nothing_from_elsewhere() {
    for (file, elements) in pages(shipped_publication()) {
        for element in &elements {
            assert!(!["script", "style", "iframe", "img", "form"].contains(&element.name.as_str()));
            for (name, value) in &element.attributes {
                assert!(name != "style" && !name.starts_with("on"), "{file}: {element:?}");
                assert!(!value.contains("//"), "{file}: {element:?}");
            }
        }
    }
    assert!(!shipped_publication().files["style.css"].contains("url("));
}

#[test]
fn no_page_is_larger_than_its_limit() {
    for (file, text) in &shipped_publication().files {
        assert!(!file.ends_with(".html") || text.len() <= PAGE_BYTES_MAX, "{file}");
    }
}

#[test]
fn the_same_guideline_gives_the_same_bytes() {
    let guideline = small(&[]);
    assert_eq!(refused(&guideline), refused(&guideline));
}

#[test]
fn the_list_of_files_names_them_all() {
    let made = shipped_publication();
    let list: serde_json::Value = serde_json::from_str(&made.files[MANIFEST]).unwrap();
    let listed = list["files"].as_object().unwrap();
    assert_eq!(listed.len() + 1, made.files.len());
    assert_eq!(list["guideline_sha256"], shipped().sha256.as_str());
    assert_eq!(list["proved"], true);
}

#[test]
fn a_refused_guideline_says_so_on_every_page() {
    let made = refused(&small(&[]));
    for (file, text) in made.files.iter().filter(|(file, _)| file.ends_with(".html")) {
        assert!(text.contains("<strong>Not proved. </strong>"), "{file}");
    }
    assert!(!made.files["proofs.html"].contains("Every property holds."));
    let proved = shipped_publication();
    assert!(!proved.files["index.html"].contains("Not proved."));
    assert!(proved.files["proofs.html"].contains("Every property holds."));
}
