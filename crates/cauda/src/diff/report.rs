//! The comparison as a committee reads it: the lines that changed, then whom
//! they concern.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::answered::{Answered, Kind, Told, Way};
use super::written::{Fate, Line, Part, Table};
use super::{Shown, Version};
use crate::shares::{COLUMNS, legend, power};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();

/// Kinds of change shown in each direction without `--all`.
const KINDS_SHOWN: usize = 6;

/// Writes the report; with `all`, every kind of change.
pub fn text(shown: &Shown, all: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}OLD{BOLD:#}  {}", version(&shown.old));
    let _ = writeln!(out, "{BOLD}NEW{BOLD:#}  {}", version(&shown.new));
    written(&mut out, shown);
    answered(&mut out, &shown.answered, all);
    out
}

fn version(version: &Version) -> String {
    let place = match &version.folder {
        Some(folder) => folder.display().to_string(),
        None => "the guideline inside the program".to_string(),
    };
    format!("{} {} {}, {place}", version.id, version.version, &version.sha256[..12])
}

fn written(out: &mut String, shown: &Shown) {
    let written = &shown.written;
    let _ = writeln!(out, "\n{BOLD}WHAT IS WRITTEN OTHERWISE{BOLD:#}");
    if written.is_empty() {
        let _ = writeln!(out, "nothing");
    }
    for page in &written.pages {
        let _ = writeln!(out, "\n{}  {BOLD}{}{BOLD:#}  {}", fate(page.fate), page.file, page.title);
        for section in &page.sections {
            part(out, section, page.fate);
        }
    }
    for (name, tables) in
        [("fact", &written.facts), ("phrase", &written.phrases), ("source", &written.sources)]
    {
        for one in tables {
            table(out, name, one);
        }
    }
    for other in &written.others {
        let _ = writeln!(out, "\n{}  {BOLD}{}{BOLD:#}", fate(other.fate), other.heading);
        lines(out, &other.lines);
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Added => "added  ",
        Fate::Removed => "removed",
        Fate::Changed => "changed",
    }
}

fn part(out: &mut String, part: &Part, page: Fate) {
    // Of a page that is new or gone, every section is.
    let what = if part.fate == page || part.fate == Fate::Changed { "" } else { fate(part.fate) };
    let separator = if what.is_empty() { "" } else { ", " };
    let _ = writeln!(out, "  {DIM}{}{separator}{}{DIM:#}", part.heading, what.trim());
    lines(out, &part.lines);
}

fn table(out: &mut String, name: &str, table: &Table) {
    let file = format!("{DIM}{}{DIM:#}", table.file);
    let _ = writeln!(out, "\n{}  {name} {BOLD}{}{BOLD:#}  {file}", fate(table.fate), table.id);
    lines(out, &table.lines);
}

fn lines(out: &mut String, lines: &[Line]) {
    for line in lines {
        let style = match line.sign {
            '+' => GREEN,
            '-' => REMOVED,
            _ => DIM,
        };
        let _ = writeln!(out, "    {style}{} {}{style:#}", line.sign, line.text);
    }
}

fn answered(out: &mut String, answered: &Answered, all: bool) {
    let states = power(&answered.states);
    let _ = writeln!(
        out,
        "\n{BOLD}WHO IS ANSWERED OTHERWISE{BOLD:#}  {} facts, {states} states compared",
        answered.facts
    );
    if !answered.differs {
        let _ = writeln!(out, "{BOLD}Nobody: every patient gets the same answer.{BOLD:#}");
        return;
    }
    let verdict = match (answered.ever_less_urgent, answered.less_urgent_when_all_is_known) {
        (false, _) => format!("{BOLD}The new version is never less urgent.{BOLD:#}"),
        (_, true) => format!("{RED}The new version is less urgent for some patients.{RED:#}"),
        (_, false) => format!(
            "{RED}The new version is less urgent for some patients, all with a fact that is not \
             known.{RED:#}"
        ),
    };
    let _ = writeln!(out, "{verdict}\n{DIM}{:48}{COLUMNS}{DIM:#}", "");
    let _ = writeln!(out, "{:48}{}", "answered otherwise", answered.changed.columns());
    for part in answered.parts.iter().filter(|part| part.share.all_states > 0.0) {
        let _ = writeln!(out, "  {:46}{}", part.name, part.share.columns());
    }
    for way in &answered.directions {
        direction(out, way, all);
    }
    let _ = writeln!(out, "\n{DIM}{}{DIM:#}", legend(answered.has_unknowns));
}

fn direction(out: &mut String, way: &Way, all: bool) {
    let _ = writeln!(out, "\n{BOLD}{:48}{BOLD:#}{}", way.title, way.share.columns());
    let shown = if all { way.kinds.len() } else { KINDS_SHOWN };
    for (number, kind) in way.kinds.iter().take(shown).enumerate() {
        one(out, number + 1, kind);
    }
    if way.kinds.len() > shown {
        let _ = writeln!(out, "  … and {} more kinds: --all", way.kinds.len() - shown);
    }
}

fn one(out: &mut String, number: usize, kind: &Kind) {
    let told = |told: &Told| format!("{} ({})", told.staff, told.acted_on);
    let change = match kind.old == kind.new {
        true => format!("{}, as before", told(&kind.new)),
        false => format!("{} → {}", told(&kind.old), told(&kind.new)),
    };
    let _ = writeln!(out, "\n  {number}. {BOLD}{change}{BOLD:#}");
    let _ = writeln!(out, "{:48}{}", "", kind.share.columns());
    let _ = writeln!(out, "     for example:");
    for finding in &kind.findings {
        let _ = writeln!(out, "       {finding}");
    }
    let _ = writeln!(out, "       {}", kind.all_else);
    for (name, answer) in ["old", "new"].iter().zip(&kind.answers) {
        let _ = writeln!(out, "     {name}: {}", answer.text);
    }
    for answer in &kind.answers {
        let _ = writeln!(out, "     {DIM}{}{DIM:#}", answer.replay);
    }
}
