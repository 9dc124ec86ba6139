//! `cauda interview`: whole conversations typed into the program.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::run::{Ran, Scratch, cauda, cauda_reading, command};

/// A moment, so that the same lines give the same file.
const NOW: &str = "2026-11-23T03:10:00Z";

fn interview(arguments: &[&str], lines: &[&str]) -> Ran {
    let mut all = vec!["interview"];
    all.extend(arguments);
    all.extend(["--now", NOW]);
    let typed: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    cauda_reading(&all, typed.as_bytes())
}

/// The visit in the file.
fn visit(path: &str) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Facts answered and groups signed.
fn stored(path: &str) -> (usize, usize) {
    let visit = visit(path);
    let count = |part: &str| visit[part].as_object().map_or(0, |known| known.len());
    (count("findings"), count("attestations"))
}

/// What `cauda assess` says first of the file: disposition and tier.
fn assessed(path: &str, code: i32) -> (String, String) {
    let json = cauda(&["assess", path, "--json"]).expect(code).json();
    let go = json["disposition"]["id"].as_str().unwrap_or_default().to_string();
    (go, json["urgency"]["acted_on"].as_str().unwrap().to_string())
}

/// Answers screen after screen: each answer is typed only when the prompt was
/// seen, so the prompt has to come before it. Gives all that was printed.
fn converse(mut command: Command, mut answer: impl FnMut(&str) -> String) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (send, printed) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Some(count) = stdout.read(&mut bytes).ok().filter(|count| *count > 0) {
            send.send(bytes[..count].to_vec()).unwrap();
        }
    });
    let (mut all, mut seen) = (Vec::new(), 0);
    loop {
        match printed.recv_timeout(Duration::from_secs(60)) {
            Ok(bytes) => all.extend(bytes),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no prompt: {}", text(&all)),
        }
        if all.ends_with(b"\n> ") {
            let line = answer(&text(&all[seen..]));
            seen = all.len();
            writeln!(stdin, "{line}").unwrap();
        }
    }
    reader.join().unwrap();
    child.wait().unwrap();
    text(&all)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is typed for a well patient of 34 at a screen: a plain strain.
fn well(printed: &str) -> String {
    let Some((_, shown)) = printed.split_once("could still matter\n") else { return "q".into() };
    let line = match shown {
        _ if shown.contains("Age in completed years") => "34 Years",
        _ if shown.contains("a asked and as before") => "a a a A",
        _ if shown.contains("c all clear, signed") => "ALL CLEAR",
        _ if shown.contains("1. Temperature") => "98.6 F 72 16 128 mmHg 98 %",
        _ if shown.contains("1. Pain controlled?") => return each("y", shown),
        _ if shown.contains("\n1 ") => "1",
        _ => "N",
    };
    line.to_string()
}

/// The same answer to each question of a line, said for each.
fn each(answer: &str, shown: &str) -> String {
    let count = shown.lines().filter(|line| line.starts_with("  ") && line.ends_with('?')).count();
    vec![answer; count].join(" ")
}

/// Everything printed to a strain of that age, and the lines typed.
fn strain(file: &str, age: &str) -> (String, Vec<String>) {
    let mut typed = Vec::new();
    let out = converse(command(&["interview", file, "--now", NOW]), |printed| {
        let line = well(printed).replace("34", age);
        typed.push(line.clone());
        line
    });
    (out, typed)
}

#[test]
fn a_strain_goes_home_in_twelve_lines_or_fewer() {
    let scratch = Scratch::new("a_strain_goes_home");
    let file = scratch.path("visit.json");
    let (out, typed) = strain(&file, "34");
    assert!(!out.contains("Nothing was recorded"), "{out}");
    assert!(out.contains("\nHOME\n"), "{out}");
    assert!(typed.len() <= 12, "{typed:?}");
    assert!(out.contains(&format!("\n{} actions. Saved to", typed.len())), "{out}");
    assert_eq!(typed[0], "34 Years", "the age comes first");
    assert_eq!(assessed(&file, 0), ("home".into(), "none".into()));
    // Four answers, four signatures (CR6).
    let signed = visit(&file)["attestations"].clone();
    for topic in
        ["bladder_as_before", "bowel_as_before", "saddle_as_before", "sexual_feeling_as_before"]
    {
        assert_eq!(signed[topic].as_array().map(Vec::len), Some(1), "{topic}");
    }
}

