//! Whole patients and the answer the guideline gives them.

use cauda_guideline::cases::{Answer, Clause, Story, stories, story_faults};
use cauda_guideline::page::Setting;
use cauda_guideline::{Guideline, LoadedPage};
use maud::{Markup, html};

use super::case_table::{settings, staff};
use super::parts::Parts;
use super::shell::{self, View};
use super::site::{chunks, numbered};
use super::words;

/// Stories of one page of the publication.
pub struct Part {
    /// The file of the publication.
    pub file: String,
    /// Title of the file of `cases/`.
    pub title: String,
    /// What it says before its first heading.
    pub why: String,
    /// Which part of that file it is, from 0.
    pub part: usize,
    /// The files of all its parts.
    pub files: Vec<String>,
    /// The patients.
    pub stories: Vec<Story>,
}

impl Part {
    fn parts(&self) -> Parts<'_> {
        Parts::of(self.files.iter().map(String::as_str), &self.file)
    }

    /// The title, with the part.
    pub fn titled(&self) -> String {
        self.parts().titled(&self.title)
    }

    /// Headings of its patients, each once.
    fn headings(&self) -> Vec<&str> {
        let mut headings: Vec<&str> =
            self.stories.iter().map(|story| story.heading.as_str()).collect();
        headings.dedup();
        headings
    }
}

/// All stories by the page they stand on.
pub fn parts(guideline: &Guideline) -> Vec<Part> {
    let mut files: Vec<(String, Vec<Story>)> = Vec::new();
    for (file, story) in stories(guideline, &mut Vec::new()) {
        match files.last_mut() {
            Some((last, stories)) if *last == file => stories.push(story),
            _ => files.push((file, vec![story])),
        }
    }
    let mut parts = Vec::new();
    for (file, stories) in files {
        let text = guideline.folder.files.get(&file).map_or("", String::as_str);
        let (title, why) = opening(text);
        let sizes: Vec<usize> = stories.iter().map(size).collect();
        let stem = file.trim_start_matches("cases/").trim_end_matches(".md");
        let chunks = chunks(&sizes);
        let files: Vec<String> =
            (0..chunks.len()).map(|part| numbered("cases", stem, part)).collect();
        for (part, places) in chunks.into_iter().enumerate() {
            let stories = places.into_iter().map(|at| stories[at].clone()).collect();
            let (title, why, files) = (title.clone(), why.clone(), files.clone());
            parts.push(Part { file: files[part].clone(), title, why, part, files, stories });
        }
    }
    parts
}

/// About how many bytes a story takes.
fn size(story: &Story) -> usize {
    let clauses = match &story.answer {
        Answer::Refused => 0,
        Answer::Decided { clauses, .. } => clauses.iter().map(length).sum(),
    };
    420 + 90 * (story.case.settings.len() + clauses)
}

fn length(clause: &Clause) -> usize {
    match clause {
        Clause::Suspects(ids)
        | Clause::Scans(ids)
        | Clause::Holds(ids)
        | Clause::Says(ids)
        | Clause::AsksFor(ids)
        | Clause::Withholds(ids) => ids.len(),
        Clause::Finds(found) => found.len(),
    }
}

/// Title and sentences before the first heading.
fn opening(text: &str) -> (String, String) {
    let head = text.split("\n## ").next().unwrap_or("");
    let title = head.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("Patients");
    let lines =
        head.lines().filter(|line| !line.starts_with("# ") && !line.starts_with("Sources:"));
    (title.to_string(), lines.collect::<Vec<_>>().join("\n").trim().to_string())
}

/// The list of files.
pub fn index(view: View, parts: &[Part]) -> Markup {
    html! {
        h1 { "Patients" }
        p {
            "Whole patients, each with the answer that the guideline has to give. "
            "They run at every check of the guideline."
        }
        @for part in parts {
            @if part.part == 0 { h2 { (part.title) } }
            p {
                a href=(view.href(&part.file)) {
                    @match part.parts().name() {
                        Some(name) => { (shell::heading(&name)) }
                        None => { "All" }
                    }
                    " (" (words::count(part.stories.len(), "patient")) ")"
                }
                ": " (part.headings().join("; ")) "."
            }
        }
    }
}

