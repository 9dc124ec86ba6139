//! `look-alikes`: no two ids of one list differ by a single character, so that
//! one slip of a finger cannot turn one word into another.

use crate::diagnostic::{Diagnostic, edit_distance};
use crate::guideline::Guideline;

pub(super) fn check(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    let facts: Vec<&str> = guideline.facts.iter().map(|fact| fact.id.as_str()).collect();
    pairs("facts", &facts, faults);
    for (list, entries) in guideline.vocabulary.lists() {
        let ids: Vec<&str> = entries.iter().map(|(id, ..)| id.as_str()).collect();
        pairs(&format!("vocabulary/{list}.toml"), &ids, faults);
    }
    let sources: Vec<&str> = guideline.sources.keys().map(String::as_str).collect();
    pairs("sources.toml", &sources, faults);
}

fn pairs(file: &str, ids: &[&str], faults: &mut Vec<Diagnostic>) {
    for (at, left) in ids.iter().enumerate() {
        for right in &ids[at + 1..] {
            if left.len().abs_diff(right.len()) <= 1 && edit_distance(left, right) <= 1 {
                let message = format!("`{left}` and `{right}` differ by one character");
                let fault = Diagnostic::error("look-alikes", file, 0..0, message);
                faults.push(fault.help("rename one, so that a slip cannot turn it into the other"));
            }
        }
    }
}
