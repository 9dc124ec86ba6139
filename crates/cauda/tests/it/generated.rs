//! Texts that come from the program itself are current.

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
