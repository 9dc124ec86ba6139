//! A visit as JSON: every form that is read, every refusal with its place, and
//! nothing that panics.

use cauda_guideline::decide::decide;
use cauda_guideline::facts::Role;
use cauda_guideline::resolve::{Entry, Patient, Reason, Said, resolve};
use cauda_guideline::visit::{VISIT_BYTES_MAX, read, read_value};
use proptest::prelude::*;

use crate::shipped::{fact, guideline, runner};

const VALID: &str = r#"{
  "as_of": "2026-11-23T03:10:00+01:00",
  "findings": {
    "age": "54 a",
    "temperature": [
      {"value": "38.4 Cel", "at": "2026-11-23T01:00:00Z", "by": "nurse"},
      {"value": "100.3 [degF]", "at": "2026-11-23T02:00:00Z", "by": "physician", "entered_in_error": true}
    ],
    "saddle_numbness": {"unknown": "declined", "by": "nurse"},
    "power_hip_flexion_left": {"value": 4, "limited_by_pain": true},
    "post_void_residual": "< 0.2 L"
  }
}"#;

fn entry(id: &str, json: &str) -> Entry {
    let text = format!("{{\"findings\": {{\"{id}\": {json}}}}}");
    let visit = read(guideline(), &text).unwrap_or_else(|error| panic!("{text}: {error}"));
    visit.entries.by_fact[&fact(id)][0]
}

#[track_caller]
fn check(id: &str, json: &str, expect: Said) {
    assert_eq!(entry(id, json).said, expect, "{id}: {json}");
}

/// `text` is refused: the path, the words at fault, a part of the message and
/// of the help (empty when there is none).
#[track_caller]
fn refused(text: &str, path: &str, at: &str, message: &str, help: &str) {
    let error = read(guideline(), text).expect_err(text);
    assert_eq!(error.path, path, "{error:?}");
    assert_eq!(text.get(error.span.clone()), Some(at), "{error:?}");
    assert!(error.message.contains(message), "{error:?}");
    match help {
        "" => assert_eq!(error.help, None),
        _ => assert!(error.help.as_deref().is_some_and(|text| text.contains(help)), "{error:?}"),
    }
}

/// The same for one finding.
#[track_caller]
fn refused_finding(id: &str, json: &str, at: &str, message: &str, help: &str) {
    let path = format!("findings.{id}");
    refused(&format!("{{\"findings\": {{\"{id}\": {json}}}}}"), &path, at, message, help);
}

#[test]
fn every_form_of_a_finding_is_read() {
    check("saddle_numbness", "\"new\"", Said::Value(2));
    check("saddle_numbness", "\" new \"", Said::Value(2));
    check("saddle_numbness", "\"present\"", Said::Value(2));
    check("saddle_numbness", "\"longstanding\"", Said::Value(1));
    check("known_cancer", "\"present\"", Said::Value(1));
    check("pain_controlled", "\"present\"", Said::Value(0));
    check("history_reliability", "\"intoxicated\"", Said::Value(3));
    check("saddle_numbness", "{\"value\": \"absent\"}", Said::Value(0));
    check("saddle_numbness", "[{\"value\": \"absent\"}]", Said::Value(0));
    check("saddle_numbness", "[\"absent\"]", Said::Value(0));
    check("saddle_numbness", "\"\\u006eew\"", Said::Value(2));
    check("power_hip_flexion_left", "4", Said::Between(8, 8));
    check("power_hip_flexion_left", "\"4\"", Said::Between(8, 8));
    check("power_hip_flexion_left", "4.0", Said::Between(8, 8));
    check("power_hip_flexion_left", "\"4 1\"", Said::Between(8, 8));
    for (word, reason) in [
        ("not asked", Reason::NotAsked),
        ("not_asked", Reason::NotAsked),
        ("not known", Reason::NotKnown),
        ("declined", Reason::Declined),
        ("unable", Reason::Unable),
    ] {
        for id in ["saddle_numbness", "temperature"] {
            check(id, &format!("\"{word}\""), Said::Unknown(reason));
            check(id, &format!("{{\"unknown\": \"{word}\"}}"), Said::Unknown(reason));
        }
    }
}