#[test]
fn what_was_stored_is_shown_with_its_unit() {
    let scratch = Scratch::new("what_was_stored_is_shown");
    let (out, _) = strain(&scratch.path("visit.json"), "34");
    for words in [
        "recorded: Age in completed years: 34 years",
        "recorded: Temperature: 98.6 °F, that is 37 °C",
        "recorded: Systolic blood pressure: 128 mmHg",
        "recorded: Oxygen saturation in percent: 98",
        "recorded: CLEAR, signed for 12 questions: No injury or fall",
        "recorded: Pain controlled: yes",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn the_file_replays_to_the_same_page() {
    let scratch = Scratch::new("the_file_replays");
    let (home, stopped) = (scratch.path("home.json"), scratch.path("stopped.json"));
    let (at_home, _) = strain(&home, "34");
    let unfinished = interview(&[&stopped], &["34", "a x a a"]).expect(1).out;
    for (file, out, code) in [(home, at_home, 0), (stopped, unfinished, 1)] {
        let page = cauda(&["assess", &file]).expect(code).out;
        assert!(out.contains(&page), "{out}\n\n{page}");
    }
}

#[test]
fn an_emergency_is_told_at_once_even_without_the_age() {
    let scratch = Scratch::new("an_emergency_is_told_at_once");
    let file = scratch.path("visit.json");
    // Age and the bladder are put off; then the first bowel question.
    let ran = interview(&[&file], &["", "- x a a", "y", "q"]).expect(1);
    let after = ran.out.split("NEW (danger sign)").nth(1).unwrap();
    let told: Vec<&str> = after.lines().skip(1).collect();
    assert!(told[1].starts_with("ALARM: MRI NOW. Emergency"), "{after}");
    let block = after.split("Enter goes on asking; q stops").next().unwrap();
    for word in ["RAISED  Suspected cauda equina syndrome [emergency]", "DO NOW  ", "CALL    "] {
        assert!(block.contains(word), "{word}: {block}");
    }
    assert!(block.lines().count() <= 16, "{block}");
    assert!(after.contains("4 actions. Saved to"), "{after}");
    assert_eq!(assessed(&file, 1), ("mri_now".into(), "emergency".into()));
}

#[test]
fn after_an_alarm_only_enter_goes_on() {
    let scratch = Scratch::new("after_an_alarm_only_enter");
    let file = scratch.path("visit.json");
    let ran = interview(&[&file], &["34", "a x a a", "y", "n", "c", ""]).expect(0);
    assert_eq!(ran.out.matches("ALARM: ").count(), 1, "{}", ran.out);
    assert_eq!(ran.out.matches("Nothing was recorded. Enter goes on").count(), 2, "{}", ran.out);
    assert_eq!(stored(&file), (2, 3));
}

#[test]
fn a_resumed_emergency_is_told_before_the_first_question() {
    let scratch = Scratch::new("a_resumed_emergency");
    let text = r#"{"findings": {"urinary_retention": "new"}}"#;
    let file = scratch.write("visit.json", text.as_bytes());
    let ran = interview(&[&file], &["q"]).expect(1);
    let (alarm, question) = (ran.out.find("ALARM: "), ran.out.find("Age in completed years"));
    assert!(alarm.is_some() && alarm < question, "{}", ran.out);
    assert!(ran.out.contains("\n1 answer and 0 signed groups are in it"), "{}", ran.out);
}

#[test]
fn a_group_is_not_cleared_by_y_and_four_topics_not_by_one_key() {
    let scratch = Scratch::new("a_group_is_not_cleared_by_y");
    let file = scratch.path("visit.json");
    let lines = ["34", "a", "y", "aaaa", "a a a", "y y y y", "n n n n", "c", "k"];
    let ran = interview(&[&file], &lines).expect(1);
    assert_eq!(ran.out.matches("Nothing was recorded: ").count(), 8, "{}", ran.out);
    assert_eq!(stored(&file), (1, 0));
    let ran = interview(&[&file], &["a a a a", "y", "yes", "Y", "q"]).expect(1);
    assert_eq!(ran.out.matches("`y` answers one question, not a group").count(), 3, "{}", ran.out);
    assert_eq!(stored(&file), (1, 4));
}

#[test]
fn help_stores_nothing() {
    let scratch = Scratch::new("help_stores_nothing");
    let file = scratch.path("visit.json");
    let lines = ["?", "h", "34", "HELP", "a a a a", "?", "w", "help", "q"];
    let ran = interview(&[&file], &lines).expect(1);
    assert_eq!(ran.out.matches("  Nothing was recorded.\n").count(), 5, "{}", ran.out);
    assert!(ran.out.contains("signed for this one question alone"), "{}", ran.out);
    assert!(ran.out.contains("you sign it"), "{}", ran.out);
    assert_eq!(stored(&file), (1, 4));
    assert!(!fs::read_to_string(&file).unwrap().contains("unknown"));
}

/// The number that follows these words.
fn count_after(out: &str, words: &str) -> usize {
    let rest = out.split(words).nth(1).unwrap_or_else(|| panic!("{words}: {out}"));
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn not_known_of_a_group_is_confirmed() {
    let scratch = Scratch::new("not_known_of_a_group");
    let file = scratch.path("visit.json");
    let ran = interview(&[&file], &["34", "a a a a", "k", "c", "d", "k", "q"]).expect(1);
    let group = count_after(&ran.out, "records `not known` for ");
    assert!(group > 5 && count_after(&ran.out, "records `declined` for ") == group);
    assert_eq!(stored(&file), (1, 4));
    let ran = interview(&[&file], &["k", "K"]).expect(1);
    assert_eq!(ran.out.matches("recorded: ").count(), group, "{}", ran.out);
    assert_eq!(stored(&file), (1 + group, 4));
    // In the line of four the same holds for each of them.
    let other = scratch.path("other.json");
    let ran = interview(&[&other], &["34", "k a a a", "a a a a", "k a d a", "k a d a"]).expect(1);
    assert!(ran.out.contains("records `not known` for 5 questions"), "{}", ran.out);
    assert_eq!(stored(&other), (1 + 5 + 1, 2));
}

#[test]
fn a_path_that_cannot_be_written_is_refused_before_the_first_question() {
    let scratch = Scratch::new("a_path_that_cannot_be_written");
    let missing = scratch.path("nowhere/visit.json");
    let folder = scratch.path("");
    for path in [missing.as_str(), folder.as_str()] {
        let ran = interview(&[path], &["34"]).expect(3);
        assert_eq!(ran.out, "", "{path}");
        assert!(ran.err.contains("cannot "), "{}", ran.err);
    }
}

#[test]
fn the_end_of_the_input_loses_and_claims_nothing() {
    let scratch = Scratch::new("the_end_of_the_input");
    let file = scratch.path("visit.json");
    let ran = interview(&[&file], &[]).expect(1);
    assert!(ran.out.contains("0 actions. Nothing was answered"), "{}", ran.out);
    assert!(!ran.out.contains("Saved to"), "{}", ran.out);
    assert_eq!(stored(&file), (0, 0));
    let ran = interview(&[], &["34"]).expect(1);
    assert!(ran.out.contains("1 action. Nothing was saved."), "{}", ran.out);
    // A line without its end is read; one that is too long is not.
    let long = "9".repeat(3000);
    let typed = format!("{long}\n35");
    let arguments = ["interview", &file, "--now", NOW];
    let ran = cauda_reading(&arguments, typed.as_bytes()).expect(1);
    assert!(ran.out.contains("that line is too long"), "{}", ran.out);
    assert!(ran.out.contains("recorded: Age in completed years: 35 years"), "{}", ran.out);
}

#[test]
fn an_interview_goes_on_where_it_stopped() {
    let scratch = Scratch::new("an_interview_goes_on");
    let file = scratch.path("visit.json");
    let mut lines = 0;
    let before = converse(command(&["interview", &file, "--now", NOW]), |printed| {
        lines += 1;
        if lines > 3 { "q".into() } else { well(printed) }
    });
    assert!(before.contains("CANNOT DECIDE YET"), "{before}");
    let (out, typed) = strain(&file, "34");
    assert!(out.contains("\n1 answer and 5 signed groups are in it"), "{out}");
    assert!(out.contains("\nHOME\n") && typed.len() <= 12 - 3, "{out}");
}

#[test]
fn a_line_can_be_taken_back() {
    let scratch = Scratch::new("a_line_can_be_taken_back");
    let file = scratch.path("visit.json");
    let ran = interview(&[&file], &["34", "a a a a", "b", "a a x a", "y", "", "b", "q"]).expect(1);
    assert!(ran.out.contains("taken back: Asked in plain words: passing urine"), "{}", ran.out);
    assert!(ran.out.contains("taken back: Numbness between the legs, told"), "{}", ran.out);
    assert_eq!(stored(&file), (1, 3));
    let ran = interview(&[&file], &["b", "q"]).expect(1);
    assert!(ran.out.contains("there is nothing to take back"), "{}", ran.out);
}

#[test]
fn a_nurse_stops_at_the_end_of_triage() {
    let scratch = Scratch::new("a_nurse_stops");
    let file = scratch.path("visit.json");
    let arguments = ["interview", &file, "--as", "nurse", "--now", NOW];
    let out = converse(command(&arguments), well);
    let end = out.split("Triage is complete.").nth(1).unwrap_or_else(|| panic!("{out}"));
    assert!(end.contains("Assessment unfinished."), "{end}");
    assert!(end.contains("No concern is raised so far"), "{end}");
    assert!(end.contains("a physician: "), "{end}");
    for word in ["MRI", "ALARM", "CANNOT DECIDE", "ask on", "Still open for you"] {
        assert!(!end.contains(word), "{word}: {end}");
    }
    let asked = out.split("Triage is complete.").next().unwrap();
    assert!(!asked.contains("Power, left"), "muscles are examined later: {asked}");
    assert_eq!(assessed(&file, 1), (String::new(), "none".into()));
}

#[test]
fn a_danger_is_red_where_colours_are_on() {
    let scratch = Scratch::new("a_danger_is_red");
    let file = scratch.path("visit.json");
    let mut coloured = command(&["interview", &file, "--now", NOW]);
    coloured.env("CLICOLOR_FORCE", "1");
    let mut lines = ["34", "a a x a", "y", "q"].into_iter();
    let out = converse(coloured, |_| lines.next().unwrap_or("q").to_string());
    let red = "\u{1b}[1m\u{1b}[31mrecorded: Numbness between the legs, told: NEW (danger sign)";
    assert!(out.contains(red), "{out}");
    assert!(out.contains("> recorded: Age in completed years: 34 years"), "{out}");
}

#[test]
fn an_alarm_at_triage_brings_a_physician_first() {
    let scratch = Scratch::new("an_alarm_at_triage");
    let file = scratch.path("visit.json");
    let arguments = [file.as_str(), "--as", "nurse"];
    let ran = interview(&arguments, &["34", "x a a a", "y", "q"]).expect(0);
    assert_eq!(
        ran.out.matches("AT TRIAGE    Physician within 15 minutes").count(),
        2,
        "{}",
        ran.out
    );
    assert!(ran.out.find("AT TRIAGE") < ran.out.find("ALARM: "), "{}", ran.out);
}

#[test]
fn the_end_says_whose_questions_remain_and_never_to_ask_on_in_vain() {
    let scratch = Scratch::new("the_end_says_whose");
    // A child: outside the guideline, and nothing is left to ask.
    let (out, _) = strain(&scratch.path("child.json"), "12");
    assert!(!out.contains("ask on") && !out.contains("\nHOME\n"), "{out}");
    assert!(out.contains("No question is left"), "{out}");
    let file = scratch.path("stopped.json");
    let ran = interview(&[&file], &["34", "q"]).expect(1);
    assert!(ran.out.contains("Still open for you, a physician: "), "{}", ran.out);
}

#[test]
fn numbers_are_refused_where_their_unit_or_size_is_in_doubt() {
    let scratch = Scratch::new("numbers_are_refused");
    let file = scratch.path("visit.json");
    let mut lines = [
        "98.6 72 16 128 98",
        "37 72 16 128 0.98",
        "37 72 16 128 m 98",
        "37 72 16",
        "1,200 72 16 128 98",
        "36,8 72 16 - 98",
    ]
    .into_iter();
    let mut at_vital_signs = false;
    let out = converse(command(&["interview", &file, "--now", NOW]), |printed| {
        at_vital_signs |= printed.contains("1. Temperature");
        if at_vital_signs { lines.next().unwrap_or("q").into() } else { well(printed) }
    });
    assert!(out.contains("say the unit: type `98.6 °F`"), "{out}");
    assert!(out.contains("0.98 is no whole number"), "{out}");
    assert!(out.contains("`m` is no unit of it"), "{out}");
    assert!(out.contains("3 answers for 5 questions"), "{out}");
    assert_eq!(out.matches("Nothing was recorded: ").count(), 5, "{out}");
    assert!(out.contains("recorded: Temperature: 36.8 °C"), "{out}");
}

#[test]
fn exceptions_are_asked_before_the_rest_of_a_group_is_signed() {
    let scratch = Scratch::new("exceptions_are_asked");
    let file = scratch.path("visit.json");
    let mut wanted = None;
    let out = converse(command(&["interview", &file, "--now", NOW]), |printed| {
        let shown = printed.replace("\n  ", " ");
        match shown.split_once(" Antiplatelet") {
            Some((before, _)) if wanted.is_none() => {
                wanted = before.split(' ').next_back().map(str::to_string);
                wanted.clone().unwrap()
            }
            _ if shown.contains("y yes, present") => "y".into(),
            _ if shown.contains("What is not known yet of: No injury") => "c".into(),
            _ if wanted.is_some() => "q".into(),
            _ => well(printed),
        }
    });
    assert!(out.contains("recorded: Antiplatelet"), "{out}");
    assert!(out.contains("What is not known yet of: No injury"), "{out}");
    assert!(out.contains("signed for 11 questions"), "{out}");
    assert_eq!(visit(&file)["findings"]["antiplatelet"][0]["value"], "present");
}
