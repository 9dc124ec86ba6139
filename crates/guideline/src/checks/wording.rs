//! `bad-phrase`: what phrases say of each other and of facts can be looked up,
//! and the return list is short and names each fact once.

use crate::diagnostic::Diagnostic;
use crate::guideline::Guideline;
use crate::vocabulary::Phrase;

/// Most lines of the return list (CR25).
const RETURN_LINES_MAX: usize = 8;

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for (list, entries) in guideline.vocabulary.lists() {
        let file = format!("vocabulary/{list}.toml");
        for (id, span, phrase) in entries {
            let mut refuse = |message: String, help: &str| {
                let fault = Diagnostic::error("bad-phrase", &file, span.clone(), message);
                faults.push(fault.help(help));
            };
            belongs(list, id, phrase, &mut refuse);
            for image in phrase.covers.iter().filter(|image| !is(guideline, &["image"], image)) {
                refuse(format!("`{id}` covers `{image}`, which is no image"), "correct the name");
            }
            for other in &phrase.conflicts {
                if !is(guideline, &["offer", "action", "image", "scan"], other) || other == id {
                    let message =
                        format!("`{id}` conflicts with `{other}`, which is no other phrase");
                    refuse(message, "name an offer, an action, an image or a word on the scanner");
                }
            }
            for fact in &phrase.facts {
                let known = guideline.fact(fact).map(|fact| &guideline.facts[fact]);
                if known.is_none_or(|fact| fact.is_computed()) {
                    refuse(format!("`{id}` names `{fact}`, which cannot be entered"), "mend it");
                }
            }
        }
    }
    return_list(guideline, faults);
}

/// Keys that mean nothing in this list.
fn belongs(list: &str, id: &str, phrase: &Phrase, refuse: &mut impl FnMut(String, &str)) {
    let used = [
        ("covers", !phrase.covers.is_empty(), "image"),
        ("protocol", phrase.protocol.is_some(), "image"),
        ("limits", phrase.limits.is_some(), "image"),
        ("modality", phrase.modality.is_some(), "image"),
        ("group", phrase.group.is_some(), "offer"),
        ("blocks", phrase.blocks, "scan"),
        ("within", phrase.within.is_some(), "refer"),
        ("facts", !phrase.facts.is_empty(), "return"),
        ("leaves", phrase.leaves, "disposition"),
        ("urgency", phrase.urgency.is_some(), "disposition"),
        ("deadline", phrase.deadline.is_some(), "tier"),
    ];
    for (key, _, home) in used.into_iter().filter(|(_, used, home)| *used && *home != list) {
        let message = format!("`{id}` has `{key}`, which belongs into vocabulary/{home}.toml");
        refuse(message, "delete it here");
    }
    if !phrase.never_with.is_empty() && !["offer", "image"].contains(&list) {
        refuse(format!("`{id}` has `never_with`"), "offers and pictures have them");
    }
    if !phrase.conflicts.is_empty() && !["offer", "scan", "action"].contains(&list) {
        refuse(
            format!("`{id}` has `conflicts`"),
            "offers, actions and words on the scanner have them",
        );
    }
}

fn is(guideline: &Guideline, lists: &[&str], id: &str) -> bool {
    lists.iter().any(|list| guideline.vocabulary.get(list, id).is_some())
}

fn return_list(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    let lines = guideline.vocabulary.lists().find(|(list, _)| *list == "return");
    let lines = lines.map_or(&[][..], |(_, lines)| lines);
    let file = "vocabulary/return.toml";
    if lines.len() > RETURN_LINES_MAX {
        let message = format!("the return list has more than {RETURN_LINES_MAX} lines");
        let fault = Diagnostic::error("bad-phrase", file, 0..0, message);
        faults.push(fault.help("group them: nobody reads a longer list (CR25)"));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (id, span, phrase) in lines {
        for fact in &phrase.facts {
            if seen.contains(&fact.as_str()) {
                let message = format!("`{id}` names `{fact}`, which another line has too");
                let fault = Diagnostic::error("bad-phrase", file, span.clone(), message);
                faults.push(fault.help("keep it in one line"));
            }
            seen.push(fact);
        }
    }
}
