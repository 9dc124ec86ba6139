//! Pages for patients: plain words, a picture that a scanner reads.

use cauda_guideline::reading::hard;
use cauda_pages::patient::{About, PatientFrame, check};
use cauda_patient::vignette::Figures;
use cauda_patient::{Answers, Level, Topic, UNSURE, code, outcome};

use crate::guidelines::shipped;

/// 2026-11-26T09:00:00Z.
const NOW: i64 = 1_795_683_600;

fn frame() -> PatientFrame<'static> {
    PatientFrame {
        title: "Back pain check",
        department: "Hillside",
        emergency_number: Some("112"),
        demo: false,
        guideline: shipped(),
        about: About::Check,
    }
}

fn said(answers: &[(&str, &str)]) -> Answers {
    let mut all = Answers::default();
    for (fact, value) in answers {
        all.say(shipped(), fact, value).unwrap();
    }
    Topic::ALL.into_iter().for_each(|topic| all.finish(topic));
    all
}

fn result(answers: &Answers) -> (Level, String) {
    let outcome = outcome(shipped(), answers, NOW).unwrap();
    let code = code::write(shipped(), answers, NOW);
    (outcome.level, check::result(&frame(), &outcome, answers, &code).into_string())
}

/// What a reader sees, a line for each block.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<').skip(1) {
        let (tag, rest) = part.split_once('>').unwrap();
        let inline = ["b", "/b", "a ", "/a", "small", "/small"];
        if !inline
            .iter()
            .any(|known| tag == *known || (known.ends_with(' ') && tag.starts_with(known)))
        {
            text.push_str(" .\n");
        }
        text.push_str(rest);
    }
    text.replace("&amp;", "and")
}

#[test]
fn every_sentence_of_the_self_check_is_short_and_plain() {
    let guideline = shipped();
    let mut pages = vec![
        ("start", check::start(&frame()).into_string()),
        ("about", check::about(&frame(), Some(&Figures::default())).into_string()),
    ];
    for topic in Topic::ALL {
        let page = check::topic(guideline, topic, &Answers::default(), &Default::default());
        pages.push((topic.id(), page.into_string()));
    }
    let patients: [(Level, &[(&str, &str)]); 4] = [
        (Level::SelfCare, &[("age", "40 a")]),
        (Level::Soon, &[("age", "15 a"), ("leg_pain_left", "new")]),
        (
            Level::Emergency,
            &[("age", "40 a"), ("saddle_numbness", "new"), ("urinary_retention", UNSURE)],
        ),
        (Level::Call, &[("age", "70 a"), ("tearing_pain", "present")]),
    ];
    for (level, answers) in patients {
        let (found, page) = result(&said(answers));
        assert_eq!(found, level);
        pages.push((level.id(), page));
    }
    let mut faults = Vec::new();
    for (name, page) in &pages {
        for line in text(page).lines() {
            // A code is no sentence.
            if line.split_whitespace().any(|word| word.matches('-').count() >= 3) {
                continue;
            }
            faults.extend(hard(line).iter().map(|hard| format!("{name}: {hard}")));
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_scanner_reads_the_picture() {
    for answers in [
        said(&[("age", "40 a")]),
        said(&[
            ("age", "70 a"),
            ("saddle_numbness", "new"),
            ("urinary_retention", UNSURE),
            ("leg_weakness_left", "new"),
            ("known_cancer", "present"),
            ("fever_history", "present"),
        ]),
    ] {
        let (_, page) = result(&answers);
        let svg = page.split("<svg class=\"qr\"").nth(1).unwrap().split("</svg>").next().unwrap();
        let side: usize =
            svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let squares = svg.rsplit("<path d=\"").next().unwrap().split('M').skip(1);
        let dark: std::collections::BTreeSet<(usize, usize)> = squares
            .map(|square| {
                let (x, y) = square.split_once('h').unwrap().0.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect();
        let zoom = 4;
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(side * zoom, side * zoom, |x, y| {
                if dark.contains(&(x / zoom, y / zoom)) { 0 } else { 255 }
            });
        let grids = image.detect_grids();
        let (_, read) = grids[0].decode().unwrap();
        assert_eq!(read, code::write(shipped(), &answers, NOW));
        let again = code::read(shipped(), &read, NOW).unwrap();
        assert_eq!(again.of("age"), answers.of("age"));
    }
}
