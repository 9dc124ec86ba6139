//! What a page's author is told: the fault, the very words it is at, and how
//! to mend it. And the one canonical form of a page.

use cauda_guideline::diagnostic::{Diagnostic, Severity, line_and_column, nearest};
use cauda_guideline::page::{format, parse};

use crate::shipped::{guideline, load_with, pages, text};

const FEVER: &str = "definitions/fever.md";
const CANCER: &str = "red_flags/cancer_with_back_pain.md";
const CAUDA: &str = "red_flags/cauda_equina.md";
const ADULTS: &str = "scope/adults_only.md";
const LEG_PAIN: &str = "tests/leg_pain_duration.md";
const HOME: &str = "disposition/home.md";
const WEAK_LEFT: &str = "definitions/new_weakness_left.md";

fn edited(file: &str, from: &str, to: &str) -> String {
    let page = text(file);
    assert!(page.contains(from), "{file} does not hold {from:?}");
    page.replacen(from, to, 1)
}

fn faults_of(file: &str, page: &str) -> Vec<Diagnostic> {
    match load_with(file, page) {
        Ok(_) => Vec::new(),
        Err(faults) => {
            faults.into_iter().filter(|fault| fault.severity == Severity::Error).collect()
        }
    }
}

/// With `from` replaced by `to`, loading says `code` at the words `at`, and
/// the help holds `help`.
#[track_caller]
fn check(file: &str, from: &str, to: &str, code: &str, at: &str, help: &str) {
    let page = edited(file, from, to);
    check_page(file, &page, code, at, help);
}

#[track_caller]
fn check_page(file: &str, page: &str, code: &str, at: &str, help: &str) {
    let faults = faults_of(file, page);
    let slice = |fault: &Diagnostic| page.get(fault.span.clone()).unwrap_or("outside").to_string();
    let found = faults.iter().find(|fault| {
        fault.code == code
            && fault.file == file
            && slice(fault) == at
            && fault.help.as_deref().is_some_and(|text| text.contains(help))
    });
    assert!(
        found.is_some(),
        "no {code} at {at:?} with help {help:?}, but {:#?}",
        faults
            .iter()
            .map(|fault| (fault.code, slice(fault), &fault.message, &fault.help))
            .collect::<Vec<_>>()
    );
}

#[test]
fn odd_characters_are_named_where_they_stand() {
    let line = "`temperature` ≥ 38.0 Cel (local policy)";
    let check = |to: &str, at: &str, help: &str| check(FEVER, line, to, "odd-character", at, help);
    check("`temperature` ≥\u{a0}38.0 Cel (local policy)", "\u{a0}", "no-break space");
    check("`temperature` ≥\u{202f}38.0 Cel (local policy)", "\u{202f}", "narrow no-break space");
    check("`temperature` ≥\u{2009}38.0 Cel (local policy)", "\u{2009}", "thin space");
    check("`temperature` ≥ 38.0\u{200b} Cel (local policy)", "\u{200b}", "zero-width");
    check("`temperature` ≥\t38.0 Cel (local policy)", "\t", "a tab");
    check("`temperature` ⩾ 38.0 Cel (local policy)", "⩾", "write `≥`");
    check("`temperature` ⩽ 38.0 Cel (local policy)", "⩽", "write `≤`");
    check("`temperature` ＞ 38.0 Cel (local policy)", "＞", "write `>`");
    check("`temperature` ＜ 38.0 Cel (local policy)", "＜", "write `<`");
    check("`temperature` ≥ –38.0 Cel (local policy)", "–", "en dash");
    check("`temperature` ≥ —38.0 Cel (local policy)", "—", "em dash");
    check("`temperature` ≥ −38.0 Cel (local policy)", "−", "minus sign");
    check("‘temperature’ ≥ 38.0 Cel (local policy)", "‘", "backticks");
    check("’temperature’ ≥ 38.0 Cel (local policy)", "’", "backticks");
    check("´temperature´ ≥ 38.0 Cel (local policy)", "´", "backticks");
    check("`temperature` ≥ 38.0 Cel (local′ policy)", "′", "backticks");
    check("`temperature` ≥ \u{feff}38.0 Cel (local policy)", "\u{feff}", "byte order mark");
}

