//! `cauda diff`: what is written otherwise, who is answered otherwise, and the
//! patients that replay.

use serde_json::Value;

use crate::run::{Scratch, cauda};

const SHIPPED: &str = "guidelines/back_pain";

/// The command of a replay line, without its quotes.
fn arguments(replay: &str) -> Vec<String> {
    let (before, case) = replay.split_once(" --case '").unwrap();
    let mut words: Vec<String> = before.split(' ').skip(1).map(str::to_string).collect();
    words.extend(["--case".into(), case.strip_suffix('\'').unwrap().into(), "--json".into()]);
    words
}

/// Runs a replay and compares it with what the kind of change says.
fn replays(answer: &Value, told: &Value) {
    let arguments = arguments(answer["replay"].as_str().unwrap());
    let ran = cauda(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ran.code < 2, "{arguments:?}: {}", ran.err);
    let decision = ran.json();
    assert_eq!(decision["disposition"]["id"], told["disposition"], "{arguments:?}");
    assert_eq!(decision["urgency"]["acted_on"], told["acted_on"], "{arguments:?}");
}

fn way<'a>(json: &'a Value, id: &str) -> &'a Vec<Value> {
    let ways = json["answered"]["directions"].as_array().unwrap();
    ways.iter().find(|way| way["id"] == id).unwrap()["kinds"].as_array().unwrap()
}

#[test]
fn a_guideline_does_not_differ_from_itself() {
    for arguments in [
        &["diff", SHIPPED][..],
        &["diff", "-", SHIPPED],
        &["diff", SHIPPED, "-"],
        &["diff", SHIPPED, SHIPPED],
    ] {
        let ran = cauda(arguments).expect(0);
        assert!(ran.out.contains("WHAT IS WRITTEN OTHERWISE\nnothing\n"), "{}", ran.out);
        assert!(ran.out.contains("Nobody: every patient gets the same answer."), "{}", ran.out);
        assert_eq!(ran.err, "");
    }
}

