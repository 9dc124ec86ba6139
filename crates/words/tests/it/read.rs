//! Files are read or refused with a place, and never worse.

use cauda_words::{Language, Says, Signatures, Source, Words};
use proptest::prelude::*;

use crate::guidelines::shipped;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,400}") {
        let _ = Source::read("x", Language::English, &text);
        let _ = Signatures::read("x", &text);
    }

    #[test]
    fn any_text_of_the_signs_that_mean_something_is_read_or_refused(
        text in "([a-z{}$.*\\[\\]=\"# \n-]|->|\u{e9}|\\{ \\$n ->\n *\\[a\\] b\n \\}){0,120}",
    ) {
        let _ = Source::read("x", Language::Spanish, &format!("a = {text}"));
        let _ = Signatures::read("x", &text);
    }

    #[test]
    fn any_value_is_said_as_it_is(value in "\\PC{0,60}") {
        let said = Words::shipped().say(Language::Spanish, "message-ask", &[("department", &value)]);
        prop_assert_eq!(said, format!("{value} quiere saber cómo está usted."));
    }
}

#[test]
fn a_fault_has_its_line_and_says_how_to_mend_it() {
    let english =
        |text: &str| Source::read("en/x.ftl", Language::English, text).err().unwrap().to_string();
    let good = "a = A\n    .safety = no\n    .state = draft\n";
    for (text, told) in [
        (
            format!("{good}b = B\n    .state = draft\n"),
            "en/x.ftl:4: `b`: `.safety` is missing; write yes or no",
        ),
        (format!("{good}{good}"), "stands here twice"),
        (
            format!("{good}b = {{ other }}\n    .safety = no\n    .state = draft\n"),
            "only variables",
        ),
        (
            format!("{good}b = {{ NUMBER($n) }}\n    .safety = no\n    .state = draft\n"),
            "only variables",
        ),
        (format!("{good}b\n"), "en/x.ftl:4"),
        (format!("{good}b = {}\n", "{".repeat(100_000)), "deep"),
        ("x".repeat(300_000), "split the file"),
    ] {
        assert!(english(&text).contains(told), "{}", english(&text));
    }
    let signed = |text: &str| Signatures::read("words.toml", text).unwrap_err().to_string();
    let part = |hash: &str, who: &str, day: &str| {
        format!(
            "# ours\n[es.\"send\"]\nsha256 = \"{hash}\"\nreviewer = \"{who}\"\ndate = \"{day}\"\n"
        )
    };
    let hash = "a".repeat(64);
    assert_eq!(Signatures::read("x", &part(&hash, "Ana", "2026-11-26")).unwrap().len(), 1);
    for (text, told) in [
        (part("abc", "Ana", "2026-11-26"), "words.toml:2: `send`: `sha256` is not 64 digits"),
        (part(&hash, " ", "2026-11-26"), "say who read it"),
        (part(&hash, "Ana", "26.11.2026"), "write it as 2026-11-26"),
        (part(&hash, "Ana", "2026-11-26").replace("[es.", "[xx."), "no language"),
        (part(&hash, "Ana", "2026-11-26").replace("date", "day"), "words.toml:5"),
    ] {
        assert!(signed(&text).contains(told), "{}", signed(&text));
    }
}

#[test]
fn a_page_speaks_with_the_number_as_its_sentence_needs_it() {
    let spanish = Says::new(Words::shipped(), shipped(), Language::Spanish);
    let english = Says::english(shipped());
    assert_eq!(english.calling("call-now", Some("112")), "Call 112 now");
    assert_eq!(spanish.calling("call-now", Some("112")), "Llame al 112 ahora");
    assert_eq!(english.calling("call-now", None), "Call your emergency number now");
    assert_eq!(spanish.calling("call-now", None), "Llame a su número de emergencias ahora");
    assert_eq!(english.day("2026-01-05T09:00:00Z"), "05-Jan-2026");
    assert_eq!(spanish.day("2026-01-05"), "05-ene-2026");
    // A phrase that no page knows stays English, and is marked.
    let line = spanish.phrase("concern", "cauda_equina").unwrap();
    assert_eq!(line.foreign, Some(Language::English));
    assert_eq!(spanish.phrase("return", "nothing"), None);
}