#[test]
fn a_byte_order_mark_at_the_start_hides_the_title() {
    let page = format!("\u{feff}{}", text(FEVER));
    check_page(FEVER, &page, "page-without-title", "\u{feff}# Fever", "begin with `# `");
}

#[test]
fn syntax_is_explained_at_the_word() {
    let line = "`temperature` ≥ 38.0 Cel (local policy)";
    let test = |to: &str, at: &str, help: &str| check(FEVER, line, to, "syntax", at, help);
    test("`temperature` ≥ 38,0 Cel (local policy)", ",", "decimals are written with a point");
    test(
        "`temperature ≥ 38.0 Cel (local policy)",
        "`temperature ≥ 38.0 Cel (local policy)",
        "backticks",
    );
    check(
        FEVER,
        "`fever_history` is present",
        "`fever_history` is not present",
        "syntax",
        "not",
        "no `not`",
    );
    check(
        CANCER,
        "- settle: urgent",
        "- settle urgent",
        "syntax",
        "- settle urgent",
        "as in `- tier",
    );
    let deadline = " 24 hours the request";
    check(
        CANCER,
        " 24 hours of the request",
        deadline,
        "syntax",
        deadline,
        "4 hours of the request",
    );
    let review = "Reviewed 23.11.2026.";
    check(FEVER, "Reviewed 2026-11-23.", review, "syntax", review, "write `Reviewed 2026-11-23.`");
    let impossible = "Reviewed 2026-02-30.";
    check(
        FEVER,
        "Reviewed 2026-11-23.",
        impossible,
        "syntax",
        impossible,
        "write `Reviewed 2026-11-23.`",
    );
    check(FEVER, "# Fever", "# *Fever*", "syntax", "# *Fever*", "plain words");
    let item = "- Measured, told";
    check(
        FEVER,
        "Measured, told",
        item,
        "syntax",
        "- Measured, told, or hidden by a medicine taken for fever.",
        "sentences",
    );
}

#[test]
fn syntax_faults_stand_at_what_was_expected() {
    let fault = |file: &str, from: &str, to: &str, at: &str, message: &str| {
        let page = edited(file, from, to);
        let faults = parse(file, &page).1;
        let found = faults.iter().any(|fault| {
            fault.code == "syntax"
                && page.get(fault.span.clone()) == Some(at)
                && fault.message.contains(message)
        });
        assert!(found, "no syntax fault at {at:?} with {message:?}: {faults:#?}");
    };
    let line = "`temperature` ≥ 38.0 Cel (local policy)";
    fault(FEVER, line, "`temperature` at 38.0 Cel", "at", "expected `is` or one of");
    fault(FEVER, line, "`temperature` ≥", "", "expected a number, the line ends");
    fault(FEVER, line, "`temperature` ≥ 38.0 Cel local", "local", "expected the end of the line");
    fault(FEVER, line, "`temperature` ≥ 38.0 Cel (local policy", "", "expected `)`");
    fault(FEVER, line, "`temperature` ≥ 38.0 Cel ()", ")", "expected a source or `local policy`");
    fault(FEVER, "`fever_history` is present", "`fever_history` is", "", "expected a value");
    fault(
        FEVER,
        "`fever_history` is present",
        "`fever_history` is present or",
        "",
        "expected a value",
    );
    fault(FEVER, "## When any of", "## When some of", "some", "expected `all of`");
    fault(FEVER, "## When any of", "## When at least 02 of", "", "`at least 2 of`");
    fault(FEVER, "- fires: `temperature`", "- burns: `temperature`", "burns", "expected `fires`");
    fault(
        FEVER,
        "- fires: `temperature`",
        "- fires `temperature`",
        "`temperature`",
        "expected `:`",
    );
    fault(FEVER, "; all else clear", "", "", "another fact");
    fault(FEVER, "all else clear", "all else fine", "all", "expected `all else clear`");
    fault(FEVER, "→ asks for `temperature`", "→ asks `temperature`", "asks", "expected `asks for`");
    fault(
        FEVER,
        "→ asks for `temperature`",
        "→ asks for temperature",
        "temperature",
        "between backticks",
    );
    fault(CANCER, "- tier: urgent", "- tier: `urgent`", "`urgent`", "expected a phrase");
}

