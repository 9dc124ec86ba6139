//! Checks on guidelines, one file each. A diagnostic is named for its check.

mod citations;
mod fact_references;
mod form;
mod look_alikes;
mod never_cleared;
mod page_shape;
mod phrases;
mod wording;

use crate::cases;
use crate::diagnostic::Diagnostic;
use crate::guideline::Guideline;
use crate::page::Page;

/// Checks the bytes of a page that parses.
pub(crate) fn check_form(file: &str, source: &str, page: &Page, faults: &mut Vec<Diagnostic>) {
    form::check(file, source, page, faults);
}

/// Checks a guideline that compiles.
pub(crate) fn check_guideline(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    page_shape::check(guideline, faults);
    citations::check(guideline, faults);
    phrases::check(guideline, faults);
    wording::check(guideline, faults);
    fact_references::check(guideline, faults);
    fact_references::check_reports(guideline, faults);
    crate::site::check(guideline, faults);
    look_alikes::check(guideline, faults);
    never_cleared::check(guideline, faults);
}

/// Runs every case.
pub(crate) fn run_cases(guideline: &Guideline, faults: &mut Vec<Diagnostic>) {
    for index in 0..guideline.pages.len() {
        cases::run_page(guideline, index, faults);
    }
    cases::run_stories(guideline, faults);
}
