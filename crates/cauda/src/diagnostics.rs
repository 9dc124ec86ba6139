//! Faults as people read them: the line, the word underlined, and the help.

use std::path::Path;

use cauda_guideline::Folder;
use cauda_guideline::diagnostic::{Diagnostic, Severity, line_and_column};
use cauda_guideline::visit::VisitError;
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report,
};

/// A fault of a guideline.
pub fn render(files: &Folder, dir: &Path, fault: &Diagnostic) -> String {
    let source = files.files.get(&fault.file).map_or("", String::as_str);
    let severity = match fault.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let mut shown =
        MietteDiagnostic::new(fault.message.clone()).with_code(fault.code).with_severity(severity);
    if let Some(help) = &fault.help {
        shown = shown.with_help(help.clone());
    }
    let name = dir.join(&fault.file).display().to_string();
    draw(shown, &name, source, fault.span.clone())
}

/// A refused visit: where, and how to mend it. Its lines are not shown, because
/// the findings beside the fault are nobody's business.
pub fn render_visit(name: &str, text: &str, fault: &VisitError) -> String {
    let mut shown = MietteDiagnostic::new(fault.to_string());
    if let Some(help) = &fault.help {
        shown = shown.with_help(help.clone());
    }
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(100);
    if handler.render_report(&mut out, Report::new(shown).as_ref()).is_err() {
        out = format!("{fault}\n");
    }
    let (line, column) = line_and_column(text, fault.span.start);
    out + &format!("  at {name}:{line}:{column}\n")
}

fn draw(
    mut shown: MietteDiagnostic,
    name: &str,
    source: &str,
    span: std::ops::Range<usize>,
) -> String {
    let plain = shown.message.clone();
    // Very long lines are not drawn: a place is enough.
    let line = source.get(..span.start).unwrap_or_default().rfind('\n').map_or(0, |at| at + 1);
    let drawable =
        !source.is_empty() && source[line..].lines().next().unwrap_or_default().len() < 300;
    if drawable {
        shown = shown.with_label(LabeledSpan::new_with_span(None, span.clone()));
    }
    let help = shown.help.clone();
    let report = match drawable {
        true => Report::new(shown).with_source_code(NamedSource::new(name, source.to_string())),
        false => Report::new(shown),
    };
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme()).with_width(100);
    if handler.render_report(&mut out, report.as_ref()).is_err() {
        let help = help.map_or(String::new(), |help| format!("\n  help: {help}"));
        out = format!("{plain}{help}\n");
    }
    if !drawable {
        let (line, column) = line_and_column(source, span.start);
        out.push_str(&format!("  at {name}:{line}:{column}\n"));
    }
    out
}

fn theme() -> GraphicalTheme {
    let coloured = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    if coloured { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() }
}
