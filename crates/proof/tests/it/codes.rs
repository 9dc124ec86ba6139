//! Codes of facts and phrases: a wrong digit would put a finding on the wrong shelf of
//! the hospital's record.

use crate::shipped::guideline;

/// Every code that may occur, with its display in LOINC or in its list of orders.
const AGREED: [(&str, &str, &str); 8] = [
    ("temperature", "8310-5", "Body temperature"),
    ("heart_rate", "8867-4", "Heart rate"),
    ("respiratory_rate", "9279-1", "Respiratory rate"),
    ("systolic_pressure", "8480-6", "Systolic blood pressure"),
    ("c_reactive_protein", "1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),
    ("erythrocyte_sedimentation_rate", "30341-2", "Erythrocyte sedimentation rate"),
    ("mri_lumbar_with_sagittal_screen", "30679-5", "MR Lumbar spine WO contrast"),
    ("mri_whole_spine_with_contrast", "36400-0", "MR Spine WO+W"),
];

/// LOINC's check digit: every second digit from the right is doubled, and the
/// digits of all products add up; the check digit fills up to the next ten.
fn check_digit(number: &str) -> u32 {
    let digits = number.chars().rev().map(|digit| digit.to_digit(10).unwrap());
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

#[test]
fn the_check_digit_is_computed_as_loinc_does() {
    // Two codes of the LOINC Users' Guide, and one with a digit swapped.
    assert_eq!(check_digit("12345"), 5);
    assert_eq!(check_digit("2951"), 2);
    assert_ne!(check_digit("2591"), 2);
}

#[test]
fn every_code_is_agreed_and_has_a_correct_check_digit() {
    let mut found = Vec::new();
    for fact in &guideline().facts {
        for code in &fact.codes {
            assert_eq!(code.system, "LOINC", "{}", fact.id);
            let (number, digit) = code.code.split_once('-').unwrap();
            assert_eq!(digit, check_digit(number).to_string(), "{}: {}", fact.id, code.code);
            found.push((fact.id.as_str(), code.code.as_str(), code.display.as_str()));
        }
    }
    for (list, entries) in guideline().vocabulary.lists() {
        for (id, _, phrase) in entries {
            for code in &phrase.codes {
                assert_eq!(code.system, "LOINC", "{list}/{id}");
                let (number, digit) = code.code.split_once('-').unwrap();
                assert_eq!(digit, check_digit(number).to_string(), "{id}: {}", code.code);
                found.push((id.as_str(), code.code.as_str(), code.display.as_str()));
            }
        }
    }
    let mut agreed = AGREED.to_vec();
    agreed.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, agreed);
}
