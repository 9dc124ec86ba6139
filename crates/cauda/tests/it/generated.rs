//! Texts that come from the program itself, or name its files, are current.

use std::fs;

use crate::run::{cauda_with, root};

const BEGIN: &str = "<!-- assess-example:begin -->\n";
const END: &str = "<!-- assess-example:end -->";

#[test]
fn the_example_in_the_readme_is_what_the_program_prints() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once(BEGIN).expect("the beginning of the example");
    let (shown, _) = rest.split_once(END).expect("the end of the example");
    let arguments = ["assess", "examples/visits/2_cauda_equina.json"];
    let printed = cauda_with(&arguments, &[("NO_COLOR", "1")]).expect(0).out;
    assert_eq!(shown, format!("```text\n{printed}```\n"), "run `./test --write`");
}

/// A section `### `crates/NAME`` of ARCHITECTURE.md has a table, whose first column names files of
/// that crate.
#[test]
fn the_code_map_names_files_that_are_there() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (mut folder, mut named, mut missing) = (None, 0, Vec::new());
    for line in text.lines() {
        if line.starts_with("##") {
            let of_crate =
                line.strip_prefix("### `crates/").and_then(|name| name.strip_suffix('`'));
            folder = of_crate.map(|name| root().join("crates").join(name));
        }
        let (Some(folder), Some(cell)) = (&folder, line.strip_prefix("| `")) else { continue };
        let cell = cell.split(" | ").next().unwrap_or_default();
        for name in cell.split(['`', ',', ' ']).filter(|name| name.contains(['.', '/'])) {
            named += 1;
            if !folder.join("src").join(name).exists() && !folder.join(name).exists() {
                missing.push(format!("{}: {name}", folder.display()));
            }
        }
    }
    assert!(named > 200, "only {named} files are named");
    assert!(missing.is_empty(), "mend the code map: {missing:#?}");
}