#[test]
fn an_entry_says_who_and_when() {
    let found = entry(
        "temperature",
        "{\"value\": \"38 Cel\", \"at\": \"2026-11-23T03:10:00+01:00\", \"by\": \"nurse\"}",
    );
    assert_eq!(
        (found.at, found.by, found.entered_in_error),
        (Some(1_795_399_800), Role::Nurse, false)
    );
    let found = entry("temperature", "\"38 Cel\"");
    assert_eq!((found.at, found.by), (None, Role::Physician));
    assert!(
        entry("temperature", "{\"value\": \"38 Cel\", \"entered_in_error\": true}")
            .entered_in_error
    );
    for (name, role) in
        [("ehr", Role::Ehr), ("patient", Role::Patient), ("laboratory", Role::Laboratory)]
    {
        assert_eq!(entry("age", &format!("{{\"value\": \"40 a\", \"by\": \"{name}\"}}")).by, role);
    }
    let visit = read(guideline(), VALID).unwrap();
    assert_eq!(visit.as_of, Some(1_795_399_800));
    assert_eq!(visit.entries.by_fact[&fact("temperature")].len(), 2);
}

#[test]
fn quantities_are_exact_at_their_thresholds() {
    let tenths = |value: i64| Said::Between(value * 2, value * 2);
    check("temperature", "\"38.0 Cel\"", tenths(380));
    check("temperature", "\"38Cel\"", tenths(380));
    check("temperature", "\"100.4 [degF]\"", tenths(380));
    check("temperature", "\"100.3 [degF]\"", Said::Between(759, 759));
    check("temperature", "\"37.99 Cel\"", Said::Between(759, 759));
    check("c_reactive_protein", "\"1.0 mg/dL\"", tenths(100));
    check("c_reactive_protein", "\"10 mg/L\"", tenths(100));
    check("c_reactive_protein", "\"1.01 mg/dL\"", tenths(101));
    check("post_void_residual", "\"0.2 L\"", tenths(200));
    check("post_void_residual", "\"0.1999 L\"", Said::Between(399, 399));
    check("post_void_residual", "\"1.001 L\"", tenths(1001));
    check("pain_duration", "\"2 d\"", tenths(48));
    check("pain_duration", "\"1 wk\"", tenths(168));
    check("leg_pain_duration", "\"36 h\"", Said::Between(3, 3));
}

#[test]
fn thresholds_decide_the_same_in_every_unit() {
    let answer = |id: &str, value: &str| {
        let mut patient = Patient::clear(guideline());
        let said = read_value(&guideline().facts[fact(id)], value).unwrap();
        cauda_guideline::cases::put(guideline(), &mut patient, fact(id), said);
        crate::shipped::answer(&patient)
    };
    for (id, at, same, below) in [
        ("temperature", "38.0 Cel", "100.4 [degF]", "100.3 [degF]"),
        ("post_void_residual", "200 mL", "0.2 L", "0.1999 L"),
    ] {
        assert_eq!(answer(id, at), answer(id, same));
        assert_ne!(answer(id, at), answer(id, below));
    }
}

#[test]
fn comparators_give_ranges() {
    check("post_void_residual", "\">= 200 mL\"", Said::Between(400, 10_000));
    check("post_void_residual", "\"≥200 mL\"", Said::Between(400, 10_000));
    check("post_void_residual", "\"> 200 mL\"", Said::Between(401, 10_000));
    check("post_void_residual", "\"<= 200 mL\"", Said::Between(0, 400));
    check("post_void_residual", "\"≤ 200 mL\"", Said::Between(0, 400));
    check("post_void_residual", "\"<200 mL\"", Said::Between(0, 399));
    check("c_reactive_protein", "\"<5 mg/L\"", Said::Between(0, 99));
    check("post_void_residual", "\"< 0.1999 L\"", Said::Between(0, 399));
    check(
        "power_hip_flexion_left",
        "{\"value\": 3, \"limited_by_pain\": true}",
        Said::Between(6, 10),
    );
    check(
        "power_hip_flexion_left",
        "{\"limited_by_pain\": true, \"value\": \"3\"}",
        Said::Between(6, 10),
    );
    check(
        "power_hip_flexion_left",
        "{\"value\": 3, \"limited_by_pain\": false}",
        Said::Between(6, 6),
    );
    let unable = "{\"unknown\": \"unable\", \"limited_by_pain\": true}";
    check("power_hip_flexion_left", unable, Said::Unknown(Reason::Unable));
}

