//! Patients' pages in Spanish: offered when somebody has checked them, kept from page to page, and
//! never shown unchecked but in a demonstration.

use std::io::Write as _;
use std::process::{Command, Stdio};

use cauda_server::Config;
use cauda_server::access::AccountRole;
use cauda_words::{Language, Page, Signatures, Words, hash};

use crate::access::signed_in;
use crate::browser::Browser;
use crate::home::{home_link, links, with_mail_and};
use crate::house::{House, guideline};
use crate::mail::MailServer;

/// A department that has had these pages checked.
fn signing(pages: &[Page]) -> Signatures {
    let mut file = String::new();
    let mut known = std::collections::BTreeSet::new();
    let all = pages.iter();
    for entry in all.flat_map(|page| Words::shipped().texts(&guideline(), Language::Spanish, *page))
    {
        let hash = hash(&entry.english, &entry.text);
        if known.insert(entry.id.clone()) {
            file += &format!("[es.\"{}\"]\nsha256 = \"{hash}\"\n", entry.id);
            file += "reviewer = \"Ana Ruiz\"\ndate = \"2026-11-26\"\n";
        }
    }
    Signatures::read("words.toml", &file).unwrap()
}

const WARNING: &str = "This translation has not been checked yet.";

#[test]
fn a_demonstration_shows_spanish_with_a_warning_and_keeps_it() {
    let house = House::demo();
    let link = home_link(&house, "demo-v9");
    let mut patient = house.browser();
    let page = patient.get(&link);
    assert!(page.has("<html lang=\"en\">") && page.has("hreflang=\"es\">Español</a>"));
    assert!(!page.has(WARNING), "English is the guideline's own");
    let spanish = format!("{link}?lang=es");
    let page = patient.get(&spanish);
    assert!(page.has("<html lang=\"es\">") && page.has("¿Cómo está su espalda?"), "{}", page.text);
    assert!(page.has(WARNING) && page.has("Esta traducción todavía no está revisada."));
    // An empty answer, a danger sign and its details stay Spanish.
    let page = patient.send(&page, &spanish, &[]);
    assert!(page.status == 422 && page.has("conteste la primera pregunta"), "{}", page.text);
    let page = patient.send(&page, &spanish, &[("line", "numb_between_the_legs")]);
    assert!(
        page.has("alrededor del ano o en las nalgas.")
            && page.has("La sala de emergencias ya lo sabe.")
    );
    assert!(page.has(WARNING));
    let more = format!("{link}/more?lang=es");
    let page = patient.send(&page, &more, &[("f.saddle_numbness", "new")]);
    assert!(page.has("Tenemos sus respuestas."), "{}", page.text);
    // What was told in Spanish is a finding like any other.
    let at_home = house.as_role("Physician").get("/visit/demo-v9/at-home");
    assert!(at_home.has("must be reached") || at_home.has("has to be reached"), "{}", at_home.text);
}

#[test]
fn the_browser_says_what_is_wanted_and_a_choice_counts_more() {
    let house = House::demo();
    let waiting = links(&house, &mut house.as_role("Physician"), "demo-v4").remove(0);
    let mut patient = house.browser().wanting("es-MX,es;q=0.9,en;q=0.1");
    let page = patient.get(&waiting);
    assert!(page.has("Un médico le atiende.") && page.has("Avise de inmediato"), "{}", page.text);
    assert!(page.has("data-words=\"En vivo|"));
    let page = patient.get(&format!("{waiting}?lang=en"));
    assert!(page.has("A doctor looks after you.") && !page.has("data-words"));
    // What is not known is nothing that was chosen.
    assert!(patient.get(&format!("{waiting}?lang=fr")).has("Un médico le atiende."));
    patient.wants = Some("fr");
    assert!(patient.get(&waiting).has("A doctor looks after you."));
    let broken = house.browser().wanting("es").get("/c/nothing");
    assert!(broken.status == 404 && broken.has("Este enlace no funciona"));
}

/// A department like any other, with the links of a demonstration: what is offered is decided by
/// the signatures, and the warning stays away.
#[test]
fn what_is_signed_is_offered_without_a_warning() {
    let signatures = signing(&[Page::Home]);
    let house = House::with(Config { demo: true, signatures, ..House::config() });
    let mut patient = house.browser();
    let page = patient.get(&format!("{}?lang=es", home_link(&house, "demo-v9")));
    assert!(page.has("¿Cómo está su espalda?") && !page.has(WARNING), "{}", page.text);
    let waiting = links(&house, &mut house.as_role("Physician"), "demo-v4").remove(0);
    assert!(patient.get(&format!("{waiting}?lang=es")).has(WARNING), "another page, not signed");
}

#[test]
fn outside_of_a_demonstration_nothing_unchecked_is_offered() {
    let config = |signatures| {
        let patient_url = Some("http://localhost:1".to_string());
        Config { patient_url, signatures, ..House::config() }
    };
    let unsigned = House::with(config(Signatures::default()));
    let mut patient = unsigned.browser().wanting("es");
    let page = patient.get("/c/nothing?lang=es");
    assert!(page.has("This link does not work") && page.has("<html lang=\"en\">"), "{}", page.text);
    assert!(!page.has("Español"));
    let signed = House::with(config(signing(&[Page::Home])));
    let mut patient = signed.browser().wanting("es");
    assert!(patient.get("/c/nothing").has("Este enlace no funciona"));
    // The waiting page has texts of its own that nobody signed.
    assert!(patient.get("/w/nothing").has("This link does not work"));
}