#[test]
fn the_head_of_a_page_is_needed() {
    check(FEVER, "# Fever", "Fever", "page-without-title", "Fever", "begin with `# `");
    let lost = "Based on: idsa-2015, melbourne-ed-2020. Reviewed 2026-11-23.";
    let line = "Sources: idsa-2015, melbourne-ed-2020. Reviewed 2026-11-23.";
    check(FEVER, line, lost, "rule-without-source", lost, "add a `Sources:` line");
    let why = "Measured, told, or hidden by a medicine taken for fever.\n\n";
    check(FEVER, why, "", "rule-without-reason", "", "add a sentence");
    check_page(FEVER, "", "page-without-title", "", "begin with `# `");
    check_page(FEVER, &"x".repeat(64 * 1024 + 1), "too-large", "", "split it");
}

#[test]
fn sections_are_closed_and_ordered() {
    check(
        FEVER,
        "## When any of",
        "## Whenever any of",
        "unknown-section",
        "## Whenever any of",
        "`## When`",
    );
    check(FEVER, "## Cases", "## Examples", "unknown-section", "## Examples", "`## Cases`");
    let page = text(CANCER);
    let (then, scan) = (page.find("## Then").unwrap(), page.find("## After the scan").unwrap());
    let cases = page.find("## Cases").unwrap();
    let swapped =
        format!("{}{}{}{}", &page[..then], &page[scan..cases], &page[then..scan], &page[cases..]);
    check_page(CANCER, &swapped, "section-order", "## Then", "the order is When");
    let twice = format!("{page}\n## Cases\n- fires: all else clear\n");
    check_page(CANCER, &twice, "section-order", "## Cases", "the order is When");
    let both = edited(FEVER, "## Cases", "## Needed when any of\n- `age` < 18 a\n\n## Cases");
    check_page(FEVER, &both, "section-order", "## Needed when any of", "the order is When");
    check(FEVER, "## Cases", "## Then\n\n## Cases", "empty-section", "## Then", "add a list");
}

#[test]
fn lists_are_indented_by_two() {
    let item = "`power_hip_flexion_left` < 5 (asia-worksheet-2023)";
    let odd = format!("   - {item}");
    check(WEAK_LEFT, &format!("    - {item}"), &odd, "bad-indent", &odd, "two spaces");
    let deep = format!("      - {item}");
    let next = "    - `power_knee_extension_left` < 5 (asia-worksheet-2023)";
    let both = format!("    - {item}\n{next}");
    let under = format!("    - {item}\n  {next}");
    let at = format!("  {next}");
    check(WEAK_LEFT, &both, &under, "bad-indent", &at, "have items under them");
    check(WEAK_LEFT, &format!("    - {item}"), &deep, "bad-indent", &deep, "have items under them");
    let moved = "  - `leg_weakness_left` is new";
    check(
        WEAK_LEFT,
        "- `leg_weakness_left` is new",
        moved,
        "bad-indent",
        moved,
        "have items under them",
    );
    check(
        CANCER,
        "- tier: urgent",
        "  - tier: urgent",
        "bad-indent",
        "  - tier: urgent",
        "remove the spaces",
    );
    check(
        FEVER,
        "- fires: ",
        "  - fires: ",
        "bad-indent",
        "  - fires: `temperature` 38.0 Cel; all else clear",
        "remove",
    );
    let prose = "Fever counts.";
    check(
        FEVER,
        "- `fever_history` is present",
        prose,
        "prose-in-rule",
        prose,
        "begin the line with `- `",
    );
    check(
        CANCER,
        "- tier: urgent",
        "tier: urgent",
        "prose-in-rule",
        "tier: urgent",
        "begin the line",
    );
    check(
        LEG_PAIN,
        "## Then",
        "or so\n\n## Then",
        "prose-in-rule",
        "or so",
        "begin the line with `- `",
    );
}

