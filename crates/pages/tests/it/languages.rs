//! Patients' pages in every language: complete, marked, short, and without a word of another one.

use cauda_pages::patient::home;
use cauda_patient::options;
use cauda_words::reading::{EASE_MIN, ease, long};
use cauda_words::{Language, Page, Says, Words};

use crate::guidelines::shipped;
use crate::patient::{own_frame, pages_in, text};

/// The sources that speak with words, in one text.
fn sources() -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = [
        "pages/src/patient/frame.rs",
        "pages/src/patient/home.rs",
        "pages/src/patient/sheet.rs",
        "pages/src/patient/waiting.rs",
        "words/src/says.rs",
        "server/src/outbox.rs",
        "server/src/web/by_link.rs",
        "server/src/web/home.rs",
        "server/src/web/staff/sheet.rs",
    ];
    files.map(|file| std::fs::read_to_string(root.join(file)).unwrap()).join("\n")
}

#[test]
fn every_message_is_used_and_every_message_used_is_there() {
    let sources = sources();
    let texts = |page: &Page| Words::shipped().texts(shipped(), Language::English, *page);
    let known: Vec<String> = Page::ALL.iter().flat_map(texts).map(|entry| entry.id).collect();
    for id in known.iter().filter(|id| !id.contains("--")) {
        // Months are named by their number.
        let is_month = id.strip_prefix("month-").is_some_and(|number| number.parse::<u8>().is_ok());
        assert!(is_month || sources.contains(&format!("\"{id}\"")), "nothing says {id}");
    }
    for call in ["say(\"", "calling(\"", ".with(\"", "text(\"", "part(\"", "words_of(language, \""]
    {
        for rest in sources.split(call).skip(1) {
            let id = rest.split('"').next().unwrap();
            assert!(known.iter().any(|known| known == id), "{call}{id} is not there");
        }
    }
}

/// The page without what is marked as English.
fn unmarked(page: &str) -> String {
    let mut rest = page.to_string();
    for (open, close) in [("<p lang=\"en\">", "</p>"), ("<a href=\"/c/x?lang=en\"", "</a>")] {
        while let Some(from) = rest.find(open) {
            let to = from + rest[from..].find(close).unwrap() + close.len();
            rest.replace_range(from..to, "");
        }
    }
    rest
}

#[test]
fn no_english_is_left_on_a_spanish_page() {
    let english =
        ["the", "you", "your", "we", "is", "are", "and", "not", "with", "now", "this", "of"];
    let pages = pages_in(Language::Spanish);
    assert!(pages.len() > 20);
    for (name, page) in pages {
        assert!(page.contains("<html lang=\"es\">"), "{name}");
        assert!(
            page.contains("no está revisada") && page.contains("has not been checked"),
            "{name}"
        );
        assert!(!page.contains("<span lang=\"en\">"), "{name}: a phrase without translation");
        assert!(page.len() <= 80_000, "{name}: {} bytes", page.len());
        let body = unmarked(&page);
        let body = body.split("<body").nth(1).unwrap();
        for line in text(body).lines() {
            let line = line.replace("Hillside", "");
            let mut words = line.split(|sign: char| !sign.is_alphabetic());
            let found = words.find(|word| english.contains(&word.to_lowercase().as_str()));
            assert_eq!(found, None, "{name}: {line}");
        }
    }
}

#[test]
fn every_sentence_of_a_spanish_page_is_short_and_the_page_easy() {
    let mut faults = Vec::new();
    for (name, page) in pages_in(Language::Spanish) {
        let main = page.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        let text = text(main);
        faults.extend(long(&text).iter().map(|long| format!("{name}: {long}")));
        let words = text.split_whitespace().count();
        let ease = ease(&text).unwrap();
        if words > 60 && ease < EASE_MIN {
            faults.push(format!("{name}: ease {ease:.0}"));
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is asked of a sign, and each answer to it, is translated; the English is the guideline's.
#[test]
fn the_details_of_a_sign_are_asked_in_the_patients_language() {
    let guideline = shipped();
    let lines: Vec<String> = guideline.vocabulary.ids("return").map(str::to_string).collect();
    let spanish = Says::new(Words::shipped(), guideline, Language::Spanish);
    let english = Says::english(guideline);
    let facts = home::details(guideline, &lines);
    assert!(facts.len() > 20);
    for index in facts {
        let fact = &guideline.facts[index];
        assert_eq!(spanish.phrase("fact", &fact.id).unwrap().foreign, None, "{}", fact.id);
        for (value, words) in options(fact) {
            let said = match fact.patient_values.contains_key(&value) {
                true => {
                    let id = format!("{}--{value}", fact.id);
                    assert_eq!(spanish.phrase("fact", &id).unwrap().foreign, None, "{id}");
                    english.phrase("fact", &id).unwrap().text.to_string()
                }
                false => english.say(&format!("answer-{value}")).into_owned(),
            };
            assert_eq!(said, words, "{} {value}", fact.id);
        }
    }
}

#[test]
fn a_phrase_that_is_not_translated_is_marked_as_english() {
    use cauda_pages::patient::waiting;
    use cauda_pathway::releasing::{Part, Released};
    let released = Released { part: Part::Next, list: "concern".into(), id: "cauda_equina".into() };
    let visit = cauda_pathway::visit::Visit {
        phase: cauda_pathway::table::Phase::Triaged,
        released: vec![released],
        ..Default::default()
    };
    let frame = own_frame(Language::Spanish);
    assert!(waiting::page(&frame, &visit).into_string().contains("<li><span lang=\"en\">"));
}

#[test]
fn the_language_can_be_changed_and_is_kept() {
    let frame = own_frame(Language::Spanish);
    let form = home::Form { to: "/c/x", command: "1", entered: &[], fault: false };
    let page = frame.page(&home::ask(&frame, &form));
    assert!(page.contains("href=\"/c/x?lang=en\" lang=\"en\" hreflang=\"en\">English</a>"));
    for action in ["/c/x?lang=es", "/c/x/stop?lang=es"] {
        assert!(page.contains(&format!("action=\"{action}\"")), "{action}");
    }
    // Where there is one language, nothing speaks of others.
    let english = own_frame(Language::English);
    let page = english.page(&home::ask(&english, &form));
    assert!(!page.contains("hreflang") && page.contains("action=\"/c/x\""));
    assert!(page.contains("<html lang=\"en\">"));
}
