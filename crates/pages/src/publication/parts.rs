//! A chapter over several pages: which part this is, and the way to the others.

use maud::{Markup, html};

use super::shell::{View, heading};

/// One part among its files.
pub struct Parts<'a> {
    /// The files of all parts, in their order.
    pub files: Vec<&'a str>,
    /// Which of them this is, from 0.
    pub at: usize,
}

impl<'a> Parts<'a> {
    /// The part that stands in `file`.
    pub fn of(files: impl Iterator<Item = &'a str>, file: &str) -> Parts<'a> {
        let files: Vec<&str> = files.collect();
        let at = files.iter().position(|known| *known == file).unwrap_or(0);
        Parts { files, at }
    }

    /// `part 2 of 4`, or nothing where there is only one.
    pub fn name(&self) -> Option<String> {
        name(self.at, self.files.len())
    }

    /// A title with the part behind it.
    pub fn titled(&self, title: &str) -> String {
        self.name().map_or_else(|| title.to_string(), |part| format!("{title}, {part}"))
    }

    /// The way to the parts before and after, under the title and at the foot.
    pub fn links(&self, view: View) -> Markup {
        let other = |at: Option<usize>| at.and_then(|at| self.files.get(at).map(|file| (at, file)));
        let (before, after) = (other(self.at.checked_sub(1)), other(Some(self.at + 1)));
        html! {
            @if let Some(name) = self.name() {
                p.parts {
                    strong { (heading(&name)) }
                    @if let Some((at, file)) = before {
                        " " a rel="prev" href=(view.href(file)) { "Previous: part " (at + 1) }
                    }
                    @if let Some((at, file)) = after {
                        " " a rel="next" href=(view.href(file)) { "Next: part " (at + 1) }
                    }
                }
            }
        }
    }
}

/// `part 2 of 4`, or nothing where there is only one.
pub fn name(at: usize, count: usize) -> Option<String> {
    (count > 1).then(|| format!("part {} of {count}", at + 1))
}