#[test]
fn a_nested_list_has_two_items() {
    let short = "- `fever_history` is present\n- all of\n  - `age` ≥ 18 a";
    check(FEVER, "- `fever_history` is present", short, "short-group", "all of", "two more spaces");
    let deep = (0..7).map(|level| format!("{}- all of\n", "  ".repeat(level))).collect::<String>();
    let page = edited(FEVER, "- `fever_history` is present\n", &deep);
    check_page(FEVER, &page, "too-deep", "all of", "definition page");
}

#[test]
fn counts_leave_a_choice() {
    let page =
        |count: &str| edited(FEVER, "## When any of", &format!("## When at least {count} of"));
    for count in ["0", "1", "2", "9"] {
        let words = format!("at least {count} of");
        let faults = faults_of(FEVER, &page(count));
        let found = faults.iter().find(|fault| fault.code == "bad-count").unwrap();
        assert!(page(count)[found.span.clone()].starts_with("at"), "{words}");
        assert!(found.help.as_deref().unwrap().contains("any of"));
    }
}

#[test]
fn names_are_looked_up_with_the_nearest_one() {
    let check_fever = |to: &str, code: &str, at: &str, help: &str| {
        check(FEVER, "`fever_history` is present", to, code, at, help);
    };
    check_fever(
        "`fever_histroy` is present",
        "unknown-fact",
        "`fever_histroy`",
        "did you mean `fever_history`?",
    );
    check_fever("`qqqq` is present", "unknown-fact", "`qqqq`", "`cauda facts`");
    check_fever("`fever_history` is new", "unknown-value", "new", "absent, present");
    check_fever("`fever_history` ≥ 1", "not-a-quantity", "`fever_history` ≥ 1", "write `is`");
    check_fever("`temperature` is high", "not-a-choice", "`temperature` is high", "compare it");
    check_fever("`urgency` is none", "too-early", "`urgency`", "only disposition, treatment");
    check_fever(
        "`cauda_equine` is suspected",
        "unknown-concern",
        "`cauda_equine`",
        "did you mean `cauda_equina`?",
    );
    check_fever(
        "`cauda_equina` is excluded",
        "too-early",
        "`cauda_equina` is excluded",
        "facts that exclude it",
    );
    let twice = "`fever_history` is present or present";
    let faults = faults_of(FEVER, &edited(FEVER, "`fever_history` is present", twice));
    assert!(!faults.is_empty(), "a value named twice is no canonical test");
}

#[test]
fn phrases_and_keys_are_closed() {
    check(
        CANCER,
        "- call: oncology",
        "- call: oncologi",
        "unknown-phrase",
        "oncologi",
        "did you mean `oncology`?",
    );
    check(
        CANCER,
        "- call: oncology",
        "- call: zebra_keeper",
        "unknown-phrase",
        "zebra_keeper",
        "add it",
    );
    check(
        CANCER,
        "- call: oncology",
        "- cal: oncology",
        "unknown-key",
        "cal",
        "did you mean `call`?",
    );
    check(
        CANCER,
        "- call: oncology",
        "- tier: urgent",
        "key-order",
        "tier",
        "the order is concern",
    );
    check(
        CANCER,
        "- ask: senior_physician",
        "- image: home",
        "unknown-key",
        "image",
        "the keys are ask",
    );
    let source = "`age` ≥ 18 a (department-requirement)";
    let at = "department-requirement";
    check(
        ADULTS,
        "`age` ≥ 18 a (department-requirements)",
        source,
        "unknown-source",
        at,
        "did you mean",
    );
    check(FEVER, "Sources: idsa-2015", "Sources: idsa-2051", "unknown-source", "idsa-2051", "");
}

