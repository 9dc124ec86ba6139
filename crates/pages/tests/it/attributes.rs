//! The source attributes say what the rules read.

use serde_json::Value;

use crate::guidelines::{refused, shipped_publication, small};

fn attribute(text: &str, id: &str) -> Value {
    let whole: Value = serde_json::from_str(text).unwrap();
    let all = whole["attributes"].as_array().unwrap();
    assert_eq!(all.len(), 13);
    for (at, attribute) in all.iter().enumerate() {
        assert_eq!(attribute["number"], at + 1);
    }
    all.iter().find(|attribute| attribute["id"] == id).unwrap().clone()
}

#[test]
fn a_rule_that_reads_age_uses_the_date_of_birth() {
    let text = &shipped_publication().files["source-attributes.json"];
    let found = attribute(text, "date_of_birth");
    assert_eq!(found["used"], true);
    let facts = found["facts"].as_array().unwrap();
    assert!(facts.contains(&Value::from("age")));
    let pages = found["pages"].as_array().unwrap();
    assert!(pages.contains(&Value::from("scope/adults_only")));
}

#[test]
fn what_no_rule_reads_is_not_used() {
    let text = &refused(&small(&[])).files["source-attributes.json"];
    for id in ["race", "sex", "date_of_birth", "social_determinants_of_health"] {
        assert_eq!(attribute(text, id)["used"], false, "{id}");
    }
    let renamed = small(&[("facts/signs.toml", "staff = \"Numb\"", "staff = \"Race or sex\"")]);
    let text = &refused(&renamed).files["source-attributes.json"];
    assert_eq!(attribute(text, "race")["used"], true);
    assert_eq!(attribute(text, "sex")["facts"][0], "numb");
}

#[test]
fn a_term_is_met_word_for_word_and_in_its_order() {
    let with = |staff: &str| {
        let staff = format!("staff = \"{staff}\"");
        let guideline = small(&[("facts/signs.toml", "staff = \"Numb\"", &staff)]);
        let text = &refused(&guideline).files["source-attributes.json"];
        let ids = ["sex", "sexual_orientation", "health_status_assessments"];
        ids.map(|id| attribute(text, id)["used"] == true)
    };
    assert_eq!(with("Loss of genital feeling or sexual function"), [false; 3]);
    assert_eq!(with("Neurostimulator, drug pump or shunt"), [false; 3]);
    assert_eq!(with("Injection drug use"), [false, false, true]);
    // Pregnancy is a health status, and says something of sex.
    assert_eq!(with("Pregnant, or could be"), [true, false, true]);
}

#[test]
fn what_nobody_has_said_is_not_provided() {
    let text = &shipped_publication().files["source-attributes.json"];
    for id in ["developer", "funding_source"] {
        let found = attribute(text, id);
        assert_eq!(found["provided"], false);
        assert!(found["text"].as_str().unwrap().starts_with("The guideline names no "));
    }
}