/// `> 100.3 °F` lies off the grid: above 37.94…, so 37.95 is possible.
#[test]
fn a_bound_off_the_grid_keeps_every_value_on_its_side() {
    let Said::Between(low, _) = entry("temperature", "\"> 100.3 [degF]\"").said else {
        panic!("a range")
    };
    assert!(
        low <= 759,
        "37.95 Cel is above 100.3 °F and lies at place 759, the range begins at {low}"
    );
    let Said::Between(_, high) = entry("post_void_residual", "\"< 0.1999 L\"").said else {
        panic!("a range")
    };
    assert!(
        high >= 399,
        "199.5 mL is below 0.1999 L and lies at place 399, the range ends at {high}"
    );
}

/// `< 10.05 mg/L` may be 10.04, which is above 10.0: it does not reassure.
#[test]
fn a_bound_off_the_grid_never_reassures_about_a_threshold_below_it() {
    let id = fact("c_reactive_protein");
    let cells = &guideline().program.cells[id];
    let Said::Between(low, high) = entry("c_reactive_protein", "\"< 10.05 mg/L\"").said else {
        panic!()
    };
    let above = 1 << cells.cell_of(201);
    assert_ne!(cells.between(low, high) & above, 0, "more than 10.0 mg/L became impossible");
}

/// No quantity lies beyond its range, so `> 5000 mL` cannot be said.
#[test]
fn a_bound_beyond_the_range_is_refused() {
    for (id, text) in [("power_hip_flexion_left", "> 5"), ("post_void_residual", "< 0 mL")] {
        let found = read_value(&guideline().facts[fact(id)], text);
        assert!(found.is_err(), "{text} was read as {found:?}");
    }
}

#[test]
fn values_that_do_not_exist_are_refused_with_those_that_do() {
    refused_finding(
        "saddle_numbness",
        "\"yes\"",
        "\"yes\"",
        "never `yes`",
        "absent, longstanding, new",
    );
    refused_finding("saddle_numbness", "\"New\"", "\"New\"", "never `New`", "new");
    refused_finding("saddle_numbness", "\"\"", "\"\"", "never ``", "new");
    refused_finding("known_cancer", "\"new\"", "\"new\"", "never `new`", "absent, present");
    refused_finding("history_reliability", "\"present\"", "\"present\"", "never `present`", "good");
    refused_finding("saddle_numbness", "1", "1", "never `1`", "new");
    refused_finding("saddle_numbness", "true", "true", "not a value", "absent, longstanding, new");
    refused_finding("temperature", "true", "true", "not a value", "36.8 Cel");
    refused_finding("saddle_numbness", "null", "null", "null is not a value", "leave it out");
    refused_finding("temperature", "null", "null", "null is not a value", "not known");
    refused_finding("fever", "\"present\"", "\"present\"", "worked out", "findings it is made of");
    let long = format!("\"{}\"", "x".repeat(60));
    refused_finding("known_cancer", &long, &long, &format!("`{}…`", "x".repeat(40)), "present");
}

/// Every fact that is worked out is refused, also when its value exists.
#[test]
fn computed_facts_cannot_be_entered() {
    for (id, value) in
        [("fever", "present"), ("urgency", "none"), ("concerns", "excluded"), ("gate", "raised")]
    {
        let text = format!("{{\"findings\": {{\"{id}\": \"{value}\"}}}}");
        assert!(read(guideline(), &text).is_err(), "{text} was accepted");
    }
}

