//! What an edition says and answers otherwise than an older one, from the same
//! comparison as `cauda diff`.

use maud::{Markup, html};

use super::parts::Parts;
use super::shell::{self, View, sentence};
use super::site::{Site, chunks_of};
use super::words;

/// Estimated bytes of the comparison on one page.
const CHANGES_BYTES: usize = 60_000;
/// Most bytes of the lines shown of one piece.
const PIECE_BYTES_MAX: usize = 20_000;
/// Most kinds of change shown in each direction.
const KINDS_MAX: usize = 20;

/// A comparison with an older edition, in words.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Version of the older edition.
    pub old_version: String,
    /// SHA-256 of its files.
    pub old_sha256: String,
    /// In one sentence, who is answered otherwise.
    pub verdict: String,
    /// Whether a patient is answered less urgently, or that could not be told.
    pub warns: bool,
    /// What was compared.
    pub compared: String,
    /// What the shares mean.
    pub legend: String,
    /// What is written otherwise.
    pub written: Vec<Piece>,
    /// Who is answered otherwise, the less urgent first.
    pub directions: Vec<Direction>,
}

/// A page, a fact, a phrase, a source or a file of patients.
#[derive(Clone, Debug)]
pub struct Piece {
    /// `red_flags/cauda_equina.md`
    pub file: String,
    /// Its title or id.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub fate: &'static str,
    /// Its sections that differ: heading, and lines with their sign.
    pub sections: Vec<(String, Vec<(char, String)>)>,
}

/// More urgent, less urgent, or neither.
#[derive(Clone, Debug)]
pub struct Direction {
    /// Its name.
    pub title: String,
    /// The share of states.
    pub share: String,
    /// By kind, the commonest first.
    pub kinds: Vec<Kind>,
}

/// Patients told the same before and the same now.
#[derive(Clone, Debug)]
pub struct Kind {
    /// What they were told.
    pub old: String,
    /// What they are told now.
    pub new: String,
    /// How many they are.
    pub share: String,
    /// The findings of one of them, the last line for every other fact.
    pub findings: Vec<String>,
    /// What both editions answer to that one.
    pub answers: [String; 2],
    /// That one for `cauda assess --case`.
    pub case: String,
}

/// What the pages show, a number each: the kinds of change, then the pieces.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// A kind of change, of a direction; the first of it shows the direction.
    Kind(&'a Direction, usize),
    /// A piece of text; the first one has the heading.
    Piece(&'a Piece, bool),
}

/// The comparison by the page it stands on; none without one.
pub fn pages<'a>(site: &Site<'a>) -> Vec<(String, Vec<Shown<'a>>)> {
    let Some(changes) = site.changes else { return Vec::new() };
    let mut shown = Vec::new();
    for direction in &changes.directions {
        let kinds = direction.kinds.len().min(KINDS_MAX);
        shown.extend((0..kinds).map(|at| Shown::Kind(direction, at)));
    }
    let pieces = changes.written.iter().enumerate();
    shown.extend(pieces.map(|(at, piece)| Shown::Piece(piece, at == 0)));
    let sizes: Vec<usize> = shown.iter().map(size).collect();
    let mut places = chunks_of(&sizes, CHANGES_BYTES);
    if places.is_empty() {
        places.push(Vec::new());
    }
    let named = |(part, places): (usize, Vec<usize>)| {
        let number = if part == 0 { String::new() } else { format!("_{}", part + 1) };
        (format!("changes{number}.html"), places.into_iter().map(|at| shown[at]).collect())
    };
    places.into_iter().enumerate().map(named).collect()
}

/// Bytes of a text once it is escaped.
fn escaped(text: &str) -> usize {
    text.chars().map(|letter| if "&<>\"".contains(letter) { 6 } else { letter.len_utf8() }).sum()
}

fn size(shown: &Shown) -> usize {
    match shown {
        Shown::Kind(direction, at) => {
            let kind = &direction.kinds[*at];
            let findings: usize = kind.findings.iter().map(|text| 12 + escaped(text)).sum();
            900 + 2 * escaped(&kind.case) + findings
        }
        Shown::Piece(piece, _) => {
            let lines = piece.sections.iter().flat_map(|(_, lines)| lines);
            let sum: usize = lines.map(|(_, text)| 24 + escaped(text)).sum();
            400 + 60 * piece.sections.len() + sum.min(PIECE_BYTES_MAX)
        }
    }
}

