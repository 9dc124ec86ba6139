//! The table of codes: sound numbers, every picture of the guideline, and what a site adds.

use cauda_cds_hooks::{Codes, CodesError, Contrast, Matter, Modality, Region};
use cauda_fhir::Resource;
use serde_json::json;

use crate::world::{CPT, LOINC, codes, guideline};

const SNOMED: &str = "http://snomed.info/sct";

fn ordered(codings: &[(&str, &str)]) -> Option<cauda_cds_hooks::Ordered> {
    let codings: Vec<_> =
        codings.iter().map(|(system, code)| json!({ "system": system, "code": code })).collect();
    let order = json!({ "resourceType": "ServiceRequest", "code": { "coding": codings } });
    codes().ordered(&Resource::of(&order).unwrap())
}

#[test]
fn every_number_has_its_check_digit() {
    for (system, code, display) in codes().rows() {
        match system {
            LOINC => assert!(is_loinc(code), "{code}"),
            SNOMED => assert!(is_snomed(code), "{code}"),
            _ => assert!(code.len() == 5 && code.bytes().all(|sign| sign.is_ascii_digit())),
        }
        // The descriptions of CPT are not ours to give.
        assert_eq!(display.is_none(), system == CPT, "{code}");
    }
}

#[test]
fn every_picture_of_the_guideline_is_in_the_table() {
    let vocabulary = &guideline().vocabulary;
    for id in vocabulary.ids("image") {
        let phrase = vocabulary.get("image", id).unwrap();
        let modality = phrase.modality.as_deref().unwrap();
        if modality == "none" {
            continue;
        }
        assert!(codes().knows(id), "{id}");
        let Some(need) = codes().need(id) else { continue };
        let named = match need.modality {
            Modality::Mri => "mri",
            Modality::Ct => "ct",
            Modality::Xray => "xray",
        };
        assert_eq!(named, modality, "{id}");
        assert_eq!(need.contrast, phrase.contrast.as_deref() != Some("none"), "{id}");
        let region = phrase.region.as_deref().unwrap();
        match need.region {
            Some(Region::Whole) => assert_eq!(region, "whole spine"),
            Some(Region::Lumbar) => assert!(region.starts_with("lumbar")),
            Some(Region::Cervical) => assert!(region.starts_with("cervical")),
            other => assert!(other.is_none()),
        }
    }
}

#[test]
fn the_codes_of_the_guideline_order_its_own_pictures() {
    let vocabulary = &guideline().vocabulary;
    for id in vocabulary.ids("image") {
        for code in &vocabulary.get("image", id).unwrap().codes {
            let ordered = ordered(&[(LOINC, &code.code)]).unwrap();
            let need = codes().need(id).unwrap();
            assert_eq!((Some(ordered.region), ordered.modality), (need.region, need.modality));
        }
    }
}

#[test]
fn nearest_pictures_are_pictures_of_the_guideline() {
    let vocabulary = &guideline().vocabulary;
    for (system, code, _) in codes().rows() {
        if let Some(image) = ordered(&[(system, code)]).unwrap().image {
            assert!(vocabulary.get("image", image).is_some(), "{image}");
        }
    }
}

#[test]
fn a_code_that_is_not_in_the_table_is_no_order_for_the_spine() {
    assert_eq!(ordered(&[(CPT, "70551")]), None);
    assert_eq!(ordered(&[("http://hospital.example/codes", "72148")]), None);
    assert_eq!(ordered(&[]), None);
}

#[test]
fn codes_that_disagree_say_only_what_they_share() {
    let same = ordered(&[(CPT, "72148"), (LOINC, "24968-0")]).unwrap();
    assert_eq!((same.region, same.contrast), (Region::Lumbar, Contrast::Without));
    let parts = ordered(&[(CPT, "72148"), (CPT, "72141")]).unwrap();
    assert_eq!((parts.modality, parts.region), (Modality::Mri, Region::Unsaid));
    assert_eq!(ordered(&[(CPT, "72148"), (CPT, "72131")]), None);
}

