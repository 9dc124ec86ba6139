//! `cauda assess`: the eight visits, patients in words, and rehearsals.

use crate::run::{Scratch, cauda, cauda_reading, root};

/// Visit, disposition, tier acted on, exit code.
const VISITS: [(&str, &str, &str, i32); 8] = [
    ("1_strain", "home", "none", 0),
    ("2_cauda_equina", "mri_now", "emergency", 0),
    ("3_abscess", "mri_now", "emergency", 0),
    ("4_metastasis", "mri_within_24_hours", "urgent", 0),
    ("5_progressive_weakness", "mri_now", "immediate", 0),
    ("6_fall_from_ladder", "ct_or_xray_first", "emergency", 0),
    ("7_aneurysm", "resuscitation_or_other_emergency", "immediate", 0),
    ("8_cannot_decide_yet", "", "none", 1),
];

const CASE_WITH_NUMB_CHILD: &str = "`age` 12 a, `saddle_numbness` new; all else clear";

fn path(visit: &str) -> String {
    format!("examples/visits/{visit}.json")
}

fn answer(json: &serde_json::Value) -> (String, String) {
    let go = json["disposition"]["id"].as_str().unwrap_or_default().to_string();
    (go, json["urgency"]["acted_on"].as_str().unwrap().to_string())
}

#[test]
fn every_example_visit_leads_where_it_should() {
    for (visit, go, tier, code) in VISITS {
        let ran = cauda(&["assess", &path(visit), "--json"]).expect(code);
        let json = ran.json();
        assert_eq!(answer(&json), (go.to_string(), tier.to_string()), "{visit}");
        assert_eq!(json["decided"], code == 0, "{visit}");
        assert_eq!(json["clinician_review"], false, "{visit}");
        assert_eq!(ran.err, "", "{visit}");
    }
}

#[test]
fn the_page_begins_with_where_the_patient_goes() {
    for (visit, words, code) in [
        ("1_strain", "HOME", 0),
        ("2_cauda_equina", "MRI NOW", 0),
        ("4_metastasis", "MRI WITHIN 24 HOURS, STAYS", 0),
        ("6_fall_from_ladder", "CT OR X-RAY FIRST", 0),
        ("7_aneurysm", "RESUSCITATION OR OTHER EMERGENCY", 0),
        ("8_cannot_decide_yet", "CANNOT DECIDE YET", 1),
    ] {
        let ran = cauda(&["assess", &path(visit)]).expect(code);
        assert_eq!(ran.out.lines().next(), Some(words), "{visit}");
        assert!(ran.out.contains("not a certified medical device"), "{visit}");
        assert!(ran.out.contains("The clinician decides."), "{visit}");
    }
}

#[test]
fn no_line_is_too_wide_for_the_screen() {
    for (visit, _, _, code) in VISITS {
        let ran = cauda(&["assess", &path(visit), "--all"]).expect(code);
        for line in ran.out.lines() {
            assert!(line.chars().count() <= 110, "{visit}: {line}");
        }
    }
}

