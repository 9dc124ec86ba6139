//! `cauda verify`: properties, stories that replay, receipts.

use std::fs;

use crate::run::{Scratch, cauda, root};

const PROPERTIES: [&str; 13] =
    ["SP1", "SP2", "SP3", "SP4", "SP5", "SP6", "SP7", "SP10", "SP11", "SP12", "SP13", "E8", "CR25"];

#[test]
fn the_guideline_inside_the_program_is_proved() {
    for arguments in [
        &["verify"][..],
        &["verify", "guidelines/back_pain"],
        &["verify", "--second-solver", "--patients", "3000", "--seed", "9"],
    ] {
        let ran = cauda(arguments).expect(0);
        let lines: Vec<&str> = ran.out.lines().collect();
        let ids: Vec<&str> =
            lines.iter().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(ids[..13], PROPERTIES, "{}", ran.out);
        assert!(lines[..13].iter().all(|line| line.contains(" holds ")), "{}", ran.out);
        let option = "option `booked_mri_for_cancer`: every property holds with it";
        assert_eq!(lines[13], option);
        assert!(lines[14].starts_with("proved: back_pain"), "{}", ran.out);
        assert_eq!((lines.len(), ran.err.as_str()), (15, ""));
    }
}

#[test]
fn the_outcome_as_json_names_every_property() {
    let json = cauda(&["verify", "--json"]).expect(0).json();
    let shown = json.as_array().unwrap();
    let ids: Vec<&str> = shown.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, PROPERTIES);
    assert!(shown.iter().all(|one| one["outcome"] == "holds"));
    assert!(shown.iter().all(|one| one["questions"].as_u64().unwrap() > 0));
}