#[test]
fn reasons_say_what_the_matter_is() {
    let of = |reasons: serde_json::Value| {
        let order = json!({ "resourceType": "ServiceRequest", "reasonCode": reasons });
        codes().matter(&Resource::of(&order).unwrap(), "reasonCode")
    };
    let icd = "http://hl7.org/fhir/sid/icd-10-cm";
    assert_eq!(of(json!([{ "coding": [{ "system": icd, "code": "M54.50" }] }])), Matter::BackPain);
    assert_eq!(of(json!([{ "coding": [{ "system": icd, "code": "G83.4" }] }])), Matter::BackPain);
    assert_eq!(of(json!([{ "coding": [{ "system": icd, "code": "S83.511" }] }])), Matter::Other);
    assert_eq!(of(json!([])), Matter::NotSaid);
    // Most reasons are typed; the back is recognised in them, and nothing is ruled out by them.
    for words in ["Low back pain since yesterday", "LUMBAGO", "sciatica?"] {
        assert_eq!(of(json!([{ "text": words }])), Matter::BackPain, "{words}");
    }
    assert_eq!(of(json!([{ "text": "ankle" }])), Matter::NotSaid);
    assert_eq!(of(json!([{ "coding": [{}] }])), Matter::NotSaid);
    // One reason without a code may be the back.
    let mixed = json!([{ "coding": [{ "system": icd, "code": "S83.511" }] }, { "text": "pain" }]);
    assert_eq!(of(mixed), Matter::NotSaid);
    // Neck pain is not of the back.
    assert_eq!(of(json!([{ "coding": [{ "system": icd, "code": "M54.2" }] }])), Matter::Other);
}

#[test]
fn a_site_adds_its_codes_and_changes_none() {
    let mut codes = Codes::shipped().unwrap();
    let add = "[systems]\nhere = [\"urn:here\"]\n[order]\nhere = [{ code = \"MRLS\", \
               image = [\"mri\", \"lumbar\", \"without\"] }]\n";
    codes.add(add).unwrap();
    let order = json!({
        "resourceType": "ServiceRequest",
        "code": { "coding": [{ "system": "urn:here", "code": "MRLS" }] },
    });
    assert!(codes.ordered(&Resource::of(&order).unwrap()).is_some());
    let before = codes.clone();
    let other = "[order]\ncpt = [{ code = \"72148\", image = [\"ct\", \"lumbar\", \"without\"] }]";
    assert_eq!(codes.add(other), Err(CodesError::Twice("72148".into())));
    assert!(matches!(codes.add("[order]\nnowhere = []"), Err(CodesError::NoSystem(_))));
    assert!(matches!(codes.add("order = 1"), Err(CodesError::Form(_))));
    assert!(matches!(codes.add(&" ".repeat(300_000)), Err(CodesError::TooLarge)));
    assert_eq!(codes, before);
}

fn is_loinc(code: &str) -> bool {
    let (number, check) = code.split_once('-').unwrap();
    let digits: Vec<u32> = number.chars().rev().map(|digit| digit.to_digit(10).unwrap()).collect();
    let doubled: u32 = digits.iter().step_by(2).map(|digit| digit * 2 / 10 + digit * 2 % 10).sum();
    let rest: u32 = digits.iter().skip(1).step_by(2).sum();
    (10 - (doubled + rest) % 10) % 10 == check.parse::<u32>().unwrap()
}

/// The check digit of Verhoeff.
fn is_snomed(code: &str) -> bool {
    let multiply = |left: usize, right: usize| match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left - 5 + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    };
    let permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permute = |at: usize, digit: usize| (0..at % 8).fold(digit, |digit, _| permuted[digit]);
    let digits = code.bytes().rev().map(|digit| usize::from(digit - b'0'));
    let sum = digits.enumerate().fold(0, |sum, (at, digit)| multiply(sum, permute(at, digit)));
    sum == 0
}