#[test]
fn a_deadline_is_that_of_its_tier() {
    check(
        CANCER,
        "within: 24 hours of the request",
        "within: 4 hours of the request",
        "deadline-differs",
        "4",
        "24 hours",
    );
    check(
        CANCER,
        "- within: 24 hours of the request\n",
        "",
        "deadline-differs",
        "",
        "24 hours of the request",
    );
    check(CANCER, "- tier: urgent", "- tier: emergency", "deadline-differs", "24", "4 hours");
    check(
        CANCER,
        "- settle: urgent",
        "- settle: immediate",
        "settles-too-high",
        "immediate",
        "raise the tier",
    );
    check(
        CANCER,
        "- tier: urgent\n- within: 24 hours of the request\n",
        "",
        "concern-without-tier",
        "",
        "add `- tier",
    );
    check(HOME, "- go: home\n", "", "disposition-without-go", "", "add `- go:`");
}

#[test]
fn constants_lie_on_the_grid_in_the_unit_and_the_range() {
    let constant = |to: &str, code: &str, at: &str, help: &str| {
        let from = "`temperature` ≥ 38.0 Cel (local policy)";
        check(FEVER, from, &format!("`temperature` {to} (local policy)"), code, at, help);
    };
    constant("≥ 38.05 Cel", "off-grid", "38.05", "the step of `temperature` is 0.1");
    let bad = |to: &str, at: &str, message: &str| {
        let page =
            edited(FEVER, "`temperature` ≥ 38.0 Cel (local", &format!("`temperature` {to} (local"));
        let faults = faults_of(FEVER, &page);
        let found = faults.iter().find(|fault| fault.code == "bad-constant").unwrap();
        assert_eq!(&page[found.span.clone()], at);
        assert!(found.message.contains(message), "{}", found.message);
    };
    bad("≥ 38.0 mL", "38.0", "`mL` is not a unit of this quantity; write `Cel` or `[degF]`");
    bad("≥ 38.0 °C", "38.0", "the UCUM code is `Cel`");
    bad("≥ 38.0", "38.0", "a unit is needed: write `38.0 Cel`");
    bad("≥ 380.0 Cel", "380.0", "outside the possible range, 25 Cel to 45 Cel");
    bad("≥ 3.8e1 Cel", "3.8e1", "not a plain number");
    bad("≥ 38.0000000000000000000 Cel", "38.0000000000000000000", "not a plain number");
}

#[test]
fn a_test_that_is_true_or_false_of_everybody_is_refused() {
    let fever = |to: &str| {
        let to = format!("`temperature` {to}");
        let from = "`temperature` ≥ 38.0 Cel (local policy)";
        check(FEVER, from, &to, "empty-test", &to, "inside the range");
    };
    fever("≥ 25.0 Cel");
    fever("< 25.0 Cel");
    let all = "`fever_history` is present or absent";
    check(FEVER, "`fever_history` is present", all, "empty-test", all, "inside the range");
    let all = "`leg_weakness_left` is absent or longstanding or new";
    check(WEAK_LEFT, "`leg_weakness_left` is new", all, "empty-test", all, "inside the range");
}