/// A page of it; the first says what was compared.
pub fn page(view: View, shown: &[Shown], parts: &Parts) -> Markup {
    let Some(changes) = view.site.changes else { return html! {} };
    html! {
        h1 { (parts.titled(&format!("Changes since {}", changes.old_version))) }
        (parts.links(view))
        @if parts.at == 0 {
            (opening(view, changes))
            (contents(view, parts))
        }
        @for (place, one) in shown.iter().enumerate() {
            @match one {
                Shown::Kind(direction, at) => {
                    @if *at == 0 || place == 0 { (heading(direction)) }
                    @if let Some(kind) = direction.kinds.get(*at) { (told(*at, kind)) }
                }
                Shown::Piece(piece, first) => {
                    @if *first || place == 0 {
                        h2 { "What is written otherwise" @if !*first { ", continued" } }
                    }
                    (self::piece(view, piece))
                }
            }
        }
        (parts.links(view))
    }
}

fn opening(view: View, changes: &Changes) -> Markup {
    let mark = if changes.warns { "warning" } else { "held" };
    html! {
        p class=(mark) { strong { (sentence(&changes.verdict)) } }
        dl.summary {
            div { dt { "Older edition" } dd {
                (changes.old_version) " " code.hash { (changes.old_sha256) }
            } }
            div { dt { "This edition" } dd {
                (view.site.guideline.version) " " code.hash { (view.site.guideline.sha256) }
            } }
            div { dt { "Compared" } dd { (changes.compared) } }
            div { dt { "Written otherwise" } dd {
                (words::count(changes.written.len(), "piece")) " of text"
            } }
        }
        @if !changes.directions.is_empty() { p { (changes.legend) } }
    }
}

/// What stands on each of several parts.
fn contents(view: View, parts: &Parts) -> Markup {
    let name = |shown: &Shown| match shown {
        Shown::Kind(direction, _) => shell::heading(&direction.title),
        Shown::Piece(piece, _) if piece.name.is_empty() => piece.file.clone(),
        Shown::Piece(piece, _) => piece.name.clone(),
    };
    html! {
        @if parts.files.len() > 1 {
            ul {
                @for (at, (file, shown)) in pages(view.site).iter().enumerate() {
                    li {
                        a href=(view.href(file)) { "Part " (at + 1) }
                        @if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
                            ": " (name(first)) " to " (name(last))
                        }
                    }
                }
            }
        }
    }
}

fn heading(direction: &Direction) -> Markup {
    let hidden = direction.kinds.len().saturating_sub(KINDS_MAX);
    html! {
        h2 { (shell::heading(&direction.title)) }
        p {
            (direction.share) ", in " (words::count(direction.kinds.len(), "kind")) "."
            @if hidden > 0 {
                " The " (KINDS_MAX) " commonest are shown here, all by "
                code { "cauda diff --all" } "."
            }
        }
    }
}

fn told(at: usize, kind: &Kind) -> Markup {
    html! {
        section.entry.keep {
            h3 {
                (at + 1) ". "
                @if kind.old == kind.new { (kind.new) ", as before" }
                @else { (kind.old) " → " (kind.new) }
            }
            dl {
                div { dt { "How many" } dd { (kind.share) } }
                div {
                    dt { "For example" }
                    dd { ul { @for finding in &kind.findings { li { (finding) } } } }
                }
                div { dt { "Answered before" } dd { (kind.answers[0]) } }
                div { dt { "Answered now" } dd { (kind.answers[1]) } }
                div { dt { "To replay" } dd { code { (kind.case) } } }
            }
        }
    }
}

fn piece(view: View, piece: &Piece) -> Markup {
    let page = view.site.guideline.pages.iter().position(|page| page.file() == piece.file);
    let mut bytes = 0;
    // By section, the lines that there is room for.
    let mut fits = |line: &&(char, String)| {
        bytes += 24 + escaped(&line.1);
        bytes <= PIECE_BYTES_MAX
    };
    let sections: Vec<(&str, Vec<&(char, String)>)> = piece
        .sections
        .iter()
        .map(|(heading, lines)| (heading.as_str(), lines.iter().filter(&mut fits).collect()))
        .collect();
    html! {
        section.entry {
            h3 {
                @match page {
                    Some(page) => (view.page_link(page)),
                    None => (piece.name),
                }
                " " span.read { (piece.fate) } " " code { (piece.file) }
            }
            @for (heading, lines) in &sections {
                @if !heading.is_empty() { p { strong { (heading) } } }
                ul.lines { @for (sign, text) in lines { (line(*sign, text)) } }
            }
            @if bytes > PIECE_BYTES_MAX { p { "More lines of it: " code { "cauda diff" } "." } }
        }
    }
}

fn line(sign: char, text: &str) -> Markup {
    html! {
        @match sign {
            '-' => li.gone { del { (text) } },
            '+' => li.new { ins { (text) } },
            _ => li { (text) },
        }
    }
}