#[test]
fn json_holds_what_another_program_needs() {
    let json = cauda(&["assess", &path("2_cauda_equina"), "--json"]).expect(0).json();
    assert_eq!(json["guideline"]["id"], "back_pain");
    assert_eq!(json["guideline"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(json["facts_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(json["as_of"], "2026-11-23T09:20:00Z");
    assert!(json["valid_until"].as_str().unwrap() > "2026-11-23T09:20:00Z");
    assert_eq!(json["classification"], "potentially_complicated");
    assert_eq!(json["first_step"], "mri");
    assert_eq!(json["urgency"]["at_least"], "emergency");
    assert_eq!(json["imaging"][0]["id"], "mri_lumbar_with_sagittal_screen");
    let concerns = json["concerns"].as_array().unwrap();
    let raised = concerns.iter().find(|one| one["page"] == "red_flags/cauda_equina").unwrap();
    assert_eq!(raised["state"], "raised");
    let signs = ["because", "also"].iter().flat_map(|list| raised[list].as_array().unwrap());
    let signs: Vec<_> = signs.map(|shown| (&shown["fact"], &shown["value"])).collect();
    for fact in ["urinary_incontinence", "saddle_numbness"] {
        assert!(signs.contains(&(&fact.into(), &"new".into())), "{fact} in {signs:?}");
    }
    assert!(!raised["sources"].as_array().unwrap().is_empty());
    assert!(!json["missing"].as_array().unwrap().is_empty());
    assert!(!json["would_change"].as_array().unwrap().is_empty());
}

#[test]
fn standard_input_is_read_like_a_file() {
    let visit = path("2_cauda_equina");
    let text = std::fs::read(root().join(&visit)).unwrap();
    let file = cauda(&["assess", &visit]).expect(0);
    let piped = cauda_reading(&["assess", "-"], &text).expect(0);
    assert_eq!(piped.out, file.out);
}

#[test]
fn a_patient_in_words_is_decided() {
    let ran = cauda(&["assess", "--case", "all else clear", "--json"]).expect(0);
    assert_eq!(answer(&ran.json()), ("home".into(), "none".into()));
    let text = "`saddle_numbness` new; all else clear";
    let ran = cauda(&["assess", "--case", text, "--json"]).expect(0);
    assert_eq!(answer(&ran.json()), ("mri_now".into(), "emergency".into()));
    let ran = cauda(&["assess", "--case", "all else unknown", "--json"]).expect(1);
    assert_eq!(ran.json()["disposition"], serde_json::Value::Null);
}

#[test]
fn an_answer_can_be_rehearsed() {
    let strain = path("1_strain");
    let set = |setting: &str, code: i32| {
        let ran = cauda(&["assess", &strain, "--set", setting, "--json"]).expect(code);
        answer(&ran.json())
    };
    assert_eq!(set("saddle_numbness=new", 0), ("mri_now".into(), "emergency".into()));
    assert_eq!(set("weakness_worsening=present", 0), ("mri_now".into(), "immediate".into()));
    assert_eq!(set("temperature=38.4 Cel", 0).1, "urgent");
    assert_eq!(set("temperature=101.2 [degF]", 0).1, "urgent");
    let both = ["assess", &strain, "--set", "saddle_numbness=new", "--set", "age=15 a", "--json"];
    let json = cauda(&both).expect(1).json();
    assert_eq!(answer(&json), ("mri_now".into(), "emergency".into()));
}

#[test]
fn an_unknown_rehearsed_takes_home_away() {
    let strain = path("1_strain");
    for word in ["not known", "declined", "unable"] {
        let setting = format!("saddle_numbness={word}");
        let ran = cauda(&["assess", &strain, "--set", &setting, "--json"]);
        assert_ne!(answer(&ran.json()).0, "home", "{word}");
        assert_ne!(ran.json()["classification"], "common_non_specific", "{word}");
    }
}

#[test]
fn each_stage_asks_its_own_questions_first() {
    let visit = path("8_cannot_decide_yet");
    for stage in ["triage", "examination", "results", "discharge", "follow-up"] {
        let ran = cauda(&["assess", &visit, "--at", stage, "--json"]).expect(1);
        let json = ran.json();
        let missing = json["missing"].as_array().unwrap();
        assert!(!missing.is_empty(), "{stage}");
        assert_eq!(json["urgency"]["at_most"], "immediate", "{stage}");
    }
    let first = |stage: &str| {
        let json = cauda(&["assess", &visit, "--at", stage, "--json"]).expect(1).json();
        json["missing"][0]["at"].as_array().unwrap().contains(&stage.into())
    };
    assert!(first("triage") && first("examination"));
}

#[test]
fn more_is_shown_on_demand() {
    let visit = path("8_cannot_decide_yet");
    let short = cauda(&["assess", &visit]).expect(1).out;
    let long = cauda(&["assess", &visit, "--all"]).expect(1).out;
    assert!(short.contains("(--all)") && !long.contains("(--all)"), "{long}");
    assert!(long.len() > short.len());
}

#[test]
fn another_guideline_is_proved_and_used() {
    let visit = path("2_cauda_equina");
    let own = cauda(&["assess", &visit]).expect(0);
    let other = cauda(&["assess", &visit, "--guideline", "guidelines/back_pain"]).expect(0);
    assert_eq!(own.out, other.out);
}

#[test]
fn an_unsafe_guideline_decides_nobody() {
    let scratch = Scratch::new("an_unsafe_guideline_decides_nobody");
    let dir = scratch.unsafe_guideline();
    let ran = cauda(&["assess", &path("1_strain"), "--guideline", &dir]).expect(3);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("SP4") && ran.err.contains(&dir), "{}", ran.err);
    let json = cauda(&["assess", &path("1_strain"), "--guideline", &dir, "--json"]).expect(3);
    assert_eq!(json.out, "");
}

#[test]
fn a_faulty_guideline_decides_nobody() {
    let scratch = Scratch::new("a_faulty_guideline_decides_nobody");
    let dir = scratch.guideline();
    scratch.edit("definitions/fever.md", "- `fever_history` is present", "- `fewer` is present");
    let ran = cauda(&["assess", &path("1_strain"), "--guideline", &dir]).expect(3);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("fewer"), "{}", ran.err);
}

#[test]
fn a_child_is_never_reassured_and_keeps_every_alarm() {
    let strain = path("1_strain");
    for arguments in [
        vec!["assess", strain.as_str(), "--set", "age=12 a"],
        vec!["assess", strain.as_str(), "--set", "age=17 a"],
        vec!["assess", strain.as_str(), "--set", "age=not known"],
        vec!["assess", "--case", "`age` 0 a; all else clear"],
        vec!["assess", "--case", "`age` not asked; all else clear"],
        vec!["assess", "--case", "`age` declined; all else clear"],
        vec!["assess", "--case", "`age` < 18 a; all else clear"],
        vec!["assess", "--case", "`age` ≥ 17 a; all else clear"],
        vec!["assess", "--case", CASE_WITH_NUMB_CHILD],
    ] {
        let page = cauda(&arguments).expect(1);
        let told = format!("{arguments:?}\n{}", page.out);
        assert!(!page.out.to_lowercase().contains("common non-specific"), "{told}");
        assert!(!page.out.to_lowercase().starts_with("home"), "{told}");
        let mut arguments = arguments.clone();
        arguments.push("--json");
        let json = cauda(&arguments).expect(1).json();
        assert_ne!(json["classification"], "common_non_specific", "{told}");
        assert_eq!(json["decided"], false, "{told}");
    }
    let json = cauda(&["assess", "--case", CASE_WITH_NUMB_CHILD, "--json"]).expect(1).json();
    assert_eq!(answer(&json), ("mri_now".into(), "emergency".into()));
    let unknown = "`age` not known, `saddle_numbness` new; all else clear";
    let json = cauda(&["assess", "--case", unknown, "--json"]).expect(1).json();
    assert_eq!(answer(&json), ("mri_now".into(), "emergency".into()));
}