/// Some patients.
pub fn page(view: View, part: &Part) -> Markup {
    let guideline = view.site.guideline;
    let holding = part.stories.iter().filter(|story| holds(guideline, story)).count();
    html! {
        p.crumb { a href=(view.href("cases/index.html")) { "Patients" } }
        h1 { (part.titled()) }
        (part.parts().links(view))
        @if part.part == 0 { (super::rule::why(&part.why)) }
        p {
            (holding) " of " (words::count(part.stories.len(), "patient"))
            " get the answer written here."
        }
        @for heading in part.headings() {
            h2 { (heading) }
            (table(view, heading, part.stories.iter().filter(|story| story.heading == heading)))
        }
        (part.parts().links(view))
    }
}

fn holds(guideline: &Guideline, story: &Story) -> bool {
    story_faults(guideline, "cases", story).is_empty()
}

fn table<'a>(view: View, caption: &str, stories: impl Iterator<Item = &'a Story>) -> Markup {
    html! {
        table.stories.stack {
            // The heading above says it to who sees it.
            caption.unseen { (caption) }
            thead {
                tr {
                    th scope="col" { "A patient with" }
                    th scope="col" { "All else" }
                    th scope="col" { "Answer" }
                }
            }
            tbody {
                @for story in stories {
                    tr {
                        td { (settings(view, &story.case)) }
                        td data-label="All else" { (words::all_else(story.case.all_else)) }
                        td data-label="Answer" { (answer(view, &story.answer)) }
                    }
                }
            }
        }
    }
}

fn answer(view: View, answer: &Answer) -> Markup {
    match answer {
        Answer::Refused => html! { "A value that cannot be entered" },
        Answer::Decided { go: id, tier, clauses } => html! {
            (go(view, id))
            span.more { "Urgency: " strong { (tier.id()) } }
            @for clause in clauses {
                span.more { (clause_text(view, clause)) }
            }
        },
    }
}

/// What else the answer holds, in the wording for staff.
fn clause_text(view: View, clause: &Clause) -> String {
    let vocabulary = &view.site.guideline.vocabulary;
    let phrase = |id: &String| {
        let known = vocabulary.lists().find_map(|(list, _)| vocabulary.get(list, id));
        known.map_or_else(|| words::heading(id), |phrase| phrase.staff.clone())
    };
    let of_list = |list: &str, id: &String| {
        vocabulary.get(list, id).map_or_else(|| words::heading(id), |phrase| phrase.staff.clone())
    };
    let fact = |id: &String| staff(view, id).to_string();
    let (verb, told): (&str, Vec<String>) = match clause {
        Clause::Suspects(ids) => {
            ("Suspects", ids.iter().map(|id| of_list("concern", id)).collect())
        }
        Clause::Scans(ids) => ("Scans", ids.iter().map(|id| of_list("image", id)).collect()),
        Clause::Holds(ids) => ("Holds back", ids.iter().map(|id| of_list("image", id)).collect()),
        Clause::Says(ids) => ("Says", ids.iter().map(phrase).collect()),
        Clause::AsksFor(ids) => ("Asks for", ids.iter().map(fact).collect()),
        Clause::Withholds(ids) => ("Does not ask for", ids.iter().map(fact).collect()),
        Clause::Finds(found) => {
            let value = |setting: &Option<Setting>| {
                setting.as_ref().map_or_else(|| "unknown".to_string(), words::given)
            };
            let told =
                found.iter().map(|(id, setting)| format!("{}: {}", fact(id), value(setting)));
            ("Counts as", told.collect())
        }
    };
    let told = if told.is_empty() { "nothing".to_string() } else { told.join("; ") };
    format!("{verb}: {told}")
}

fn go(view: View, id: &str) -> Markup {
    let guideline = view.site.guideline;
    let says = |page: &LoadedPage| page.page.then_phrases("go").any(|word| word.text == id);
    let page = guideline.pages.iter().position(says);
    let words = match guideline.vocabulary.get("disposition", id) {
        Some(phrase) => phrase.staff.clone(),
        None => words::heading(id),
    };
    html! {
        @match page {
            Some(page) => a href=(view.href(&view.site.page_href(page))) { (words) },
            None => (words),
        }
    }
}
