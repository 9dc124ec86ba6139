//! `cauda verify --population`: what it prints, its exit code, its faults.

use std::fs;

use crate::run::{Scratch, cauda, root};

const MODEL: &str = "guidelines/back_pain.population.toml";
const DIR: &str = "guidelines/back_pain";

/// The shipped model with every ceiling at 100 percent.
fn without_ceilings(scratch: &Scratch) -> String {
    let text = fs::read_to_string(root().join(MODEL)).unwrap();
    let (before, ceilings) = text.split_once("[[ceiling]]").unwrap();
    let mut raised = ceilings.to_string();
    for most in ["\"6\"", "\"15\"", "\"3\""] {
        raised = raised.replace(&format!("percent = {most}"), "percent = \"100\"");
    }
    scratch.write("free.toml", format!("{before}[[ceiling]]{raised}").as_bytes())
}

#[test]
fn the_same_seed_prints_the_same_bytes() {
    let run = |seed: &str| cauda(&["verify", DIR, "--population", "700", "--seed", seed]);
    let (one, again, other) = (run("5"), run("5"), run("6"));
    assert_eq!((&one.out, one.code), (&again.out, again.code));
    assert_ne!(one.out, other.out);
    for heading in ["CEILINGS", "TIERS", "DISPOSITIONS", "WHAT THE PATIENTS HAVE", "PAGES", "TO A"]
    {
        assert!(one.out.contains(heading), "{heading}\n{}", one.out);
    }
    assert!(one.out.contains("a model, not evidence") && one.out.contains("700 patients, seed 5"));
    assert!(one.out.lines().all(|line| !line.ends_with(' ')), "{}", one.out);
}

#[test]
fn the_guideline_inside_the_program_has_its_model() {
    let inside = cauda(&["verify", "--population", "400", "--json"]);
    let folder = cauda(&["verify", DIR, "--population", "400", "--json"]);
    assert_eq!(inside.out, folder.out);
    let json = inside.json();
    assert_eq!(json["patients"], 400);
    assert_eq!(json["population"], "back_pain_emergency_department");
    assert_eq!(json["ceilings"].as_array().unwrap().len(), 4);
    let broken = json["ceilings"].as_array().unwrap().iter().any(|line| line["holds"] == false);
    assert_eq!(inside.code, i32::from(broken));
}

#[test]
fn without_a_broken_ceiling_the_exit_code_is_zero() {
    let scratch = Scratch::new("without_a_broken_ceiling_the_exit_code_is_zero");
    let model = without_ceilings(&scratch);
    let ran = cauda(&["verify", DIR, "--population", "300", "--model", &model]).expect(0);
    assert!(ran.out.contains("no ceiling is broken"), "{}", ran.out);

    let text = fs::read_to_string(scratch.path("free.toml")).unwrap();
    let strict = text.replace("what = \"CRP and ESR needed\"", "what = \"none\"");
    let at = strict.find("what = \"none\"").unwrap();
    let strict = format!("{}{}", &strict[..at], strict[at..].replacen("\"100\"", "\"0.1\"", 1));
    let model = scratch.write("strict.toml", strict.as_bytes());
    let ran = cauda(&["verify", DIR, "--population", "300", "--model", &model]).expect(1);
    assert!(ran.out.contains("broken: 1 ceiling\n"), "{}", ran.out);
}

#[test]
fn a_model_with_a_fault_is_refused_with_its_place() {
    let scratch = Scratch::new("a_model_with_a_fault_is_refused_with_its_place");
    let text = fs::read_to_string(root().join(MODEL)).unwrap();
    let text = text.replacen("facts = [\"known_cancer\"]", "facts = [\"known_canser\"]", 1);
    let model = scratch.write("slip.toml", text.as_bytes());
    let ran = cauda(&["verify", DIR, "--population", "10", "--model", &model]).expect(3);
    assert_eq!(ran.out, "");
    for told in ["unknown-fact", "known_cancer", "slip.toml", "refused"] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    let missing = scratch.path("missing.toml");
    cauda(&["verify", DIR, "--population", "--model", &missing]).expect(3);
}

#[test]
fn the_model_beside_a_folder_is_taken() {
    let scratch = Scratch::new("the_model_beside_a_folder_is_taken");
    let dir = scratch.guideline();
    cauda(&["verify", &dir, "--population", "--numbers"]).expect(0);
    scratch.write("guideline.population.toml", b"[population]\n");
    let ran = cauda(&["verify", &dir, "--population", "--numbers"]).expect(3);
    assert!(ran.err.contains("guideline.population.toml"), "{}", ran.err);
}

#[test]
fn odd_numbers_and_mixed_commands_are_usage_errors() {
    for arguments in [
        &["verify", "--population", "0"][..],
        &["verify", "--population", "many"],
        &["verify", "--population", "10000001"],
        &["verify", "--population", "--second-solver"],
        &["verify", "--population", "--write-receipt", "x"],
        &["verify", "--numbers"],
        &["verify", "--model", "x"],
    ] {
        cauda(arguments).expect(2);
    }
}