/// Everybody has a power of at most 5, and nobody one above.
#[test]
fn a_constant_at_the_end_of_the_range_is_true_or_false_of_everybody() {
    for sign in ["≤", ">"] {
        let from = "`power_hip_flexion_left` < 5 (asia-worksheet-2023)";
        let to = format!("`power_hip_flexion_left` {sign} 5 (asia-worksheet-2023)");
        check(WEAK_LEFT, from, &to, "empty-test", &to, "inside the range");
    }
    let to = "`temperature` > 45.0 Cel";
    check(
        FEVER,
        "`temperature` ≥ 38.0 Cel (local policy)",
        to,
        "empty-test",
        to,
        "inside the range",
    );
}

#[test]
fn what_never_clears_is_a_reassuring_test() {
    let tone = "- `anal_tone_reduced` is absent";
    let never = |to: &str| {
        let page = text(CAUDA);
        let at = page.rfind(tone).unwrap();
        let page = format!("{}- {to}{}", &page[..at], &page[at + tone.len()..]);
        let faults = faults_of(CAUDA, &page);
        assert!(faults.iter().any(|fault| fault.file == CAUDA), "`{to}` was accepted");
    };
    never("`anal_tone` is absent");
    never("`post_void_residual` < 250 mL");
    never("`anal_tone_reduced` is abesnt");
    never("`anal_tone_reduced` is new");
    never("`anal_tone_reduced` < 3");
    never("`post_void_residual` ≥ 200 mL");
    never("`post_void_residual` ≤ 200 mL");
}

#[test]
fn a_circle_is_found() {
    check(
        FEVER,
        "`fever_history` is present",
        "`fever` is present",
        "circular",
        "`fever`",
        "break the circle",
    );
    let from = "`known_cancer` is present";
    let to = "`cancer_with_back_pain` is suspected";
    let faults = faults_of(CANCER, &edited(CANCER, from, to));
    assert!(faults.iter().any(|fault| fault.code == "circular"), "{faults:#?}");
}

#[test]
fn each_folder_has_its_own_sections() {
    check(
        FEVER,
        "## When any of",
        "## Needed when any of",
        "page-shape",
        "",
        "`## When` elsewhere",
    );
    check(
        LEG_PAIN,
        "## Needed when all of",
        "## When all of",
        "page-shape",
        "",
        "`## Needed when` in tests/",
    );
    check(
        LEG_PAIN,
        "## Then\n- do: ask_time_of_leg_pain\n\n",
        "",
        "page-shape",
        "",
        "add `## Then`",
    );
    let extra = "## Excluded when any of\n- `age` < 18 a\n\n## Cases";
    check(FEVER, "## Cases", extra, "page-shape", "", "delete it");
    check(CANCER, "- concern: spinal_metastasis\n", "", "page-shape", "", "add `- concern:`");
    let stuck = "## If it cannot be known\n- ask: senior_physician, oncology\n- settle: urgent\n- do: senior_signs, warning_card, call_back_within_48_hours\n\n";
    check(CANCER, stuck, "", "page-shape", "", "If it cannot be known");
    let page = text(ADULTS);
    let cases = page.find("- does not fire").unwrap();
    check_page(ADULTS, &page[..cases], "too-few-cases", "", "four or more");
}

#[test]
fn cases_are_checked_against_the_rule() {
    let case = "`temperature` 37.9 Cel; all else clear";
    let check_case = |to: &str, code: &str, at: &str| {
        let page = edited(FEVER, case, to);
        let faults = faults_of(FEVER, &page);
        let found = faults
            .iter()
            .any(|fault| fault.code == code && page.get(fault.span.clone()) == Some(at));
        assert!(found, "no {code} at {at:?}: {faults:#?}");
    };
    let high = "`temperature` 38.1 Cel; all else clear";
    check_case(high, "case-fails", &format!("does not fire: {high}"));
    check_case("`temprature` 37.9 Cel; all else clear", "bad-case", "`temprature`");
    check_case("`fever` absent; all else clear", "bad-case", "`fever`");
    check_case("`urgency` none; all else clear", "bad-case", "`urgency`");
    check_case("`temperature` 37.9 mL; all else clear", "bad-case", "`temperature`");
    check_case("`temperature` low; all else clear", "bad-case", "`temperature`");
    check_case("`fever_history` 3; all else clear", "bad-case", "`fever_history`");
    check_case("`fever_history` new; all else clear", "bad-case", "`fever_history`");
    let twice = "`fever_history` absent, `fever_history` absent; all else clear";
    check_case(twice, "bad-case", "`fever_history`");
    check(
        FEVER,
        "asks for `temperature`",
        "asks for `age`",
        "case-fails",
        "`age`",
        "it asks for temperature",
    );
    check(
        FEVER,
        high,
        "`temperature` 37.0 Cel; all else clear",
        "case-fails",
        "fires: `temperature` 37.0 Cel; all else clear",
        "mend the rule",
    );
}