#[test]
fn numbers_and_units_are_refused_with_what_to_write() {
    let temperature = |json: &str, message: &str| {
        refused_finding("temperature", json, json, message, "write it as `36.8 Cel`");
    };
    temperature("38.4", "a unit is needed: write `38.4 Cel` or `[degF]`");
    temperature("\"38.4\"", "a unit is needed");
    temperature("\"38.4 C\"", "the UCUM code is `Cel`");
    temperature("\"38.4 °C\"", "the UCUM code is `Cel`");
    temperature("\"101 F\"", "the UCUM code is `[degF]`");
    temperature("\"38.4 mL\"", "`mL` is not a unit of this quantity; write `Cel` or `[degF]`");
    temperature("\"38,4 Cel\"", "write a decimal point");
    temperature("\"hot\"", "not a plain number");
    temperature("\"\"", "not a plain number");
    temperature("\"90 Cel\"", "outside the possible range, 25 Cel to 45 Cel");
    temperature("\"-1 Cel\"", "outside the possible range");
    temperature("\"38.0000000000000000000 Cel\"", "not a plain number");
    temperature("\"= 38 Cel\"", "not a plain number");
    temperature("\"~38 Cel\"", "not a plain number");
    temperature("\"38-39 Cel\"", "not a plain number");
    let error = |id: &str, json: &str| {
        read(guideline(), &format!("{{\"findings\": {{\"{id}\": {json}}}}}")).unwrap_err().message
    };
    assert!(error("post_void_residual", "\"200 ml\"").contains("the UCUM code is `mL`"));
    assert!(error("post_void_residual", "\"200 cc\"").contains("the UCUM code is `mL`"));
    assert!(error("c_reactive_protein", "\"10 mg/l\"").contains("the UCUM code is `mg/L`"));
    assert!(error("systolic_pressure", "\"90 mmHg\"").contains("the UCUM code is `mm[Hg]`"));
    assert!(error("heart_rate", "\"90 bpm\"").contains("the UCUM code is `/min`"));
    assert!(error("age", "\"54 years\"").contains("the UCUM code is `a`"));
    assert!(error("age", "54").contains("a unit is needed"));
    assert!(error("power_hip_flexion_left", "6").contains("outside the possible range, 0 to 5"));
    assert!(error("power_hip_flexion_left", "-1").contains("outside the possible range"));
    // A float's exponent is not a plain number: 4e0 could be anything.
    for number in ["4e0", "4E0", "0.4e1", "40e-1"] {
        assert!(
            read(
                guideline(),
                &format!("{{\"findings\": {{\"power_hip_flexion_left\": {number}}}}}")
            )
            .is_err()
        );
    }
}

#[test]
fn facts_are_known_by_their_name_and_given_once() {
    let text = "{\"findings\": {\"saddle_numbnes\": \"new\"}}";
    refused(
        text,
        "findings.saddle_numbnes",
        "\"new\"",
        "no fact has this name",
        "did you mean `saddle_numbness`?",
    );
    let text = "{\"findings\": {\"zzz\": \"new\"}}";
    refused(text, "findings.zzz", "\"new\"", "no fact has this name", "cauda facts");
    let text = "{\"findings\": {\"age\": \"40 a\", \"age\": \"17 a\"}}";
    refused(text, "findings", "\"17 a\"", "`age` stands twice", "a list of entries");
    let text = "{\"findings\": {\"age\": \"40 a\", \"\\u0061ge\": \"17 a\"}}";
    refused(text, "findings", "\"17 a\"", "`age` stands twice", "a list of entries");
    let text = "{\"findings\": {}, \"findings\": {\"age\": \"17 a\"}}";
    refused(text, "", "{\"age\": \"17 a\"}", "`findings` stands twice", "keep one");
    let text = "{\"findings\": {\"age\": {\"value\": \"40 a\", \"value\": \"17 a\"}}}";
    refused(text, "findings.age", "\"17 a\"", "`value` stands twice", "keep one");
}

