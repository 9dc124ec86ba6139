//! Offers with their hard stops, reports, attestations, ranges, options.

use crate::guidelines::{refused, shipped_publication, small};
use crate::html::elements;

fn page(file: &str) -> String {
    refused(&small(&[])).files[file].clone()
}

/// The text of a page without its tags.
fn words(file: &str) -> String {
    let text = page(file);
    let all: Vec<String> = text
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, words)| words).to_string())
        .collect();
    all.concat()
}

#[test]
fn an_offer_shows_its_hard_stops_on_its_page_and_in_the_list() {
    for file in ["treatment/tablet.html", "vocabulary/offer.html"] {
        let words = words(file);
        assert!(words.contains("Residual: 200 mL or more"), "{file}: {words}");
        assert!(words.contains("Never ordered together with: Nothing by mouth."), "{file}");
    }
    assert!(words("vocabulary/offer.html").contains("One only of the group"));
}

#[test]
fn a_report_is_drawn_into_the_concern_it_closes() {
    let text = page("red_flags/pressed.html");
    let chart = elements("pressed", &text);
    let said: Vec<&str> =
        chart.iter().filter(|e| e.name == "desc").map(|e| e.text.as_str()).collect();
    assert!(said[0].contains("The scan is clear is not reported"), "{said:?}");
    assert!(words("results/pressed_clear.html").contains("ClosesPressed nerves"));
}

#[test]
fn an_attestation_says_what_it_covers_and_who_signs() {
    let words = words("attestations.html");
    for part in ["Feels as before", "Who may signnurse", "CoversNumb"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn local_policy_shows_the_number_and_its_range() {
    let words = words("policy.html");
    for part in ["In this edition200 mL", "A site may choose150 to 200 mL", "Off until a site"] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn an_option_is_shown_as_it_would_be_and_as_off() {
    let words = words("options/early/red_flags/pressed.html");
    assert!(words.contains("This page is off until a site turns on early"), "{words}");
    assert!(words.contains("Residual: 100 mL or more"));
    let other = page("options/early/disposition/early.html");
    assert!(other.contains("href=\"../../../options/early/red_flags/pressed.html\""), "{other}");
    let own = page("red_flags/pressed.html");
    assert!(!own.contains("100 mL"));
}

#[test]
fn the_shipped_option_shows_its_pages_and_the_facts_that_it_alone_asks() {
    let files = &shipped_publication().files;
    let start = "options/booked_mri_for_cancer";
    for page in ["red_flags/cancer_booked_mri", "disposition/home_with_booked_test"] {
        let text = &files[&format!("{start}/{page}.html")];
        assert!(text.contains("This page is off until a site turns on"), "{page}");
    }
    let facts = &files["facts/booked_mri.html"];
    assert!(facts.contains("This page is off until a site turns on"), "{facts}");
    assert!(facts.contains("Booked MRI agreed"), "{facts}");
    assert!(!files["facts/index.html"].contains("Booked MRI agreed"));
}

#[test]
fn the_return_list_names_its_facts() {
    assert!(words("vocabulary/return.html").contains("Stands forNumb"));
}