#[test]
fn the_sheet_is_printed_in_both_languages() {
    let house = House::demo();
    let mut doctor = house.as_role("Physician");
    let sheet = "/visit/demo-v4/sheet";
    let english = doctor.get(sheet);
    assert!(
        english.has("<html lang=\"en\">") && english.has("26-Nov-2026") && !english.has(WARNING)
    );
    let spanish = doctor.get(&format!("{sheet}?lang=es"));
    for words in [
        "<html lang=\"es\">",
        "Ir a casa con dolor de espalda",
        "26-nov-2026",
        "Todavía sin firma.",
        "sheet.pdf?lang=es",
        "?large=1&amp;lang=es",
        WARNING,
    ] {
        assert!(spanish.has(words), "{words}: {}", spanish.text);
    }
    let main = spanish.text.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
    for part in main.split('<').filter_map(|part| part.split_once('>')) {
        let mut words = part.1.split(|sign: char| !sign.is_alphabetic());
        let english =
            words.find(|word| ["the", "you", "your", "and", "with", "not"].contains(word));
        assert_eq!(english, None, "{}", part.1);
    }
    let lines = guideline().vocabulary.ids("return").count();
    let list = spanish.text.split("come-back").nth(1).unwrap().split("</ul>").next().unwrap();
    assert_eq!(list.matches("<li>").count(), lines);
    let pdf = |doctor: &mut Browser, query: &str| {
        text_of(&doctor.get_bytes(&format!("{sheet}.pdf{query}")))
    };
    assert!(pdf(&mut doctor, "").contains("Going home with back pain"));
    for query in ["?lang=es", "?large=1&lang=es"] {
        let text = pdf(&mut doctor, query).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in ["Ir a casa con dolor de espalda", "No puede orinar", "no está revisada"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("Come back at once"), "{text}");
    }
}

/// Text of a PDF, by poppler.
fn text_of(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext");
    reader.args(["-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut reader = reader.spawn().expect("pdftotext is missing: apt-get install poppler-utils");
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn a_message_is_in_both_languages_once_both_are_checked() {
    for (pages, is_both) in
        [(&[Page::Home, Page::Message][..], true), (&[Page::Message][..], false)]
    {
        let mut server = MailServer::start();
        let config = Config { signatures: signing(pages), ..House::config() };
        let house = with_mail_and(&server, config);
        let mail = server.mail();
        let text = mail.text();
        assert!(text.contains("how you are."), "{text}");
        assert_eq!(text.contains("quiere saber cómo está usted."), is_both, "{text}");
        assert_eq!(mail.subject().contains(": ¿cómo está?"), is_both, "{}", mail.subject());
        let links: Vec<&str> = text.lines().filter(|line| line.starts_with("http")).collect();
        let link = format!("{}{}", house.address(), home_link(&house, "demo-v9"));
        let spanish = format!("{link}?lang=es");
        let wanted = if is_both { vec![link.as_str(), &spanish] } else { vec![link.as_str()] };
        assert_eq!(links, wanted);
        for private in ["Marta", "espalda", "dolor", "D-2001"] {
            assert!(!text.contains(private), "{private}: {text}");
        }
    }
}

#[test]
fn the_administrator_sees_what_is_to_be_checked_and_how_to_sign_it() {
    let house = House::demo();
    let mut administrator = signed_in(&house, AccountRole::Administrator);
    assert!(administrator.get("/accounts").has("href=\"/languages\""));
    let page = administrator.get("/languages");
    assert!(page.has("only in this demonstration") && page.has("Spanish, questions at home"));
    let page = administrator.get("/languages?language=es&page=home");
    assert!(page.has("You are numb between your legs") && page.has("Tiene adormecida la zona"));
    // The lines are taken as they stand, once a name is in them.
    let lines = page.text.split("id=\"lines\"").nth(1).unwrap();
    let lines = lines.split_once('>').unwrap().1.split("</pre>").next().unwrap();
    let file = lines.replace("&quot;", "\"");
    let unnamed = Signatures::read("words.toml", &file).unwrap_err().to_string();
    assert!(unnamed.contains("say who read it"), "{unnamed}");
    let file = file.replace("reviewer = \"\"", "reviewer = \"Ana Ruiz\"");
    let signatures = Signatures::read("words.toml", &file).unwrap();
    let words = Words::shipped().signed(signatures.clone());
    assert_eq!(words.offered(&guideline(), Language::Spanish, Page::Home), Ok(()));
    let house = House::with(Config { demo: true, signatures, ..House::config() });
    let page =
        signed_in(&house, AccountRole::Administrator).get("/languages?language=es&page=home");
    assert!(page.has("Everything that could do harm is checked."), "{}", page.text);
    // A signature over another text is named.
    let wrong = file.replacen("sha256 = \"", "sha256 = \"0", 1).replacen("0\"", "\"", 0);
    let first = wrong.split("sha256 = \"").nth(1).unwrap().split('"').next().unwrap().to_string();
    let wrong = wrong.replace(&first, &first[..64]);
    let signatures = Signatures::read("words.toml", &wrong).unwrap();
    let house = House::with(Config { demo: true, signatures, ..House::config() });
    let page = signed_in(&house, AccountRole::Administrator).get("/languages");
    assert!(page.has("These signatures count for nothing"), "{}", page.text);
}
