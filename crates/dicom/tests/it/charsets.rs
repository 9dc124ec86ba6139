//! Text is written without loss or not at all.

use cauda_dicom::charset::Charset;
use cauda_dicom::dataset::{DataSet, Syntax};
use cauda_dicom::query::{Query, Reading};
use cauda_dicom::worklist::{View, Worklist};
use dicom_dictionary_std::tags;
use proptest::prelude::*;

use crate::house::{count, entry, identifier, query};

fn check(charset: Charset, text: &str, writable: bool) {
    let bytes = charset.encode(text);
    assert_eq!(bytes.is_some(), writable, "{charset:?} {text}");
    if let Some(bytes) = bytes {
        assert_eq!(charset.decode(&bytes), text, "{charset:?}");
        // Within the escapes of Japanese, 3F is half a letter.
        let replaced = charset != Charset::Japanese && bytes.contains(&b'?');
        assert!(!replaced, "{charset:?} {text}");
    }
}

#[test]
fn letters_are_kept_or_the_text_is_refused() {
    check(Charset::Ascii, "SMITH^ANNA", true);
    check(Charset::Ascii, "MÜLLER", false);
    check(Charset::Latin1, "MÜLLER^JÜRGEN", true);
    check(Charset::Latin1, "ŁUKASZ", false);
    check(Charset::Latin1, "€", false);
    check(Charset::Latin1, "“quoted”", false);
    check(Charset::Latin2, "ŁUKASZ", true);
    check(Charset::Greek, "Παπαδόπουλος", true);
    check(Charset::Cyrillic, "Иванов", true);
    check(Charset::Cyrillic, "MÜLLER", false);
    check(Charset::Hebrew, "כהן", true);
    check(Charset::Arabic, "محمد", true);
    check(Charset::Thai, "สมชาย", true);
    check(Charset::Japanese, "Yamada^Tarou=山田^太郎=やまだ^たろう", true);
    check(Charset::Japanese, "ﾔﾏﾀﾞ", false);
    check(Charset::Gb18030, "王^小东", true);
    check(Charset::Utf8, "山田 Łukasz Иванов 😀", true);
}

#[test]
fn sets_are_known_by_their_terms() {
    for charset in Charset::all() {
        assert_eq!(Charset::of(charset.term()), Some(charset));
    }
    assert_eq!(Charset::of("ISO 2022 IR 100"), Some(Charset::Latin1));
    assert_eq!(Charset::of("ISO 2022 IR 6\\ISO 2022 IR 87"), Some(Charset::Japanese));
    assert_eq!(Charset::of("ISO_IR 999"), None);
}

#[test]
fn a_name_that_a_device_cannot_show_is_told_and_not_sent() {
    let worklist = Worklist::new([Charset::Latin1, Charset::Latin2, Charset::Utf8]);
    let mut polish = entry(1);
    polish.patient.name = "WAŁĘSA^LECH".into();
    let faults = worklist.put(&polish).unwrap();
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].charset, faults[0].field), (Charset::Latin1, "PatientName"));
    assert!(!faults[0].to_string().contains("WAŁĘSA"));
    let query = query(&identifier(&[(tags::PATIENT_NAME, "")], &[])).unwrap();
    for (charset, seen) in [(Charset::Latin1, 0), (Charset::Latin2, 1), (Charset::Utf8, 1)] {
        let found = worklist.find(&query, View { charset, only: None, limit: 10 });
        assert_eq!((found.items.len(), found.unwritable), (seen, 1 - seen), "{charset:?}");
    }
}

#[test]
fn the_set_is_declared_whenever_text_is_beyond_ascii() {
    let worklist = Worklist::new([Charset::Latin1]);
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    worklist.put(&german).unwrap();
    worklist.put(&entry(2)).unwrap();
    let query = query(&identifier(&[(tags::PATIENT_NAME, "")], &[])).unwrap();
    let view = View { charset: Charset::Latin1, only: None, limit: 10 };
    let mut terms = Vec::new();
    for item in worklist.find(&query, view).items {
        let mut bytes = Vec::new();
        assert!(item.answer(&query, Charset::Latin1, Syntax::Explicit, &mut bytes));
        let set = DataSet::read(&bytes, Syntax::Explicit).unwrap();
        let name = Charset::Latin1.decode(set.bytes(tags::PATIENT_NAME).unwrap());
        terms.push((set.ascii(tags::SPECIFIC_CHARACTER_SET).to_string(), name.trim().to_string()));
    }
    let declared = ("ISO_IR 100".to_string(), "MÜLLER^JÜRGEN".to_string());
    assert_eq!(terms, [declared, (String::new(), "TEST^NUMBER00002".to_string())]);
}

#[test]
fn names_are_compared_without_case_and_accents() {
    let worklist = Worklist::new([]);
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    worklist.put(&german).unwrap();
    let mut japanese = entry(2);
    japanese.patient.name = "Yamada^Tarou=山田^太郎=やまだ^たろう".into();
    worklist.put(&japanese).unwrap();
    for (pattern, expect) in [
        ("müller^jürgen", 1),
        ("MULLER^JURGEN", 1),
        ("Muller*", 1),
        ("M?LLER*", 1),
        ("MÜLLER", 0),
        ("山田*", 1),
        ("yamada^tarou", 1),
        ("=山田*", 1),
        ("smith*=山田*", 0),
        ("やまた^たろう", 0),
        ("*", 2),
    ] {
        assert_eq!(count(&worklist, &[(tags::PATIENT_NAME, pattern)], &[]), expect, "{pattern}");
    }
}

#[test]
fn a_query_is_read_in_the_set_it_declares_or_that_of_the_device() {
    let worklist = Worklist::new([Charset::Latin1]);
    let mut german = entry(1);
    german.patient.name = "MÜLLER^JÜRGEN".into();
    worklist.put(&german).unwrap();
    let latin = Charset::Latin1.encode("MÜLLER*").unwrap();
    for declared in ["", "ISO_IR 100"] {
        let mut set = identifier(&[(tags::SPECIFIC_CHARACTER_SET, declared)], &[]);
        let value = cauda_dicom::dataset::Value::Bytes(latin.clone());
        set.put(tags::PATIENT_NAME, dicom_core::VR::PN, value);
        let reading = Reading { charset: Charset::Latin1, append_star: false };
        let query = Query::of(&set, reading).unwrap();
        let view = View { charset: Charset::Latin1, only: None, limit: 10 };
        assert_eq!(worklist.find(&query, view).items.len(), 1, "{declared}");
    }
}

proptest! {
    #[test]
    fn no_set_ever_changes_a_letter(text in "\\PC{0,12}") {
        for charset in Charset::all() {
            if let Some(bytes) = charset.encode(&text) {
                prop_assert_eq!(charset.decode(&bytes), text.clone(), "{:?}", charset);
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for charset in Charset::all() {
            let _ = charset.decode(&bytes);
        }
    }
}
