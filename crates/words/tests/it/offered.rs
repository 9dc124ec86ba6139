//! A page is offered in a language when every text on it that could do harm was checked.

use cauda_words::{Lack, Language, Missing, Offered, Page, Signatures, State, Words, hash};

use crate::guidelines::shipped;

const SPANISH: Language = Language::Spanish;

/// A department that signs everything of a page, but for what is left out.
fn signing(page: Page, but: &[&str]) -> String {
    let mut file = String::new();
    for entry in Words::shipped().texts(shipped(), SPANISH, page) {
        if but.contains(&entry.id.as_str()) {
            continue;
        }
        let hash = hash(&entry.english, &entry.text);
        file += &format!("[es.\"{}\"]\nsha256 = \"{hash}\"\n", entry.id);
        file += "reviewer = \"Ana Ruiz\"\ndate = \"2026-11-26\"\n";
    }
    file
}

fn signed(file: &str) -> Words {
    Words::shipped().signed(Signatures::read("words.toml", file).unwrap())
}

#[test]
fn a_text_that_nobody_checked_keeps_its_page_back() {
    let words = Words::shipped();
    for page in Page::ALL {
        assert_eq!(words.offered(shipped(), Language::English, *page), Ok(()));
        let lacking = words.offered(shipped(), SPANISH, *page).unwrap_err();
        assert!(lacking.iter().all(|one| one.lack == Lack::Unreviewed), "{lacking:?}");
        let only = words.languages(shipped(), *page, false);
        assert_eq!(only, [Offered { language: Language::English, is_checked: true }]);
        let demo = words.languages(shipped(), *page, true);
        assert_eq!(demo[1], Offered { language: SPANISH, is_checked: false });
    }
}

#[test]
fn signatures_make_a_page_offered_and_one_that_lacks_keeps_it_back() {
    let words = signed(&signing(Page::Home, &[]));
    assert_eq!(words.offered(shipped(), SPANISH, Page::Home), Ok(()));
    assert!(words.void(shipped()).is_empty());
    let count = words.count(shipped(), SPANISH, Page::Home);
    assert_eq!((count.draft, count.outdated, count.missing), (0, 0, 0));
    // Other pages have texts of their own.
    assert!(words.offered(shipped(), SPANISH, Page::Sheet).is_err());
    for id in ["call-now", "return--numb_between_the_legs"] {
        let words = signed(&signing(Page::Home, &[id]));
        let one = Missing { id: id.to_string(), lack: Lack::Unreviewed };
        assert_eq!(words.offered(shipped(), SPANISH, Page::Home), Err(vec![one]));
    }
    // A text that does no harm may be a draft.
    assert_eq!(
        signed(&signing(Page::Home, &["send"])).offered(shipped(), SPANISH, Page::Home),
        Ok(())
    );
}

/// A guideline with other words for one phrase.
fn reworded() -> cauda_guideline::Guideline {
    crate::guidelines::with("vocabulary/return.toml", |text| {
        text.replace("You have a fever or the shakes", "You have a fever, or the shakes")
    })
}

#[test]
fn a_phrase_that_changed_makes_its_translation_outdated_whoever_signed() {
    let words = signed(&signing(Page::Home, &[]));
    let guideline = reworded();
    let id = "return--fever_or_very_ill";
    let one = Missing { id: id.to_string(), lack: Lack::Outdated };
    assert_eq!(words.offered(&guideline, SPANISH, Page::Home), Err(vec![one]));
    // Not even a demonstration shows it, and it is never said.
    assert_eq!(words.languages(&guideline, Page::Home, true).len(), 1);
    let (language, said) =
        words.phrase(SPANISH, &guideline, "return", "fever_or_very_ill").unwrap();
    assert!(language == Language::English && said.starts_with("You have a fever, or"), "{said}");
    assert_eq!(words.void(&guideline), [(SPANISH, id.to_string())]);
}

/// Files that ship, with one text in Spanish replaced.
fn with(from: &str, to: &str) -> Words {
    let files: Vec<_> = Words::files()
        .iter()
        .map(|(language, name, text)| (*language, *name, text.replace(from, to)))
        .collect();
    let files: Vec<_> =
        files.iter().map(|(language, name, text)| (*language, *name, text.as_str())).collect();
    Words::read(&files).unwrap()
}

#[test]
fn a_changed_text_voids_its_signature() {
    let file = signing(Page::Home, &[]);
    let other = with("Llame { $number } ahora\n", "Llame pronto { $number }\n");
    let words = other.signed(Signatures::read("words.toml", &file).unwrap());
    let lacking = words.offered(shipped(), SPANISH, Page::Home).unwrap_err();
    assert_eq!(lacking, [Missing { id: "call-now".into(), lack: Lack::Unreviewed }]);
    assert_eq!(words.void(shipped()), [(SPANISH, "call-now".to_string())]);
}

/// What stays the same in Spanish while the English changes is another translation.
#[test]
fn a_signature_is_over_both_texts() {
    let file = signing(Page::Home, &[]);
    let english = "now = Call now\n";
    let of = |text: &str| format!(".of = {}", cauda_words::english_hash(text));
    let files: Vec<_> = Words::files()
        .iter()
        .map(|(language, name, text)| {
            let text = text.replace(english, "now = Ring now\n");
            // Somebody wrote the hashes anew without a look at the Spanish.
            (*language, *name, text.replace(&of("Call now"), &of("Ring now")))
        })
        .collect();
    let files: Vec<_> =
        files.iter().map(|(language, name, text)| (*language, *name, text.as_str())).collect();
    let words = Words::read(&files).unwrap();
    let words = words.signed(Signatures::read("words.toml", &file).unwrap());
    let lacking = words.offered(shipped(), SPANISH, Page::Home).unwrap_err();
    assert_eq!(lacking, [Missing { id: "title-call-now".into(), lack: Lack::Unreviewed }]);
}

#[test]
fn a_text_that_is_not_there_keeps_its_page_back_even_in_a_demonstration() {
    let words = with("send = Enviar\n", "other = Enviar\n");
    let lacking = words.offered(shipped(), SPANISH, Page::Home).unwrap_err();
    assert!(lacking.contains(&Missing { id: "send".into(), lack: Lack::Absent }));
    assert_eq!(words.languages(shipped(), Page::Home, true).len(), 1);
    assert_eq!(words.say(SPANISH, "send", &[]), "Send");
}

#[test]
fn reviewed_in_the_file_counts_with_a_name_and_a_day() {
    let from = "send = Enviar\n";
    let text =
        |about: &str| format!("{from}    .of = {}\n{about}", cauda_words::english_hash("Send"));
    let good = "    .state = reviewed\n    .reviewer = Ana Ruiz\n    .reviewed = 2026-11-26\n";
    let source = cauda_words::Source::read("home", SPANISH, &text(good)).unwrap();
    assert_eq!(source.messages["send"].state, State::Reviewed);
    for bad in [
        "    .state = reviewed\n",
        "    .state = draft\n    .reviewer = Ana Ruiz\n    .reviewed = 2026-11-26\n",
        "    .state = reviewed\n    .reviewer = Ana Ruiz\n    .reviewed = yesterday\n",
    ] {
        assert!(cauda_words::Source::read("home", SPANISH, &text(bad)).is_err(), "{bad}");
    }
}
