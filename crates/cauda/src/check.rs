//! `cauda check` and `cauda fmt`: the form of a guideline.

use cauda_guideline::diagnostic::{Diagnostic, Severity, line_and_column};
use cauda_guideline::page::{PageKind, format, parse};
use cauda_guideline::site::{SITE_FILE, apply};
use cauda_guideline::{FILE_BYTES_MAX, Folder, Guideline, load, load_changed};
use serde::Serialize;

use crate::args::{Check, Fmt};
use crate::error::CliError;
use crate::{folder, guideline};

#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    severity: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    help: Option<&'a str>,
}

/// Runs `cauda check`; the number is the exit code.
///
/// # Errors
/// A folder that cannot be read.
pub fn check(args: &Check) -> Result<u8, CliError> {
    let mut files = folder::read(&args.dir)?;
    let (mut guideline, mut faults) = match load(&files) {
        Ok((guideline, warnings)) => (Some(guideline), warnings),
        Err(faults) => (None, faults),
    };
    if let (Some(path), Some(own)) = (&args.site, &guideline) {
        let text = folder::read_text(path, FILE_BYTES_MAX)?;
        let (with, found) = match with_site(own, &text) {
            Ok(with) => (Some(with), Vec::new()),
            Err(found) => (None, found),
        };
        files.files.insert(SITE_FILE.to_string(), text);
        faults.extend(found);
        guideline = with;
    }
    if args.json {
        let shown: Vec<Shown> = faults.iter().map(|fault| shown(&files, fault)).collect();
        let text = serde_json::to_string_pretty(&shown)
            .map_err(|error| CliError::Internal(error.to_string()))?;
        crate::out::line(&text);
    } else {
        guideline::show_faults(&files, &args.dir, &faults);
        if let Some(guideline) = &guideline {
            crate::out::line(&summary(guideline));
        }
    }
    Ok(u8::from(guideline.is_none()))
}

/// The guideline with the choices of a site in it, with every check but the
/// cases: those were written for the edition as it is, and those of its options
/// ran with it.
fn with_site(guideline: &Guideline, text: &str) -> Result<Guideline, Vec<Diagnostic>> {
    load_changed(&apply(guideline, text)?, &guideline.folder)
}

fn shown<'a>(files: &Folder, fault: &'a Diagnostic) -> Shown<'a> {
    let source = files.files.get(&fault.file).map_or("", String::as_str);
    let (line, column) = line_and_column(source, fault.span.start);
    Shown {
        code: fault.code,
        severity: if fault.severity == Severity::Error { "error" } else { "warning" },
        file: &fault.file,
        line,
        column,
        message: &fault.message,
        help: fault.help.as_deref(),
    }
}

fn summary(guideline: &Guideline) -> String {
    let cases: usize = guideline.pages.iter().map(|page| page.page.cases.len()).sum();
    let stories = cauda_guideline::cases::stories(guideline, &mut Vec::new()).len();
    let concerns = guideline.pages.iter().filter(|page| page.kind.is_concern()).count();
    format!(
        "{} {}: {} pages ({concerns} concerns), {} facts, {cases} cases and {stories} stories hold; clean. `cauda verify` proves it.",
        guideline.id,
        guideline.version,
        guideline.pages.len(),
        guideline.entered_facts().count(),
    )
}

/// Runs `cauda fmt`; the number is the exit code.
///
/// # Errors
/// A folder or page that cannot be read or written.
pub fn fmt(args: &Fmt) -> Result<u8, CliError> {
    let files = folder::read(&args.dir)?;
    let (mut changed, mut refused) = (0, Vec::new());
    for (path, text) in &files.files {
        let inside = path.strip_prefix("options/").and_then(|rest| rest.split_once('/'));
        let inside = inside.map_or(path.as_str(), |(_, page)| page);
        let folder = inside.split_once('/').map_or("", |(folder, _)| folder);
        if PageKind::of_folder(folder).is_none() {
            continue;
        }
        let (page, faults) = parse(path, text);
        if !faults.is_empty() {
            refused.extend(faults);
            continue;
        }
        let canonical = format(&page);
        if canonical == *text {
            continue;
        }
        changed += 1;
        if args.check {
            crate::out::line(&format!("{path} differs from its canonical form"));
        } else {
            folder::replace(&args.dir.join(path), &canonical)?;
            crate::out::line(&format!("{path} written anew"));
        }
    }
    guideline::show_faults(&files, &args.dir, &refused);
    Ok(u8::from(!refused.is_empty() || (args.check && changed > 0)))
}