#[test]
fn a_page_not_in_its_form_is_shown_the_line() {
    let check_form =
        |from: &str, to: &str, at: &str| check(FEVER, from, to, "not-canonical", at, "`cauda fmt`");
    check_form(
        "`temperature` ≥ 38.0",
        "`temperature` >= 38.0",
        "- `temperature` >= 38.0 Cel (local policy)",
    );
    check_form("- `fever_history`", "* `fever_history`", "* `fever_history` is present");
    check_form(
        "- `fever_history` is present",
        "- `fever_history` is present  ",
        "- `fever_history` is present",
    );
    check_form("## Cases\n", "## Cases\n\n", "");
    check_form(
        "- `fever_history` is present",
        "-  `fever_history` is present",
        "-  `fever_history` is present",
    );
    let page = text(FEVER).trim_end().to_string();
    check_page(FEVER, &page, "not-canonical", page.lines().last().unwrap(), "`cauda fmt`");
}

#[test]
fn files_are_missing_large_or_not_toml() {
    let mut folder = guideline().folder.clone();
    folder.files.remove("sources.toml");
    folder.files.insert("guideline.toml".into(), "id = 1\n".into());
    folder.files.insert(FEVER.into(), "Fever\n".into());
    let faults = cauda_guideline::load(&folder).unwrap_err();
    for (code, file) in [
        ("missing-file", "sources.toml"),
        ("bad-toml", "guideline.toml"),
        ("page-without-title", FEVER),
    ] {
        assert!(faults.iter().any(|fault| fault.code == code && fault.file == file), "{code}");
    }
    let mut large = guideline().folder.clone();
    large.files.insert("cases/large.md".into(), " ".repeat(4 * 1024 * 1024));
    assert_eq!(cauda_guideline::load(&large).unwrap_err()[0].code, "too-large");
    let mut many = guideline().folder.clone();
    many.files.extend((0..500).map(|at| (format!("cases/{at}.md"), String::new())));
    assert_eq!(cauda_guideline::load(&many).unwrap_err()[0].code, "too-large");
}

