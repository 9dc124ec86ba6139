//! Pages for patients: plain words, a picture that a scanner reads.

use cauda_guideline::reading::hard;
use cauda_pages::patient::home::{self, Then};
use cauda_pages::patient::{About, PatientFrame, check, waiting};
use cauda_pathway::check_in::{Signs, Told};
use cauda_pathway::releasing::{self, Part, Released, SIGNED};
use cauda_pathway::table::Phase;
use cauda_pathway::visit::Visit;
use cauda_patient::vignette::Figures;
use cauda_patient::{Answers, Level, Topic, UNSURE, code, outcome};
use cauda_words::{Language, Offered, Says, Words};

use crate::guidelines::shipped;

/// 2026-11-26T09:00:00Z.
const NOW: i64 = 1_795_683_600;

fn frame() -> PatientFrame<'static> {
    PatientFrame {
        title: "Back pain check",
        department: "Hillside",
        emergency_number: Some("112"),
        demo: false,
        says: Says::english(shipped()),
        languages: &[],
        here: None,
        query: "",
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
pub fn text(html: &str) -> String {
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

/// Pages that a patient reaches by a link, with their names, in English.
fn own_pages() -> Vec<(&'static str, String)> {
    pages_in(Language::English)
}

const BOTH: &[Offered] = &[
    Offered { language: Language::English, is_checked: true },
    Offered { language: Language::Spanish, is_checked: false },
];

/// The frame of a page by a link.
pub fn own_frame(language: Language) -> PatientFrame<'static> {
    let is_english = language == Language::English;
    PatientFrame {
        about: About::Own { telephone: Some("+1 202 555 0112"), live: None },
        says: Says::new(Words::shipped(), shipped(), language),
        languages: if is_english { &[] } else { BOTH },
        here: Some("/c/x").filter(|_| !is_english),
        query: if is_english { "" } else { "?lang=es" },
        ..frame()
    }
}

/// Pages that a patient reaches by a link, with their names.
pub fn pages_in(language: Language) -> Vec<(&'static str, String)> {
    let guideline = shipped();
    let frame = own_frame(language);
    let form = home::Form { to: "/c/x", command: "1", entered: &[], fault: true };
    let lines: Vec<String> = guideline.vocabulary.ids("return").map(str::to_string).collect();
    let told = Told { signs: Signs::Some, lines, ..Told::default() };
    let mut pages = vec![
        ("ask", home::ask(&frame, &form)),
        ("danger", home::danger(&frame, &told, "/c/x", "1", true)),
        ("danger, not kept", home::danger(&frame, &told, "/c/x", "1", false)),
        ("noted", home::noted(&frame, true)),
        ("not noted", home::noted(&frame, false)),
        ("closed", home::closed(&frame)),
        ("stopped", home::stopped(&frame, false)),
        ("wrong person", home::stopped(&frame, true)),
        ("still here", home::still_here(&frame)),
        ("no link", home::no_link(&frame)),
        ("busy", home::busy(&frame)),
        ("away", home::away(&frame, "/c/x", &[])),
    ];
    for then in [
        Then::CallToday,
        Then::Call,
        Then::LookAgain,
        Then::SeeDoctor,
        Then::Better,
        Then::GoOn,
        Then::NotChecked,
    ] {
        pages.push(("thanks", home::thanks(&frame, then, then == Then::GoOn)));
    }
    for phase in Phase::ALL {
        let all = guideline.vocabulary.lists().flat_map(|(list, entries)| {
            entries.iter().map(move |(id, _, _)| (list.to_string(), id.clone()))
        });
        let shared = ["reason", "disposition", "image", "action"];
        let released = all.filter(|(list, _)| shared.contains(&list.as_str()));
        let released = released.map(|(list, id)| Released { part: Part::Next, list, id });
        let visit = Visit { phase: *phase, released: released.collect(), ..Visit::default() };
        pages.push((phase.words(), waiting::page(&frame, &visit)));
    }
    pages.into_iter().map(|(name, page)| (name, frame.page(&page))).collect()
}

#[test]
fn every_sentence_a_patient_reads_by_a_link_is_short_and_plain() {
    let mut faults = Vec::new();
    for (name, page) in own_pages() {
        assert!(page.len() <= 80_000, "{name}: {} bytes", page.len());
        let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        // One word on a button has no grade.
        for line in text(main).lines().filter(|line| line.split_whitespace().count() > 2) {
            faults.extend(hard(line).iter().map(|hard| format!("{name}: {hard}")));
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// CR25: whoever looks over the patient's shoulder learns nothing of these.
#[test]
fn nothing_private_can_be_released() {
    let guideline = shipped();
    let is_private = |words: &str| {
        let words = words.to_lowercase();
        ["pregnan", "hiv", "inject", "sex", "drug"].iter().any(|known| words.contains(known))
    };
    let lists = guideline.vocabulary.lists();
    let of_lists = lists.flat_map(|(list, entries)| {
        entries.iter().map(move |(id, _, phrase)| (list.to_string(), id.clone(), &phrase.patient))
    });
    let signed = guideline.attestations.iter();
    let signed = signed.map(|known| (SIGNED.to_string(), known.id.clone(), &known.patient));
    let released: Vec<_> =
        of_lists.chain(signed).filter(|(_, _, words)| is_private(words)).collect();
    // The test sees them at all, and none of them gets through.
    assert!(released.len() >= 3, "{released:?}");
    for (list, id, words) in released {
        assert_eq!(releasing::words(guideline, &list, &id), None, "{list}/{id}: {words}");
    }
    for phrase in own_pages() {
        assert!(!phrase.1.to_lowercase().contains("pregnan"), "{}", phrase.0);
    }
}

#[test]
fn the_six_questions_are_asked_and_every_answer_can_be_unsure() {
    let page =
        home::ask(&frame(), &home::Form { to: "/c/x", command: "1", entered: &[], fault: false })
            .into_string();
    assert_eq!(page.matches("<fieldset").count(), 6);
    let lines = shipped().vocabulary.ids("return").count();
    assert_eq!(page.matches("name=\"line\"").count(), lines);
    assert!(
        page.contains("I am not sure") && !page.contains(" checked"),
        "nothing is chosen for anybody"
    );
}
