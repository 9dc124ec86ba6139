//! Text of a guideline is text on a page, whatever letters it holds.

use crate::guidelines::{refused, small};
use crate::html::pages;

const SCRIPT: &str = "<script>alert('x')</script>";

#[test]
fn a_script_in_a_title_is_shown_and_not_run() {
    let mut guideline = small(&[
        ("facts/signs.toml", "staff = \"Numb\"", "staff = '\"><img src=x onerror=alert(1)>'"),
        ("sources.toml", "A source", "</title><script>1</script>"),
        ("vocabulary/concern.toml", "staff = \"Pressed nerves\"", "staff = '<svg onload=x>'"),
        ("guideline.toml", "title = \"Small\"", "title = '</title><style>*{color:red}</style>'"),
        ("cases/some.md", "# Some patients", "# Some <i>patients</i>"),
    ]);
    // The reader of pages refuses marks in a title, so these come in behind it.
    let page = guideline.pages.iter_mut().find(|page| page.id == "red_flags/pressed").unwrap();
    page.page.title = format!("Pressed {SCRIPT}");
    page.page.why = "It harms \"quotes\" & <b>bold</b> </main></svg>.".to_string();
    let made = refused(&guideline);
    for (file, elements) in pages(&made) {
        for element in &elements {
            let name = element.name.as_str();
            assert!(!["script", "style", "img", "b", "i"].contains(&name), "{file}: {element:?}");
            assert!(element.attributes.iter().all(|(name, _)| !name.starts_with("on")), "{file}");
        }
    }
    let page = &made.files["red_flags/pressed.html"];
    assert!(page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
}

#[test]
fn an_odd_name_of_a_source_can_be_linked() {
    let guideline = small(&[("sources.toml", "[a-source]", "[\"a source/#?\"]")]);
    let made = refused(&guideline);
    let ids: Vec<String> = pages(&made)
        .into_iter()
        .filter(|(file, _)| *file == "sources/part_1.html")
        .flat_map(|(_, elements)| elements)
        .filter_map(|element| element.attribute("id").map(str::to_string))
        .collect();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_/".contains(letter);
    assert!(ids.iter().all(|id| id.chars().all(plain)), "{ids:?}");
}
