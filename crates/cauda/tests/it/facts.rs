//! `cauda facts`.

use crate::run::cauda;

#[test]
fn every_fact_is_listed_with_what_it_takes() {
    let ran = cauda(&["facts"]).expect(0);
    for word in ["saddle_numbness", "absent | longstanding | new", "in Cel or [degF]", "worked out"]
    {
        assert!(ran.out.contains(word), "{word}");
    }
    assert!(ran.out.contains("not asked, not known, declined or unable"));
    assert!(!ran.out.contains("first_step"), "built-in facts are not for people");
}

#[test]
fn a_word_filters_by_name_group_and_wording() {
    let all = cauda(&["facts", "--json"]).expect(0).json();
    let all = all.as_array().unwrap();
    let found = |word: &str| {
        let json = cauda(&["facts", word, "--json"]).expect(0).json();
        let ids = json.as_array().unwrap().iter().map(|fact| fact["id"].as_str().unwrap().into());
        ids.collect::<Vec<String>>()
    };
    assert!(found("bladder").contains(&"urinary_retention".to_string()), "by group");
    assert_eq!(found("SADDLE_NUMB"), ["saddle_numbness"], "by id, in any case");
    assert!(found("pee slow").contains(&"urinary_stream_change".to_string()), "by wording");
    assert!(found("bladder").len() < all.len());
}

#[test]
fn a_word_nobody_uses_finds_nothing() {
    let ran = cauda(&["facts", "zebra"]).expect(1);
    assert_eq!(ran.out.trim(), "no fact holds the word `zebra`");
    let json = cauda(&["facts", "zebra", "--json"]).expect(1).json();
    assert_eq!(json, serde_json::json!([]));
}

#[test]
fn json_tells_a_form_all_it_needs() {
    let json = cauda(&["facts", "temperature", "--json"]).expect(0).json();
    let mut known = json.as_array().unwrap().iter();
    let fact = known.find(|fact| fact["id"] == "temperature").unwrap();
    assert_eq!(fact["unit"], "Cel");
    assert_eq!(fact["accepts"], serde_json::json!(["Cel", "[degF]"]));
    assert_eq!(fact["codes"][0]["code"], "8310-5");
    assert_eq!(fact["fresh_seconds"], 14_400);
    assert!(!fact["patient"].as_str().unwrap().is_empty());
}

#[test]
fn another_folder_is_proved_before_it_is_listed() {
    let own = cauda(&["facts"]).expect(0);
    let other = cauda(&["facts", "--guideline", "guidelines/back_pain"]).expect(0);
    assert_eq!(own.out, other.out);
}