#[test]
fn other_words_alone_are_no_other_answer() {
    let scratch = Scratch::new("other_words_alone_are_no_other_answer");
    let dir = scratch.guideline();
    scratch.edit(
        "facts/bladder.toml",
        "staff = \"Unable to pass urine\"",
        "staff = \"Cannot void\"",
    );
    scratch.edit("vocabulary/disposition.toml", "staff = \"MRI now\"", "staff = \"MRI at once\"");
    scratch.edit("guideline.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
    let ran = cauda(&["diff", &dir]).expect(0);
    for line in [
        "NEW  back_pain 0.2.0",
        "changed  fact urinary_retention  facts/bladder.toml",
        "    - staff = \"Unable to pass urine\"\n    + staff = \"Cannot void\"\n",
        "changed  phrase mri_now  vocabulary/disposition.toml",
        "changed  guideline.toml",
        "Nobody: every patient gets the same answer.",
    ] {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }
}

#[test]
fn a_lost_sign_is_told_by_its_patient() {
    let scratch = Scratch::new("a_lost_sign_is_told_by_its_patient");
    let dir = scratch.guideline();
    scratch.edit("red_flags/fracture_low_energy.md", "  - `spinal_bruise` is present\n", "");
    let text = cauda(&["diff", &dir]).expect(1);
    for line in [
        "changed  red_flags/fracture_low_energy.md",
        "    -   - `spinal_bruise` is present\n",
        "The new version is less urgent for some patients.",
        "CT or X-ray first (urgent) → Home (none)",
        "cauda assess --case '`spinal_bruise` present; all else clear'",
        "MORE URGENT THAN BEFORE",
    ] {
        assert!(text.out.contains(line), "{line}: {}", text.out);
    }
    assert!(text.err.contains("`cauda assess` refuses it until they are mended"), "{}", text.err);

    // The other way round nobody with a known answer is less urgent.
    let back = cauda(&["diff", &dir, "-", "--all"]).expect(1);
    assert!(
        back.out.contains("Only states in which everything is known and no scan has reported"),
        "{}",
        back.out
    );
    assert!(!back.out.contains("more kinds: --all"), "{}", back.out);
    let json = cauda(&["diff", &dir, "-", "--json"]).expect(1).json();
    assert_eq!(json["answered"]["less_urgent_when_all_is_known"], false);
    let first = &way(&json, "more_urgent")[0];
    assert!(first["share"]["nearly_clear"].as_f64().unwrap() > 0.0, "{first}");
    // The new side is the guideline inside the program, so it replays at once.
    replays(&first["answers"][1], &first["new"]);
}

#[test]
fn a_lower_threshold_is_never_less_urgent() {
    let scratch = Scratch::new("a_lower_threshold_is_never_less_urgent");
    let dir = scratch.guideline();
    let page = "red_flags/cauda_equina.md";
    scratch.edit(page, "`post_void_residual` ≥ 200 mL", "`post_void_residual` ≥ 150 mL");
    scratch.edit(page, "`post_void_residual` < 200 mL (", "`post_void_residual` < 150 mL (");
    // Without the alarm it would no longer be a sign that settles the page.
    scratch.edit("facts/bladder.toml", "alarm = \"200\"", "alarm = \"150\"");
    let ran = cauda(&["diff", SHIPPED, &dir]).expect(1);
    assert!(ran.out.contains("The new version is never less urgent."), "{}", ran.out);
    let json = cauda(&["diff", SHIPPED, &dir, "--json"]).expect(1).json();
    assert_eq!(json["answered"]["ever_less_urgent"], false);
    assert!(way(&json, "less_urgent").is_empty());
    let case = way(&json, "more_urgent")[0]["answers"][0]["case"].clone();
    assert_eq!(case, "`post_void_residual` 150 mL; all else clear");
}

#[test]
fn a_patient_beside_the_old_threshold_is_the_same_in_both() {
    let scratch = Scratch::new("a_patient_beside_the_old_threshold_is_the_same_in_both");
    let dir = scratch.guideline();
    // A walker whose heart is a little fast is watched, not sent home.
    scratch.edit(
        "local_policy.toml",
        "facts = [\"heart_rate\"]\nvalue = \"100\"",
        "facts = [\"heart_rate\"]\nvalue = \"90\"",
    );
    for page in ["ready_to_leave", "needs_watching"] {
        let file = format!("definitions/{page}.md");
        let path = format!("{dir}/{file}");
        let text = std::fs::read_to_string(&path).unwrap();
        let changed = text.replace(" 100 /min (", " 90 /min (");
        assert_ne!(text, changed);
        // Its cases at the old threshold go with it.
        let kept = changed
            .lines()
            .filter(|line| !line.contains("`heart_rate` 9") && !line.contains("`heart_rate` 10"));
        std::fs::write(&path, kept.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    }
    let ran = cauda(&["diff", SHIPPED, &dir, "--json"]).expect(1);
    let json = ran.json();
    assert_eq!(json["old"]["folder"], SHIPPED);
    let ways = ["more_urgent", "other"].map(|id| way(&json, id));
    let home = ways.into_iter().flatten().find(|kind| {
        kind["old"]["disposition"] == "home"
            && kind["new"]["disposition"] == "observe_and_reexamine"
    });
    let home = home.unwrap_or_else(|| panic!("{}", ran.out));
    assert_eq!(home["findings"].as_array().unwrap().len(), 1, "{home}");
    for side in [0, 1] {
        assert_eq!(home["answers"][side]["case"], "`heart_rate` 91 /min; all else clear");
    }
    replays(&home["answers"][0], &home["old"]);
}

#[test]
fn both_sides_of_a_safe_change_replay() {
    let scratch = Scratch::new("both_sides_of_a_safe_change_replay");
    let dir = scratch.guideline();
    let image = "image: mri_lumbar_with_sagittal_screen";
    scratch.edit("red_flags/cauda_equina.md", image, "image: mri_whole_spine");
    // The stories that say which scan this page asks for go with it.
    for stories in ["words", "pharmacy_and_scanner"] {
        std::fs::remove_file(format!("{dir}/cases/{stories}.md")).unwrap();
    }
    let story = "- `urinary_retention` new; all else clear → mri_now, emergency; suspects cauda_equina; scans ";
    let [old, new] = ["mri_lumbar_with_sagittal_screen", "mri_whole_spine"];
    scratch.edit("cases/edges_said.md", &format!("{story}{old}"), &format!("{story}{new}"));
    cauda(&["check", &dir]).expect(0);
    let json = cauda(&["diff", SHIPPED, &dir, "--json"]).expect(1).json();
    let answered = &json["answered"];
    assert_eq!(
        (&answered["ever_less_urgent"], &answered["differs"]),
        (&false.into(), &true.into())
    );
    assert!(way(&json, "more_urgent").is_empty());
    let kinds = way(&json, "other");
    assert!(!kinds.is_empty());
    for kind in kinds.iter().take(2) {
        assert_eq!(kind["old"], kind["new"]);
        assert_ne!(kind["answers"][0]["text"], kind["answers"][1]["text"]);
        replays(&kind["answers"][0], &kind["old"]);
        replays(&kind["answers"][1], &kind["new"]);
    }
    for part in answered["parts"].as_array().unwrap() {
        let changes = part["share"]["all_states"].as_f64().unwrap() > 0.0;
        assert_eq!(changes, part["name"] == "pictures", "{part}");
    }
}

#[test]
fn guidelines_of_other_facts_are_compared() {
    let scratch = Scratch::new("guidelines_of_other_facts_are_compared");
    let dir = scratch.guideline();
    scratch.edit(
        "facts/trauma.toml",
        "[low_energy_fall]",
        "[bike_crash]\nkind = \"finding\"\ndanger = [\"present\"]\nclear = \"absent\"\nby = \"ask\"\n\
         asked = { at = [\"triage\"], of = [\"patient\", \"nurse\", \"physician\"] }\nkeep = \"worst\"\n\
         carries = \"visit\"\nstaff = \"Crash with a bicycle\"\npatient = \"Did you crash a bike\"\n\n\
         [low_energy_fall]",
    );
    let page = "red_flags/fracture_high_energy.md";
    scratch.edit(page, "## When any of\n", "## When any of\n- `bike_crash` is present\n");
    let ran = cauda(&["diff", "-", &dir]).expect(1);
    assert!(ran.out.contains("added    fact bike_crash  facts/trauma.toml"), "{}", ran.out);
    assert!(ran.out.contains("    + - `bike_crash` is present\n"), "{}", ran.out);
    assert!(
        ran.out.contains("Only states in which everything is known and no scan has reported"),
        "{}",
        ran.out
    );
    let json = cauda(&["diff", "-", &dir, "--json"]).expect(1).json();
    let first = &way(&json, "more_urgent")[0];
    assert_eq!(first["findings"][0], "Crash with a bicycle: present");
    // The old guideline does not know the fact, so its patient is simply clear.
    assert_eq!(first["answers"][0]["case"], "all else clear");
    replays(&first["answers"][0], &first["old"]);
}

#[test]
fn what_cannot_be_read_is_not_compared() {
    let scratch = Scratch::new("what_cannot_be_read_is_not_compared");
    let dir = scratch.guideline();
    scratch.edit("definitions/fever.md", "- `fever_history` is present", "- `fewer` is present");
    let ran = cauda(&["diff", &dir]).expect(3);
    assert!(ran.err.contains("fewer") && ran.out.is_empty(), "{ran:?}");
    cauda(&["diff", "no/such/folder"]).expect(3);
    cauda(&["diff"]).expect(2);
    cauda(&["diff", "-", "-", "-"]).expect(2);
}
