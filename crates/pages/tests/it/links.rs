//! Every link leads to a file of the publication and a place in it.

use std::collections::{BTreeMap, BTreeSet};

use cauda_pages::Publication;

use crate::guidelines::{refused, shipped_publication, small};
use crate::html::{Element, pages};

/// The file a link leads to, from the file it stands in.
fn target(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{link} in {from} leads out"),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn check(made: &Publication) {
    let pages = pages(made);
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, elements) in &pages {
        let found: Vec<&str> = elements.iter().filter_map(|e| e.attribute("id")).collect();
        ids.insert(file, found.iter().copied().collect());
        assert_eq!(ids[file].len(), found.len(), "{file}: an id stands twice");
    }
    let mut followed = 0;
    for (file, elements) in &pages {
        for link in elements.iter().filter_map(|e: &Element| e.attribute("href")) {
            if link == "data:," {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let goal = if path.is_empty() { file.to_string() } else { target(file, path) };
            assert!(made.files.contains_key(&goal), "{file}: no file {goal} ({link})");
            let known = ids.get(goal.as_str());
            assert!(anchor.is_empty() || known.unwrap().contains(anchor), "{file}: {link}");
            followed += 1;
        }
    }
    assert!(followed > 50);
}

#[test]
fn every_link_of_the_shipped_guideline_resolves() {
    check(shipped_publication());
}

#[test]
fn every_link_of_a_small_guideline_resolves() {
    check(&refused(&small(&[])));
}

#[test]
fn every_file_can_be_reached_from_the_first_page() {
    let made = shipped_publication();
    let pages: BTreeMap<&str, Vec<Element>> = pages(made).into_iter().collect();
    let mut open = vec!["index.html".to_string()];
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(file) = open.pop() {
        if !seen.insert(file.clone()) {
            continue;
        }
        for link in pages.get(file.as_str()).into_iter().flatten() {
            let path = link.attribute("href").unwrap_or("data:,").split('#').next().unwrap();
            if !path.is_empty() && path != "data:," {
                open.push(target(&file, path));
            }
        }
    }
    let missing: Vec<&String> =
        made.files.keys().filter(|file| file.ends_with(".html") && !seen.contains(*file)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
