//! Chapters over several pages, the files behind the SHA-256, the sheets of
//! paper, and what changed since an older edition.

use cauda_pages::{Changes, Direction, Kind, PAGE_BYTES_MAX, Piece, Proofs, publication};
use cauda_proof::{Effort, check_all};

use crate::guidelines::{refused, shipped, shipped_publication, small};
use crate::html::{elements, pages};

#[test]
fn a_part_says_which_and_leads_to_the_others() {
    let mut parts = 0;
    for (file, elements) in pages(shipped_publication()) {
        let title = &elements.iter().find(|e| e.name == "h1").unwrap().text;
        let bars = elements.iter().filter(|e| e.attribute("class") == Some("parts")).count();
        let Some((_, part)) = title.rsplit_once(", part ") else {
            assert_eq!(bars, 0, "{file}");
            continue;
        };
        let (at, of) = part.split_once(" of ").unwrap();
        let (at, of): (usize, usize) = (at.parse().unwrap(), of.parse().unwrap());
        let links = |rel: &str| elements.iter().filter(|e| e.attribute("rel") == Some(rel)).count();
        assert_eq!(bars, 2, "{file}");
        assert_eq!(links("prev"), if at > 1 { 2 } else { 0 }, "{file}");
        assert_eq!(links("next"), if at < of { 2 } else { 0 }, "{file}");
        parts += 1;
    }
    assert!(parts > 4, "{parts}");
}

#[test]
fn the_indexes_name_every_fact_source_and_phrase() {
    let (guideline, made) = (shipped(), shipped_publication());
    let links = |file: &str| -> Vec<String> {
        let found = elements(file, &made.files[file]);
        found.iter().filter_map(|e| e.attribute("href").map(str::to_string)).collect()
    };
    let ends =
        |links: &[String], id: &str| links.iter().any(|link| link.ends_with(&format!("#{id}")));
    let sources = links("sources/index.html");
    assert!(guideline.sources.keys().all(|id| ends(&sources, id)));
    let facts = links("facts/index.html");
    assert!(guideline.facts.iter().all(|fact| ends(&facts, &fact.id)));
    let phrases = links("vocabulary/index.html");
    for (_, entries) in guideline.vocabulary.lists() {
        assert!(entries.iter().all(|(id, ..)| ends(&phrases, id)));
    }
}

#[test]
fn every_file_behind_the_hash_can_be_signed() {
    let (guideline, made) = (shipped(), shipped_publication());
    let files = made.files.iter().filter(|(file, _)| file.starts_with("signature"));
    let text: String = files.map(|(_, text)| text.as_str()).collect();
    for path in guideline.folder.files.keys() {
        assert_eq!(text.matches(&format!("<code>{path}</code>")).count(), 1, "{path}");
    }
    let hashes = text.matches("<code class=\"hash\">").count();
    assert_eq!(hashes, guideline.folder.files.len() + 1, "and the one of the whole");
    assert!(text.contains(&guideline.sha256));
}

#[test]
fn what_is_not_proved_is_said() {
    for made in [shipped_publication(), &refused(&small(&[]))] {
        let proofs = &made.files["proofs.html"];
        for part in ["What is not proved", "SP8", "cauda verify --population", "docs/population.md"]
        {
            assert!(proofs.contains(part), "{part}");
        }
        assert!(made.files["index.html"].contains("proofs.html#not-proved"));
    }
}

#[test]
fn every_sheet_names_its_edition() {
    let guideline = small(&[("guideline.toml", "\"Small\"", "'A \"quote\"; } * { color: red'")]);
    let style = &refused(&guideline).files["style.css"];
    let short = &guideline.sha256[..12];
    let line = style.lines().find(|line| line.contains(short)).unwrap();
    assert!(line.contains("A \\22 quote\\22 \\3b  \\7d "), "{line}");
    assert_eq!(line.matches('"').count(), 2, "{line}");
    assert!(style.contains("counter(page) \" of \" counter(pages)"));
}

fn compared(lines: usize) -> cauda_pages::Publication {
    let guideline = small(&[]);
    let report = check_all(&guideline, &Effort::default(), &mut |_| {});
    let proofs = Proofs::new(&report, &Effort::default(), None, Vec::new());
    let text = "a line with \"quotes\" & <marks>".to_string();
    let piece = |file: &str| Piece {
        file: file.to_string(),
        name: "A name".to_string(),
        fate: "changed",
        sections: vec![("When any of".to_string(), vec![('-', text.clone()), ('+', "new".into())])],
    };
    let mut written = vec![piece("red_flags/pressed.md"), piece("sources.toml")];
    written[1].sections[0].1 = vec![('+', text.clone()); lines];
    written.extend((0..200).map(|at| piece(&format!("facts/{at}.toml"))));
    let kind = Kind {
        old: "Home (no deadline)".to_string(),
        new: "Scan (emergency)".to_string(),
        share: "1 in 20".to_string(),
        findings: vec!["Numb: present".to_string(), "all else clear".to_string()],
        answers: ["Home".to_string(), "Scan".to_string()],
        case: "`numb` present; all else clear".to_string(),
    };
    let direction = Direction {
        title: "more urgent than before".to_string(),
        share: "1 in 20".to_string(),
        kinds: vec![kind; 3],
    };
    let changes = Changes {
        old_version: "0".to_string(),
        old_sha256: "abc".to_string(),
        verdict: "some patients are answered otherwise".to_string(),
        written,
        directions: vec![direction],
        ..Changes::default()
    };
    publication(&guideline, &proofs, Some(&changes)).unwrap()
}

#[test]
fn what_changed_is_on_a_page_of_its_own() {
    let made = compared(1);
    let text = &made.files["changes.html"];
    for part in ["Changes since 0", "More urgent than before", "Scan (emergency)", "<ins>new</ins>"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains("&lt;marks&gt;"));
    assert!(made.files["index.html"].contains("with edition 0"));
    assert!(made.files["red_flags/pressed.html"].contains("Since edition 0"));
    assert!(!made.files["disposition/home.html"].contains("Since edition 0"));
    assert!(!refused(&small(&[])).files.contains_key("changes.html"));
}

#[test]
fn many_changes_go_over_several_pages() {
    let made = compared(5_000);
    let text = made.files.iter().filter(|(file, _)| file.starts_with("changes"));
    let text: Vec<&String> = text.map(|(_, text)| text).collect();
    assert!(text.iter().all(|text| text.len() <= PAGE_BYTES_MAX));
    assert!(text.len() > 1 && text.iter().all(|text| text.contains("<h2>")));
    assert!(text.iter().any(|text| text.contains("More lines of it: ")));
}
