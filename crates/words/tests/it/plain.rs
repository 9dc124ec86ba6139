//! Spanish for patients is short and easy: rather easy by INFLESZ, at most 15 words a sentence.

use cauda_words::reading::{EASE_MIN, ease, long};
use cauda_words::{Language, Page, Words};

use crate::guidelines::shipped;

#[test]
fn every_spanish_text_is_short_and_each_page_easy() {
    let mut faults = Vec::new();
    for page in Page::ALL {
        let mut whole = String::new();
        for entry in Words::shipped().texts(shipped(), Language::Spanish, *page) {
            // A number is put in as "al 112".
            let text = entry.text.replace("{ $number }", "al 112");
            faults.extend(long(&text).iter().map(|long| format!("{}: {long}", entry.id)));
            whole += &text;
            whole += "\n";
        }
        let ease = ease(&whole).unwrap();
        if ease < EASE_MIN {
            faults.push(format!("{page:?}: ease {ease:.1}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
