//! `not-canonical`, `reads-differently`: the page is written in its one
//! canonical form, and a Markdown reader sees the lists the program runs.

use crate::diagnostic::Diagnostic;
use crate::page::{Page, differs_from_markdown, format};

pub(super) fn check(file: &str, source: &str, page: &Page, faults: &mut Vec<Diagnostic>) {
    let canonical = format(page);
    if canonical != source {
        let (span, wanted) = first_difference(source, &canonical);
        let fault =
            Diagnostic::error("not-canonical", file, span, "the page is not in canonical form");
        faults.push(fault.help(format!("`cauda fmt` writes this line as: {wanted}")));
        return;
    }
    if let Some((span, seen)) = differs_from_markdown(page, source) {
        let fault = Diagnostic::error(
            "reads-differently",
            file,
            span,
            "a Markdown reader sees something else here",
        );
        faults.push(fault.help(format!("it sees: {seen}")));
    }
}

fn first_difference(source: &str, canonical: &str) -> (std::ops::Range<usize>, String) {
    let mut offset = 0;
    let mut wanted = canonical.split_inclusive('\n');
    for line in source.split_inclusive('\n') {
        match wanted.next() {
            Some(same) if same == line => offset += line.len(),
            Some(other) => {
                return (
                    offset..offset + line.trim_end().len(),
                    format!("{:?}", other.trim_end_matches('\n')),
                );
            }
            None => {
                return (offset..offset + line.trim_end().len(), "nothing".to_string());
            }
        }
    }
    (offset..offset, wanted.next().map_or("nothing".to_string(), |line| format!("{line:?}")))
}