#[test]
fn the_shares_of_states_are_shown_on_request() {
    let ran = cauda(&["verify", "guidelines/back_pain", "--shares"]).expect(0);
    for line in ["Where the patient goes", "MRI now", "Cannot decide yet", "Urgency acted on"] {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }
    assert!(ran.out.contains("shares of possible states, not of the patients"), "{}", ran.out);

    let json = cauda(&["verify", "--shares", "--json"]).expect(0).json();
    assert_eq!(json["properties"].as_array().unwrap().len(), PROPERTIES.len());
    let shares = &json["shares"];
    assert!(shares["states"].as_str().unwrap().len() > 40, "{shares}");
    for (table, weighting) in ["dispositions", "acted_on", "at_least"]
        .iter()
        .flat_map(|table| ["nearly_clear", "all_known", "all_states"].map(|one| (*table, one)))
    {
        let rows = shares[table].as_array().unwrap();
        let sum: f64 = rows.iter().map(|row| row["share"][weighting].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{table}, {weighting}: {sum}");
    }
}

#[test]
fn an_edition_is_proved_against_the_one_before() {
    let scratch = Scratch::new("an_edition_is_proved_against_the_one_before");
    let dir = scratch.guideline();
    let shipped = "guidelines/back_pain";
    let same = cauda(&["verify", &dir, "--against", shipped]).expect(0);
    assert!(same.out.contains("SP8   holds"), "{}", same.out);
}

#[test]
fn a_site_turns_an_option_on_and_everything_is_proved_anew() {
    let scratch = Scratch::new("a_site_turns_an_option_on_and_everything_is_proved_anew");
    let on = "guideline = \"back_pain\"\noptions = [\"booked_mri_for_cancer\"]\n";
    let site = scratch.write("site.toml", on.as_bytes());
    let clean = cauda(&["check", "guidelines/back_pain", "--site", &site]).expect(0);
    assert!(clean.out.contains("clean"), "{}", clean.out);
    let ran = cauda(&["verify", "guidelines/back_pain", "--site", &site]).expect(0);
    assert!(ran.out.lines().take(13).all(|line| line.contains(" holds ")), "{}", ran.out);
    assert!(ran.out.contains("proved: back_pain"), "{}", ran.out);

    let case = "`known_cancer` present, `booked_mri_signed` present; all else clear";
    let json = cauda(&["assess", "--site", &site, "--case", case, "--json"]).expect(0).json();
    assert_eq!(json["disposition"]["id"], "home_with_booked_test");
    assert_eq!(json["urgency"]["at_most"], "booked");
    // Off, nobody can even say it.
    cauda(&["assess", "--case", case]).expect(3);
    let case = "`known_cancer` present; all else clear";
    for arguments in [
        &["assess", "--case", case, "--json"][..],
        &["assess", "--case", case, "--json", "--site", &site],
    ] {
        let json = cauda(arguments).expect(0).json();
        assert_eq!(json["disposition"]["id"], "mri_within_24_hours", "{arguments:?}");
    }

    let wrong = scratch.write("wrong.toml", b"guideline = \"back_pain\"\noptions = [\"booked\"]\n");
    for command in ["check", "verify"] {
        let ran = cauda(&[command, "guidelines/back_pain", "--site", &wrong]);
        assert!(ran.code == 1 || ran.code == 3, "{ran:?}");
        assert!(ran.err.contains("nothing a site may choose"), "{}", ran.err);
    }
}

#[test]
fn a_lowered_answer_is_signed_for_or_refused() {
    let scratch = Scratch::new("a_lowered_answer_is_signed_for_or_refused");
    let dir = scratch.guideline();
    let old = Scratch::new("a_lowered_answer_is_signed_for_or_refused_old");
    let before = old.guideline();
    // The old edition took one more sign for a fracture than the new one.
    old.edit(
        "red_flags/fracture_low_energy.md",
        "  - `spinal_bruise` is present\n",
        "  - `spinal_bruise` is present\n  - `diabetes` is present\n",
    );
    let refused = cauda(&["verify", &dir, "--against", &before]).expect(1);
    let line = "from `ct_or_xray_first, urgent` to `home, none`, and nobody signed for it: \
                `diabetes` present; all else clear";
    assert!(refused.out.contains("SP8   BROKEN"), "{}", refused.out);
    assert!(refused.out.contains(line), "{}", refused.out);
    assert!(refused.out.contains("refused"), "{}", refused.out);

    let kinds: Vec<[String; 2]> = refused
        .out
        .lines()
        .filter_map(|line| {
            let (kind, _) = line.trim().strip_prefix("from `")?.split_once("`, and nobody")?;
            let (from, to) = kind.split_once("` to `")?;
            Some([from.to_string(), to.to_string()])
        })
        .collect();
    let sha = cauda(&["diff", &before, &dir, "--json"]).json()["old"]["sha256"].clone();
    let mut list = format!("against = {sha}\nsigned = \"a test\"\n");
    for [from, to] in &kinds {
        let entry = format!("\n[[lowered]]\nfrom = \"{from}\"\nto = \"{to}\"\nwhy = \"tried\"\n");
        list.push_str(&entry);
    }
    let beside = format!("{dir}.lowered.toml");
    fs::write(&beside, &list).unwrap();
    let signed = cauda(&["verify", &dir, "--against", &before]).expect(0);
    assert!(signed.out.contains("SP8   holds"), "{}", signed.out);

    // An entry nobody needs is a fault, and so is a list of another edition.
    let more = "\n[[lowered]]\nfrom = \"mri_now, emergency\"\nto = \"home, none\"\nwhy = \"no\"\n";
    fs::write(&beside, format!("{list}{more}")).unwrap();
    let stale = cauda(&["verify", &dir, "--against", &before]).expect(1);
    assert!(stale.out.contains("is signed, and is no change"), "{}", stale.out);
    fs::write(&beside, list.replace(sha.as_str().unwrap(), &"0".repeat(64))).unwrap();
    cauda(&["verify", &dir, "--against", &before]).expect(1);
    fs::write(&beside, "signed = 1").unwrap();
    cauda(&["verify", &dir, "--against", &before]).expect(3);
}

#[test]
fn an_unsafe_guideline_is_refused_with_a_patient_who_replays() {
    let scratch = Scratch::new("an_unsafe_guideline_is_refused_with_a_patient_who_replays");
    let dir = scratch.unsafe_guideline();
    cauda(&["check", &dir]).expect(0);
    let ran = cauda(&["verify", &dir]).expect(1);
    assert!(ran.out.contains("SP4   BROKEN"), "{}", ran.out);
    assert!(ran.out.contains("refused: back_pain"), "{}", ran.out);
    let answer = ran.out.lines().find_map(|line| line.trim().strip_prefix("answer: ")).unwrap();
    let replay = ran.out.lines().find_map(|line| line.trim().strip_prefix("replay: ")).unwrap();
    let case = replay.strip_prefix("cauda assess --case '").unwrap().strip_suffix('\'').unwrap();
    let json = cauda(&["assess", "--case", case, "--json"]).expect(0).json();
    let replayed = format!(
        "{}; at least {}, at most {}",
        json["disposition"]["id"].as_str().unwrap(),
        json["urgency"]["at_least"].as_str().unwrap(),
        json["urgency"]["at_most"].as_str().unwrap()
    );
    assert_eq!(replayed, answer);

    let json = cauda(&["verify", &dir, "--json"]).expect(1).json();
    let broken = json.as_array().unwrap().iter().find(|one| one["outcome"] == "broken").unwrap();
    assert_eq!((&broken["id"], &broken["patients"][0]["case"]), (&"SP4".into(), &case.into()));
}

#[test]
fn an_unsafe_guideline_gets_no_receipt() {
    let scratch = Scratch::new("an_unsafe_guideline_gets_no_receipt");
    let dir = scratch.unsafe_guideline();
    let receipt = scratch.write("receipt.toml", b"as it was");
    cauda(&["verify", &dir, "--write-receipt", &receipt]).expect(1);
    assert_eq!(fs::read_to_string(&receipt).unwrap(), "as it was");
}

#[test]
fn a_faulty_guideline_is_not_asked_about() {
    let scratch = Scratch::new("a_faulty_guideline_is_not_asked_about");
    let dir = scratch.guideline();
    scratch.edit("definitions/fever.md", "- `fever_history` is present", "- `fewer` is present");
    let ran = cauda(&["verify", &dir]).expect(3);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("fewer"), "{}", ran.err);
}

#[test]
fn the_shipped_receipt_is_current() {
    let scratch = Scratch::new("the_shipped_receipt_is_current");
    let shipped = fs::read_to_string(root().join("guidelines/back_pain.receipt.toml")).unwrap();
    for (name, arguments) in [
        ("inside.toml", vec!["verify", "--write-receipt"]),
        ("folder.toml", vec!["verify", "guidelines/back_pain", "--write-receipt"]),
    ] {
        let file = scratch.path(name);
        let mut arguments = arguments;
        arguments.push(&file);
        cauda(&arguments).expect(0);
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(written, shipped, "run `./test --write`");
        assert!(!fs::exists(format!("{file}.new")).unwrap());
    }
}
