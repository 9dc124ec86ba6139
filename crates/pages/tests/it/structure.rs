//! What stands where: every page of the guideline, and the order of its parts.

use cauda_guideline::page::Saying;

use crate::guidelines::{refused, shipped, shipped_publication, small};
use crate::html::elements;

#[test]
fn every_page_of_the_guideline_has_its_page_with_all_it_says() {
    let (guideline, made) = (shipped(), shipped_publication());
    for loaded in &guideline.pages {
        let text = &made.files[&format!("{}.html", loaded.id)];
        let page = elements(&loaded.id, text);
        let says = |what: &str| page.iter().any(|element| element.text.contains(what));
        assert!(page.iter().any(|e| e.name == "h1" && e.text == loaded.page.title));
        assert!(loaded.page.why.split("\n\n").all(says), "{}", loaded.id);
        for source in &loaded.page.sources {
            assert!(says(&source.text), "{}: {}", loaded.id, source.text);
        }
        let rules = [&loaded.page.when, &loaded.page.excluded];
        for test in rules.into_iter().flatten().flat_map(|rule| rule.tests()) {
            assert!(says(&test.subject.text), "{}: {}", loaded.id, test.subject.text);
        }
        for line in loaded.page.then.iter().chain(&loaded.page.stuck).chain(&loaded.page.results) {
            let Saying::Phrases(words) = &line.saying else { continue };
            // A row is the name of a line, not a phrase.
            for word in words.iter().filter(|_| line.key.text != "row") {
                let lists = guideline.vocabulary.lists();
                let wordings: Vec<&str> = lists
                    .flat_map(|(_, entries)| entries)
                    .filter(|(id, ..)| *id == word.text)
                    .flat_map(|(_, _, phrase)| [phrase.staff.as_str(), phrase.patient.as_str()])
                    .collect();
                let told = wordings.is_empty() || wordings.iter().any(|words| says(words));
                assert!(told, "{}: {}", loaded.id, word.text);
            }
        }
        let cases = loaded.page.cases.len();
        let all = format!("{cases} of {cases} case");
        assert!(text.contains(&all), "{}: {all}", loaded.id);
    }
}

#[test]
fn every_case_has_its_row() {
    let (guideline, made) = (shipped(), shipped_publication());
    for loaded in &guideline.pages {
        let start = format!("{}.cases", loaded.id);
        let own = format!("{}.html", loaded.id);
        let files = made.files.iter().filter(|(file, _)| **file == own || file.starts_with(&start));
        let rows: usize = files
            .flat_map(|(file, text)| elements(file, text))
            .filter(|e| {
                e.name == "span"
                    && matches!(e.attribute("class"), Some("fires" | "silent" | "unsure"))
            })
            .count();
        assert_eq!(rows, loaded.page.cases.len(), "{}", loaded.id);
    }
}

#[test]
fn every_fact_source_and_phrase_has_its_entry() {
    let (guideline, made) = (shipped(), shipped_publication());
    let ids_in = |folder: &str| -> Vec<String> {
        let files = made.files.iter().filter(|(file, _)| file.starts_with(folder));
        let files = files.filter(|(file, _)| file.ends_with(".html"));
        let elements = files.flat_map(|(file, text)| elements(file, text));
        elements.filter_map(|e| e.attribute("id").map(str::to_string)).collect()
    };
    let facts = ids_in("facts/");
    assert!(guideline.facts.iter().all(|fact| facts.contains(&fact.id)));
    let sources = ids_in("sources/");
    assert!(guideline.sources.keys().all(|source| sources.contains(source)));
    let phrases = ids_in("vocabulary/");
    for (list, entries) in guideline.vocabulary.lists() {
        for (id, ..) in entries {
            assert!(phrases.contains(id), "{list} {id}");
        }
    }
}

/// The headings, tables and charts of a page, one a line.
fn outline(text: &str) -> String {
    let mut lines = Vec::new();
    for element in elements("outline", text) {
        match element.name.as_str() {
            "h1" | "h2" | "h3" => lines.push(format!("{} {}", element.name, element.text.trim())),
            "caption" => lines.push(format!("   table: {}", element.text.trim())),
            "desc" => lines.push(format!("   chart: {}", element.text.trim())),
            _ => {}
        }
    }
    lines.join("\n") + "\n"
}

#[track_caller]
fn check(name: &str, found: &str) {
    let path = format!("{}/tests/it/snapshots/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("CAUDA_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, known, "if this is meant, run with CAUDA_WRITE_SNAPSHOTS=1");
}

#[test]
fn the_outline_of_a_small_guideline() {
    let made = refused(&small(&[]));
    let files: Vec<&str> = made.files.keys().map(String::as_str).collect();
    check("files", &(files.join("\n") + "\n"));
    for file in ["index", "overview", "red_flags/pressed", "disposition/home", "policy"] {
        check(&file.replace('/', "-"), &outline(&made.files[&format!("{file}.html")]));
    }
}