#[test]
fn pages_without_facts_and_facts_without_pages_are_found() {
    let mut folder = guideline().folder.clone();
    let page = folder.files.remove(FEVER).unwrap();
    folder.files.insert("definitions/fevr.md".into(), page.clone());
    let faults = cauda_guideline::load(&folder).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.code == "missing-page" && fault.file == "facts/derived.toml")
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.code == "unused-page" && fault.file == "definitions/fevr.md")
    );
    let mut folder = guideline().folder.clone();
    let page = folder.files[CANCER].clone();
    folder.files.insert("gate/cancer_with_back_pain.md".into(), page);
    let faults = cauda_guideline::load(&folder).unwrap_err();
    assert!(faults.iter().any(|fault| fault.code == "same-id-twice"));
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_the_page() {
    let page = edited(FEVER, "## When any of", "## When some of")
        .replace("≥ 38.0 Cel (local", "≥\u{a0}38.0 Cel (local")
        .replace(
            "- `fever_history` is present\n",
            "and a history\n- `fever_history` is not present\n",
        )
        .replacen("- fires", "- burns", 1);
    let found = parse(FEVER, &page).1;
    let codes: Vec<&str> = found.iter().map(|fault| fault.code).collect();
    assert!(codes.iter().filter(|code| **code == "syntax").count() >= 3, "{codes:?}");
    assert!(codes.contains(&"odd-character") && codes.contains(&"prose-in-rule"), "{codes:?}");
    let mut folder = guideline().folder.clone();
    folder.files.insert(FEVER.into(), page);
    folder.files.insert(CANCER.into(), edited(CANCER, "`known_cancer` is present", "known cancer"));
    let loaded = cauda_guideline::load(&folder).unwrap_err();
    assert!(
        loaded.iter().any(|fault| fault.file == FEVER)
            && loaded.iter().any(|fault| fault.file == CANCER)
    );
    let order: Vec<_> = loaded.iter().map(|fault| (&fault.file, fault.span.start)).collect();
    assert!(order.is_sorted());
    let two = edited(FEVER, "`fever_history` is present", "`fever_histroy` is present")
        .replace("`temperature` ≥", "`temprature` ≥");
    let unknown = faults_of(FEVER, &two).into_iter().filter(|fault| fault.code == "unknown-fact");
    assert_eq!(unknown.count(), 2, "each of them once");
}

#[test]
fn every_shipped_page_is_its_own_canonical_form() {
    assert!(pages().len() >= 46);
    for (file, page) in pages() {
        let (parsed, faults) = parse(file, page);
        assert!(faults.is_empty(), "{file}: {faults:#?}");
        assert_eq!(format(&parsed), page, "{file}");
    }
}

#[test]
fn sloppy_pages_are_mended_to_the_same_form() {
    let in_rules = |page: &str, change: &dyn Fn(&str) -> String| -> String {
        let at = page.find("\n## ").unwrap() + 1;
        format!("{}{}", &page[..at], change(&page[at..]))
    };
    for (file, page) in pages() {
        let sloppy = [
            in_rules(page, &|rules| rules.replace("- ", "* ")),
            in_rules(page, &|rules| rules.replace("- ", "+ ")),
            in_rules(page, &|rules| rules.replace("- ", "-   ")),
            in_rules(page, &|rules| rules.replace('≥', ">=").replace('≤', "<=").replace('→', "->")),
            in_rules(page, &|rules| rules.replace("≥ ", "≥").replace("< ", "<  ")),
            in_rules(page, &|rules| rules.replace('\n', "\n\n")),
            page.replace('\n', "  \n"),
            page.replace('\n', "\r\n"),
            page.replace("\n## ", "\n\n\n## "),
            page.trim_end().to_string(),
        ];
        for (at, text) in sloppy.iter().enumerate() {
            let (parsed, faults) = parse(file, text);
            assert!(faults.is_empty(), "{file}, variant {at}: {faults:#?}");
            let mended = format(&parsed);
            assert_eq!(mended, page, "{file}, variant {at}");
            assert_eq!(format(&parse(file, &mended).0), mended, "{file}, variant {at}");
        }
    }
}

#[test]
fn the_nearest_word_is_near_and_places_count_characters() {
    assert_eq!(nearest("temprature", ["temperature", "age"]), Some("temperature"));
    assert_eq!(nearest("zzzz", ["temperature", "age"]), None);
    assert_eq!(nearest(&"a".repeat(100), ["a"]), None);
    assert_eq!(line_and_column("≥a\nb", 3), (1, 2));
    assert_eq!(line_and_column("≥a\nb", 5), (2, 1));
}

#[test]
fn diagnostics_are_printed_with_code_and_file() {
    let fault = &faults_of(FEVER, "Fever")[0];
    assert_eq!(
        fault.to_string(),
        "error[page-without-title]: the page has no title (definitions/fever.md)"
    );
}