#[test]
fn an_entry_holds_only_its_parts() {
    let at = |json: &str, path: &str, slice: &str, message: &str, help: &str| {
        refused(&format!("{{\"findings\": {{\"age\": {json}}}}}"), path, slice, message, help);
    };
    let no_zone = "\"2026-11-23T03:10:00\"";
    at("{}", "findings.age", "{}", "neither `value` nor `unknown`", "");
    at("{\"valu\": 1}", "findings.age.valu", "1", "no such part", "value, unknown, at, by");
    at(
        "{\"value\": \"40 a\", \"unknown\": \"declined\"}",
        "findings.age.unknown",
        "\"declined\"",
        "exclude each other",
        "",
    );
    at(
        "{\"unknown\": \"secret\"}",
        "findings.age.unknown",
        "\"secret\"",
        "not a reason",
        "declined",
    );
    at("{\"unknown\": 1}", "findings.age.unknown", "1", "text is needed", "quotation marks");
    at(
        "{\"value\": \"40 a\", \"by\": \"doctor\"}",
        "findings.age.by",
        "\"doctor\"",
        "not a role",
        "physician",
    );
    at(
        "{\"value\": \"40 a\", \"at\": \"noon\"}",
        "findings.age.at",
        "\"noon\"",
        "is not a time",
        "",
    );
    at(
        &format!("{{\"value\": \"40 a\", \"at\": {no_zone}}}"),
        "findings.age.at",
        no_zone,
        "has no time zone",
        "",
    );
    at(
        "{\"value\": \"40 a\", \"at\": 12}",
        "findings.age.at",
        "12",
        "text is needed",
        "quotation marks",
    );
    at(
        "{\"value\": \"40 a\", \"entered_in_error\": \"no\"}",
        "findings.age.entered_in_error",
        "\"no\"",
        "neither true nor false",
        "",
    );
    at(
        "{\"value\": \"40 a\", \"limited_by_pain\": true}",
        "findings.age.limited_by_pain",
        "true",
        "cannot be limited by pain",
        "grades of power",
    );
    at(
        "[{\"value\": \"40 a\"}, {\"value\": 1}]",
        "findings.age[1].value",
        "1",
        "a unit is needed",
        "40 a",
    );
    at("[[\"40 a\"]]", "findings.age[0]", "[\"40 a\"]", "not a value", "40 a");
    at(
        "{\"value\": {\"value\": 1}}",
        "findings.age.value",
        "{\"value\": 1}",
        "not a value",
        "40 a",
    );
    let many = format!("[{}\"40 a\"]", "\"40 a\", ".repeat(1000));
    at(&many, "findings.age", &many, "more than 1000 entries", "");
}

/// Pain limits strength, not the pressure of the blood.
#[test]
fn only_grades_of_power_are_limited_by_pain() {
    let text =
        r#"{"findings": {"systolic_pressure": {"value": "80 mm[Hg]", "limited_by_pain": true}}}"#;
    assert!(read(guideline(), text).is_err(), "a shock was read as `at least 80`");
}

#[test]
fn a_visit_has_findings_and_nothing_else() {
    refused("{}", "", "{", "the visit has no `findings`", "54 a");
    refused("{\"as_of\": \"2026-11-23T03:10:00Z\"}", "", "{", "no `findings`", "54 a");
    refused(
        "{\"patient\": \"Jane\", \"findings\": {}}",
        "patient",
        "\"Jane\"",
        "nothing is read from here",
        "`findings`",
    );
    refused("{\"findings\": {}, \"as_of\": \"now\"}", "as_of", "\"now\"", "not a time", "");
    refused(
        "{\"findings\": {}, \"as_of\": null}",
        "as_of",
        "null",
        "text is needed",
        "quotation marks",
    );
    assert!(read(guideline(), "{\"findings\": {}}").is_ok());
    assert!(read(guideline(), " \n{\"findings\" : {} }\n ").is_ok());
}

#[test]
fn broken_json_is_refused_near_its_break() {
    for (text, about) in [
        ("", 0..1),
        ("[]", 0..1),
        ("null", 0..4),
        ("\u{feff}{\"findings\": {}}", 0..4),
        ("{\"findings\": {}", 10..16),
        ("{\"findings\": {}} x", 15..18),
        ("{\"findings\": []}", 11..16),
        ("{\"findings\": {\"age\": \"40 a\",}}", 25..31),
        ("{\"findings\":\n {\"age\": \"40 a\"\n \"x\"}}", 26..36),
        ("{'findings': {}}", 0..3),
        ("{\"findings\": {\"age\": NaN}}", 19..26),
        ("{\"findings\": {\"age\": 040}}", 19..26),
        ("{\"findings\": {\"age\": \"\u{1}\"}}", 19..26),
    ] {
        let error = read(guideline(), text).expect_err(text);
        assert!(
            error.span.start >= about.start && error.span.start <= about.end,
            "{text:?}: {error:?}"
        );
        assert!(
            error.span.end <= text.len() && error.message.starts_with("not a visit"),
            "{text:?}: {error:?}"
        );
    }
    // A lone surrogate is no text.
    assert!(read(guideline(), "{\"findings\": {\"known_cancer\": \"\\ud800\"}}").is_err());
}

#[test]
fn deep_and_large_visits_are_refused() {
    let deep =
        format!("{{\"findings\": {{\"age\": {}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(guideline(), &deep).is_err());
    let deep = format!(
        "{{\"findings\": {{\"age\": {}1{}}}}}",
        "{\"value\":".repeat(90_000),
        "}".repeat(90_000)
    );
    assert!(read(guideline(), &deep).is_err());
    let large = format!("{{\"findings\": {{}}}}{}", " ".repeat(VISIT_BYTES_MAX));
    refused(&large, "", "", "larger than 1048576 bytes", "one patient");
    let fits = format!("{{\"findings\": {{}}}}{}", " ".repeat(VISIT_BYTES_MAX - 16));
    assert_eq!(fits.len(), VISIT_BYTES_MAX);
    assert!(read(guideline(), &fits).is_ok());
    let keys: String = (0..40_000).map(|at| format!("\"k{at}\": 1, ")).collect();
    assert!(read(guideline(), &format!("{{\"findings\": {{{keys}\"age\": \"40 a\"}}}}")).is_err());
}

#[test]
fn an_error_is_one_line_with_its_path() {
    let error = read(guideline(), "{\"findings\": {\"age\": \"400 a\"}}").unwrap_err();
    let line = "findings.age: `age`: `400 a` is outside the possible range, 0 a to 130 a";
    assert_eq!(error.to_string(), line);
}

fn reads_without_panic(text: &str) -> Result<(), TestCaseError> {
    match read(guideline(), text) {
        Ok(visit) => {
            let findings = resolve(guideline(), &visit.entries, visit.as_of);
            decide(&guideline().program, &findings.patient());
            let decision = cauda_guideline::decision::explain(guideline(), &findings, None);
            prop_assert!(serde_json::to_string(&decision).is_ok());
        }
        Err(error) => {
            prop_assert!(text.get(error.span.clone()).is_some(), "{text:?}: {error:?}");
            prop_assert!(!error.message.is_empty() && error.to_string().len() < 600, "{error}");
        }
    }
    Ok(())
}

#[test]
fn arbitrary_bytes_never_panic() {
    let strategy = prop::collection::vec(any::<u8>(), 0..200);
    let test = |bytes: Vec<u8>| reads_without_panic(&String::from_utf8_lossy(&bytes));
    runner(3000).run(&strategy, test).unwrap();
}

#[test]
fn mutations_of_a_visit_never_panic_and_what_is_read_decides() {
    let pieces = prop::sample::select(vec![
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "null",
        "true",
        "1e308",
        "-0",
        "9".repeat(30).leak(),
        "≥",
        "< ",
        ".",
        "\u{0}",
        "\u{feff}",
        "Cel",
        "[degF]",
        "declined",
        "\"value\"",
        "9999-12-31T23:59:59Z",
        "-009999-01-02T01:59:59Z",
        "\\ud800",
        "e",
        "0",
        "5",
    ]);
    let edit = (any::<prop::sample::Index>(), 0_usize..6, pieces);
    let strategy = prop::collection::vec(edit, 1..5);
    let test = |edits: Vec<(prop::sample::Index, usize, &str)>| {
        let mut text = VALID.to_string();
        for (place, length, piece) in edits {
            let mut start = place.index(text.len() + 1);
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(start..end, piece);
        }
        reads_without_panic(&text)
    };
    runner(6000).run(&strategy, test).unwrap();
}
